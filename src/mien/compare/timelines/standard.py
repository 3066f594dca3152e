"""Time courses before they are compared: each run of each viewer by itself, missing moments without weight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

# Below this share of a column's size, what is left after detrending is rounding.
_ROUNDING = 1e-9


def standard(runs: Sequence[np.ndarray], detrend: bool = True) -> list[np.ndarray]:
    """Every column of every run with mean 0 (and without a straight line), 0 where it is missing.

    Parameters
    ----------
    runs : sequence of ndarray, each of shape (samples, columns)
        NaN where missing.
    detrend : bool
        Take a straight line out of every run.

    Returns
    -------
    list of ndarray, each of shape (samples, columns)
        All runs of a column have a sum of squares of 1 together; 0 throughout where it does not vary.
    """
    centred = [_centred(values, detrend) for values in runs]
    norm = np.sqrt(sum((values**2).sum(0) for values in centred))
    return [np.divide(values, norm, out=np.zeros_like(values), where=norm > 0) for values in centred]


def scaled_by_run(runs: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Every column of every run with a standard deviation of 1: a scanner's gain differs between runs."""
    scaled = []
    for values in runs:
        known = np.isfinite(values)
        count = np.maximum(known.sum(0), 1)
        mean = np.where(known, values, 0).sum(0) / count
        spread = np.sqrt((np.where(known, values - mean, 0) ** 2).sum(0) / count)
        scaled.append(np.divide(values, spread, out=np.zeros_like(values) * values, where=spread > 0))
    return scaled


def somewhere(viewers: Sequence[Sequence[np.ndarray]]) -> list[np.ndarray]:
    """Of each run, which moments any viewer has.

    A gap that all have is cut out before courses are shifted: shifted against each other, the gaps of both would leave
    fewer common moments than there are, and chance would look too small.

    Parameters
    ----------
    viewers : sequence (viewers) of sequence (runs) of ndarray, each of shape (samples, columns)
        NaN where missing.

    Returns
    -------
    list of ndarray of bool, each of shape (samples,)
        Of a run that nobody has, all moments.
    """
    known = [np.any([np.isfinite(own[run]).any(1) for own in viewers], axis=0) for run in range(len(viewers[0]))]
    return [part if part.any() else np.ones(len(part), dtype=bool) for part in known]


def _centred(values: np.ndarray, detrend: bool) -> np.ndarray:
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    count = np.maximum(known.sum(0), 1)
    left: np.ndarray = np.where(known, filled - filled.sum(0) / count, 0.0)
    if detrend:
        at = np.where(known, np.arange(len(values), dtype=np.float64)[:, None], 0.0)
        at = np.where(known, at - at.sum(0) / count, 0.0)
        squares = (at**2).sum(0)
        left -= at * np.divide((at * left).sum(0), squares, out=np.zeros(len(squares)), where=squares > 0)
    left[:, np.abs(left).max(0, initial=0) <= _ROUNDING * np.abs(filled).max(0, initial=0)] = 0.0
    return left
