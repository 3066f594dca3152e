"""Groups of people by k-means or mixtures of normal distributions: how good, how stable, beyond one cloud or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logsumexp

from mien.cohort.one_cloud import fit_one_cloud
from mien.core.progress import Progress

K_MEANS, MIXTURE = "k-means", "gaussian-mixture"
METHODS = (K_MEANS, MIXTURE)
# Variance that is added to every component: sums of items lie on a lattice, on which a component may shrink to a point.
_FLOOR = 0.02
_STARTS, _NULL_STARTS = 5, 2
# More people than these bring no other answer, and silhouettes and nulls cost by the square.
MOST_FOR_NULL, _MOST_FOR_SILHOUETTE = 3000, 2000


@dataclass(frozen=True, eq=False)
class GroupFit:
    """Components of standardised values.

    Attributes
    ----------
    weights : ndarray, shape (k,)
    means : ndarray, shape (k, columns)
    covariances : ndarray, shape (k, columns, columns)
        Of k-means that of the mean distance, alike in all directions and groups.
    gain : float
        How much better than one group: of k-means the logarithm of the ratio of squares, of a mixture that of the
        likelihood per person.
    bic : float
        Less is better; of k-means as a mixture of spheres of one size.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    gain: float
    bic: float

    def probabilities(self, values: np.ndarray) -> np.ndarray:
        """Probability of each group, shape (people, k)."""
        logs = np.log(self.weights)[None] + _log_densities(values, self.means, self.covariances)
        shares: np.ndarray = np.exp(logs - logsumexp(logs, axis=1, keepdims=True))
        return shares


