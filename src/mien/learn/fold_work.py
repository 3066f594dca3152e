"""What a worker does to a fold: fit a new estimator to its training samples, ask it about the others."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from threadpoolctl import ThreadpoolController, threadpool_limits

from mien.core.progress import Progress


def threads_here() -> dict[str, int]:
    """Threads that libraries for arrays use here, by kind; another number could change the last digit of a sum."""
    return {str(library["user_api"]): int(library["num_threads"]) for library in _libraries(len(sys.modules)).info()}


@lru_cache(maxsize=1)
def _libraries(modules: int) -> ThreadpoolController:
    """Those that are loaded; looked for again when something was imported since."""
    return ThreadpoolController()


def use_threads(threads: dict[str, int]) -> None:
    """As many threads as there are in the process that gave them."""
    if threads_here() != threads:
        threadpool_limits(threads)


@dataclass(frozen=True, eq=False)
class FoldWork:
    """Of classes or of ratings; each fold is its number, training and test samples.

    Attributes
    ----------
    make : callable
        Gives an unfitted estimator.
    values : ndarray, shape (samples, ...)
    y, subjects : ndarray, shape (samples, ...)
    watched : bool
        Whether anybody wants to know how far a fit is.
    threads : dict of str to int
        Those of the first process, so that results are its own in every other one, too.
    """

    make: Callable[[], Any]
    values: np.ndarray
    y: np.ndarray
    subjects: np.ndarray
    watched: bool = False
    threads: dict[str, int] = field(default_factory=threads_here)

    def start(self, threads: int) -> None:
        """As many threads as where the work was made."""
        use_threads(self.threads)

    def do(
        self, ready: None, value: tuple[int, np.ndarray, np.ndarray], step: Callable[[Any], None]
    ) -> tuple[Any, ...]:
        """Predictions for the test samples."""
        number, train, test = value
        told = (lambda done, of: step((number, done / of))) if self.watched else None
        estimator = fitted(self.make(), self.values[train], self.y[train], self.subjects[train], told)
        return self.predicted(estimator, train, test)

    def predicted(self, estimator: Any, train: np.ndarray, test: np.ndarray) -> tuple[Any, ...]:
        """What is wanted of a fitted estimator: arrays, and lists of words."""
        raise NotImplementedError

    def facts(self) -> list[Any]:
        """What else a fold's result depends on, as JSON holds it."""
        return []


class FoldOfClasses(FoldWork):
    """Names of the classes that the training samples have, and their probabilities."""

    def predicted(self, estimator: Any, train: np.ndarray, test: np.ndarray) -> tuple[list[str], np.ndarray]:
        """Of each test sample."""
        return [str(name) for name in estimator.classes_], estimator.predict_proba(self.values[test])


class FoldOfRatings(FoldWork):
    """Predicted ratings, and mean and spread of those on the training samples."""

    def predicted(
        self, estimator: Any, train: np.ndarray, test: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each test sample."""
        found, seen = estimator.predict(self.values[test]), estimator.predict(self.values[train])
        return found, seen.mean(0), seen.std(0)


def fitted(estimator: Any, values: np.ndarray, y: np.ndarray, groups: np.ndarray, progress: Progress | None) -> Any:
    """The estimator, fitted; one that trains for long (``reports_progress``) says how far it is."""
    if progress is not None and estimator.reports_progress:
        return estimator.fit(values, y, groups=groups, progress=progress)
    return estimator.fit(values, y, groups=groups)
