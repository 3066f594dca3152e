"""How far raters agree: the ceiling of what any model can reach on their mean rating."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.stats.bootstrap import percentile_interval
from mien.stats.subjects import text_codes


@dataclass(frozen=True)
class RaterAgreement:
    """Agreement of raters about one attribute.

    Attributes
    ----------
    split_half : float
        Pearson correlation of the item means of two random halves of the ratings, mean over splits.
        Halves are of a size; of an odd number one rating (or rater) is in neither.
    reliability : float
        Of the mean over all ratings: Spearman-Brown of ``split_half``.
    ceiling, low, high : float
        Square root of ``reliability``: the highest correlation with the mean rating that can be expected of a model
        that knows every item's true score. 95 % interval by drawing items with replacement.
    icc1, icck : float
        Intraclass correlation of one rating and of the mean rating, one-way random effects (Shrout & Fleiss 1979:
        ICC(1,1), ICC(1,k) with the harmonic mean number of ratings).
    n_items, n_ratings : int
    """

    split_half: float
    reliability: float
    ceiling: float
    low: float
    high: float
    icc1: float
    icck: float
    n_items: int
    n_ratings: int


def rater_agreement(
    items: Any, values: Any, raters: Any = None, *, n_splits: int = 100, n_boot: int = 1000, seed: int = 0
) -> RaterAgreement:
    """Agreement from single ratings of one attribute.

    Parameters
    ----------
    items : sequence of str, shape (ratings,)
        What was rated.
    values : sequence of float, shape (ratings,)
        Missing ratings (NaN) are left out.
    raters : sequence of str, shape (ratings,), optional
        Who rated. Halves are then halves of the raters, so that a rater's habits do not raise the agreement;
        without it each item's ratings are halved.
    n_splits, n_boot, seed
        Random halves, bootstrap draws of items, and their seed.

    Raises
    ------
    InputError
        If fewer than three items have two ratings.
    """
    numbers = np.asarray(values, dtype=np.float64)
    known = np.isfinite(numbers)
    if len(items) != len(numbers) or (raters is not None and len(raters) != len(numbers)):
        raise InputError(f"There are {len(numbers)} ratings, but another number of items or raters.")
    names, item = text_codes(np.asarray(items, dtype=object)[known])
    numbers = numbers[known]
    count = np.bincount(item, minlength=len(names))
    several = count[item] > 1
    if len(set(item[several])) < 3:
        raise InputError("Agreement of raters needs at least three items with two ratings each.")
    rater = None if raters is None else text_codes(np.asarray(raters, dtype=object)[known])[1]
    halves = _half_means(item, numbers, rater, n_splits, np.random.default_rng(seed))
    ones = np.ones((1, len(names)))
    split_half = float(_mean_correlation(halves, ones)[0])
    times = _times(count, rater)
    reliability = float(_spearman_brown(split_half, times))
    draws = np.random.default_rng([seed, 1]).multinomial(len(names), np.full(len(names), 1 / len(names)), size=n_boot)
    # A few of the splits do for the interval: items, not splits, are what varies.
    drawn = _spearman_brown(_mean_correlation([half[: min(10, n_splits)] for half in halves], draws), times)
    low, high = percentile_interval(np.sqrt(np.clip(drawn, 0, None)))
    icc1, icck = _intraclass(item, numbers, count)
    ceiling = float(np.sqrt(max(reliability, 0.0)))
    return RaterAgreement(split_half, reliability, ceiling, low, high, icc1, icck, len(names), len(numbers))


def _half_means(
    item: np.ndarray, values: np.ndarray, rater: np.ndarray | None, n_splits: int, rng: np.random.Generator
) -> list[np.ndarray]:
    """Item means of both halves for every split; two arrays (splits, items), NaN where a half has no rating."""
    items = int(item.max()) + 1
    means = np.full((2, n_splits, items), np.nan)
    for split in range(n_splits):
        if rater is None:
            # Random order within each item: even places go to one half, odd ones to the other, so that both are of a
            # size; the last of an odd number goes to neither.
            order = np.lexsort((rng.random(len(item)), item))
            first = np.flatnonzero(np.diff(item[order], prepend=-1))
            place = np.arange(len(item)) - np.repeat(first, np.diff(np.append(first, len(item))))
            side = np.empty(len(item), dtype=int)
            whole = np.diff(np.append(first, len(item))) // 2 * 2
            side[order] = np.where(place < np.repeat(whole, np.diff(np.append(first, len(item)))), place % 2, -1)
        else:
            people = int(rater.max()) + 1
            half = np.full(people, -1)
            drawn = rng.permutation(people)
            half[drawn[: people // 2]], half[drawn[people // 2 : people // 2 * 2]] = 0, 1
            side = half[rater]
        for which in (0, 1):
            chosen = side == which
            total = np.bincount(item[chosen], values[chosen], items)
            number = np.bincount(item[chosen], minlength=items)
            np.divide(total, number, out=means[which, split], where=number > 0)
    return [means[0], means[1]]


def _mean_correlation(halves: Any, weights: np.ndarray) -> np.ndarray:
    """Correlation of the two halves over items for each row of weights, mean over splits; shape (rows,)."""
    result = np.zeros(len(weights))
    for a, b in zip(*halves, strict=True):
        both = np.isfinite(a) & np.isfinite(b)
        w = weights[:, both].astype(np.float64)
        w /= w.sum(axis=1, keepdims=True)
        x, y = a[both], b[both]
        mean_x, mean_y = w @ x, w @ y
        cov = w @ (x * y) - mean_x * mean_y
        spread = (w @ x**2 - mean_x**2) * (w @ y**2 - mean_y**2)
        result += np.divide(cov, np.sqrt(np.maximum(spread, 0)), out=np.full(len(w), np.nan), where=spread > 0)
    found: np.ndarray = result / len(halves[0])
    return found


def _times(count: np.ndarray, rater: np.ndarray | None) -> float:
    """How many times as many ratings as a half has all have: two, or more where one of an odd number is in neither."""
    if rater is not None:
        people = int(rater.max()) + 1
        return people / max(people // 2, 1)
    several = count[count > 1]
    return float(several.sum() / (several // 2).sum())


def _spearman_brown(r: Any, times: float) -> np.ndarray:
    """Reliability of ``times`` as many ratings; without meaning where the halves disagree completely."""
    r = np.asarray(r, dtype=np.float64)
    below = 1 + (times - 1) * r
    return np.divide(times * r, below, out=np.full(r.shape, np.nan), where=below > 1e-9)


def _intraclass(item: np.ndarray, values: np.ndarray, count: np.ndarray) -> tuple[float, float]:
    items, total = len(count), len(values)
    means = np.bincount(item, values, items) / count
    between = (count * (means - values.mean()) ** 2).sum() / (items - 1)
    freedom = total - items
    within = ((values - means[item]) ** 2).sum() / freedom
    # Mean group size for unequal groups (Donner 1986).
    size = (total - (count**2).sum() / total) / (items - 1)
    one = (between - within) / (between + (size - 1) * within)
    usual = items / (1 / count).sum()
    below = 1 + (usual - 1) * one
    # Raters who contradict each other throughout leave nothing between the items.
    return float(one), float(usual * one / below) if below > 1e-9 else float("nan")
