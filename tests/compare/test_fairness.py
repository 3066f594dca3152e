"""Scores by groups: the person is the unit, planted gaps come out, few people are shown and not tested."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from mien.cli.main import app
from mien.compare.fairness import by_groups, fairness
from mien.compare.fairness_result import Fairness
from mien.compare.group_columns import Grouping, groupings
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.samples import read_samples
from mien.learn.predictions import ClassPredictions, RatingPredictions
from mien.report.sections.fairness import section


def said(people: int, each: int, skill: np.ndarray, seed: int = 0, sure: float = 2.0) -> ClassPredictions:
    """Predictions of two classes; ``skill`` is each person's."""
    draw = np.random.default_rng(seed)
    who = np.repeat(np.arange(people), each)
    truth = np.tile(np.arange(each) % 2, people)
    seen = (2 * truth - 1) * skill[who] + 0.4 * draw.normal(size=people)[who] + draw.normal(size=len(who))
    p = 1 / (1 + np.exp(-sure * seen))
    names = np.array([f"p{i}" for i in who], object)
    path = np.array([f"{i}.jpg" for i in range(len(who))], object)
    label = np.array(["neutral", "smile"], object)[truth]
    return ClassPredictions(path, names, np.zeros(len(who), int), label, np.stack([1 - p, p], 1), ("neutral", "smile"))


def halves(p: ClassPredictions, first: int) -> Grouping:
    number = np.array([int(name[1:]) for name in p.subject])
    return Grouping("sex", np.where(number < first, "man", "woman").astype(object), ("man", "woman"))


def test_a_planted_gap_is_the_one_that_is_more_than_chance() -> None:
    p = said(60, 6, np.where(np.arange(60) < 30, 0.2, 2.0))
    found = by_groups(p, [halves(p, 30)], n_permutations=999)
    gap = next(gap for gap in found.gaps if gap.measure == "accuracy")
    assert gap.gap < -0.2 and gap.high < 0 and gap.p_corrected < 0.05
    value = {(s.group, s.measure): s.value for s in found.scores}
    assert gap.gap == pytest.approx(value["man", "accuracy"] - value["woman", "accuracy"])
    assert value["man", "over_confidence"] > 0.1 and value["man", "calibration_slope"] < 0.5
    assert "more than chance" in found.words("sex") and "accuracy" in found.words("sex")


def test_repeated_pictures_are_no_more_people() -> None:
    p = said(24, 2, np.ones(24))
    often = ClassPredictions(*(np.tile(v, (20, 1))[:, :] if v.ndim == 2 else np.tile(v, 20)
                               for v in (p.path, p.subject, p.fold, p.label, p.probabilities)), p.classes)  # fmt: skip
    once = by_groups(p, [halves(p, 12)], n_permutations=499)
    again = by_groups(often, [halves(often, 12)], n_permutations=499)
    assert [s.people for s in once.sizes] == [s.people for s in again.sizes] == [12, 12]
    ps = [{g.measure: g.p for g in f.gaps if not g.of} for f in (once, again)]
    assert ps[0]["accuracy"] == pytest.approx(ps[1]["accuracy"])


def test_few_people_are_shown_and_not_tested_and_missing_values_are_counted() -> None:
    p = said(40, 4, np.ones(40))
    column = halves(p, 5)
    values = column.group.copy()
    values[-8:] = ""
    found = by_groups(p, [Grouping("sex", values, column.order)], n_permutations=99)
    assert [(s.people, s.small) for s in found.sizes] == [(5, True), (33, False)]
    assert found.missing == {"sex": 8} and all(gap.untested == "few people" for gap in found.gaps)
    assert "fewer than 10 people: 'man'" in found.words("sex")
    assert any(s.group == "man" and s.measure == "accuracy" and s.withheld for s in found.scores)


