"""Means over viewers or runs, with intervals that know when these depend on each other."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import t as student

from mien.stats.permutation import sign_flip_test

# Below this many viewers or runs no interval is given.
FEWEST = 4
_NAN = float("nan")


class UnitMean(NamedTuple):
    """A mean, its 95 % interval and the two-sided p of a mean of zero; NaN where there are too few units."""

    mean: float
    low: float
    high: float
    p: float
    units: int


def mean_over_units(each: np.ndarray, *, dependent: bool, middle: float | None = None) -> UnitMean:
    """Mean of one number per viewer or run.

    Parameters
    ----------
    each : ndarray, shape (units,)
        NaN is left out.
    dependent : bool
        Whether each unit was tested by decoders trained on the others, as runs of one viewer are.
    middle : float, optional
        What the interval is put around, instead of the mean.

    Notes
    -----
    Student's interval. Where units depend on each other, the variance of the mean is s^2 (1 / n + 1 / (n - 1)): the
    share of test to training data is added (Nadeau and Bengio 2003, Machine Learning 52, 239-281). p: sign flips of
    independent units, else the same t.
    """
    known = each[np.isfinite(each)]
    many = len(known)
    mean = float(known.mean()) if many else _NAN
    if many < FEWEST:
        return UnitMean(mean, _NAN, _NAN, _NAN, many)
    error = float(known.std(ddof=1) * np.sqrt(1 / many + (1 / (many - 1) if dependent else 0)))
    wide = float(student.ppf(0.975, many - 1)) * error
    centre = mean if middle is None else middle
    if not dependent:
        p = sign_flip_test(known).p
    else:
        p = float(2 * student.sf(abs(mean) / error, many - 1)) if error > 0 else _NAN
    return UnitMean(mean, centre - wide, centre + wide, p, many)
