"""The methods that draw a map: each fits points (samples, features) and can place new ones."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, Any

import numpy as np

from mien.core.extras import require
from mien.core.numbers import Range
from mien.manifold.compiled import keep_compiled

Place = Callable[[np.ndarray], np.ndarray]
Neighbours = Annotated[int, Range(2, whole=True)]

# Methods that hold the distances of all pairs draw the map of so many rows; of 20,000 these would take gigabytes.
DENSE_ROWS = 4_000
# Rows placed at once.
_PLACED = 500


@dataclass(frozen=True, eq=False)
class FittedMap:
    """A map of the points it was fitted on.

    Attributes
    ----------
    coordinates : ndarray of float64, shape (samples, dimensions)
    place : callable, (new, features) -> (new, dimensions)
    facts : dict
        What the method says about itself, such as the variance explained.
    """

    coordinates: np.ndarray
    place: Place
    facts: dict[str, Any] = field(default_factory=dict)


def _of_all_pairs(fit: Callable[..., FittedMap]) -> Callable[..., FittedMap]:
    """The method, for any number of rows: of many, a random part makes the map and the others are placed on it."""

    @wraps(fit)
    def fitted(x: np.ndarray, *, n_dims: int, seed: int, **settings: Any) -> FittedMap:
        if len(x) <= DENSE_ROWS:
            return fit(x, n_dims=n_dims, seed=seed, **settings)
        chosen = np.sort(np.random.default_rng([seed, len(x)]).choice(len(x), DENSE_ROWS, replace=False))
        part = fit(x[chosen], n_dims=n_dims, seed=seed, **settings)
        place = _in_blocks(part.place)
        coordinates = place(x)
        coordinates[chosen] = part.coordinates
        return FittedMap(coordinates, place, {**part.facts, "rows_fitted": DENSE_ROWS})

    return fitted


def _in_blocks(place: Place) -> Place:
    def everywhere(new: np.ndarray) -> np.ndarray:
        blocks = [place(new[start : start + _PLACED]) for start in range(0, len(new), _PLACED)]
        return np.concatenate(blocks) if blocks else place(new)

    return everywhere


def pca(x: np.ndarray, *, n_dims: int, seed: int) -> FittedMap:
    """Principal components; the sign of each is set so that its largest loading is positive."""
    result = require("sklearn.decomposition", "PCA", "learn").PCA(n_dims, svd_solver="full").fit(x)
    largest = np.abs(result.components_).argmax(axis=1)
    sign = np.sign(result.components_[np.arange(n_dims), largest])
    facts = {
        "variance_explained": result.explained_variance_ratio_.tolist(),
        "loadings": (result.components_ * sign[:, None]).tolist(),
    }
    return FittedMap(result.transform(x) * sign, lambda new: result.transform(new) * sign, facts)


def tsne(x: np.ndarray, *, n_dims: int, seed: int, perplexity: Annotated[float, Range(1)] = 30.0) -> FittedMap:
    """t-SNE (van der Maaten & Hinton 2008) by openTSNE, from the principal components."""
    open_tsne = require("openTSNE", "t-SNE maps", "manifold")
    fitted = open_tsne.TSNE(
        n_dims, perplexity=min(perplexity, (len(x) - 1) / 3), initialization="pca", random_state=seed, n_jobs=1,
        # Its faster way, taken from 10,000 rows on, knows two dimensions only.
        negative_gradient_method="auto" if n_dims <= 2 else "bh",
    ).fit(x)  # fmt: skip
    return FittedMap(np.asarray(fitted), lambda new: np.asarray(fitted.transform(new)))


def umap(
    x: np.ndarray,
    *,
    n_dims: int,
    seed: int,
    n_neighbors: Neighbours = 15,
    min_dist: Annotated[float, Range(0, 1)] = 0.1,
) -> FittedMap:
    """UMAP (McInnes, Healy & Melville 2018)."""
    library = require("umap", "UMAP maps", "manifold")
    keep_compiled()
    with warnings.catch_warnings():
        # One seed means one thread; the library says so at every call.
        warnings.simplefilter("ignore", UserWarning)
        model = library.UMAP(
            n_neighbors=min(n_neighbors, len(x) - 1),
            min_dist=min_dist,
            n_components=n_dims,
            random_state=seed,
            n_jobs=1,
        )
        coordinates = model.fit_transform(x)

    def place(new: np.ndarray) -> np.ndarray:
        # One at a time: the library draws numbers for all rows together, and a row's place would hang on the others.
        return np.concatenate([model.transform(row[None]) for row in new]).astype(np.float64)

    return FittedMap(np.asarray(coordinates, dtype=np.float64), place)


@_of_all_pairs
def isomap(x: np.ndarray, *, n_dims: int, seed: int, n_neighbors: Neighbours = 15) -> FittedMap:
    """Isomap (Tenenbaum, de Silva & Langford 2000)."""
    manifold = require("sklearn.manifold", "Isomap", "learn")
    with warnings.catch_warnings():
        # A graph in several parts is joined at the nearest points.
        warnings.simplefilter("ignore")
        model = manifold.Isomap(n_neighbors=min(n_neighbors, len(x) - 1), n_components=n_dims, eigen_solver="dense")
        coordinates = model.fit_transform(x)
    return FittedMap(coordinates, model.transform)


@_of_all_pairs
def lle(x: np.ndarray, *, n_dims: int, seed: int, n_neighbors: Neighbours = 15) -> FittedMap:
    """Locally linear embedding (Roweis & Saul 2000)."""
    manifold = require("sklearn.manifold", "Locally linear embedding", "learn")
    model = manifold.LocallyLinearEmbedding(
        n_neighbors=min(n_neighbors, len(x) - 1), n_components=n_dims, eigen_solver="dense", random_state=seed
    ).fit(x)
    return FittedMap(model.embedding_, model.transform)


@_of_all_pairs
def mds(
    x: np.ndarray, *, n_dims: int, seed: int, n_iterations: Annotated[int, Range(1, whole=True)] = 300
) -> FittedMap:
    """Metric multidimensional scaling by SMACOF (de Leeuw 1977), from the principal components.

    A new point is put where its distances to the old ones are met best.
    """
    start = pca(x, n_dims=n_dims, seed=seed).coordinates
    distance = _distances(x, x)
    here = start.copy()
    stress = np.inf
    for _ in range(n_iterations):
        between = _distances(here, here)
        now = ((distance - between) ** 2).sum()
        if stress - now < 1e-6 * now:
            break
        stress = now
        ratio = np.divide(distance, between, out=np.zeros_like(distance), where=between > 0)
        # Guttman transform: B(z) z / n with B = diag(row sums) - ratio.
        here = (ratio.sum(axis=1)[:, None] * here - ratio @ here) / len(x)
    return FittedMap(here, lambda new: _placed_by_distance(new, x, here))


def _placed_by_distance(new: np.ndarray, x: np.ndarray, coordinates: np.ndarray) -> np.ndarray:
    wanted = _distances(new, x)
    nearest = np.argsort(wanted, axis=1)[:, :5]
    here = coordinates[nearest].mean(axis=1)
    for _ in range(100):
        away = here[:, None] - coordinates[None]
        between = np.sqrt((away**2).sum(axis=2))
        ratio = np.divide(wanted, between, out=np.zeros_like(wanted), where=between > 0)
        # The same majorisation with all old points held in place.
        moved = (coordinates[None] + ratio[..., None] * away).mean(axis=1)
        if np.abs(moved - here).max() < 1e-9 * max(1.0, np.abs(coordinates).max()):
            break
        here = moved
    return here


@_of_all_pairs
def diffusion_map(
    x: np.ndarray,
    *,
    n_dims: int,
    seed: int,
    alpha: Annotated[float, Range(0)] = 1.0,
    steps: Annotated[int, Range(0, whole=True)] = 1,
) -> FittedMap:
    """Diffusion map (Coifman & Lafon 2006): Gaussian kernel, width from the tenth neighbours, density divided out.

    New points by Nystroem's extension.
    """
    neighbours = min(10, len(x) - 1)
    width = float(np.median(np.sort(_distances(x, x), axis=1)[:, neighbours])) or 1.0

    def kernel(points: np.ndarray) -> np.ndarray:
        return np.exp(-((_distances(points, x) / (2 * width)) ** 2))

    return _eigenmap(kernel(x), kernel, n_dims, alpha, steps)


@_of_all_pairs
def spectral(x: np.ndarray, *, n_dims: int, seed: int, n_neighbors: Neighbours = 15) -> FittedMap:
    """Laplacian eigenmaps (Belkin & Niyogi 2003) of the graph of nearest neighbours.

    Two points are linked if one is among the other's nearest, for new points too, which are placed by Nystroem's
    extension with that kernel (Bengio et al. 2004, "Out-of-sample extensions for LLE, Isomap, MDS, eigenmaps, and
    spectral clustering").
    """
    count = min(n_neighbors, len(x) - 1)

    def nearest(distance: np.ndarray) -> np.ndarray:
        return np.argsort(distance, axis=1, kind="stable")[:, : count + 1]  # the point itself is one of them

    def links(near: np.ndarray) -> np.ndarray:
        graph = np.zeros((len(near), len(x)))
        np.put_along_axis(graph, near, 1.0, axis=1)
        return graph

    apart = _distances(x, x)
    near = nearest(apart)
    reach = np.take_along_axis(apart, near[:, -1:], axis=1)[:, 0] * (1 + 1e-6)  # rounding cuts no link
    graph = links(near)
    # A faint link between all points joins parts of the graph that touch nowhere.
    faint = 1e-4 / len(x)

    def kernel(new: np.ndarray) -> np.ndarray:
        distance = _distances(new, x)
        return np.maximum(links(nearest(distance)), distance <= reach) + faint

    return _eigenmap(np.maximum(graph, graph.T) + faint, kernel, n_dims, 0.0, 1)


def pacmap(x: np.ndarray, *, n_dims: int, seed: int, n_neighbors: Neighbours = 10) -> FittedMap:
    """PaCMAP (Wang, Huang, Rudin & Shaposhnik 2021)."""
    library = require("pacmap", "PaCMAP maps", "pacmap")
    # It says at every map that a seed was set.
    logging.getLogger("pacmap").setLevel(logging.ERROR)
    model = library.PaCMAP(n_components=n_dims, n_neighbors=min(n_neighbors, len(x) - 1), random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        coordinates = model.fit_transform(x)
    return FittedMap(
        np.asarray(coordinates, np.float64), lambda new: np.asarray(model.transform(new, basis=x), np.float64)
    )


def _eigenmap(affinity: np.ndarray, kernel: Place, n_dims: int, alpha: float, steps: int) -> FittedMap:
    density = affinity.sum(axis=1) ** alpha
    weighted = affinity / np.outer(density, density)
    degree = weighted.sum(axis=1)
    root = np.sqrt(degree)
    values, vectors = np.linalg.eigh(weighted / np.outer(root, root))
    order = np.argsort(values)[::-1][1 : n_dims + 1]  # the first is constant
    eigenvalues, right = values[order], vectors[:, order] / root[:, None]
    right *= np.sqrt(degree.sum())
    right *= np.sign(right[np.abs(right).argmax(axis=0), np.arange(n_dims)])

    def place(new: np.ndarray) -> np.ndarray:
        rows = kernel(new)
        rows = rows / np.outer(rows.sum(axis=1) ** alpha, density)
        rows /= rows.sum(axis=1, keepdims=True)
        return (rows @ right) / eigenvalues * eigenvalues**steps

    return FittedMap(right * eigenvalues**steps, place, {"eigenvalues": eigenvalues.tolist()})


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2 * a @ b.T
    distance: np.ndarray = np.sqrt(np.maximum(squares, 0))
    if a is b:
        np.fill_diagonal(distance, 0)
    return distance
