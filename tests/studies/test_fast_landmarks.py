"""The whole study on made-up people: from ready landmarks to the report; finished steps are not repeated."""

import html
import json
import shutil
from pathlib import Path

import pytest

from mien.core.errors import InputError
from mien.studies.study import new, run

pytestmark = pytest.mark.usefixtures("weights")
CHANGED = {
    "features": {"points": "ibug-68"},
    "networks": {"train": ["landmark-rvfl"]},
    "folds": {"n_folds": 3},
    "evidence": {"settings": {"n_steps": 4}},
    "reduction": {
        "network": "landmark-rvfl", "counts": [17, 6], "n_random": 2, "methods": ["one-shot", "random", "anatomical"],
        "settings": {"units": 32},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study that has run once, with what it said."""
    from mien.data.synthetic import synthesize

    folder = tmp_path_factory.mktemp("fast")
    synthesize(folder / "people", subjects=12, frames=8, clips=1, expressions=("neutral", "smile"))
    samples = {"source": f"synthetic:{folder / 'people'}", "target": "expression"}
    new("fast-landmarks", folder, changed={"samples": samples, **CHANGED})
    run(folder)
    return folder


def test_the_report_answers_the_four_questions(study: Path) -> None:
    page = (study / "report.html").read_text(encoding="utf-8")
    for words in (
        "Most evidence for",  # which landmarks move
        "landmarks are",  # how few are enough
        "One binary network answers in",  # what is gained
        "random sets of",  # chance
        "How few landmarks are enough",
        "Jaccard",
        "Fast landmarks",
    ):
        assert words in page, words
    assert page.count("<script") == 1
    assert "Also in this folder" not in page


def test_the_kept_landmarks_are_a_recipe(study: Path) -> None:
    from mien.core.topology import topology

    kept = json.loads((study / "reduction" / "landmark-rvfl" / "landmarks.json").read_text())
    assert len(topology(kept["points"])) == kept["count"] == len(kept["indices"])


def test_steps_that_are_done_are_not_repeated_and_changed_ones_are(study: Path) -> None:
    said: list[str] = []
    run(study, say=said.append)
    assert not [line for line in said if line.endswith("...")]
    assert "report: done before." in said
    path = study / "study.toml"
    path.write_text(path.read_text().replace("n_random = 2", "n_random = 3"))
    said.clear()
    run(study, say=said.append)
    assert "train landmark-rvfl: done before." in said
    assert "reduce landmark-rvfl ..." in said
    (study / "models" / "landmark-rvfl" / "evaluation.json").unlink()
    said.clear()
    run(study, say=said.append)
    assert "train landmark-rvfl ..." in said


def test_the_report_shows_what_is_asked_now_and_names_what_is_left_from_earlier(study: Path, tmp_path: Path) -> None:
    from mien.report.report import report

    folder = tmp_path / "again"
    shutil.copytree(study, folder)
    path = folder / "study.toml"
    asked = path.read_text().replace('network = "landmark-rvfl"', 'network = "landmark-esn"')
    asked = asked.replace('method = "integrated-gradients"', 'method = "input-x-gradient"')
    asked = asked.replace("settings = { n_steps = 4 }", "settings = {}").replace("counts = [17, 6]", "counts = [6]")
    path.write_text(asked.replace('train = ["landmark-rvfl"]', 'train = ["landmark-esn"]'))
    page = html.unescape(run(folder).read_text(encoding="utf-8"))
    left = "models/landmark-rvfl, evidence/landmark-rvfl, reduction/landmark-rvfl"
    assert f"from earlier settings or other commands, and not shown here: {left}. " in page
    results = page.split('<section id="models">')[1].split('<section id="versions">')[0]
    assert "landmark-esn" in results
    assert "landmark-rvfl" not in results
    assert (folder / "models" / "landmark-rvfl" / "model.json").exists()
    path.write_text(path.read_text().replace("n_random = ", "n_random = 1"))
    assert "was changed since the study last ran to its end" in report(folder).read_text(encoding="utf-8")
    (folder / "parts.json").unlink()
    results = report(folder).read_text(encoding="utf-8").split('<section id="models">')[1]
    assert "<h3>landmark-rvfl</h3>" in results


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"reduction": {"counts": [17, 100]}},
            r"\[reduction\] counts: from 1 to 68 landmarks can be kept, but got 100",
        ),
        ({"reduction": {"methods": ["random"]}}, r"\[reduction\] methods: at least one that ranks"),
        ({"evidence": {"settings": {"n_stepz": 4}}}, r"\[evidence\] .*n_stepz"),
        ({"evidence": {"method": "magic"}}, r"\[evidence\] .*magic"),
        ({"evidence": {"baselines": "medoids:angry"}}, r"\[evidence\] .*LABEL one of neutral, smile"),
        (
            {"evidence": {"method": "grad-cam"}},
            r"\[evidence\] method: 'grad-cam' does not explain landmark networks; these",
        ),
        ({"reduction": {"settings": {"filtres": 8}}}, r"study.toml: \[reduction\] .*no setting 'filtres'"),
        ({"reduction": {"settings": {"units": "many"}}}, r"study.toml: \[reduction\] .*'units' is a whole number"),
        (
            {"reduction": {"settings": {"mirror": "no"}}},
            r"study.toml: \[reduction\] settings: 'mirror' is true or false",
        ),
        (
            {"reduction": {"tolerance": 5.0}},
            r"study.toml: 'reduction.tolerance' is a number from 0 to below 1, but got 5",
        ),
        ({"networks": {"train": []}}, r"study.toml: 'networks.train' is empty; it says: .*at least one"),
        ({"features": {"points": "ibug-68[70]"}}, r"study.toml: \[features\] .*70"),
        ({"features": {"settings": {"frames": "x"}}}, r"study.toml: \[features\] .*'frames' is a whole number"),
        ({"features": {"settings": {"name": "crop"}}}, r"study.toml: \[features\] settings: .* leave out 'name'"),
        ({"samples": {"target": "mood"}}, r"study.toml: \[samples\] target: .*mood"),
    ],
)
def test_settings_are_refused_before_any_training(study: Path, tmp_path: Path, changed: dict, words: str) -> None:
    samples = {"source": f"synthetic:{study / 'people'}", "target": "expression"}
    given = {"features": {"points": "ibug-68"}, **changed, "samples": {**samples, **changed.get("samples", {})}}
    new("fast-landmarks", tmp_path, changed=given)
    said: list[str] = []
    with pytest.raises(InputError, match=words):
        run(tmp_path, say=said.append)
    assert not (tmp_path / "models").exists()
    assert said == []


def test_a_named_source_is_relative_to_the_study(study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from mien.studies.stages import Run

    monkeypatch.chdir(tmp_path)
    asked = {
        "source": "synthetic:../" + study.name + "/people", "labels": [], "subject_pattern": "", "faces": "",
        "columns": {}, "missing": [], "same": "",
    }  # fmt: skip
    found = Run(study, {"samples": asked})
    assert len(set(found.samples.subject)) == 12
    assert found.faces.topology
    assert Run(study, {"samples": {**asked, "source": "buhmap"}}).source == "buhmap"
