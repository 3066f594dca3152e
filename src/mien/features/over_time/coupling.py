"""Coupling: how far one channel follows another, with its lag, beside the same channels shifted against each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import fft
from scipy.ndimage import maximum_filter1d

from mien.core.errors import InputError
from mien.features.over_time.channels import Channel
from mien.features.over_time.series import Found, Series

MAX_LAG_S = 1.0
# Shorter stretches leave too few shifts that are farther away than the lags themselves.
LEAST_S = 10.0
BETWEEN = "~"


def pair_of(text: str) -> tuple[str, str]:
    """``'mouthSmileLeft~eyeSquintLeft'`` as two names.

    Raises
    ------
    InputError
        If it is not two names with ``~`` between them.
    """
    first, sign, second = (part.strip() for part in text.partition(BETWEEN))
    if not (first and sign and second):
        raise InputError(f"A pair of channels is written FIRST{BETWEEN}SECOND, but got '{text}'.")
    return first, second


def coupling_statistics(series: Series) -> Iterator[Found]:
    """Of each pair that was asked for, in its longest stretch."""
    for text in series.rules.pairs:
        both = series.together(pair_of(text))
        if both is None or not both.step_s:
            continue
        steps = both.longest()
        if len(steps) * both.step_s >= LEAST_S:
            x, y = both.values[:, steps].astype(np.float64)
            yield (Channel(text, "1", "other"),), _found(x, y, both.step_s)


def _found(x: np.ndarray, y: np.ndarray, step_s: float) -> dict[str, np.ndarray]:
    correlation, lag, p, excess = coupling(x, y, round(MAX_LAG_S / step_s))
    values = {"peak correlation": correlation, "lag": lag * step_s, "coupling p": p, "coupling": excess}
    return {name: np.array([value]) for name, value in values.items()}


def coupling(x: np.ndarray, y: np.ndarray, max_lag: int) -> tuple[float, float, float, float]:
    """Largest absolute cross-correlation within lags, against that of shifts all round.

    Two series that drift slowly are correlated at some lag whatever they have to do with each other; so are they after
    one was shifted far round in a circle. What counts is how much larger the peak near no shift is.

    Parameters
    ----------
    x, y : ndarray, shape (steps,)
        Straight lines are taken off first.
    max_lag : int
        In steps.

    Returns
    -------
    correlation : float
        With its sign; NaN for constant series, as are the others.
    lag : float
        In steps; positive where ``y`` follows ``x``.
    p : float
        Share of all shifts round, the series as they are among them, whose peak is as large. It cannot be smaller than
        the share of the series that the lags cover, ``(2 max_lag + 1) / steps``.
    excess : float
        Standard deviations of the peaks of shifts farther than the lags by which the peak lies above their mean.
    """
    steps = len(x)
    x, y = _straightened(x), _straightened(y)
    size = np.sqrt((x @ x) * (y @ y))
    if not size > 0:
        return (float("nan"),) * 4
    circular = fft.irfft(np.conj(fft.rfft(x)) * fft.rfft(y), steps) / size
    # The largest within the lags around every shift; those around small shifts hold the peak itself.
    peaks = maximum_filter1d(np.abs(circular), 2 * max_lag + 1, mode="wrap")
    lags = np.arange(-max_lag, max_lag + 1)
    best = int(np.abs(circular[lags % steps]).argmax())
    others = peaks[2 * max_lag + 1 : steps - 2 * max_lag]
    spread = others.std() if len(others) else 0.0
    excess = (peaks[0] - others.mean()) / spread if spread > 0 else float("nan")
    return float(circular[lags[best] % steps]), float(lags[best]), float((peaks >= peaks[0]).mean()), float(excess)


def _straightened(x: np.ndarray) -> np.ndarray:
    time = np.arange(len(x)) - (len(x) - 1) / 2
    centred = x - x[0]
    centred = centred - centred.mean()
    result: np.ndarray = centred - time * (time @ centred) / (time @ time)
    # What rounding leaves of a constant is none.
    return result if np.abs(result).max() > 1e-9 * max(np.abs(x).max(), 1e-30) else np.zeros_like(result)
