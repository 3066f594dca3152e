"""Answers of queries in files: CSV that is safe to open in a spreadsheet, and Parquet, written as the rows come."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from mien.core.errors import InputError
from mien.core.files import atomic_path

SUFFIXES = (".csv", ".parquet")
# What spreadsheets take for the beginning of a formula, unless the text is a plain number.
_FORMULA = r"^[=+\-@\t\r]"
_NUMBER = r"^[+\-]?(\d+\.?\d*|\.\d+)([eE][+\-]?\d+)?$"


# Files right in a study that are its own.
_OWN = ("participants", "samples", "problems")


def check_suffix(path: Path) -> None:
    """Refuse a file of a kind that is not written.

    Raises
    ------
    InputError
        Naming those that are.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: an answer is written as {' or '.join(SUFFIXES)}; name such a file.")


def check_apart(path: Path, study: Path) -> None:
    """Refuse to write over what a study holds: its rooms, and files that are there already and no earlier answers.

    Raises
    ------
    InputError
    """
    place, inside = path.absolute().resolve(), study.absolute().resolve()
    if inside not in place.parents:
        return
    first = place.relative_to(inside).parts
    if len(first) > 1 or path.stem in _OWN:
        raise InputError(
            f"{path} lies where the study keeps its own files; a cohort is read, never changed. Name a file outside "
            f"{study}, or a new one right in it."
        )


def write_batches(batches: Iterable[pa.RecordBatch], schema: pa.Schema, path: Path) -> int:
    """Write batches to a file, atomically; how many rows there were."""
    rows = 0
    as_csv = path.suffix.lower() == ".csv"
    for one in schema:
        if pa.types.is_interval(one.type):
            raise InputError(
                f"{path}: no file of an answer holds intervals of time, as '{one.name}' does; ask for a number or a "
                f"text, such as CAST({one.name} AS VARCHAR)."
            )
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        plain = pa.schema([pa.field(f.name, pa.string() if as_csv and _is_nested(f.type) else f.type) for f in schema])
        writer = csv.CSVWriter(file, _texts(plain)) if as_csv else pq.ParquetWriter(file, plain, compression="zstd")
        with writer:
            for batch in batches:
                table = pa.Table.from_batches([batch])
                writer.write_table(safe_table(table) if as_csv else table)
                rows += len(batch)
    return rows


def safe_table(table: pa.Table) -> pa.Table:
    """A table for CSV: no text that a spreadsheet would run, lists and structures as JSON."""
    columns = []
    for column in table.columns:
        if _is_nested(column.type):
            column = pa.chunked_array([[json.dumps(value, default=str) for value in column.to_pylist()]], pa.string())
        if _is_text(column.type):
            column = column.cast(pa.string())
            risky = pc.and_(
                pc.match_substring_regex(column, _FORMULA), pc.invert(pc.match_substring_regex(column, _NUMBER))
            )
            column = pc.if_else(risky, pc.binary_join_element_wise("'", column, ""), column)
        columns.append(column)
    names = [_safe(name) for name in table.column_names]
    return pa.Table.from_arrays(columns, names)


def _texts(schema: pa.Schema) -> pa.Schema:
    """The same with all kinds of text as one, and names that no spreadsheet runs."""
    return pa.schema([pa.field(_safe(f.name), pa.string() if _is_text(f.type) else f.type) for f in schema])


def _safe(name: str) -> str:
    return f"'{name}" if name[:1] in ("=", "+", "-", "@", "\t", "\r") else name


def _is_text(kind: pa.DataType) -> bool:
    dictionary = pa.types.is_dictionary(kind) and _is_text(kind.value_type)
    return bool(dictionary or pa.types.is_string(kind) or pa.types.is_large_string(kind) or _is_view(kind))


def _is_view(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string_view(kind))


def _is_nested(kind: pa.DataType) -> bool:
    return bool(pa.types.is_nested(kind) and not pa.types.is_dictionary(kind))
