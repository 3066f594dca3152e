"""How well a map keeps what was near near, and whether another seed draws the same map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import procrustes
from scipy.spatial.distance import pdist, squareform
from scipy.stats import rankdata


@dataclass(frozen=True)
class Quality:
    """One measure of a map.

    Attributes
    ----------
    name : str
    value : float
    chance : float
        Mean of the same measure over maps whose points were shuffled; NaN where that says nothing.
    higher_is_better : bool
    meaning : str
    """

    name: str
    value: float
    chance: float
    higher_is_better: bool
    meaning: str


PLACED_TRUST, PLACEMENT_ERROR = "trustworthiness of placed rows", "placement error"
MEANING = {
    "trustworthiness": (True, "neighbours on the map are neighbours in the data (Venna & Kaski 2001)"),
    "continuity": (True, "neighbours in the data are neighbours on the map (Venna & Kaski 2001)"),
    "neighbourhood preservation": (True, "share of a point's nearest neighbours that stay its neighbours"),
    "stress": (False, "distances that the map misses, Kruskal's stress-1 after the best scaling"),
    "distance correlation": (True, "Spearman correlation of distances in the data and on the map"),
    "stability": (True, "1 - Procrustes distance between maps of different seeds, mean over pairs"),
    PLACED_TRUST: (
        True,
        "trustworthiness of rows that the map was drawn without and that were placed on it afterwards",
    ),
    PLACEMENT_ERROR: (
        False,
        "how far rows placed afterwards are from where a map drawn with them has them, root mean square in units of "
        "the map's own; part of it is that the map itself moves",
    ),
}


def map_quality(
    x: np.ndarray, coordinates: np.ndarray, *, n_neighbors: int = 15, n_shuffles: int = 5, seed: int = 0
) -> list[Quality]:
    """Measures of one map.

    Parameters
    ----------
    x : ndarray, shape (samples, features)
        What was mapped.
    coordinates : ndarray, shape (samples, dimensions)
    n_neighbors : int
        Size of a neighbourhood; at most (samples - 1) / 2.
    n_shuffles : int
        Maps with shuffled points, for chance.

    Returns
    -------
    list of Quality
        Trustworthiness, continuity, neighbourhood preservation, stress, distance correlation.
    """
    count = max(1, min(n_neighbors, (len(x) - 1) // 2))
    rank, apart = ranks(x), pdist(x)
    data = (rank, apart, rankdata(apart))
    between = pdist(coordinates)
    # A map with shuffled points has the same ranks and distances in another order.
    there, away, order = ranks(coordinates), squareform(between), squareform(rankdata(between))
    found = _measures(data, there, between, squareform(order), count)
    rng = np.random.default_rng(seed)
    shuffled = []
    for _ in range(n_shuffles):
        permuted = rng.permutation(len(x))
        mixed = np.ix_(permuted, permuted)
        distance, place = (squareform(matrix[mixed], checks=False) for matrix in (away, order))
        shuffled.append(_measures(data, there[mixed], distance, place, count))
    chance = {name: float(np.mean([s[name] for s in shuffled])) if shuffled else np.nan for name in found}
    return [Quality(name, value, chance[name], *MEANING[name]) for name, value in found.items()]


def stability(maps: list[np.ndarray]) -> Quality:
    """Agreement of maps of the same points drawn with different seeds; position, turn and scale do not count."""
    pairs = [(a, b) for i, a in enumerate(maps) for b in maps[i + 1 :]]
    value = float(np.mean([1 - procrustes(a, b)[2] for a, b in pairs])) if pairs else np.nan
    rng = np.random.default_rng(0)
    chance = [1 - procrustes(a, b[rng.permutation(len(b))])[2] for a, b in pairs]
    return Quality("stability", value, float(np.mean(chance)) if pairs else np.nan, *MEANING["stability"])


def ranks(points: np.ndarray) -> np.ndarray:
    """Rank of each point among the neighbours of each other one: 0 itself, 1 the nearest; (samples, samples)."""
    squares = (points**2).sum(axis=1)
    distance = squares[:, None] + squares[None] - 2 * points @ points.T
    np.fill_diagonal(distance, -np.inf)
    order = np.argsort(distance, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.arange(len(points))[None].repeat(len(points), axis=0), axis=1)
    return rank


def _measures(
    data: tuple[np.ndarray, np.ndarray, np.ndarray], there: np.ndarray, between: np.ndarray, order: np.ndarray,
    count: int,
) -> dict[str, float]:  # fmt: skip
    """From neighbour ranks, distances and ranks of distances in the data, and the same on the map."""
    rank, apart, apart_order = data
    n = len(rank)
    near, near_there = (rank > 0) & (rank <= count), (there > 0) & (there <= count)
    scale = 2.0 / (n * count * (2 * n - 3 * count - 1))
    length = (between**2).sum()
    best = (apart @ between) / length if length > 0 else 0.0
    return {
        "trustworthiness": float(1 - scale * (rank - count)[near_there & ~near].sum()),
        "continuity": float(1 - scale * (there - count)[near & ~near_there].sum()),
        "neighbourhood preservation": float((near & near_there).sum() / (n * count)),
        "stress": float(np.sqrt(((apart - best * between) ** 2).sum() / max((apart**2).sum(), 1e-300))),
        "distance correlation": _correlation(apart_order, order),
    }


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) > 0 and np.ptp(b) > 0 else float("nan")
