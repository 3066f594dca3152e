"""Scores of a classification: each with a subject-level interval, its chance level and a test against chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.stats.chance import chance_p, permuted_codes
from mien.stats.jackknife import Statistic, subject_interval
from mien.stats.subjects import codes_of


@dataclass(frozen=True)
class Score:
    """A score with its 95 % interval over subjects and its chance level.

    Attributes
    ----------
    value : float
    low, high : float
        Bounds of ``mien.stats.jackknife.subject_interval``; NaN where the interval is withheld.
    chance : float
        What the best guess that does not look at the sample reaches.
    p : float
        How often the predictions would score so well if they had nothing to do with the truth, see
        ``mien.stats.chance.chance_p``; NaN where that was not tested.
    people : int
        How many people carry the interval.
    """

    value: float
    low: float
    high: float
    chance: float
    p: float = float("nan")
    people: int = 0

    @property
    def between(self) -> str:
        """The interval in words, or that it is withheld."""
        return between(self.low, self.high, self.people)


def between(low: float, high: float, people: int, decimals: int = 3) -> str:
    """``0.412 to 0.633``, or ``interval withheld: 6 people``."""
    if np.isfinite(low) and np.isfinite(high):
        return f"{low:.{decimals}f} to {high:.{decimals}f}"
    return f"interval withheld: {people} {'person' if people == 1 else 'people'}" if people else "interval withheld"


def classification_scores(
    y: Any,
    probabilities: Any,
    classes: Any,
    subjects: Any,
    *,
    fold: Any = None,
    n_permutations: int = 999,
    seed: int = 0,
) -> dict[str, Score]:
    """Accuracy, balanced accuracy, macro F1 and AUC with intervals over subjects and chance levels.

    Parameters
    ----------
    y : sequence of str, shape (samples,)
        True classes.
    probabilities : ndarray, shape (samples, classes)
        The predicted class is the one with the highest probability.
    classes : sequence of str, shape (classes,)
        Names of the columns of ``probabilities``.
    subjects : sequence of str, shape (samples,)
        Unit of intervals and tests: whole people, with all of their samples.
    fold : ndarray of int, shape (samples,), optional
        Which model predicted each sample, if there were several; AUC compares answers of one model only.
    n_permutations, seed : int
        Of the test against chance; 0 for none.

    Returns
    -------
    dict of str to Score
        ``accuracy``, ``balanced_accuracy`` (mean recall of the classes that occur), ``macro_f1`` (mean over
        classes that occur in ``y`` or are predicted) and ``auc`` (one against the rest, over pairs of one fold, with
        ties counted half, mean over the classes; NaN where no fold holds a pair).

    Notes
    -----
    Chance is the expected score of the best guess that does not look at the sample, given the class shares
    p of ``y``: accuracy max(p) (always the most frequent class), balanced accuracy 1/k for k classes, AUC
    0.5. For macro F1 a guess that names class c with probability q has F1 = 2pq/(p+q) for it; the mean is
    greatest at q = p and is then 1/k. (A constant guess reaches only 2 max(p) / (1 + max(p)) / k.)

    A model that was trained without a person has seen less of that person's class than the others': pairs across folds
    would put the class asked for last where there is nothing to see (Airola et al. 2011, Comput. Stat. Data Anal.
    55(4), 1828-1844). Pairs within a fold are judged by one model.
    """
    truth, scores, names = _checked(y, probabilities, classes)
    where = _folds(fold, len(truth))
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
        "auc": lambda w: _macro_auc(w, truth, scores, where),
    }
    result = {name: _score(statistic, truth, subjects, chance[name], name) for name, statistic in statistics.items()}
    if n_permutations < 1 or occurring < 2:
        return result
    null = _null(truth, scores, where, subjects, n_permutations, seed)
    several = bool((where != where[0]).any())
    return {
        name: replace(score, p=chance_p(score.value, null[name], cross_validated=several))
        for name, score in result.items()
    }


def per_class_scores(
    y: Any, probabilities: Any, classes: Any, subjects: Any, *, fold: Any = None
) -> dict[str, dict[str, Score]]:
    """AUC of each class against the rest and, of classes that occur, recall; parameters as ``classification_scores``.

    The AUC of a class that never or always occurs is NaN. Chance of recall is that of an even guess.
    """
    truth, scores, names = _checked(y, probabilities, classes)
    where, who = _folds(fold, len(truth)), np.asarray(subjects, dtype=object)
    result: dict[str, dict[str, Score]] = {}
    for c, name in enumerate(names):
        own = truth == c
        area = partial(weighted_auc, positive=own, scores=scores[:, c], fold=where)
        result[name] = {"auc": _score(area, own.astype(int), subjects, 0.5, "auc")}
        if own.any():
            recall = partial(_accuracy, truth=truth[own], predicted=scores[own].argmax(1))
            result[name]["recall"] = _score(recall, truth[own], who[own], 1 / len(names), "accuracy")
    return result


def confusion(y: Any, predicted: Any, classes: Any) -> np.ndarray:
    """Confusion matrix of counts, shape (classes, classes): rows are true, columns are predicted classes."""
    names = [str(c) for c in classes]
    truth, guess = class_codes(y, names), class_codes(predicted, names)
    if len(truth) != len(guess):
        raise InputError(f"{len(truth)} true classes, but {len(guess)} predicted ones.")
    return np.bincount(truth * len(names) + guess, minlength=len(names) ** 2).reshape(len(names), len(names))


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
    sorted_weights = weights[:, order].astype(np.float64)
    is_positive = positive[order].astype(np.float64)
    up = np.add.reduceat(sorted_weights * is_positive, ties, axis=1)
    down = np.add.reduceat(sorted_weights * (1 - is_positive), ties, axis=1)
    begins = np.searchsorted(ties, folds)
    negatives = np.add.reduceat(down, begins, axis=1)
    earlier = np.cumsum(negatives, axis=1) - negatives
    below = np.cumsum(down, axis=1) - 0.5 * down - np.repeat(earlier, np.diff(np.r_[begins, len(ties)]), axis=1)
    return _divide((up * below).sum(1), (np.add.reduceat(up, begins, axis=1) * negatives).sum(1))


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


def _folds(fold: Any, samples: int) -> np.ndarray:
    """Fold of every sample; one where there is none."""
    where = np.zeros(samples, dtype=int) if fold is None else np.asarray(fold)
    if where.shape != (samples,):
        raise InputError(f"{samples} samples, but the folds have shape {where.shape}; give one per sample.")
    return where


def _score(statistic: Statistic, truth: np.ndarray, subjects: Any, chance: float, name: str) -> Score:
    if len(subjects) != len(truth):
        raise InputError(f"{len(truth)} samples, but {len(subjects)} subjects; give one per sample.")
    value = float(statistic(np.ones((1, len(truth))))[0])
    people = codes_of(subjects)[1]
    # A perfect mean over classes rests on the people of the rarest one.
    fewest = None if name == "accuracy" else min(len(np.unique(people[truth == c])) for c in np.unique(truth))
    result = subject_interval(statistic, subjects, "share", fewest=fewest)
    return Score(value, result.low, result.high, chance, people=result.people)


def _null(
    truth: np.ndarray, scores: np.ndarray, fold: np.ndarray, subjects: Any, n_permutations: int, seed: int
) -> dict[str, np.ndarray]:
    """Scores of the predictions against classes that changed hands, each of shape (permutations,)."""
    predicted, classes = scores.argmax(1), range(scores.shape[1])
    ranks = np.stack([_ranks_within(scores[:, c], fold) for c in classes], axis=1)
    folds = np.eye(len(np.unique(fold)))[np.unique(fold, return_inverse=True)[1]]
    size, guessed = folds.sum(0), np.bincount(predicted, minlength=scores.shape[1])
    blocks: dict[str, list[np.ndarray]] = {name: [] for name in ("accuracy", "balanced_accuracy", "macro_f1", "auc")}
    for drawn in permuted_codes(truth, subjects, n_permutations, seed):
        recall, f1, area = [], [], []
        for c in classes:
            own = (drawn == c).astype(np.float64)
            count, hit, here = own.sum(1), own @ (predicted == c).astype(np.float64), own @ folds
            recall.append(_divide(hit, count))
            f1.append(_divide(2 * hit, count + guessed[c]))
            # Ranks of a class's samples, less what they hold of pairs among themselves.
            won = own @ ranks[:, c] - (here**2).sum(1) / 2
            area.append(_divide(won, (here * (size - here)).sum(1)))
        blocks["accuracy"].append((drawn == predicted).mean(1))
        for name, parts in (("balanced_accuracy", recall), ("macro_f1", f1), ("auc", area)):
            blocks[name].append(_row_mean(np.stack(parts, axis=1)))
    return {name: np.concatenate(parts) for name, parts in blocks.items()}


def _ranks_within(values: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """How many samples of the same fold lie below each one, ties and itself counted half."""
    result = np.empty(len(values))
    for number in np.unique(fold):
        own = np.flatnonzero(fold == number)
        _, place, count = np.unique(values[own], return_inverse=True, return_counts=True)
        result[own] = (np.cumsum(count) - count / 2)[place.reshape(-1)]
    return result


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


def recalls(weights: np.ndarray, truth: np.ndarray, predicted: np.ndarray, k: int) -> np.ndarray:
    """Recall of each of ``k`` classes for many weightings at once, shape (draws, k); NaN where a class has no weight.

    Parameters
    ----------
    weights : ndarray, shape (draws, samples)
    truth, predicted : ndarray of int, shape (samples,)
    k : int
    """
    return _divide(_per_class(weights * (truth == predicted), truth, k), _per_class(weights, truth, k))


def _balanced_accuracy(weights: np.ndarray, truth: np.ndarray, predicted: np.ndarray, k: int) -> np.ndarray:
    return _row_mean(recalls(weights, truth, predicted, k))


def _macro_f1(weights: np.ndarray, truth: np.ndarray, predicted: np.ndarray, k: int) -> np.ndarray:
    hit = _per_class(weights * (truth == predicted), truth, k)
    return _row_mean(_divide(2 * hit, _per_class(weights, truth, k) + _per_class(weights, predicted, k)))


def _macro_auc(weights: np.ndarray, truth: np.ndarray, scores: np.ndarray, fold: np.ndarray) -> np.ndarray:
    each = [weighted_auc(weights, truth == c, scores[:, c], fold) for c in range(scores.shape[1])]
    return _row_mean(np.stack(each, axis=1))
