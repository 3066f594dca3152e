"""Questionnaires: scores by hand, missing items, what is told by row, bands never without their caution."""

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from mien.core.errors import InputError
from mien.core.samples import Samples

PHQ = ["subject", *(f"phq_{i}" for i in range(1, 10))]


def table(path: Path, rows: list[list[object]], header: list[str] = PHQ) -> Path:
    path.write_text("\n".join(",".join(map(str, row)) for row in [header, *rows]) + "\n")
    return path


def test_scores_and_missing_items_as_published(tmp_path: Path) -> None:
    people = table(tmp_path / "a.csv", [
        ["a", *[1] * 9], ["b", *[2] * 7, "", ""], ["c", *[2] * 6, "", "", ""], ["d", 3, *[0] * 8], ["e", *[""] * 9],
    ])  # fmt: skip
    found = mien.questionnaire(people, scale="phq-9")
    raw, prorated, missing = found.scores(found.scale.subscales[0])
    np.testing.assert_array_equal(raw, [9, np.nan, np.nan, 3, np.nan])
    np.testing.assert_allclose(prorated, [9, 18, np.nan, 3, np.nan])
    assert missing.tolist() == [0, 2, 3, 0, 9]
    assert found.labels["phq_9_total_band"].tolist() == ["mild", "moderately severe", "", "minimal", ""]
    assert found.labels["phq_9_total_cut"].tolist() == ["below 10", "at or above 10", "", "below 10", ""]


def test_a_row_that_stands_there_twice_counts_once(tmp_path: Path) -> None:
    same, other = ["a", *[1] * 9], ["a", *[2] * 9]
    found = mien.questionnaire(table(tmp_path / "t.csv", [same, ["b", *[0] * 9], same, other]), scale="phq-9")
    assert found.ratings["phq_9_total"].tolist() == [9, 0, 18]
    assert "Row 4 is row 2 once more, in every cell, and is left out." in found.notes
    assert "Rows 2 and 5 are both of 'a', and both count; remove one, or give them different sessions." in found.notes
    nobody = table(tmp_path / "n.csv", [[1] * 9, [1] * 9], PHQ[1:])
    assert len(mien.questionnaire(nobody, scale="phq-9").ratings["phq_9_total"]) == 2


def test_sums_of_the_dass_are_doubled_and_prorated_within_a_subscale(tmp_path: Path) -> None:
    header = ["subject", *(f"DASS_{i}" for i in range(1, 22))]
    one = np.zeros(21, int)
    one[np.array([3, 5, 10, 13, 16, 17, 21]) - 1] = [3, 3, 3, 2, 2, 1, 0]
    holes = [str(value) for value in one]
    holes[20] = "NA"
    found = mien.questionnaire(table(tmp_path / "a.csv", [["a", *one], ["b", *holes]], header), scale="dass-21")
    np.testing.assert_allclose(found.ratings["dass_21_depression"], [28, 2 * 14 / 6 * 7])
    assert found.ratings["dass_21_anxiety"].tolist() == [0, 0]
    assert found.labels["dass_21_depression_band"].tolist() == ["extremely severe"] * 2


def test_what_is_wrong_is_told_by_row_and_column_and_counts_as_missing(tmp_path: Path) -> None:
    people = table(tmp_path / "a.csv", [
        ["a", 4, *[1] * 8], ["b", *[1] * 8, "often"], ["c", 1, "1.5", *[1] * 7], ["d", *[2] * 9], ["e", *[""] * 9],
        ["f", "-1", "", *[1] * 7],
    ])  # fmt: skip
    found = mien.questionnaire(people, scale="phq-9")
    told = [(one.row, one.subject, one.column, one.kind, one.cell) for one in found.problems]
    assert told == [
        (2, "a", "phq_1", "out of range", "4"), (3, "b", "phq_9", "text", "often"), (4, "c", "phq_2", "decimal", "1.5"),
        (5, "d", "", "same answer", "2"), (6, "e", "", "all missing", ""), (7, "f", "phq_1", "out of range", "-1"),
        (7, "f", "phq_2", "missing", ""),
    ]  # fmt: skip
    np.testing.assert_allclose(found.ratings["phq_9_total"], [9, 9, 9, 18, np.nan, 9])


def test_codes_for_no_answer_can_be_named_and_are_guessed_at(tmp_path: Path) -> None:
    people = table(tmp_path / "a.csv", [[f"s{i}", *[1] * 8, 999] for i in range(4)])
    found = mien.questionnaire(people, scale="phq-9")
    assert any("--missing 999" in said for said in found.problem_words())
    again = mien.questionnaire(people, scale="phq-9", missing=999)
    assert {one.kind for one in again.problems} == {"missing"}


