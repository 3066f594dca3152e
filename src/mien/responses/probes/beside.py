"""What stands beside a probe: the same probe on another body, or on low-level statistics, of the same pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.responses.activations import Activations
from mien.responses.body_card import BodyCard
from mien.responses.probes.linear import Design, LayerFits
from mien.responses.probes.rows import BodyDifference, ProbeScore
from mien.responses.probes.scores import (
    CHOSEN,
    auc_difference,
    chosen_answers,
    corrected_differences,
    score_layers,
)
from mien.responses.store import load_activations
from mien.stimuli.low_level import BASELINE, low_level

# Computed from the pictures instead of read from a folder.
LOW_LEVEL = "low-level"
_STATISTICS = "low-level statistics"


@dataclass(frozen=True, eq=False)
class Beside:
    """Another body on the same pictures.

    Attributes
    ----------
    card : BodyCard
    scores : tuple of ProbeScore
    differences : tuple of BodyDifference
        Layers of the probe less those of this body.
    notes : tuple of str
    """

    card: BodyCard
    scores: tuple[ProbeScore, ...]
    differences: tuple[BodyDifference, ...]
    notes: tuple[str, ...]


def given_activations(given: Activations | str | Path) -> Activations:
    """Activations as they are, or out of the folder that holds them."""
    return given if isinstance(given, Activations) else load_activations(given)


def beside_body(
    given: Activations | str | Path, activations: Activations, design: Design, fits: Mapping[str, LayerFits], *,
    taken: set[str], n_permutations: int, seed: int,
) -> Beside:  # fmt: skip
    """The same probe on other answers to the same pictures, in the same folds.

    Parameters
    ----------
    given : Activations, path or str
        Or ``'low-level'``: statistics of the pictures' colour, spectrum and gradients (``mien.low_level``).
    activations : Activations
        That the probe was trained on.
    design : Design
    fits : mapping of str to LayerFits
        Of the probe.
    taken : set of str
        Names that bodies beside it have already; this one's is added.
    n_permutations, seed : int

    Raises
    ------
    InputError
        If a picture is missing.
    """
    pictures = activations[design.rows].samples
    if isinstance(given, str) and given == LOW_LEVEL:
        found = low_level(pictures, parts=BASELINE)
        values = {LOW_LEVEL: np.asarray(found.values, dtype=np.float32)}
        parts = "colour, spectrum, oriented gradients"
        other = Activations(pictures, BodyCard(_STATISTICS, parts, "", "none", 128), values, found.status)
        rows = np.arange(len(pictures))
    else:
        other = given_activations(given)
        rows = _same_pictures(other, pictures.path)
    name = f"{other.body.name} ({other.body.weights})"
    while name in taken:
        name += "*"
    taken.add(name)
    theirs, scores, notes = score_layers(
        other, rows, other.layers, design, body=name, n_permutations=n_permutations, seed=seed
    )
    differences = []
    if theirs:
        only = next(iter(theirs)) if len(theirs) == 1 else CHOSEN
        chosen = chosen_answers(theirs, design)
        for layer, fit in fits.items():
            same = layer if layer in theirs and len(theirs) > 1 else only
            answers = theirs[same].held_out if same in theirs else chosen
            differences.append(BodyDifference(layer, name, same, auc_difference(fit.held_out, answers, design)))
        differences = corrected_differences(differences)
        if len(fits) > 1:
            differences.append(
                BodyDifference(CHOSEN, name, only, auc_difference(chosen_answers(fits, design), chosen, design))
            )
    return Beside(other.body, tuple(scores), tuple(differences), tuple(f"{name}: {note}" for note in notes))


def missing_beside(own: BodyCard, cards: Sequence[BodyCard]) -> list[str]:
    """What has to be known where nothing says what the network's training, or the pictures' statistics, explain."""
    notes = []
    if not any(card.weights.startswith("random") for card in (own, *cards)):
        notes.append(
            "No body with random weights stands beside: how much of this is owed to what the network has learnt is not "
            "known (--beside with activations of --weights random)."
        )
    if not any(card.name == _STATISTICS for card in cards):
        notes.append(
            "No low-level statistics stand beside: colour, spectrum and edges alone may tell faces from the rest "
            "(--beside low-level)."
        )
    return notes


def _same_pictures(other: Activations, paths: np.ndarray) -> np.ndarray:
    place = {str(path): row for row, path in enumerate(other.samples.path)}
    missing = [str(path) for path in paths if str(path) not in place]
    if missing:
        raise InputError(
            f"{len(missing)} of {len(paths)} training pictures are not in the activations of {other.body.name} "
            f"({other.body.weights}) that stand beside, the first of them {missing[0]}: bodies are compared on the "
            "same pictures. Run 'mien activations' with this network on the same samples."
        )
    return np.array([place[str(path)] for path in paths])
