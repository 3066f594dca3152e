"""Rhythm: the frequency at which a channel swings most, and how much of its swing that is."""

from __future__ import annotations

import numpy as np
from scipy import fft

from mien.features.over_time.even import Even

# Slower than a swing in five seconds is drift; faster than five in a second no face moves.
BAND_HZ = (0.2, 5.0)
# Windows of this length, overlapping by half, are averaged (Welch 1967); shorter stretches are one window.
WINDOW_S, LEAST_S = 8.0, 2.0
# A peak has this share of the largest power at any frequency; a Hann taper leaves less than a tenth of that.
LEAST_PEAK = 0.01
# Below this share of a channel's size a swing is the rounding of numbers.
_ROUNDING = 1e-6


def rhythm(series: Even) -> dict[str, np.ndarray]:
    """Dominant frequency in Hz and its share of the power in ``BAND_HZ``; NaN for short or constant channels
    and those that only drift.

    Notes
    -----
    Welch, P. D. (1967), IEEE Transactions on Audio and Electroacoustics 15(2): periodograms of windows, here with a
    straight line taken off and a Hann taper. The peak, which is higher than both neighbours, is refined by a parabola
    through their logarithms; its share is that of frequencies within one over the window's length.
    """
    channels = len(series.values)
    nothing = {"frequency": np.full(channels, np.nan), "frequency share": np.full(channels, np.nan)}
    if not series.step_s:
        return nothing
    starts, length = _windows(series)
    if length * series.step_s < LEAST_S:
        return nothing
    # Twice as long as the window: peaks between its own frequencies are met.
    size = fft.next_fast_len(2 * length, real=True)
    taper = np.hanning(length).astype(np.float32)
    ramp = np.arange(length, dtype=np.float32) - (length - 1) / 2
    ramp /= np.sqrt(ramp @ ramp)
    power = np.zeros((channels, size // 2 + 1), dtype=np.float32)
    largest = np.abs(series.values).max(axis=1)
    for start in starts:
        window = series.values[:, start : start + length]
        window = window - window.mean(axis=1, keepdims=True)
        window = window - (window @ ramp)[:, None] * ramp
        spectrum = fft.rfft(window * taper, size, axis=1)
        power += spectrum.real**2 + spectrum.imag**2
    hertz = np.arange(power.shape[1]) / (size * series.step_s)
    # Each frequency needs a neighbour on both sides.
    band = np.flatnonzero((hertz >= BAND_HZ[0]) & (hertz <= min(BAND_HZ[1], hertz[-2])))
    total = power[:, band].sum(axis=1, dtype=np.float64)
    real = total > len(starts) * (size * _ROUNDING * np.maximum(largest, 1e-30)) ** 2
    if len(band) < 3:
        return nothing
    # A slow drift is largest at the lowest frequencies and has no peak here but for what its taper leaves.
    inside = power[:, band]
    hill = (inside > power[:, band - 1]) & (inside >= power[:, band + 1])
    hill &= inside >= LEAST_PEAK * power.max(axis=1, keepdims=True)
    rows, peak = np.arange(channels), band[np.where(hill, inside, 0).argmax(axis=1)]
    real &= hill.any(axis=1)
    around = np.stack([power[rows, peak + shift] for shift in (-1, 0, 1)], axis=1).astype(np.float64)
    lobe = np.abs(hertz[band] - hertz[peak][:, None]) <= 1.01 / (length * series.step_s)
    share = np.divide((power[:, band] * lobe).sum(axis=1), total, out=np.full(channels, np.nan), where=real)
    logs = np.log(np.maximum(around, np.finfo(np.float32).tiny))
    bend = logs[:, 0] - 2 * logs[:, 1] + logs[:, 2]
    moved = np.divide(logs[:, 0] - logs[:, 2], 2 * bend, out=np.zeros(channels), where=real & (bend < 0))
    frequency = (peak + moved) / (size * series.step_s)
    return {"frequency": np.where(real, frequency, np.nan), "frequency share": share}


def _windows(series: Even) -> tuple[list[int], int]:
    """First steps of all windows within stretches, and their length."""
    counts = np.bincount(series.stretch)
    length = min(int(counts.max()), round(WINDOW_S / series.step_s))
    begin = np.cumsum(counts) - counts
    hop = max(1, length // 2)
    starts = [
        int(start + shift)
        for start, count in zip(begin, counts, strict=True)
        for shift in range(0, count - length + 1, hop)
    ]
    return starts, length