def test_ratings_have_errors_in_their_own_unit() -> None:
    draw = np.random.default_rng(1)
    truth = draw.normal(50, 10, size=(120, 1))
    woman = np.repeat(np.arange(40) % 2, 3) == 1
    guess = truth + np.where(woman, 6.0, 0.0)[:, None] + draw.normal(0, 4, size=truth.shape)
    names = np.array([f"p{i}" for i in np.repeat(np.arange(40), 3)], object)
    p = RatingPredictions(names, names, np.zeros(120, int), truth, guess, ("age",))
    group = Grouping("sex", np.where(woman, "woman", "man").astype(object), ("man", "woman"))
    found = by_groups(p, [group], n_permutations=999)
    gap = {gap.measure: gap for gap in found.gaps}
    off = (guess - truth)[:, 0]
    assert gap["bias"].gap == pytest.approx(off[~woman].mean() - off[woman].mean())
    assert gap["bias"].p_corrected < 0.01
    assert gap["pearson"].p > 0.05 and [c.of for c in found.curves] == ["age", "age"]


def test_groups_come_from_samples_by_path_from_people_by_name_and_from_numbers_by_bounds(tmp_path: Path) -> None:
    p = said(6, 2, np.ones(6))
    samples = Samples(p.path[::-1], p.subject[::-1], labels={"sex": np.where(np.arange(12) < 6, "w", "m")},
                      ratings={"age": np.arange(12.0)[::-1]})  # fmt: skip
    (sex,), _ = groupings(samples, p.path, p.subject, (), "expression")
    assert sex.group.tolist() == ["m"] * 6 + ["w"] * 6
    (age,), _ = groupings(samples, p.path, p.subject, ("age=4,8",), "")
    assert age.order == ("below 4", "4 to below 8", "8 and above") and age.group[4] == "4 to below 8"
    table = tmp_path / "who.csv"
    table.write_text("subject,sex\nP0,w\np1,m\np2,unknown\np3,m\n")
    (known,), notes = groupings(table, p.path, p.subject, ("sex",), "")
    assert (
        known.group.tolist() == ["w", "w", "m", "m", "", "", "m", "m", *[""] * 4] and "2 of the predicted" in notes[0]
    )
    with pytest.raises(InputError, match="Did you mean 'sex'"):
        groupings(table, p.path, p.subject, ("sexe",), "")
    with pytest.raises(InputError, match="rising bounds"):
        groupings(samples, p.path, p.subject, ("age=8,4",), "")
    with pytest.raises(InputError, match="none of the samples"):
        groupings(samples, np.array(["x"]), p.subject[:1], (), "")
    table.write_text("subject,sex\nP01,m\np1,w\n")
    with pytest.raises(InputError, match=r"1 people in several rows, such as 'P01' \(row 2\) and 'p1' \(row 3\)"):
        groupings(table, p.path, p.subject, ("sex",), "")


def test_spellings_of_groups_and_words_for_none_are_named(tmp_path: Path) -> None:
    p, table = said(6, 2, np.ones(6)), tmp_path / "who.csv"
    table.write_text("subject,sex,grp\np0,F,autism\np1,f,Autism\np2,M,None\np3,M,NA\np4,F,no\np5,M,no\n")
    (sex, grp), notes = groupings(table, p.path, p.subject, ("sex", "grp"), "")
    assert sex.order == ("F", "M", "f") and grp.order == ("autism", "no")
    assert any("'sex', 'F' and 'f' count as different" in note for note in notes)
    assert any("'grp', 'autism' and 'Autism' are taken for one" in note for note in notes)
    assert any("'grp', 'None' (2 rows) and 'NA' (2 rows) count as no answer; if that is a group" in n for n in notes)
    samples = tmp_path / "samples.csv"
    rows = [f"{path},{who},{'None' if number % 3 else 'autism'}" for number, (path, who) in
            enumerate(zip(p.path, p.subject, strict=True))]  # fmt: skip
    samples.write_text("\n".join(["path,subject,grp", *rows]))
    assert any("'None' (8 rows) counts as an empty cell" in note for note in read_samples(samples).notes)


def test_what_test_and_interval_do_not_agree_on_is_no_verdict() -> None:
    p = said(60, 6, np.where(np.arange(60) < 30, 0.2, 2.0))
    found = by_groups(p, [halves(p, 30)], n_permutations=199)

    def with_accuracy(low: float, high: float) -> str:
        gaps = [replace(gap, low=low, high=high) for gap in found.gaps if gap.measure == "accuracy"]
        return replace(found, gaps=tuple(gaps)).words("sex")

    clear, unclear = with_accuracy(-0.5, -0.1), with_accuracy(-0.5, 0.1)
    assert clear.startswith("1 of 1 gaps by 'sex' is more than chance: accuracy") and "Open" not in clear
    assert unclear.startswith("None of 1 gaps by 'sex' is more than chance") and "holds 0, too: accuracy" in unclear


