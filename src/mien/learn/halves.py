"""What two halves of the people of a training fold say of each other: what a model beside covariates is fitted to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.learn.fold_work import FoldWork, fitted
from mien.stats.folds import subject_folds

_LEAST_PROBABILITY = 1e-6


@dataclass(frozen=True, eq=False)
class AnswersOfHalves(FoldWork):
    """Each half of the people of a training fold is asked about by a model of the other half.

    Attributes
    ----------
    classes : tuple of str
        Of the outcome; none of ratings.
    seed : int
        Of the halves.
    """

    classes: tuple[str, ...] = ()
    seed: int = 0

    def do(
        self, ready: None, value: tuple[int, np.ndarray, np.ndarray], step: Callable[[Any], None]
    ) -> tuple[np.ndarray]:
        """Ratings, or logits of classes, of the training samples in their order."""
        _, train, _ = value
        strata, scheme = (self.y[train], "stratified") if self.classes else (None, "grouped")
        halves = subject_folds(self.subjects[train], strata, scheme=scheme, n_folds=2, seed=self.seed)  # type: ignore[arg-type]
        parts: list[tuple[np.ndarray, np.ndarray]] = []
        for fit, answer in halves:
            own, other = train[fit], train[answer]
            estimator = fitted(self.make(), self.values[own], self.y[own], self.subjects[own], None)
            said = np.asarray(estimator.outputs(self.values[other]))
            if self.classes:
                whole = np.zeros((len(other), len(self.classes)))
                whole[:, [self.classes.index(str(c)) for c in estimator.classes_]] = said
                said = logits(whole)
            parts.append((answer, said))
        found = np.empty((len(train), parts[0][1].shape[1]))
        for answer, said in parts:
            found[answer] = said
        return (found,)

    def facts(self) -> list[Any]:
        """Classes and seed."""
        return [self.classes, self.seed]


def logits(probabilities: np.ndarray) -> np.ndarray:
    """Logarithms of probabilities around their mean, (samples, classes); of two classes one column, which says all."""
    logs = np.log(np.maximum(probabilities, _LEAST_PROBABILITY))
    found: np.ndarray = logs - logs.mean(1, keepdims=True)
    return found[:, 1:] * 2 if found.shape[1] == 2 else found
