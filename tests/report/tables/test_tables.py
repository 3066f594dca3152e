"""Tables of a study as CSV: complete, described, safe in spreadsheets, without names, read back without an option."""

import csv
import io
import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

import mien
from mien.core.errors import InputError
from mien.report.tables.kinds import KINDS
from mien.report.tables.meanings import attributes, meaning, unit
from mien.report.tables.spread_out import tables_of
from mien.report.tables.table import StudyTable, TableColumn, csv_of, joined


@dataclass(frozen=True)
class Score:
    """A score.

    Attributes
    ----------
    value : float
        How good it is.
    low, high : float
    """

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Result:
    """A result.

    Attributes
    ----------
    rows : tuple of Score
    """

    rows: tuple[Score, ...]
    by_name: dict[str, dict[str, Score]]
    people: int
    settings: dict
    array: np.ndarray = field(default_factory=lambda: np.zeros((3, 3)))
    notes: tuple[str, ...] = ("One sentence.",)


RESULT = Result(
    (Score(0.5, 0.1, float("nan")),), {"smile": {"auc": Score(0.25, 0, 1)}}, 12, {"folds": {"n": 5}, "of": ["a", "b"]}
)


def of_name(tables, name):
    return next(table for table in tables if table.name == name)


def test_rows_named_scores_facts_and_notes_of_a_result_become_tables():
    tables = tables_of(RESULT, "made up")
    assert of_name(tables, "made up rows").rows[0][:2] == (0.5, 0.1)
    named = of_name(tables, "made up by name")
    assert [column.name for column in named.columns] == ["of", "name", "value", "low", "high"]
    assert named.rows == (("smile", "auc", 0.25, 0, 1),)
    assert dict(of_name(tables, "made up facts").rows) == {
        "people": 12,
        "settings › folds › n": 5,
        "settings › of": "a; b",
    }
    assert of_name(tables, "made up notes").rows == (("One sentence.",),)


def test_columns_mean_what_the_docstring_says():
    assert attributes(Score)["value"] == "How good it is."
    assert meaning(Score, "low").startswith("Lower bound")
    assert meaning(Score, "difference_low") == "Lower bound of the 95 % interval of 'difference'."
    assert (unit("duration_s"), unit("width_px"), unit("share")) == ("s", "px", "proportion")


def test_tables_of_one_name_are_joined_and_say_whose_each_row_is():
    one = StudyTable("scores", (TableColumn("value"), TableColumn("p")), ((0.5, 0.01),))
    other = StudyTable("scores", (TableColumn("value"), TableColumn("people")), ((0.25, 7),))
    (both,) = joined([("models/a", one), ("models/b", other)])
    assert [column.name for column in both.columns] == ["result", "value", "p", "people"]
    assert both.rows == (("models/a", 0.5, 0.01, None), ("models/b", 0.25, None, 7))


def test_cells_that_a_spreadsheet_would_run_are_texts_and_numbers_stay_numbers(tmp_path):
    evil = ["=HYPERLINK(1)", "+1", "-1+1", "@SUM(A1)", "\tx", "a\nb", 'say "no", please']
    rows = [*((word, -0.5) for word in evil), ("ü", float("nan")), ("true", float("inf")), ("small", np.float32(0.1))]
    (tmp_path / "t.csv").write_text(csv_of(["=word", "number"], rows), encoding="utf-8")
    read = pd.read_csv(tmp_path / "t.csv")
    assert read.columns.tolist() == ["'=word", "number"]
    assert read["'=word"].tolist() == [
        "'=HYPERLINK(1)", "'+1", "'-1+1", "'@SUM(A1)", "'\tx", "a b", 'say "no", please', "ü", "true", "small",
    ]  # fmt: skip
    assert read["number"].tolist()[:7] == [-0.5] * 7 and read["number"].isna().sum() == 2
    assert read["number"].tolist()[-1] == 0.1


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    mien.synthesize(folder / "people", subjects=6, expressions=("neutral", "smile"), frames=8, seed=3)
    mien.train(
        folder / "people", target="expression", n_folds=3, output=folder / "study" / "models" / "mine", noise_check=True
    )
    mien.explain(
        folder / "study" / "models" / "mine", folder / "people", method="integrated-gradients", n_steps=4,
        output=folder / "study" / "evidence" / "mine",
    )  # fmt: skip
    return folder / "study"


def test_every_table_of_a_study_is_written_with_a_codebook_that_names_each_column(study, tmp_path):
    written = mien.tables(study, tmp_path / "out")
    codebook = pd.read_csv(tmp_path / "out" / "codebook.csv")
    assert {
        "models-scores.csv",
        "models-confusion.csv",
        "models-predictions-of-classes.csv",
        "evidence-regions.csv",
    } <= set(written.files)
    assert codebook["meaning"].notna().all()
    for file in written.files:
        read = pd.read_csv(tmp_path / "out" / file)
        assert read.columns.tolist() == codebook.loc[codebook["file"] == file, "column"].tolist()
        assert len(read) == codebook.loc[codebook["file"] == file, "rows"].iloc[0]


