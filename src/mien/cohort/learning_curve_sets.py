"""Sets of people drawn from a pool, and models of them: what a learning curve is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mien.cohort.learning_curve_result import CurveRun
from mien.core.errors import InputError
from mien.core.outcome import Outcome, Ratings
from mien.learn.crossval import Make, cross_predictions
from mien.learn.fold_work import fitted, threads_here, use_threads
from mien.learn.predictions import AnyPredictions, ClassPredictions, RatingPredictions
from mien.learn.scoring import decisive, statistics_of
from mien.learn.table import Table
from mien.stats.folds import Fold, subject_folds
from mien.stats.subjects import codes_of

# Draws that are tried before a set is taken whose classes cannot be cross-validated.
_TRIES = 100


@dataclass(frozen=True, eq=False)
class CurveModel:
    """A model on some of the features, among which a set may choose.

    Attributes
    ----------
    name : str
    make : callable
        Gives an unfitted estimator.
    columns : ndarray of int
        Of the features.
    """

    name: str
    make: Make
    columns: np.ndarray


class PeopleDrawn:
    """Sets of people drawn from a pool, and models of them."""

    def __init__(
        self, table: Table, outcome: Outcome, pool: np.ndarray, test: np.ndarray, n_folds: int, seed: int
    ) -> None:
        self.table, self.outcome, self.pool, self.test = table, outcome, pool, test
        self.n_folds, self.seed, self.rated = n_folds, seed, isinstance(outcome, Ratings)
        names, self.who = codes_of(table.subjects[pool])
        self.people = len(names)

    def order(self, repeat: int, smallest: int) -> np.ndarray:
        """People of the pool in the order of one repeat, whose smallest set can be cross-validated."""
        rng = np.random.default_rng([self.seed, repeat])
        for _ in range(_TRIES):
            order = rng.permutation(self.people)
            rows = self._rows(order[:smallest])
            if self._folds(rows, repeat):
                return order
        raise InputError(
            f"Sets of {smallest} people cannot be cross-validated in {self.n_folds} folds: a class is too rare. Ask "
            "for larger sizes."
        )

    def _rows(self, people: np.ndarray) -> np.ndarray:
        found: np.ndarray = self.pool[np.isin(self.who, people)]
        return found

    def _folds(self, rows: np.ndarray, repeat: int) -> list[Fold]:
        """Folds within some rows; none where they cannot be made."""
        y, subjects = self.table.y[rows], self.table.subjects[rows]
        scheme: Any = "grouped" if self.rated else "stratified"
        if not self.rated and self.outcome.names(y) != self.outcome.names(self.table.y):
            return []
        try:
            return subject_folds(subjects, None if self.rated else y, scheme=scheme, n_folds=self.n_folds, seed=repeat)
        except InputError:
            return []

    def runs(
        self, size: int, repeat: int, order: np.ndarray, candidates: Sequence[CurveModel]
    ) -> list[tuple[CurveRun, AnyPredictions]]:
        """Every candidate's scores, and what it says of the people held out."""
        rows = self._rows(order[:size])
        folds, part, found = self._folds(rows, repeat), self.table.part(rows), []
        for one in candidates:
            values = self.table.features.values[..., one.columns]
            outside = self._answers(one.make, values, rows)
            inside = cross_predictions(one.make, values[rows], part.y, part, self.outcome, folds)
            scores = [score(p) for p in (outside, inside)]
            found.append((CurveRun(size, repeat, one.name, *scores), outside))
        return found

    def _answers(self, make: Make, values: np.ndarray, rows: np.ndarray) -> AnyPredictions:
        """What a model of some rows says of the people held out."""
        table, test = self.table, self.test
        estimator = fitted(make(), values[rows], table.y[rows], table.subjects[rows], None)
        said = np.asarray(estimator.outputs(values[test]), dtype=np.float64)
        fold = np.zeros(len(test), dtype=int)
        path, subject, y = table.path[test], table.subjects[test], table.y[test]
        if self.rated:
            return RatingPredictions(path, subject, fold, y, said, self.outcome.columns)
        classes = tuple(str(c) for c in estimator.classes_)
        return ClassPredictions(path, subject, fold, y, said, classes)


@dataclass(frozen=True, eq=False)
class SetsOfPeople:
    """What a worker does to a drawn set: fit every candidate to it, and score it within and on the people held out.

    Attributes
    ----------
    drawn : PeopleDrawn
    candidates : list
    threads : dict of str to int
        Those of the first process, so that results are its own in every other one, too.
    """

    drawn: PeopleDrawn
    candidates: Sequence[CurveModel]
    threads: dict[str, int] = field(default_factory=threads_here)

    def start(self, threads: int) -> None:
        """As many threads as where the work was made."""
        use_threads(self.threads)

    def do(
        self, ready: None, value: tuple[int, int, np.ndarray], step: Callable[[Any], None]
    ) -> list[tuple[CurveRun, AnyPredictions]]:
        """Every candidate's scores, and what it says of the people held out."""
        return self.drawn.runs(*value, self.candidates)


def score(p: AnyPredictions) -> float:
    """The curve's score of predictions."""
    return float(statistic(p)(np.ones((1, len(p.path))))[0])


def statistic(p: AnyPredictions) -> Callable[[np.ndarray], np.ndarray]:
    """The curve's score for many weightings of the people at once."""
    return statistics_of(p)[score_name(p)]


def score_name(p: AnyPredictions) -> str:
    """The score of the curve: one that a shifted threshold does not touch."""
    return "auc" if "auc" in decisive(p) else "pearson"
