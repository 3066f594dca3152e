"""One cloud of people, possibly skewed and with many at the floor: what profiles have to be told from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

# Values that are no lattice, such as prorated sums, are put into so many bins.
_BINS, _MOST_LEVELS = 40, 80
_DRAWN, _ROUNDS = 20_000, 4


@dataclass(frozen=True, eq=False)
class OneCloud:
    """A distribution with one hump in every column, and columns that go together as in a normal distribution.

    Attributes
    ----------
    levels : tuple of ndarray
        Centres of the bins of each column.
    shares : tuple of ndarray
        Their probabilities: one hump, besides what lies at the lowest and at the highest value.
    widths : tuple of float
        Of the bins; 0 for columns of few values, which stay on these.
    root : ndarray, shape (columns, columns)
        Of the correlations behind the columns.
    """

    levels: tuple[np.ndarray, ...]
    shares: tuple[np.ndarray, ...]
    widths: tuple[float, ...]
    root: np.ndarray

    def draw(self, people: int, rng: np.random.Generator) -> np.ndarray:
        """People of the cloud, shape (people, columns)."""
        return self.of_normal(rng.normal(size=(people, len(self.levels))), rng)

    def of_normal(self, normal: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The same from independent standard normal numbers."""
        ranks = ndtr(normal @ self.root.T)
        columns = []
        for column, (levels, shares, width) in enumerate(zip(self.levels, self.shares, self.widths, strict=True)):
            place = np.searchsorted(np.cumsum(shares)[:-1], ranks[:, column])
            spread = width * (rng.random(len(normal)) - 0.5) if width else 0.0
            columns.append(levels[place] + spread)
        return np.stack(columns, axis=1)


def fit_one_cloud(values: np.ndarray) -> OneCloud:
    """The cloud that is nearest to the values.

    Parameters
    ----------
    values : ndarray, shape (people, columns)
        Finite.

    Returns
    -------
    OneCloud

    Notes
    -----
    Each column's distribution is the most likely one with a single hump (isotonic regression up to the hump and down
    from it; Robertson, Wright & Dykstra 1988, Order restricted statistical inference, chapter 7), but for the share at
    the lowest and highest value, which floors and ceilings of a questionnaire make. The columns are joined by a normal
    copula whose correlations give, in the values, those that were seen (Cario & Nelson 1997, NORTA).
    """
    from scipy.stats import rankdata

    found = [_column(values[:, column]) for column in range(values.shape[1])]
    levels, shares, widths = (tuple(part) for part in zip(*found, strict=True))
    wanted = np.corrcoef(values, rowvar=False).reshape(values.shape[1], -1)
    scores = ndtri((rankdata(values, axis=0) - 0.5) / len(values))
    behind = np.corrcoef(scores, rowvar=False).reshape(wanted.shape)
    normal = np.random.default_rng(0).normal(size=(_DRAWN, len(levels)))
    cloud = OneCloud(levels, shares, widths, _root(behind))
    for _ in range(_ROUNDS):
        seen = np.corrcoef(cloud.of_normal(normal, np.random.default_rng(1)), rowvar=False).reshape(wanted.shape)
        behind = np.clip(behind + wanted - seen, -0.995, 0.995)
        cloud = OneCloud(levels, shares, widths, _root(behind))
    return cloud


def _root(correlation: np.ndarray) -> np.ndarray:
    """A matrix whose product with its transpose is the nearest one that correlations can have."""
    values, vectors = np.linalg.eigh((correlation + correlation.T) / 2)
    root = vectors * np.sqrt(np.clip(values, 1e-6, None))
    return root / np.sqrt((root**2).sum(1, keepdims=True))


def _column(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Levels, their shares with one hump, and the width of bins (0 for few values)."""
    levels, counts = np.unique(values, return_counts=True)
    if len(levels) > min(_MOST_LEVELS, len(values) / 2):
        counts, edges = np.histogram(values, bins=_BINS)
        levels, width = (edges[:-1] + edges[1:]) / 2, float(edges[1] - edges[0])
        return levels, one_hump(counts), width
    # Values in between, such as prorated sums, go to the next one of the others.
    common = levels[counts > max(1, 0.002 * len(values))] if len(levels) > 12 else levels
    near = np.abs(values[:, None] - common[None]).argmin(1)
    many = np.bincount(near, minlength=len(common)).astype(np.float64)
    if len(common) > 4:
        many[1:-1] = one_hump(many[1:-1]) * many[1:-1].sum()
    return common, many / many.sum(), 0.0


def one_hump(counts: np.ndarray) -> np.ndarray:
    """The most likely shares that rise to one place and fall from it.

    Parameters
    ----------
    counts : ndarray, shape (levels,)

    Returns
    -------
    ndarray, shape (levels,)
    """
    from scipy.optimize import isotonic_regression

    best, most = np.full(len(counts), 1 / len(counts)), -np.inf
    for top in range(len(counts)):
        up = isotonic_regression(counts[: top + 1].astype(np.float64)).x
        down = isotonic_regression(counts[top:].astype(np.float64), increasing=False).x
        shares = np.r_[up[:-1], max(up[-1], down[0]), down[1:]]
        shares = shares / shares.sum()
        likely = float((counts * np.log(np.maximum(shares, 1e-12))).sum())
        if likely > most:
            best, most = shares, likely
    return best
