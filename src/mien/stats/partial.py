"""Association of many measures with one outcome over people, other columns held constant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc, gammaincc, ndtri

from mien.core.errors import InputError
from mien.stats import student

# Up to so many people p is counted by permutations where it matters: below this p of Student's t. Tails of skewed
# measures are far from Student's there, and corrections for many tests ask for tails.
MOST_PERMUTED, _MATTERS = 1000, 0.1
# Rounds of permutations; a measure goes to the next where fewer exceed it than this.
_ROUNDS, _ENOUGH = (999, 9_999, 99_999), 20
_CHUNK = 2_000_000
_LEAST_FREE = 3
CORRELATION, DIFFERENCE = "correlation", "difference"


@dataclass(frozen=True, eq=False)
class Partial:
    """One value per measure; NaN where there are too few people or nothing varies.

    Attributes
    ----------
    people : ndarray of int
        With a value.
    effect, low, high : ndarray
        Partial correlation, or Hedges' g of the difference between two groups over the spread within them, each with
        the covariates held constant; 95 % interval.
    p : ndarray
        Two-sided.
    """

    people: np.ndarray
    effect: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray


def partial(x: np.ndarray, y: np.ndarray, covariates: np.ndarray, *, kind: str, seed: int = 0) -> Partial:
    """Association of every column of ``x`` with ``y``.

    Parameters
    ----------
    x : ndarray, shape (people, measures)
        NaN where there is no value; each measure is about the people that have one.
    y : ndarray, shape (people,)
        Scores, or 0 and 1 for the two groups.
    covariates : ndarray, shape (people, covariates)
        Held constant, by residuals of least squares. Categories as columns of 0 and 1.
    kind : str
        ``'correlation'`` or ``'difference'``.
    seed : int
        Of the permutations.

    Returns
    -------
    Partial

    Raises
    ------
    InputError
        If the covariates leave too few people, or nothing of the outcome.

    Notes
    -----
    p is Student's; up to ``MOST_PERMUTED`` people, where that is below .1, it is counted by permutations, 999 and up to
    99,999 where few exceed it: of the outcome's residuals (Freedman & Lane, 1983) and of the outcome itself (Manly,
    1986), the larger p of both. With more people the tails get the skewness and the kurtosis of the permutation
    distribution (moments: Pitman, 1937; a gamma and a t distribution, the larger p). g and its interval: Hedges
    (1981); interval of a correlation: Fisher (1921).
    """
    rows, columns = x.shape
    width = _basis(covariates).shape[1]
    if rows - width - 1 < _LEAST_FREE:
        raise InputError(
            f"{rows} people are too few to hold {width - 1} covariates constant; leave some out, or join rare sites."
        )
    if not _varies(_left(y, _basis(covariates)), y):
        raise InputError(
            "With the covariates held constant nothing of the outcome is left: each group (such as each site) has one "
            "value of it. These data cannot tell the outcome from that covariate; people who differ in one alone could."
        )
    found = {name: np.full(columns, np.nan) for name in ("effect", "low", "high", "p")}
    people = np.isfinite(x).sum(axis=0)
    for mask, here in _patterns(np.isfinite(x)):
        n = int(mask.sum())
        if n < _LEAST_FREE:
            continue
        basis = _basis(covariates[mask])
        free = n - basis.shape[1] - 1
        outcome = _left(y[mask], basis)
        if free < _LEAST_FREE or not _varies(outcome, y[mask]):
            continue
        measure = x[np.ix_(mask, here)].astype(np.float64)
        rest = _left(measure, basis)
        known = _varies(rest, measure)
        here, rest = here[known], rest[:, known]
        if not len(here):
            continue
        length = np.sqrt((rest**2).sum(axis=0)) * np.sqrt(outcome @ outcome)
        r = np.clip(outcome @ rest / length, -1, 1)
        effect, low, high = _correlation(r, free) if kind == CORRELATION else _difference(r, outcome, free)
        p = _p(r, rest, outcome, y[mask], basis, free, seed)
        for name, value in (("effect", effect), ("low", low), ("high", high), ("p", p)):
            found[name][here] = value
    return Partial(people, **found)


def _basis(covariates: np.ndarray) -> np.ndarray:
    """Orthonormal columns that span a constant and the covariates."""
    design = np.column_stack([np.ones(len(covariates)), covariates - covariates.mean(axis=0)])
    scale = np.sqrt((design**2).sum(axis=0))
    u, s, _ = np.linalg.svd(design / np.where(scale > 0, scale, 1), full_matrices=False)
    return u[:, s > 1e-9 * s[0]]


def _left(values: np.ndarray, basis: np.ndarray) -> np.ndarray:
    return values - basis @ (basis.T @ values)


def _varies(rest: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Whether more than rounding is left."""
    return np.sqrt((rest**2).sum(axis=0)) > 1e-6 * np.sqrt((values**2).sum(axis=0)) + 1e-12


