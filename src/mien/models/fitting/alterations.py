"""Training crops seen otherwise: turned, zoomed, moved, mirrored, lit otherwise and partly hidden, at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional


@dataclass(frozen=True)
class Alteration:
    """Largest changes of training crops.

    Attributes
    ----------
    shift : float
        Share of the side.
    turn_deg : float
        Degrees in the plane.
    zoom : float
        Change of the factor of size, 0.1 for 0.9 to 1.1.
    light : float
        Change of the factor of contrast; brightness changes by half of it, colour by a quarter.
    hide : float
        Probability that a rectangle is greyed (Zhong et al. 2020, random erasing).
    """

    shift: float = 0.0
    turn_deg: float = 0.0
    zoom: float = 0.0
    light: float = 0.0
    hide: float = 0.0

    def __call__(self, crops: torch.Tensor, sides: np.ndarray, rng: np.random.Generator) -> torch.Tensor:
        """Crops (samples, 3, size, size), RGB from 0 to 1, altered; mirrored where the side is 1."""
        count, size = len(crops), crops.shape[-1]

        def drawn(limit: float) -> torch.Tensor:
            return torch.from_numpy(rng.uniform(-limit, limit, count)).float()

        angle, zoom = torch.deg2rad(drawn(self.turn_deg)), 1 + drawn(self.zoom)
        side = torch.from_numpy(1.0 - 2.0 * sides).float()
        place = torch.zeros(count, 2, 3)
        place[:, 0, 0], place[:, 0, 1] = zoom * angle.cos() * side, -zoom * angle.sin()
        place[:, 1, 0], place[:, 1, 1] = zoom * angle.sin() * side, zoom * angle.cos()
        place[:, 0, 2], place[:, 1, 2] = drawn(2 * self.shift), drawn(2 * self.shift)
        grid = functional.affine_grid(place, list(crops.shape), align_corners=False)
        seen = functional.grid_sample(crops, grid, padding_mode="border", align_corners=False)
        contrast, bright = (1 + drawn(self.light))[:, None, None, None], drawn(self.light / 2)[:, None, None, None]
        tint = 1 + torch.from_numpy(rng.uniform(-self.light / 4, self.light / 4, (count, 3, 1, 1))).float()
        mean = seen.mean((1, 2, 3), keepdim=True)
        seen = (((seen - mean) * contrast + mean + bright) * tint).clamp(0, 1)
        for row in np.flatnonzero(rng.random(count) < self.hide):
            height, width = (rng.uniform(0.1, 0.35, 2) * size).astype(int)
            top, left = int(rng.integers(0, size - height)), int(rng.integers(0, size - width))
            seen[row, :, top : top + height, left : left + width] = mean[row]
        return seen.contiguous(memory_format=torch.channels_last)


@dataclass(frozen=True)
class Unaltered(Alteration):
    """Inputs as they are, of any shape."""

    def __call__(self, crops: torch.Tensor, sides: np.ndarray, rng: np.random.Generator) -> torch.Tensor:
        """The same."""
        return crops


@dataclass(kw_only=True, eq=False, repr=False)
class Altered:
    """Settings of an estimator that alters its training crops, see ``Alteration``."""

    shift: float = 0.04
    turn_deg: float = 6.0
    zoom: float = 0.1
    light: float = 0.2
    hide: float = 0.15

    @property
    def _alteration(self) -> Alteration:
        return Alteration(self.shift, self.turn_deg, self.zoom, self.light, self.hide)


def batches_of_epoch(rng: np.random.Generator, count: int, size: int) -> list[np.ndarray]:
    """Every row once, in batches of nearly equal size, so that none is too small for batch normalisation."""
    return np.array_split(rng.permutation(count), max(1, count // size))
