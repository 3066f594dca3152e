"""How far raters agree: the ceiling of what any model can reach on their mean rating."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy  # loads its parts when they are asked for, which is not always

from mien.core.errors import InputError
from mien.stats.subjects import text_codes

# Raters' habits are estimated where at least so many ratings are left after items and raters are fitted.
_LEAST_FREEDOM = 10
# Ratings from which somebody who always says the same says nothing about the items.
_LEAST_RATED = 3
# The items' own spread counts against that of normal ones like so many items.
_NORMAL_ITEMS, _MANY_ITEMS = 10, 100


@dataclass(frozen=True)
class RaterAgreement:
    """Agreement of raters about one attribute.

    Attributes
    ----------
    reliability : float
        Of the items' mean ratings: the share of their variance that other raters in the same design would repeat.
        Below 0 where the means differ less than chance.
    split_half : float
        Correlation of item means to be expected between two random halves of the ratings: Spearman and Brown's formula
        turned around.
    ceiling, low, high : float
        Square root of ``reliability``: the highest correlation with the mean rating that can be expected of a model
        that knows every item's true score. 95 % interval over items and raters.
    icc1, icck : float
        Intraclass correlation of one rating and of the mean rating, one-way random effects (Shrout & Fleiss 1979:
        ICC(1,1), ICC(1,k) with the harmonic mean number of ratings).
    n_items, n_ratings : int
    n_constant : int
        Raters who gave all their items, three or more, the same number.
    """

    reliability: float
    split_half: float
    ceiling: float
    low: float
    high: float
    icc1: float
    icck: float
    n_items: int
    n_ratings: int
    n_constant: int = 0


@dataclass(frozen=True)
class _Error:
    """Error variance of mean ratings: its value, each item's part of it, and the part of the raters' habits.

    ``habit``: variance of raters' habits; ``noise``: of a single rating around item and habit; ``freedom``: degrees of
    freedom of the habits, 0 where they are not known.
    """

    value: float
    parts: np.ndarray
    habit: float
    noise: float
    freedom: int


def rater_agreement(items: Any, values: Any, raters: Any = None) -> RaterAgreement:
    """Agreement from single ratings of one attribute.

    Parameters
    ----------
    items : sequence of str, shape (ratings,)
        What was rated.
    values : sequence of float, shape (ratings,)
        Missing ratings (NaN) are left out.
    raters : sequence of str, shape (ratings,), optional
        Who rated. Habits of raters (to give high or low numbers) lower the reliability as far as items were rated by
        different people; without it every rating is taken to be somebody else's.

    Raises
    ------
    InputError
        If fewer than three items have two ratings.

    Notes
    -----
    rating = item + habit of the rater + noise; designs may be complete, sparse, nested or unbalanced. Noise is what
    items and raters as fixed effects leave over, habits follow from the differences within items (Henderson 1953,
    "Estimation of variance and covariance components", Biometrics 9, method 3; Searle, Casella & McCulloch 1992,
    chapter 5). Nothing is assumed of the items. F = variance of the mean ratings / their error variance, and
    reliability = 1 - 1 / F. The interval is that of F (McGraw & Wong 1996, Psychological Methods 1), with degrees of
    freedom matched to the variances of both parts (Satterthwaite 1946): over items, as they are spread, and over raters
    who are shared by items.

    Raters who say one number throughout add nothing to differences between items where they rated all of them; there
    they are left out. Where they rated some, they blur the means and count as they are.
    """
    numbers = np.asarray(values, dtype=np.float64)
    known = np.isfinite(numbers)
    if len(items) != len(numbers) or (raters is not None and len(raters) != len(numbers)):
        raise InputError(f"There are {len(numbers)} ratings, but another number of items or raters.")
    item = text_codes(np.asarray(items, dtype=object)[known])[1]
    numbers = numbers[known]
    rater = None if raters is None else text_codes(np.asarray(raters, dtype=object)[known])[1]
    total, constant = len(numbers), 0
    if rater is not None:
        same = _constant(numbers, rater)
        constant = int(same.sum())
        everywhere = same & (np.bincount(rater) >= len(np.unique(item)))
        if everywhere.any() and not everywhere.all():
            kept = ~everywhere[rater]
            item, numbers, rater = item[kept], numbers[kept], np.unique(rater[kept], return_inverse=True)[1]
    count = np.bincount(item)
    if (count > 1).sum() < 3:
        raise InputError("Agreement of raters needs at least three items with two ratings each.")
    reliability, low, high = _reliability(item, numbers, rater, count)
    icc1, icck = _intraclass(item, numbers, count)
    ceiling, low, high = (float(np.sqrt(max(share, 0.0))) for share in (reliability, low, high))
    half = reliability / (2 - reliability)
    return RaterAgreement(reliability, half, ceiling, low, high, icc1, icck, len(count), total, constant)


def _constant(values: np.ndarray, rater: np.ndarray) -> np.ndarray:
    """Which raters said one number throughout, several times."""
    number = np.bincount(rater)
    lowest, highest = np.full(len(number), np.inf), np.full(len(number), -np.inf)
    np.minimum.at(lowest, rater, values)
    np.maximum.at(highest, rater, values)
    result: np.ndarray = (lowest == highest) & (number >= _LEAST_RATED)
    return result


def _reliability(
    item: np.ndarray, values: np.ndarray, rater: np.ndarray | None, count: np.ndarray
) -> tuple[float, float, float]:
    """Reliability of the mean ratings with its interval; may be below 0."""
    items = len(count)
    means = np.bincount(item, values) / count
    squares = (means - means.mean()) ** 2
    spread = squares.sum() / (items - 1)
    shares = None if rater is None else _shares(item, rater, count)
    error = _error(item, values, rater, count, means, shares)
    if not spread > 0:
        return float("-inf") if error.value > 0 else 0.0, 0.0, 0.0
    if not error.value > 0:
        return 1.0, 1.0, 1.0
    here, there = items * squares / squares.sum() - 1, items * error.parts / error.parts.sum() - 1
    over = items * (items - 1)
    normal = 2 / (items - 1)
    of_spread = (_jackknife(squares) * items + normal * _NORMAL_ITEMS) / (items + _NORMAL_ITEMS)
    # Few items say little of their tails, so they never count as lighter than normal ones.
    of_spread = max(of_spread, normal) if items < _MANY_ITEMS else of_spread
    of_spread += _shared(spread - error.value, error, shares, count) + max(0.0, -2 * (here @ there) / over)
    of_error = there @ there / over
    if shares is not None and error.freedom:
        of_error += 2 * (_habit_weight(shares) * error.habit / error.value) ** 2 / error.freedom
    ratio = spread / error.value
    quantiles = scipy.special.fdtri(2 / of_spread, 2 / max(of_error, 1e-9), [0.975, 0.025])
    return (1 - 1 / ratio, *(float(1 - q / ratio) for q in quantiles))


def _jackknife(squares: np.ndarray) -> float:
    """Variance of the logarithm of a variance over items, by leaving out one item at a time (squared deviations)."""
    items = len(squares)
    left = np.log(np.maximum(squares.sum() - squares * items / (items - 1), 1e-12 * squares.sum()))
    return float((items - 1) / items * ((left - left.mean()) ** 2).sum())


def _shares(item: np.ndarray, rater: np.ndarray, count: np.ndarray) -> scipy.sparse.coo_array:
    """Share of each rater in each item's mean; sparse, (items, raters)."""
    return scipy.sparse.coo_array((1 / count[item], (item, rater))).tocsr()


