"""Random masks that are never all in memory: their few random bits are kept, the masks made when needed."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import torch


class Masks(Protocol):
    """Random masks over places, drawn in order and numbered from 0."""

    n_places: int
    probability: float

    def draw(self, rng: np.random.Generator, count: int) -> None:
        """Draw that many more."""

    def at(self, start: int, stop: int) -> torch.Tensor:
        """Masks by number; float32, shape (rows, places)."""

    def features(self, count: int) -> np.ndarray:
        """The first masks in few numbers, each minus its expectation; shape (count, features)."""

    def carried(self, weights: np.ndarray) -> np.ndarray:
        """Exact covariance of ``features @ weights`` with the mask at each place; shape (places,)."""


class GridMasks:
    """RISE's masks of pictures (Petsiuk, Das & Saenko 2018).

    A grid of ``cells`` x ``cells`` ones (with some probability) and zeros is enlarged bilinearly by a little more than
    the picture and cropped at a random place within one cell.

    A mask is linear in its grid and separable: rows of an interpolation matrix times grid times columns. So the
    covariance of any two places is known exactly, which ``carried`` uses.
    """

    def __init__(self, height: int, width: int, cells: int, probability: float, device: torch.device) -> None:
        self.size, self.cells, self.probability, self.device = (height, width), cells, probability, device
        self.n_places = height * width
        self.cell = (-(-height // cells), -(-width // cells))
        self.enlarge = [_interpolation((cells + 1) * cell, cells) for cell in self.cell]
        # Two lattice points per cell tell a mask well enough.
        self.lattice = [
            np.unique(np.linspace(0, side - 1, min(side, 2 * cells + 1)).round().astype(int)) for side in self.size
        ]
        self.grids = np.zeros((0, cells, cells), dtype=bool)
        self.shifts = np.zeros((0, 2), dtype=np.int32)

    def draw(self, rng: np.random.Generator, count: int) -> None:
        grids = rng.random((count, self.cells, self.cells)) < self.probability
        shifts = rng.integers(0, self.cell, size=(count, 2), dtype=np.int32)
        self.grids, self.shifts = np.concatenate([self.grids, grids]), np.concatenate([self.shifts, shifts])

    def _expanded(self, start: int, stop: int, points: list[np.ndarray]) -> torch.Tensor:
        rows, columns = (
            torch.from_numpy(self.enlarge[axis][self.shifts[start:stop, axis, None] + points[axis]]).to(self.device)
            for axis in (0, 1)
        )
        grids = torch.from_numpy(self.grids[start:stop].astype(np.float32)).to(self.device)
        return torch.bmm(torch.bmm(rows, grids), columns.transpose(1, 2)).flatten(1)

    def at(self, start: int, stop: int) -> torch.Tensor:
        return self._expanded(start, stop, [np.arange(side) for side in self.size])

    def features(self, count: int) -> np.ndarray:
        return self._expanded(0, count, self.lattice).double().cpu().numpy() - self.probability

    def carried(self, weights: np.ndarray) -> np.ndarray:
        rows, columns = (self._covariance(axis) for axis in (0, 1))
        spread = rows.T @ weights.reshape(len(rows), len(columns)) @ columns
        return (self.probability * (1 - self.probability) * spread).ravel()

    def _covariance(self, axis: int) -> np.ndarray:
        """Mean over shifts of the products of interpolation weights, lattice points x pixels of one axis."""
        enlarge, pixels = self.enlarge[axis].astype(np.float64), np.arange(self.size[axis])
        shifts = range(self.cell[axis])
        return np.mean([enlarge[s + self.lattice[axis]] @ enlarge[s + pixels].T for s in shifts], axis=0)


class UnitMasks:
    """Random subsets of units: each stays with the same probability, independently."""

    def __init__(self, units: int, probability: float, device: torch.device) -> None:
        self.n_places, self.probability, self.device = units, probability, device
        self.kept = np.zeros((0, units), dtype=bool)

    def draw(self, rng: np.random.Generator, count: int) -> None:
        self.kept = np.concatenate([self.kept, rng.random((count, self.n_places)) < self.probability])

    def at(self, start: int, stop: int) -> torch.Tensor:
        return torch.from_numpy(self.kept[start:stop].astype(np.float32)).to(self.device)

    def features(self, count: int) -> np.ndarray:
        return self.kept[:count] - self.probability

    def carried(self, weights: np.ndarray) -> np.ndarray:
        return self.probability * (1 - self.probability) * weights


def _interpolation(size: int, cells: int) -> np.ndarray:
    """Matrix (size, cells) that enlarges one axis bilinearly, pixel centres as in OpenCV and torch."""
    place = ((np.arange(size) + 0.5) * cells / size - 0.5).clip(0, cells - 1)
    low = np.floor(place).astype(int).clip(0, cells - 2)
    matrix = np.zeros((size, cells), dtype=np.float32)
    matrix[np.arange(size), low] = 1 - (place - low)
    matrix[np.arange(size), low + 1] += (place - low).astype(np.float32)
    return matrix
