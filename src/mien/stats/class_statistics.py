"""Scores of predicted classes for many weightings of the samples at once."""

from __future__ import annotations

import numpy as np


def weighted_auc(
    weights: np.ndarray, positive: np.ndarray, scores: np.ndarray, fold: np.ndarray | None = None
) -> np.ndarray:
    """Area under the ROC curve for many weightings at once; ties count half.

    Parameters
    ----------
    weights : ndarray, shape (draws, samples)
    positive : ndarray of bool, shape (samples,)
    scores : ndarray, shape (samples,)
    fold : ndarray of int, shape (samples,), optional
        Only samples of the same fold are compared.

    Returns
    -------
    ndarray, shape (draws,)
        Probability that a positive sample scores above a negative one (Mann-Whitney U over the number of
        pairs); NaN where there is no pair.
    """
    if len(scores) == 0:
        return np.full(len(weights), np.nan)
    where = np.zeros(len(scores), dtype=int) if fold is None else fold
    order = np.lexsort((scores, where))
    ranked, home = scores[order], where[order]
    first = np.r_[True, home[1:] != home[:-1]]
    ties = np.flatnonzero(first | np.r_[True, ranked[1:] != ranked[:-1]])
    folds = np.flatnonzero(first)
    sorted_weights = np.take(weights, order, axis=1).astype(np.float64, copy=False)
    is_positive = positive[order].astype(np.float64)
    up = np.add.reduceat(sorted_weights * is_positive, ties, axis=1)
    down = np.add.reduceat(sorted_weights * (1 - is_positive), ties, axis=1)
    begins = np.searchsorted(ties, folds)
    negatives = np.add.reduceat(down, begins, axis=1)
    earlier = np.cumsum(negatives, axis=1) - negatives
    below = np.cumsum(down, axis=1) - 0.5 * down - np.repeat(earlier, np.diff(np.r_[begins, len(ties)]), axis=1)
    return divide((up * below).sum(1), (np.add.reduceat(up, begins, axis=1) * negatives).sum(1))


def divide(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """Ratio, NaN where the denominator is zero."""
    return np.divide(above, below, out=np.full(np.shape(above), np.nan), where=below > 0)


def row_mean(values: np.ndarray) -> np.ndarray:
    """Mean of the defined values of each row."""
    known = np.isfinite(values)
    return divide(np.where(known, values, 0).sum(1), known.sum(1))


def _per_class(weights: np.ndarray, codes: np.ndarray, n_classes: int) -> np.ndarray:
    """Weight of each class, shape (draws, classes)."""
    return weights @ np.eye(n_classes)[codes]


def recalls(weights: np.ndarray, truth: np.ndarray, predicted: np.ndarray, k: int) -> np.ndarray:
    """Recall of each of ``k`` classes for many weightings at once, shape (draws, k); NaN where a class has no weight.

    Parameters
    ----------
    weights : ndarray, shape (draws, samples)
    truth, predicted : ndarray of int, shape (samples,)
    k : int
    """
    return divide(_per_class(weights * (truth == predicted), truth, k), _per_class(weights, truth, k))


def balanced_accuracy(weights: np.ndarray, truth: np.ndarray, predicted: np.ndarray, k: int) -> np.ndarray:
    """Mean recall of the classes that have weight, shape (draws,); parameters as for ``recalls``."""
    return row_mean(recalls(weights, truth, predicted, k))


def macro_f1(weights: np.ndarray, truth: np.ndarray, predicted: np.ndarray, k: int) -> np.ndarray:
    """Mean F1 of the classes that have weight or are predicted, shape (draws,); parameters as for ``recalls``."""
    hit = _per_class(weights * (truth == predicted), truth, k)
    return row_mean(divide(2 * hit, _per_class(weights, truth, k) + _per_class(weights, predicted, k)))


def macro_auc(weights: np.ndarray, truth: np.ndarray, scores: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Mean area of each class against the rest, shape (draws,); ``scores`` has a column for each class."""
    each = [weighted_auc(weights, truth == c, scores[:, c], fold) for c in range(scores.shape[1])]
    return row_mean(np.stack(each, axis=1))
