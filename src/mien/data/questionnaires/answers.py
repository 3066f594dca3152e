"""Answers to the items of a questionnaire as numbers, and what is wrong with them by row and column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.people.keys import people_of
from mien.core.samples import Samples
from mien.data.questionnaires.scale import ScoringKey, expanded
from mien.data.samples import read_samples, table_in
from mien.data.tables.numerals import number
from mien.data.tables.repeats import repeated_rows
from mien.data.tables.sample_columns import codes_of, renamed, without_answers
from mien.data.tables.table import SUFFIXES, FileTable, listed, read_table

OUT_OF_RANGE, TEXT, DECIMAL, MISSING, ALL_MISSING, SAME = (
    "out of range", "text", "decimal", "missing", "all missing", "same answer",
)  # fmt: skip
_WHO = ("path", "subject", "session")
# Of rows of one person and session, so many are named.
_TWICE_SAID = 5


class NoAnswersError(InputError):
    """A table has the columns of a questionnaire and not one answer in them."""


@dataclass(frozen=True)
class AnswerProblem:
    """What is wrong, or worth a look, at one place.

    Attributes
    ----------
    row : int
        As an editor or Excel counts the rows of the table.
    subject, column, kind, cell : str
        ``'out of range'``, ``'text'``, ``'decimal'`` (these count as missing), ``'missing'``, ``'all missing'`` (of the
        whole row), ``'same answer'`` (a remark on the whole row: nothing is left out).
    """

    row: int
    subject: str
    column: str
    kind: str
    cell: str


@dataclass(frozen=True, eq=False)
class ItemAnswers:
    """Answers with who gave them.

    Attributes
    ----------
    path, subject, session : ndarray of str, shape (rows,)
        ``''`` where the table does not say.
    row : ndarray of int, shape (rows,)
    values : ndarray of float64, shape (rows, items)
        NaN where missing or unusable; not turned.
    columns : tuple of str
        What the items are called in the table.
    problems : tuple of AnswerProblem
    notes : tuple of str
    """

    path: np.ndarray
    subject: np.ndarray
    session: np.ndarray
    row: np.ndarray
    values: np.ndarray
    columns: tuple[str, ...]
    problems: tuple[AnswerProblem, ...]
    notes: tuple[str, ...] = ()


def read_answers(
    samples: Samples | str | Path,
    scale: ScoringKey,
    items: str | Sequence[str] = "",
    columns: dict[str, str] | None = None,
    missing: Any = (),
) -> ItemAnswers:
    """Answers from a table or from samples; see ``mien.questionnaire``.

    Raises
    ------
    InputError
        If a column is not there, or nobody's answers are numbers.
    """
    table, notes = _table_of(samples, columns, missing)
    names = _columns_of(table, scale, items)
    rows = np.arange(len(table)) + table.first_row
    if any(table.columns[name].any() for name in _WHO if name in table.columns):
        again, repeated = repeated_rows(table)
        table = replace(table, columns={name: column[~again] for name, column in table.columns.items()})
        rows, notes = rows[~again], (*notes, *repeated)
    who = [_texts(table, name) for name in _WHO]
    if not who[1].any():
        who[1] = np.array([f"row {row}" for row in rows], dtype=object)
        close = table.close_to("subject", ("participant", "person", "id", "vp"))
        hint = f"; perhaps '{close}' is it: --columns subject={close}" if close else ""
        notes = (*notes, f"The table does not say who answered, so every row counts as a person of its own{hint}.")
    said = [name or f"row {row}" for name, row in zip(who[1], rows, strict=True)]
    # Spellings of one person are one person, as everywhere.
    who[1], spelt = people_of(said, [f"row {row}" for row in rows])
    notes = (*notes, *spelt, *_named_twice(who[1], who[0], who[2], rows))
    values = np.full((len(table), len(names)), np.nan)
    problems: list[AnswerProblem] = []
    for place, name in enumerate(names):
        values[:, place], kinds, cells = _cells(table, name, scale)
        problems += [
            AnswerProblem(int(rows[i]), str(who[1][i]), name, kinds[i], cells[i]) for i in np.flatnonzero(kinds != "")
        ]
    if not np.isfinite(values).any():
        raise NoAnswersError(
            f"{table.path}: no cell of {listed(list(names), 3)} is a whole number from {scale.low} to {scale.high}. "
            "If the answers are words or otherwise coded, code them as the scale has it; if the cells are empty, give "
            "the table that has the answers."
        )
    return ItemAnswers(who[0], who[1], who[2], rows, values, names, _by_row(problems, values, rows, who[1]), notes)


def _named_twice(subject: np.ndarray, path: np.ndarray, session: np.ndarray, rows: np.ndarray) -> tuple[str, ...]:
    """A sentence about rows of one person and session; both count, as nothing says which of them is meant."""
    first: dict[tuple[str, str], int] = {}
    notes = []
    for who, what, when, row in zip(subject, path, session, rows, strict=True):
        # Without a session, rows of one person are told apart by their recordings.
        before = first.setdefault((str(who), f"session {when}" if when else f"path {what}"), int(row))
        if before != row:
            said = f", session '{when}'" if when else ""
            notes.append(
                f"Rows {before} and {row} are both of '{who}'{said}, and both count; remove one, or give them "
                "different sessions."
            )
    more = len(notes) - _TWICE_SAID
    return (*notes[:_TWICE_SAID], *([f"{more} further rows are named twice in the same way."] if more > 0 else []))


def _table_of(samples: Any, columns: Any, missing: Any) -> tuple[FileTable, tuple[str, ...]]:
    codes = codes_of(missing)
    if isinstance(samples, (str, Path)):
        path = Path(samples)
        found = table_in(path) if path.is_dir() else path if path.suffix.lower() in SUFFIXES else None
        if found is not None:
            table = without_answers(renamed(read_table(found), columns), codes)
            return table, table.notes
        samples = read_samples(samples)
    if not isinstance(samples, Samples):
        raise InputError(f"samples is a table or Samples, but got {type(samples).__name__}.")
    if columns or codes:
        raise InputError("columns and missing say how a table is read; give them to read_samples.")
    held: dict[str, Any] = {"path": samples.path, "subject": samples.subject, **samples.labels}
    held |= {name: np.array([_shown(v) for v in values], dtype=object) for name, values in samples.ratings.items()}
    return FileTable(Path(samples.name or "samples"), held, first_row=1, skipped=samples.unread), ()


def _shown(value: float) -> str:
    return "" if value != value else f"{value:g}"


def _texts(table: FileTable, name: str) -> np.ndarray:
    also = "clip" if name == "path" and "path" not in table.columns else name
    if also not in table.columns:
        return np.full(len(table), "", dtype=object)
    return np.array([str(value).strip() for value in table.columns[also]], dtype=object)


def _columns_of(table: FileTable, scale: ScoringKey, items: str | Sequence[str]) -> tuple[str, ...]:
    """The table's columns of the items, in the scale's order; capital letters do not matter."""
    asked = expanded(items if isinstance(items, str) else ",".join(items)) if items else _known(table, scale)
    if len(asked) != len(scale.items):
        raise InputError(
            f"{scale.title} has {len(scale.items)} items, but items names {len(asked)}: {listed(list(asked), 4)}. "
            f"Write them as in 'q_{{1..{len(scale.items)}}}', or all with commas, in the order of the scale."
        )
    by_key = {name.casefold(): name for name in table.columns}
    names = tuple(by_key.get(name.casefold(), name) for name in asked)
    absent = [name for name in names if name not in table.columns]
    unread = next((name for name in absent if name in table.skipped), None)
    if unread is not None:
        raise InputError(f"{table.path}: the column '{unread}' cannot be used. {table.skipped[unread]}")
    if absent:
        hint = _likely(table, len(names)) or _close(table, absent[0])
        raise InputError(
            f"{table.path} has no column '{absent[0]}' ({len(absent)} of the {len(names)} items of {scale.title} are "
            f"not there).{hint} Its columns: {listed(list(table.columns))}."
        )
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"items: the column '{twice}' stands for two items.")
    return names


def _known(table: FileTable, scale: ScoringKey) -> tuple[str, ...]:
    """What the table calls the items, of the names that the scale knows."""
    held = {name.casefold() for name in table.columns}
    whole = [names for names in (scale.items, *scale.also) if held >= {name.casefold() for name in names}]
    if len(whole) > 1:
        raise InputError(
            f"{table.path} has the items of {scale.title} twice: from '{whole[0][0]}' and from '{whole[1][0]}' on. Say "
            f"which are meant: --items '{','.join(whole[0][:2])},...' (items=...)."
        )
    return whole[0] if whole else scale.items


def _likely(table: FileTable, count: int) -> str:
    """A hint if some numbered columns are as many as the items."""
    for name in table.columns:
        if name.endswith("1") and not name[:-1].endswith(tuple("123456789")):
            stem = name[:-1]
            first = "01" if stem.endswith("0") else "1"
            pattern = f"{stem.removesuffix('0') if first == '01' else stem}{{{first}..{count}}}"
            beyond = expanded(pattern.replace(f"..{count}", f"..{count + 1}"))
            if all(name in table.columns for name in beyond[:-1]) and beyond[-1] not in table.columns:
                return f" Perhaps these are meant: --items '{pattern}' (items='{pattern}')."
    return ""


def _close(table: FileTable, name: str) -> str:
    close = get_close_matches(name, list(table.columns), n=1, cutoff=0.7)
    return f" Did you mean '{close[0]}'? Say with --items what the items are called." if close else ""


def _cells(table: FileTable, name: str, scale: ScoringKey) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """A column's answers, what is wrong with each (``''``: nothing) and the cells as they are written."""
    cells = ["" if value is None else str(value).strip() for value in table.columns[name]]
    known: dict[str, tuple[float, str]] = {}
    for cell in set(cells):
        value, no_number = number(cell, table.decimal_comma or "," in cell)
        kind = ""
        if no_number:
            kind = TEXT
        elif value != value:
            kind = MISSING
        elif value != round(value):
            kind = DECIMAL
        elif not scale.low <= value <= scale.high:
            kind = OUT_OF_RANGE
        known[cell] = (value if not kind else float("nan"), kind)
    pairs = [known[cell] for cell in cells]
    return np.array([v for v, _ in pairs]), np.array([k for _, k in pairs], dtype=object), cells


def _by_row(
    problems: list[AnswerProblem], values: np.ndarray, rows: np.ndarray, subject: np.ndarray
) -> tuple[AnswerProblem, ...]:
    """In the order of the rows; rows without any answer are one problem, and equal answers throughout a remark."""
    none = np.isnan(values).all(1)
    empty = {int(row) for row in rows[none]}
    result = [one for one in problems if not (one.kind == MISSING and one.row in empty)]
    result += [AnswerProblem(int(rows[i]), str(subject[i]), "", ALL_MISSING, "") for i in np.flatnonzero(none)]
    complete = ~np.isnan(values).any(1)
    same = complete & (values == values[:, :1]).all(1)
    result += [
        AnswerProblem(int(rows[i]), str(subject[i]), "", SAME, f"{values[i, 0]:g}") for i in np.flatnonzero(same)
    ]
    return tuple(sorted(result, key=lambda one: one.row))
