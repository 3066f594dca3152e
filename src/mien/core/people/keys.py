"""Who is one person: names that are spelt in several ways, and rows whose person is not known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from mien.core.names import visible
from mien.core.people.alike import alike_note
from mien.core.people.unknown import (
    Unknown,
    is_own,
    listed_names,
    own_person,
    says_nothing,
    unknown_among,
    unknown_notes,
)

_EXCEL_NUMBER = re.compile(r"\d+[.,]0*")
# Excel's way of writing large whole numbers.
_EXCEL_POWER = re.compile(r"(\d+)(?:[.,](\d+))?e\+(\d{1,2})")
_DIGITS = re.compile(r"(?<![\0\d])\d+")
# A number with decimals, whose zeros count; dates and versions have more points.
_DECIMALS = re.compile(r"(?<![\d.,])(\d+)[.,](\d+)(?![.,]?\d)")
# The sign of a whole number: -9 is not 9, but +1 is 1.
_SIGN = re.compile(r"([+\-\u2010-\u2015\u2212])(?=\d+(?:[.,]\d+)?$)")
# Kinds of characters (Unicode general categories) that are only drawn between the parts of a name.
_BETWEEN = ("Pd", "Pc", "Zs", "Zl", "Zp")
_MARKS = " \t\n\r\v\f.,'\"`´‘’‚“”„−"


@lru_cache(maxsize=1 << 16)
def person_key(name: str) -> str:
    """What the spellings of one person's name have in common.

    Unicode form, case, leading zeros of numbers, a plus sign, the ``.0`` that Excel writes behind whole numbers, and
    dashes, underscores, spaces and points do not make another person; two numbers that such a mark keeps apart stay
    two (``'P1_2'`` is not ``'P12'``), and so do decimals (``'1.05'`` is not ``'1.5'``) and negative numbers. Another
    prefix is another name (``'sub-01'`` is not ``'01'``); ``same_people`` says where both are there.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    # Soft hyphens, byte-order marks and zero-width spaces cannot be seen.
    text = "".join(_plain(c) for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c in _MARKS).strip()
    sign, text = ("", text) if not (found := _SIGN.match(text)) else (found[1].replace("+", ""), text[1:])
    power = _EXCEL_POWER.fullmatch(text)
    if power and len(power[2] or "") <= int(power[3]):
        text = power[1] + (power[2] or "").ljust(int(power[3]), "0")
    elif _EXCEL_NUMBER.fullmatch(text):
        text = re.split("[.,]", text)[0]
    text = _DECIMALS.sub(lambda found: f"{found[1]}\0{found[2]}", text)
    spaced = "".join(" " if _separates(c) else c for c in text)
    spaced = _DIGITS.sub(lambda run: run[0].lstrip("0") or "0", spaced)
    words = spaced.split()
    key = "".join(
        (" " if before[-1:].isdigit() and word[:1].isdigit() else "") + word
        for before, word in zip(["", *words], words, strict=False)
    )
    return ("-" if sign else "") + key.replace("\0", ".") if key else text or name


def _plain(character: str) -> str:
    """Digits of every script as those of ASCII."""
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def _separates(character: str) -> bool:
    return character in _MARKS or unicodedata.category(character) in _BETWEEN


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
        Sentences that name spellings which were joined, and others that may be one person but were not. Unicode forms
        and spaces around a name are not noted: they look the same.
    """
    result, notes = first_spellings(names, person_key, f"taken for one {what} each")
    return result, (*notes, *alike_note(result, what))


def people_of(names: Iterable[Any], rows: Iterable[Any]) -> tuple[np.ndarray, tuple[str, ...]]:
    """As ``same_people``, with a name of its own for every row whose subject is not known.

    Parameters
    ----------
    names : sequence of str, shape (rows,)
        ``''`` where nothing is said; see ``mien.core.people.unknown.unknown_among`` for what else is not known.
    rows : sequence, shape (rows,)
        What a row is called, such as the path of its picture.
    """
    given = np.array([str(name) for name in names], dtype=object)
    found = unknown_among(given)
    unknown = np.array([name in found.sure for name in given], dtype=bool)
    own = np.array([is_own(name) for name in given], dtype=bool)
    result = given.copy()
    result[~unknown & ~own], notes = same_people(given[~unknown & ~own])
    nobody = [str(row) for row, mine in zip(rows, unknown, strict=True) if mine]
    result[unknown] = [own_person(row) for row in nobody]
    return result, (*notes, *unknown_notes(found, len(given), nobody[0] if nobody else ""))


def first_spellings(
    names: Iterable[Any], key: Callable[[str], str], verdict: str
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Every name in the first spelling that has its key, and a sentence on those that were joined, if any were."""
    given = np.array([unicodedata.normalize("NFC", str(name)).strip() for name in names], dtype=object)
    spellings: dict[str, list[str]] = {}
    for name in dict.fromkeys(given):
        spellings.setdefault(key(name) if name else "", []).append(name)
    joined = [result for result in spellings.values() if len(result) > 1]
    if not joined:
        return given, ()
    first = {name: result[0] for result in joined for name in result}
    return np.array([first.get(name, name) for name in given], dtype=object), (spellings_note(joined, verdict),)


def spellings_note(groups: Sequence[Sequence[str]], verdict: str) -> str:
    """A sentence that names spellings which belong together."""
    shown = "; ".join(" and ".join(f"'{visible(name)}'" for name in result[:4]) for result in groups[:3])
    more = f"; and {len(groups) - 3} more" if len(groups) > 3 else ""
    return (
        f"Spellings {verdict}: {shown}{more}. If they are two, give them names that differ in more than case, leading "
        "zeros, dashes, points and spaces."
    )


def known_people(names: Iterable[Any]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Every name in the first spelling of its person, ``''`` for everybody who is not known, and what has to be said.

    For those who count rows of unknown people themselves; names that ``own_person`` gave are unknown, too.
    """
    given = np.array(["" if says_nothing(v) or is_own(v) or v in ("NA", "na") else str(v) for v in names], dtype=object)
    found = unknown_among(given)
    result = np.array(["" if name in found.sure else name for name in given], dtype=object)
    result, notes = same_people(result)
    written = {name: count for name, count in found.sure.items() if name}
    if written:
        notes += (f"Who is shown is unknown in {sum(written.values())} rows, which say {listed_names(written)}.",)
    return result, (*notes, *unknown_notes(Unknown({}, found.doubtful), len(given), ""))
