"""Intervals of scores of predicted classes over people; one more, of the worst or best kind, shows every class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import scipy  # loads its parts when they are asked for, which is not always

from mien.stats.class_statistics import balanced_accuracy, macro_f1, row_mean, weighted_auc
from mien.stats.jackknife import Interval, Statistic
from mien.stats.shares import drawn_values, person_weights, within
from mien.stats.subjects import codes_of

# One person who shows a class says nothing about others who do.
LEAST_OF_CLASS = 2
_NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Answers:
    """What was asked and answered, and by whom it was shown.

    Attributes
    ----------
    truth, predicted, fold : ndarray of int, shape (samples,)
    scores : ndarray, shape (samples, classes)
    subjects : sequence of str, shape (samples,)
    names : list of str, length (classes,)
    """

    truth: np.ndarray
    predicted: np.ndarray
    scores: np.ndarray
    fold: np.ndarray
    subjects: Any
    names: list[str]

    @cached_property
    def who(self) -> np.ndarray:
        """Number of each sample's person."""
        return codes_of(self.subjects)[1]

    @cached_property
    def shows(self) -> np.ndarray:
        """Whether each person shows each class, shape (people, classes)."""
        found = np.zeros((int(self.who.max()) + 1, len(self.names)), dtype=bool)
        found[self.who, self.truth] = True
        return found

    @cached_property
    def group(self) -> np.ndarray:
        """Classes that the same people show have the same number, shape (classes,)."""
        met = self.shows.astype(int)
        found: np.ndarray = scipy.sparse.csgraph.connected_components(met.T @ met, directed=False)[1]
        return found

    @property
    def weights(self) -> np.ndarray:
        """Drawn weights of everybody seen and of one more person for each group of classes."""
        people, classes = self.shows.shape
        # Areas cost more than means, so a small sample is not drawn as often.
        return person_weights(people + classes, max(1000, len(self.truth) * classes))

    def other(self, c: Any) -> int:
        """Column of ``weights`` of the person not seen who shows a class."""
        return len(self.shows) + int(self.group[c])

    def too_few(self, classes: np.ndarray) -> str:
        """Which of some classes too few people show; ``''`` if none."""
        for c in classes:
            if self.shows[:, c].sum() < LEAST_OF_CLASS:
                return f"only 1 person shows '{self.names[c]}'"
        return ""


def means_intervals(given: Answers, *, level: float = 0.95) -> dict[str, Interval]:
    """Intervals of the balanced accuracy and of the macro F1.

    Notes
    -----
    As for ``mien.stats.shares.mean_interval``, with one person more for every class, or for all classes that the same
    people show: who shows one class only says nothing of the recall of another.
    """
    occurs, people = np.flatnonzero(given.shows.any(0)), len(given.shows)
    named, classes = np.union1d(occurs, given.predicted), len(given.names)
    # A wrong answer names the next of the classes that are in use.
    wrong = named[(np.searchsorted(named, occurs) + 1) % len(named)]
    shown = given.shows[:, occurs].sum(0)
    amount = np.r_[np.ones(len(given.truth)), np.bincount(given.truth, minlength=classes)[occurs] / shown]
    owner = np.r_[given.who, [given.other(c) for c in occurs]]
    truth = np.r_[given.truth, occurs]
    few, capped = given.too_few(occurs), bool(given.shows[:, occurs].all())
    result = {}
    for name, score in (("balanced_accuracy", balanced_accuracy), ("macro_f1", macro_f1)):
        value = float(score(np.ones((1, len(given.truth))), given.truth, given.predicted, classes)[0])
        if few and people > 1:
            result[name] = Interval(_NAN, _NAN, people, few)
            continue
        worse, better = (
            drawn_values(
                partial(score, truth=truth, predicted=np.r_[given.predicted, answer], k=classes),
                given.weights, owner, amount,
            )
            for answer in (wrong, occurs)
        )  # fmt: skip
        result[name] = within(value, worse, better, people, int(shown.min()), capped=capped, level=level)
    return result


