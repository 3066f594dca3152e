"""The study cohort on made-up people: what was planted is ranked first, finished steps stay, bad rows are named."""

import csv
import json
from collections.abc import Callable
from functools import partial
from importlib import import_module
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
    "profiles": {"most": 3},
    "discrepancy": {"trim": False},
}
QUICK = {
    **SMALL,
    "measures": {"channels": ["yaw"], "statistics": ["level"]},
    "evidence": {"repeats": 0},
    "folds": {"n_folds": 2, "across_sites": False},
    "profiles": {"find": False},
    "discrepancy": {"compute": False},
}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ninety people of two sites; depression goes with the level of a smile."""
    folder = tmp_path_factory.mktemp("cohort") / "made_up"
    synthesize_cohort(folder, people=90, frames=60, sites=2, planted=("mouthSmile: level: depression=-.9",))
    return folder


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fourteen people of one site: too few for some steps, enough for what is refused before any."""
    folder = tmp_path_factory.mktemp("few") / "made_up"
    synthesize_cohort(folder, people=14, frames=60, sites=1)
    return folder


@pytest.fixture(scope="module")
def study(people: Path) -> Path:
    """The study has run once, with fewer sets behind the discrepancy index than by default."""
    folder = people.parent / "study"
    new("cohort", folder, samples=str(people / "participants.csv"), changed=SMALL)
    module = import_module("mien.cohort.discrepancy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "discrepancy", partial(module.discrepancy, n_null=19))
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
    assert sum("done before" in line for line in said) == len(set(before) - {"checksum"}) == 7
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
    new("cohort", folder, samples=str(table), changed=QUICK)
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


def test_a_cohort_too_small_for_some_steps_gets_its_report_all_the_same(few: Path, tmp_path: Path) -> None:
    new("cohort", tmp_path / "study", samples=str(few / "participants.csv"), changed={
        **SMALL, "samples": {**SMALL["samples"], "faces": str(few)}, "learning_curve": {"repeats": 2},
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
        ("samples", {"faces": ""}, r"none of whose recordings .* under \[samples\]"),
        ("models", {"names": ["tree"]}, "There is no model 'tree'"),
        ("measures", {"statistics": ["levels"]}, "There are no statistics 'levels'"),
        ("questionnaire", {"scale": ""}, "nothing that faces could be related to"),
    ],
)
def test_what_is_wrong_in_the_settings_is_a_sentence(
    few: Path, tmp_path: Path, table: str, changed: dict[str, object], said: str
) -> None:
    settings = {**SMALL, "samples": {"faces": str(few)}}
    settings[table] = {**settings.get(table, {}), **changed}
    new("cohort", tmp_path, samples=str(few / "participants.csv"), changed=settings)
    with pytest.raises(InputError, match=said):
        run(tmp_path)
    assert (tmp_path / STUDY_FILE).is_file()


def answered(people: Path, name: str, change: Callable[[int, str], str]) -> Path:
    """The table of participants with its answers changed."""
    with (people / "participants.csv").open() as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        for item in range(1, 22):
            row[f"dass21_{item}"] = change(item, row[f"dass21_{item}"])
    table = people.parent / f"{name}.csv"
    with table.open("w", newline="") as file:
        wrote = csv.DictWriter(file, list(rows[0]))
        wrote.writeheader()
        wrote.writerows(rows)
    return table


DEPRESSION = (3, 5, 10, 13, 16, 17, 21)


@pytest.mark.parametrize("cell", ["", "sometimes"])
def test_without_any_answer_the_rest_runs_and_the_page_says_why(people: Path, cell: str) -> None:
    table = answered(people, f"none{cell}", lambda item, answer: cell)
    folder = people.parent / f"study-none{cell}"
    samples = {"faces": "../made_up", "outcomes": ["dass_21_depression", "age"], "covariates": ["sex"]}
    new("cohort", folder, samples=str(table), changed={**QUICK, "samples": samples})
    run(folder, say=(said := []).append)
    assert any(line.startswith("questionnaire: left out. ") for line in said)
    assert load_effects(folder / "effects" / "age").people > 80
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Not in this study: questionnaire. none" in page
    assert "is a whole number from 0 to 3" in page


def test_an_outcome_that_is_the_same_for_all_does_not_stop_the_others(people: Path) -> None:
    table = answered(people, "same", lambda item, answer: "0" if item in DEPRESSION else answer)
    folder = people.parent / "study-same"
    samples = {"faces": "../made_up", "outcomes": ["dass_21_depression", "dass_21_stress"]}
    new("cohort", folder, samples=str(table), changed={**QUICK, "samples": samples})
    run(folder, say=(said := []).append)
    assert any(line.startswith("effects dass_21_depression: left out. 'dass_21_depression' is 0 for") for line in said)
    assert load_effects(folder / "effects" / "dass_21_stress").people > 80
    assert "Not in this study: effects dass_21_depression" in (folder / "report.html").read_text("utf-8")
    # What a later run can do is no longer called left out.
    answered(people, "same", lambda item, answer: answer)
    run(folder)
    assert "Not in this study: effects" not in (folder / "report.html").read_text(encoding="utf-8")


def test_a_class_of_one_site_costs_the_test_across_sites_alone(people: Path) -> None:
    """The model of folds over people, and the index of the answers, stay in the report."""
    with (people / "participants.csv").open() as file:
        rows = list(csv.DictReader(file))
    table = people.parent / "sited.csv"
    with table.open("w", newline="") as file:
        wrote = csv.DictWriter(file, [*rows[0], "dx", "group"])
        wrote.writeheader()
        for row in rows:
            dx = "case" if row["site"] == "site 1" else "control"
            wrote.writerow({**row, "dx": dx, "group": row["sex"]})
    folder = people.parent / "study-sited"
    samples = {"faces": "../made_up", "outcomes": ["dx", "group"], "covariates": ["site"]}
    new("cohort", folder, samples=str(table), changed={**QUICK, "samples": samples, "folds": {"n_folds": 2}})
    run(folder, say=(said := []).append)
    assert any(line.startswith("across sites dx logistic: left out. Only the site") for line in said)
    # A column that is called 'group' is an outcome as others are.
    assert load_effects(folder / "effects" / "group").people > 80
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Not in this study: across sites dx logistic. Only" in page
    assert "<h3>dx-logistic" in page and "not shown here: models/" not in page


def test_one_more_outcome_leaves_what_is_finished_as_it_is(people: Path) -> None:
    folder = people.parent / "study-more"
    new(
        "cohort",
        folder,
        samples=str(people / "participants.csv"),
        changed={**QUICK, "samples": {**QUICK["samples"], "covariates": ["sex"]}},
    )
    run(folder)
    settings = folder / STUDY_FILE
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('["dass_21_depression"]', '["dass_21_depression", "age"]'), encoding="utf-8")
    run(folder, say=(said := []).append)
    done = [line for line in said if "done before" in line]
    assert any("effects dass_21_depression" in line for line in done) and any(
        "train dass_21_depression" in line for line in done
    )
    assert (folder / "effects" / "age").is_dir()
