"""Intervals of shares over people: those who were seen, weighed at random, and one more of the worst or best kind."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.stats.jackknife import FEW_PEOPLE, Interval, Statistic
from mien.stats.subjects import codes_of

# Weights that are drawn for an interval, and how many numbers they may come to.
_LEAST_DRAWS, _MOST_DRAWS, _NUMBERS = 1000, 20_000, 4_000_000
_END = 1e-12
_NAN = float("nan")


def mean_interval(values: Any, subjects: Any, *, of: int | None = None, level: float = 0.95) -> Interval:
    """Interval of a mean of numbers from 0 to 1, such as the share of right answers, over people like those seen.

    Parameters
    ----------
    values : ndarray, shape (samples,)
    subjects : sequence of str, shape (samples,)
    of : int, optional
        People in the whole sample, where only those who show some class are given.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    Interval
        Withheld (NaN) for samples of fewer than ``FEW_PEOPLE`` people. A mean of exactly 0 or 1 has its exact bound
        over any two people or more.

    Notes
    -----
    One more person is thought of who is wrong throughout (lower bound) or right throughout (upper bound). All are
    weighed by exponential numbers, and the bound is a quantile of the mean (Gaffke's bound; Learned-Miller and Thomas
    2019, arXiv:1905.06208, who find no distribution for which it fails). For one sample per person that is the interval
    of Clopper and Pearson (Biometrika 26, 1934). It never falls when a sample becomes right, which intervals from a
    standard error do: near 0 and 1 people hardly differ, and that says little of people who were not seen.
    """
    share, (names, who) = np.asarray(values, dtype=np.float64), codes_of(subjects)
    people = len(names)
    if people == 0:
        return Interval(_NAN, _NAN, 0)
    size, total = np.bincount(who), np.bincount(who, share)
    drawn = person_weights(people + 1, people)
    seen, right = drawn[:, :people] @ size, drawn[:, :people] @ total
    other = drawn[:, people] * size.mean()
    ends = (right / (seen + other), (right + other) / (seen + other))
    return within(float(share.mean()), *ends, people, people, of=of, level=level)


def within(
    value: float,
    worse: np.ndarray,
    better: np.ndarray,
    people: int,
    resting: float,
    *,
    capped: bool = True,
    of: int | None = None,
    level: float = 0.95,
) -> Interval:
    """Bounds of a share from its drawn values with one more person of the worst, and of the best kind.

    Parameters
    ----------
    value : float
    worse, better : ndarray, shape (draws,)
    people : int
        Who carry the interval.
    resting : float
        People that a share of exactly 0 or 1 rests on, such as those who show the rarest class. Were the mean over
        people m, then at most m of them would be all right, and n in a row at most m ** n times: the bound is the m at
        which that is half of what the level leaves.
    capped : bool
        Whether no share below 1 may have a higher lower bound than that of 1.
    of : int, optional
        As for ``mean_interval``.
    level : float
    """
    if not 0 < level < 1:
        raise InputError(f"Interval: the level lies between 0 and 1, but got {level}.")
    tail = (1 - level) / 2
    if people < 2 or not np.isfinite(value):
        return Interval(_NAN, _NAN, people, "1 person" if people == 1 else "")
    best = value > 1 - _END
    if (few := people if of is None else of) < FEW_PEOPLE and not best and value > _END:
        return Interval(_NAN, _NAN, people, f"{few} people")
    low, high = float(np.quantile(worse, tail)), float(np.quantile(better, 1 - tail))
    exact = tail ** (1 / max(resting, 1))
    if capped:
        low, high = min(low, exact), max(high, 1 - exact)
    if best:
        return Interval(exact if capped else max(low, exact), 1.0, people)
    if value < _END:
        return Interval(0.0, 1 - exact if capped else min(high, 1 - exact), people)
    return Interval(low, high, people)


@lru_cache(maxsize=4)
def person_weights(people: int, numbers: int) -> np.ndarray:
    """Exponential weights of people, shape (draws, people): the same ones at every call.

    Parameters
    ----------
    people : int
    numbers : int
        How many numbers every draw comes to; the more, the fewer draws.

    Notes
    -----
    Each person's weights are evenly spaced quantiles in random order (Latin hypercube; McKay, Beckman and Conover 1979,
    Technometrics 21), so that bounds depend little on the draws.
    """
    draws = int(np.clip(_NUMBERS // max(1, numbers), _LEAST_DRAWS, _MOST_DRAWS))
    levels = -np.log1p(-(np.arange(draws) + 0.5) / draws)
    rng, found = np.random.default_rng(0), np.empty((draws, people))
    for person in range(people):
        found[:, person] = rng.permutation(levels)
    found.setflags(write=False)
    return found


def drawn_values(
    statistic: Statistic, weights: np.ndarray, owner: np.ndarray, amount: np.ndarray, block: int = _NUMBERS
) -> np.ndarray:
    """A statistic of weighed samples, shape (draws,).

    Parameters
    ----------
    statistic : callable
        As for ``mien.stats.jackknife.subject_interval``.
    weights : ndarray, shape (draws, people)
    owner : ndarray of int, shape (samples,)
        Whose weight each sample gets.
    amount : ndarray, shape (samples,)
        How many samples each one stands for.
    block : int
        Draws are worked off in blocks of about this many numbers.
    """
    step = max(1, block // max(1, len(owner)))
    parts = []
    for i in range(0, len(weights), step):
        drawn = np.take(weights[i : i + step], owner, axis=1)
        drawn *= amount
        parts.append(statistic(drawn))
    return np.concatenate(parts)
