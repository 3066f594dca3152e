"""The study cohort on made-up people: what was planted is ranked first, finished steps stay, bad rows are named."""

import csv
import json
from pathlib import Path

import pytest

from mien.cohort.effects_result import load_effects
from mien.cohort.flow import FLOW_FILE, Flow
from mien.core.errors import InputError
from mien.data.synthetic import synthesize_cohort
from mien.learn.evaluation import Evaluation
from mien.studies.settings import STUDY_FILE
from mien.studies.study import new, run

SMALL = {
    "samples": {"faces": "../made_up", "outcomes": ["dass_21_depression"]},
    "gates": {"min_duration_s": 0.5},
    "measures": {"channels": ["mouth*", "eyeBlink*", "yaw", "pitch"], "statistics": ["level"]},
    "models": {"names": ["logistic"]},
    "folds": {"n_folds": 3},
    "learning_curve": {"repeats": 0},
    "evidence": {"repeats": 1},
    "discrepancy": {"trim": False},
}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ninety people of two sites; depression goes with the level of a smile."""
    folder = tmp_path_factory.mktemp("cohort") / "made_up"
    synthesize_cohort(folder, people=90, frames=60, sites=2, planted=("mouthSmile: level: depression=-.9",))
    return folder


@pytest.fixture(scope="module")
def study(people: Path) -> Path:
    """The study has run once."""
    folder = people.parent / "study"
    new("cohort", folder, samples=str(people / "participants.csv"), changed=SMALL)
    run(folder)
    return folder


def test_what_was_planted_is_ranked_first_and_predicted_at_sites_that_were_not_seen(study: Path) -> None:
    found = load_effects(study / "effects" / "dass_21_depression")
    assert found.channels[0].channel.startswith("mouthSmile")
    for name in ("dass_21_depression-logistic", "dass_21_depression-logistic-across-sites"):
        evaluation = Evaluation.read(study / "models" / name)
        assert evaluation.scores["pearson"].value > 0.3
    flow = Flow.read(study / "participants" / FLOW_FILE)
    assert flow.begin.people == 90 and flow.left.people < 90
    assert [step.name for step in flow.steps][-2:] == ["Frames and recordings checked", "Outcome known"]
    page = (study / "report.html").read_text(encoding="utf-8")
    assert "not a diagnosis" in page and "apparent expressions" not in page


def test_what_is_finished_is_not_done_again(study: Path) -> None:
    before = json.loads((study / "steps.json").read_text())
    said: list[str] = []
    run(study, say=said.append)
    assert sum("done before" in line for line in said) == len(set(before) - {"checksum"}) == 6
    assert json.loads((study / "steps.json").read_text()) == before


def test_bad_rows_are_named_and_the_rest_runs(people: Path) -> None:
    with (people / "participants.csv").open() as file:
        rows = list(csv.DictReader(file))
    rows[0]["path"] = "nobody.mp4"
    rows[1]["dass21_3"] = "2 - sometimes"
    rows[2]["dass21_4"] = "7"
    rows[3]["subject"] = rows[4]["subject"]
    table = people.parent / "bad.csv"
    with table.open("w", newline="") as file:
        wrote = csv.DictWriter(file, list(rows[0]))
        wrote.writeheader()
        wrote.writerows(rows)
    folder = people.parent / "bad"
    new("cohort", folder, samples=str(table), changed=SMALL)
    said: list[str] = []
    run(folder, say=said.append)
    with (folder / "participants" / "problems.csv").open() as file:
        problems = list(csv.DictReader(file))
    assert [row["row"] for row in problems if row["kind"] == "not found"] == ["2"]
    assert any("2 - sometimes" in row["sentence"] for row in problems)
    with (folder / "questionnaires" / "dass-21" / "problems.csv").open() as file:
        assert any("7" in row.values() for row in csv.DictReader(file))
    assert (folder / "report.html").is_file()
    # Rows are those of the table, whose header is row 1, although others have no recording.
    with (folder / "questionnaires" / "dass-21" / "problems.csv").open() as file:
        missing = [row for row in csv.DictReader(file) if row["kind"] == "missing"]
    assert missing and all(rows[int(row["row"]) - 2][row["column"]] == "" for row in missing)


def test_a_cohort_too_small_for_some_steps_gets_its_report_all_the_same(tmp_path: Path) -> None:
    synthesize_cohort(tmp_path / "made_up", people=14, frames=60, sites=1)
    new("cohort", tmp_path / "study", samples=str(tmp_path / "made_up" / "participants.csv"), changed={
        **SMALL, "learning_curve": {"repeats": 2},
    })  # fmt: skip
    said: list[str] = []
    run(tmp_path / "study", say=said.append)
    assert any(line.startswith("learning curve dass_21_depression: left out. ") for line in said)
    assert (tmp_path / "study" / "report.html").is_file()


@pytest.mark.parametrize(
    ("table", "changed", "said"),
    [
        ("samples", {"outcomes": ["dass_21_depresion"]}, "Did you mean 'dass_21_depression'"),
        ("samples", {"faces": "nowhere"}, "holds no faces/"),
        ("models", {"names": ["tree"]}, "There is no model 'tree'"),
        ("measures", {"statistics": ["levels"]}, "There are no statistics 'levels'"),
        ("questionnaire", {"scale": ""}, "nothing that faces could be related to"),
    ],
)
def test_what_is_wrong_in_the_settings_is_a_sentence(
    people: Path, tmp_path: Path, table: str, changed: dict[str, object], said: str
) -> None:
    settings = {**SMALL, "samples": {"faces": str(people)}}
    settings[table] = {**settings.get(table, {}), **changed}
    new("cohort", tmp_path, samples=str(people / "participants.csv"), changed=settings)
    with pytest.raises(InputError, match=said):
        run(tmp_path)
    assert (tmp_path / STUDY_FILE).is_file()
