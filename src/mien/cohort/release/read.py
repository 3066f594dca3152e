"""Tables of a study as they are, and the names in them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from mien.cohort.release.cells import as_numbers
from mien.cohort.release.kinds import KEPT
from mien.cohort.release.names import OF_FILES, OF_PEOPLE, Names
from mien.cohort.release.tables import SESSION, as_texts
from mien.core.errors import InputError
from mien.core.files import read_json
from mien.data.native import native_file
from mien.data.parquet import read_parquet
from mien.data.shards import read_facts, shard_paths
from mien.data.tables.table import read_table

# Columns that name the table of a problem; a recording there stands in other columns as well.
_OF_TABLES = ("file", "files")
PARTICIPANTS = PurePosixPath("participants/participants.parquet")


def table_of(path: Path) -> pa.Table:
    """A Parquet or CSV file; names stay as they are written.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    try:
        if path.suffix == ".parquet":
            with native_file(path) as file:
                return read_parquet(file)
        with path.open(newline="", encoding="utf-8-sig") as opened:
            header = next(csv.reader(opened), [])
        named = {name: pa.string() for name in header if name.casefold() in OF_PEOPLE | OF_FILES | {SESSION}}
        return pa.csv.read_csv(path, convert_options=pa.csv.ConvertOptions(column_types=named))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read as a table ({error}).") from error


def given_table(path: str | Path) -> pa.Table:
    """A table of participants in any format that mien reads; numbers as numbers, names as they are written."""
    columns: dict[str, Any] = {}
    for name, texts in read_table(Path(path)).columns.items():
        numbers = None if name.casefold() in OF_PEOPLE | OF_FILES | {SESSION} else as_numbers(texts)
        columns[name] = pa.array(texts.tolist(), pa.string()) if numbers is None else pa.array(numbers)
    return pa.table(columns)


def names_of(study: Path, participants: pa.Table | None) -> Names:
    """Every name of a person or a file that a study knows."""
    names = Names()
    named, recorded = set[str](), set[str]()
    tables = [table for table in (participants, *_tables(study)) if table is not None]
    for table in tables:
        for name in table.column_names:
            word = name.casefold()
            if word in OF_PEOPLE:
                names.add_people(_distinct(table[name]))
            elif word in OF_FILES:
                found_here = _distinct(table[name])
                names.add_files(found_here)
                (named if word in _OF_TABLES else recorded).update(found_here)
    if (study / "faces").is_dir():
        sources = {str(read_facts(path).get("source") or "") for path in shard_paths(study)}
        names.add_files(sources)
        recorded |= sources
    for path in study.rglob("model.json"):
        found = read_json(path)
        people = found.get("subjects") if isinstance(found, dict) else None
        names.add_people(str(name) for name in people or ())
    # A person who is called as a class or a site is not replaced in texts.
    words = {text for table in tables for text in _categories(table)}
    return Names(names.people, names.files, frozenset(words), frozenset(named - recorded), names._by_key, names._used)


def _tables(study: Path) -> Iterator[pa.Table]:
    for path in sorted(study.rglob("*")):
        if path.is_file() and path.suffix in KEPT[1:] and path.relative_to(study).parts[0] != "faces":
            try:
                yield table_of(path)
            except InputError:
                continue


def _distinct(column: pa.ChunkedArray) -> list[str]:
    return sorted(set(as_texts(column)))


def _categories(table: pa.Table) -> set[str]:
    found: set[str] = set()
    for name in table.column_names:
        if name.casefold() not in OF_PEOPLE | OF_FILES and pa.types.is_string(table[name].type):
            values = set(as_texts(table[name]))
            found |= values if len(values) <= max(2, len(table) // 4) else set()
    return found


def people_of(table: pa.Table) -> tuple[np.ndarray, dict[str, np.ndarray]] | None:
    """Each person of a table once, with the columns as texts; None where it names nobody."""
    who = next((name for name in table.column_names if name.casefold() in OF_PEOPLE), None)
    if who is None:
        return None
    people, rows = np.unique(as_texts(table[who]).astype(str), return_index=True)
    return people, {name.casefold(): as_texts(table[name])[rows] for name in table.column_names}
