"""Lesions of several layers as rows: readers within the layer, or of a later layer of the same network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mien.responses.activations import Activations
from mien.responses.probes.linear import fit_direction
from mien.responses.units.design import UnitDesign
from mien.responses.units.lesions import corrected, dissociation, lesion_rows, lesioned, read_within
from mien.responses.units.result import Dissociation, LesionScore
from mien.responses.units.selectivity import LayerTest

if TYPE_CHECKING:
    from mien.responses.frozen import FrozenBody


def lesions_of(
    found: Activations, tests: Mapping[str, LayerTest], design: UnitDesign, *, doses: Sequence[float], n_random: int,
    seed: int, read_at: str = "", net: FrozenBody | None = None, done: Callable[[float], None] | None = None,
) -> tuple[tuple[LesionScore, ...], tuple[Dissociation, ...]]:  # fmt: skip
    """What is lost without some units of each layer.

    Parameters
    ----------
    found : Activations
    tests : mapping of str to LayerTest
        Of the layers in which units are silenced.
    design : UnitDesign
    doses, n_random, seed
        As for ``mien.responses.units.lesions.silenced_sets``.
    read_at : str
        A later layer, which the probes read; ``''``: the silenced layer itself.
    net : FrozenBody, optional
        The network, where they read a later layer.
    done : callable (layers), optional

    Returns
    -------
    (tuple of LesionScore, tuple of Dissociation)
    """
    rows: list[LesionScore] = []
    split: list[Dissociation] = []
    for number, (name, test) in enumerate(tests.items()):
        at = read_at or name
        values = found.layer(at)
        if net is None:
            read = read_within(values)
        else:
            from mien.responses.units.lesion_pass import read_later

            read = read_later(found, net, name, at, _counting(done, number, len(design.picture)))
        sets, scores = lesioned(test, design, values, read, fitted, doses=doses, n_random=n_random, seed=seed)
        rows += lesion_rows(name, at, sets, scores)
        split += [dissociation(name, at, sets, scores, dose) for dose in dict.fromkeys(sets.dose[1:].tolist())]
        if done is not None:
            done(number + 1)
    return tuple(rows), tuple(corrected(split))


def _counting(done: Callable[[float], None] | None, layers: int, pictures: int) -> Callable[[int], None]:
    """From pictures that went through to layers that are done."""
    seen = 0

    def count(more: int) -> None:
        nonlocal seen
        seen += more
        if done is not None:
            done(layers + seen / pictures)

    return count


def fitted(values: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A linear probe of each category against the rest (of two categories only of the second).

    Parameters
    ----------
    values : ndarray, shape (pictures, units)
    truth : ndarray of int, shape (pictures,)

    Returns
    -------
    (ndarray, ndarray)
        Weights, shape (units, columns), and offsets, shape (columns,).
    """
    kinds = np.unique(truth)
    style = np.zeros(len(truth), dtype=int)
    found = [
        fit_direction(values, truth == kind, style, None).direction
        for kind in (kinds[1:] if len(kinds) == 2 else kinds)
    ]
    return np.stack([one.weights for one in found], axis=1), np.array([one.intercept for one in found])
