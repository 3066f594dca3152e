"""A test against chance that takes people for independent and nothing else: frames of one recording are no evidence."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.stats import student
from mien.stats.jackknife import Statistic, standard_error, without_each
from mien.stats.subjects import codes_of

# People who are tested were training data of the models that predicted the others: what chance gives two of them it
# gives twice, so the variance is up to twice that of fixed predictions (see ``mien.stats.chance.chance_p``).
BOTH_WAYS = 2**0.5


def may_be_recordings(values: Any, subjects: Any) -> bool:
    """Whether somebody has several samples of one class (or rating) beside others: they may be of one recording.

    Exchanging such samples one by one takes frames of a recording for observations of their own.

    Parameters
    ----------
    values : sequence, shape (samples,)
        Classes or ratings.
    subjects : sequence of str, shape (samples,)
    """
    value, who = np.unique(np.asarray(values), return_inverse=True)[1].reshape(-1), codes_of(subjects)[1]
    pairs, count = np.unique(np.stack([who, value]), axis=1, return_counts=True)
    shown = np.bincount(pairs[0])[pairs[0]]
    return bool(((count > 1) & (shown > 1)).any())


def people_p(statistic: Statistic, subjects: Any, chance: float, *, higher: bool = True, stretch: float = 1.0) -> float:
    """Probability of a score at least so far beyond chance if people's contributions scatter about it.

    Parameters
    ----------
    statistic : callable
        Of weights, see ``mien.stats.jackknife.subject_interval``.
    subjects : sequence of str, shape (samples,)
    chance : float
        What the score is expected to be where predictions have nothing to do with the truth.
    higher : bool
        Whether more is better.
    stretch : float
        How much larger the standard error is than for fixed predictions, such as ``BOTH_WAYS``.

    Returns
    -------
    float
        One-sided, by the jackknife's standard error over people and Student's t. Where people do not differ, a half to
        the power of their number, as of a sign test. NaN for one person, or where the score hangs on one.

    Notes
    -----
    Below ten people the factor (1 + 1 / people) of the intervals keeps its rate of errors
    (``benchmarks/null_recordings.py``).
    """
    names, codes = codes_of(subjects)
    people = len(names)
    value = float(statistic(np.ones((1, len(codes))))[0]) if people else float("nan")
    if people < 2 or not np.isfinite(value):
        return float("nan")
    without = without_each(statistic, subjects)
    if not np.isfinite(without).all():
        return float("nan")
    error, freedom = standard_error(without)
    ahead = (value - chance) * (1 if higher else -1)
    least = 0.5**people
    if error <= 1e-12:
        return least if ahead > 0 else 1.0
    return max(float(student.sf(ahead / (error * stretch * (1 + 1 / people)), freedom)), least)