def test_columns_are_named_by_pattern_and_a_likely_one_is_proposed(tmp_path: Path) -> None:
    people = table(tmp_path / "a.csv", [["a", *[1] * 9]], ["id", *(f"Q{i:02d}" for i in range(1, 10))])
    with pytest.raises(InputError, match=r"--items 'Q\{01..9\}'|--items 'Q\{01..09\}'"):
        mien.questionnaire(people, scale="phq-9")
    found = mien.questionnaire(people, scale="phq-9", items="Q{01..09}")
    assert found.ratings["phq_9_total"].tolist() == [9]
    assert any("--columns subject=id" in note for note in found.notes)
    with pytest.raises(InputError, match="items names 8"):
        mien.questionnaire(people, scale="phq-9", items="Q{01..08}")


@pytest.mark.parametrize("name", ["phq9_{}", "PHQ{}"])
def test_usual_names_of_the_items_are_known_and_two_at_once_refused(tmp_path: Path, name: str) -> None:
    header = ["subject", *(name.format(i) for i in range(1, 10))]
    found = mien.questionnaire(table(tmp_path / "a.csv", [["a", *[2] * 9]], header), scale="phq-9")
    assert found.ratings["phq_9_total"].tolist() == [18] and found.columns == tuple(header[1:])
    both = table(tmp_path / "b.csv", [["a", *[2] * 18]], [*header, *PHQ[1:]])
    with pytest.raises(InputError, match="has the items of PHQ-9 twice"):
        mien.questionnaire(both, scale="phq-9")


def test_items_that_are_words_throughout_are_refused_and_one_text_column_is_not(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no cell of"):
        mien.questionnaire(table(tmp_path / "a.csv", [["a", *["often"] * 9]]), scale="phq-9")


def test_scores_go_into_samples_by_path_or_by_person(tmp_path: Path) -> None:
    people = table(tmp_path / "a.csv", [["P01", *[1] * 9], ["P02", *[2] * 9]])
    found = mien.questionnaire(people, scale="phq-9")
    samples = Samples(path=["x.mp4", "y.mp4", "z.mp4"], subject=["p1", "P02", "P3"])
    with_scores = found.beside(samples)
    np.testing.assert_array_equal(with_scores.ratings["phq_9_total"], [9, 18, np.nan])
    assert with_scores.labels["phq_9_total_band"].tolist() == ["mild", "moderately severe", ""]
    assert any("not a diagnosis" in note for note in with_scores.notes)
    twice = table(
        tmp_path / "b.csv", [["P01", "t1", *[1] * 9], ["P01", "t2", *[2] * 9]], ["subject", "session", *PHQ[1:]]
    )
    repeated = mien.questionnaire(twice, scale="phq-9")
    with pytest.raises(InputError, match="answered several times"):
        repeated.beside(samples)
    sessions = Samples(path=["x.mp4", "y.mp4"], subject=["P01", "P01"], labels={"session": ["t2", "t1"]})
    assert repeated.beside(sessions).ratings["phq_9_total"].tolist() == [18, 9]


def test_samples_that_hold_the_items_are_scored(tmp_path: Path) -> None:
    ratings = {f"gad_{i}": [1.0, 3.0] for i in range(1, 8)}
    found = mien.questionnaire(Samples(path=["a", "b"], subject=["a", "b"], ratings=ratings), scale="gad-7")
    assert found.beside(Samples(path=["b"], subject=["b"])).labels["gad_7_total_band"].tolist() == ["severe"]


def test_what_is_written_is_read_again_and_never_without_the_caution(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    people = table(tmp_path / "a.csv", [[f"s{i}", *rng.integers(0, 5, 9)] for i in range(40)])
    done = CliRunner().invoke(
        app, ["questionnaire", str(people), "--scale", "phq-9", "-o", str(tmp_path / "study/questionnaires/phq")]
    )
    assert done.exit_code == 0, done.output
    assert "total (not a diagnosis): minimal" in done.output and "out of range" in done.output
    folder = tmp_path / "study/questionnaires/phq"
    found, again = mien.questionnaire(people, scale="phq-9"), mien.load_questionnaire(folder)
    assert again.scale == found.scale and again.problems == found.problems
    np.testing.assert_equal([vars(one) for one in again.reliability], [vars(one) for one in found.reliability])
    np.testing.assert_array_equal(again.answers, found.answers)
    assert set(pq.read_table(folder / "scores.parquet")["bands_are"].to_pylist()) == {"not a diagnosis"}
    facts = json.loads((folder / "questionnaire.json").read_text())
    assert facts["bands"]["phq_9_total"]["bands_are"] == "not a diagnosis" and "not a diagnosis" in facts["notice"]
    (folder / "scores.parquet").write_bytes(b"")
    with pytest.raises(InputError, match="is not the file that questionnaire"):
        mien.load_questionnaire(folder)


def test_a_wrong_scoring_file_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text("items = 'q{1..3}'\nrange = [0, 3.5]\n[[subscale]]\nname = 'a'\n")
    people = table(tmp_path / "a.csv", [["a", *[1] * 9]])
    done = CliRunner().invoke(app, ["questionnaire", str(people), "--scale", str(tmp_path / "s.toml")])
    assert done.exit_code == 2 and "line 2: 'range'" in done.output
