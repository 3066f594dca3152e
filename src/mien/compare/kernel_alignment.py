"""How alike the answers of layers of networks are, whatever their number of features: centred kernel alignment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mien.compare.map_distances import clusters_of, tree_of
from mien.core.errors import InputError
from mien.stats.subjects import codes_of

LEAST_SOURCES = 8


@dataclass(frozen=True, eq=False)
class KernelAlignment:
    """Centred kernel alignment of all pairs of layers.

    Attributes
    ----------
    names : tuple of str
        Network and layer.
    values : ndarray, shape (layers, layers)
        1 for the same answers but for rotation and scale, about 0 for unrelated ones (below it by chance).
    dendrogram : ndarray, shape (layers - 1, 4)
        SciPy's linkage matrix: average linkage on 1 - value.
    support : ndarray, shape (layers - 1,)
        Share of random halves of the sources whose dendrogram has the same cluster.
    """

    names: tuple[str, ...]
    values: np.ndarray
    dendrogram: np.ndarray
    support: np.ndarray


def kernel_alignment(
    answers: Mapping[str, np.ndarray], sources: np.ndarray, *, n_halves: int = 100, seed: int = 0
) -> KernelAlignment:
    """Linear centred kernel alignment, debiased, between layers that answered the same pictures.

    Parameters
    ----------
    answers : mapping of str to ndarray, shape (pictures, features)
        At least two.
    sources : ndarray of str, shape (pictures,)
        Whose picture each is; halves are drawn of these.
    n_halves, seed : int

    Raises
    ------
    InputError
        If there are fewer than two layers or than eight sources.

    Notes
    -----
    Kornblith, Norouzi, Lee and Hinton 2019, "Similarity of neural network representations revisited" (ICML), with the
    unbiased estimate of the Hilbert-Schmidt criterion (Song et al. 2012), as Nguyen, Raghu and Kornblith 2021 take it
    (ICLR): the plain one is high for any two layers with more features than pictures.
    """
    names = tuple(answers)
    people, codes = codes_of(sources)
    if len(names) < 2:
        raise InputError("Kernel alignment compares at least two layers.")
    if len(people) < LEAST_SOURCES:
        raise InputError(f"Kernel alignment needs pictures of at least {LEAST_SOURCES} sources, but has {len(people)}.")
    kernels = [_kernel(values) for values in answers.values()]
    values = _alignment(kernels, np.arange(len(codes)))
    tree = tree_of(values)
    clusters = clusters_of(tree)
    rng = np.random.default_rng(seed)
    hits = np.zeros(len(clusters))
    for _ in range(n_halves):
        half = rng.permutation(len(people))[: max(len(people) // 2, 4)]
        again = set(clusters_of(tree_of(_alignment(kernels, np.flatnonzero(np.isin(codes, half))))))
        hits += [cluster in again for cluster in clusters]
    return KernelAlignment(names, values, tree, hits / max(n_halves, 1))


def _kernel(values: np.ndarray) -> np.ndarray:
    x = np.asarray(values, dtype=np.float32)
    x = x - x.mean(axis=0)
    kernel = x @ x.T
    kernel /= max(float(np.sqrt((kernel.astype(np.float64) ** 2).mean())), 1e-30)
    np.fill_diagonal(kernel, 0.0)
    return np.asarray(kernel)


def _alignment(kernels: list[np.ndarray], rows: np.ndarray) -> np.ndarray:
    """Debiased alignment over some of the pictures; 0 where a layer says the same of all."""
    n = len(rows)
    part = np.stack([kernel[np.ix_(rows, rows)] for kernel in kernels])
    sums = part.sum(axis=2, dtype=np.float64)
    total = sums.sum(axis=1)
    flat = part.reshape(len(part), -1)
    products = (flat @ flat.T).astype(np.float64)
    shared = products + total[:, None] * total / ((n - 1) * (n - 2)) - 2 / (n - 2) * sums @ sums.T
    own = np.sqrt(np.maximum(np.diag(shared), 0.0))
    with np.errstate(invalid="ignore", divide="ignore"):
        values = np.where(own[:, None] * own > 0, shared / (own[:, None] * own), 0.0)
    np.fill_diagonal(values, 1.0)
    return np.asarray(np.clip(values, -1.0, 1.0))
