"""Predictions for subjects that the predicting model has not seen, and the check with shuffled labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mien.core.progress import Progress
from mien.stats.folds import Fold, Scheme, subject_folds
from mien.stats.permutation import exchanged_rows

# Shufflings that are tried before one is taken that leaves a training fold without a class.
_DRAWS = 100
Make = Callable[[], Any]


def people_folds(
    subjects: np.ndarray, y: np.ndarray | None, *, scheme: Scheme, n_folds: int, seed: int
) -> tuple[list[Fold], Scheme, list[str]]:
    """Folds over people, one for each person where there are fewer people than folds.

    Parameters
    ----------
    subjects, y, scheme, n_folds, seed
        See ``mien.stats.folds.subject_folds``.

    Returns
    -------
    folds : list of (train, test)
    scheme : str
        The one that was used.
    notes : list of str
        What has to stand beside the scores.
    """
    people = len(np.unique(subjects.astype(str)))
    notes = []
    if 1 < people < n_folds and scheme != "leave-one-subject-out":
        notes = [f"There are fewer people ({people}) than folds asked for ({n_folds}), so each is left out alone."]
        scheme = "leave-one-subject-out"
    return subject_folds(subjects, y, scheme=scheme, n_folds=n_folds, seed=seed), scheme, notes


def cross_predict(
    make: Make,
    values: np.ndarray,
    y: np.ndarray,
    subjects: np.ndarray,
    folds: list[Fold],
    classes: tuple[str, ...],
    progress: Progress | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Fit a new estimator in every training fold and predict its test fold.

    Parameters
    ----------
    make : callable
        Gives an unfitted estimator with ``fit(values, y, groups)``, ``predict_proba`` and ``classes_``.
    values : ndarray, shape (samples, ...)
    y, subjects : ndarray of str, shape (samples,)
    folds : list of (train, test)
    classes : tuple of str
        Columns of the result.

    Returns
    -------
    probabilities : ndarray, shape (samples, classes)
    fold : ndarray of int, shape (samples,)
    """
    probabilities = np.zeros((len(y), len(classes)))
    fold_of = np.full(len(y), -1)
    for number, (train, test) in enumerate(folds):
        estimator = make()
        fitted(estimator, values[train], y[train].astype(str), subjects[train], part(progress, number, len(folds)))
        columns = np.array([classes.index(str(c)) for c in estimator.classes_])
        probabilities[np.ix_(test, columns)] = estimator.predict_proba(values[test])
        fold_of[test] = number
        if progress is not None:
            progress(number + 1, len(folds))
    return probabilities, fold_of


def fitted(estimator: Any, values: np.ndarray, y: np.ndarray, groups: np.ndarray, progress: Progress | None) -> Any:
    """The estimator, fitted; one that trains for long (``reports_progress``) says how far it is."""
    if progress is not None and estimator.reports_progress:
        return estimator.fit(values, y, groups=groups, progress=progress)
    return estimator.fit(values, y, groups=groups)


def fit_notes(estimator: Any) -> list[str]:
    """What a fitted estimator says of its training, in sentences, to stand beside its scores."""
    return list(estimator.fit_notes_)


def part(progress: Progress | None, number: int, total: int) -> Progress | None:
    """Progress within one of several equal parts, told as shares of a part."""
    if progress is None:
        return None
    # A finished part is told by whoever counts the parts; bars take shares.
    return lambda done, of: progress(number + min(done / of, 0.99), total)  # type: ignore[arg-type]


def shuffled_labels(y: np.ndarray, subjects: np.ndarray, seed: int, folds: Sequence[Fold] = ()) -> np.ndarray:
    """Labels that say nothing about the samples but keep the design; shape (samples,).

    People change places with all their labels, see ``mien.stats.permutation.exchanged_rows``.

    Parameters
    ----------
    y, subjects : ndarray of str, shape (samples,)
    seed : int
    folds : sequence of (train, test), optional
        Drawn again, some times, until every training fold holds all classes.
    """
    rng = np.random.default_rng(seed)
    y = np.asarray(y)
    classes = len(set(y.astype(str)))
    for _ in range(_DRAWS):
        shuffled: np.ndarray = y[exchanged_rows(subjects, rng)]
        if all(len(set(shuffled[train].astype(str))) == classes for train, _ in folds):
            break
    return shuffled
