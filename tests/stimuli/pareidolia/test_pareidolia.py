"""Made-up pareidolia: the four pictures of a pair differ in the arrangement of their parts and in nothing else."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from mien.core.errors import InputError
from mien.data.media.pictures import read_picture
from mien.stimuli.pareidolia.arrangement import face_places, is_face_like, mean_distance, scrambled_places
from mien.stimuli.pareidolia.ground import ground_of
from mien.stimuli.pareidolia.result import INVERTED, UPRIGHT, PareidoliaSet

RUNNER = CliRunner()
KINDS = ("eye", "eye", "mouth", "nose")


@pytest.fixture(scope="module")
def objects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Boxes and discs of several colours on mid-grey, one thin stick and one picture full of noise."""
    folder = tmp_path_factory.mktemp("objects")
    lines = ["path,category,source"]
    for k, colour in enumerate([(210, 60, 40), (240, 220, 120), (60, 90, 200), (90, 160, 80), (235, 235, 240)]):
        image = Image.new("RGB", (128, 128), (128, 128, 128))
        pencil = ImageDraw.Draw(image)
        (pencil.ellipse if k % 2 else pencil.rectangle)((12, 16, 116, 112), fill=colour)
        image.save(folder / f"{k}.png")
        lines.append(f"{k}.png,thing,thing {k}")
    stick = Image.new("RGB", (128, 128), (128, 128, 128))
    ImageDraw.Draw(stick).rectangle((60, 4, 68, 124), fill=(0, 0, 0))
    stick.save(folder / "stick.png")
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)).save(folder / "noise.png")
    (folder / "s.csv").write_text("\n".join([*lines, "stick.png,thing,stick", "noise.png,thing,noise"]))
    return folder / "s.csv"


@pytest.fixture(scope="module")
def made(objects: Path, tmp_path_factory: pytest.TempPathFactory) -> PareidoliaSet:
    return mien.pareidolia(objects, tmp_path_factory.mktemp("made"), pairs=12, seed=2)


def pixels_of(made: PareidoliaSet, pair: str) -> dict[tuple[str, str], np.ndarray]:
    return {(p.category, p.orientation): read_picture(made.folder / p.path) for p in made.pictures if p.pair == pair}


def test_a_pair_is_four_pictures_of_the_same_parts_on_the_same_object(made: PareidoliaSet) -> None:
    assert len(made.pictures) == 48 and made.settings["objects"] == 5
    for number in range(1, 13):
        four = [p for p in made.pictures if p.pair == f"pair {number}"]
        assert len(four) == 4 and len({p.source for p in four}) == 1
        sizes = [sorted((part.name, part.x1 - part.x0, part.y1 - part.y0) for part in p.parts) for p in four]
        assert all(size == sizes[0] for size in sizes)


def test_only_the_pixels_under_parts_differ_and_the_parts_lie_on_the_object(made: PareidoliaSet, objects: Path) -> None:
    for picture in made.pictures:
        pixels = read_picture(made.folder / picture.path)
        upright = pixels if picture.orientation == UPRIGHT else pixels[::-1, ::-1]
        given = read_picture(objects.parent / picture.made_from)
        on_object = ground_of(given).mask if picture.orientation == UPRIGHT else ground_of(given).mask[::-1, ::-1]
        under = np.zeros(on_object.shape, dtype=bool)
        for part in picture.parts:
            under[part.y0 : part.y1, part.x0 : part.x1] = True
            assert on_object[part.y0 : part.y1, part.x0 : part.x1].all()
        changed = (upright != given).any(axis=2)
        assert not (changed & ~(under if picture.orientation == UPRIGHT else under[::-1, ::-1])).any()
        assert changed.sum() > 0.4 * under.sum()


