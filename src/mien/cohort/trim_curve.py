"""The trim curve: what leaving out the most heterogeneous people does to scores, honestly and as it was published."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mien.cohort.trim_point import HONEST, MEASURES, PUBLISHED, RANDOM, RANDOM_BOTH, TrimPoint
from mien.core.progress import Progress
from mien.engine.spread import spread
from mien.engine.work import Item, Spread
from mien.learn.constant import level_ties
from mien.learn.crossval import Make
from mien.learn.fold_work import threads_here, use_threads
from mien.stats import student
from mien.stats.class_statistics import macro_auc, macro_f1, weighted_auc
from mien.stats.jackknife import standard_error, without_each

_NAN = float("nan")
FEW_PEOPLE = 10
# Index of the people with these rows, one for each row.
IndexOf = Callable[[np.ndarray], np.ndarray]


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
    how: Spread | None = None,
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
    how : Spread, optional
        Over which workers the trainings are spread; the result is the same.

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
    kept_rows = {share: (kept(index, subjects, share), kept(chance, subjects, share)) for share in shares}
    items = []
    for share, (kept_all, kept_random) in kept_rows.items():
        for number, (train, test) in enumerate(folds):
            chosen = {
                HONEST: train[kept(at_training[number], subjects[train], share)],
                PUBLISHED: train[kept_all[train]],
                RANDOM: train[kept_random[train]],
            }
            # With nobody left out all modes are the same.
            asked = [(mode, rows) for mode, rows in chosen.items() if share > 0 or mode == HONEST]
            items += [Item(f"{share:g} {mode}, fold {number + 1}", (share, mode, rows, test)) for mode, rows in asked]
    said: dict[tuple[float, str], np.ndarray] = {}
    training = Training(make, values, y, subjects, classes)
    if progress is not None:
        # What is left is reckoned from here, not from the nulls before.
        progress(0, len(items))
    for done, (item, found) in enumerate(zip(items, spread(training, items, how), strict=True), 1):
        share, mode, _, test = item.value
        said.setdefault((share, mode), np.zeros((len(y), len(classes))))[test] = found.result()
        if progress is not None:
            progress(done, len(items))
    answers = {}
    for share, (kept_all, kept_random) in kept_rows.items():
        whole = np.ones(len(y), dtype=bool)
        tested = {HONEST: whole, PUBLISHED: kept_all, RANDOM: whole, RANDOM_BOTH: kept_random}
        for mode, keep in tested.items():
            source = HONEST if share == 0 else RANDOM if mode == RANDOM_BOTH else mode
            answers[share, mode] = (level_ties(said[share, source]), keep)
    return _points(answers, truth, fold, subjects)


@dataclass(frozen=True, eq=False)
class Training:
    """What a worker does to an item of the curve: fit a model to the people who are left, ask it about test people.

    Attributes
    ----------
    make, values, y, subjects
        As of ``trim_curve``.
    classes : ndarray of str
        Columns of what it gives.
    threads : dict of str to int
        Those of the first process, so that results are its own in every other one, too.
    """

    make: Make
    values: np.ndarray
    y: np.ndarray
    subjects: np.ndarray
    classes: np.ndarray
    threads: dict[str, int] = field(default_factory=threads_here)

    def start(self, threads: int) -> None:
        """As many threads as where the work was made."""
        use_threads(self.threads)

    def do(
        self, ready: None, value: tuple[float, str, np.ndarray, np.ndarray], step: Callable[[Any], None]
    ) -> np.ndarray:
        """Probabilities for the test rows."""
        _, _, train, test = value
        return _fitted(self.make, self.values, self.y, self.subjects, train, test, self.classes)


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
    estimator = make()
    known, asked = values[train], values[test]
    if not estimator.takes_gaps:
        middle = np.nan_to_num(nan_medians(known))
        known, asked = (np.where(np.isnan(part), middle, part) for part in (known, asked))
    estimator.fit(known, y[train], groups=subjects[train])
    found[:, np.searchsorted(classes, estimator.classes_)] = estimator.predict_proba(asked)
    return found


def nan_medians(values: np.ndarray) -> np.ndarray:
    """Median of each column without gaps, shape (columns,); NaN of a column without any value."""
    result = np.full(values.shape[1], _NAN)
    held = ~np.isnan(values).all(0)
    result[held] = np.nanmedian(values[:, held], axis=0)
    return result


def _points(
    answers: dict[tuple[float, str], tuple[np.ndarray, np.ndarray]], truth: np.ndarray, fold: np.ndarray,
    subjects: np.ndarray,
) -> list[TrimPoint]:  # fmt: skip
    """Scores and gains with the jackknife's intervals over people."""

    def scored(weights: np.ndarray) -> np.ndarray:
        return np.stack([_scores(weights * keep, truth, found, fold) for found, keep in answers.values()], axis=1)

    value = scored(np.ones((1, len(truth))))[0]
    without = without_each(scored, subjects)
    people = len(np.unique(subjects.astype(str)))
    points = []
    for place, ((share, mode), (_, keep)) in enumerate(answers.items()):
        tested = len(np.unique(subjects[keep].astype(str)))
        for number, score in enumerate(MEASURES):
            gain, left = value[place, number] - value[0, number], without[:, place, number] - without[:, 0, number]
            # With nobody left out there is no gain, by definition.
            changed = _ends(gain, left, people, -1.0) if share > 0 else (0.0, 0.0)
            ends = _ends(value[place, number], without[:, place, number], people, 0.0)
            found = (float(value[place, number]), *ends, float(gain), *changed)
            points.append(TrimPoint(share, mode, score, *found, tested))
    return points


def _scores(weights: np.ndarray, truth: np.ndarray, found: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Macro F1 and AUC, shape (draws, 2); of two classes the areas are equal."""
    area = (
        weighted_auc(weights, truth == 1, found[:, 1], fold)
        if found.shape[1] == 2
        else (macro_auc(weights, truth, found, fold))
    )
    return np.stack([macro_f1(weights, truth, found.argmax(1), found.shape[1]), area], axis=1)


def _ends(value: float, without: np.ndarray, people: int, least: float) -> tuple[float, float]:
    """The jackknife's 95 % interval, within what can be (``least`` to 1); withheld for few people.

    Where nobody's absence changes anything, as of an area of 1, the jackknife knows nothing of the error.
    """
    if people < FEW_PEOPLE or not np.isfinite(without).all():
        return _NAN, _NAN
    error, freedom = standard_error(without)
    if error == 0:
        return _NAN, _NAN
    wide = float(student.ppf(0.975, freedom)) * error
    return max(float(value - wide), least), min(float(value + wide), 1.0)