def area_interval(given: Answers, classes: Any, *, level: float = 0.95) -> Interval:
    """Interval of the mean area under the ROC curve of some classes, each against the rest.

    Notes
    -----
    The person not seen loses (wins) all pairs. Where the same people show a class and the rest, it is enough that half
    of the pairs are lost, as by guessing: with all pairs right the bound is then that of so many people being all
    right. Where only few show the class, their side has the greater part.
    """
    people = len(given.shows)
    parts = [_Area.of(given, int(c)) for c in classes]
    value = float(row_mean(np.array([[part.value for part in parts]]))[0])
    known = [part for part in parts if part.value == part.value]
    if not known:
        return Interval(_NAN, _NAN, people, _no_pairs(given, classes))
    few = given.too_few(np.flatnonzero(given.shows.any(0))) if len(known) > 1 else known[0].few
    if few:
        return Interval(_NAN, _NAN, people, few)
    worse, better = (np.mean([part.drawn(given.weights, good) for part in known], axis=0) for good in (False, True))
    resting, capped = min(part.fewest for part in known), all(part.shared for part in known)
    return within(value, worse, better, people, resting, capped=capped, level=level)


def _no_pairs(given: Answers, classes: Any) -> str:
    occurs = np.flatnonzero(given.shows.any(0))
    if len(occurs) == 1:
        return f"all samples show '{given.names[occurs[0]]}'"
    absent = [c for c in classes if c not in occurs]
    if len(absent) == len(classes):
        return f"no sample shows '{given.names[absent[0]]}'"
    return "no two classes within a fold"


@dataclass(frozen=True, eq=False)
class _Area:
    """One class against the rest: samples, and after them those of the people not seen, in every fold."""

    value: float
    positive: np.ndarray
    scores: np.ndarray
    fold: np.ndarray
    owner: np.ndarray
    amount: np.ndarray
    seen: int
    fewest: int
    shared: bool
    few: str

    @classmethod
    def of(cls, given: Answers, c: int) -> _Area:
        own, scores = given.truth == c, given.scores[:, c]
        value = float(weighted_auc(np.ones((1, len(own))), own, scores, given.fold)[0])
        if value != value:
            nothing = np.empty(0)
            return cls(value, nothing, nothing, nothing, nothing, nothing, 0, 0, False, "")
        sides = [np.bincount(given.who[side], minlength=len(given.shows)) > 0 for side in (own, ~own)]
        show, rest = (int(side.sum()) for side in sides)
        both = int((sides[0] & sides[1]).sum()) / min(show, rest)
        others = [d for d in np.flatnonzero(given.shows.any(0)) if d != c]
        against = c if both else min(others, key=lambda d: (d < c, d))
        more: dict[str, list[np.ndarray]] = {"positive": [], "fold": [], "owner": [], "amount": []}
        for side, people, opposite, whose in ((own, show, rest, c), (~own, rest, show, against)):
            folds, count = np.unique(given.fold[side], return_counts=True)
            part = 1 - both + both * opposite / (show + rest)
            more["positive"].append(np.full(len(folds), side is own))
            more["fold"].append(folds)
            more["owner"].append(np.full(len(folds), given.other(whose)))
            more["amount"].append(part * count / people)
        positive, fold, owner, amount = (
            np.concatenate([seen, *more[name]])
            for name, seen in (
                ("positive", own), ("fold", given.fold), ("owner", given.who), ("amount", np.ones(len(own))),
            )
        )  # fmt: skip
        few = ""
        if min(show, rest) < LEAST_OF_CLASS:
            few = f"only 1 person shows '{given.names[c]}'" if show < LEAST_OF_CLASS else (
                f"only 1 person shows another class than '{given.names[c]}'"
            )  # fmt: skip
        shared = bool((sides[0] & sides[1]).all())
        return cls(value, positive, scores, fold, owner, amount, len(own), min(show, rest), shared, few)

    def drawn(self, weights: np.ndarray, good: bool) -> np.ndarray:
        """Values for drawn weights; people not seen win or lose all pairs."""
        away = np.where(self.positive[self.seen :] == good, np.inf, -np.inf)
        statistic: Statistic = partial(
            weighted_auc, positive=self.positive, scores=np.r_[self.scores, away], fold=self.fold
        )
        return drawn_values(statistic, weights, self.owner, self.amount)
