"""Who is one person: names that are spelt in several ways, and rows whose person is not known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

# How programs write "no value", and how people say that nobody knows who is shown (without case and spaces).
_NO_VALUE = {"", "nan", "NaN", "-nan", "None", "null", "NULL", "NaT", "<NA>", "n/a", "N/A", "#N/A"}
_UNKNOWN = {
    "unknown",
    "unk",
    "?",
    "??",
    "???",
    "-",
    "--",
    "notknown",
    "notavailable",
    "missing",
    "unbekannt",
    "inconnu",
}
_EXCEL_NUMBER = re.compile(r"\d+[.,]0*")
# Excel's way of writing large whole numbers.
_EXCEL_POWER = re.compile(r"(\d+)(?:[.,](\d+))?e\+(\d{1,2})")
_DIGITS = re.compile(r"\d+")
# Kinds of characters (Unicode general categories) that are only drawn between the parts of a name.
_BETWEEN = ("Pd", "Pc", "Zs", "Zl", "Zp")
_MARKS = " \t\n\r\v\f.,'\"`´‘’‚“”„−"


@lru_cache(maxsize=1 << 16)
def person_key(name: str) -> str:
    """What the spellings of one person's name have in common.

    Unicode form, case, leading zeros of numbers, the ``.0`` that Excel writes behind whole numbers, and dashes,
    underscores, spaces and points do not make another person; two numbers that such a mark keeps apart stay two
    (``'P1_2'`` is not ``'P12'``). Another prefix is another name (``'sub-01'`` is not ``'01'``).
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    # Soft hyphens, byte-order marks and zero-width spaces cannot be seen.
    text = "".join(_plain(c) for c in text if unicodedata.category(c) != "Cf").strip()
    power = _EXCEL_POWER.fullmatch(text)
    if power and len(power[2] or "") <= int(power[3]):
        text = power[1] + (power[2] or "").ljust(int(power[3]), "0")
    elif _EXCEL_NUMBER.fullmatch(text):
        text = re.split("[.,]", text)[0]
    spaced = "".join(" " if _separates(c) else c for c in text)
    spaced = _DIGITS.sub(lambda run: run[0].lstrip("0") or "0", spaced)
    words = spaced.split()
    key = "".join(
        (" " if before[-1:].isdigit() and word[:1].isdigit() else "") + word
        for before, word in zip(["", *words], words, strict=False)
    )
    return key or text or name


def _plain(character: str) -> str:
    """Digits of every script as those of ASCII."""
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def _separates(character: str) -> bool:
    return character in _MARKS or unicodedata.category(character) in _BETWEEN


def says_nothing(value: Any) -> bool:
    """Whether a name is no name at all: empty, ``None``, or a number that is none."""
    return value is None or value != value or str(value).strip() in _NO_VALUE


def says_unknown(value: Any) -> bool:
    """Whether a name says that the person is not known, in words or by saying nothing."""
    return says_nothing(value) or "".join(str(value).split()).casefold() in _UNKNOWN | {"na"}


def same_people(names: Iterable[Any], what: str = "person") -> tuple[np.ndarray, tuple[str, ...]]:
    """Every name in the first spelling of its person, and what has to be said of that.

    Parameters
    ----------
    names : sequence of str, shape (rows,)
        ``''`` stays.
    what : str
        What a name stands for, in the note.

    Returns
    -------
    names : ndarray of str, shape (rows,)
    notes : tuple of str
        One sentence that names spellings which were joined; ``()`` where there were none. Unicode forms and spaces
        around a name are not told: they look the same.
    """
    return first_spellings(names, person_key, f"taken for one {what} each")


def people_of(names: Iterable[Any], rows: Iterable[Any]) -> tuple[np.ndarray, tuple[str, ...]]:
    """As ``same_people``, with a name of its own for every row whose subject is called unknown.

    Parameters
    ----------
    names : sequence of str, shape (rows,)
    rows : sequence, shape (rows,)
        What a row is called, such as the path of its picture.
    """
    given = np.array([str(name) for name in names], dtype=object)
    # 'NA' may be somebody's initials; readers of tables know where it stands for an empty cell.
    unknown = np.array([says_unknown(v) and v.casefold() != "na" for v in given], dtype=bool)
    result = given.copy()
    result[~unknown], notes = same_people(given[~unknown])
    if not unknown.any():
        return result, notes
    own = [str(row) for row, nobody in zip(rows, unknown, strict=True) if nobody]
    result[unknown] = [f"unknown person in {row}" for row in own]
    return result, (
        *notes,
        f"Who is shown is unknown in {len(own)} row{'' if len(own) == 1 else 's'}, such as '{own[0]}'; each counts as "
        "a person of its own. Should one show somebody who is in another row, that person can be in training and test: "
        "leave such rows out if that is possible.",
    )


def first_spellings(
    names: Iterable[Any], key: Callable[[str], str], verdict: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Every name in the first spelling that has its key, and a sentence on those that were joined, if any were."""
    given = np.array([unicodedata.normalize("NFC", str(name)).strip() for name in names], dtype=object)
    spellings: dict[str, list[str]] = {}
    for name in dict.fromkeys(given):
        spellings.setdefault(key(name) if name else "", []).append(name)
    joined = [found for found in spellings.values() if len(found) > 1]
    if not joined:
        return given, ()
    first = {name: found[0] for found in joined for name in found}
    return np.array([first.get(name, name) for name in given], dtype=object), (spellings_note(joined, verdict),)


def spellings_note(groups: Sequence[Sequence[str]], verdict: str) -> str:
    """A sentence that names spellings which belong together."""
    shown = "; ".join(" and ".join(f"'{name}'" for name in found[:4]) for found in groups[:3])
    more = f"; and {len(groups) - 3} more" if len(groups) > 3 else ""
    return (
        f"Spellings {verdict}: {shown}{more}. If they are two, give them names that differ in more than case, leading "
        "zeros, dashes, points and spaces."
    )


def known_people(names: Iterable[Any]) -> np.ndarray:
    """As ``same_people``, with ``''`` for everybody who is not known; shape (rows,)."""
    return same_people("" if says_unknown(name) else name for name in names)[0]
