"""The grid of cells on which a picture's maps and fixations are compared, and densities of fixations on it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from scipy.special import ndtr


@dataclass(frozen=True)
class Grid:
    """Cells over a picture.

    Attributes
    ----------
    rows, columns : int
    width, height : int
        Of the picture in pixels.
    """

    rows: int
    columns: int
    width: int
    height: int

    def __len__(self) -> int:
        return self.rows * self.columns

    def cell_of(self, x_px: np.ndarray, y_px: np.ndarray) -> np.ndarray:
        """Number of the cell that each place on the picture lies in, row by row."""
        column = np.floor(np.asarray(x_px) * (self.columns / self.width)).astype(np.int64)
        row = np.floor(np.asarray(y_px) * (self.rows / self.height)).astype(np.int64)
        return np.asarray(row.clip(0, self.rows - 1) * self.columns + column.clip(0, self.columns - 1))

    def kernels(self, x_px: np.ndarray, y_px: np.ndarray, sigma_px: np.ndarray | float) -> tuple[np.ndarray, ...]:
        """Shares of Gaussians in each row and column of cells, shapes (..., rows) and (..., columns).

        Their outer product is the share in each cell: that of the cell's whole area, not of its middle.
        """
        sigma = np.broadcast_to(np.asarray(sigma_px, dtype=np.float64), (2,))
        result = []
        for place, count, length, spread in ((y_px, self.rows, self.height, sigma[1]),
                                             (x_px, self.columns, self.width, sigma[0])):  # fmt: skip
            edges = np.linspace(0.0, length, count + 1)
            result.append(np.diff(ndtr((edges - np.asarray(place, dtype=np.float64)[..., None]) / spread), axis=-1))
        return tuple(result)

    def smoothed(self, x_px: np.ndarray, y_px: np.ndarray, counted: np.ndarray, sigma_px: float) -> np.ndarray:
        """Sums of Gaussians at the fixations of each viewer, shape (viewers, cells); not yet a distribution.

        Parameters
        ----------
        x_px, y_px : ndarray, shape (viewers, most)
        counted : ndarray of bool or float, shape (viewers, most)
            Which of them count, and how much.
        sigma_px : float
        """
        down, across = self.kernels(x_px, y_px, sigma_px)
        down = down * np.asarray(counted, dtype=np.float64)[..., None]
        return np.asarray(np.swapaxes(down, -1, -2) @ across).reshape(len(down), len(self))


def grid_of(size: tuple[int, int], cells: int) -> Grid:
    """A grid with so many cells along the longer side of a picture, or one per pixel where it is smaller."""
    width, height = size
    share = min(1.0, cells / max(width, height))
    return Grid(max(1, round(height * share)), max(1, round(width * share)), width, height)


def on_grid(values: np.ndarray, grid: Grid) -> np.ndarray:
    """A map of any size as means over the cells, shape (cells,).

    Parameters
    ----------
    values : ndarray, shape (height, width)
        Over the whole picture.
    grid : Grid
    """
    values = np.asarray(values, dtype=np.float64)
    if values.shape == (grid.rows, grid.columns):
        return values.ravel()
    finer = values.shape[0] >= grid.rows and values.shape[1] >= grid.columns
    how = cv2.INTER_AREA if finer else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(values, (grid.columns, grid.rows), interpolation=how), dtype=np.float64).ravel()