def _habit_weight(shares: Any) -> float:
    """Variance between item means that habits of variance 1 make; 0 where all raters rated everything."""
    totals = np.asarray(shares.sum(axis=0)).ravel()
    items = shares.shape[0]
    return float(max(0.0, (shares.power(2).sum() - totals @ totals / items) / (items - 1)))


def _error(
    item: np.ndarray, values: np.ndarray, rater: np.ndarray | None, count: np.ndarray, means: np.ndarray, shares: Any
) -> _Error:
    """Error variance of mean ratings from what differs within items, and within items and raters."""
    items, total = len(count), len(values)
    each = float((1 / count).mean())
    within = np.bincount(item, (values - means[item]) ** 2)
    alone = each * within / (total - items)
    if rater is None or not len(values):
        return _Error(float(alone.sum()), alone, 0.0, float(within.sum() / (total - items)), 0)
    raters = shares.shape[1]
    pairs = scipy.sparse.coo_array((np.ones(total), (item, rater)), shape=shares.shape).tocsr()
    parts = scipy.sparse.csgraph.connected_components(_bipartite(pairs), directed=False)[0]
    freedom = total - items - raters + parts
    if freedom < _LEAST_FREEDOM:
        return _Error(float(alone.sum()), alone, 0.0, float(within.sum() / (total - items)), 0)
    left = np.bincount(item, _left(item, rater, values, means) ** 2)
    # E(within) = noise (ratings - items) + habit (ratings - sum over items and raters of n^2 / n of the item).
    reach = total - float((pairs.power(2).sum(axis=1) / count).sum())
    noise = left.sum() / freedom
    habit = (within.sum() - noise * (total - items)) / reach
    if habit <= 0:
        return _Error(float(alone.sum()), alone, 0.0, float(within.sum() / (total - items)), 0)
    weight = _habit_weight(shares)
    own = weight * within / reach + (each - weight * (total - items) / reach) * left / freedom
    return _Error(float(own.sum()), own, float(habit), float(noise), raters - parts)


