"""The study object-nets on made-up pictures: a planted difference is found, finished steps stay, errors are named."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mien
from mien.core.errors import InputError
from mien.responses.probes.result import load_probe
from mien.studies.object_nets import check
from mien.studies.object_nets_run import ObjectNetsRun
from mien.studies.settings import STUDY_FILE
from mien.studies.study import new, read_study, run

SMALL = {
    "bodies": {"names": ["songnet"], "weights": {"songnet": "random"}, "size": 32, "depth": 3},
    "stimuli": {"alterations": ["inverted"], "pareidolia": 2},
    "folds": {"n_folds": 2},
    "similarity": {"given": ""},
    "evidence": {"n_samples": 2},
    "comparison": {"permutations": 99},
}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty pictures of as many things: "face" is a dark disc on white, "cup" a light one, "box" a light square."""
    folder = tmp_path_factory.mktemp("pictures")
    draw = np.random.default_rng(0)
    rows, columns = np.mgrid[:96, :96]
    with (folder / "stimuli.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["path", "category", "source"])
        for number in range(60):
            kind = ("face", "cup", "box")[number % 3]
            centre, radius = draw.uniform(44, 52, 2), draw.uniform(34, 42)
            inside = (rows - centre[0]) ** 2 + (columns - centre[1]) ** 2 < radius**2
            if kind == "box":
                inside = np.maximum(abs(rows - centre[0]), abs(columns - centre[1])) < radius
            picture = np.full((96, 96, 3), 250.0)
            picture[inside] = draw.uniform(60, 90, 3) if kind == "face" else draw.uniform(170, 200, 3)
            picture += draw.normal(size=picture.shape) * 2
            Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8)).save(folder / f"{number}.png")
            table.writerow([f"{number}.png", kind, f"thing {number}"])
    return folder / "stimuli.csv"


@pytest.fixture(scope="module")
def study(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The study has run once."""
    folder = tmp_path_factory.mktemp("object_nets") / "study"
    new("object-nets", folder, samples=str(pictures), target="face", changed=SMALL)
    run(folder)
    return folder


def test_a_planted_difference_is_found_and_every_part_is_there(study: Path) -> None:
    found = load_probe(study / "probes" / "songnet")
    assert found.score(found.best).auc.value > 0.95
    sets = {row.set for row in found.called}
    assert {"altered", "pareidolia"} <= sets
    for part in ("stimuli/altered", "stimuli/pareidolia", "units/songnet", "rsa/layers", "evidence/songnet-pareidolia"):
        assert (study / part).is_dir(), part
    rows = mien.load_stimuli(study / "stimuli" / "altered").differences
    assert {(row.alteration, row.one, row.other) for row in rows} == {
        ("unaltered", "face", "all others"), ("inverted", "face", "all others")
    }  # fmt: skip
    assert min(row.p_corrected for row in rows) < 0.05
    page = (study / "report.html").read_text(encoding="utf-8")
    assert "it has never seen a face" in page and "does not say that a network sees or recognises" in page
    assert "apparent expressions" not in page


def test_what_is_finished_is_not_done_again(study: Path) -> None:
    before = json.loads((study / "steps.json").read_text())
    said: list[str] = []
    run(study, say=said.append)
    assert sum("done before" in line for line in said) == len(set(before) - {"checksum"}) == 7
    assert json.loads((study / "steps.json").read_text()) == before


@pytest.mark.parametrize(
    ("table", "changed", "said"),
    [
        ("samples", {"faces": ["fac"]}, r"'samples.faces' names 'fac'.*Did you mean 'face'.*There are: box, cup, face"),
        ("samples", {"faces": ["face", "cup", "box"]}, "nothing that they are told from"),
        ("samples", {"sets": {"altered": "x.csv"}}, "cannot be called 'altered'"),
        ("bodies", {"weights": {"vgg16": "random"}}, "'bodies.weights' names 'vgg16', which 'bodies.names' does not"),
        ("bodies", {"names": ["songnett"]}, "songnet"),
        ("stimuli", {"alterations": ["upside-down"]}, "'stimuli.alterations' names 'upside-down'; there are: "),
        ("similarity", {"matrices": ["judged.csv"]}, r"judged\.csv"),
        ("evidence", {"photos": ["photos"]}, "which 'samples.sets' does not hold"),
    ],
)
def test_what_is_wrong_in_the_settings_is_said_before_any_work(
    pictures: Path, tmp_path: Path, table: str, changed: dict[str, object], said: str
) -> None:
    settings = {**SMALL, table: {**SMALL.get(table, {}), **changed}}  # type: ignore[dict-item]
    new("object-nets", tmp_path, samples=str(pictures), target="face", changed=settings)
    with pytest.raises(InputError, match=said):
        check(ObjectNetsRun(tmp_path, read_study(tmp_path / STUDY_FILE)[1]))


def test_where_categories_mean_nothing_the_headline_says_so(pictures: Path, tmp_path: Path) -> None:
    with pictures.open() as file:
        rows = list(csv.DictReader(file))
    kinds = np.random.default_rng(1).permutation([row["category"] for row in rows])
    table = tmp_path / "shuffled.csv"
    with table.open("w", newline="") as file:
        wrote = csv.writer(file)
        wrote.writerow(["path", "category", "source"])
        for row, kind in zip(rows, kinds, strict=True):
            wrote.writerow([str(pictures.parent / row["path"]), kind, row["source"]])
    shown = mien.activations("songnet", table, weights="random", size=32, depth=3)
    mien.probe(shown, faces="face", n_permutations=99, curve=False, output=tmp_path / "probes" / "noise")
    assert "No layer is shown to tell faces from" in mien.report(tmp_path).read_text(encoding="utf-8")
