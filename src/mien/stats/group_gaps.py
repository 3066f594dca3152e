"""Is a score of one group of people another one than that of a second group: permutations of whole people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.core.errors import InputError
from mien.stats.sums import Sums, calibration_and_variance, value_and_slope

# Cells of permutations x sums that are computed at once.
_CELLS = 4_000_000
_ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class GapTest:
    """A score's difference between two groups.

    Attributes
    ----------
    p : float
        Share of the permutations with at least so large a difference, in its standard errors; two-sided, never 0. NaN
        where the score is not defined in both groups.
    shared : float
        Correlation of both groups' scores, from people who have samples in both; 0 where nobody has.
    sizes : ndarray, shape (permutations,)
        Differences in standard errors, whatever their sign, the observed one first; infinite where the score is not
        defined, which speaks against nothing. Empty where it is not tested.
    """

    p: float
    shared: float
    sizes: np.ndarray


def permuted_groups(
    in_one: np.ndarray, in_other: np.ndarray, n_permutations: int, rng: np.random.Generator
) -> np.ndarray:
    """Which people keep their group (1) and which change it (0), shape (permutations + 1, people); first as it is.

    People with samples in one group change places with each other, so that the groups keep their numbers of people;
    of people with samples in both, the two sets of samples change places.

    Parameters
    ----------
    in_one, in_other : ndarray of bool, shape (people,)
    n_permutations : int
    rng : numpy.random.Generator
    """
    kept = np.ones((n_permutations + 1, len(in_one)))
    both = in_one & in_other
    kept[1:, both] = rng.integers(0, 2, size=(n_permutations, int(both.sum())))
    single = np.flatnonzero(~both)
    order = np.argsort(rng.random((n_permutations, len(single))), axis=1)
    first = in_one[single]
    kept[1:, single] = first[order] == first
    return kept


def gap_test(one: Sums, other: Sums, kept: np.ndarray) -> GapTest:
    """Test whether a score differs between two groups of people.

    Parameters
    ----------
    one, other : Sums
        What each person's samples of the one and of the other group add: zeros where there are none. The rows are the
        same people.
    kept : ndarray, shape (permutations, people)
        See ``permuted_groups``.

    Notes
    -----
    The difference is studentised by the delta method over people ('calibration' by its own variance), so that the test
    also holds where groups differ in size, in samples per person and in spread (Chung & Romano 2013, "Exact and
    asymptotically robust permutation tests", Ann. Stat. 41(2)). Permutations in which the score is not defined count as
    at least as large. The observed order counts as one (Phipson & Smyth 2010).
    """
    if one.kind != other.kind or one.people.shape != other.people.shape:
        raise InputError("Two groups need sums of one kind over the same people.")
    width = one.people.shape[1]
    as_is = np.concatenate([one.people, other.people], axis=1)
    swapped = np.concatenate([other.people, one.people], axis=1)
    products = [] if one.kind == "calibration" else [_products(as_is), _products(swapped)]
    shared, sizes = 0.0, np.empty(len(kept))
    step = max(1, _CELLS // max(1, 4 * width * width))
    for start in range(0, len(kept), step):
        stay = kept[start : start + step]
        totals = stay @ as_is + (1 - stay) @ swapped
        each = np.stack([totals[:, :width], totals[:, width:]])
        if one.kind == "calibration":
            values, variance = calibration_and_variance(each)
            size = _ratio(values[0] - values[1], variance.sum(0))
        else:
            values, slope = value_and_slope(one.kind, each)
            square = (stay @ products[0] + (1 - stay) @ products[1]).reshape(len(stay), 2, width, 2, width)
            size, covariance = _in_errors(values[0] - values[1], slope, square)
            shared = covariance if start == 0 else shared
        sizes[start : start + step] = np.abs(size)
    if np.isnan(sizes[0]):
        return GapTest(float("nan"), 0.0, np.empty(0))
    sizes[np.isnan(sizes)] = np.inf
    return GapTest(float((sizes >= sizes[0] * (1 - _ROUNDING)).mean()), shared, sizes)


def corrected(tests: Sequence[GapTest], pairs: int = 1) -> np.ndarray:
    """P-values that keep the family-wise error over several scores of two groups, and over pairs of groups.

    Parameters
    ----------
    tests : sequence of GapTest
        With the same permutations; those that were not tested stay NaN and do not count.
    pairs : int
        How many pairs of groups are tested so (Bonferroni).

    Notes
    -----
    Each difference is compared with the largest of its remaining family in every permutation (step-down max-T of
    Westfall & Young 1993, Resampling-based multiple testing, algorithm 2.8), so that scores that go together, as
    accuracy and recalls do, cost little.
    """
    result = np.full(len(tests), np.nan)
    known = [number for number, test in enumerate(tests) if len(test.sizes)]
    if not known:
        return result
    sizes = np.stack([tests[number].sizes for number in known])
    order = np.argsort(-sizes[:, 0], kind="stable")
    largest = np.maximum.accumulate(sizes[order][::-1], axis=0)[::-1]
    p = (largest >= sizes[order, 0][:, None] * (1 - _ROUNDING)).mean(1)
    result[np.array(known)[order]] = np.minimum(pairs * np.maximum.accumulate(p), 1.0)
    return result


def _products(values: np.ndarray) -> np.ndarray:
    return (values[:, :, None] * values[:, None, :]).reshape(len(values), -1)


def _in_errors(difference: np.ndarray, slope: np.ndarray, square: np.ndarray) -> tuple[np.ndarray, float]:
    """Differences in standard errors, and the correlation of the two scores in the first arrangement."""
    one, other, shared = (
        np.einsum("di,dij,dj->d", slope[a], square[:, a, :, b], slope[b]) for a, b in ((0, 0), (1, 1), (0, 1))
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        together = shared[0] / np.sqrt(one[0] * other[0])
    size = _ratio(difference, np.maximum(one + other - 2 * shared, 0.0))
    return size, float(np.clip(together, -1, 1)) if np.isfinite(together) else 0.0


def _ratio(difference: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Difference in standard errors; 0 where there is none, not a number where it is not defined."""
    with np.errstate(invalid="ignore", divide="ignore"):
        size = np.where(np.abs(difference) <= _ROUNDING, 0.0, difference / np.sqrt(variance))
    return np.where(np.isnan(difference), np.nan, size)


def gap_interval(
    one: tuple[float, float, float], other: tuple[float, float, float], shared: float = 0.0
) -> tuple[float, float]:
    """Interval of the difference of two scores from the value and the interval of each.

    Parameters
    ----------
    one, other : (value, low, high)
    shared : float
        Their correlation, where people are in both groups.

    Returns
    -------
    (low, high)
        NaN where an interval is withheld.

    Notes
    -----
    Zou & Donner 2008, "Construction of confidence limits about effect measures: a general approach", Stat. Med. 27(10);
    of shares Newcombe's (1998).
    """
    (a, a_low, a_high), (b, b_low, b_high) = one, other
    down, up = a - a_low, b_high - b
    low = a - b - np.sqrt(max(down**2 + up**2 - 2 * shared * down * up, 0.0))
    down, up = b - b_low, a_high - a
    high = a - b + np.sqrt(max(down**2 + up**2 - 2 * shared * down * up, 0.0))
    return float(low), float(high)
