"""Scores of a classification: each with a subject-level interval, its chance level and a test against chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.words import number
from mien.stats.chance import PERMUTATIONS, chance_p, permuted_codes
from mien.stats.class_intervals import LEAST_OF_CLASS, Answers, area_interval, means_intervals
from mien.stats.class_statistics import balanced_accuracy, divide, macro_auc, macro_f1, row_mean, weighted_auc
from mien.stats.jackknife import FEW_PEOPLE, Interval, Statistic
from mien.stats.people_p import may_be_recordings, people_p
from mien.stats.shares import mean_interval


@dataclass(frozen=True)
class Score:
    """A score with its 95 % interval over subjects and its chance level.

    Attributes
    ----------
    value : float
    low, high : float
        Bounds over people (of classes ``mien.stats.shares`` and ``mien.stats.class_intervals``, of ratings
        ``mien.stats.jackknife``); NaN where the interval is withheld.
    chance : float
        What the best guess that does not look at the sample reaches.
    p : float
        How often the predictions would score so well if they had nothing to do with the truth, see
        ``mien.stats.chance.chance_p``; NaN where that was not tested.
    people : int
        How many people carry the interval.
    withheld : str
        Why there is no interval; ``''`` where there is one.
    """

    value: float
    low: float
    high: float
    chance: float
    p: float = float("nan")
    people: int = 0
    withheld: str = ""

    @property
    def between(self) -> str:
        """The interval in words, or that it is withheld, and why."""
        return between(self.low, self.high, self.people, why=self.withheld)


# One-sided, as the part of a 95 % interval that lies on the side of chance.
LEAST_P = 0.025


def better_than_chance(score: Score) -> bool:
    """Whether a score of which more is better is shown to be so: by its test, or else by its 95 % interval.

    Examples
    --------
    >>> better_than_chance(Score(0.3, 0.1, 0.5, 0.0, p=0.004)), better_than_chance(Score(0.3, 0.1, 0.5, 0.0, p=0.04))
    (True, False)
    """
    chance = score.chance if score.chance == score.chance else 0.0
    if not score.value > chance:
        return False
    return score.p <= LEAST_P if score.p == score.p else score.low > chance


def between(low: float, high: float, people: int, decimals: int = 3, why: str = "") -> str:
    """``0.412 to 0.633``, or ``interval withheld: 6 people``; without a reason only few people are one."""
    if np.isfinite(low) and np.isfinite(high):
        # Rounded first: there is no minus nought.
        ends = (f"{round(end, decimals) + 0.0:.{decimals}f}" for end in (low, high))
        return " to ".join(ends).replace("-", "−")
    if not why and 0 < people < FEW_PEOPLE:
        why = f"{people} {'person' if people == 1 else 'people'}"
    return f"interval withheld: {why}" if why else "interval withheld"


def valued(value: float, low: float, high: float, people: int, why: str = "", *, plus: bool = False) -> str:
    """A score (or, with ``plus``, a difference) with its interval as sentences have it, with two decimals.

    Examples
    --------
    >>> valued(0.4337, 0.236, 0.597, 102), valued(-0.0921, -0.27, 0.0861, 55, plus=True)
    ('0.43 (0.24 to 0.60)', '−0.09 (−0.27 to 0.09)')
    """
    sign = "+" if plus and value > 0 else ""
    return f"{sign}{number(value)} ({between(low, high, people, 2, why)})"


def classification_scores(
    y: Any,
    probabilities: Any,
    classes: Any,
    subjects: Any,
    *,
    fold: Any = None,
    n_permutations: int = PERMUTATIONS,
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
    answers = _answers(truth, predicted, scores, where, subjects, names)
    ones = np.ones((1, len(truth)))
    values = {
        "accuracy": float((truth == predicted).mean()),
        "balanced_accuracy": float(balanced_accuracy(ones, truth, predicted, len(names))[0]),
        "macro_f1": float(macro_f1(ones, truth, predicted, len(names))[0]),
        "auc": float(macro_auc(ones, truth, scores, where)[0]),
    }
    intervals = {
        "accuracy": mean_interval(truth == predicted, subjects),
        **means_intervals(answers),
        "auc": area_interval(answers, range(len(names))),
    }
    result = {name: _score(value, intervals[name], chance[name]) for name, value in values.items()}
    if n_permutations < 1 or occurring < 2:
        return result
    null = _null(truth, scores, where, subjects, n_permutations, seed)
    several = bool((where != where[0]).any())
    p = {name: chance_p(score.value, null[name], cross_validated=several) for name, score in result.items()}
    if may_be_recordings(truth, subjects):
        statistics: dict[str, Statistic] = {
            "accuracy": lambda w: divide(w @ (truth == predicted), w.sum(1)),
            "balanced_accuracy": lambda w: balanced_accuracy(w, truth, predicted, len(names)),
            "macro_f1": lambda w: macro_f1(w, truth, predicted, len(names)),
            "auc": lambda w: macro_auc(w, truth, scores, where),
        }
        by_people = {
            name: people_p(statistic, subjects, float(np.nanmean(null[name]))) for name, statistic in statistics.items()
        }
        p = {name: max(p[name], by_people[name]) for name in p}
    return {name: replace(score, p=p[name]) for name, score in result.items()}


def per_class_scores(
    y: Any, probabilities: Any, classes: Any, subjects: Any, *, fold: Any = None
) -> dict[str, dict[str, Score]]:
    """AUC of each class against the rest and, of classes that occur, recall; parameters as ``classification_scores``.

    The AUC of a class that never or always occurs is NaN. Chance of recall is that of an even guess.
    """
    truth, scores, names = _checked(y, probabilities, classes)
    where, predicted = _folds(fold, len(truth)), scores.argmax(1)
    answers = _answers(truth, predicted, scores, where, subjects, names)
    people, ones = len(answers.shows), np.ones((1, len(truth)))
    result: dict[str, dict[str, Score]] = {}
    for c, name in enumerate(names):
        own = truth == c
        area = float(weighted_auc(ones, own, scores[:, c], where)[0])
        result[name] = {"auc": _score(area, area_interval(answers, [c]), 0.5)}
        if own.any():
            recall = mean_interval((predicted == c)[own], answers.who[own], of=people)
            if recall.people < LEAST_OF_CLASS:
                recall = Interval(float("nan"), float("nan"), recall.people, answers.too_few(np.array([c])))
            result[name]["recall"] = _score(float((predicted == c)[own].mean()), recall, 1 / len(names))
    return result


def confusion(y: Any, predicted: Any, classes: Any) -> np.ndarray:
    """Confusion matrix of counts, shape (classes, classes): rows are true, columns are predicted classes."""
    names = [str(c) for c in classes]
    truth, guess = class_codes(y, names), class_codes(predicted, names)
    if len(truth) != len(guess):
        raise InputError(f"{len(truth)} true classes, but {len(guess)} predicted ones.")
    return np.bincount(truth * len(names) + guess, minlength=len(names) ** 2).reshape(len(names), len(names))


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


def _answers(
    truth: np.ndarray, predicted: np.ndarray, scores: np.ndarray, fold: np.ndarray, subjects: Any, names: list[str]
) -> Answers:
    if len(subjects) != len(truth):
        raise InputError(f"{len(truth)} samples, but {len(subjects)} subjects; give one per sample.")
    return Answers(truth, predicted, scores, fold, subjects, names)


def _score(value: float, found: Interval, chance: float) -> Score:
    return Score(value, found.low, found.high, chance, people=found.people, withheld=found.withheld)


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
            recall.append(divide(hit, count))
            f1.append(divide(2 * hit, count + guessed[c]))
            # Ranks of a class's samples, less what they hold of pairs among themselves.
            won = own @ ranks[:, c] - (here**2).sum(1) / 2
            area.append(divide(won, (here * (size - here)).sum(1)))
        blocks["accuracy"].append((drawn == predicted).mean(1))
        for name, parts in (("balanced_accuracy", recall), ("macro_f1", f1), ("auc", area)):
            blocks[name].append(row_mean(np.stack(parts, axis=1)))
    return {name: np.concatenate(parts) for name, parts in blocks.items()}


def _ranks_within(values: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """How many samples of the same fold lie below each one, ties and itself counted half."""
    result = np.empty(len(values))
    for one in np.unique(fold):
        own = np.flatnonzero(fold == one)
        _, place, count = np.unique(values[own], return_inverse=True, return_counts=True)
        result[own] = (np.cumsum(count) - count / 2)[place.reshape(-1)]
    return result
