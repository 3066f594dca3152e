"""How well a map keeps what was near near, and whether another seed draws the same map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import procrustes

# Distances that are held at once, those whose ranks are taken altogether, and pairs whose distances are compared.
_BLOCK, _CELLS, _PAIRS = 4_000_000, 200_000_000, 2_000_000
_LEAST_ROWS = 2_000


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
    """Measures of one map; memory grows with the rows, not with their square.

    Parameters
    ----------
    x : ndarray, shape (samples, features)
        What was mapped.
    coordinates : ndarray, shape (samples, dimensions)
    n_neighbors : int
        Size of a neighbourhood; at most (samples - 1) / 2.
    n_shuffles : int
        Maps with shuffled points, for the chance level of stress and distance correlation. Of the measures of
        neighbourhoods it is computed exactly: the expectation over all orders of the points.
    seed : int
        Of the shuffles, and of the choice of rows and pairs where there are too many.

    Returns
    -------
    list of Quality
        Trustworthiness, continuity, neighbourhood preservation, stress, distance correlation. Of more than
        ``measured_rows`` rows the neighbourhoods of a random part are measured, among all rows; of more than two
        million pairs so many are drawn for the distances. Both are unbiased estimates.
    """
    n = len(x)
    count = max(1, min(n_neighbors, (n - 1) // 2))
    rng = np.random.default_rng(seed)
    rows = np.arange(n)
    if measured_rows(n) < n:
        rows = np.sort(rng.choice(n, measured_rows(n), replace=False))
    trust, continuity, kept = _neighbourhoods(x, coordinates, rows, count)
    # Of a random map: a neighbour there has any rank from 1 to n - 1 in the data.
    too_far = _penalty(n, count) * (n - 1 - count) * (n - count) / 2 * count / (n - 1)
    result = {
        "trustworthiness": (trust, 1 - too_far),
        "continuity": (continuity, 1 - too_far),
        "neighbourhood preservation": (kept, count / (n - 1)),
    }
    one, other = _pairs(n, rng)
    apart = _apart(x, one, other)
    value = _of_distances(apart, _apart(coordinates, one, other))
    shuffled = []
    for _ in range(n_shuffles):
        order = rng.permutation(n)
        shuffled.append(_of_distances(apart, _apart(coordinates, order[one], order[other])))
    chance = np.mean(shuffled, axis=0) if shuffled else np.full(2, np.nan)
    result |= {name: (value[i], float(chance[i])) for i, name in enumerate(("stress", "distance correlation"))}
    return [Quality(name, *both, *MEANING[name]) for name, both in result.items()]


def measured_rows(n: int) -> int:
    """Rows whose neighbourhoods are measured, of ``n``: all up to 14,142, fewer for more, as time grows with n."""
    return min(n, max(_LEAST_ROWS, _CELLS // n))


def stability(maps: list[np.ndarray]) -> Quality:
    """Agreement of maps of the same points drawn with different seeds; position, turn and scale do not count."""
    pairs = [(a, b) for i, a in enumerate(maps) for b in maps[i + 1 :]]
    value = float(np.mean([1 - procrustes(a, b)[2] for a, b in pairs])) if pairs else np.nan
    rng = np.random.default_rng(0)
    chance = [1 - procrustes(a, b[rng.permutation(len(b))])[2] for a, b in pairs]
    return Quality("stability", value, float(np.mean(chance)) if pairs else np.nan, *MEANING["stability"])


def _neighbourhoods(x: np.ndarray, coordinates: np.ndarray, rows: np.ndarray, count: int) -> tuple[float, float, float]:
    """Trustworthiness, continuity and the share of neighbours that are kept, over some rows among all of them."""
    n = len(x)
    sums = np.zeros(3)
    step = max(1, _BLOCK // n)
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        rank, there = _ranks(x, part), _ranks(coordinates, part)
        near, near_there = (rank > 0) & (rank <= count), (there > 0) & (there <= count)
        sums += (
            (rank - count)[near_there & ~near].sum(),
            (there - count)[near & ~near_there].sum(),
            (near & near_there).sum(),
        )
    scale = _penalty(n, count) / len(rows)
    return float(1 - scale * sums[0]), float(1 - scale * sums[1]), float(sums[2] / (len(rows) * count))


def _penalty(n: int, count: int) -> float:
    """Weight of one rank too far, so that the mean over rows lies between 0 and 1 (Venna & Kaski 2001)."""
    return 2.0 / (count * (2 * n - 3 * count - 1))


def _ranks(points: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Rank of each point among the neighbours of some: 0 itself, 1 the nearest; (rows, samples)."""
    squares = (points**2).sum(axis=1)
    distance = squares[rows, None] + squares[None] - 2 * points[rows] @ points.T
    distance[np.arange(len(rows)), rows] = -np.inf
    order = np.argsort(distance, axis=1, kind="stable")
    rank = np.empty(order.shape, dtype=np.int32)
    np.put_along_axis(rank, order, np.arange(len(points), dtype=np.int32)[None], axis=1)
    return rank


def _pairs(n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Both rows of every pair, or of so many pairs drawn at random."""
    if n * (n - 1) // 2 <= _PAIRS:
        return np.triu_indices(n, 1)
    one = rng.integers(0, n, _PAIRS)
    other = rng.integers(0, n - 1, _PAIRS)
    return one, other + (other >= one)


def _apart(points: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Distances of pairs of rows, in blocks: the differences of all would be a large array."""
    result = np.empty(len(one))
    step = max(1, _BLOCK // points.shape[1])
    for start in range(0, len(one), step):
        part = slice(start, start + step)
        result[part] = np.sqrt(((points[one[part]] - points[other[part]]) ** 2).sum(axis=1))
    return result


def _of_distances(apart: np.ndarray, between: np.ndarray) -> tuple[float, float]:
    """Stress after the best scaling of the map, and the rank correlation of distances in the data and on the map."""
    length = (between**2).sum()
    best = (apart @ between) / length if length > 0 else 0.0
    stress = float(np.sqrt(((apart - best * between) ** 2).sum() / max((apart**2).sum(), 1e-300)))
    from scipy.stats import rankdata

    return stress, _correlation(rankdata(apart), rankdata(between))


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) > 0 and np.ptp(b) > 0 else float("nan")
