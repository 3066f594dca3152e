"""Means over people and stimuli that are crossed: every person answers to every stimulus, and both are samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import stdtr, stdtrit

from mien.core.errors import InputError
from mien.stats.slow_waves import FEWEST_WAVES, orthonormal


@dataclass(frozen=True)
class CrossedMean:
    """A mean over a table of stimuli and people.

    Attributes
    ----------
    value : float
    low, high : float
        Interval over both; NaN with fewer than two of both, and of moments with fewer than two slow waves.
    p : float
        Two-sided, of a mean of ``null``.
    stimuli, people : int
        That gave any value.
    """

    value: float
    low: float
    high: float
    p: float
    stimuli: int
    people: int


def crossed_mean(
    values: Any, *, null: float = 0.0, level: float = 0.95, waves: np.ndarray | None = None
) -> CrossedMean:  # fmt: skip
    """Mean of a table of stimuli and people, whose interval holds for other people and other stimuli.

    Parameters
    ----------
    values : ndarray, shape (stimuli, people)
        NaN where somebody did not answer.
    null : float
        Of the test.
    level : float
        Coverage of the interval.
    waves : ndarray, shape (stimuli, waves), optional
        Where stimuli are moments that resemble their neighbours: see ``mien.stats.slow_waves``.

    Raises
    ------
    InputError
        If it is no table.

    Notes
    -----
    The variance of the mean is that between stimuli plus that between people less that of single cells, which stands in
    both (Owen 2007, The pigeonhole bootstrap, Annals of Applied Statistics 1(2); two-way clusters of Cameron, Gelbach &
    Miller 2011; here of cells apart from what their stimulus and person explain), and no less than either of the first
    two. The reference is a mixture of Student's t with the degrees of freedom of stimuli and of people, weighed by
    their variances: with three people one t by Satterthwaite's degrees of freedom is too narrow wherever their spread
    happens to look small (as Cochran & Cox 1957 weigh quantiles, Experimental Designs, section 4.14). Of moments,
    variances of stimuli and cells come from slow waves alone, as in two-way clusters with correlation over time
    (Chiang, Hansen & Sasaki 2024, J. Econometrics 244). With a single stimulus (person) the interval holds for other
    people (stimuli) alone.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2:
        raise InputError(f"A table of stimuli and people has two axes, but got the shape {table.shape}.")
    known = np.isfinite(table)
    seen, kept = known.any(1), known.any(0)
    table, known = table[seen][:, kept], known[seen][:, kept]
    stimuli, people = table.shape if known.any() else (0, 0)
    nan = float("nan")
    if not known.any():
        return CrossedMean(nan, nan, nan, nan, 0, 0)
    count = known.sum()
    mean = float(table[known].mean())
    left = np.where(known, table - mean, 0.0) / count
    slow = None if waves is None else waves if seen.all() else orthonormal(waves[seen])
    of_stimuli, cells, df = _of_stimuli(left, known, slow)
    parts = [(of_stimuli, df)] if df >= (1 if slow is None else FEWEST_WAVES) else []
    if people > 1:
        parts.append((float((left.sum(0) ** 2).sum()) * people / (people - 1), people - 1))
    if not parts or (slow is not None and df < FEWEST_WAVES):
        return CrossedMean(mean, nan, nan, nan, stimuli, people)
    variance = max(sum(part for part, _ in parts) - (cells if len(parts) == 2 else 0.0), *(part for part, _ in parts))
    error = float(np.sqrt(variance))
    if error < 1e-14 * max(1.0, abs(mean)):
        # All the same: there is nothing to estimate a spread from.
        return CrossedMean(mean, mean, mean, 1.0 if mean == null else 0.0, stimuli, people)
    half = _quantile(parts, 0.5 + level / 2) * error
    p = 2 * _above(parts, abs(mean - null) / error)
    return CrossedMean(mean, mean - half, mean + half, p, stimuli, people)


def _of_stimuli(left: np.ndarray, known: np.ndarray, slow: np.ndarray | None) -> tuple[float, float, int]:
    """Variances of the mean by stimuli and by what is left of cells, and the degrees of freedom of the first."""
    n, people = left.shape
    if slow is None:
        single = left - left.sum(1, keepdims=True) / known.sum(1, keepdims=True)
        single = np.where(known, single, 0.0)
        single = np.where(known, single - single.sum(0) / known.sum(0), 0.0)
        free = max((n - 1) * (people - 1), 1) / (n * people)
        return float((left.sum(1) ** 2).sum()) * n / max(n - 1, 1), float((single**2).sum()) / free, n - 1
    df = slow.shape[1]
    along = slow.T @ left
    single, share = along - along.mean(1, keepdims=True), n / max(df, 1)
    cells = float((single**2).sum()) * share * people / max(people - 1, 1)
    return float((along.sum(1) ** 2).sum()) * share, cells, df


def _above(parts: list[tuple[float, int]], t: float) -> float:
    """Probability beyond ``t`` of Student's distributions weighed by their variances."""
    total = sum(variance for variance, _ in parts)
    return float(sum(variance / total * stdtr(df, -t) for variance, df in parts))


def _quantile(parts: list[tuple[float, int]], share: float) -> float:
    """The mixture's quantile, which lies between those of its parts."""
    from scipy.optimize import brentq

    ends = sorted(float(stdtrit(df, share)) for _, df in parts)
    # A part without any variance leaves an end where rounding decides the sign.
    low, high = ends[0] * (1 - 1e-6), ends[-1] * (1 + 1e-6)
    return float(brentq(lambda t: _above(parts, t) - (1 - share), low, high, xtol=1e-9))
