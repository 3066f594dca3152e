"""A result as tables: its rows, its named scores, its facts, each in long format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.report.tables.meanings import meaning, unit
from mien.report.tables.table import StudyTable, TableColumn

_PLAIN = (str, bool, int, float, np.bool_, np.integer, np.floating)
# What names within results are names of; others are called "name" and, in two steps, "of" and "name".
_KEYS = {
    **dict.fromkeys(("scores", "noise_check", "alone", "both", "gain", "lead", "fall"), ("score",)),
    "each": ("of", "score"), "ceilings": ("of",),
}  # fmt: skip
FACTS, NOTES = "facts", "notes"


def tables_of(result: Any, name: str, without: Sequence[str] = ()) -> list[StudyTable]:
    """Tables of a result.

    Parameters
    ----------
    result : dataclass
        Rows of dataclasses (also by name, as in a mapping) become a table each; plain values and settings one table of
        facts; notes one of sentences; a field that is a dataclass itself what is in it; data frames as they are.
        Arrays stay where they are: they belong to drawings, or to single people.
    name : str
        What names of the tables begin with.
    without : sequence of str
        Fields that are left out.

    Returns
    -------
    list of StudyTable
        Those that have rows.
    """
    tables: list[StudyTable] = []
    facts: list[tuple[str, Any]] = []
    notes: list[str] = []
    kind = type(result)
    for field in fields(result):
        value, called = getattr(result, field.name), f"{name} {field.name.replace('_', ' ')}"
        if field.name in without:
            continue
        if field.name in ("notes", "note"):
            notes += [value] if isinstance(value, str) and value else [] if isinstance(value, str) else list(value)
        elif isinstance(value, Path) or value is None:
            continue
        elif isinstance(value, _PLAIN):
            facts.append((field.name, value))
        elif is_dataclass(value):
            tables += _nested(value, called)
        elif hasattr(value, "itertuples"):
            tables.append(table_of(value, called, kind))
        elif isinstance(value, Mapping):
            rows = _by_name(value)
            if rows:
                tables.append(_of_rows(called, rows, _KEYS.get(field.name)))
            else:
                facts += _flat(field.name, value)
        elif isinstance(value, Sequence) and value and all(is_dataclass(one) for one in value):
            tables.append(table_of(value, called, kind))
        elif isinstance(value, Sequence) and value and all(isinstance(one, _PLAIN) for one in value):
            facts.append((field.name, "; ".join(map(str, value))))
    if facts:
        columns = (
            TableColumn("fact", "", meaning(None, "fact")),
            TableColumn("value", "as the fact says", "Of the fact; words or a number."),
        )
        tables.insert(0, StudyTable(f"{name} {FACTS}", columns, tuple(facts)))
    if notes:
        said = (TableColumn("sentence", "", meaning(None, "sentence")),)
        tables.append(StudyTable(f"{name} {NOTES}", said, tuple((str(note),) for note in notes)))
    return [table for table in tables if table.rows]


def table_of(rows: Any, name: str, kind: type) -> StudyTable:
    """Rows as one table: a sequence of dataclasses, or a data frame whose columns the class ``kind`` describes."""
    if hasattr(rows, "itertuples"):
        return _of_frame(rows, name, kind)
    return _of_rows(name, [((), one) for one in rows], ()) if len(rows) else StudyTable(name, (), ())


def _nested(value: Any, called: str) -> list[StudyTable]:
    """A result within a result; one without anything but plain values is a table of one row."""
    if all(isinstance(getattr(value, field.name), (*_PLAIN, type(None))) for field in fields(value)):
        return [_of_rows(called, [((), value)], ())]
    return tables_of(value, called)


def _by_name(value: Mapping[Any, Any]) -> list[tuple[tuple[Any, ...], Any]]:
    """Dataclasses in a mapping, or in a mapping of mappings, with their names; empty for any other mapping."""
    if value and all(is_dataclass(one) for one in value.values()):
        return [(key if isinstance(key, tuple) else (key,), one) for key, one in value.items()]
    if value and all(isinstance(one, Mapping) and _by_name(one) for one in value.values()):
        return [((key, *names), one) for key, inner in value.items() for names, one in _by_name(inner)]
    return []


def _of_rows(called: str, rows: list[tuple[tuple[Any, ...], Any]], keys: tuple[str, ...] | None) -> StudyTable:
    depth = len(rows[0][0])
    names = keys if keys is not None and len(keys) == depth else (("of", "name")[-depth:] if depth <= 2 else None)
    names = names if names is not None else tuple(f"name {step}" for step in range(1, depth + 1))
    columns: dict[str, TableColumn] = {name: TableColumn(name, "", meaning(None, name)) for name in names}
    flat = []
    for key, one in rows:
        cells = dict(zip(names, key, strict=True)) | dict(_cells(one, "", columns))
        flat.append(cells)
    found = tuple(columns.values())
    return StudyTable(called, found, tuple(tuple(cells.get(column.name) for column in found) for cells in flat))


def _cells(one: Any, prefix: str, columns: dict[str, TableColumn]) -> list[tuple[str, Any]]:
    """Plain values of a dataclass by column; those of a dataclass within it bear its name in front."""
    cells: list[tuple[str, Any]] = []
    for field in fields(one):
        value, name = getattr(one, field.name), f"{prefix}{field.name}"
        inner: list[tuple[str, Any]] = []
        if is_dataclass(value):
            inner = _cells(value, f"{name}_", columns)
        elif isinstance(value, _PLAIN) or value is None:
            inner = [(name, value)]
        elif isinstance(value, Mapping):
            inner = [(f"{name}_{key}", one) for key, one in value.items() if isinstance(one, _PLAIN)]
        elif isinstance(value, Sequence) and all(isinstance(part, _PLAIN) for part in value):
            inner = [(name, "; ".join(map(str, value)))]
        for column, _ in inner:
            words = meaning(type(one), column.removeprefix(prefix), field.name)
            if prefix and words:
                words = (
                    f"Of '{prefix.rstrip('_')}': {words[0].lower() if words[1:2].islower() else words[0]}{words[1:]}"
                )
            columns.setdefault(column, TableColumn(column, unit(column, type(one), field.name), words))
        cells += inner
    return cells


def _of_frame(frame: Any, called: str, kind: type) -> StudyTable:
    names = [str(name) for name in frame.columns]
    columns = tuple(TableColumn(n, unit(n, kind), meaning(kind, n) or _as_named(kind, n)) for n in names)
    rows = tuple(tuple(None if one != one else one for one in row) for row in frame.itertuples(index=False, name=None))
    return StudyTable(called, columns, rows)


def _as_named(kind: type, name: str) -> str:
    return f"'{name}', as the table of mien's {kind.__name__} names it."


def _flat(name: str, value: Any) -> list[tuple[str, Any]]:
    """Settings and other plain values of a mapping, nested names joined."""
    if isinstance(value, Mapping):
        return [row for key, one in value.items() for row in _flat(f"{name} › {key}", one)]
    if isinstance(value, _PLAIN):
        return [(name, value)]
    if isinstance(value, list | tuple) and all(isinstance(one, _PLAIN) for one in value):
        return [(name, "; ".join(map(str, value)))]
    return []