def _bipartite(pairs: Any) -> Any:
    items, raters = pairs.shape
    where = pairs.tocoo()
    return scipy.sparse.coo_array((where.data, (where.row, where.col + items)), shape=(items + raters,) * 2)


def _left(item: np.ndarray, rater: np.ndarray, values: np.ndarray, means: np.ndarray) -> np.ndarray:
    """What is left of ratings when items and raters are fitted as fixed effects."""
    rows = np.arange(len(values))
    columns = [scipy.sparse.coo_array((1 / np.sqrt(np.bincount(c))[c], (rows, c))) for c in (item, rater)]
    fit = scipy.sparse.hstack(columns).tocsr()
    centred = values - means[item]
    result: np.ndarray = centred - fit @ scipy.sparse.linalg.lsmr(fit, centred, atol=1e-9, btol=1e-9, maxiter=1000)[0]
    return result


def _shared(item: float, error: _Error, shares: Any, count: np.ndarray) -> float:
    """Relative variance of the variance of item means that comes from raters whom items share."""
    if shares is None or not error.habit > 0:
        return 0.0
    own = scipy.sparse.diags_array(max(item, 0.0) + error.noise / count)
    cov = (error.habit * (shares @ shares.T) + own).tocsr()
    alone = scipy.sparse.diags_array(cov.diagonal()).tocsr()
    return max(0.0, _relative_variance(cov) - _relative_variance(alone))


def _relative_variance(cov: Any) -> float:
    """Of the variance over normal items with these covariances (items, items): 2 tr((C cov)^2) / tr(C cov)^2."""
    items = cov.shape[0]
    sums = np.asarray(cov.sum(axis=1)).ravel()
    trace = cov.diagonal().sum() - sums.sum() / items
    squared = cov.power(2).sum() - 2 * (sums @ sums) / items + (sums.sum() / items) ** 2
    return float(2 * squared / trace**2)


def _intraclass(item: np.ndarray, values: np.ndarray, count: np.ndarray) -> tuple[float, float]:
    items, total = len(count), len(values)
    means = np.bincount(item, values, items) / count
    between = (count * (means - values.mean()) ** 2).sum() / (items - 1)
    freedom = total - items
    within = ((values - means[item]) ** 2).sum() / freedom
    # Mean group size for unequal groups (Donner 1986).
    size = (total - (count**2).sum() / total) / (items - 1)
    below = between + (size - 1) * within
    one = (between - within) / below if below > 0 else float("nan")
    usual = items / (1 / count).sum()
    below = 1 + (usual - 1) * one
    # Raters who contradict each other throughout leave nothing between the items.
    return float(one), float(usual * one / below) if below > 1e-9 else float("nan")