def test_a_group_that_differs_within_people_is_compared_within_them() -> None:
    p = said(30, 8, np.ones(30))
    camera = np.where(np.tile(np.arange(8) < 4, 30), "a", "b").astype(object)
    worse = p.probabilities.copy()
    worse[camera == "b"] = worse[camera == "b"][:, ::-1]
    bad = ClassPredictions(p.path, p.subject, p.fold, p.label, worse, p.classes)
    found = by_groups(bad, [Grouping("camera", camera, ("a", "b"))], n_permutations=999)
    assert "30 people" in found.notes[0]
    assert next(gap for gap in found.gaps if gap.measure == "accuracy").p == pytest.approx(0.001)


def test_results_are_read_as_they_were_written_and_stand_in_the_report(tmp_path: Path) -> None:
    p = said(30, 4, np.ones(30))
    found = by_groups(p, [halves(p, 15)], n_permutations=99)
    found.write(tmp_path / "fairness" / "net" / "fairness.json")
    again = Fairness.read(tmp_path / "fairness" / "net" / "fairness.json")
    assert str(again.to_json()) == str(found.to_json()) and len(again.table) == len(found.scores)
    problems: list[str] = []
    (block,) = section(tmp_path / "fairness", problems)
    assert not problems and block["columns"][0]["curves"][0]["plot"].startswith("<svg")
    (tmp_path / "fairness" / "net" / "fairness.json").write_text("{}")
    assert section(tmp_path / "fairness", problems) == [] and "run it again" in problems[0]


def test_the_command_line_needs_nothing_but_the_folder_of_the_study(made_up_model: Path) -> None:
    table = made_up_model.parent / "who.csv"
    table.write_text("\n".join(["subject,sex", *(f"s{i:03d},{'mw'[i % 2]}" for i in range(1, 25))]))
    words = ["fairness", str(made_up_model), "--samples", str(table), "--group", "sex", "--n-permutations", "99"]
    shown = CliRunner().invoke(app, [*words, "-o", str(made_up_model.parent / "fairness")])
    assert shown.exit_code == 0 and "held-out people" in shown.output and "balanced accuracy" in shown.output
    assert Fairness.read(made_up_model.parent / "fairness" / "fairness.json").model == made_up_model.name
    alone = CliRunner().invoke(app, ["fairness", str(made_up_model), "--group", "sex"])
    assert alone.exit_code == 2 and "--samples" in alone.output


def test_samples_that_cannot_be_read_from_another_folder_are_to_be_given(tmp_path: Path) -> None:
    model = tmp_path / "study" / "models" / "mine"
    model.mkdir(parents=True)
    (tmp_path / "study" / "provenance.json").write_text('{"train mine": {"samples": "train.csv"}}')
    with pytest.raises(InputError, match=r"provenance names cannot be read from here: .*at train\.csv.*with --samples"):
        fairness(model)


@pytest.fixture(scope="module")
def made_up_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import mien

    folder = tmp_path_factory.mktemp("fairness")
    mien.synthesize(folder / "people", subjects=24, expressions=("neutral", "smile"), frames=6)
    mien.train(folder / "people", target="expression", n_folds=3, output=folder / "models" / "mine")
    return folder / "models" / "mine"


def test_a_model_is_asked_about_other_people(made_up_model: Path) -> None:
    import mien

    others = made_up_model.parent / "others"
    mien.synthesize(others, subjects=20, expressions=("neutral", "smile"), frames=6, seed=1)
    samples = mien.read_samples(others)
    renamed = Samples(samples.path, samples.subject, labels={**samples.labels, "camera": np.tile(["a", "b"], 20)},
                      name=samples.name, read_from=samples.read_from, root=samples.root)  # fmt: skip
    found = fairness(made_up_model, renamed, group="camera", other_people=True, n_permutations=99)
    assert found.settings["predictions"].startswith("other people") and found.sizes[0].people == 20
