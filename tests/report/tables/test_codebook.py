"""The codebook: every column has a unit and a meaning of its own; R reads the tables without an option."""

import dataclasses
import shutil
import subprocess
import typing
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

import mien
from mien.report.tables.kinds import KINDS
from mien.report.tables.meanings import COUNT, NUMBER, PROBABILITY, TEXT, TRUTH, meaning, unit, unit_of_cells
from mien.report.tables.usual import OF_CLASS

PLAIN = (str, int, float, bool)


def classes_in(annotation):
    if dataclasses.is_dataclass(annotation):
        return [annotation]
    return [found for inner in typing.get_args(annotation) for found in classes_in(inner)]


def is_cell(annotation):
    """Whether a field of this type becomes one column."""
    if annotation in PLAIN:
        return True
    inner = [one for one in typing.get_args(annotation) if one not in (type(None), Ellipsis)]
    origin = typing.get_origin(annotation)
    return bool(inner) and all(one in PLAIN for one in inner) and not (origin and issubclass_of_mapping(origin))


def issubclass_of_mapping(origin):
    return isinstance(origin, type) and issubclass(origin, Mapping)


def rows_of(kind):
    """Classes of rows in a result, that become columns of its tables."""
    code = kind.module
    for name in kind.home.partition(":")[2].split("."):
        code = getattr(code, name)
    function = getattr(code, "__func__", code)
    whole = typing.get_type_hints(function)["return"]
    found, ahead = {}, classes_in(whole)
    while ahead:
        one = ahead.pop()
        if one in found:
            continue
        found[one] = typing.get_type_hints(one)
        ahead += [inner for hint in found[one].values() for inner in classes_in(hint)]
    found.pop(whole, None)
    return found


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_no_column_of_any_result_lacks_unit_or_meaning(kind):
    for row, hints in rows_of(kind).items():
        names = [field.name for field in dataclasses.fields(row) if is_cell(hints[field.name])]
        said = {name: meaning(row, name) for name in names}
        assert not [name for name in names if not said[name]], row
        assert not [name for name in names if hints[name] in PLAIN and not unit(name, row)], row
        assert len(set(said.values())) == len(said), (row, sorted(said.items(), key=lambda item: item[1]))


def test_columns_of_data_frames_are_described():
    from mien.reduce.curve import COLUMNS
    from mien.reduce.result import Reduction

    assert all(meaning(Reduction, name) for name in COLUMNS) and set(OF_CLASS["Reduction"]) >= {"jaccard", "beaten"}


def test_units_say_what_kind_of_number_it_is():
    @dataclasses.dataclass
    class Row:
        name: str
        people: int
        p_corrected: float
        exact: bool
        width_px: float
        odd: float

    found = [unit(field.name, Row) for field in dataclasses.fields(Row)]
    # Annotations are classes here and words in the package: both are understood.
    assert found == [TEXT, COUNT, PROBABILITY, TRUTH, "px", NUMBER]
    assert [unit_of_cells(cells) for cells in ([1, None], [0.5, 1], ["a", 1], [True], [])] == [
        COUNT, NUMBER, TEXT, TRUTH, TEXT,
    ]  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("codebook")
    mien.synthesize(folder / "people", subjects=6, expressions=("neutral", "smile"), frames=8, seed=3)
    model = folder / "study" / "models" / "mine"
    mien.train(folder / "people", target="expression", n_folds=3, output=model, noise_check=True)
    mien.explain_all(model, folder / "people", method="saliency", output=folder / "study" / "evidence" / "mine")
    mien.tables(folder / "study", folder / "out")
    return folder / "out"


def test_every_line_of_the_codebook_has_a_unit_and_meanings_differ_within_a_table(written):
    codebook = pd.read_csv(written / "codebook.csv", keep_default_na=False)
    columns = codebook[codebook["file"] != "report.html"]
    assert len(columns) > 50 and (columns["unit"] != "").all() and (columns["meaning"] != "").all()
    for file, lines in columns.groupby("file"):
        assert lines["meaning"].is_unique, file


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_r_reads_every_table_without_an_option_as_pandas_does(written, tmp_path):
    script = (
        "for (f in list.files(commandArgs(TRUE)[1], full.names = TRUE)) { t <- read.csv(f); "
        'cat(basename(f), nrow(t), ncol(t), sprintf("%.12g", sum(unlist(lapply(t, function(c) '
        'if (is.numeric(c)) sum(c, na.rm = TRUE) else 0)))), sum(is.na(t)), sep = "\\t"); cat("\\n") }'
    )
    done = subprocess.run(["Rscript", "-e", script, str(written)], capture_output=True, text=True, check=True)
    lines = [line.split("\t") for line in done.stdout.splitlines()]
    assert {line[0] for line in lines} == {path.name for path in written.iterdir()}
    for name, rows, columns, total, _ in lines:
        read = pd.read_csv(written / name)
        numbers = read.select_dtypes("number")
        assert (int(rows), int(columns)) == read.shape, name
        assert float(total) == pytest.approx(float(np.nansum(numbers.to_numpy(dtype=float))), rel=1e-9), name
