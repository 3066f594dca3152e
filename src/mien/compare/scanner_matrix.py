"""Dissimilarities of a brain's answers to categories, crossvalidated over runs."""

from __future__ import annotations

import numpy as np

from mien.compare.dissimilarity import MEASURES, precision_of
from mien.core.dissimilarities import Dissimilarities
from mien.core.errors import InputError
from mien.core.run_patterns import RunPatterns

# Below this a half has no two runs.
_LEAST_FOR_HALVES = 4


def pattern_dissimilarities(patterns: RunPatterns, *, n_splits: int = 100, seed: int = 0) -> Dissimilarities:
    """Crossvalidated Mahalanobis distances of the categories, of all runs and of random halves of them.

    Parameters
    ----------
    patterns : RunPatterns
    n_splits, seed : int
        Halves, for a noise ceiling of one person.

    Returns
    -------
    Dissimilarities
        Distances are those of ``mien.compare.dissimilarity.crossnobis`` with the runs as folds: means over all pairs of
        different runs. The noise covariance is that of volumes about the mean of their block, shrunk towards its
        diagonal; it has no part in the patterns, as noise that had would seem to be less.

    Raises
    ------
    InputError
        If there are fewer than two runs, or a category is missing from one.
    """
    runs, names = sorted({str(one) for one in patterns.run}), sorted({str(one) for one in patterns.category})
    if len(runs) < 2:
        raise InputError(f"A crossvalidated distance needs at least two runs, but there is {len(runs)}.")
    run, category = (np.array([str(v) for v in given]) for given in (patterns.run, patterns.category))
    means = np.empty((len(runs), len(names), patterns.values.shape[1]))
    for i, one in enumerate(runs):
        for j, name in enumerate(names):
            block = patterns.values[(run == one) & (category == name)]
            if not len(block):
                raise InputError(f"'{name}' was not shown in {one}; a crossvalidated distance needs it in every run.")
            means[i, j] = block.mean(axis=0)
    precision = precision_of(patterns.residuals, len(patterns.residuals) - len(patterns.values))
    kernels = np.einsum("rap,sbp->rsab", means @ precision, means) / means.shape[2]
    halves = None
    if len(runs) >= _LEAST_FOR_HALVES:
        rng = np.random.default_rng(seed)
        orders = [rng.permutation(len(runs)) for _ in range(n_splits)]
        half = len(runs) // 2
        halves = np.stack([[_distances(kernels, part) for part in (o[:half], o[half:])] for o in orders])
    return Dissimilarities(
        tuple(names), _distances(kernels, np.arange(len(runs)))[None], ("",), "brain", MEASURES["crossnobis"],
        patterns.notes, patterns.licence, patterns.credit, halves, known_set=True,
    )  # fmt: skip


def _distances(kernels: np.ndarray, runs: np.ndarray) -> np.ndarray:
    """Distances over all pairs of different runs, from inner products of their patterns."""
    part = kernels[np.ix_(runs, runs)]
    total = (part.sum(axis=(0, 1)) - np.einsum("rrab->ab", part)) / (len(runs) * (len(runs) - 1))
    own = np.diag(total)
    distances: np.ndarray = own[:, None] + own - total - total.T
    np.fill_diagonal(distances, 0.0)
    return distances
