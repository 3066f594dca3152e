"""Upside down, negated, without colour."""

from __future__ import annotations

import numpy as np

from mien.features.crop import BRIGHTNESS
from mien.stimuli.alter.given import Given


def inverted(given: Given) -> np.ndarray:
    """Turned by 180 degrees; twice is the picture again."""
    return given.pixels[::-1, ::-1]


def negated(given: Given) -> np.ndarray:
    """Light for dark in each channel (255 - value); twice is the picture again."""
    return 255 - given.pixels


def grey(given: Given) -> np.ndarray:
    """Luminance (Rec. 601) in all three channels."""
    return np.repeat((given.pixels @ BRIGHTNESS.astype(np.float64))[..., None], 3, axis=2)


def unaltered(given: Given) -> np.ndarray:
    """As it is: for pictures that are only matched."""
    return given.pixels
