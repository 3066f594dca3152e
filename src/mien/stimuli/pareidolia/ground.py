"""Where on a picture the object is: what differs from a plain background."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from mien.core.errors import InputError
from mien.features.crop import BRIGHTNESS

# Values of 255: how much the picture's border may vary, and from which difference on a pixel is the object's.
_PLAIN, _APART = 8.0, 16.0
# Smallest radius of a circle inside the object, as a share of the picture's shorter side; parts get too small below.
_SMALLEST = 0.17


@dataclass(frozen=True, eq=False)
class Ground:
    """The object of a picture.

    Attributes
    ----------
    mask : ndarray of bool, shape (height, width)
    centre : ndarray, shape (2,)
        (x, y) in pixels of the largest circle inside it.
    radius : float
    """

    mask: np.ndarray
    centre: np.ndarray
    radius: float

    @cached_property
    def _sums(self) -> np.ndarray:
        """Pixels of the object above and left of each corner."""
        return np.asarray(cv2.integral(self.mask.astype(np.uint8)))

    def holds(self, boxes: np.ndarray) -> np.ndarray:
        """Which arrangements of boxes lie on the object with all their pixels.

        Parameters
        ----------
        boxes : ndarray of int, shape (arrangements, parts, 4)
            x0, y0, x1, y1, the ends not included.

        Returns
        -------
        ndarray of bool, shape (arrangements,)
        """
        height, width = self.mask.shape
        x0, y0, x1, y1 = np.moveaxis(boxes, -1, 0)
        inside = (x0 >= 0) & (y0 >= 0) & (x1 <= width) & (y1 <= height)
        (x0, x1), (y0, y1) = (np.clip(v, 0, width) for v in (x0, x1)), (np.clip(v, 0, height) for v in (y0, y1))
        sums = self._sums
        count = sums[y1, x1] - sums[y0, x1] - sums[y1, x0] + sums[y0, x0]
        return np.asarray((inside & (count == (x1 - x0) * (y1 - y0))).all(axis=1))


def ground_of(pixels: np.ndarray) -> Ground:
    """The object on a picture's plain background.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    InputError
        If the border is not of one colour, or the object leaves no room for parts.
    """
    values = pixels.astype(np.float64)
    border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])
    background = np.median(border, axis=0)
    # Of objects that reach the edge the rest of the border counts.
    beside = np.abs(border - background).max(axis=1)
    if np.mean(beside > _PLAIN) > 0.25:
        raise InputError("no plain background")
    apart = np.abs(values - background).max(axis=2) > _APART
    found, labels, stats, _ = cv2.connectedComponentsWithStats(apart.astype(np.uint8))
    if found < 2:
        raise InputError("no object on the background")
    largest = (labels == 1 + stats[1:, cv2.CC_STAT_AREA].argmax()).astype(np.uint8)
    # A frame of background, so that the picture's edge is an edge of the object.
    inside = cv2.distanceTransform(np.pad(largest, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    row, column = np.unravel_index(inside.argmax(), inside.shape)
    radius = float(inside[row, column])
    if radius < _SMALLEST * min(pixels.shape[:2]):
        raise InputError("too narrow for parts")
    # Parts keep off the object's rim.
    return Ground(inside > 2, np.array([column, row], dtype=float), radius)


def roughness(pixels: np.ndarray, ground: Ground) -> float:
    """Standard deviation of the object's luminance: parts are hard to see on what is full of detail."""
    grey = pixels @ BRIGHTNESS.astype(np.float64)
    return float(grey[_disc(ground)].std())


def colour_at(pixels: np.ndarray, ground: Ground) -> np.ndarray:
    """Mean colour around the centre, shape (3,), 0 to 255."""
    return np.asarray(pixels[_disc(ground)].mean(axis=0))


def _disc(ground: Ground) -> np.ndarray:
    down, right = np.indices(ground.mask.shape)
    near = np.hypot(right - ground.centre[0], down - ground.centre[1]) <= ground.radius
    return near & ground.mask
