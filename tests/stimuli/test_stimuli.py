"""``mien stimuli`` end to end: what it writes is read again, bad pictures are rows, matching holds on the disk."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from mien.core.errors import InputError
from mien.data.media.pictures import read_picture

RUNNER = CliRunner()


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """Ten pictures of two categories, one of them grey, one with transparency, and one that is none."""
    rng = np.random.default_rng(0)
    lines = ["path,category,source"]
    for k in range(10):
        pixels = np.clip(rng.normal(110 + 4 * k, 20, (40, 40, 3)), 0, 255).astype(np.uint8)
        image = Image.fromarray(pixels)
        image = image.convert("L") if k == 1 else image.convert("RGBA") if k == 2 else image
        image.save(tmp_path / f"p {k}.png")
        lines.append(f"p {k}.png,{'face' if k % 2 else 'cup/mug'},s{k}")
    (tmp_path / "bad.png").write_text("nothing")
    (tmp_path / "s.csv").write_text("\n".join([*lines, "bad.png,face,s10"]))
    return tmp_path / "s.csv"


def test_what_is_written_is_read_again_with_a_row_for_each_bad_picture(given: Path, tmp_path: Path) -> None:
    made = mien.stimuli(given, tmp_path / "out", make=["inverted", "phase-scrambled"], seed=3)
    assert [row.status for row in made.rows].count("unreadable") == 2 and len(made.made()) == 20
    stimuli = mien.read_stimuli(tmp_path / "out")
    assert stimuli.things and len(stimuli) == 20 and set(stimuli.labels["category"]) == {"face", "cup/mug"}
    assert np.array_equal(read_picture(stimuli.files()[0]), read_picture(tmp_path / "p 0.png")[::-1, ::-1])
    again = mien.load_stimuli(tmp_path / "out")
    assert again.rows[0] == made.rows[0] and again.settings == made.settings and len(again.differences) == 30
    manifest = list(csv.DictReader((tmp_path / "out" / "manifest.csv").open(encoding="utf-8")))
    assert len(manifest) == 22 and manifest[10]["status"] == "unreadable" and manifest[10]["luminance"] == ""
    assert float(manifest[0]["luminance"]) == pytest.approx(made.rows[0].statistics["luminance"], rel=1e-5)


def test_a_picture_is_scrambled_alike_whatever_stands_beside_it(given: Path, tmp_path: Path) -> None:
    samples = mien.read_stimuli(given)
    every, one = (mien.stimuli(s, tmp_path / name, make=["phase-scrambled"]).samples().files()
                  for s, name in ((samples, "a"), (samples[[3]], "b")))  # fmt: skip
    assert np.array_equal(read_picture(every[3]), read_picture(one[0]))


def test_matched_pictures_are_matched_on_the_disk(given: Path, tmp_path: Path) -> None:
    made = mien.stimuli(given, tmp_path / "out", match=["luminance", "contrast"])
    for name in ("luminance", "contrast"):
        assert np.ptp([row.statistics[name] for row in made.made()]) < 0.005
    histograms = mien.stimuli(given, tmp_path / "h", match=["histogram"]).samples().files()
    first, *others = (np.sort(read_picture(file).reshape(-1, 3), axis=0) for file in histograms)
    assert all(np.array_equal(first, other) for other in others)


def test_pictures_of_other_sizes_are_made_one_size_where_that_is_asked(given: Path, tmp_path: Path) -> None:
    Image.new("RGB", (60, 50), (1, 2, 3)).save(tmp_path / "p 4.png")
    with pytest.raises(InputError, match=r"60 x 50 pixels and the first 40 x 40"):
        mien.stimuli(given, tmp_path / "out", match=["spectrum"])
    made = mien.stimuli(given, tmp_path / "out", match=["spectrum"], size_px=32)
    assert {(row.width, row.height) for row in made.made()} == {(32, 32)}


@pytest.mark.usefixtures("weights")
def test_where_no_face_is_found_a_row_says_so_and_nothing_is_covered(given: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"No picture could be made of s: no face \(11\)"):
        mien.stimuli(given, tmp_path / "out", make=["eyes-covered"])


@pytest.mark.usefixtures("weights")
def test_eyes_are_covered_on_made_up_people(tmp_path: Path) -> None:
    mien.synthesize(tmp_path / "p", subjects=1, expressions=("smile",), frames=2, pictures=True)
    made = mien.stimuli(
        tmp_path / "p" / "pictures.csv", tmp_path / "out", make=["eyes-covered", "mouth-covered"],
        category="expression", cover="black", faces=None,
    )  # fmt: skip
    eyes, mouth = (read_picture(file) for file in made.samples().files())
    dark = [np.argwhere((pixels == 0).all(axis=2)).mean(axis=0) for pixels in (eyes, mouth)]
    assert 0.005 < (eyes == 0).all(axis=2).mean() < 0.1 and dark[0][0] < dark[1][0]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"make": ["upside-down"]}, "There is no alteration 'upside-down'"),
        ({"match": ["luminence"]}, "but got 'luminence'. Did you mean 'luminance'"),
        ({"make": ["eyes-covered"], "cover": "reddish"}, "cover is 'mean'"),
        ({"between": "face,cup"}, "two of the categories, with a comma: cup/mug, face; but got 'face,cup'"),
        ({"make": ["block-scrambled"], "blocks": 0}, "blocks is a whole number from 2"),
    ],
)
def test_what_is_unknown_is_refused_before_anything_is_written(
    given: Path, tmp_path: Path, settings: dict, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        mien.stimuli(given, tmp_path / "out", **settings)
    assert not (tmp_path / "out").exists()


def test_the_command_says_what_was_made_and_what_was_not(given: Path, tmp_path: Path) -> None:
    done = RUNNER.invoke(app, ["stimuli", str(given), "-o", str(tmp_path / "out"), "--make", "inverted,negated"])
    assert done.exit_code == 0, done.output
    said = " ".join(done.output.split())
    assert "20 pictures are in" in said and "unreadable (2)" in said
