"""Scores of predictions of either kind, and differences of two on the same samples, with intervals over people."""

from __future__ import annotations

from functools import partial

import numpy as np

from mien.learn.beside import ScoreDifference
from mien.learn.class_scores import class_scores
from mien.learn.predictions import AnyPredictions, ClassPredictions, RatingPredictions
from mien.learn.rating_scores import rating_scores
from mien.stats.class_statistics import balanced_accuracy, macro_auc
from mien.stats.jackknife import Statistic, subject_interval
from mien.stats.regression_scores import rating_statistics
from mien.stats.scores import Score

# Scores whose differences are given, the one that decides first.
OF_CLASSES, OF_RATINGS = ("balanced_accuracy", "auc"), ("pearson", "r2")


def all_scores(p: AnyPredictions, seed: int = 0) -> dict[str, Score]:
    """Of classes or of ratings, as ``Evaluation.scores`` has them."""
    return class_scores(p, seed) if isinstance(p, ClassPredictions) else rating_scores(p, seed)


def decisive(p: AnyPredictions) -> tuple[str, ...]:
    """The scores that are compared, by what is predicted."""
    return OF_RATINGS if isinstance(p, RatingPredictions) else OF_CLASSES


def differences(one: AnyPredictions, other: AnyPredictions) -> dict[str, ScoreDifference]:
    """Differences of scores of two models on the same samples."""
    first, second = statistics_of(one), statistics_of(other)
    found = {}
    for name in decisive(one):
        apart = partial(_apart, first[name], second[name])
        value = float(apart(np.ones((1, len(one.path))))[0])
        interval = subject_interval(apart, one.subject, "plain")
        found[name] = ScoreDifference(value, interval.low, interval.high, interval.people)
    return found


def _apart(one: Statistic, other: Statistic, weights: np.ndarray) -> np.ndarray:
    found: np.ndarray = one(weights) - other(weights)
    return found


def statistics_of(p: AnyPredictions) -> dict[str, Statistic]:
    """Scores of predictions as functions of weights of their samples."""
    if isinstance(p, RatingPredictions):
        return {name: rating_statistics(p.truth, p.predicted, p.subject, p.frame)[name] for name in OF_RATINGS}
    classes = np.array(p.classes)
    truth, said = (np.searchsorted(classes, column.astype(str)) for column in (p.label, p.predicted))
    return {
        "balanced_accuracy": partial(balanced_accuracy, truth=truth, predicted=said, k=len(classes)),
        "auc": partial(macro_auc, truth=truth, scores=p.probabilities, fold=p.fold),
    }
