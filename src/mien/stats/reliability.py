"""Internal consistency of a sum of items: Cronbach's alpha, McDonald's omega, with intervals over people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy.special import ndtri

from mien.core.words import listed
from mien.stats.jackknife import subject_interval

# Below, an interval is withheld; few people are said to be few (benchmarks: intervals hold the value .93 to .98 of the
# time with 30 and with 100).
FEW_PEOPLE, FEWER_THAN_USUAL = 30, 100
_NAN = float("nan")
# Of the fit of one factor.
_SWEEPS, _STILL, _ROUNDING = 500, 1e-9, 1e-6


@dataclass(frozen=True)
class Reliability:
    """How consistent the items of a sum are.

    Attributes
    ----------
    name : str
    items, people, rows : int
        Rows with all items answered, and of how many people they are.
    alpha, alpha_low, alpha_high : float
        Cronbach's alpha with its 95 % interval over people; NaN where it is withheld.
    omega, omega_low, omega_high : float
        McDonald's omega total of one factor; NaN where one factor does not fit.
    rest : tuple of float
        Correlation of each item with the sum of the others.
    warnings : tuple of str
        In sentences.
    """

    name: str
    items: int
    people: int
    rows: int
    alpha: float
    alpha_low: float
    alpha_high: float
    omega: float
    omega_low: float
    omega_high: float
    rest: tuple[float, ...] = ()
    warnings: tuple[str, ...] = ()


def cronbach_alpha(covariance: np.ndarray) -> np.ndarray:
    """Alpha from covariance matrices, shape (..., items, items) -> (...).

    Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests. Psychometrika 16(3).
    """
    items = covariance.shape[-1]
    total, own = covariance.sum((-2, -1)), np.trace(covariance, axis1=-2, axis2=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = items / (items - 1) * (1 - own / total)
    return np.where(total > 0, alpha, _NAN)


def one_factor(correlation: np.ndarray) -> np.ndarray:
    """Loadings of one factor that leave the least squares of residual correlations (minres), shape (..., items).

    Parameters
    ----------
    correlation : ndarray, shape (..., items, items)

    Notes
    -----
    Harman, H. H. & Jones, W. H. (1966). Factor analysis by minimizing residuals (minres). Psychometrika 31(3): each
    loading in turn takes its best value given the others, until none changes.
    """
    items = correlation.shape[-1]
    off = correlation * (1 - np.eye(items))
    loading = np.linalg.eigh(correlation)[1][..., -1]
    loading = loading * np.where(loading.sum(-1, keepdims=True) < 0, -1.0, 1.0) * 0.7 * np.sqrt(items)
    for _ in range(_SWEEPS):
        before = loading.copy()
        for j in range(items):
            others = (loading**2).sum(-1) - loading[..., j] ** 2
            loading[..., j] = (off[..., j, :] * loading).sum(-1) / np.maximum(others, 1e-12)
        if np.abs(loading - before).max() < _STILL:
            break
    return loading


def mcdonald_omega(covariance: np.ndarray) -> np.ndarray:
    """Omega total of one factor from covariance matrices, shape (..., items, items) -> (...).

    The share of the sum's variance, as the model of one factor gives it, that is the factor's. McDonald, R. P. (1999).
    Test theory: a unified treatment. Erlbaum, chapter 6. NaN where an item shares more than its spread with the factor
    (Heywood cases): of a third of sets of seven items that have nothing in common, whose omega would be up to .95.
    """
    spread = np.sqrt(np.clip(np.diagonal(covariance, axis1=-2, axis2=-1), 0, None))
    scale = np.where(spread > 0, spread, 1.0)
    correlation = covariance / scale[..., :, None] / scale[..., None, :]
    loading = one_factor(correlation)
    common = (loading * spread).sum(-1) ** 2
    own = (np.clip(1 - loading**2, 0, None) * spread**2).sum(-1)
    fits = (loading**2 <= 1 + _ROUNDING).all(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(fits & (common + own > 0), common / (common + own), _NAN)


def item_rest(covariance: np.ndarray) -> np.ndarray:
    """Correlation of each item with the sum of the others, shape (items,); NaN of items without spread."""
    own = np.diag(covariance)
    with_sum = covariance.sum(0)
    rest = covariance.sum() - 2 * with_sum + own
    with np.errstate(divide="ignore", invalid="ignore"):
        return (with_sum - own) / np.sqrt(own * rest)


def reliability(
    name: str,
    answers: np.ndarray,
    subjects: np.ndarray,
    columns: tuple[str, ...],
    *,
    level: float = 0.95,
) -> Reliability:
    """Alpha and omega of the items of a sum.

    Parameters
    ----------
    name : str
    answers : ndarray, shape (rows, items)
        Reversed items are turned; rows with NaN are left out.
    subjects : ndarray of str, shape (rows,)
        People are left out, with all of their rows.
    columns : tuple of str
        What the items are called in warnings.
    level : float

    Returns
    -------
    Reliability

    Notes
    -----
    Interval: one person left out at a time, on the scale of -log(1 - reliability), with degrees of freedom that fall
    where few people carry the spread (``mien.stats.jackknife``). Feldt's F takes items to be normal: with items near
    their floor it holds alpha .82 to .84 of the time, whatever the number of people. Withheld below thirty.
    """
    complete = ~np.isnan(answers).any(1)
    kept, items = answers[complete], answers.shape[1]
    nothing = (_NAN, _NAN, _NAN)
    if len(kept) < 2 or items < 2:
        why = "a sum of one item has no internal consistency" if items < 2 else "fewer than two rows are complete"
        return Reliability(name, items, len(kept), len(kept), *nothing, *nothing, (), (f"Not computed: {why}.",))
    people = len(set(subjects[complete].tolist()))
    covariance = np.cov(kept, rowvar=False)
    alpha, omega = float(cronbach_alpha(covariance)), float(mcdonald_omega(covariance))
    ends, centred = [(_NAN, _NAN)] * 2, kept - kept.mean(0)
    if people >= FEW_PEOPLE:
        both = (partial(_weighted, of, centred) for of in (cronbach_alpha, mcdonald_omega))
        found = [subject_interval(statistic, subjects[complete], "skill", level=level) for statistic in both]
        ends = [(one.low, one.high) for one in found]
        ends[1] = _omega_ends(omega, *ends[1])
    rest = item_rest(covariance)
    return Reliability(
        name, items, people, len(kept), alpha, *ends[0], omega, *ends[1], tuple(map(float, rest)),
        (*_warnings(covariance, rest, columns, people), *_omega_warnings(omega, ends[1], people)),
    )  # fmt: skip


def _weighted(of: Callable[[np.ndarray], np.ndarray], centred: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return of(_covariances(centred, weights))


def _covariances(centred: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Covariance matrices of rows that count so often, shape (draws, items, items)."""
    items = centred.shape[1]
    products = (centred[:, :, None] * centred[:, None, :]).reshape(len(centred), -1)
    count = weights.sum(axis=1, keepdims=True)
    mean = weights @ centred / count
    return np.asarray((weights @ products / count).reshape(-1, items, items) - mean[:, :, None] * mean[:, None, :])


