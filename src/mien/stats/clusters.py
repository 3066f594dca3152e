"""Where on a map two groups differ: clusters of neighbouring places, tested by their mass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from mien.core.errors import InputError
from mien.stats import student
from mien.stats.two_groups import Contrast, arrangements, count_arrangements, enough


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters of places where one group has more.

    Attributes
    ----------
    t : ndarray, shape (places,)
        Welch's, or the paired t; NaN where too few people have the place.
    label : ndarray of int, shape (places,)
        Number of the cluster, from 1; 0 outside. Largest mass first.
    mass : ndarray, shape (clusters,)
        Sum of t over the cluster; its sign says which group has more.
    p : ndarray, shape (clusters,)
        Share of the arrangements whose largest cluster is as heavy: family-wise over the map.
    threshold : float
        \\|t\\| from which on places belong to clusters.
    n_permutations : int
    exact : bool
    """

    t: np.ndarray
    label: np.ndarray
    mass: np.ndarray
    p: np.ndarray
    threshold: float
    n_permutations: int
    exact: bool

    def significant(self, level: float = 0.05) -> np.ndarray:
        """Places in clusters with p at most ``level``; bool, shape (places,)."""
        return np.isin(self.label, np.flatnonzero(self.p <= level) + 1)


def cluster_test(
    contrast: Contrast,
    neighbours: np.ndarray,
    *,
    n_permutations: int = 1000,
    threshold: float | None = None,
    seed: int = 0,
) -> Clusters:
    """Permutation test of the mass of clusters.

    Parameters
    ----------
    contrast : Contrast
        Its measures are places.
    neighbours : ndarray of int, shape (pairs, 2)
        Places that touch.
    n_permutations : int
        All arrangements are enumerated where they are no more than this.
    threshold : float, optional
        \\|t\\| from which on places belong to clusters; by default that of p = .01 for so many people, two-sided.
    seed : int

    Notes
    -----
    Maris & Oostenveld 2007, "Nonparametric statistical testing of EEG- and MEG-data", J. Neurosci. Methods 164(1). What
    is tested is that there is a difference, by its clusters; the edge of a cluster is not certain (Sassenhagen &
    Draschkow 2019, Psychophysiology 56(6)).
    """
    pairs = np.asarray(neighbours, dtype=np.intp)
    if (
        pairs.ndim != 2
        or pairs.shape[1] != 2
        or (len(pairs) and not 0 <= pairs.min() <= pairs.max() < contrast.measures)
    ):
        raise InputError(f"Neighbours are pairs of places below {contrast.measures}, shape (pairs, 2).")
    kept = np.flatnonzero(enough(contrast))
    renumbered = np.full(contrast.measures, -1)
    renumbered[kept] = np.arange(len(kept))
    edges = renumbered[pairs]
    edges = edges[(edges >= 0).all(1)]
    part = contrast.of(kept)
    df = len(part.a) - 1 if part.paired else len(part.a) + len(part.b) - 2
    limit = float(student.isf(0.005, df)) if threshold is None else float(threshold)
    ways, exact = count_arrangements(part, n_permutations)
    observed, found, masses = np.zeros(len(kept)), np.zeros(len(kept), dtype=int), np.zeros(0)
    heavier = np.zeros(0)
    for start, block in arrangements(part, n_permutations, seed):
        for number, t in enumerate(block, start):
            label, mass = _clusters(t, edges, limit)
            if number == 0:
                observed, found, masses = t, label, mass
                heavier = np.zeros(len(mass))
            heavier += np.abs(mass).max(initial=0.0) >= np.abs(masses) * (1 - 1e-9)
    order = np.argsort(-np.abs(masses), kind="stable")
    rank = np.zeros(len(masses) + 1, dtype=int)
    rank[order + 1] = np.arange(1, len(masses) + 1)
    t, label = np.full(contrast.measures, np.nan), np.zeros(contrast.measures, dtype=int)
    t[kept], label[kept] = observed, rank[found]
    return Clusters(t, label, masses[order], heavier[order] / ways, limit, ways - (not exact), exact)


def _clusters(t: np.ndarray, edges: np.ndarray, limit: float) -> tuple[np.ndarray, np.ndarray]:
    """Number of each place's cluster, from 1, and the sum of t of each; touching places of two signs stay apart."""
    side = np.sign(t) * (np.abs(t) >= limit)
    inside = np.flatnonzero(side)
    label = np.zeros(len(t), dtype=int)
    if not len(inside):
        return label, np.zeros(0)
    number = np.full(len(t), -1)
    number[inside] = np.arange(len(inside))
    one, other = edges[(side[edges[:, 0]] == side[edges[:, 1]]) & (side[edges[:, 0]] != 0)].T
    graph = coo_array((np.ones(len(one), dtype=bool), (number[one], number[other])), shape=(len(inside), len(inside)))
    count, of_place = connected_components(graph, directed=False)
    label[inside] = of_place + 1
    # An infinite t (nothing varies but the groups) weighs as much as a large one, so that masses can be added up.
    return label, np.bincount(of_place, np.clip(t[inside], -1e6, 1e6), count)


def grid_neighbours(inside: np.ndarray) -> np.ndarray:
    """Pairs of touching pixels, numbered along the rows among those that are ``inside``, shape (pairs, 2).

    Parameters
    ----------
    inside : ndarray of bool, shape (height, width)
    """
    number = np.full(inside.shape, -1)
    number[inside] = np.arange(int(inside.sum()))
    right = np.stack([number[:, :-1], number[:, 1:]], axis=-1).reshape(-1, 2)
    below = np.stack([number[:-1], number[1:]], axis=-1).reshape(-1, 2)
    pairs = np.concatenate([right, below])
    return np.asarray(pairs[(pairs >= 0).all(1)])
