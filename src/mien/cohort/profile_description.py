"""In what profiles differ: effect sizes of measures that they were not made of, false discoveries controlled."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from mien.stats.correction import benjamini_hochberg

_NAN = float("nan")
# Fewer people of a profile with a value say nothing of it.
_LEAST = 3


@dataclass(frozen=True)
class Described:
    """One measure in one profile, against everybody else.

    Attributes
    ----------
    measure : str
    profile : int
        From 1.
    people : int
        Of the profile, with a value.
    g, low, high : float
        Hedges' g with its 95 % interval.
    p, p_corrected : float
        Of the measure over all profiles (Kruskal-Wallis), and corrected over the measures (Benjamini-Hochberg).
    circular : bool
        Whether the profiles were made of it, or of what it is made of: then there is no test.
    """

    measure: str
    profile: int
    people: int
    g: float
    low: float
    high: float
    p: float
    p_corrected: float
    circular: bool


def describe(
    values: np.ndarray, names: Sequence[str], circular: Sequence[bool], groups: np.ndarray, k: int
) -> list[Described]:
    """Effect sizes of every measure in every profile.

    Parameters
    ----------
    values : ndarray, shape (people, measures)
        NaN where unknown.
    names : sequence of str
    circular : sequence of bool
    groups : ndarray of int, shape (people,)
        From 0.
    k : int

    Returns
    -------
    list of Described
    """
    p = np.array([_NAN if own else _p(values[:, i], groups, k) for i, own in enumerate(circular)])
    corrected = benjamini_hochberg(p)
    result = []
    for i, name in enumerate(names):
        for group in range(k):
            column = values[:, i]
            inside, outside = column[groups == group], column[groups != group]
            inside, outside = inside[np.isfinite(inside)], outside[np.isfinite(outside)]
            facts = (len(inside), *hedges(inside, outside), float(p[i]), float(corrected[i]), bool(circular[i]))
            result.append(Described(name, group + 1, *facts))
    return result


def _p(column: np.ndarray, groups: np.ndarray, k: int) -> float:
    from scipy.stats import kruskal

    parts = [column[(groups == group) & np.isfinite(column)] for group in range(k)]
    parts = [part for part in parts if len(part) >= _LEAST]
    if len(parts) < 2 or np.ptp(np.concatenate(parts)) == 0:
        return _NAN
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return float(kruskal(*parts).pvalue)


def hedges(inside: np.ndarray, outside: np.ndarray) -> tuple[float, float, float]:
    """Hedges' g of two groups of people with its 95 % interval.

    Hedges, L. V. & Olkin, I. (1985). Statistical methods for meta-analysis, chapter 5.
    """
    n, m = len(inside), len(outside)
    if n < _LEAST or m < _LEAST:
        return _NAN, _NAN, _NAN
    pooled = np.sqrt(((n - 1) * inside.var(ddof=1) + (m - 1) * outside.var(ddof=1)) / (n + m - 2))
    if not pooled > 0:
        return _NAN, _NAN, _NAN
    g = (1 - 3 / (4 * (n + m) - 9)) * (inside.mean() - outside.mean()) / pooled
    error = float(ndtri(0.975)) * np.sqrt((n + m) / (n * m) + g**2 / (2 * (n + m)))
    return float(g), float(g - error), float(g + error)
