"""Conditions whose dissimilarities are compared, pictures or categories, and which row of a given matrix each is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np

from mien.core.dissimilarities import Dissimilarities
from mien.core.errors import InputError
from mien.core.labels import label_key
from mien.core.samples import Samples
from mien.data.tables.table import listed

BY = ("picture", "category")
CATEGORY = "category"


@dataclass(frozen=True, eq=False)
class Conditions:
    """What the rows and columns of a matrix stand for.

    Attributes
    ----------
    by : str
        ``'picture'`` or ``'category'``.
    names : tuple of str
        Paths, or categories.
    rows : tuple of ndarray of int
        The samples of each.
    sources : ndarray of str, shape (conditions,)
        What is drawn or exchanged as a whole: the person or object shown; of categories each is its own.
    columns : dict of str to ndarray of str, shape (conditions,)
        Labels of the samples; of categories those that are the same in all pictures of each.
    """

    by: str
    names: tuple[str, ...]
    rows: tuple[np.ndarray, ...]
    sources: np.ndarray
    columns: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.names)

    def means(self, values: np.ndarray) -> np.ndarray:
        """Answers of each condition, shape (conditions, features)."""
        if all(len(rows) == 1 for rows in self.rows):
            part: np.ndarray = values[np.concatenate(self.rows)]
            return part
        return np.stack([values[rows].mean(axis=0) for rows in self.rows])


def conditions_of(samples: Samples, by: str) -> Conditions:
    """The conditions of pictures that all networks answered.

    Parameters
    ----------
    samples : Samples
    by : str

    Returns
    -------
    Conditions
        Categories in the order of their first pictures, without pictures that have none.

    Raises
    ------
    InputError
        If there is no column ``category`` where categories are asked for.
    """
    if by not in BY:
        raise InputError(f"Dissimilarities are taken by {' or '.join(BY)}, not by '{by}'.")
    if by == "picture":
        each = tuple(np.array([row]) for row in range(len(samples)))
        labels = {name: np.asarray(values) for name, values in samples.labels.items()}
        return Conditions(by, tuple(str(p) for p in samples.path), each, np.asarray(samples.subject), labels)
    category = samples.target(CATEGORY)
    names = tuple(dict.fromkeys(str(name) for name in category if name))
    rows = tuple(np.flatnonzero(category == name) for name in names)
    columns = {}
    for column, values in samples.labels.items():
        if all(len(set(values[part])) == 1 for part in rows):
            columns[column] = np.array([values[part[0]] for part in rows], dtype=object)
    return Conditions(by, names, rows, np.array([f"category {i}" for i in range(len(names))], dtype=object), columns)


def without_conditions(conditions: Conditions, kept: np.ndarray) -> Conditions:
    """Some of them, shape of ``kept`` (conditions,), bool."""
    where = np.flatnonzero(kept)
    return Conditions(
        conditions.by, tuple(conditions.names[i] for i in where), tuple(conditions.rows[i] for i in where),
        conditions.sources[where], {name: values[where] for name, values in conditions.columns.items()},
    )  # fmt: skip


def placed(
    given: Dissimilarities, conditions: Conditions, name: str
) -> tuple[np.ndarray, np.ndarray | None, list[str]]:
    """A given matrix in the order of the conditions.

    Parameters
    ----------
    given : Dissimilarities
        Its names are paths, names of files with or without their ending, or categories.
    conditions : Conditions
    name : str
        What sentences call it.

    Returns
    -------
    values : ndarray, shape (sources, conditions, conditions)
        NaN for conditions that it does not name.
    halves : ndarray, shape (splits, 2, conditions, conditions), or None
    notes : list of str

    Raises
    ------
    InputError
        If a row of it is no condition, or two are the same one.
    """
    row_of = _rows_of(conditions)
    found = [row_of.get(_key(n)) if conditions.by == "picture" else row_of.get(label_key(n)) for n in given.names]
    lost = [n for n, row in zip(given.names, found, strict=True) if row is None]
    notes: list[str] = []
    if lost:
        _check_lost(lost, given, conditions, name)
    if lost:
        notes.append(f"{name}: no picture shows {listed(lost, 8)}; left out.")
    where = [row for row in found if row is not None]
    if len(set(where)) < len(where):
        twice = next(row for row in where if where.count(row) > 1)
        both = [n for n, row in zip(given.names, found, strict=True) if row == twice]
        raise InputError(f"{name}: {listed(both)} are rows of one {conditions.by}, '{conditions.names[twice]}'.")
    rows, here = [i for i, row in enumerate(found) if row is not None], np.array(where, dtype=np.intp)

    def moved(values: np.ndarray) -> np.ndarray:
        result = np.full((*values.shape[:-2], len(conditions), len(conditions)), np.nan)
        result[..., here[:, None], here[None]] = values[..., np.array(rows)[:, None], np.array(rows)[None]]
        return result

    missing = len(conditions) - len(where)
    if missing:
        kind = "pictures" if conditions.by == "picture" else "categories"
        notes.append(f"{name}: it says nothing of {missing} of {len(conditions)} {kind}; compared over the others.")
    return moved(given.values), None if given.halves is None else moved(given.halves), notes


def _key(name: str) -> str:
    return name.strip().replace("\\", "/").removeprefix("./")


def _rows_of(conditions: Conditions) -> dict[str, int]:
    """Row of each name that says which condition is meant: of pictures path, end of the path, file, and stem."""
    if conditions.by == "category":
        return {label_key(name): row for row, name in enumerate(conditions.names)}
    found: dict[str, list[int]] = {}
    for row, name in enumerate(conditions.names):
        path = PurePosixPath(_key(name))
        ends = ["/".join(path.parts[-i:]) for i in range(1, len(path.parts) + 1)]
        for spelling in {*ends, *(str(PurePosixPath(end).with_suffix("")) for end in ends if PurePosixPath(end).name)}:
            found.setdefault(spelling, []).append(row)
    whole = {_key(name): row for row, name in enumerate(conditions.names)}
    return {name: rows[0] for name, rows in found.items() if len(rows) == 1} | whole


def _check_lost(lost: list[str], given: Dissimilarities, conditions: Conditions, name: str) -> None:
    """Refuse names that match nothing, unless nobody can change them and others match."""
    of_category = conditions.by == CATEGORY
    known = set() if of_category else {label_key(str(one)) for one in conditions.columns.get(CATEGORY, ())}
    # 'cat' may be the name of a picture, too.
    if sum(label_key(n) in known for n in given.names) > len(given.names) - len(lost):
        raise InputError(
            f"{name}: its rows, such as {listed([n for n in given.names if label_key(n) in known], 3)}, are "
            "categories, not pictures; compare by category (by='category', on the command line --by category)."
        )
    if given.known_set and len(lost) < len(given.names):
        return
    many = f"{name}: {len(lost)} of {len(given.names)} rows match no"
    if of_category:
        raise InputError(
            f"{many} category: {listed(lost, 5)}. The categories are {listed(list(conditions.names))}; leave the "
            "others out of the table."
        )
    raise InputError(
        f"{many} picture, or several: {listed(lost, 5)}. Rows are named by the pictures' paths or file names, such as "
        f"{listed(list(conditions.names), 3)}; leave the others out of the table."
    )
