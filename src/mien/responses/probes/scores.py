"""Scores of a probe's held-out answers: AUC, balanced accuracy, d' and criterion; differences between layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mien.responses.activations import Activations
from mien.responses.probes.linear import Design, LayerFits, fit_layer
from mien.responses.probes.rows import BodyDifference, Estimated, ProbeScore
from mien.stats.class_statistics import weighted_auc
from mien.stats.correction import holm
from mien.stats.jackknife import Statistic, subject_interval
from mien.stats.people_p import people_p
from mien.stats.scores import Score, classification_scores
from mien.stats.signal_detection import detection, detection_intervals

# In every fold the layer that does best in inner folds of its training pictures.
CHOSEN = "chosen"


def score_answers(
    answers: np.ndarray, design: Design, *, layer: str, features: int, body: str = "", n_permutations: int, seed: int
) -> ProbeScore:
    """Scores of one layer's held-out answers.

    Parameters
    ----------
    answers : ndarray, shape (pictures,)
        Above 0: called a face.
    design : Design
    layer, body : str
    features : int
    n_permutations, seed : int
        Of the test against chance: sources change their labels (``mien.stats.chance``).
    """
    called = answers > 0
    # From 0 to 1, with a half at the border, in the order of the answers however large they are.
    face = 0.5 + 0.5 * answers / (1 + np.abs(answers))
    found = classification_scores(
        np.where(design.face, "face", "other"), np.stack([1 - face, face], axis=1), ("other", "face"), design.source,
        fold=design.compared, n_permutations=n_permutations, seed=seed,
    )  # fmt: skip
    seen = detection(design.face, called)
    bounds = detection_intervals(design.face, called, design.source)
    d_prime, criterion = (
        Estimated(value, bound.low, bound.high, withheld=bound.withheld)
        for value, bound in zip((seen.d_prime, seen.criterion), bounds, strict=True)
    )
    return ProbeScore(
        body, layer, features, _estimate(found["auc"]), _estimate(found["balanced_accuracy"]), d_prime, criterion,
        seen.hits, seen.false_alarms,
    )  # fmt: skip


def score_layers(
    activations: Activations, rows: np.ndarray, names: Sequence[str], design: Design, *, body: str = "",
    n_permutations: int, seed: int,
) -> tuple[dict[str, LayerFits], list[ProbeScore], list[str]]:  # fmt: skip
    """Fits and scores of layers and, last, of the layer that is chosen within each fold; and what went wrong.

    Parameters
    ----------
    activations : Activations
    rows : ndarray of int, shape (pictures,)
        Its rows of the design's pictures.
    names : sequence of str
        Layers.
    design : Design
    body : str
        As it stands in the scores.
    n_permutations, seed : int
    """
    fits: dict[str, LayerFits] = {}
    scores, notes = [], []
    for name in names:
        values = activations.layer(name)[rows]
        odd = int((~np.isfinite(values).all(1)).sum())
        fit = None if odd else fit_layer(values, design)
        if fit is None or not fit.whole.direction.weights.any():
            why = f"{odd} pictures have no finite answer" if odd else "its answers do not vary over the pictures"
            scores.append(ProbeScore(body, name, values.shape[1], status=why))
            notes.append(f"Layer {name} has no probe: {why}.")
            continue
        fits[name] = fit
        scores.append(
            score_answers(
                fit.held_out, design, layer=name, features=values.shape[1], body=body,
                n_permutations=n_permutations, seed=seed,
            )
        )  # fmt: skip
    p = holm([row.auc.p for row in scores])
    scores = [replace(row, p_corrected=float(value)) for row, value in zip(scores, p, strict=True)]
    if len(fits) > 1:
        answers = chosen_answers(fits, design)
        scores.append(
            score_answers(
                answers, design, layer=CHOSEN, features=0, body=body, n_permutations=n_permutations, seed=seed
            )
        )
    return fits, scores, notes


def chosen_answers(fits: Mapping[str, LayerFits], design: Design) -> np.ndarray:
    """Held-out answers of the layer that did best within the training pictures of each fold, shape (pictures,)."""
    answers = np.full(len(design.rows), np.nan)
    for number, (_, test) in enumerate(design.folds):
        name = min(fits, key=lambda layer: fits[layer].folds[number].error)
        answers[test] = fits[name].held_out[test]
    return answers


def auc_difference(one: np.ndarray, other: np.ndarray, design: Design) -> Estimated:
    """AUC of one layer's answers less that of another's, to the same pictures.

    Parameters
    ----------
    one, other : ndarray, shape (pictures,)
    design : Design

    Notes
    -----
    Interval and p by the jackknife over sources (``mien.stats.jackknife``, ``mien.stats.people_p``).
    """

    def difference(weights: np.ndarray) -> np.ndarray:
        areas = [weighted_auc(weights, design.face, answers, design.compared) for answers in (one, other)]
        found: np.ndarray = areas[0] - areas[1]
        return found

    statistic: Statistic = difference
    value = float(difference(np.ones((1, len(one))))[0])
    bounds = subject_interval(statistic, design.source, "plain")
    p = min(1.0, 2 * people_p(statistic, design.source, 0.0, higher=value > 0)) if value else 1.0
    return Estimated(value, bounds.low, bounds.high, p, bounds.withheld)


def corrected_differences(rows: Sequence[BodyDifference]) -> list[BodyDifference]:
    """The differences with their p corrected over the layers."""
    p = holm([row.auc.p for row in rows])
    return [replace(row, p_corrected=float(value)) for row, value in zip(rows, p, strict=True)]


def _estimate(score: Score) -> Estimated:
    return Estimated(score.value, score.low, score.high, score.p, score.withheld)
