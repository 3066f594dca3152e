"""What pictures show where they show things: names count as they are written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mien.core.people.keys import first_spellings, person_key


def things_of(names: Iterable[Any], rows: Iterable[Any]) -> tuple[np.ndarray, tuple[str, ...]]:
    """The source of every row, ``mien.core.people.keys.people_of`` for things.

    Words that say of people that nobody knows them are names of things ('mirror', 'model 1', 'blank'), and things with
    alike names are not one. Spellings of one name (see ``mien.core.people.keys.person_key``) are.

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
        Spellings that were joined, and how many rows name no source.
    """
    given = np.array([str(name) for name in names], dtype=object)
    named = given != ""
    result = given.copy()
    result[named], joined = first_spellings(given[named], person_key, "taken for one source each")
    result[~named] = [f"picture {row}" for row, known in zip(rows, named, strict=True) if not known]
    own = int((~named).sum())
    if not own:
        return result, joined
    note = (
        f"{own} of {len(given)} pictures name no source and count as one each; if several show one person or thing, "
        "name it: that one can be in training and test otherwise."
    )
    return result, (*joined, note)
