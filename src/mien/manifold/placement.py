"""Rows that are placed on a map that is there already: known ones where they are, and how well new ones are placed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mien.manifold.maps import FittedMap, Place
from mien.manifold.quality import MEANING, PLACED_TRUST, PLACEMENT_ERROR, Quality
from mien.manifold.rows import own_people, scaled
from mien.stats.folds import subject_folds

_SHUFFLES = 5
Part = tuple[np.ndarray, np.ndarray]


def with_known_rows(place: Place, x: np.ndarray, coordinates: np.ndarray) -> Place:
    """The way to place rows, with rows that the map was made of put exactly where it has them.

    Parameters
    ----------
    place : callable
        Of the method.
    x : ndarray, shape (samples, features)
        What the map was made of.
    coordinates : ndarray, shape (samples, dimensions)

    Returns
    -------
    callable
        Of copies, the first one's place counts.
    """
    known: dict[int, int] = {}
    for number, row in enumerate(x):
        known.setdefault(_key(row), number)

    def number_of(row: np.ndarray) -> int:
        number = known.get(_key(row), -1)
        return number if number >= 0 and np.array_equal(x[number], row) else -1

    def everywhere(new: np.ndarray) -> np.ndarray:
        numbers = np.array([number_of(row) for row in new], dtype=np.intp)
        placed = coordinates[numbers].astype(np.float64)
        if (numbers < 0).any():
            placed[numbers < 0] = place(new[numbers < 0])
        return placed

    return everywhere


def _key(row: np.ndarray) -> int:
    return hash((row + 0.0).tobytes())  # adding zero makes of -0 the same zero


def held_out_parts(subjects: np.ndarray, n_dims: int, n_held_out: int, seed: int) -> list[Part]:
    """Rows to draw a map of and rows to place on it, for every map that is drawn to see how rows are placed.

    Parameters
    ----------
    subjects : ndarray of str, shape (samples,)
        Nobody is on both sides, as one's other rows would show the place; ``''`` where unknown, which is a person of
        its own.
    n_dims : int
    n_held_out : int
        Parts are held out until they have this many rows together; a fifth of the rows at a time at most, if there
        are five subjects.
    seed : int
        Decides which.

    Returns
    -------
    list of (ndarray of int, ndarray of int)
        Empty if nothing is to be held out, or too few rows would be left for a map.
    """
    rows = len(subjects)
    people = own_people(subjects)
    if len(set(people)) == 1:
        people = own_people(np.full(rows, ""))
    if n_held_out < 1:
        return []
    folds = subject_folds(
        people, scheme="grouped", n_folds=min(max(5, rows // n_held_out), len(set(people))), seed=seed
    )
    parts: list[Part] = []
    for rest, held in folds:
        if sum(len(part[1]) for part in parts) >= n_held_out:
            break
        if len(rest) >= max(5, n_dims + 2):
            parts.append((rest, held))
    return parts


def placement_quality(
    values: np.ndarray,
    coordinates: np.ndarray,
    draw: Callable[[np.ndarray], FittedMap],
    parts: list[Part],
    *,
    scale: bool = True,
    n_neighbors: int = 15,
    seed: int = 0,
) -> list[Quality]:
    """How well new rows are placed: maps are drawn without some rows, which are then placed on them.

    Parameters
    ----------
    values : ndarray, shape (samples, features)
    coordinates : ndarray, shape (samples, dimensions)
        The map of all of them.
    draw : callable
        Draws a map of the rows that it gets.
    parts : list of (ndarray of int, ndarray of int)
        From ``held_out_parts``.
    scale : bool
        Divide each column by its standard deviation over the rows that a map is drawn of.
    n_neighbors : int
    seed : int
        Of the shuffling for chance: held-out rows get each other's places.

    Returns
    -------
    list of Quality
        Trustworthiness of the placed rows (as Venna & Kaski 2001 define it, the sum taken over the placed rows, whose
        neighbours are rows of the map), to be compared with the map's own. And the placement error: the distance of
        the placed rows from where the map of all rows has them, after the smaller map was turned, mirrored, shifted
        and stretched to fit it best in the rows that both have. Nothing where there are no parts.
    """
    rng = np.random.default_rng(seed)
    trust, error = [], []
    for rest, held in parts:
        here, centre, spread = scaled(values[rest], scale)
        if not np.ptp(here, axis=0).any():
            continue
        fitted = draw(here)
        new = (values[held] - centre) / spread
        placed = fitted.place(new)
        orders = [np.arange(len(held)), *_partners(len(held), rng)]
        trust.append([len(held), *_trusts(new, here, placed, fitted.coordinates, n_neighbors, orders)])
        there = _procrustes(fitted.coordinates, coordinates[rest])(placed)
        error.append([len(held), *(((there[order] - coordinates[held]) ** 2).sum(axis=1).mean() for order in orders)])
    if not error:
        return []
    size = float(((coordinates - coordinates.mean(axis=0)) ** 2).sum(axis=1).mean()) or 1.0
    value, chance = (float(np.sqrt(square / size)) for square in _pooled(error))
    return [
        Quality(PLACED_TRUST, *_pooled(trust), *MEANING[PLACED_TRUST]),
        Quality(PLACEMENT_ERROR, value, chance, *MEANING[PLACEMENT_ERROR]),
    ]


def _pooled(parts: list[list[float]]) -> tuple[float, float]:
    """Means over all held-out rows, of (rows, own value, values of shuffled rows ...); one row cannot be shuffled."""
    value = np.average([part[1] for part in parts], weights=[part[0] for part in parts])
    mixed = [(part[0], float(np.mean(part[2:]))) for part in parts if len(part) > 2]
    chance = np.average([m[1] for m in mixed], weights=[m[0] for m in mixed]) if mixed else np.nan
    return float(value), float(chance)


def _trusts(
    new: np.ndarray, x: np.ndarray, placed: np.ndarray, coordinates: np.ndarray, n_neighbors: int,
    orders: list[np.ndarray],
) -> list[float]:  # fmt: skip
    """Trustworthiness of new rows if each had the place of the row that an order names."""
    count = max(1, min(n_neighbors, len(x) // 2))
    rank = np.argsort(np.argsort(_distances(new, x), axis=1, kind="stable"), axis=1) + 1
    near = np.argsort(_distances(placed, coordinates), axis=1, kind="stable")[:, :count]
    scale = 2.0 / (count * (2 * len(x) + 1 - 3 * count))  # the row itself makes one more than the map has
    too_far = np.maximum(rank - count, 0)
    return [1 - scale * float(np.take_along_axis(too_far, near[order], axis=1).sum(axis=1).mean()) for order in orders]


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    from scipy.spatial.distance import cdist

    distance: np.ndarray = cdist(a, b)
    return distance


def _procrustes(one: np.ndarray, other: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """The turn, mirroring, shift and scale that bring ``one`` nearest to ``other`` (Procrustes)."""
    middle, target = one.mean(axis=0), other.mean(axis=0)
    u, s, vt = np.linalg.svd((one - middle).T @ (other - target))
    scale = s.sum() / max(((one - middle) ** 2).sum(), 1e-300)
    return lambda points: (points - middle) @ (u @ vt) * scale + target


def _partners(count: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Rows in orders that leave none in its place."""
    order = rng.permutation(count)
    result = []
    for shift in range(1, min(_SHUFFLES, count - 1) + 1):
        partner = np.empty(count, dtype=np.intp)
        partner[order] = np.roll(order, shift)
        result.append(partner)
    return result