def test_inverted_pictures_are_the_upright_ones_turned_by_180_degrees_with_their_parts(made: PareidoliaSet) -> None:
    pictures = pixels_of(made, "pair 3")
    names = {name for name, _ in pictures}
    assert names == {"made-up pareidolia", "scrambled parts"}
    for name in names:
        assert np.array_equal(pictures[name, INVERTED], pictures[name, UPRIGHT][::-1, ::-1])
    upright, inverted = (
        next(p for p in made.pictures if p.pair == "pair 3" and p.orientation == way) for way in (UPRIGHT, INVERTED)
    )
    assert [128 - part.x1 for part in inverted.parts] == [part.x0 for part in upright.parts]
    # A face has its mouth below its eyes, and upside down above them.
    height = {part.name: part.y0 for part in upright.parts}
    turned = {part.name: part.y0 for part in inverted.parts}
    assert height["mouth"] > height["eye 1"] and turned["mouth"] < turned["eye 1"]


@pytest.mark.parametrize("kinds", [KINDS, KINDS[:3]])
def test_scrambled_arrangements_are_no_face_however_turned_or_mirrored(kinds: tuple[str, ...]) -> None:
    rng = np.random.default_rng(0)
    area = np.array([100.0, 100.0, 180.0, 25.0])[: len(kinds)]
    for _ in range(20):
        face = face_places(kinds, rng)
        assert is_face_like(kinds, face[None]).all()
        others = scrambled_places(kinds, face, area, rng, 2000)
        assert len(others) > 50
        weight = area / area.sum()
        middle = (weight[:, None] * face).sum(axis=0)
        assert np.allclose((weight[:, None] * others).sum(axis=1), middle)
        assert np.allclose(mean_distance(others - middle, area), mean_distance(face - middle, area))
        assert not is_face_like(kinds, others).any()
        for angle in np.deg2rad([180]):
            turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            for mirror in (1, -1):
                assert not is_face_like(kinds, (others * (mirror, 1)) @ turn.T).any()
                assert is_face_like(kinds, ((face * (mirror, 1)) @ turn.T)[None]).all()


def test_what_is_written_is_read_again(made: PareidoliaSet) -> None:
    again = mien.load_pareidolia(made.folder)
    assert again.pictures == made.pictures and again.settings == made.settings
    stimuli = mien.read_stimuli(made.folder)
    assert len(stimuli) == 48 and stimuli.things and stimuli.labels["pair"][0] == "pair 1"
    assert stimuli.subject.tolist() == made.samples().subject.tolist()
    rows = list(csv.DictReader((made.folder / "parts.csv").open(encoding="utf-8")))
    assert len(rows) == sum(len(p.parts) for p in made.pictures) and list(rows[0]) == [
        "path",
        "part",
        "x0",
        "y0",
        "x1",
        "y1",
    ]


def test_the_same_seed_gives_the_same_pictures_however_many_pairs_are_made(
    made: PareidoliaSet, objects: Path, tmp_path: Path
) -> None:
    few = mien.pareidolia(objects, tmp_path / "few", pairs=5, seed=2)
    assert few.pictures[:20] == made.pictures[:20]
    other = mien.pareidolia(objects, tmp_path / "other", pairs=1, seed=3)
    assert other.pictures[0].parts != made.pictures[0].parts


def test_objects_without_room_are_passed_over_and_said(made: PareidoliaSet, objects: Path, tmp_path: Path) -> None:
    assert made.settings["left_out"] == {"too narrow for parts": 1, "no plain background": 1}
    bad = mien.read_stimuli(objects)[5:]
    with pytest.raises(InputError, match=r"No picture of s is an object on a plain.*no plain background \(1\)"):
        mien.pareidolia(bad, tmp_path / "out", pairs=2)


def test_a_null_set_has_no_face(objects: Path, tmp_path: Path) -> None:
    null = mien.pareidolia(objects, tmp_path / "null", pairs=4, null=True)
    assert {p.category for p in null.pictures} == {"scrambled parts", "other scrambled parts"}
    for picture in null.pictures:
        places = np.array([[(p.x0 + p.x1) / 2, (p.y0 + p.y1) / 2] for p in picture.parts])
        eyes, mouth = sorted(places[:2, 1]), places[2, 1]
        assert eyes[0] - 0.1 * picture.radius < mouth < eyes[1] + 0.1 * picture.radius


def test_the_command_says_what_was_made(objects: Path, tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["pareidolia", str(objects), "-o", str(tmp_path / "out"), "--pairs", "2"])
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert "2 pairs on 2 objects: 8 pictures" in said and "in what the categories differ was not tested" in said.lower()
