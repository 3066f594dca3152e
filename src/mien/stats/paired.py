"""Means over people and paired differences: every subject gives one number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.stats import student
from mien.stats.subjects import subject_means


@dataclass(frozen=True)
class SubjectMean:
    """A mean in which every subject weighs the same.

    Attributes
    ----------
    value : float
        NaN where nothing is known.
    low, high : float
        Interval over subjects (Student's t); NaN with fewer than two subjects.
    samples, subjects : int
        How many went in.
    """

    value: float
    low: float
    high: float
    samples: int
    subjects: int

    @property
    def differs(self) -> bool:
        """Whether the interval is known and leaves out zero."""
        return self.low > 0 or self.high < 0


def subject_mean(values: Any, subjects: Any, *, level: float = 0.95) -> SubjectMean:
    """Mean over subjects of each subject's mean, with its interval.

    Parameters
    ----------
    values : ndarray, shape (samples,)
        Samples whose value is not finite are left out.
    subjects : sequence of str, shape (samples,)
    level : float
        Coverage, between 0 and 1.

    Raises
    ------
    InputError
        If there is not one subject per value.

    Notes
    -----
    Subjects are independent and each gives one number, so that Student's t holds for few of them where percentiles of
    a bootstrap are too narrow. A paired difference of two methods is the mean of their difference per sample:
    ``subject_mean(a - b, subjects)``.
    """
    numbers = np.asarray(values, dtype=np.float64)
    who = np.array([str(s) for s in subjects], dtype=object)
    if numbers.shape != who.shape:
        raise InputError(f"{len(who)} subjects, but the values have shape {numbers.shape}; give one per sample.")
    known = np.isfinite(numbers)
    if not known.any():
        return SubjectMean(float("nan"), float("nan"), float("nan"), 0, 0)
    means = subject_means(numbers[known], who[known])
    low = high = float("nan")
    if len(means) > 1:
        middle, error = float(means.mean()), float(means.std(ddof=1)) / np.sqrt(len(means))
        half = float(student.ppf(0.5 + level / 2, len(means) - 1)) * error
        low, high = middle - half, middle + half
    return SubjectMean(float(means.mean()), low, high, int(known.sum()), len(means))
