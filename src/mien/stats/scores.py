"""Scores of a classification: each with a subject-level interval and its chance level."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.stats.bootstrap import bootstrap_interval

Statistic = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Score:
    """A score with its 95 % interval over subjects and its chance level.

    Attributes
    ----------
    value : float
    low, high : float
        Bounds of the percentile interval; NaN where there are fewer than two subjects.
    chance : float
        What the best guess that does not look at the sample reaches.
    """

    value: float
    low: float
    high: float
    chance: float


def classification_scores(
    y: Any, probabilities: Any, classes: Any, subjects: Any, *, n_boot: int = 1000, seed: int = 0
) -> dict[str, Score]:
    """Accuracy, balanced accuracy, macro F1 and AUC with subject-level bootstrap intervals and chance levels.

    Parameters
    ----------
    y : sequence of str, shape (samples,)
        True classes.
    probabilities : ndarray, shape (samples, classes)
        The predicted class is the one with the highest probability.
    classes : sequence of str, shape (classes,)
        Names of the columns of ``probabilities``.
    subjects : sequence of str, shape (samples,)
        Unit of the bootstrap: whole people are drawn, with all of their samples.
    n_boot, seed : int
        Number of draws, their seed.

    Returns
    -------
    dict of str to Score
        ``accuracy``, ``balanced_accuracy`` (mean recall of the classes that occur), ``macro_f1`` (mean over
        classes that occur in ``y`` or are predicted) and ``auc`` (one against the rest, by ranks with ties
        counted half, mean over the classes).

    Notes
    -----
    Chance is the expected score of the best guess that does not look at the sample, given the class shares
    p of ``y``: accuracy max(p) (always the most frequent class), balanced accuracy 1/k for k classes, AUC
    0.5. For macro F1 a guess that names class c with probability q has F1 = 2pq/(p+q) for it; the mean is
    greatest at q = p and is then 1/k. (A constant guess reaches only 2 max(p) / (1 + max(p)) / k.)
    """
    truth, scores, names = _checked(y, probabilities, classes)
    predicted = scores.argmax(1)
    share = np.bincount(truth, minlength=len(names)) / max(1, len(truth))
    occurring = max(1, int((share > 0).sum()))
    chance = {
        "accuracy": float(share.max()),
        "balanced_accuracy": 1 / occurring,
        "macro_f1": 1 / occurring,
        "auc": 0.5,
    }
    statistics: dict[str, Statistic] = {
        "accuracy": lambda w: _accuracy(w, truth, predicted),
        "balanced_accuracy": lambda w: _balanced_accuracy(w, truth, predicted, len(names)),
        "macro_f1": lambda w: _macro_f1(w, truth, predicted, len(names)),
        "auc": lambda w: _macro_auc(w, truth, scores),
    }
    return {
        name: _score(statistic, truth, subjects, chance[name], n_boot, seed) for name, statistic in statistics.items()
    }


def per_class_auc(
    y: Any, probabilities: Any, classes: Any, subjects: Any, *, n_boot: int = 1000, seed: int = 0
) -> dict[str, Score]:
    """AUC of each class against the rest, by class; parameters as in ``classification_scores``.

    A class that never or always occurs has NaN.
    """
    truth, scores, names = _checked(y, probabilities, classes)
    result = {}
    for c, name in enumerate(names):
        statistic = partial(weighted_auc, positive=truth == c, scores=scores[:, c])
        result[name] = _score(statistic, truth, subjects, 0.5, n_boot, seed)
    return result


def confusion(y: Any, predicted: Any, classes: Any) -> np.ndarray:
    """Confusion matrix of counts, shape (classes, classes): rows are true, columns are predicted classes."""
    names = [str(c) for c in classes]
    truth, guess = class_codes(y, names), class_codes(predicted, names)
    if len(truth) != len(guess):
        raise InputError(f"{len(truth)} true classes, but {len(guess)} predicted ones.")
    return np.bincount(truth * len(names) + guess, minlength=len(names) ** 2).reshape(len(names), len(names))


def weighted_auc(weights: np.ndarray, positive: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Area under the ROC curve for many weightings at once; ties count half.

    Parameters
    ----------
    weights : ndarray, shape (draws, samples)
    positive : ndarray of bool, shape (samples,)
    scores : ndarray, shape (samples,)

    Returns
    -------
    ndarray, shape (draws,)
        Probability that a positive sample scores above a negative one (Mann-Whitney U over the number of
        pairs); NaN where one side is empty.
    """
    order = np.argsort(scores, kind="stable")
    if len(order) == 0:
        return np.full(len(weights), np.nan)
    ranked = scores[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    sorted_weights = weights[:, order].astype(np.float64)
    is_positive = positive[order].astype(np.float64)
    up = np.add.reduceat(sorted_weights * is_positive, starts, axis=1)
    down = np.add.reduceat(sorted_weights * (1 - is_positive), starts, axis=1)
    below = np.cumsum(down, axis=1) - 0.5 * down
    return _divide((up * below).sum(1), up.sum(1) * down.sum(1))


def class_codes(values: Any, classes: list[str]) -> np.ndarray:
    """Column of each class name, shape (samples,); refuses names that are not among the classes."""
    position = {name: i for i, name in enumerate(classes)}
    texts = [str(v) for v in values]
    unknown = sorted(set(texts) - set(position))
    if unknown:
        raise InputError(f"The class '{unknown[0]}' is not among the model's classes: {', '.join(classes)}.")
    return np.array([position[t] for t in texts], dtype=np.intp)


def _checked(y: Any, probabilities: Any, classes: Any) -> tuple[np.ndarray, np.ndarray, list[str]]:
    names = [str(c) for c in classes]
    scores = np.asarray(probabilities, dtype=np.float64)
    truth = class_codes(y, names)
    if scores.shape != (len(truth), len(names)):
        raise InputError(
            f"Probabilities must have shape ({len(truth)}, {len(names)}), samples by classes, but have {scores.shape}."
        )
    if len(truth) == 0:
        raise InputError("There are no samples to score.")
    if not np.isfinite(scores).all():
        row = int(np.flatnonzero(~np.isfinite(scores).all(1))[0])
        raise InputError(f"Probabilities of sample {row + 1} are not finite; leave out samples without values.")
    return truth, scores, names


def _score(statistic: Statistic, truth: np.ndarray, subjects: Any, chance: float, n_boot: int, seed: int) -> Score:
    if len(subjects) != len(truth):
        raise InputError(f"{len(truth)} samples, but {len(subjects)} subjects; give one per sample.")
    value = float(statistic(np.ones((1, len(truth))))[0])
    low, high = bootstrap_interval(statistic, subjects, n_boot=n_boot, seed=seed)
    return Score(value, low, high, chance)


def _divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Ratio, NaN where the denominator is zero."""
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)


def _row_mean(values: np.ndarray) -> np.ndarray:
    """Mean of the defined values of each row."""
    known = np.isfinite(values)
    return _divide(np.where(known, values, 0).sum(1), known.sum(1))


def _per_class(weights: np.ndarray, codes: np.ndarray, n_classes: int) -> np.ndarray:
    """Weight of each class, shape (draws, classes)."""
    return weights @ np.eye(n_classes)[codes]


def _accuracy(weights: np.ndarray, truth: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    return _divide(weights @ (truth == predicted).astype(float), weights.sum(1).astype(float))


def _balanced_accuracy(weights: np.ndarray, truth: np.ndarray, predicted: np.ndarray, k: int) -> np.ndarray:
    hit = _per_class(weights * (truth == predicted), truth, k)
    return _row_mean(_divide(hit, _per_class(weights, truth, k)))


def _macro_f1(weights: np.ndarray, truth: np.ndarray, predicted: np.ndarray, k: int) -> np.ndarray:
    hit = _per_class(weights * (truth == predicted), truth, k)
    return _row_mean(_divide(2 * hit, _per_class(weights, truth, k) + _per_class(weights, predicted, k)))


def _macro_auc(weights: np.ndarray, truth: np.ndarray, scores: np.ndarray) -> np.ndarray:
    each = [weighted_auc(weights, truth == c, scores[:, c]) for c in range(scores.shape[1])]
    return _row_mean(np.stack(each, axis=1))
