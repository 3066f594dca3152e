"""Dissimilarities out of files: a square with names, or a row for each pair (and person)."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.core.dissimilarities import Dissimilarities
from mien.core.errors import InputError
from mien.core.labels import label_key
from mien.data.tables.table import SUFFIXES, FileTable, listed, read_table

# Names of the columns of a table of pairs.
_FIRST = ("a", "first", "one", "stimulus_1", "stimulus 1", "item1", "item 1", "picture_1")
_SECOND = ("b", "second", "other", "stimulus_2", "stimulus 2", "item2", "item 2", "picture_2")
_UNLIKE = ("dissimilarity", "distance", "unlike")
_ALIKE = ("similarity", "alike")
# A square whose diagonal lies above so many of its other values holds similarities (noise can lift a few above it).
_MOST_ALIKE = 0.9
_WHO = ("subject", "participant", "rater", "person", "run")


def read_dissimilarities(path: str | Path, *, similarities: bool = False) -> Dissimilarities:
    """Read judgements or a brain's dissimilarities.

    Parameters
    ----------
    path : str or Path
        A table (CSV, TSV, Excel, Parquet): either a square, whose first column and other columns' names say which
        pictures (or categories) these are; or a row for each pair with columns ``a``, ``b``, ``dissimilarity`` (or
        ``similarity``) and perhaps ``subject``. Or a folder with one square for each person.
    similarities : bool
        Squares hold similarities: they are taken from the largest one. A table of pairs says so by its column's name.

    Returns
    -------
    Dissimilarities

    Raises
    ------
    InputError
        If names stand twice or rows and columns name other things, a value is no number, or a square looks as if it
        held similarities; the sentence says which and what to do.
    """
    path = Path(path)
    if path.is_dir():
        return _people(path, similarities)
    table = read_table(path)
    long = {kind: _column(table, names) for kind, names in (("a", _FIRST), ("b", _SECOND), ("who", _WHO))}
    apart, alike = _column(table, _UNLIKE), _column(table, _ALIKE)
    if long["a"] and long["b"] and (apart or alike):
        return _pairs(table, long["a"], long["b"], apart or alike, long["who"], alike=not apart)
    return _square(table, similarities)


def _column(table: FileTable, names: tuple[str, ...]) -> str:
    return next((column for column in table.columns if label_key(column) in {label_key(n) for n in names}), "")


def _people(folder: Path, similarities: bool) -> Dissimilarities:
    files = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not files:
        raise InputError(f"{folder} holds no table; a folder of judgements holds one square table for each person.")
    read = [_square(read_table(path), similarities) for path in files]
    first = read[0]
    values = []
    for path, one in zip(files, read, strict=True):
        if set(one.names) != set(first.names):
            odd = sorted(set(one.names) ^ set(first.names))
            raise InputError(
                f"{path}: every person's table names the same pictures, but {listed(odd, 5)} "
                f"{'is' if len(odd) == 1 else 'are'} not in both this one and {files[0].name}."
            )
        values.append(one.of_names([one.names.index(name) for name in first.names])[0])
    notes = tuple(dict.fromkeys(f"{p.name}: {note}" for p, one in zip(files, read, strict=True) for note in one.notes))
    return Dissimilarities(first.names, np.stack(values), tuple(p.stem for p in files), "subject", "judged", notes)


def _square(table: FileTable, similarities: bool) -> Dissimilarities:
    where = table.path
    columns = list(table.columns)
    if len(columns) < 3:
        raise InputError(
            f"{where}: dissimilarities are a square with names in the first row and column, or a row for each pair "
            f"with the columns a, b and dissimilarity; these columns are {listed(columns)}."
        )
    rows, names = [str(v).strip() for v in table.columns[columns[0]]], [name.strip() for name in columns[1:]]
    if len(rows) != len(names):
        raise InputError(
            f"{where}: a square of dissimilarities has as many rows as columns of numbers, but has {len(rows)} rows "
            f"and {len(names)} columns; the first column holds the names."
        )
    for kind, found in (("rows", rows), ("columns", names)):
        twice = [name for name in dict.fromkeys(found) if found.count(name) > 1]
        if twice:
            raise InputError(f"{where}: {listed(twice, 5)} stands twice among the {kind}; each has a name of its own.")
    if set(rows) != set(names):
        odd = [name for name in [*rows, *names] if (name in rows) != (name in names)]
        raise InputError(f"{where}: rows and columns have the same names, but {listed(odd, 5)} is only in one of them.")
    values = np.stack([_numbers(table, column) for column in columns[1:]], axis=1)
    values = values[:, [names.index(name) for name in rows]]
    notes: list[str] = []
    diagonal, off = np.diag(values), values[~np.eye(len(rows), dtype=bool)]
    known, rest = diagonal[np.isfinite(diagonal)], off[np.isfinite(off)]
    if not len(rest):
        raise InputError(f"{where}: there is no number in it beside the diagonal.")
    if similarities:
        values = max(float(rest.max()), float(known.max()) if len(known) else -np.inf) - values
        notes.append("Similarities were taken from the largest one.")
    elif len(known) and np.median(known) > np.quantile(rest, _MOST_ALIKE) and known.min() > rest.min():
        raise InputError(
            f"{where}: the diagonal holds the largest values (from {known.min():g} on; {_MOST_ALIKE:.0%} of the others "
            f"are below {np.quantile(rest, _MOST_ALIKE):g}), so these look like similarities. Say so "
            "(similarities=True, on the command line --similarities), and they are taken from the largest one."
        )
    elif len(known) and np.abs(known).max() > 1e-9:
        notes.append("The diagonal is not zero; what a picture differs from itself is not used.")
    values, more = _symmetric(values)
    notes += more
    np.fill_diagonal(values, 0.0)
    return _checked(where, tuple(rows), values[None], ("",), notes)


def _numbers(table: FileTable, column: str) -> np.ndarray:
    """A column of numbers; what is none is refused, empty cells are not."""
    values, bad = table.numbers(column)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise InputError(
            f"{table.path}, row {row + table.first_row}, column '{column}': a dissimilarity is a number, but got "
            f"'{table.columns[column][row]}'. Leave the cell empty where nobody said anything."
        )
    return values


def _symmetric(values: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """Mean of both triangles, the known one where the other is empty."""
    both = np.isfinite(values) & np.isfinite(values.T)
    apart = np.abs(np.where(both, values - values.T, 0.0)).max()
    most = np.abs(values[np.isfinite(values)]).max()
    result = np.where(both, (values + values.T) / 2, np.where(np.isfinite(values), values, values.T))
    if apart > 1e-9 * max(most, 1e-12):
        return result, [
            f"The square is not symmetric (up to {apart:g} between a cell and its mirror image); the mean of both was "
            "taken."
        ]
    return result, []


def _pairs(table: FileTable, a: str, b: str, value: str, who: str, *, alike: bool) -> Dissimilarities:
    where = table.path
    first, second = ([str(v).strip() for v in table.columns[c]] for c in (a, b))
    number = _numbers(table, value)
    if not np.isfinite(number).any():
        raise InputError(f"{where}: the column '{value}' holds no number.")
    person = [str(v).strip() for v in table.columns[who]] if who else [""] * len(first)
    for row, (one, other) in enumerate(zip(first, second, strict=True)):
        if not one or not other:
            raise InputError(f"{where}, row {row + table.first_row}: a pair names two pictures, but one is empty.")
    names, people = tuple(dict.fromkeys([*first, *second])), tuple(dict.fromkeys(person))
    place, of_person = {n: i for i, n in enumerate(names)}, {p: i for i, p in enumerate(people)}
    notes = []
    if alike:
        number = np.nanmax(number) - number
        notes.append("Similarities were taken from the largest one.")
    total, count = (np.zeros((len(people), len(names), len(names))) for _ in range(2))
    for one, other, whose, said in zip(first, second, person, number, strict=True):
        if one != other and np.isfinite(said):
            cell = of_person[whose], place[one], place[other]
            for i, j in ((cell[1], cell[2]), (cell[2], cell[1])):
                total[cell[0], i, j] += said
                count[cell[0], i, j] += 1
    if (count > 1).any():
        notes.append("Pairs that stand several times (also the other way round) count with their mean.")
    with np.errstate(invalid="ignore", divide="ignore"):
        values = total / count
    values[:, np.arange(len(names)), np.arange(len(names))] = 0.0
    return _checked(where, names, values, people, notes, label_key(who) or "subject")


def _checked(
    where: Path, names: tuple[str, ...], values: np.ndarray, people: tuple[str, ...], notes: list[str],
    unit: str = "subject",
) -> Dissimilarities:  # fmt: skip
    """With a note on empty cells; names of which nobody said anything are refused."""
    off = ~np.eye(len(names), dtype=bool)
    nothing = [name for name, row in zip(names, (np.isfinite(values) & off).any(axis=(0, 2)), strict=True) if not row]
    if nothing:
        raise InputError(f"{where}: there is no dissimilarity of {listed(nothing, 5)} to anything; leave it out.")
    empty = int((~np.isfinite(values) & off).sum()) // 2
    if empty:
        pairs = len(names) * (len(names) - 1) // 2 * len(people)
        notes.append(f"{empty} of {pairs} pairs have no value; they are left out.")
    return Dissimilarities(names, values, people, unit, "judged", tuple(notes))
