"""Spatial frequencies below or above a cut-off."""

from __future__ import annotations

import numpy as np
from scipy.fft import dctn, idctn

from mien.core.settings import Positive
from mien.stimuli.alter.given import Given


def low_pass(given: Given, *, cycles: Positive = 8.0) -> np.ndarray:
    """Coarse structure: frequencies pass by a Gaussian, half at ``cycles`` per shorter side of the picture."""
    return _low(given.pixels, cycles)


def high_pass(given: Given, *, cycles: Positive = 8.0) -> np.ndarray:
    """Fine structure: the picture less its coarse structure, on the picture's mean colour.

    Low-passed and high-passed picture less that mean are the picture again.
    """
    return given.pixels - _low(given.pixels, cycles) + given.pixels.mean(axis=(0, 1))


def _low(pixels: np.ndarray, cycles: float) -> np.ndarray:
    # Cosines continue a picture as its mirror image, so that its edges do not meet those of the other side.
    height, width = pixels.shape[:2]
    down, right = np.arange(height)[:, None] / (2 * height), np.arange(width)[None] / (2 * width)
    frequency = np.hypot(down, right) * min(height, width)
    gain = np.exp2(-((frequency / cycles) ** 2))[..., None]
    return np.asarray(idctn(dctn(pixels, axes=(0, 1), norm="ortho") * gain, axes=(0, 1), norm="ortho"))
