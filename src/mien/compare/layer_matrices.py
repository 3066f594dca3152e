"""Networks that answered the same pictures, and the dissimilarities of their layers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.compare.conditions import Conditions
from mien.compare.dissimilarity import crossnobis, dissimilarity
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.core.words import did_you_mean
from mien.responses.activations import Activations
from mien.responses.store import load_activations
from mien.stats.subjects import codes_of

# Matrices of all layers are held at once.
MOST_PICTURES = 3_000
_FOLDS = 5


@dataclass(frozen=True, eq=False)
class SharedPictures:
    """Networks with the pictures that all of them answered.

    Attributes
    ----------
    networks : dict of str to Activations
    rows : dict of str to ndarray of int
        Of each network: its rows, in the order of ``samples``.
    samples : Samples
    asked : tuple of str
        Layers that were asked for; empty for all.
    notes : tuple of str
    """

    networks: dict[str, Activations]
    rows: dict[str, np.ndarray]
    samples: Samples
    asked: tuple[str, ...]
    notes: tuple[str, ...]

    def layers_of(self, network: str) -> list[str]:
        """Layers of a network that were asked for, in its order."""
        return [name for name in self.networks[network].layers if not self.asked or name in self.asked]

    def answers(self, network: str, layer: str) -> np.ndarray:
        """Answers of one layer to the shared pictures, shape (pictures, features)."""
        part: np.ndarray = self.networks[network].layer(layer)[self.rows[network]]
        return part


def shared_pictures(given: Any, layers: Sequence[str] | str) -> SharedPictures:
    """Networks by name, and the pictures that all of them answered.

    Raises
    ------
    InputError
        If there is none, they share no picture, or a layer is in none of them.
    """
    several = [given] if isinstance(given, (Activations, str, Path)) else list(given)
    if not several:
        raise InputError("Similarity structures need at least one network's activations.")
    networks: dict[str, Activations] = {}
    for one in several:
        found = one if isinstance(one, Activations) else load_activations(one)
        name = found.body.name if isinstance(one, Activations) else Path(one).resolve().name
        if name in networks:
            name = f"{name} ({found.body.weights})"
        if name in networks:
            raise InputError(f"Two networks are called '{name}'; store their activations in folders of other names.")
        networks[name] = found
    asked = [part.strip() for part in (layers.split(",") if isinstance(layers, str) else layers) if part.strip()]
    known = list(dict.fromkeys(layer for found in networks.values() for layer in found.layers))
    lost = [layer for layer in asked if layer not in known]
    if lost:
        raise InputError(f"There is no layer '{lost[0]}'.{did_you_mean(lost[0], known)} There are: {', '.join(known)}.")
    places = {
        name: {str(path): row for row, path in enumerate(found.samples.path) if found.ok[row]}
        for name, found in networks.items()
    }
    first = next(iter(networks.values()))
    paths = [str(path) for path in first.samples.path]
    kept = [row for row, path in enumerate(paths) if all(path in place for place in places.values())]
    if not kept:
        raise InputError(f"{', '.join(networks)}: no picture was answered by all of them.")
    if len(kept) > MOST_PICTURES:
        raise InputError(
            f"Dissimilarities of all pairs are held for up to {MOST_PICTURES} pictures, but there are {len(kept)}: "
            "draw some of them, or extract fewer."
        )
    rows = {name: np.array([place[paths[row]] for row in kept], dtype=np.intp) for name, place in places.items()}
    most = max(len(found) for found in networks.values())
    notes = [f"{most - len(kept)} pictures were not answered by every network and were left out."]
    return SharedPictures(
        networks, rows, first.samples[np.array(kept)], tuple(asked), tuple(notes if most > len(kept) else ())
    )


def layer_matrices(
    shared: SharedPictures, conditions: Conditions, measure: str, notes: list[str], seed: int
) -> dict[tuple[str, str], np.ndarray]:
    """Dissimilarities of every network and layer, shape (conditions, conditions), float32.

    A layer that has none is left out with a note.

    Raises
    ------
    InputError
        If crossvalidation asks for more sources than a category has.
    """
    folds = _folds(shared.samples, conditions, seed) if measure == "crossnobis" else None
    found = {}
    for network in shared.networks:
        for layer in shared.layers_of(network):
            answers = shared.answers(network, layer)
            try:
                if folds is None:
                    values = dissimilarity(conditions.means(answers), measure)
                else:
                    values = _crossvalidated(answers, conditions, folds)
            except InputError as error:
                notes.append(f"{network}, layer {layer}: {error}")
                continue
            found[network, layer] = values.astype(np.float32)
    return found


def _folds(samples: Samples, conditions: Conditions, seed: int) -> np.ndarray:
    """Part of each picture, -1 for those of no category: sources of every category are dealt out in turn."""
    if conditions.by != "category":
        raise InputError("The crossvalidated distance needs several pictures of each category; take by='category'.")
    codes, rng = codes_of(samples.subject)[1], np.random.default_rng(seed)
    sources = [np.unique(codes[rows]) for rows in conditions.rows]
    few = min(range(len(sources)), key=lambda i: len(sources[i]))
    if len(sources[few]) < 4:
        raise InputError(
            f"The crossvalidated distance needs pictures of at least four sources of each category (two parts with "
            f"two of them each), but '{conditions.names[few]}' has {len(sources[few])}. Take measure='correlation', or "
            "more pictures."
        )
    count = min(_FOLDS, len(sources[few]) // 2)
    result = np.full(len(samples), -1)
    for rows, own in zip(conditions.rows, sources, strict=True):
        part = dict(zip(rng.permutation(own).tolist(), np.arange(len(own)) % count, strict=True))
        result[rows] = [part[code] for code in codes[rows].tolist()]
    return result


def _crossvalidated(answers: np.ndarray, conditions: Conditions, folds: np.ndarray) -> np.ndarray:
    """In the order of the conditions."""
    rows = np.concatenate(conditions.rows)
    code = np.concatenate([np.full(len(part), i) for i, part in enumerate(conditions.rows)])
    # Sorted as text, numbers of one length keep their order.
    return crossnobis(answers[rows], [f"{i:06d}" for i in code], [str(fold) for fold in folds[rows]])
