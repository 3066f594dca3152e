"""The trim curve: what leaving out the most heterogeneous people does to scores, honestly and as it was published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mien.core.progress import Progress
from mien.learn.constant import level_ties
from mien.learn.crossval import Make
from mien.stats.class_statistics import macro_auc, macro_f1
from mien.stats.jackknife import subject_interval

HONEST, PUBLISHED, RANDOM, RANDOM_BOTH = "honest", "as published", "random", "random, both"
MODES = {
    HONEST: "only people of the training are left out, test people stay whole",
    PUBLISHED: "test people are left out as well: selects easy cases with knowledge of the questionnaire that is not "
    "there when the model is used",
    RANDOM: "as many people of the training are left out, whoever they are",
    RANDOM_BOTH: "as many people of training and test are left out, whoever they are",
}
MEASURES = {"macro_f1": "macro F1", "auc": "AUC"}
# Index of the people with these rows, one for each row.
IndexOf = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class TrimPoint:
    """One score on the curve.

    Attributes
    ----------
    share : float
        Of the people, those left out.
    mode, score : str
        One of ``MODES``; ``'macro_f1'`` or ``'auc'``.
    value, low, high : float
        With its 95 % interval over people.
    gain, gain_low, gain_high : float
        Less the score with nobody left out, of the same people where they are in both.
    people : int
        Of the test.
    """

    share: float
    mode: str
    score: str
    value: float
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float
    people: int


def trim_curve(
    make: Make,
    values: np.ndarray,
    y: np.ndarray,
    subjects: np.ndarray,
    index_of: IndexOf,
    folds: Sequence[tuple[np.ndarray, np.ndarray]],
    shares: Sequence[float],
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[TrimPoint]:
    """Scores of a model with more and more of the most heterogeneous people left out.

    Parameters
    ----------
    make : callable
        Gives an unfitted estimator.
    values : ndarray, shape (rows, measures)
    y, subjects : ndarray of str, shape (rows,)
    index_of : callable
        Gets rows and gives their discrepancy index among these rows alone, NaN where nobody else has the total: so
        nothing of test people is known where only the training is trimmed.
    folds : sequence of (train, test)
        No person is in both.
    shares : sequence of float
        From 0; of the people who have an index.
    seed : int
        Of those left out at random.
    progress : callable (done, total), optional

    Returns
    -------
    list of TrimPoint
    """
    classes = np.unique(y)
    truth = np.searchsorted(classes, y)
    everybody = np.arange(len(y))
    index, rng = index_of(everybody), np.random.default_rng(seed)
    chance = _by_person(rng.random(len(y)), subjects)
    at_training = [index_of(train) for train, _ in folds]
    fold = np.empty(len(y), dtype=int)
    for number, (_, test) in enumerate(folds):
        fold[test] = number
    answers: dict[tuple[float, str], tuple[np.ndarray, np.ndarray]] = {}
    done = 0
    for share in shares:
        kept_all, kept_random = kept(index, subjects, share), kept(chance, subjects, share)
        probabilities = {mode: np.zeros((len(y), len(classes))) for mode in (HONEST, PUBLISHED, RANDOM)}
        for number, (train, test) in enumerate(folds):
            chosen = {
                HONEST: train[kept(at_training[number], subjects[train], share)],
                PUBLISHED: train[kept_all[train]],
                RANDOM: train[kept_random[train]],
            }
            for mode, rows in chosen.items():
                if share > 0 or mode == HONEST:
                    probabilities[mode][test] = _fitted(make, values, y, subjects, rows, test, classes)
                done += 1
                if progress is not None:
                    progress(done, len(shares) * len(folds) * len(chosen))
        whole = np.ones(len(y), dtype=bool)
        tested = {HONEST: whole, PUBLISHED: kept_all, RANDOM: whole, RANDOM_BOTH: kept_random}
        for mode, keep in tested.items():
            source = HONEST if share == 0 else RANDOM if mode == RANDOM_BOTH else mode
            answers[share, mode] = (level_ties(probabilities[source]), keep)
    base = answers[shares[0], HONEST]
    return [
        _point(share, mode, score, (*found, *base), truth, fold, subjects)
        for (share, mode), found in answers.items()
        for score in MEASURES
    ]


def kept(index: np.ndarray, subjects: np.ndarray, share: float) -> np.ndarray:
    """Rows of the people who stay when the share with the highest index is left out; who has none stays.

    Parameters
    ----------
    index : ndarray, shape (rows,)
        Averaged over a person's rows.
    subjects : ndarray of str, shape (rows,)
    share : float

    Returns
    -------
    ndarray of bool, shape (rows,)
    """
    names, who = np.unique(subjects.astype(str), return_inverse=True)
    known = np.isfinite(index)
    many = np.bincount(who[known], minlength=len(names))
    own = np.bincount(who[known], index[known], len(names)) / np.maximum(many, 1)
    own = np.where(many > 0, own, -np.inf)
    leaving = round(share * int((many > 0).sum()))
    order = np.argsort(-own, kind="stable")
    stays = np.ones(len(names), dtype=bool)
    stays[order[:leaving]] = False
    return stays[who]


def _by_person(numbers: np.ndarray, subjects: np.ndarray) -> np.ndarray:
    """The first number of each person, for all of its rows."""
    _, first, who = np.unique(subjects.astype(str), return_index=True, return_inverse=True)
    return numbers[first][who]


def _fitted(
    make: Make, values: np.ndarray, y: np.ndarray, subjects: np.ndarray, train: np.ndarray, test: np.ndarray,
    classes: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """Probabilities for the test rows, (rows, classes); shares of the training where only one class is left."""
    found = np.zeros((len(test), len(classes)))
    seen = np.unique(y[train])
    if len(seen) < 2:
        found[:, np.searchsorted(classes, seen)] = 1.0
        return found
    estimator = make().fit(values[train], y[train], groups=subjects[train])
    found[:, np.searchsorted(classes, estimator.classes_)] = estimator.predict_proba(values[test])
    return found


def _point(
    share: float, mode: str, score: str, found: tuple[np.ndarray, ...], truth: np.ndarray, fold: np.ndarray,
    subjects: np.ndarray,
) -> TrimPoint:  # fmt: skip
    probabilities, keep, base, base_keep = found

    def scored(weights: np.ndarray, given: np.ndarray, here: np.ndarray) -> np.ndarray:
        if score == "macro_f1":
            return macro_f1(weights * here, truth, given.argmax(1), given.shape[1])
        return macro_auc(weights * here, truth, given, fold)

    own = subject_interval(lambda w: scored(w, probabilities, keep), subjects, "plain")
    gain = subject_interval(lambda w: scored(w, probabilities, keep) - scored(w, base, base_keep), subjects, "plain")
    ones = np.ones((1, len(truth)))
    value, first = float(scored(ones, probabilities, keep)[0]), float(scored(ones, base, base_keep)[0])
    people = len(np.unique(subjects[keep].astype(str)))
    return TrimPoint(share, mode, score, value, own.low, own.high, value - first, gain.low, gain.high, people)