def _patterns(finite: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Measures that the same people have: a mask of the people, and the measures' places."""
    packed = np.packbits(finite, axis=0)
    places: dict[bytes, list[int]] = {}
    for column in range(finite.shape[1]):
        places.setdefault(packed[:, column].tobytes(), []).append(column)
    for here in places.values():
        yield finite[:, here[0]], np.array(here)


def _correlation(r: np.ndarray, free: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    # free = people - covariates - 2.
    half = ndtri(0.975) / np.sqrt(max(free - 1, 1))
    z = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))
    return r, np.tanh(z - half), np.tanh(z + half)


def _difference(r: np.ndarray, outcome: np.ndarray, free: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    weight = outcome @ outcome
    d = r / np.sqrt(np.maximum(1 - r**2, 1e-12)) * np.sqrt(free / weight)
    g = d * (1 - 3 / (4 * free - 1))
    half = student.ppf(0.975, free) * np.sqrt(1 / weight + g**2 / (2 * free))
    return g, g - half, g + half


def _p(
    r: np.ndarray, rest: np.ndarray, outcome: np.ndarray, raw: np.ndarray, basis: np.ndarray, free: int, seed: int
) -> np.ndarray:
    with np.errstate(divide="ignore"):
        t = np.abs(r) * np.sqrt(free / np.maximum(1 - r**2, 0))
    p = 2 * student.sf(t, free)
    if len(outcome) > MOST_PERMUTED:
        return _skewed(r, p, rest, outcome)
    asked = np.flatnonzero(p < _MATTERS)
    generator = np.random.default_rng([seed, len(outcome)])
    # Residuals of few people are not quite exchangeable, nor is an outcome that goes with the covariates: both have to
    # exceed rarely.
    shuffled = outcome, raw
    unit = rest / np.sqrt((rest**2).sum(axis=0))
    for times in _ROUNDS:
        if not len(asked):
            break
        above = np.maximum(
            *(_exceeding(np.abs(r[asked]), unit[:, asked], y, basis, times, generator) for y in shuffled)
        )
        p[asked] = (above + 1) / (times + 1)
        asked = asked[above < _ENOUGH]
    return p


def _exceeding(
    r: np.ndarray, unit: np.ndarray, outcome: np.ndarray, basis: np.ndarray, times: int, generator: np.random.Generator
) -> np.ndarray:
    """How many permutations of the outcome correlate at least as much, with the covariates held constant."""
    above = np.zeros(len(r), dtype=int)
    chunk = max(1, _CHUNK // max(len(outcome), len(r)))
    for start in range(0, times, chunk):
        shuffled = generator.permuted(np.tile(outcome, (min(chunk, times - start), 1)), axis=1)
        shuffled -= (shuffled @ basis) @ basis.T
        length = np.sqrt((shuffled**2).sum(axis=1))[:, None]
        # Where nothing is left of an order, it says nothing against chance.
        above += (np.abs(shuffled @ unit) >= (r - 1e-10) * length).sum(axis=0)
    return above


def _skewed(r: np.ndarray, p: np.ndarray, rest: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Two-sided p whose tails have the skewness and the kurtosis of the permutation distribution, never less than p."""
    n = len(outcome)
    z = np.abs(r) * np.sqrt(n - 1)
    skewness = np.abs(_moment(rest, 3) * _moment(outcome[:, None], 3)) / np.sqrt(n)
    # Gamma distributions of hardly any skewness are the normal one, but cost digits.
    shape = 4 / np.maximum(skewness, 0.005) ** 2
    upper = gammaincc(shape, shape + z * np.sqrt(shape))
    lower = gammainc(shape, np.maximum(shape - z * np.sqrt(shape), 0))
    skewed = np.where(skewness > 0.005, upper + lower, p)
    excess = (_moment(rest, 4) - 3) * (_moment(outcome[:, None], 4) - 3) / n
    heavy = 4 + 6 / np.maximum(excess, 1e-6)
    tailed = np.where(excess > 1e-3, 2 * student.sf(z * np.sqrt(heavy / (heavy - 2)), heavy), p)
    return np.minimum(np.maximum(p, np.maximum(skewed, tailed)), 1.0)


def _moment(values: np.ndarray, power: int) -> np.ndarray:
    """Standardised moment of each column of residuals."""
    return (values**power).mean(axis=0) / (values**2).mean(axis=0) ** (power / 2)
