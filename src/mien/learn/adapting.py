"""How a model is adapted to one person, and which of the person's recordings it gets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mien.learn.table import Table
from mien.models.adapts import HEAD

Adapter = Callable[[np.ndarray, np.ndarray], np.ndarray]


def adapter_for(
    make: Callable[[], Any], table: Table, values: Any, others: np.ndarray, *, weight: int, steps: int
) -> Adapter:
    """A function (samples of the person, samples to be told) -> classes of a model of others, adapted to the person.

    Parameters
    ----------
    make : callable
        Gives an unfitted estimator.
    table : Table
    values : ndarray, shape (samples, ...)
        What ``prepare`` made of the features.
    others : ndarray of int
        Samples of other people.
    weight : int
        As how many samples each of the person's counts where the model is fitted anew.
    steps : int
        On the last layer of networks.
    """
    base = make().fit(values[others], table.y[others], groups=table.subjects[others])
    classes = np.asarray(base.classes_).astype(str)
    if base.adapts == HEAD:
        return _head(base, table, classes, steps)

    def refitted(own: np.ndarray, asked: np.ndarray) -> np.ndarray:
        fitted = base
        if len(own):
            rows = np.concatenate([others, np.repeat(own, weight)])
            fitted = base.again().fit(values[rows], table.y[rows], groups=table.subjects[rows])
        found: np.ndarray = np.asarray(fitted.predict(values[asked])).astype(str)
        return found

    return refitted


def _head(base: Any, table: Table, classes: np.ndarray, steps: int) -> Adapter:
    from mien.models.fitting.few_steps import answers, with_trained_head

    features = table.features
    module = base.model(recipe=features.recipe, feature_names=features.names, target="").module()

    def trained_on(own: np.ndarray, asked: np.ndarray) -> np.ndarray:
        net = module
        if len(own):
            codes = np.searchsorted(classes, table.y[own].astype(str))
            net = with_trained_head(module, features.values[own], codes, steps)
        found: np.ndarray = classes[answers(net, features.values[asked])]
        return found

    return trained_on


def recordings_needed(recordings: np.ndarray, y: np.ndarray, least: int) -> tuple[np.ndarray, int]:
    """Samples of classes that there are enough recordings of, bool, and the most recordings that there are of two.

    Parameters
    ----------
    recordings, y : ndarray of str, shape (samples,)
        Of one person.
    least : int
        Recordings of a class, or of classes that share recordings.
    """
    sizes: dict[str, int] = {}
    for names, taken in _groups(recordings, y):
        sizes |= dict.fromkeys(names, len(taken))
    enough = np.array([sizes[name] >= least for name in y])
    return enough, sorted([0, 0, *sizes.values()])[-2]


def split(
    recordings: np.ndarray, y: np.ndarray, counts: Sequence[int], rng: np.random.Generator
) -> tuple[list[np.ndarray], np.ndarray]:
    """Rows to adapt with for each number of recordings, and rows to test on, which are the same for all.

    Each number's recordings hold those of the smaller numbers. Classes that share recordings are drawn together.

    Parameters
    ----------
    recordings, y : ndarray of str, shape (samples,)
        Of one person.
    counts : sequence of int
        Ascending.
    rng : numpy.random.Generator
    """
    own: list[list[str]] = [[] for _ in counts]
    held: list[str] = []
    for _, taken in _groups(recordings, y):
        drawn = [taken[i] for i in rng.permutation(len(taken))]
        for part, count in zip(own, counts, strict=True):
            part += drawn[:count]
        held += drawn[counts[-1] :]
    return [np.flatnonzero(np.isin(recordings, part)) for part in own], np.flatnonzero(np.isin(recordings, held))


def _groups(recordings: np.ndarray, y: np.ndarray) -> list[tuple[set[str], list[str]]]:
    """Classes that share recordings, with their recordings."""
    found: list[tuple[set[str], set[str]]] = []
    for recording in dict.fromkeys(recordings.tolist()):
        names, taken = {str(name) for name in y[recordings == recording]}, {recording}
        for one in [group for group in found if group[0] & names]:
            names, taken = names | one[0], taken | one[1]
            found.remove(one)
        found.append((names, taken))
    return [(names, sorted(taken)) for names, taken in found]
