"""How attributes hang together: correlations, their order by Ward's clustering, principal axes, and whether two
sources (people and a model, say) agree about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.cluster.hierarchy import leaves_list, linkage, optimal_leaf_ordering
from scipy.spatial.distance import squareform

from mien.core.errors import InputError
from mien.manifold.rows import points_of
from mien.stats.permutation import PermutationTest


@dataclass(frozen=True, eq=False)
class Structure:
    """How the columns of a table hang together.

    Attributes
    ----------
    names : tuple of str
    correlations : ndarray, shape (attributes, attributes)
        Pearson correlations over the rows.
    order : ndarray of int, shape (attributes,)
        Attributes in the order of the dendrogram's leaves.
    dendrogram : ndarray, shape (attributes - 1, 4)
        SciPy's linkage matrix: Ward's method on 1 - correlation.
    variance_explained : ndarray, shape (axes,)
        Of the principal axes of the standardised attributes.
    loadings : ndarray, shape (axes, attributes)
        Correlation of each attribute with each axis; the largest of an axis is positive.
    """

    names: tuple[str, ...]
    correlations: np.ndarray
    order: np.ndarray
    dendrogram: np.ndarray
    variance_explained: np.ndarray
    loadings: np.ndarray


def structure(table: Any) -> Structure:
    """Structure of a table of attributes.

    Parameters
    ----------
    table : DataFrame, Samples with ratings, Features or array (samples, attributes)
        Rows with missing values are left out.

    Raises
    ------
    InputError
        If there are fewer than two attributes, or one does not vary.
    """
    points = points_of(table)
    names = points.names or tuple(f"attribute {i}" for i in range(points.values.shape[1]))
    if len(names) < 2:
        raise InputError("A structure needs at least two attributes, but there is one.")
    flat = [name for name, column in zip(names, points.values.T, strict=True) if not np.ptp(column) > 0]
    if flat:
        raise InputError(f"The attribute '{flat[0]}' has the same value in every row; leave it out.")
    correlations = np.corrcoef(points.values.T)
    distance = squareform(np.clip(1 - correlations, 0, None), checks=False)
    tree = optimal_leaf_ordering(linkage(distance, "ward"), distance)
    variances, axes = np.linalg.eigh(correlations)
    order = np.argsort(variances)[::-1]
    variances, axes = np.maximum(variances[order], 0), axes[:, order]
    loadings = (axes * np.sqrt(variances)).T
    largest = np.abs(loadings).argmax(axis=1)
    loadings = loadings * np.where(loadings[np.arange(len(names)), largest] < 0, -1, 1)[:, None]
    return Structure(names, correlations, leaves_list(tree), tree, variances / variances.sum(), loadings)


def compare_structures(one: Any, other: Any, *, n_permutations: int = 9999, seed: int = 0) -> PermutationTest:
    """Whether two sources agree about how the same attributes hang together.

    Parameters
    ----------
    one, other : Structure
        Of the same attributes, in any order.
    n_permutations : int
    seed : int

    Returns
    -------
    PermutationTest
        ``statistic``: Spearman correlation of the two correlation matrices' lower triangles (a representational
        similarity); p of the Mantel test (Mantel 1967): the attributes of one matrix change places. One-sided.

    Raises
    ------
    InputError
        If the attributes differ or are fewer than four.
    """
    if set(one.names) != set(other.names):
        odd = sorted(set(one.names) ^ set(other.names))[0]
        raise InputError(f"Two structures are compared over the same attributes, but '{odd}' is in one only.")
    count = len(one.names)
    if count < 4:
        raise InputError(f"A Mantel test needs at least four attributes, but there are {count}.")
    place = [other.names.index(name) for name in one.names]
    lower = np.tril_indices(count, -1)
    from scipy.stats import rankdata

    first = rankdata(one.correlations[lower])
    ranked = np.zeros((count, count))
    ranked[lower] = rankdata(other.correlations[np.ix_(place, place)][lower])
    ranked += ranked.T
    first = (first - first.mean()) / first.std()
    spread, mean = ranked[lower].std(), ranked[lower].mean()

    def agreement(order: np.ndarray) -> float:
        return float(first @ (ranked[order[lower[0]], order[lower[1]]] - mean) / spread / len(first))

    observed = agreement(np.arange(count))
    rng = np.random.default_rng(seed)
    shuffled = np.array([agreement(rng.permutation(count)) for _ in range(n_permutations)])
    p = (1 + (shuffled >= observed - 1e-12).sum()) / (1 + n_permutations)
    return PermutationTest(observed, float(p), n_permutations, exact=False)
