"""Names of groups of people in one spelling each, and what has to be said of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

from mien.core.labels import same_labels
from mien.core.people.unknown import says_unknown
from mien.core.words import listed
from mien.data.tables.table import MISSING


def group_names(values: Iterable[Any], column: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """The group of every row.

    Parameters
    ----------
    values : sequence, shape (rows,)
        As the table has them.
    column : str
        Its name, for the notes.

    Returns
    -------
    groups : ndarray of str, shape (rows,)
        ``''`` where nobody knows.
    notes : tuple of str
        Spellings that were joined or that only case tells apart, and words such as 'None' that count as no answer.

    Examples
    --------
    >>> groups, notes = group_names(["autism", "None", "autism ", "NA"], "diagnosis")
    >>> groups.tolist(), len(notes)
    (['autism', '', 'autism', ''], 1)
    """
    given = [str(value).strip() for value in values]
    known = np.array(["" if text in MISSING or says_unknown(text) else text for text in given], dtype=object)
    groups, notes = same_labels(known, column)
    words = Counter(text for text, group in zip(given, known, strict=True) if text.isalpha() and not group)
    if words:
        said = listed([f"'{word}' ({count} rows)" for word, count in words.items()][:4])
        notes += (
            f"In the column '{column}', {said} count{'s' if len(words) == 1 else ''} as no answer; if that is a group, "
            "give it another name, such as 'no diagnosis'.",
        )
    return groups, notes
