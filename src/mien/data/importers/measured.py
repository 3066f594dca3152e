"""Columns of a tool's table as numbers, and what has to be said of cells and columns that are none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.core.patterns import fits
from mien.data.tables.numerals import MISSING
from mien.data.tables.table import FileTable

# What FaceReader writes in place of numbers, and for the intensity of action units (FACS: A trace ... E maximum).
_FAILED = ("FIND_FAILED", "FIT_FAILED")
_INTENSITIES = {"NotActive": 0.0, "A": 1.0, "B": 2.0, "C": 3.0, "D": 4.0, "E": 5.0}
_INFINITE = ("inf", "+inf", "-inf", "infinity", "+infinity", "-infinity")


@dataclass(frozen=True, eq=False)
class Measured:
    """Columns of numbers of a tool's table.

    Attributes
    ----------
    values : dict of str to ndarray of float64, each of shape (rows,)
        NaN where there is no number.
    notes : dict of str to str
        What was done with cells of a column that are no numbers.
    texts : dict of str to str
        Columns of text, with an example.
    """

    values: dict[str, np.ndarray]
    notes: dict[str, str]
    texts: dict[str, str]

    def wanted(self, patterns: Sequence[str]) -> dict[str, np.ndarray]:
        """The columns that may be features: without empty ones, unless a pattern other than ``*`` fits them."""
        asked = [pattern for pattern in patterns if pattern != "*"]
        return {n: v for n, v in self.values.items() if np.isfinite(v).any() or fits(n, asked)}

    def notes_on(self, names: Sequence[str], patterns: Sequence[str]) -> list[str]:
        """Sentences about the chosen columns, and about those of text that a pattern fits as well."""
        said = [self.notes[name] for name in names if name in self.notes]
        asked = [pattern for pattern in patterns if pattern != "*"]
        empty = [name for name in names if not np.isfinite(self.values[name]).any()]
        if empty:
            said.append(f"no number at all in {_listed(empty)}.")
        for name in (name for name in self.texts if fits(name, asked)):
            said.append(f"the column '{name}' is no feature, because {self.texts[name]}.")
        return said


def measured(table: FileTable, names: Sequence[str]) -> Measured:
    """Columns of a table as numbers.

    Columns of which most cells are numbers are columns of numbers: the other cells are missing, and a note says what
    stands in them. Infinite values are missing as well.
    """
    result: dict[str, np.ndarray] = {}
    notes: dict[str, str] = {}
    texts: dict[str, str] = {}
    for name in names:
        column = table.columns[name]
        letters = _intensities(name, column)
        values, bad = (letters, np.zeros(len(column), dtype=bool)) if letters is not None else table.numbers(name)
        said = ["FaceReader's letters were read as 0 (not active) and 1 to 5 (A to E)"] if letters is not None else []
        infinite = np.isinf(values)
        if bad.any():
            cells = np.array([str(cell).strip() for cell in column])
            infinite |= bad & np.isin(np.char.lower(cells), _INFINITE)
            bad &= ~infinite & ~np.isin(cells, _FAILED)
        finite = np.isfinite(values)
        if bad.any() and finite.sum() <= bad.sum():
            row = int(np.flatnonzero(bad)[0])
            texts[name] = f"it holds text, such as '{column[row]}' in row {row + table.first_row}"
            continue
        if letters is None and (undecided := table.undecided_notation(name)):
            texts[name] = undecided.partition(": ")[2].rstrip(".")
            continue
        for rows, what in ((infinite, "infinite"), (bad, "no numbers")):
            if rows.any():
                row = int(np.flatnonzero(rows)[0])
                said.append(
                    f"{int(rows.sum())} of {len(column)} cells are {what} ('{column[row]}' in row "
                    f"{row + table.first_row}) and count as missing"
                )
        if table.two_notations(name):
            said.append("some numbers are written with a comma, others with a point; both were read as decimal marks")
        result[name] = np.where(finite, values, np.nan)
        sentences = [f"'{name}': {'; '.join(said)}."] if said else []
        if sentences or table.unsure_notation(name):
            notes[name] = " ".join([*sentences, table.unsure_notation(name)]).strip()
    return Measured(result, notes, texts)


def _intensities(name: str, column: np.ndarray) -> np.ndarray | None:
    """FaceReader's intensities of an action unit as 0 to 5; None for any other column."""
    if column.dtype != object:
        return None
    cells = [str(cell).strip() for cell in column]
    known = {cell for cell in cells if cell not in MISSING and cell not in _FAILED}
    if not known <= _INTENSITIES.keys() or not ("NotActive" in known or (known and name.startswith("Action Unit"))):
        return None
    return np.array([_INTENSITIES.get(cell, np.nan) for cell in cells])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
