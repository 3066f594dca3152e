"""Means over people and stimuli that are crossed: every person answers to every stimulus, and both are samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import t as student

from mien.core.errors import InputError


@dataclass(frozen=True)
class CrossedMean:
    """A mean over a table of stimuli and people.

    Attributes
    ----------
    value : float
    low, high : float
        Interval over both; NaN with fewer than two of both.
    p : float
        Two-sided, of a mean of ``null``.
    df : float
        Degrees of freedom.
    stimuli, people : int
        That gave any value.
    """

    value: float
    low: float
    high: float
    p: float
    df: float
    stimuli: int
    people: int


def crossed_mean(values: Any, *, null: float = 0.0, level: float = 0.95) -> CrossedMean:
    """Mean of a table of stimuli and people, whose interval holds for other people and other stimuli.

    Parameters
    ----------
    values : ndarray, shape (stimuli, people)
        NaN where somebody did not answer.
    null : float
        Of the test.
    level : float
        Coverage of the interval.

    Raises
    ------
    InputError
        If it is no table.

    Notes
    -----
    The variance of the mean is that between stimuli plus that between people less that of single cells, which stands in
    both (the moments that the pigeonhole bootstrap draws, Owen 2007, Annals of Applied Statistics 1(2); McCullagh
    2000; two-way clusters of Cameron, Gelbach & Miller 2011), and no less than either of the first two. Degrees of
    freedom by Satterthwaite, as in the quasi-F of Clark 1973, J. Verbal Learning 12(4). With a single stimulus (person)
    the interval holds for other people (stimuli) alone.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2:
        raise InputError(f"A table of stimuli and people has two axes, but got the shape {table.shape}.")
    known = np.isfinite(table)
    table, known = table[known.any(1)][:, known.any(0)], known[known.any(1)][:, known.any(0)]
    stimuli, people = table.shape if known.any() else (0, 0)
    nan = float("nan")
    if not known.any():
        return CrossedMean(nan, nan, nan, nan, nan, 0, 0)
    count = known.sum()
    mean = float(table[known].mean())
    left = np.where(known, table - mean, 0.0)
    parts = []
    for sums in (left.sum(1), left.sum(0)):
        n = len(sums)
        if n > 1:
            parts.append((float((sums**2).sum()) / count**2 * n / (n - 1), n - 1))
    if not parts:
        return CrossedMean(mean, nan, nan, nan, nan, stimuli, people)
    variance, df = parts[0] if len(parts) == 1 else _both(parts, float((left**2).sum()) / count**2, int(count))
    error = float(np.sqrt(variance))
    if error < 1e-14 * max(1.0, abs(mean)):
        # All the same: there is nothing to estimate a spread from.
        return CrossedMean(mean, mean, mean, 1.0 if mean == null else 0.0, float(df), stimuli, people)
    half = float(student.ppf(0.5 + level / 2, df)) * error
    p = float(2 * student.sf(abs(mean - null) / error, df))
    return CrossedMean(mean, mean - half, mean + half, p, float(df), stimuli, people)


def _both(parts: list[tuple[float, int]], cells: float, count: int) -> tuple[float, float]:
    """Variance of the mean over both, and its degrees of freedom."""
    (one, df_one), (two, df_two) = parts
    both = one + two - cells
    if both <= max(one, two):
        return max(parts)[0], max(parts)[1]
    below = one**2 / df_one + two**2 / df_two + cells**2 / max(count - 1, 1)
    return both, both**2 / below