def _warnings(covariance: np.ndarray, rest: np.ndarray, columns: tuple[str, ...], people: int) -> tuple[str, ...]:
    said = []
    if people < FEW_PEOPLE:
        said.append(f"Intervals are withheld for {people} people: fewer than {FEW_PEOPLE}.")
    elif people < FEWER_THAN_USUAL:
        said.append(f"{people} people are few for reliability; its interval says how uncertain it is.")
    constant = [columns[j] for j in np.flatnonzero(np.diag(covariance) <= 0)]
    if constant:
        said.append(f"Everybody gave the same answer to {', '.join(constant)}, which adds nothing to the consistency.")
    # Of items that have nothing in common every second one correlates negatively: chance has no item to be reversed.
    sure = _surely_negative(rest, people)
    for these, what in (
        (sure, "probably to be reversed and not, or reversed twice"),
        (
            (rest < 0) & ~sure,
            "no more than may happen by chance among so few people; see whether it has to be reversed",
        ),
    ):
        if these.any():
            names = [columns[j] for j in np.flatnonzero(these)]
            verb = "goes" if len(names) == 1 else "go"
            said.append(f"{listed(names)} {verb} against the sum of the other items (negative correlation): {what}.")
    return tuple(said)


def _surely_negative(rest: np.ndarray, people: int) -> np.ndarray:
    """Whether each item's correlation with the others is below 0 (Fisher's z, one-sided, Bonferroni over items)."""
    if people < 4:
        return np.zeros(len(rest), dtype=bool)
    z = np.arctanh(np.clip(rest, -1 + 1e-12, 1 - 1e-12)) * np.sqrt(people - 3)
    return np.asarray(z < ndtri(0.05 / len(rest)))


def _omega_ends(omega: float, low: float, high: float) -> tuple[float, float]:
    """The interval within 0 and 1; withheld where it does not hold omega, which the jackknife then does not carry."""
    return (max(low, 0.0), high) if low <= omega <= high else (_NAN, _NAN)


def _omega_warnings(omega: float, ends: tuple[float, float], people: int) -> list[str]:
    if np.isnan(omega):
        return ["Omega is withheld: no single factor fits these items (they have too little in common)."]
    if people >= FEW_PEOPLE and np.isnan(ends[0]):
        return ["The interval of omega is withheld: without single people no single factor fits these items."]
    return []
