"""Does an attribute vary along a map? A test, so that "clusters" are not only seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.stats.correction import CORRECTIONS

# Fewer points have too few orders, and no neighbours to speak of.
LEAST_POINTS = 6
# Shuffled values that are held at once.
_SHUFFLED = 2_000_000


@dataclass(frozen=True)
class AttributeTest:
    """Whether one attribute varies along a map.

    Attributes
    ----------
    attribute : str
    explained : float
        Share of the attribute's variance that the mean of a point's nearest neighbours on the map predicts, the
        point itself left out. 1: it lies in order; 0 or less: the map says nothing about it.
    chance : float
        Mean of ``explained`` over shuffled attributes.
    p, p_corrected : float
        Of the permutation test; corrected over the attributes that could be tested.
    n : int
        Points (subjects, where they are given).
    left_out : tuple of str
        Columns that the map was made without for this test, because they are the attribute itself.
    """

    attribute: str
    explained: float
    chance: float
    p: float
    p_corrected: float
    n: int
    left_out: tuple[str, ...] = ()

    @property
    def untested(self) -> str:
        """Why there is no answer, as a sentence without a full stop; empty where there is one."""
        if np.isfinite(self.p):
            return ""
        if self.n < LEAST_POINTS:
            many = "one value is" if self.n == 1 else f"{self.n} values are"
            return f"'{self.attribute}' was not tested: {many} known, and a test needs {LEAST_POINTS}"
        return (
            f"'{self.attribute}' was not tested: it has the same value everywhere (of several samples of a person the "
            "mean counts)"
        )


def attribute_tests(
    coordinates: np.ndarray | list[np.ndarray],
    attributes: dict[str, Any],
    *,
    n_neighbors: int = 15,
    n_permutations: int = 999,
    correction: str = "holm",
    seed: int = 0,
    left_out: dict[str, tuple[str, ...]] | None = None,
) -> list[AttributeTest]:
    """Test every attribute.

    Parameters
    ----------
    coordinates : ndarray, shape (samples, dimensions), or a list of them
        One map for all attributes, or one for each.
    attributes : dict of str to sequence of float, shape (samples,)
        NaN where unknown; such points are left out. An attribute with fewer than six known values, or one that does
        not vary, is not tested: NaN, and it does not count in the correction.
    n_neighbors : int
        Neighbours whose mean predicts a point; at most a third of the points.
    n_permutations : int
    correction : str
        ``'holm'`` or ``'benjamini-hochberg'``.
    seed : int
    left_out : dict of str to tuple of str, optional
        For the record, see ``AttributeTest.left_out``.

    Raises
    ------
    InputError
        If an attribute has another length, or the correction is unknown.
    """
    if correction not in CORRECTIONS:
        raise InputError(f"The correction is one of {', '.join(CORRECTIONS)}, but got '{correction}'.")
    maps = coordinates if isinstance(coordinates, list) else [coordinates] * len(attributes)
    rows = []
    for number, ((name, given), here) in enumerate(zip(attributes.items(), maps, strict=True)):
        values = np.asarray(given, dtype=np.float64)
        if values.shape != (len(here),):
            raise InputError(
                f"The attribute '{name}' needs {len(here)} values, one per point, but has the shape {values.shape}."
            )
        known = np.isfinite(values)
        rng = np.random.default_rng([seed, number])
        result = _explained(here[known], values[known], n_neighbors, n_permutations, rng)
        rows.append((name, *result, int(known.sum())))
    corrected = CORRECTIONS[correction]([row[3] for row in rows])
    out = left_out or {}
    return [
        AttributeTest(name, explained, chance, p, float(p_all), n, out.get(name, ()))
        for (name, explained, chance, p, n), p_all in zip(rows, corrected, strict=True)
    ]


def _explained(
    coordinates: np.ndarray, values: np.ndarray, n_neighbors: int, n_permutations: int, rng: np.random.Generator
) -> tuple[float, float, float]:
    n = len(values)
    if n < LEAST_POINTS or not np.ptp(values) > 0:
        return float("nan"), float("nan"), float("nan")
    weights = _neighbour_means(coordinates, max(1, min(n_neighbors, n // 3)))
    centred = values - values.mean()
    total = (centred**2).sum()

    def share(columns: np.ndarray) -> np.ndarray:
        result: np.ndarray = 1 - ((columns - weights @ columns) ** 2).sum(axis=0) / total
        return result

    observed = float(share(centred[:, None])[0])
    step = max(1, _SHUFFLED // n)
    chance = np.concatenate(
        [
            share(np.stack([rng.permutation(centred) for _ in range(min(step, n_permutations - start))], axis=1))
            for start in range(0, n_permutations, step)
        ]
    )
    # The observed order counts as one of the permutations (Phipson & Smyth 2010).
    p = (1 + (chance >= observed - 1e-12).sum()) / (1 + n_permutations)
    return observed, float(chance.mean()), float(p)


def _neighbour_means(coordinates: np.ndarray, count: int) -> Any:
    """Sparse matrix whose product with a column gives each point's mean over its nearest neighbours."""
    from scipy.sparse import csr_matrix
    from scipy.spatial import cKDTree

    n = len(coordinates)
    _, near = cKDTree(coordinates).query(coordinates, k=count + 1)
    own = near == np.arange(n)[:, None]
    # Where copies hide the point itself, the last neighbour goes instead.
    own[~own.any(axis=1), -1] = True
    near = near[~own].reshape(n, count)
    return csr_matrix((np.full(n * count, 1.0 / count), near.ravel(), np.arange(0, n * count + 1, count)), shape=(n, n))
