"""What pictures show where they show things: names count as they are written."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

import numpy as np


def things_of(names: Iterable[Any], rows: Iterable[Any]) -> tuple[np.ndarray, tuple[str, ...]]:
    """The source of every row, ``mien.core.people.keys.people_of`` for things.

    Words that say of people that nobody knows them are names of things ('mirror', 'model 1', 'blank'), and things with
    alike names are not one. Unicode forms, case and spaces around a name make no other source.

    Parameters
    ----------
    names : sequence of str, shape (rows,)
        ``''`` where nothing is said: such a row is a source of its own, called as the row is.
    rows : sequence, shape (rows,)
        What a row is called, such as the path of its picture.

    Returns
    -------
    names : ndarray of str, shape (rows,)
        In the first spelling.
    notes : tuple of str
        How many rows name no source.
    """
    given = [" ".join(unicodedata.normalize("NFC", str(name)).split()) for name in names]
    first: dict[str, str] = {}
    result = [
        first.setdefault(name.casefold(), name) if name else f"picture {row}"
        for name, row in zip(given, rows, strict=True)
    ]
    own = sum(not name for name in given)
    if not own:
        return np.array(result, dtype=object), ()
    note = (
        f"{own} of {len(given)} pictures name no source and count as one each; if several show one person or thing, "
        "name it: that one can be in training and test otherwise."
    )
    return np.array(result, dtype=object), (note,)
