"""Tables of a study with new names, without free text, dates and arrays, and in another order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from mien.cohort.release.names import OF_FILES, OF_PEOPLE, Names, has_address, has_date, has_title, is_month, is_path
from mien.cohort.release.texts import MOST_LETTERS, MOST_WORDS

SESSION = "session"
# Columns that are dates by their name, even where they are numbers.
_DATE_NAMES = re.compile(
    r"(?<![^\W_])(date|datum|birth|dob|yob|jahrgang|timestamp|time of day|clock|geburt\w*)(?![^\W_])", re.IGNORECASE
)
# Columns that say who of the staff it was.
_STAFF = re.compile(
    r"(?<![^\W_])(examiner|experimenter|interviewer|investigator|assessor|therapist|clinician|physician|doctor|"
    r"psychologist|assistant|untersucher(?:in)?|versuchsleit(?:er|ung)|therapeut(?:in)?|arzt|ärztin)(?![^\W_])",
    re.IGNORECASE,
)
# 20240501 and 202405 as numbers, with or without a point behind.
_DATE_IN_DIGITS = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])?"
# Sentences that mien writes; names and files in them are replaced.
_OF_MIEN = ("status", "reason", "quality")
# Categories have few values.
# Numbers of registers have four digits and more.
_ROW, _FEW_ROWS, _LEAST_NUMBER = "row", 3, 1000
_MOST_CATEGORIES = 50


@dataclass
class Released:
    """A table as it is passed on.

    Attributes
    ----------
    table : pa.Table
    left_out : dict of str to str
        Columns that are not in it, and why.
    """

    table: pa.Table
    left_out: dict[str, str] = field(default_factory=dict)


def released(table: pa.Table, names: Names, coarser: dict[str, dict[str, str]], keep_text: frozenset[str]) -> Released:
    """A table that can be passed on.

    Parameters
    ----------
    table : pa.Table
    names : Names
    coarser : dict of str to dict of str to str
        New values of columns by the old ones.
    keep_text : frozenset of str
        Columns of free text that are wanted; names in them are replaced all the same.
    """
    found = Released(pa.table({}))
    # What stands in tables without people are words of the results.
    of_people = any(name.casefold() in OF_PEOPLE | OF_FILES for name in table.column_names)
    who = next((name for name in table.column_names if name.casefold() in OF_PEOPLE), None)
    people = len(set(as_texts(table[who]))) if who else table.num_rows
    columns: dict[str, Any] = {}
    order: np.ndarray | None = None
    for name in table.column_names:
        word, column = name.casefold(), table[name]
        reason = _no_column(name, column) or (
            _no_measure(name, column, people) if of_people and word not in _OF_MIEN else ""
        )
        if reason and name not in keep_text:
            found.left_out[name] = reason
        elif word in OF_PEOPLE | OF_FILES:
            new = names.person if word in OF_PEOPLE else names.file
            texts = as_texts(column)
            columns[name] = np.array([new(text) for text in texts], dtype=object)
            order = columns[name] if order is None or word in OF_FILES else order
        elif word == SESSION:
            columns[name] = as_texts(column)
        elif word in coarser:
            columns[name] = np.array([coarser[word].get(text, text) for text in as_texts(column)], dtype=object)
        elif not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or _is_words(column)):
            columns[name] = column
        else:
            texts = as_texts(column)
            reason = _no_category(texts, people) if of_people and word not in _OF_MIEN else ""
            if reason and name not in keep_text:
                found.left_out[name] = reason
            else:
                columns[name] = np.array([_kept(text, names) for text in texts], dtype=object)
    if SESSION in (name.casefold() for name in columns):
        _renumber(columns, table)
    arrays = {n: c if isinstance(c, pa.ChunkedArray) else pa.array(c.tolist(), pa.string()) for n, c in columns.items()}
    result = pa.table(arrays) if arrays else pa.table({})
    # The order of rows is that of the old names.
    found.table = result.take(np.argsort(order.astype(str), kind="stable")) if order is not None else result
    return found


def as_texts(column: pa.ChunkedArray) -> np.ndarray:
    """A column as texts; ``''`` where nothing stands, whole numbers without a point."""
    values = column.to_pylist()
    return np.array([_text(value) for value in values], dtype=object)


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    return f"{value:g}" if isinstance(value, float) and value == int(value) else str(value)


def _is_words(column: pa.ChunkedArray) -> bool:
    return pa.types.is_dictionary(column.type)


def _no_column(name: str, column: pa.ChunkedArray) -> str:
    """Why a column is left out whatever stands in it."""
    kind = column.type
    if _DATE_NAMES.search(name.replace("_", " ")) or pa.types.is_temporal(kind):
        return "a date or time"
    if _STAFF.search(name.replace("_", " ")):
        return "who examined or treated people"
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return "points or other arrays"
    return ""


def _no_measure(name: str, column: pa.ChunkedArray, people: int) -> str:
    """Why a column of numbers is left out: the place in the original table, and numbers that may name people."""
    if name.casefold() == _ROW:
        return "the row in the original table"
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        return ""
    values = np.array([value for value in column.to_pylist() if value is not None and value == value], dtype=float)
    whole = len(values) >= _FEW_ROWS and bool((values == np.round(values)).all())
    if whole and all(re.fullmatch(_DATE_IN_DIGITS, f"{value:.0f}") for value in np.unique(values)):
        return "dates"
    if whole and np.abs(values).max() >= _LEAST_NUMBER and len(np.unique(values)) > 0.5 * people:
        return "whole numbers with almost as many values as people, such as those of a register"
    return ""


def _no_category(texts: np.ndarray, people: int) -> str:
    """Why a column of texts is left out; ``''`` for categories."""
    values = {text for text in texts if text}
    if any(has_date(text) or is_month(text) for text in values):
        return "dates"
    if any(has_address(text) for text in values):
        return "e-mail addresses"
    if any(has_title(text) for text in values):
        return "names of people"
    if any(is_path(text) for text in values):
        return "paths"
    if any(len(text) > MOST_LETTERS or len(text.split()) > MOST_WORDS for text in values):
        return "free text"
    if people >= _FEW_ROWS and len(values) >= people:
        return "text with a value of its own for everybody"
    if len(values) > _MOST_CATEGORIES or (len(values) > 5 and len(values) > 0.5 * len(texts)):
        return "text with almost as many values as rows"
    return ""


def _kept(text: str, names: Names) -> str:
    new = names.within(text)
    return "" if has_date(new) or is_path(new) or has_address(new) else new


def _renumber(columns: dict[str, Any], table: pa.Table) -> None:
    """Sessions that are dates or names become 1, 2, ... of each person, in their order."""
    name = next(n for n in columns if n.casefold() == SESSION)
    texts = columns[name]
    if all(re.fullmatch(r"\d{0,3}|[^\W\d_]{1,12}", text) for text in texts):
        return
    who = next((n for n in columns if n.casefold() in OF_PEOPLE), None)
    people = columns[who] if who else np.full(len(texts), "")
    numbers = np.empty(len(texts), dtype=object)
    for person in set(people):
        rows = np.flatnonzero(people == person)
        place = {text: str(i) for i, text in enumerate(sorted({texts[row] for row in rows if texts[row]}), 1)}
        numbers[rows] = [place.get(texts[row], "") for row in rows]
    columns[name] = numbers
