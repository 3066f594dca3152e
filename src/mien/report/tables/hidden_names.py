"""Names of people and files in tables: numbers instead, in the columns that hold people or files and in sentences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from mien.report.page import privacy_of_study, removers
from mien.report.privacy import without_paths
from mien.report.study_folder import StudyFolder
from mien.report.tables.table import StudyTable

_PEOPLE = ("subject", "person", "viewer", "viewers")
_SAMPLES = ("path", "sample", "picture", "conditions")
_SENTENCES = ("sentence", "reason", "withheld", "refused", "untested", "note", "warnings", "status", "source")
# Facts whose values are people or files.
_FACTS_OF_PEOPLE = ("left_out", "subject", "person", "people", "viewer", "path", "condition", "file")
# A column of fewer different codes may as well be one of groups that are called so.
_FEWEST_CODES = 3


def without_names(study: StudyFolder, tables: list[StudyTable], *, show_names: bool) -> list[StudyTable]:
    """Tables as they may be passed on; places on this machine's disk are cut in any case.

    A region, group or class that happens to be called like a person keeps its name: codes are replaced where a column
    holds people or files (by its name, or because all it holds are their codes), and within sentences.

    Parameters
    ----------
    study : StudyFolder
    tables : list of StudyTable
    show_names : bool
        Keep names.
    """
    privacy = privacy_of_study(study, names=show_names)
    inside, remove = removers(study, privacy)
    if show_names:
        return [_changed(table, lambda _column, text, _row: remove(inside(text))) for table in tables]
    known = {**dict.fromkeys(_PEOPLE, privacy.people), **dict.fromkeys(_SAMPLES, privacy.samples)}
    codes = {**privacy.samples, **privacy.people}

    def items(text: str, names: dict[str, str]) -> str:
        return "; ".join(names.get(item) or remove(inside(item)) for item in text.split("; "))

    def hidden(table: StudyTable) -> StudyTable:
        held = {
            column.name
            for place, column in enumerate(table.columns)
            if _all_codes([row[place] for row in table.rows], codes)
        }

        def cell(column: str, text: str, fact: str) -> str:
            if column in known or column in held:
                return items(text, known.get(column, codes))
            if fact and any(word in fact for word in _FACTS_OF_PEOPLE):
                return items(text, codes)
            if column in _SENTENCES or (fact and text not in codes):
                return remove(inside(text))
            return without_paths(inside(text))

        return _changed(table, cell)

    return [hidden(table) for table in tables]


def _all_codes(cells: list[Any], codes: dict[str, str]) -> bool:
    found = {str(cell) for cell in cells if isinstance(cell, str | np.str_) and cell}
    return len(found) >= _FEWEST_CODES and found <= codes.keys()


def _changed(table: StudyTable, cell: Callable[[str, str, str], str]) -> StudyTable:
    """A table whose texts are passed through ``cell(column, text, fact)``; ``fact``: which one a value is of."""
    names = [column.name for column in table.columns]
    fact_at = names.index("fact") if "fact" in names else None
    rows = []
    for row in table.rows:
        fact = str(row[fact_at]) if fact_at is not None else ""
        rows.append(
            tuple(
                cell(name, str(value), fact if name == "value" else "") if isinstance(value, str | np.str_) else value
                for name, value in zip(names, row, strict=True)
            )
        )
    return replace(table, rows=tuple(rows))
