"""Welch's t of many arrangements where it is known how unequally exactly people's values are known.

A person of one picture is known less exactly than one of nine. Where such people stand in one group, exchanging values
as they are exchanges narrow ones for wide ones, and the test rejects too often. Here every value is divided by its
expected spread first; what is left is exchanged, and takes on the spread of the place that it comes to.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mien.stats.studentised import ratio


def scaled_welch_t(
    orders: np.ndarray, values: np.ndarray, scales: np.ndarray, weights: np.ndarray, in_a: int
) -> np.ndarray:
    """Welch's t, shape (arrangements, measures).

    Parameters
    ----------
    orders : ndarray of int, shape (arrangements, people)
        Who comes to each place; the first ``in_a`` places are the first group.
    values : ndarray, shape (people, measures)
        NaN where there is none: that place stays empty.
    scales : ndarray, shape (people, measures)
        Expected spread of each value up to a common factor; of values that are there, above 0.
    weights : ndarray, shape (people, measures)
        How much the value at each place counts in the mean of its group.

    Notes
    -----
    Residuals from the weighted mean of all, as under the hypothesis tested; see Winkler et al. 2014, NeuroImage 92, for
    exchanging residuals of unequal variance, and Chung & Romano 2013, Ann. Stat. 41(2), for dividing by the error.
    """
    found = np.zeros((len(orders), values.shape[1]))
    for columns, here in _alike(np.isfinite(values)):
        y, s, w = (given[np.ix_(here, columns)] for given in (values, scales, weights))
        s = s / s.mean(0)
        off = (y - (y / s**2).sum(0) / (1 / s**2).sum(0)) / s
        size = np.sqrt((off**2).mean(0))
        off = off / np.where(size > 0, size, 1.0)
        # The order of those who have the measure, numbered among themselves.
        place = np.cumsum(here) - 1
        own = place[orders[here[orders]]].reshape(len(orders), len(off))
        exchanged = s * off[own]
        means, error2 = [], np.zeros((len(orders), len(columns)))
        first = int(here[:in_a].sum())
        for part in (slice(0, first), slice(first, None)):
            weight, value = w[part], exchanged[:, part]
            n, total = len(weight), weight.sum(0)
            means.append((weight * value).sum(1) / total)
            square = (weight**2 * (value - means[-1][:, None]) ** 2).sum(1)
            error2 += square / total**2 * n / (n - 1)
        found[:, columns] = ratio(means[0] - means[1], np.sqrt(error2))
    return found


def _alike(known: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Measures that the same people have, and who has them."""
    patterns, which = np.unique(known, axis=1, return_inverse=True)
    for number, here in enumerate(patterns.T):
        yield np.flatnonzero(which.ravel() == number), here
