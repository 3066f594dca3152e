"""Scores that are functions of sums over people: their values, and their slopes for standard errors over people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

# Of a bin: confidence less accuracy, samples, the products of both, and whether the person is in it.
_BIN = 6


@dataclass(frozen=True, eq=False)
class Sums:
    """A score of everybody, as a function of what each person adds.

    Attributes
    ----------
    kind : str
        One of ``KINDS``, or 'calibration'.
    people : ndarray of float64, shape (people, sums)
        What each person adds to every sum. 'ratio': numerators, then as many denominators, whose ratios are averaged;
        'error': squared errors, samples; 'correlation', 'slope': see ``pair_sums``; 'logistic': see ``logistic_sums``;
        'calibration': see ``bin_sums``.
    """

    kind: str
    people: np.ndarray


def pair_sums(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Products of two columns, of which correlations and slopes are made, shape (samples, 6)."""
    return np.stack([np.ones(len(x)), x, y, x * x, y * y, x * y], axis=1)


def bin_sums(off: np.ndarray, place: np.ndarray, bins: int, who: np.ndarray, people: int) -> np.ndarray:
    """What each person adds to every bin of a reliability curve, shape (people, 6 x bins).

    Parameters
    ----------
    off : ndarray, shape (samples,)
        Confidence less 1 or 0, whether the answer is right.
    place, who : ndarray of int, shape (samples,)
        Bin, and number of the person.
    bins, people : int
    """
    total, count = np.zeros((2, people, bins))
    np.add.at(total, (who, place), off)
    np.add.at(count, (who, place), 1.0)
    parts = [total, count, total * total, total * count, count * count, (count > 0).astype(float)]
    return np.concatenate(parts, axis=1)


def _ratio(totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    above, below = np.split(totals, 2, axis=-1)
    ratio, many = above / below, above.shape[-1]
    return ratio.mean(-1), np.concatenate([1 / below, -ratio / below], axis=-1) / many


def _error(totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    # On the logarithm, where errors of few people are symmetric; half of the mean square's is the root's.
    squares, count = totals[..., 0], totals[..., 1]
    return np.log(squares / count) / 2, np.stack([1 / squares, -1 / count], axis=-1) / 2


def _moments(totals: np.ndarray) -> tuple[np.ndarray, ...]:
    """Covariance and both variances, times the square of the number, with their slopes."""
    n, x, y, xx, yy, xy = np.moveaxis(totals, -1, 0)
    nothing = np.zeros_like(n)
    slopes = (
        np.stack([xy, -y, -x, nothing, nothing, n], axis=-1),
        np.stack([xx, -2 * x, nothing, n, nothing, nothing], axis=-1),
        np.stack([yy, nothing, -2 * y, nothing, n, nothing], axis=-1),
    )
    return n * xy - x * y, n * xx - x * x, n * yy - y * y, *slopes


def _slope(totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    both, spread, _, d_both, d_spread, _ = _moments(totals)
    slope = both / spread
    return slope, (d_both - slope[..., None] * d_spread) / spread[..., None]


def _correlation(totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    both, one, other, d_both, d_one, d_other = _moments(totals)
    size = np.sqrt(one * other)
    r = both / size
    ends = d_one / (2 * one[..., None]) + d_other / (2 * other[..., None])
    slope = d_both / size[..., None] - r[..., None] * ends
    return np.arctanh(r), slope / (1 - r * r)[..., None]


def _logistic(totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    s1, s2, i11, i12, i22 = np.moveaxis(totals, -1, 0)
    above, below = i11 * s2 - i12 * s1, i11 * i22 - i12 * i12
    step, nothing = above / below, np.zeros_like(s1)
    d_above = np.stack([-i12, i11, s2, -s1, nothing], axis=-1)
    d_below = np.stack([nothing, nothing, i22, -2 * i12, i11], axis=-1)
    return step, (d_above - step[..., None] * d_below) / below[..., None]


def calibration_and_variance(totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean squared distance of confidence and accuracy over bins, less what chance adds, and its sampling variance.

    Parameters
    ----------
    totals : ndarray, shape (..., 6 x bins)
        See ``bin_sums``.

    Returns
    -------
    value, variance : ndarray, shape (...,)
        The variance holds the square's own curvature, without which it would be 0 where the calibration is perfect.
    """
    off, count, oo, oc, cc, people = np.split(totals, _BIN, axis=-1)
    filled = np.maximum(count, 1)
    away = off / filled
    # What one person's samples have in common makes the bin's mean uncertain; of one person nothing is known.
    chance = np.maximum(oo - 2 * away * oc + away**2 * cc, 0) / filled**2 * people / np.maximum(people - 1, 1)
    square = np.where(people > 1, away**2 - chance, 0.0)
    share = count / count.sum(-1, keepdims=True)
    spread = 4 * np.maximum(square, 0) * chance + 2 * chance**2
    return (share * square).sum(-1), (share**2 * spread).sum(-1)


KINDS: dict[str, Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]] = {
    "ratio": _ratio,
    "error": _error,
    "slope": _slope,
    "correlation": _correlation,
    "logistic": _logistic,
}


def value_and_slope(kind: str, totals: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A score of sums (..., sums), shape (...,), and its slope in each of them.

    'error' is the logarithm of the root mean square, 'correlation' Fisher's z, 'logistic' a step from a common fit.
    Not a number where the sums have no score.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return KINDS[kind](totals)


def by_person(rows: np.ndarray, who: np.ndarray, people: int) -> np.ndarray:
    """Sums of each person's rows, shape (people, columns)."""
    found = np.zeros((people, rows.shape[1]))
    np.add.at(found, who, rows)
    return found
