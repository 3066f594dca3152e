"""Rows of a table that say the same as one before in every cell: they count once."""

from __future__ import annotations

import numpy as np

from mien.data.tables.table import FileTable

# So many are named.
_SAID = 5


def repeated_rows(table: FileTable) -> tuple[np.ndarray, tuple[str, ...]]:
    """Which rows are another one before them once more, and a sentence on each.

    Parameters
    ----------
    table : FileTable

    Returns
    -------
    again : ndarray of bool, shape (rows,)
    notes : tuple of str
    """
    again, notes = np.zeros(len(table), dtype=bool), []
    first: dict[tuple[str, ...], int] = {}
    for place, cells in enumerate(zip(*table.columns.values(), strict=True)):
        before = first.setdefault(tuple(str(cell).strip() for cell in cells), place)
        if before != place:
            again[place] = True
            row, other = place + table.first_row, before + table.first_row
            notes.append(f"Row {row} is row {other} once more, in every cell, and is left out.")
    if len(notes) > _SAID:
        notes = [*notes[:_SAID], f"{len(notes) - _SAID} further rows are left out for the same reason."]
    return again, tuple(notes)