def _log_densities(values: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> np.ndarray:
    result = np.empty((len(values), len(means)))
    for k, (mean, covariance) in enumerate(zip(means, covariances, strict=True)):
        root = np.linalg.cholesky(covariance)
        apart = np.linalg.solve(root, (values - mean).T)
        result[:, k] = -0.5 * (apart**2).sum(0) - np.log(np.diag(root)).sum()
    return result - 0.5 * values.shape[1] * np.log(2 * np.pi)


def fit_groups(values: np.ndarray, k: int, method: str, *, seed: int = 0, starts: int = _STARTS) -> GroupFit:
    """The best of several fits.

    Parameters
    ----------
    values : ndarray, shape (people, columns)
        Standardised.
    k : int
    method : {'k-means', 'gaussian-mixture'}
    seed, starts : int
    """
    from sklearn.cluster import KMeans
    from sklearn.mixture import GaussianMixture

    people, columns = values.shape
    if method == MIXTURE:
        fit = GaussianMixture(k, n_init=starts, reg_covar=_FLOOR, random_state=seed, max_iter=200).fit(values)
        one = _normal(values)
        return GroupFit(
            fit.weights_, fit.means_, fit.covariances_, float(fit.score(values)) - one, float(fit.bic(values))
        )
    found = KMeans(k, n_init=starts, random_state=seed).fit(values)
    squares = max(float(found.inertia_), 1e-9)
    total = float(((values - values.mean(0)) ** 2).sum())
    spread = squares / (people * columns)
    counts = np.bincount(found.labels_, minlength=k)
    shares = counts[counts > 0] / people
    likely = people * (float(shares @ np.log(shares)) - 0.5 * columns * (np.log(2 * np.pi * spread) + 1))
    bic = -2 * likely + (k - 1 + k * columns + 1) * np.log(people)
    balls = np.repeat((spread * np.eye(columns))[None], k, axis=0)
    # Equal weights: whoever is nearest to a centre belongs to it.
    return GroupFit(np.full(k, 1 / k), found.cluster_centers_, balls, float(np.log(total / squares)), float(bic))


def _normal(values: np.ndarray) -> float:
    """Mean logarithm of the likelihood of one normal distribution."""
    covariance = np.cov(values, rowvar=False, bias=True).reshape(values.shape[1], -1) + _FLOOR * np.eye(values.shape[1])
    return float(_log_densities(values, values.mean(0)[None], covariance[None]).mean())


@dataclass(frozen=True)
class Candidate:
    """One number of groups.

    Attributes
    ----------
    k : int
    bic, silhouette : float
    agreement : float
        Mean adjusted Rand index of the groups in samples of people drawn with replacement and the groups seen.
    jaccard : tuple of float
        Of each group, largest first: the mean share of its people that such samples put together again.
    gain, expected, high : float
        How much better than one group; what one cloud gives; and its upper 5 %.
    p : float
        Share of clouds with a gain, over all numbers of groups, as far above what is expected.
    """

    k: int
    bic: float
    silhouette: float
    agreement: float
    jaccard: tuple[float, ...]
    gain: float
    expected: float
    high: float
    p: float


def candidates(
    values: np.ndarray, most: int, method: str, *, n_null: int = 99, n_boot: int = 50, seed: int = 0,
    progress: Progress | None = None,
) -> tuple[list[Candidate], dict[int, GroupFit]]:  # fmt: skip
    """Every number of groups from 2 on, beside one cloud of the same shape.

    Parameters
    ----------
    values : ndarray, shape (people, columns)
        Standardised.
    most : int
        Largest number of groups.
    method : {'k-means', 'gaussian-mixture'}
    n_null, n_boot : int
        Clouds, and samples of people for the stability.
    seed : int
    progress : callable (done, total), optional

    Returns
    -------
    list of Candidate, dict of int to GroupFit
    """
    ks, rng = range(2, most + 1), np.random.default_rng(seed)
    fits = {k: fit_groups(values, k, method, seed=seed) for k in ks}
    few = values[rng.permutation(len(values))[:MOST_FOR_NULL]]
    seen = _gains(few, ks, method, seed)
    cloud = fit_one_cloud(few)
    null = np.empty((n_null, len(ks)))
    for draw in range(n_null):
        null[draw] = _gains(standardised(cloud.draw(len(few), rng))[0], ks, method, draw)
        if progress is not None:
            progress(draw + 1, n_null)
    mean, spread = null.mean(0), np.maximum(null.std(0, ddof=1), 1e-9)
    highest = ((null - mean) / spread).max(1)
    result = []
    for place, k in enumerate(ks):
        p = float((1 + (highest >= (seen[place] - mean[place]) / spread[place]).sum()) / (1 + n_null))
        agreement, jaccard = _stability(values, fits[k], k, method, n_boot, seed)
        facts = (fits[k].bic, _silhouette(values, fits[k], seed), agreement, jaccard)
        high = float(np.quantile(null[:, place], 0.95))
        result.append(Candidate(k, *facts, float(seen[place]), float(mean[place]), high, p))
    return result, fits


def _gains(values: np.ndarray, ks: range, method: str, seed: int) -> np.ndarray:
    return np.array([fit_groups(values, k, method, seed=seed, starts=_NULL_STARTS).gain for k in ks])


def standardised(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values with mean 0 and spread 1 in every column, and what was subtracted and divided by."""
    centre, spread = values.mean(0), values.std(0)
    spread = np.where(spread > 0, spread, 1.0)
    return (values - centre) / spread, centre, spread


def _silhouette(values: np.ndarray, fit: GroupFit, seed: int) -> float:
    from sklearn.metrics import silhouette_score

    groups = fit.probabilities(values).argmax(1)
    some = np.random.default_rng(seed).permutation(len(values))[:_MOST_FOR_SILHOUETTE]
    if not 1 < len(np.unique(groups[some])) < len(some):
        return float("nan")
    return float(silhouette_score(values[some], groups[some]))


def _stability(
    values: np.ndarray, fit: GroupFit, k: int, method: str, n_boot: int, seed: int
) -> tuple[float, tuple[float, ...]]:
    """Agreement of the groups with those of samples of people (Hennig 2007, Comput. Stat. Data Anal. 52(1))."""
    from sklearn.metrics import adjusted_rand_score

    groups, rng = fit.probabilities(values).argmax(1), np.random.default_rng(seed + 1)
    sizes = np.bincount(groups, minlength=k)
    agreement, shares = [], []
    for draw in range(n_boot):
        rows = rng.integers(0, len(values), len(values))
        again = fit_groups(values[rows], k, method, seed=draw, starts=_NULL_STARTS).probabilities(values).argmax(1)
        agreement.append(adjusted_rand_score(groups, again))
        both = np.bincount(groups * k + again, minlength=k * k).reshape(k, k)
        either = sizes[:, None] + np.bincount(again, minlength=k)[None] - both
        shares.append((both / np.maximum(either, 1)).max(1))
    mean: Any = np.mean(shares, axis=0)[np.argsort(-sizes)]
    return float(np.mean(agreement)), tuple(map(float, mean))
