"""What the importers share: numbered columns as arrays, rows that cannot be used, boxes of points."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import NO_FACE, OK, UNREADABLE, Faces
from mien.data.tables.table import FileTable

# The person's right and left.
_OUTER_CORNERS = {68: (36, 45), 468: (33, 263), 478: (33, 263)}
# A usual step between frames above this is one of milliseconds.
_LONGEST_STEP_S = 5.0
# Frames of so long a film are not whole seconds apart.
_MANY_SECONDS = 1000
_MERGED = re.compile(r"([xyzXYZ]_\d+|.*[^\d\]])\.x")
# What float32, which faces are kept in, can hold.
_LARGEST = float(np.finfo(np.float32).max)
# No coordinate or measure of a face comes near it.
_NO_MEASURE = 1e12
_ORIGIN = {"source", "frame", "time_s", "width_px", "height_px"}


def tidied(table: FileTable) -> FileTable:
    """The table with the names that the tool gave its columns, where R or a merge changed them.

    R writes the name ' x_0' as ``X.x_0`` and a nameless column as ``X``; merging leaves ``x_0.x`` where both tables had
    one.
    """
    columns: dict[str, np.ndarray] = {}
    for name, values in table.columns.items():
        plain = re.sub(r"^(X\.+|\.+|#\s*)(?=\w)", "", name)
        # 'lm1.x' is a coordinate and nothing that a merge left.
        merged = _MERGED.fullmatch(plain)
        plain = merged[1] if merged else plain
        columns[name if plain in table.columns or plain in columns else plain] = values
    return replace(table, columns=columns)


def stacked(table: FileTable, names: list[str]) -> np.ndarray:
    """Columns side by side, shape (rows, columns) of float64; what is no number that can be measured is NaN."""
    return sane(np.stack([table.numbers(name)[0] for name in names], axis=1))


def sane(values: np.ndarray) -> np.ndarray:
    """Numbers that can be coordinates or measures of a face; the others NaN."""
    return np.where(np.abs(values) < _NO_MEASURE, values, np.nan)


def numbered(table: FileTable, prefix: str, count: int) -> np.ndarray:
    """Columns ``prefix0`` to ``prefix{count - 1}``, shape (rows, count)."""
    return stacked(table, [f"{prefix}{i}" for i in range(count)])


def count_of(table: FileTable, prefix: str) -> int:
    """Number of columns ``prefix0``, ``prefix1``, ... without a gap."""
    count = 0
    while f"{prefix}{count}" in table.columns:
        count += 1
    return count


def is_empty(points: np.ndarray) -> np.ndarray:
    """Rows of points, shape (rows, points, 2 or 3), without a face: NaN throughout, or zeros as some programs write."""
    xy = points[..., :2]
    result: np.ndarray = np.isnan(xy).all(axis=(1, 2)) | (xy == 0).all(axis=(1, 2))
    return result


def box_of(points: np.ndarray) -> np.ndarray:
    """Box around each row's points (x, y, width, height), shape (rows, 4); NaN where a point is NaN."""
    low, high = points[..., :2].min(axis=1), points[..., :2].max(axis=1)
    return np.concatenate([low, high - low], axis=1)


def roll_of(points: np.ndarray) -> np.ndarray:
    """Slope of the line through the outer corners of the eyes, degrees, + clockwise as seen; shape (rows,)."""
    right, left = _OUTER_CORNERS[points.shape[1]]
    x, y = (points[:, left, :2] - points[:, right, :2]).T
    return np.degrees(np.arctan2(y, x))


def reasons(required: dict[str, np.ndarray], rows: int) -> np.ndarray:
    """For each row which of the required values is not a finite number, in words; '' where all are."""
    result = np.full(rows, "", dtype=object)
    for name, values in required.items():
        bad = ~(np.abs(values) <= _LARGEST).all(axis=tuple(range(1, values.ndim)))
        for row in np.flatnonzero(bad):
            result[row] += f"{', ' if result[row] else ''}{name}"
    return np.array([f"not a number: {r}" if r else "" for r in result], dtype=object)


def assemble(
    topology: str,
    columns: dict[str, np.ndarray],
    *,
    reason: np.ndarray,
    no_face: np.ndarray,
    extra: dict[str, np.ndarray] | None = None,
) -> Faces:
    """Faces whose unreadable rows and rows without a face have no measures.

    Parameters
    ----------
    topology : str
    columns : dict of str to ndarray
        As in ``Faces.build``; measures of unusable rows are blanked, what says where a row comes from stays.
    reason : ndarray of str, shape (rows,)
        Why a row cannot be used; '' where it can.
    no_face : ndarray of bool, shape (rows,)
        Rows in which the tool found no face; they count as such even where numbers are missing.
    extra : dict of str to ndarray
    """
    rows = len(reason)
    status = np.where(no_face, NO_FACE, np.where(reason != "", UNREADABLE, OK)).astype(object)
    unusable = status != OK
    built = dict(columns)
    for name in columns.keys() - _ORIGIN:
        built[name] = np.where(unusable, -1, columns[name]) if name == "track" else _measured(columns[name], unusable)
    blanked = {name: _measured(values, unusable) for name, values in (extra or {}).items()}
    built["time_s"] = np.nan_to_num(columns["time_s"])
    return Faces.build(
        rows,
        topology=topology,
        extra=blanked,
        status=status,
        reason=np.where(status == UNREADABLE, reason, "").astype(object),
        **built,
    )


def seconds(name: str, values: np.ndarray) -> np.ndarray:
    """Times in seconds; they are milliseconds where the column's name or the steps between frames say so."""
    steps = np.abs(np.diff(values))
    usual = float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0
    known = values[np.isfinite(values)]
    # Several sensors in one table (iMotions) follow each other by few milliseconds.
    close = usual >= 2 and bool((known == np.round(known)).all()) and float(known.max()) > _MANY_SECONDS
    return values / 1000 if name.lower().endswith("ms") or usual > _LONGEST_STEP_S or close else values


def _measured(values: np.ndarray, unusable: np.ndarray) -> np.ndarray:
    """Numbers as float32, NaN in unusable rows and where they are too large for that."""
    wide = np.asarray(values, dtype=np.float64)
    good = (np.abs(wide) <= _LARGEST) & ~unusable.reshape(-1, *[1] * (wide.ndim - 1))
    return np.where(good, wide, np.nan).astype(np.float32)


def whole(values: np.ndarray, fallback: np.ndarray) -> np.ndarray:
    """Whole numbers; where there is none, the fallback."""
    return np.where(np.isfinite(values), values, fallback).astype(np.int64)


def size_columns(size_px: Any, rows: int) -> dict[str, np.ndarray]:
    """Columns ``width_px`` and ``height_px`` from one (width, height) or one per row; 0 where unknown.

    Raises
    ------
    InputError
        If the sizes are not positive or do not fit the rows.
    """
    if size_px is None:
        return {"width_px": np.zeros(rows, dtype=np.int64), "height_px": np.zeros(rows, dtype=np.int64)}
    size = np.asarray(size_px, dtype=np.float64)
    if size.shape not in ((2,), (rows, 2)) or not (size > 0).all():
        raise InputError(f"size_px is (width, height) of the picture in px, or one pair per row; got {size_px!r}.")
    size = np.broadcast_to(size, (rows, 2)).astype(np.int64)
    return {"width_px": size[:, 0], "height_px": size[:, 1]}
