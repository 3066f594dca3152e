"""Classes that are spelt in several ways."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import Any

import numpy as np

_WHOLE = re.compile(r"0*(\d+)(?:[.,]0+)?")
# Marks between two words; before or behind one they may mean something ('-1', 'HIV+').
_BETWEEN = re.compile(r"(?<=\w)[\s_\-\u2010-\u2015\u2212]+(?=\w)|_+")
# Codes as short as this may differ by case on purpose, as genotypes do ('Aa', 'aa').
_SHORT = 2


def label_key(label: str) -> str:
    """What the spellings of one class have in common: all but case, Unicode form, the marks between words and zeros."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).casefold()).strip()
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else _BETWEEN.sub(" ", text).strip()


def same_labels(labels: Iterable[Any], column: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """Every label in the most frequent spelling of its class (of equals, the first), and what has to be said of that.

    Parameters
    ----------
    labels : sequence of str, shape (rows,)
        ``''`` stays.
    column : str
        Name of the column, for the notes.

    Returns
    -------
    labels : ndarray of str, shape (rows,)
    notes : tuple of str
        Sentences that name what was joined, and short codes that differ by case and were left apart.
    """
    given = np.array([" ".join(unicodedata.normalize("NFC", str(v)).split()) for v in labels], dtype=object)
    spellings: dict[str, list[str]] = {}
    for label in Counter(given):
        spellings.setdefault(label_key(label), []).append(label)
    several = [result for result in spellings.values() if len(result) > 1]
    if not several:
        return given, ()
    many = Counter(given)
    joined = [sorted(result, key=lambda label: -many[label]) for result in several if not _short(result)]
    first = {label: result[0] for result in joined for label in result}
    notes = [_note(column, joined, "are taken for one class; if they are two, name them in different words")]
    notes.append(_note(column, [result for result in several if _short(result)],
                       "count as different classes; if they are one, write them alike"))  # fmt: skip
    return np.array([first.get(v, v) for v in given], dtype=object), tuple(note for note in notes if note)


def _short(spellings: list[str]) -> bool:
    return max(map(len, spellings)) <= _SHORT and not spellings[0].isdigit()


def _note(column: str, groups: list[list[str]], verdict: str) -> str:
    if not groups:
        return ""
    shown = "; ".join(" and ".join(f"'{label}'" for label in result[:4]) for result in groups[:3])
    more = f"; and {len(groups) - 3} more" if len(groups) > 3 else ""
    return f"In the column '{column}', {shown}{more} {verdict}."