def test_every_file_is_csv_to_the_letter_so_that_readers_need_no_option(study, tmp_path):
    """RFC 4180: lines end in CR LF, quotation marks are doubled inside quoted fields, every line has as many fields."""
    quoted, plain = r'"(?:[^"]|"")*"', r'[^",\r\n]*'
    line = re.compile(rf"(?:{quoted}|{plain})(?:,(?:{quoted}|{plain}))*\r\n")
    mien.tables(study, tmp_path / "out")
    for path in (tmp_path / "out").iterdir():
        text = path.read_bytes().decode("utf-8")
        whole = list(line.finditer(text))
        assert "".join(found[0] for found in whole) == text and not text.startswith("\ufeff"), path.name
        rows = list(csv.reader(io.StringIO(text), strict=True))
        assert len({len(row) for row in rows}) == 1 and len(set(rows[0])) == len(rows[0]) and all(rows[0]), path.name
        # Columns of numbers are numbers without a word in them, as a reader guesses by the whole column.
        read = pd.read_csv(path)
        assert [str(name) for name in read.columns] == rows[0] and len(read) == len(rows) - 1


def test_numbers_are_those_of_the_results(study, tmp_path):
    mien.tables(study, tmp_path / "out")
    scores = pd.read_csv(tmp_path / "out" / "models-scores.csv").set_index("score")
    from mien.learn.evaluation import Evaluation

    stored = Evaluation.read(study / "models" / "mine")
    assert scores.loc["accuracy", "value"] == stored.scores["accuracy"].value
    assert pd.read_csv(tmp_path / "out" / "models-confusion.csv")["samples"].sum() == stored.confusion.sum()


def test_nobody_is_named_unless_asked_for(study, tmp_path):
    people = set(pd.read_parquet(study / "models" / "mine" / "predictions.parquet")["subject"])
    mien.tables(study, tmp_path / "without")
    text = "".join(path.read_text(encoding="utf-8") for path in (tmp_path / "without").iterdir())
    assert "person 1" in text and not any(f",{name}," in text for name in people)
    mien.tables(study, tmp_path / "with", show_names=True)
    shown = pd.read_csv(tmp_path / "with" / "models-predictions-of-classes.csv", dtype=str)
    assert set(shown["subject"]) == people


def test_a_folder_of_something_else_is_left_alone_and_old_tables_are_replaced(study, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.docx").write_text("mine")
    with pytest.raises(InputError, match=r"chapter\.docx"):
        mien.tables(study, tmp_path / "thesis")
    mien.tables(study, tmp_path / "out")
    (tmp_path / "out" / "models-old.csv").write_text("a\n1\n")
    mien.tables(study, tmp_path / "out")
    assert not (tmp_path / "out" / "models-old.csv").exists()


def test_a_study_without_results_is_a_sentence(tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "study.toml").write_text('title = "empty"\n')
    with pytest.raises(InputError, match="no result with a table"):
        mien.tables(tmp_path / "study", tmp_path / "out")


def test_a_damaged_result_is_named_and_the_rest_is_written(study, tmp_path):
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(study, copy)
    (copy / "fairness" / "mine").mkdir(parents=True)
    (copy / "fairness" / "mine" / "fairness.json").write_text("{")
    written = mien.tables(copy, tmp_path / "out")
    assert "models-scores.csv" in written.files
    assert any("fairness.json" in sentence for sentence in written.problems)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_part_of_a_study_has_a_reader(kind, tmp_path):
    with pytest.raises(InputError):
        kind.read(tmp_path)


def test_how_well_evidence_does_is_a_table(tmp_path):
    from torch import nn

    values = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)
    mien.evaluate_evidence(
        nn.Linear(4, 2), values, "occlusion", target=0, metrics=["deletion"], reference=values, n_steps=4,
        subjects=[f"s{row}" for row in range(8)], output=tmp_path / "study" / "faithfulness" / "mine",
    )  # fmt: skip
    written = mien.tables(tmp_path / "study", tmp_path / "out")
    rows = pd.read_csv(tmp_path / "out" / "faithfulness-rows.csv")
    assert written.problems == () and rows.method[0] == "occlusion"


def test_a_region_or_group_that_is_called_like_a_person_keeps_its_name(study):
    from mien.report.study_folder import read_folder
    from mien.report.tables.hidden_names import without_names

    read = read_folder(study)
    people = read.models[0].people
    first, second, third = sorted(set(people))[:3]
    columns = (TableColumn("subject"), TableColumn("group"), TableColumn("rater"), TableColumn("sentence"))
    rows = (
        (first, first, first, f"'{first}' has two recordings."),
        (second, "mouth", second, "All is well."),
        (third, "mouth", third, ""),
    )
    facts = StudyTable(
        "facts", (TableColumn("fact"), TableColumn("value")),
        (("group", first), ("left_out", f"{first}; {second}"), ("note", f"Without '{first}'.")),
    )  # fmt: skip
    shown, told = without_names(read, [StudyTable("t", columns, rows), facts], show_names=False)
    assert [row[1] for row in shown.rows] == [first, "mouth", "mouth"]
    assert [row[0] for row in shown.rows] == ["person 1", "person 2", "person 3"]
    # All that a column holds are codes of people, whatever it is called.
    assert [row[2] for row in shown.rows] == ["person 1", "person 2", "person 3"]
    assert shown.rows[0][3] == "'person 1' has two recordings."
    assert [row[1] for row in told.rows] == [first, "person 1; person 2", "Without 'person 1'."]
