"""Tables time x parcel, as other tools write them: a row per volume, a column per parcel."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mien.core.brain_space import BrainSpace
from mien.core.errors import InputError
from mien.core.streams import SAMPLED, Stream
from mien.data.streams.parcels import label_table
from mien.data.tables.numerals import MISSING
from mien.data.tables.table import FileTable, read_table

_TIME, _RUN, _VIEWER = "time_s", "run", "viewer"


def read_parcel_tables(
    paths: Sequence[Path],
    runs: Sequence[str],
    viewers: Sequence[str],
    repetition_s: float | None,
    centres: Path | None,
    name: str,
) -> Stream:
    """Tables of one run each, or with columns ``run`` and ``viewer`` that say which each row is of.

    Parameters
    ----------
    paths : sequence of Path
    runs, viewers : sequence of str
        Of each file, where it has no such column.
    repetition_s : float or None
        Seconds from row to row; not needed where there is a column ``time_s`` (since the start of the run).
    centres : Path or None
        Table with the columns ``name``, ``x``, ``y``, ``z``: the parcels' centres in mm.
    name : str
        Of the stream.

    Raises
    ------
    InputError
        If columns differ, a cell is no number, or nothing says when rows were measured.
    """
    parts = [_part(path, run, who, repetition_s) for path, run, who in zip(paths, runs, viewers, strict=True)]
    columns = parts[0][0]
    for path, part in zip(paths, parts, strict=True):
        if part[0] != columns:
            odd = sorted(set(part[0]) ^ set(columns))
            what = f"'{odd[0]}' is in one of them only" if odd else "they stand in another order"
            raise InputError(f"{path} has other columns than {paths[0]} ({what}); the parcels have to be the same.")
    time_s, values, run, viewer = (np.concatenate([part[i] for part in parts]) for i in range(1, 5))
    space = BrainSpace(np.array(columns, dtype=object), centres_mm=_centres(centres, columns))
    duration = np.full(len(time_s), repetition_s) if repetition_s is not None else np.zeros(0)
    return Stream(name, SAMPLED, time_s, columns, values, duration_s=duration, run=run, viewer=viewer, space=space)


def _part(
    path: Path, run: str, viewer: str, repetition_s: float | None
) -> tuple[tuple[str, ...], np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    table = read_table(path, numbers=True)
    of_run, of_viewer = (_texts(table, what, given) for what, given in ((_RUN, run), (_VIEWER, viewer)))
    columns = tuple(column for column in table.columns if column not in (_TIME, _RUN, _VIEWER))
    if not columns:
        raise InputError(f"{path} has no column of a parcel; a table time x parcel has one for each.")
    values = np.column_stack([_numbers(table, column) for column in columns])
    if _TIME in table.columns:
        time_s = _numbers(table, _TIME)
        if np.isnan(time_s).any():
            raise InputError(f"{path}, row {int(np.argmax(np.isnan(time_s))) + table.first_row}: '{_TIME}' is empty.")
        return columns, time_s, values, of_run, of_viewer
    if repetition_s is None:
        raise InputError(
            f"{path} does not say when its rows were measured: add a column '{_TIME}' (seconds since the start of the "
            "run), or give the seconds from row to row (repetition_s)."
        )
    time_s = np.zeros(len(table))
    for key in dict.fromkeys(zip(of_run, of_viewer, strict=True)):
        rows = (of_run == key[0]) & (of_viewer == key[1])
        time_s[rows] = np.arange(rows.sum()) * repetition_s
    return columns, time_s, values, of_run, of_viewer


def _texts(table: FileTable, column: str, otherwise: str) -> np.ndarray:
    """A column of words; of numbers as people write them."""
    cells = table.columns[column].tolist() if column in table.columns else [otherwise] * len(table)
    return np.array([f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in cells], dtype=object)


def _numbers(table: FileTable, column: str) -> np.ndarray:
    values, bad = table.numbers(column)
    if bad.any():
        row = int(np.argmax(bad))
        cell = str(table.columns[column][row])
        raise InputError(
            f"{table.path}, row {row + table.first_row}: '{column}' holds '{cell}', which is no number. Columns of a "
            f"table time x parcel are numbers ({', '.join(sorted(filter(None, MISSING))[:3])} where missing), beside "
            f"'{_TIME}', '{_RUN}' and '{_VIEWER}'."
        )
    return values


def _centres(path: Path | None, columns: tuple[str, ...]) -> np.ndarray:
    if path is None:
        return np.full((len(columns), 3), np.nan)
    table, _, name = label_table(path)
    called = [str(cell) for cell in table.need(name, "what each parcel is called")]
    axes = []
    for axis in "xyz":
        table.need(axis, "where the centre of each parcel is, in mm")
        axes.append(_numbers(table, axis))
    places = dict(zip(called, np.column_stack(axes), strict=True))
    if not set(places) & set(columns):
        raise InputError(f"{path}: none of its names is a column of the table, such as '{columns[0]}'.")
    return np.stack([places.get(column, np.full(3, np.nan)) for column in columns])
