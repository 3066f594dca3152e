"""What an alteration is given: the picture, its own random numbers, and where the face is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Given:
    """A picture to be altered.

    Attributes
    ----------
    pixels : ndarray of float64, shape (height, width, 3)
        0 to 255.
    rng : numpy.random.Generator
        Of this picture and alteration alone, so that neighbours change nothing.
    regions : mapping of str to ndarray of float64, each of shape (points, 2)
        Points (x, y) in pixels of each region of the face; empty where there is none.
    """

    pixels: np.ndarray
    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    regions: Mapping[str, np.ndarray] = field(default_factory=dict)
