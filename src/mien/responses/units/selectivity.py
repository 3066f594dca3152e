"""Which units respond more to faces: chosen on one half of the sources, tested on the other, and vice versa."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.responses.units.design import UnitDesign
from mien.stats import student
from mien.stats.correction import benjamini_hochberg
from mien.stats.one_sided import one_sided_p

# A unit is chosen on one half where its one-sided p there is below this.
CHOSEN = 0.05


@dataclass(frozen=True, eq=False)
class Moments:
    """Number, mean and variance between sources of the answers to some group of them, shape (units,)."""

    n: float
    mean: np.ndarray
    variance: np.ndarray


@dataclass(frozen=True, eq=False)
class LayerTest:
    """Units of one layer; first axis: the half of the sources that d', t and p were computed on.

    Attributes
    ----------
    d, t : ndarray, shape (2, units)
        Faces against all others: difference in root mean square standard deviations, and Welch's t.
    d_all : ndarray, shape (units,)
        d' over all sources, to describe with.
    d_least : ndarray, shape (units,)
        The smallest d' of faces against each other category alone, over all sources; NaN where there is none.
    hardest : ndarray of int, shape (units,)
        Which of ``UnitDesign.others`` that is; -1 where there is none.
    p, p_each : ndarray, shape (2, units)
        One-sided, by shuffling whole sources; of the strict form the largest over the other categories. NaN where the
        other half did not choose the unit.
    constant : ndarray of bool, shape (units,)
        Units with one answer to everything, which are not tested.
    """

    d: np.ndarray
    t: np.ndarray
    d_all: np.ndarray
    d_least: np.ndarray
    hardest: np.ndarray
    p: np.ndarray
    p_each: np.ndarray
    constant: np.ndarray


def moments(values: np.ndarray) -> Moments:
    """Of sources, shape (sources, units)."""
    few = len(values) < 2
    variance = np.full(values.shape[1], np.nan) if few else values.var(0, ddof=1, dtype=np.float64)
    return Moments(len(values), values.mean(0, dtype=np.float64), variance)


def d_prime(a: Moments, b: Moments) -> np.ndarray:
    """Difference of means over the root mean square of both standard deviations; NaN where nothing varies.

    Notes
    -----
    The face-selectivity index of Aparicio, Issa and DiCarlo 2016 (J. Neurosci. 36(50)), as used for units of networks
    by Baek et al. 2021 (Nat. Commun. 12, 7328).
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt((a.variance + b.variance) / 2)
        return np.where(spread > 0, (a.mean - b.mean) / spread, np.nan)


def welch(a: Moments, b: Moments) -> tuple[np.ndarray, np.ndarray]:
    """Welch's t and its degrees of freedom, shape (units,); t is 0 where nothing varies."""
    with np.errstate(invalid="ignore", divide="ignore"):
        q_a, q_b = a.variance / a.n, b.variance / b.n
        t = (a.mean - b.mean) / np.sqrt(q_a + q_b)
        df = (q_a + q_b) ** 2 / (q_a**2 / (a.n - 1) + q_b**2 / (b.n - 1))
    return np.where(q_a + q_b > 0, t, 0.0), np.where(df > 0, df, 1.0)


def chosen_by(t: np.ndarray, df: np.ndarray) -> np.ndarray:
    """Units that respond more to faces on one half, before any correction."""
    return np.asarray(student.sf(t, df) < CHOSEN)


def layer_test(
    means: np.ndarray, design: UnitDesign, *, n_permutations: int, seed: int, strict: bool = True
) -> LayerTest:
    """Selectivity of every unit of a layer.

    Parameters
    ----------
    means : ndarray, shape (sources, units)
    design : UnitDesign
    n_permutations, seed : int
        Of the tests.
    strict : bool
        Whether faces are also compared with each other category alone.
    """
    units = means.shape[1]
    constant = np.ptp(means, axis=0) <= 1e-6 * np.abs(means).max(0)
    d, t, p, p_each = (np.full((2, units), np.nan) for _ in range(4))
    chosen, each = np.zeros((2, units), dtype=bool), np.zeros((2, units), dtype=bool)
    for half in (0, 1):
        here = design.half == half
        face, rest = moments(means[here & design.face]), moments(means[here & ~design.face])
        d[half] = d_prime(face, rest)
        t[half], df = welch(face, rest)
        chosen[half] = chosen_by(t[half], df) & ~constant
        each[half] = chosen[half] & bool(design.others)
        for name in design.others if strict else ():
            each[half] &= chosen_by(*welch(face, moments(means[here & (design.category == name)])))
    for half in (0, 1):
        here = np.flatnonzero(design.half == half)
        units_of = np.flatnonzero(chosen[1 - half])
        p[half, units_of] = one_sided_p(
            means[np.ix_(here, units_of)], design.face[here], n_permutations=n_permutations, seed=seed + half
        )
        if strict:
            p_each[half] = _against_each(means, design, here, each[1 - half], p[half], n_permutations, seed + half)
    d_all, d_least, hardest = _described(means, design)
    return LayerTest(d, t, d_all, d_least, hardest, p, p_each, constant)


def _against_each(
    means: np.ndarray, design: UnitDesign, here: np.ndarray, chosen: np.ndarray, p: np.ndarray, n: int, seed: int
) -> np.ndarray:
    """The largest p over the other categories (Berger 1982, Technometrics 24(4)): all of them have to be exceeded."""
    found = np.where(chosen, p, np.nan)
    for name in design.others:
        # What already failed need not be tried against the rest.
        units = np.flatnonzero(found <= CHOSEN)
        rows = here[design.face[here] | (design.category[here] == name)]
        one = one_sided_p(means[np.ix_(rows, units)], design.face[rows], n_permutations=n, seed=seed)
        found[units] = np.maximum(found[units], one)
    return found


def _described(means: np.ndarray, design: UnitDesign) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    face = moments(means[design.face])
    d_all = d_prime(face, moments(means[~design.face]))
    if not design.others:
        return d_all, np.full_like(d_all, np.nan), np.full(len(d_all), -1)
    each = np.stack([d_prime(face, moments(means[design.category == name])) for name in design.others])
    known = np.where(np.isfinite(each), each, np.inf)
    hardest = np.argmin(known, axis=0)
    least = np.take_along_axis(each, hardest[None], 0)[0]
    return d_all, least, np.where(np.isfinite(least), hardest, -1)


def adjusted(p: np.ndarray) -> np.ndarray:
    """False-discovery rate at which each unit counts as selective, from its p on both halves, shape (units,).

    Parameters
    ----------
    p : ndarray, shape (2, units)
        On the half that did not choose the unit; NaN where it was not chosen.

    Returns
    -------
    ndarray
        1 for units that neither half chose.

    Notes
    -----
    Each direction is corrected by itself (Benjamini and Hochberg 1995) and doubled for the two of them: the false share
    of all units that either finds is at most the sum of theirs.
    """
    each = [np.nan_to_num(benjamini_hochberg(row), nan=1.0) for row in p]
    return np.minimum(2 * np.minimum(*each), 1.0)
