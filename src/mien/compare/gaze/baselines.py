"""What a map has to do better than (centre, other pictures, faces, contrast, chance), and how well other viewers do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mien.compare.gaze.grids import Grid
from mien.compare.gaze.looked import Looked

# Names of the rows of a table, in the order in which it shows them.
EVEN, CENTRE, OTHERS, FACE_CENTRE, FACE_ELLIPSE, LOW_LEVEL, RANDOM, CEILING = (
    "even spread", "centre prior", "fixations on other pictures", "centre of the faces", "ellipses of the faces",
    "contrast and edges", "random evidence", "other viewers",
)  # fmt: skip
# Standard deviation of a local neighbourhood in degrees, and of that in which edges are counted.
_SCALES_DEG = (0.5, 1.0, 2.0)


@dataclass(frozen=True, eq=False)
class Elsewhere:
    """Fixations of all pictures together, of which each picture takes its own out.

    Places are shares of width and height, so that pictures of several sizes go together.

    Attributes
    ----------
    x, y : ndarray, shape (fixations,)
    picture : ndarray of int, shape (fixations,)
        Number of the picture.
    weight : ndarray, shape (fixations,)
        How much each counts.
    near : (ndarray, ndarray) of int, shape (pictures,), or None
        For each picture the first and behind the last of those that are too near to it to count as others, as the
        neighbouring frames of a film; by default itself alone.
    """

    x: np.ndarray
    y: np.ndarray
    picture: np.ndarray
    weight: np.ndarray
    near: tuple[np.ndarray, np.ndarray] | None = None

    def own(self, number: int) -> np.ndarray:
        """Mask of the fixations on a picture and on those that are too near to it."""
        if self.near is None:
            return np.asarray(self.picture == number)
        return np.asarray((self.picture >= self.near[0][number]) & (self.picture < self.near[1][number]))

    def others(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """Places of the fixations on other pictures."""
        kept = ~self.own(number)
        return self.x[kept], self.y[kept]


def elsewhere_of(pictures: Sequence[Looked], near: tuple[np.ndarray, np.ndarray] | None = None) -> Elsewhere:
    """The fixations of all pictures."""
    parts = [
        (one.x_px[one.counted] / one.grid.width, one.y_px[one.counted] / one.grid.height, np.full(one.counted.sum(), i),
         np.ones(one.counted.sum()) if one.weight is None else one.weight[one.counted])
        for i, one in enumerate(pictures)
    ]  # fmt: skip
    x, y, number, weight = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Elsewhere(x, y, number, weight, near)


class PriorMaps:
    """Centre prior and fixations on other pictures, for one picture after the other.

    What all pictures of one shape share is computed once.
    """

    def __init__(self, places: Elsewhere) -> None:
        self._places = places
        self._sums = np.stack([places.x, places.y, places.x**2, places.y**2]) * places.weight
        self._kept: dict[tuple[Grid, float], tuple[np.ndarray, np.ndarray]] = {}

    def centre(self, number: int, grid: Grid) -> np.ndarray | None:
        """A Gaussian with the mean and spread of fixations on other pictures, shape (cells,); None without any."""
        own = self._places.own(number)
        if (~own).sum() < 2:
            return None
        count = self._places.weight[~own].sum()
        means = (self._sums.sum(1) - self._sums[:, own].sum(1)) / count
        spread = np.sqrt(np.maximum(means[2:] - means[:2] ** 2, 1e-6))
        size = np.array([grid.width, grid.height])
        x, y = means[:2] * size
        down, across = grid.kernels(np.array(x), np.array(y), spread * size)
        return np.asarray(np.outer(down, across)).ravel()

    def others(self, number: int, grid: Grid, sigma_px: float) -> tuple[np.ndarray, np.ndarray] | None:
        """Density of fixations on other pictures, and their number in each cell, shape (cells,) each; None without."""
        own = self._places.own(number)
        if own.all():
            return None
        key = (grid, sigma_px)
        if key not in self._kept:
            self._kept[key] = self._at(np.ones(len(own), dtype=bool), grid, sigma_px)
        every, mine = self._kept[key], self._at(own, grid, sigma_px)
        return np.maximum(every[0] - mine[0], 0.0), every[1] - mine[1]

    def _at(self, rows: np.ndarray, grid: Grid, sigma_px: float) -> tuple[np.ndarray, np.ndarray]:
        x, y = self._places.x[rows] * grid.width, self._places.y[rows] * grid.height
        smooth = grid.smoothed(x[None], y[None], self._places.weight[rows][None], sigma_px)[0]
        return smooth, np.bincount(grid.cell_of(x, y), self._places.weight[rows], minlength=len(grid))


def ceilings(looked: Looked) -> np.ndarray:
    """For each viewer the density of the fixations of all others on the picture, shape (viewers, cells)."""
    return np.asarray(np.maximum(looked.smooth.sum(0) - looked.smooth, 0.0))


def random_map(grid: Grid, sigma_px: float, rng: np.random.Generator) -> np.ndarray:
    """Noise as smooth as the densities of fixations, shape (cells,)."""
    sigma = max(sigma_px * grid.columns / grid.width, 1e-3)
    noise = cv2.GaussianBlur(rng.random((grid.rows, grid.columns)), (0, 0), sigma)
    return np.asarray(noise - noise.min()).ravel()


def face_maps(boxes_px: np.ndarray, grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """A Gaussian at the middle of each face, a quarter of its size wide, and ellipses as large as the faces.

    Parameters
    ----------
    boxes_px : ndarray, shape (faces, 4)
        Left, top, width and height.
    grid : Grid

    Returns
    -------
    centre, ellipse : ndarray, shape (cells,)
    """
    centre, ellipse = np.zeros((2, len(grid)))
    y = ((np.arange(grid.rows) + 0.5) * grid.height / grid.rows)[:, None]
    x = ((np.arange(grid.columns) + 0.5) * grid.width / grid.columns)[None]
    for left, top, width, height in np.asarray(boxes_px, dtype=np.float64):
        middle = left + width / 2, top + height / 2
        down, across = grid.kernels(np.array(middle[0]), np.array(middle[1]), np.array([width, height]) / 4)
        centre += np.outer(down, across).ravel()
        inside = ((x - middle[0]) / (width / 2)) ** 2 + ((y - middle[1]) / (height / 2)) ** 2 <= 1
        ellipse = np.maximum(ellipse, inside.ravel())
    return centre, ellipse


def low_level_map(picture: np.ndarray, grid: Grid, pixels_per_degree: float) -> np.ndarray:
    """Local contrast and edges of a picture, shape (cells,): what stands out without knowing what it is.

    The sum over three scales (half a degree, one and two) of how light differs from its neighbourhood and of the
    strength of its edges there, each in units of its mean over the picture.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
    grid : Grid
    pixels_per_degree : float
    """
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    light = cv2.resize(grey, (grid.columns, grid.rows), interpolation=cv2.INTER_AREA).astype(np.float64) / 255
    steps = np.hypot(cv2.Sobel(light, cv2.CV_64F, 1, 0), cv2.Sobel(light, cv2.CV_64F, 0, 1))
    total = np.zeros_like(light)
    for degrees in _SCALES_DEG:
        sigma = max(degrees * pixels_per_degree * grid.columns / grid.width, 0.5)
        mean = cv2.GaussianBlur(light, (0, 0), sigma)
        contrast = np.sqrt(np.maximum(cv2.GaussianBlur(light**2, (0, 0), sigma) - mean**2, 0.0))
        for one in (contrast, cv2.GaussianBlur(steps, (0, 0), sigma)):
            total += one / one.mean() if one.mean() > 1e-12 else 0.0
    return np.asarray(total).ravel()
