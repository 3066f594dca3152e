"""One table of a study: columns with units and meanings, rows of plain values, and its text as CSV."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

# A spreadsheet runs what begins so; a quotation mark in front makes it a text.
_RUN = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class TableColumn:
    """One line of the codebook.

    Attributes
    ----------
    name : str
    unit : str
        ``''`` for words and for numbers without one.
    meaning : str
        In a sentence or a few words.
    """

    name: str
    unit: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class StudyTable:
    """A table in long format.

    Attributes
    ----------
    name : str
        What its file is called, such as ``'models scores'``.
    columns : tuple of TableColumn
    rows : tuple of tuple
        Numbers, words, truth values and None for what is missing.
    """

    name: str
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def file(self) -> str:
        """Name of its file: letters, digits and hyphens only."""
        kept = "".join(c if c.isalnum() or c in "._" else "-" for c in self.name)
        return "-".join(part for part in kept.split("-") if part) + ".csv"

    def csv(self) -> str:
        """The table as CSV: one header, points in numbers, nothing where a value is missing."""
        return csv_of([column.name for column in self.columns], self.rows)


# Of every table.
RESULT = TableColumn("result", "", "Folder of the result within the study.")


def joined(tables: Iterable[tuple[str, StudyTable]]) -> list[StudyTable]:
    """Tables of one name as one, with a first column that says of which result each row is.

    Parameters
    ----------
    tables : iterable of (str, StudyTable)
        Each with the folder of its result, such as ``'models/mine'``.

    Returns
    -------
    list of StudyTable
        In the order in which the names first come; cells of columns that a result does not have are missing.
    """
    by_name: dict[str, list[tuple[str, StudyTable]]] = {}
    for result, table in tables:
        by_name.setdefault(table.name, []).append((result, table))
    found = []
    for name, parts in by_name.items():
        columns: dict[str, TableColumn] = {}
        for _, table in parts:
            columns |= {column.name: column for column in table.columns if column.name not in columns}
        rows = []
        for result, table in parts:
            names = [column.name for column in table.columns]
            for row in table.rows:
                cells = dict(zip(names, row, strict=True))
                rows.append((result, *(cells.get(column) for column in columns)))
        found.append(StudyTable(name, (RESULT, *columns.values()), tuple(rows)))
    return found


def csv_of(header: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    """Rows as CSV that R, pandas, SPSS and spreadsheets read without an option: strictly as RFC 4180 has it.

    Parameters
    ----------
    header : iterable of str
    rows : iterable of iterable
        Numbers are written as short as they can be read back exactly; what is not a number is left empty.

    Returns
    -------
    str
        Words that a spreadsheet would run (they begin with ``=``, ``+``, ``-`` or ``@``) have a quotation mark in
        front.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([_cell(name) for name in header])
    writer.writerows([_cell(value) for value in row] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, np.floating):
        # A number of single precision has its own shortest form.
        return str(value) if math.isfinite(value) else ""
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else ""
    words = " ".join(str(value).replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return f"'{words}" if words.startswith(_RUN) else words
