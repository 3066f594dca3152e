"""Fixations: where viewers looked on pictures, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.in_notebooks import InNotebooks

_NUMBERS = ("x_px", "y_px", "duration_s", "onset_s")


@dataclass(frozen=True, eq=False)
class Fixations(InNotebooks):
    """Fixations of viewers on pictures, one row each, in the order in which a viewer made them on a picture.

    Attributes
    ----------
    picture : ndarray of str, shape (rows,)
        Path or name of the picture that was looked at.
    viewer : ndarray of str, shape (rows,)
    x_px, y_px : ndarray of float64, shape (rows,)
        In pixels of the picture at full size, right and down from the outer corner of its top left pixel. What lies
        outside the picture stays where it is.
    duration_s : ndarray of float64, shape (rows,)
        NaN where unknown; may be left out.
    onset_s : ndarray of float64, shape (rows,)
        Since the picture appeared; NaN where unknown; may be left out.
    sizes : dict of str to (int, int)
        Width and height of each picture, in pixels.
    pixels_per_degree : float
        Of visual angle, on the pictures as they were shown; NaN where unknown.
    name, licence, credit : str
        Where the data come from; shown in reports.
    notes : tuple of str
        What has to be known of how they were read, in sentences.

    Examples
    --------
    >>> from mien.core.fixations import Fixations
    >>> looked = Fixations(["a.png", "a.png"], ["v1", "v1"], [10.5, 90.0], [20.0, 5.0], sizes={"a.png": (80, 60)})
    >>> looked.inside.tolist()
    [True, False]
    """

    __repr__ = brief

    picture: np.ndarray
    viewer: np.ndarray
    x_px: np.ndarray
    y_px: np.ndarray
    duration_s: np.ndarray = field(default_factory=lambda: np.zeros(0))
    onset_s: np.ndarray = field(default_factory=lambda: np.zeros(0))
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)
    pixels_per_degree: float = float("nan")
    name: str = ""
    licence: str = ""
    credit: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        rows = len(self.picture)
        for name in ("picture", "viewer"):
            column = np.array([str(value) for value in getattr(self, name)], dtype=object)
            if len(column) != rows:
                raise InputError(f"Fixations: {rows} rows, but '{name}' has {len(column)} values.")
            if (column == "").any():
                raise InputError(
                    f"Fixations: row {int(np.argmax(column == '')) + 1} has no {name}; every one needs it."
                )
            object.__setattr__(self, name, column)
        for name in _NUMBERS:
            given = getattr(self, name)
            # A column that was left out is one of unknown numbers.
            values = np.asarray(given, dtype=np.float64) if len(given) else np.full(rows, np.nan)
            if values.shape != (rows,):
                raise InputError(f"Fixations: {rows} rows, but '{name}' has shape {values.shape}.")
            object.__setattr__(self, name, values)
        for name in ("x_px", "y_px"):
            if not np.isfinite(getattr(self, name)).all():
                raise InputError(f"Fixations: '{name}' has to be finite; leave out what was not seen by the tracker.")
        if (self.duration_s < 0).any():
            raise InputError(f"Fixations: row {int(np.argmax(self.duration_s < 0)) + 1} lasts less than nothing.")
        object.__setattr__(self, "sizes", _sizes(self.sizes))
        lost = sorted(set(self.picture) - set(self.sizes))
        if lost:
            raise InputError(
                f"Fixations: the size of '{lost[0]}'{f' and {len(lost) - 1} more' if len(lost) > 1 else ''} is not "
                "known; give width and height in pixels (sizes)."
            )
        if np.isfinite(self.pixels_per_degree) and not self.pixels_per_degree > 0:
            raise InputError(f"Fixations: pixels_per_degree is above 0, but got {self.pixels_per_degree:g}.")

    def __len__(self) -> int:
        return len(self.picture)

    def __getitem__(self, rows: Any) -> Fixations:
        """Rows by slice, mask or array of indices; pictures without any stay known by their size."""
        columns = {name: getattr(self, name)[rows] for name in ("picture", "viewer", *_NUMBERS)}
        return replace(self, **columns)

    @property
    def inside(self) -> np.ndarray:
        """Mask of the fixations that lie on their picture, shape (rows,)."""
        size = np.array([self.sizes[name] for name in self.picture], dtype=np.float64).reshape(-1, 2)
        within_x = (self.x_px >= 0) & (self.x_px < size[:, 0])
        return np.asarray(within_x & (self.y_px >= 0) & (self.y_px < size[:, 1]))

    @property
    def order(self) -> np.ndarray:
        """Which fixation of its viewer on its picture each is, from 0 on, shape (rows,)."""
        seen: dict[tuple[str, str], int] = {}
        result = np.zeros(len(self), dtype=np.int64)
        for row, key in enumerate(zip(self.picture, self.viewer, strict=True)):
            result[row] = seen.get(key, 0)
            seen[key] = seen.get(key, 0) + 1
        return result


def _sizes(given: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    result = {}
    for name, size in given.items():
        width, height = (int(size[0]), int(size[1])) if len(size) == 2 else (0, 0)
        if width < 1 or height < 1:
            raise InputError(f"Fixations: the size of '{name}' is a width and a height in pixels, but got {size}.")
        result[str(name)] = (width, height)
    return result
