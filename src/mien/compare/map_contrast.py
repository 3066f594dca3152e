"""Where on the face the maps of two sets differ by more than chance: their difference, with a test of its clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.atlas.canonical_map import canonical_face
from mien.atlas.maps import AtlasMaps, person_maps
from mien.core.errors import InputError
from mien.core.people.keys import person_key
from mien.stats.clusters import cluster_test, grid_neighbours
from mien.stats.repeated import shared_spread
from mien.stats.subjects import codes_of
from mien.stats.two_groups import Contrast, enough

# Pixels of the canonical face that are one place of the test: maps are no finer than that.
STEP = 4


@dataclass(frozen=True, eq=False)
class MapContrast:
    """Difference a - b of two mean maps and its clusters, on places of ``STEP`` x ``STEP`` pixels.

    Attributes
    ----------
    difference : ndarray of float64, shape (rows, columns)
        Of the means over people; NaN outside the face and where too few people show the place.
    significant : ndarray of bool, shape (rows, columns)
        Places in clusters with p <= .05.
    p : ndarray, shape (clusters,)
        Of each cluster, family-wise over the face; largest mass first.
    more_in_a : ndarray of bool, shape (clusters,)
    places : ndarray of int, shape (clusters,)
        Size of each cluster.
    people : (int, int)
    paired : bool
    n_permutations : int
    exact : bool
    """

    difference: np.ndarray
    significant: np.ndarray
    p: np.ndarray
    more_in_a: np.ndarray
    places: np.ndarray
    people: tuple[int, int]
    paired: bool
    n_permutations: int
    exact: bool


def contrast_maps(
    a: AtlasMaps, b: AtlasMaps, *, paired: bool = False, n_permutations: int = 1000, seed: int = 0
) -> MapContrast:
    """Test where two sets of maps differ.

    Parameters
    ----------
    a, b : AtlasMaps
        Of the same size. The person is the unit: maps of one person are averaged; where people of two groups have
        unequally many, they are compared in units of their expected spread (``mien.stats.unequal_spread``).
    paired : bool
        Whether people of the same name are compared with themselves; those in one set only are left out.
    n_permutations, seed : int

    Raises
    ------
    InputError
        If the sizes differ or fewer than four people have maps.
    """
    one, other = _people(a, b, paired)
    inside = _inside(a.values.shape[1])
    contrast = Contrast(one[:, inside], other[:, inside], paired)
    if a.values.shape[1:] != b.values.shape[1:]:
        raise InputError(f"Maps have different sizes: {a.values.shape[1:]} and {b.values.shape[1:]}.")
    (one, who), (other, whose) = _known(a), _known(b)
    if paired:
        both = codes_of([*who, *whose])[1]
        _, rows, others = np.intersect1d(both[: len(who)], both[len(who) :], return_indices=True)
        one, other = one[rows], other[others]
    height = a.values.shape[1]
    inside = np.isfinite(blocks(np.where(canonical_face(468, height).inside, 0.0, np.nan)[None])[0])
    scales = None if paired else _spread((a, b), (who, whose), inside)
    contrast = Contrast(one[:, inside], other[:, inside], paired, scales=scales)
    found = cluster_test(contrast, grid_neighbours(inside), n_permutations=n_permutations, seed=seed)
    difference, significant = np.full(inside.shape, np.nan), np.zeros(inside.shape, dtype=bool)
    known = enough(contrast)
    means = _mean(contrast.a) - _mean(contrast.b)
    if paired:
        means = _mean(contrast.a - contrast.b)
    difference[inside] = np.where(known, means, np.nan)
    significant[inside] = found.significant()
    sizes = np.bincount(found.label, minlength=len(found.mass) + 1)[1:]
    return MapContrast(
        difference, significant, found.p, found.mass > 0, sizes, (len(one), len(other)), paired,
        found.n_permutations, found.exact,
    )  # fmt: skip


def cluster_masses(a: AtlasMaps, b: AtlasMaps, *, paired: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Clusters of where two sets of maps differ, without a test.

    Parameters
    ----------
    a, b, paired
        As in ``contrast_maps``.

    Returns
    -------
    mass : ndarray, shape (clusters,)
        Sum of t over each; largest first, as ``MapContrast.p`` is ordered.
    label : ndarray of int, shape (rows, columns)
        Number of each place's cluster, from 1; 0 outside.
    """
    one, other = _people(a, b, paired)
    inside = _inside(a.values.shape[1])
    contrast = Contrast(one[:, inside], other[:, inside], paired)
    found = cluster_test(contrast, grid_neighbours(inside), n_permutations=0)
    label = np.zeros(inside.shape, dtype=int)
    label[inside] = found.label
    return found.mass, label


def _people(a: AtlasMaps, b: AtlasMaps, paired: bool) -> tuple[np.ndarray, np.ndarray]:
    """Coarse mean maps of the people of two sets; of pairs, those who are in both, in one order."""
    if a.values.shape[1:] != b.values.shape[1:]:
        raise InputError(f"Maps have different sizes: {a.values.shape[1:]} and {b.values.shape[1:]}.")
    (one, who), (other, whose) = _known(a), _known(b)
    if paired:
        both = codes_of([*who, *whose])[1]
        _, rows, others = np.intersect1d(both[: len(who)], both[len(who) :], return_indices=True)
        one, other = one[rows], other[others]
    return one, other


def _inside(height: int) -> np.ndarray:
    """Blocks that lie in the canonical face."""
    return np.isfinite(blocks(np.where(canonical_face(468, height).inside, 0.0, np.nan)[None])[0])


def blocks(values: np.ndarray, step: int = STEP) -> np.ndarray:
    """Means of blocks of pixels, shape (maps, rows, columns): NaN where less than half of a block is known."""
    count, height, width = values.shape
    rows, columns = -(-height // step), -(-width // step)
    padded = np.full((count, rows * step, columns * step), np.nan)
    padded[:, :height, :width] = values
    cells = padded.reshape(count, rows, step, columns, step)
    known = np.isfinite(cells)
    seen = known.sum((2, 4))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(seen >= step * step / 2, np.where(known, cells, 0.0).sum((2, 4)) / seen, np.nan))


def _known(maps: AtlasMaps) -> tuple[np.ndarray, np.ndarray]:
    """Coarse mean maps of the people who have any, and who they are."""
    values, people = person_maps(maps)
    coarse = blocks(values)
    known = np.isfinite(coarse).any((1, 2))
    return coarse[known], people[known]


def _spread(
    sets: tuple[AtlasMaps, AtlasMaps], people: tuple[np.ndarray, np.ndarray], inside: np.ndarray
) -> np.ndarray | None:
    """Expected spread of everybody's mean map, shape (people of both, places); none where all have as many maps."""
    values, person, group = [], [], np.repeat([0, 1], [len(who) for who in people])
    for number, (maps, who) in enumerate(zip(sets, people, strict=True)):
        place = {person_key(str(name)): row for row, name in enumerate(who, number * len(people[0]))}
        rows = np.array([place.get(person_key(str(name)), -1) for name in maps.subject])
        person.append(rows[rows >= 0])
        values.append(blocks(maps.values[rows >= 0])[:, inside])
    shown = np.concatenate(values)
    found = shared_spread(shown, np.concatenate(person), group)
    return None if found is None else np.repeat(found[:, None], shown.shape[1], axis=1)


def _mean(values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    count = known.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(0) / np.where(count > 0, count, np.nan))
