"""Spectra of pictures: frequencies in cycles per picture, and energy by frequency and orientation."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

# Centres of the orientation bands: of what is seen, so that a horizontal line is at 0 degrees.
ORIENTATIONS = (0, 45, 90, 135)


@lru_cache(maxsize=8)
def frequencies(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Frequency of each coefficient of ``numpy.fft.fft2`` and its orientation.

    Returns
    -------
    cycles : ndarray, shape (height, width)
        Per the picture's shorter side.
    degrees : ndarray, shape (height, width)
        0 to 180 (not included) of the lines that such a grating shows: 0 horizontal, 90 vertical, 45 rising to the
        right.
    """
    down, right = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]
    cycles = np.hypot(down, right) * min(height, width)
    # The wave runs across its lines; rows count downwards.
    degrees = (np.rad2deg(np.arctan2(-down, right)) + 90) % 180
    cycles.flags.writeable = degrees.flags.writeable = False
    return cycles, degrees


def windowed_power(grey: np.ndarray) -> np.ndarray:
    """Power of a picture's luminance without its mean, under a Hann window that takes the edges away."""
    height, width = grey.shape
    window = np.outer(_hann(height), _hann(width))
    centred = (grey - (grey * window).sum() / window.sum()) * window
    # What is left of a flat picture is rounding.
    return np.abs(np.fft.fft2(centred if np.ptp(grey) > 1e-9 else np.zeros_like(centred))) ** 2


def _hann(size: int) -> np.ndarray:
    """Without zeros at the ends, so that a picture of one row keeps something."""
    return np.hanning(size + 2)[1:-1]


def slope(power: np.ndarray) -> float:
    """Slope of log amplitude over log frequency, from 2 cycles per picture to the highest of both directions.

    NaN where the picture is too small (below 8 pixels) or flat. About -1 for natural scenes (Field 1987, J. Opt. Soc.
    Am. A 4(12)).
    """
    cycles, _ = frequencies(*power.shape)
    rings = np.rint(cycles).astype(int)
    top = min(power.shape) // 2
    if top < 4:
        return float("nan")
    inside = (rings >= 2) & (rings <= top)
    count = np.bincount(rings[inside], minlength=top + 1)[2:]
    mean = np.bincount(rings[inside], power[inside], top + 1)[2:] / count
    if not (mean > 0).all():
        return float("nan")
    return float(np.polyfit(np.log(np.arange(2, top + 1)), np.log(mean) / 2, 1)[0])


def orientation_shares(power: np.ndarray) -> np.ndarray:
    """Share of the energy in each of the four orientation bands of 45 degrees; NaN where there is none."""
    cycles, degrees = frequencies(*power.shape)
    # Corners beyond the highest frequency of both directions would count for the oblique bands.
    inside = (cycles >= 1) & (cycles <= min(power.shape) / 2)
    band = np.rint(degrees[inside] / 45).astype(int) % 4
    energy = np.bincount(band, power[inside], 4)
    return energy / energy.sum() if energy.sum() > 0 else np.full(4, np.nan)


def log_energy(power: np.ndarray, n_rings: int, n_orientations: int) -> np.ndarray:
    """Log energy in rings (octaves downwards from the highest frequency) and orientations.

    Returns
    -------
    ndarray, shape (n_rings, n_orientations)
        Natural logarithm of the share of all energy, from the lowest ring on; those without any are at -20.
    """
    cycles, degrees = frequencies(*power.shape)
    top = min(power.shape) / 2
    with np.errstate(divide="ignore"):
        octave = np.floor(np.log2(top / np.where(cycles > 0, cycles, np.nan)))
    inside = (cycles > 0) & (cycles <= top)
    ring = n_rings - 1 - np.clip(np.nan_to_num(octave), 0, n_rings - 1).astype(int)
    band = np.rint(degrees / 180 * n_orientations).astype(int) % n_orientations
    flat = (ring * n_orientations + band)[inside]
    energy = np.bincount(flat, power[inside], n_rings * n_orientations)
    share = energy / energy.sum() if energy.sum() > 0 else energy
    return np.log(np.maximum(share, np.exp(-20.0))).reshape(n_rings, n_orientations)
