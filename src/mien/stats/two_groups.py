"""Do two groups of people, or two conditions of the same people, differ in many measures at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np

from mien.core.errors import InputError
from mien.stats import student
from mien.stats.studentised import ROUNDING, paired_t, weighted_paired_t, weighted_welch_t, welch_t
from mien.stats.unequal_spread import scaled_welch_t

# Least people in a group, or pairs: with three and three no two-sided p is below .05.
LEAST = 4
# Cells of permutations x measures that are computed at once: 64 MB of float64.
_CELLS = 8_000_000


@dataclass(frozen=True, eq=False)
class Contrast:
    """Two sets of people in several measures, NaN where a person has none.

    Attributes
    ----------
    a, b : ndarray of float64, shape (people, measures)
        One row per person. Of ``paired`` ones the rows are the same people.
    paired : bool
    weights : ndarray of float64, shape (people of a and b, measures) or (pairs, measures), optional
        How much each person, or pair, counts in means (see ``mien.stats.repeated``); by default all count the same.
    scales : ndarray, shape (people of a and b, measures), optional
        Expected spread of each person's value, up to a factor, where people have unequally many samples; of groups
        only: the signs of pairs may be exchanged whatever their spread.
    """

    a: np.ndarray
    b: np.ndarray
    paired: bool
    weights: np.ndarray | None = None
    scales: np.ndarray | None = None

    def __post_init__(self) -> None:
        if self.a.ndim != 2 or self.b.ndim != 2 or self.a.shape[1] != self.b.shape[1]:
            raise InputError(
                "Two groups need tables (people, measures) of the same measures, but have the shapes "
                f"{self.a.shape} and {self.b.shape}."
            )
        if self.paired and len(self.a) != len(self.b):
            raise InputError(f"Pairs are rows of the same people, but there are {len(self.a)} and {len(self.b)}.")
        few = min(len(self.a), len(self.b))
        if few < LEAST:
            raise InputError(f"A comparison needs at least {LEAST} people in each group, but there are {few}.")
        if self.paired and self.scales is not None:
            raise InputError("Of pairs no scales are given: their signs are exchanged, whatever their spread.")
        if np.isinf(self.a).any() or np.isinf(self.b).any():
            raise InputError("A comparison needs finite measures; what is missing is NaN.")

    @property
    def measures(self) -> int:
        """How many."""
        return self.a.shape[1]

    def of(self, kept: np.ndarray) -> Contrast:
        """The same people in some of the measures."""
        own = (None if given is None else given[:, kept] for given in (self.weights, self.scales))
        return Contrast(self.a[:, kept], self.b[:, kept], self.paired, *own)


@dataclass(frozen=True, eq=False)
class Effects:
    """Sizes of the differences a - b, shape (measures,) each; NaN where fewer than ``LEAST`` people have the measure.

    Attributes
    ----------
    mean_a, mean_b, difference : ndarray
        In the unit of the measure.
    difference_low, difference_high : ndarray
        95 % interval of Student's t (Welch's degrees of freedom).
    effect, low, high : ndarray
        Difference in standard deviations between people (root mean square of both groups'), corrected for few people,
        and its interval.
    p_equivalent : ndarray
        Two one-sided tests of a difference of at least the margin; small where the groups are alike.
    people_a, people_b : ndarray of int
        People who have the measure.
    """

    mean_a: np.ndarray
    mean_b: np.ndarray
    difference: np.ndarray
    difference_low: np.ndarray
    difference_high: np.ndarray
    effect: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_equivalent: np.ndarray
    people_a: np.ndarray
    people_b: np.ndarray


def effects(contrast: Contrast, *, margin: float = 0.5, level: float = 0.95) -> Effects:
    """Differences with intervals, in units and standardised, and whether the groups are equivalent.

    Parameters
    ----------
    contrast : Contrast
    margin : float
        Differences smaller than this many standard deviations count as none in the equivalence test.
    level : float
        Coverage of the intervals, between 0 and 1.

    Notes
    -----
    The standardised difference and its interval are those of Bonett 2008 ("Confidence intervals for standardized linear
    contrasts of means", Psychological Methods 13(2)), which need no equal variances, with quantiles of Student's t;
    equivalence by two one-sided tests (Schuirmann 1987, J. Pharmacokinet. Biopharm. 15(6)). Coverage is simulated in
    ``benchmarks/null_groups.py``.
    """
    a, b = contrast.a, contrast.b
    if contrast.paired:
        both = np.isfinite(a) & np.isfinite(b)
        a, b = np.where(both, a, np.nan), np.where(both, b, np.nan)
    (n_a, mean_a, var_a), (n_b, mean_b, var_b) = _moments(a), _moments(b)
    q_a, q_b, of_pairs = var_a / np.maximum(n_a, 1), var_b / np.maximum(n_b, 1), None
    weights = contrast.weights
    if weights is not None:
        w_a, w_b = (weights, weights) if contrast.paired else (weights[: len(a)], weights[len(a) :])
        (mean_a, q_a), (mean_b, q_b) = weighted_mean(a, w_a), weighted_mean(b, w_b)
        of_pairs = weighted_mean(a - b, w_a)[1] if contrast.paired else None
    with np.errstate(invalid="ignore", divide="ignore"):
        difference = mean_a - mean_b
        spread2 = (var_a + var_b) / 2
        spread = np.sqrt(spread2)
        if contrast.paired:
            _, _, var_d = _moments(a - b)
            df = n_a - 1.0
            of_pairs = var_d / n_a if of_pairs is None else of_pairs
            error = np.sqrt(of_pairs)
            shared = (var_a + var_b - var_d) / 2  # the covariance
            of_spread = (var_a**2 + var_b**2 + 2 * shared**2) / (8 * df * spread2**2)
            scale2 = of_pairs * n_a / (df * spread2)
        else:
            error = np.sqrt(q_a + q_b)
            df = (q_a + q_b) ** 2 / (q_a**2 / (n_a - 1.0) + q_b**2 / (n_b - 1.0))
            of_spread = (var_a**2 / (n_a - 1.0) + var_b**2 / (n_b - 1.0)) / (8 * spread2**2)
            scale2 = (q_a * n_a / (n_a - 1.0) + q_b * n_b / (n_b - 1.0)) / spread2
        quantile = student.ppf(0.5 + level / 2, df)
        raw = difference / spread
        effect = raw * (1 - 3 / (4 * (n_a + (0 if contrast.paired else n_b) - 2.0 + contrast.paired) - 1))
        error_of_effect = np.sqrt(raw**2 * of_spread + scale2)
        half = quantile * error_of_effect
        # The margin is in standard deviations, which are estimated, too: the test is that of the standardised effect.
        p_equivalent = student.sf((margin - np.abs(raw)) / error_of_effect, df)
    known = enough(contrast)
    rows = (mean_a, mean_b, difference, difference - quantile * error, difference + quantile * error, effect,
            effect - half, effect + half, p_equivalent)  # fmt: skip
    found = [*(np.where(known, row, np.nan) for row in rows), n_a.astype(int), n_b.astype(int)]
    return Effects(*found)


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean of each measure and its sampling variance, from how far people lie from it; shape (measures,).

    Parameters
    ----------
    values, weights : ndarray, shape (people, measures)
        NaN is missing.
    """
    known = np.isfinite(values)
    w, y = np.where(known, weights, 0.0), np.where(known, values, 0.0)
    n = known.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (w * y).sum(0) / w.sum(0)
        variance = (w**2 * (y - mean) ** 2).sum(0) / w.sum(0) ** 2 * n / (n - 1)
    return mean, variance


def spread_ratio(contrast: Contrast) -> float:
    """How much more people of the first group spread than those of the second, in units of ``scales``: the median.

    NaN where nothing varies.
    """
    scales = np.ones(1) if contrast.scales is None else contrast.scales
    parts = np.concatenate([contrast.a, contrast.b]) / scales
    known = enough(contrast)
    (_, _, var_a), (_, _, var_b) = (_moments(part[:, known]) for part in np.split(parts, [len(contrast.a)]))
    varies = (var_a > 0) & (var_b > 0)
    return float(np.sqrt(np.median(var_a[varies] / var_b[varies]))) if varies.any() else float("nan")


def _moments(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """People, mean and variance between people of each measure."""
    known = np.isfinite(values)
    n = known.sum(0).astype(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, values, 0.0).sum(0) / n
        variance = (np.where(known, values - mean, 0.0) ** 2).sum(0) / (n - 1)
    return n, mean, variance


@dataclass(frozen=True, eq=False)
class Tests:
    """Permutation tests of many measures.

    Attributes
    ----------
    t : ndarray, shape (measures,)
        Welch's, or the paired t; NaN where fewer than ``LEAST`` people have the measure.
    p : ndarray, shape (measures,)
        Of each measure alone, two-sided.
    p_largest : ndarray, shape (measures,)
        Corrected over the measures by the largest \\|t\\| of each permutation: family-wise.
    n_permutations : int
    exact : bool
        Whether all arrangements were enumerated.
    """

    t: np.ndarray
    p: np.ndarray
    p_largest: np.ndarray
    n_permutations: int
    exact: bool


def permutation_tests(contrast: Contrast, *, n_permutations: int = 10_000, seed: int = 0) -> Tests:
    """Exchange people between groups, or the conditions within each person, and look how often chance is as large.

    Parameters
    ----------
    contrast : Contrast
    n_permutations : int
        All arrangements are enumerated where they are no more than this.
    seed : int

    Notes
    -----
    The statistic is studentised, so that the test also holds, with enough people, where the groups differ in spread
    (Chung & Romano 2013, "Exact and asymptotically robust permutation tests", Ann. Stat. 41(2)). Where people's values
    are known unequally exactly (``scales``), they are exchanged in units of their spread
    (``mien.stats.unequal_spread``), in drawn orders. The largest \\|t\\|:
    Westfall & Young 1993; Nichols & Holmes 2002, Hum. Brain Mapp. 15(1). The observed order counts as one
    (Phipson & Smyth 2010).
    """
    kept = np.flatnonzero(enough(contrast))
    part = contrast.of(kept)
    above, above_largest = np.zeros(len(kept)), np.zeros(len(kept))
    observed = limit = np.zeros(len(kept))
    ways, exact = count_arrangements(part, n_permutations)
    for start, t in arrangements(part, n_permutations, seed):
        if start == 0:
            observed = t[0]
            limit = np.abs(observed) * (1 - ROUNDING)
        size = np.abs(t)
        above += (size >= limit).sum(0)
        above_largest += (size.max(1, initial=0.0)[:, None] >= limit).sum(0)
    found = np.full((3, contrast.measures), np.nan)
    found[:, kept] = observed, above / ways, above_largest / ways
    return Tests(found[0], found[1], found[2], ways - (not exact), exact)


def enough(contrast: Contrast) -> np.ndarray:
    """Measures that at least ``LEAST`` people of each group have, or as many pairs; bool, shape (measures,)."""
    a, b = np.isfinite(contrast.a), np.isfinite(contrast.b)
    counts = (a & b).sum(0) if contrast.paired else np.minimum(a.sum(0), b.sum(0))
    return np.asarray(counts >= LEAST)


def count_arrangements(contrast: Contrast, n_permutations: int) -> tuple[int, bool]:
    """How many arrangements there are to look at, the observed one among them, and whether these are all."""
    people = len(contrast.a) + (0 if contrast.paired else len(contrast.b))
    ways = 2**people if contrast.paired else comb(people, len(contrast.a))
    if contrast.scales is not None:  # each place has a spread of its own, so that every order is another one
        return n_permutations + 1, False
    return (ways, True) if ways <= n_permutations else (n_permutations + 1, False)


def arrangements(contrast: Contrast, n_permutations: int, seed: int) -> Iterator[tuple[int, np.ndarray]]:
    """Exchange people between groups, or conditions within people; the very first arrangement is the observed one.

    Yields
    ------
    (int, ndarray)
        Number of the block's first arrangement, and t of every measure, shape (arrangements, measures).
    """
    ways, exact = count_arrangements(contrast, n_permutations)
    each = max(1, _CELLS // max(1, contrast.measures))
    if contrast.scales is not None:
        yield from _scaled(contrast, contrast.scales, ways, seed)
        return
    if contrast.paired:
        values, known = _standardised(contrast.a - contrast.b, centre=False)
        draw = _signs(len(values), exact, seed)
    else:
        values, known = _standardised(np.concatenate([contrast.a, contrast.b]), centre=True)
        draw = _members(contrast, exact, seed)
    t_of: Statistic = paired_t if contrast.paired else welch_t
    if contrast.weights is not None:
        t_of, known = (weighted_paired_t if contrast.paired else weighted_welch_t), known * contrast.weights
    for start in range(0, ways, each):
        yield start, t_of(draw(start, min(each, ways - start)), values, known)


def _scaled(contrast: Contrast, scales: np.ndarray, ways: int, seed: int) -> Iterator[tuple[int, np.ndarray]]:
    """As ``arrangements``, of values in units of their spread."""
    rng, values = np.random.default_rng(seed), np.concatenate([contrast.a, contrast.b])
    weights = np.ones(values.shape) if contrast.weights is None else contrast.weights
    each = max(1, _CELLS // max(1, values.size))
    for start in range(0, ways, each):
        orders = np.argsort(rng.random((min(each, ways - start), len(values))), axis=1)
        if start == 0:
            orders[0] = np.arange(len(values))
        yield start, scaled_welch_t(orders, values, scales, weights, len(contrast.a))


Draw = Callable[[int, int], np.ndarray]
Statistic = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def _signs(people: int, exact: bool, seed: int) -> Draw:
    """Signs of people, shape (arrangements, people), from a first number on."""
    rng = np.random.default_rng(seed)

    def draw(start: int, count: int) -> np.ndarray:
        rows = np.arange(start, start + count)
        if exact:
            return np.asarray(1.0 - 2.0 * ((rows[:, None] >> np.arange(people)) & 1))
        signs = rng.choice((-1.0, 1.0), size=(count, people))
        signs[rows == 0] = 1.0
        return signs

    return draw


def _members(contrast: Contrast, exact: bool, seed: int) -> Draw:
    """Who is in the first group: 0 or 1, shape (arrangements, people); all combinations come in their order."""
    rng = np.random.default_rng(seed)
    in_a, people = len(contrast.a), len(contrast.a) + len(contrast.b)
    every = combinations(range(people), in_a)

    def draw(start: int, count: int) -> np.ndarray:
        if exact:
            who = np.array([next(every) for _ in range(count)])
        else:
            who = np.argsort(rng.random((count, people)), axis=1)[:, :in_a]
            if start == 0:
                who[0] = np.arange(in_a)
        chosen = np.zeros((count, people))
        np.put_along_axis(chosen, who, 1.0, axis=1)
        return chosen

    return draw


def _standardised(values: np.ndarray, *, centre: bool) -> tuple[np.ndarray, np.ndarray]:
    """Values of about unit size, 0 where there is none, and 1 where there is one: sums lose no digits so."""
    known = np.isfinite(values)
    n = np.maximum(known.sum(0), 1)
    filled = np.where(known, values, 0.0)
    if centre:
        filled = np.where(known, filled - filled.sum(0) / n, 0.0)
    size = np.sqrt((filled**2).sum(0) / n)
    return filled / np.where(size > 0, size, 1.0), known.astype(float)
