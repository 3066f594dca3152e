"""Fixations of a picture in rows of viewers, as the metrics take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.compare.gaze.grids import Grid, grid_of
from mien.core.fixations import Fixations

# What became of a picture.
OK, NO_FIXATIONS, ONE_VIEWER = "ok", "no fixations", "one viewer"


@dataclass(frozen=True, eq=False)
class Looked:
    """One picture and who looked at it.

    Attributes
    ----------
    name : str
    grid : Grid
    viewers : ndarray of int, shape (viewers,)
        Numbers of those with fixations on the picture, among all.
    x_px, y_px : ndarray, shape (viewers, most)
    counted : ndarray of bool, shape (viewers, most)
        False behind a viewer's last fixation.
    at : ndarray of int, shape (viewers, most)
        Cells; -1 behind the last.
    smooth : ndarray, shape (viewers, cells)
        Each viewer's fixations, smoothed by the Gaussian; not yet a distribution.
    sigma_px : float
        Standard deviation of the Gaussian.
    outside, first : int
        Fixations that do not count because they lie outside the picture, or are a viewer's first.
    weight : ndarray, shape (viewers, most), or None
        Seconds of each fixation, where they count by their time; 0 behind the last.
    """

    name: str
    grid: Grid
    viewers: np.ndarray
    x_px: np.ndarray
    y_px: np.ndarray
    counted: np.ndarray
    at: np.ndarray
    smooth: np.ndarray
    sigma_px: float
    outside: int
    first: int
    weight: np.ndarray | None = None

    @property
    def status(self) -> str:
        """Whether the picture can be used: there is nobody to compare a single viewer with."""
        return NO_FIXATIONS if not len(self.viewers) else ONE_VIEWER if len(self.viewers) == 1 else OK


def looked_at(
    fixations: Fixations,
    names: Sequence[str],
    *,
    cells: int,
    sigma_px: Sequence[float],
    with_first: bool = False,
    by_time: bool = False,
) -> tuple[list[Looked], tuple[str, ...]]:
    """Every picture with its viewers, and the names of all viewers.

    Parameters
    ----------
    fixations : Fixations
    names : sequence of str
        The pictures, in the order of the result.
    cells : int
        Along the longer side of each picture.
    sigma_px : sequence of float
        Of the Gaussian that makes a density of fixations on each picture.
    with_first : bool
        Whether a viewer's first fixation on a picture counts, too.
    by_time : bool
        Whether fixations count by how long they last, as in the windows of a film's frames.
    """
    people, viewer = np.unique(fixations.viewer.astype(str), return_inverse=True)
    inside, first = fixations.inside, fixations.order == 0
    number = {name: i for i, name in enumerate(names)}
    of = np.array([number.get(name, -1) for name in fixations.picture], dtype=np.int64)
    order = np.argsort(of, kind="stable")
    ends = np.searchsorted(of[order], np.arange(len(names) + 1))
    result = []
    for i, name in enumerate(names):
        rows = order[ends[i] : ends[i + 1]]
        kept = rows[inside[rows] & (with_first | ~first[rows])]
        outside = int((~inside[rows]).sum())
        dropped = len(rows) - len(kept) - outside
        grid = grid_of(fixations.sizes[name], cells)
        result.append(_of_picture(name, grid, fixations, kept, viewer, sigma_px[i], outside, dropped, by_time))
    return result, tuple(str(person) for person in people)


def _of_picture(
    name: str, grid: Grid, fixations: Fixations, rows: np.ndarray, viewer: np.ndarray, sigma_px: float,
    outside: int, dropped: int, by_time: bool,
) -> Looked:  # fmt: skip
    who, row = np.unique(viewer[rows], return_inverse=True)
    count = np.bincount(row, minlength=len(who))
    order = np.argsort(row, kind="stable")
    # Place of each fixation among those of its viewer.
    turn = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    most = int(count.max(initial=0))
    x, y = np.zeros((2, len(who), most))
    counted = np.zeros((len(who), most), dtype=bool)
    place = row[order], turn
    x[place], y[place] = fixations.x_px[rows[order]], fixations.y_px[rows[order]]
    counted[place] = True
    at = np.where(counted, grid.cell_of(x, y), -1)
    weight = None
    if by_time:
        weight = np.zeros((len(who), most))
        weight[place] = fixations.duration_s[rows[order]]
    smooth = grid.smoothed(x, y, counted if weight is None else weight, sigma_px)
    return Looked(name, grid, who, x, y, counted, at, smooth, sigma_px, outside, dropped, weight)
