"""How alike are the mean maps of models, classes or groups: distances with a noise ceiling, and their dendrogram."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from mien.atlas.maps import AtlasMaps, person_maps
from mien.core.errors import InputError
from mien.stats.subjects import codes_of

LEAST_PEOPLE = 4


@dataclass(frozen=True, eq=False)
class MapDistances:
    """Distances between mean maps.

    Attributes
    ----------
    names : tuple of str
    correlation : ndarray, shape (maps, maps)
        Pearson correlation of the mean maps, over the pixels that both show; the distance is 1 - correlation.
    reliability : ndarray, shape (maps,)
        What the mean map of as many other people would correlate with this one: split halves over people, mean of many
        splits, stepped up (Spearman-Brown).
    ceiling : ndarray, shape (maps, maps)
        The largest correlation that two maps so reliable can be expected to have: root of the product.
    dendrogram : ndarray, shape (maps - 1, 4)
        SciPy's linkage matrix: average linkage on the distances.
    support : ndarray, shape (maps - 1,)
        Share of bootstrap samples of people whose dendrogram has the same cluster.
    people : tuple of int
    """

    names: tuple[str, ...]
    correlation: np.ndarray
    reliability: np.ndarray
    ceiling: np.ndarray
    dendrogram: np.ndarray
    support: np.ndarray
    people: tuple[int, ...]


def map_distances(
    maps: Mapping[str, AtlasMaps], *, n_splits: int = 100, n_boot: int = 200, seed: int = 0
) -> MapDistances:
    """Distances between the mean maps of several sets.

    Parameters
    ----------
    maps : mapping of str to AtlasMaps
        At least two, by name: networks, classes, groups. Where sets hold the same people, a bootstrap sample draws the
        same people for all.
    n_splits, n_boot, seed : int
        Split halves; bootstrap samples over people; random seed.

    Raises
    ------
    InputError
        If there are fewer than two, their sizes differ, or one has fewer than four people.
    """
    if len(maps) < 2:
        raise InputError("Distances need at least two sets of maps.")
    names = tuple(maps)
    sizes = {name: one.values.shape[1:] for name, one in maps.items()}
    if len(set(sizes.values())) > 1:
        raise InputError(f"Maps have different sizes: {', '.join(f'{n}: {s}' for n, s in sizes.items())}.")
    means, who = {}, {}
    for name, one in maps.items():
        values, people = person_maps(one)
        flat = values.reshape(len(values), -1)
        known = np.isfinite(flat).any(1)
        if known.sum() < LEAST_PEOPLE:
            raise InputError(
                f"'{name}' has maps of {int(known.sum())} people; a distance needs at least {LEAST_PEOPLE}."
            )
        means[name], who[name] = flat[known], people[known]
    shown = np.any([np.isfinite(values).any(0) for values in means.values()], axis=0)
    means = {name: values[:, shown] for name, values in means.items()}
    correlation = _correlations([_mean(values) for values in means.values()])
    rng = np.random.default_rng(seed)
    reliability = np.array([_reliability(values, n_splits, rng) for values in means.values()])
    floor = np.clip(reliability, 0.0, 1.0)
    tree = tree_of(correlation)
    clusters = clusters_of(tree)
    hits = np.zeros(len(clusters))
    everybody = codes_of(np.concatenate(list(who.values())))[1]
    starts = np.cumsum([0, *(len(people) for people in who.values())])
    codes = [everybody[starts[i] : starts[i + 1]] for i in range(len(names))]
    for _ in range(n_boot):
        weight = np.bincount(rng.integers(0, everybody.max() + 1, everybody.max() + 1), minlength=everybody.max() + 1)
        drawn = [
            values[np.repeat(np.arange(len(values)), weight[code])]
            for values, code in zip(means.values(), codes, strict=True)
        ]
        if min(map(len, drawn)) < 2:
            continue
        again = set(clusters_of(tree_of(_correlations([_mean(values) for values in drawn]))))
        hits += [cluster in again for cluster in clusters]
    return MapDistances(
        names, correlation, reliability, np.sqrt(floor[:, None] * floor), tree, hits / n_boot,
        tuple(len(values) for values in means.values()),
    )  # fmt: skip


def map_distance(a: AtlasMaps, b: AtlasMaps) -> float:
    """1 - correlation of the mean maps of two sets over people, over the pixels that both show."""
    means = [_mean(values.reshape(len(values), -1)) for values in (person_maps(a)[0], person_maps(b)[0])]
    return float(1.0 - _correlations(means)[0, 1])


def _mean(values: np.ndarray) -> np.ndarray:
    known = np.isfinite(values)
    count = known.sum(0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(known, values, 0.0).sum(0) / np.where(count > 0, count, np.nan))


def _correlations(maps: list[np.ndarray]) -> np.ndarray:
    result = np.eye(len(maps))
    for i, one in enumerate(maps):
        for j in range(i):
            both = np.isfinite(one) & np.isfinite(maps[j])
            pair = one[both], maps[j][both]
            varies = both.sum() > 2 and all(part.std() > 0 for part in pair)
            result[i, j] = result[j, i] = np.corrcoef(*pair)[0, 1] if varies else 0.0
    return result


def _reliability(values: np.ndarray, n_splits: int, rng: np.random.Generator) -> float:
    halves = []
    for _ in range(n_splits):
        order = rng.permutation(len(values))
        half = len(values) // 2
        halves.append(_correlations([_mean(values[order[:half]]), _mean(values[order[half:]])])[0, 1])
    r = float(np.mean(halves))
    return 2 * r / (1 + r) if r > 0 else r


def tree_of(correlation: np.ndarray) -> np.ndarray:
    """SciPy's linkage matrix: average linkage on 1 - correlation."""
    distance = np.clip(1 - correlation, 0.0, None)
    np.fill_diagonal(distance, 0.0)
    return np.asarray(linkage(squareform(distance, checks=False), method="average"))


def clusters_of(tree: np.ndarray) -> list[frozenset[int]]:
    """Leaves of each cluster, in the order of the linkage matrix."""
    count = len(tree) + 1
    members: list[frozenset[int]] = [frozenset([i]) for i in range(count)]
    for one, other, *_ in tree:
        members.append(members[int(one)] | members[int(other)])
    return members[count:]
