"""Scores of predicted classes."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.learn.constant import without_empty_bounds
from mien.learn.predictions import ClassPredictions
from mien.stats.calibration import calibration
from mien.stats.scores import Score, classification_scores, per_class_scores


def class_scores(p: ClassPredictions, seed: int = 0) -> dict[str, Score]:
    """accuracy, balanced_accuracy, macro_f1 and auc."""
    found = classification_scores(p.label, p.probabilities, p.classes, p.subject, fold=p.fold, seed=seed)
    return without_empty_bounds(found) if p.constant else found


def each_class(p: ClassPredictions) -> dict[str, dict[str, Score]]:
    """The scores of every class against the others."""
    found = per_class_scores(p.label, p.probabilities, p.classes, p.subject, fold=p.fold)
    return {name: without_empty_bounds(scores) for name, scores in found.items()} if p.constant else found


def calibration_of(p: ClassPredictions) -> dict[str, Any]:
    """How far the stated probabilities hold, as plain values."""
    return calibration(p.label, p.probabilities, p.classes).to_json()


def cautions(p: ClassPredictions) -> list[str]:
    """What the samples cannot show, in sentences: one class only, absent classes, one class per fold."""
    result = []
    labels = set(p.label.astype(str))
    absent = [f"'{name}'" for name in p.classes if name not in labels]
    if len(labels) == 1:
        result.append(
            f"All {len(p.label)} samples are labelled '{next(iter(labels))}': the scores say how many of them were "
            "recognised, not whether the model tells this class from others. A model that always gives this answer "
            "would have the same accuracy, and there is no area under the ROC curve."
        )
    elif absent:
        result.append(f"No sample is labelled {', '.join(absent)}: the scores say nothing about that.")
    folds = np.unique(p.fold)
    if len(labels) > 1 and len(folds) > 1 and all(len(set(p.label[p.fold == f].astype(str))) == 1 for f in folds):
        result.append(
            "Every fold holds one class: no two classes were judged by the same model, so there is no area under the "
            "ROC curve, and as training always lacks a person of the class asked for, guessing reaches somewhat less "
            "than the chance level. The scheme 'stratified' has neither fault."
        )
    return result
