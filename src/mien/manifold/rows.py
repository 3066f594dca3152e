"""What is mapped, from whatever the caller has: a table, an array, features, evidence or samples with ratings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.features import Features
from mien.core.people.keys import known_people
from mien.core.samples import Samples


@dataclass(frozen=True, eq=False)
class Points:
    """Rows to be mapped.

    Attributes
    ----------
    values : ndarray of float64, shape (samples, columns)
    names : tuple of str
        Of the columns; ``()`` where they have none.
    ids : ndarray of str, shape (samples,)
    subjects : ndarray of str, shape (samples,)
        ``''`` where unknown; spellings of one name joined.
    kept : ndarray of int
        Which of the given rows these are: rows with values that are not finite are left out.
    given : int
        Number of rows that were given.
    notes : tuple of str
        What has to be said of the subjects, in sentences.
    """

    values: np.ndarray
    names: tuple[str, ...]
    ids: np.ndarray
    subjects: np.ndarray
    kept: np.ndarray
    given: int
    notes: tuple[str, ...] = ()


def points_of(x: Any, *, subjects: Any = None, ids: Any = None) -> Points:
    """Points from an array (samples, ...), a DataFrame, ``Features``, ``Evidence`` or ``Samples`` with ratings.

    Raises
    ------
    InputError
        If nothing numeric is found, or fewer than five rows are finite.
    """
    names: tuple[str, ...] = ()
    people, known = subjects, None
    if isinstance(x, Samples):
        if not x.ratings:
            raise InputError(f"{x.name or 'The samples'} have no ratings to map; give predictions or features instead.")
        names, known = tuple(x.ratings), x.path
        people = x.subject if subjects is None else subjects
        array = np.stack([np.asarray(x.ratings[name], dtype=np.float64) for name in names], axis=1)
    elif isinstance(x, Evidence):
        array, known = x.values, x.sample
        people = x.subject if subjects is None else subjects
        names = x.names if x.values.ndim == 2 else ()
    elif isinstance(x, Features):
        array, names = x.values, x.names if x.values.ndim == 2 else ()
    elif hasattr(x, "select_dtypes"):
        numeric = x.select_dtypes("number")
        if not numeric.shape[1]:
            raise InputError(f"The table has no column of numbers; its columns are {', '.join(map(str, x.columns))}.")
        array, names, known = numeric.to_numpy(np.float64), tuple(map(str, numeric.columns)), x.index
    else:
        try:
            array = np.asarray(x, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InputError(f"What is mapped is an array of numbers, a table, features, evidence or samples, but "
                             f"got {type(x).__name__} ({error}).") from error  # fmt: skip
    if array.ndim < 2 or not array[:1].size:
        raise InputError(f"What is mapped has rows and columns, but got an array of shape {array.shape}.")
    ids = known if ids is None else ids
    flat = array.reshape(len(array), -1).astype(np.float64)
    kept = np.flatnonzero(np.isfinite(flat).all(axis=1))
    if len(kept) < 5:
        raise InputError(
            f"A map needs at least 5 rows whose values are all known and finite, but got {len(kept)} of {len(flat)}."
        )
    who, notes = _people(_column("subjects", [""] * len(flat) if people is None else people, len(flat))[kept])
    return Points(
        flat[kept],
        names,
        _column("ids", np.arange(len(flat)) if ids is None else ids, len(flat))[kept],
        who,
        kept,
        len(flat),
        notes,
    )


def _people(given: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """One name per person, ``''`` where a name says that nobody knows, and notes."""
    names, notes = known_people(given)
    unknown = int((names == "").sum())
    if 0 < unknown < len(names):
        several = len(set(names[names != ""])) < len(names) - unknown
        out = ", and none is in the tests of attributes, where it could count somebody twice" if several else ""
        notes = (
            f"Who is shown is unknown in {unknown} of {len(names)} rows; each counts as a person of its own{out}.",
            *notes,
        )
    return names, notes


def own_people(subjects: np.ndarray) -> np.ndarray:
    """The subjects, with a name of its own for every row of nobody known; shape (rows,).

    Parameters
    ----------
    subjects : ndarray of str, shape (rows,)
        ``''`` where unknown.
    """
    return np.array([str(name) or f"\0{row}" for row, name in enumerate(subjects)], dtype=object)


def new_rows(x: Any, names: tuple[str, ...], columns: int) -> np.ndarray:
    """Rows to be placed on a map of ``columns`` columns, shape (rows, columns).

    Parameters
    ----------
    x : array, DataFrame, Features, Evidence or Samples
        As for ``points_of``. Of a table and of samples' ratings the columns are taken by name, where the map's columns
        have names.
    names : tuple of str
        Of the map's columns.
    columns : int

    Raises
    ------
    InputError
        If the rows are not numbers, have other columns, or values that are not finite.
    """
    if isinstance(x, Samples):
        x = _by_name(x.ratings, names, "rating")
    elif hasattr(x, "select_dtypes") and names:
        x = _by_name({str(name): x[name] for name in x.columns}, names, "column")
    elif isinstance(x, (Evidence, Features)):
        x = x.values
    try:
        array = np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"New rows must be numbers, {columns} per row as in the map's own ({error}).") from error
    if array.ndim < 2 and array.shape != (0,):
        hint = "; give a single row as one of a list, [row]" if array.shape == (columns,) else ""
        raise InputError(
            f"New rows must have the shape (rows, {columns}), but got an array of shape {array.shape}{hint}."
        )
    flat = array.reshape(len(array), int(np.prod(array.shape[1:])) if array.ndim > 1 else columns)
    if flat.shape[1] != columns:
        raise InputError(f"New rows must have {columns} columns, as the map's own rows, but got {flat.shape[1]}.")
    wrong = np.flatnonzero(~np.isfinite(flat).all(axis=1))
    if len(wrong):
        raise InputError(
            f"New row {wrong[0]} (counted from 0) has a value that is missing or not finite; leave it out."
        )
    return flat


def _by_name(columns: Any, names: tuple[str, ...], what: str) -> np.ndarray:
    missing = [name for name in names if name not in columns]
    if missing:
        raise InputError(f"New rows have no {what} '{missing[0]}', which the map was made of.")
    try:
        return np.stack([np.asarray(columns[name], dtype=np.float64) for name in names], axis=1)
    except (TypeError, ValueError) as error:
        raise InputError(f"New rows must have numbers in every {what} that the map was made of ({error}).") from error


def _column(name: str, given: Any, rows: int) -> np.ndarray:
    column = np.array([str(v) for v in given], dtype=object)
    if len(column) != rows:
        raise InputError(f"'{name}' has one entry per row, but got {len(column)} for {rows} rows.")
    return column


def scaled(values: np.ndarray, scale: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values centred and, if wanted, in standard deviations, with centre and spread for new points."""
    centre = values.mean(axis=0)
    spread = values.std(axis=0) if scale else np.ones(values.shape[1])
    spread = np.where(spread > 0, spread, 1.0)
    return (values - centre) / spread, centre, spread
