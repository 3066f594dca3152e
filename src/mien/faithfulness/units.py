"""The parts of an input that are removed together: a feature, a facial point, a small block of a picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.core.errors import InputError
from mien.core.features import NAMED, PICTURE, SEQUENCE

# Blocks along the longer side of a picture unless asked otherwise: 4 x 4 pixels at 224. Single pixels make networks
# see noise that no photo has, and no method points at single pixels for a reason.
BLOCKS = 56


@dataclass(frozen=True, eq=False)
class Units:
    """How the elements of an input fall into units.

    Attributes
    ----------
    space : str
        See ``Features.space``.
    shape : tuple of int
        Of one input.
    of : ndarray of int, shape (positions,)
        Unit of each feature, point, or pixel (row by row).
    count : int
    grid : tuple of int
        Rows and columns of blocks, for pictures; empty otherwise.
    """

    space: str
    shape: tuple[int, ...]
    of: np.ndarray
    count: int
    grid: tuple[int, ...] = ()

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Signed evidence of each unit: the sum over its elements; float64, shape (samples, units).

        Pictures may have one value per pixel for all channels, shape (samples, 1, height, width).
        """
        axes = {PICTURE: (1,), SEQUENCE: (1, 3), NAMED: ()}[self.space]
        flat: np.ndarray = np.asarray(values, dtype=np.float64).sum(axis=axes)
        return self.pooled(flat.reshape(len(values), len(self.of)))

    def pooled(self, positions: np.ndarray) -> np.ndarray:
        """Sum over each unit's positions, (rows, positions) -> (rows, units)."""
        if self.count == len(self.of):
            return positions
        result = np.zeros((self.count, len(positions)))
        np.add.at(result, self.of, positions.T)
        return result.T

    def mask(self, units: np.ndarray) -> np.ndarray:
        """Masks of units as masks of inputs: (rows, units) -> (rows, ...), to be broadcast against inputs."""
        positions = units[:, self.of]
        if self.space == PICTURE:
            return positions.reshape(len(units), 1, *self.shape[1:])
        return positions[:, None, :, None] if self.space == SEQUENCE else positions

    @property
    def words(self) -> str:
        """What a unit is, for people."""
        if self.space == PICTURE:
            height = -(-self.shape[1] // self.grid[0])
            return f"block of {height} x {height} pixels" if height > 1 else "pixel"
        return "facial point (all its frames and coordinates)" if self.space == SEQUENCE else "feature"


def units_of(space: str, shape: tuple[int, ...], block: int | None = None) -> Units:
    """The units of inputs of this shape.

    Parameters
    ----------
    space : str
    shape : tuple of int
        Of one input.
    block : int, optional
        Side of a picture's blocks in pixels; by default about 56 blocks along the longer side.

    Raises
    ------
    InputError
        If ``block`` is below 1, larger than the picture, or given for another space.
    """
    if space != PICTURE:
        if block is not None:
            raise InputError(f"block is for pictures, but the input is {space}.")
        count = shape[1] if space == SEQUENCE else shape[0]
        return Units(space, shape, np.arange(count), count)
    height, width = shape[1:]
    side = max(1, round(max(height, width) / BLOCKS)) if block is None else block
    if not 1 <= side <= min(height, width):
        raise InputError(f"block lies between 1 and {min(height, width)} pixels, but got {block}.")
    rows, columns = -(-height // side), -(-width // side)
    number = (np.arange(height) // side)[:, None] * columns + np.arange(width) // side
    return Units(space, shape, number.ravel(), rows * columns, (rows, columns))


def face_centre_prior(units: Units, centre_px: np.ndarray | None, samples: int) -> np.ndarray:
    """A Gaussian around the face's centre: what somebody says who only knows where the face is.

    Parameters
    ----------
    units : Units
        Of pictures.
    centre_px : ndarray, shape (samples, 2), or None
        x and y of the face's centre; None: the middle of the picture, where crops have it. The standard deviation is
        a fifth of the picture's shorter side.

    Returns
    -------
    ndarray of float64, shape (samples, units)
    """
    height, width = units.shape[1:]
    middle = np.tile([width / 2, height / 2], (samples, 1)) if centre_px is None else np.asarray(centre_px, float)
    if middle.shape != (samples, 2):
        raise InputError(f"centre has x and y for each of {samples} samples, but has shape {middle.shape}.")
    spread = min(height, width) / 5
    x = np.exp(-((np.arange(width) + 0.5 - middle[:, :1]) ** 2) / (2 * spread**2))
    y = np.exp(-((np.arange(height) + 0.5 - middle[:, 1:]) ** 2) / (2 * spread**2))
    return units.pooled((y[:, :, None] * x[:, None, :]).reshape(samples, -1))
