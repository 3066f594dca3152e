"""Predictions for subjects that the predicting model has not seen, or, where that is asked for, other recordings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args

import numpy as np

from mien.core.errors import InputError
from mien.core.outcome import RATINGS, Outcome
from mien.core.people.words import SUBJECT, USER_SPECIFIC, unit_words
from mien.core.progress import Progress
from mien.engine.spread import spread
from mien.engine.work import Item, Spread
from mien.learn.constant import level_ties
from mien.learn.fold_work import FoldOfClasses, FoldOfRatings, FoldWork
from mien.learn.kept_folds import KeptFolds
from mien.learn.predictions import AnyPredictions, ClassPredictions, RatingPredictions
from mien.learn.table import Table
from mien.stats.folds import Fold, Scheme, subject_folds
from mien.stats.own_folds import OWN_FOLDS, own_folds
from mien.stats.recording_folds import recording_folds
from mien.stats.site_folds import LEAVE_ONE_SITE_OUT, site_folds

Make = Callable[[], Any]


Protocol = Scheme | Literal["user-specific", "leave-one-site-out", "own-folds"]


def chosen_folds(
    subjects: np.ndarray, y: np.ndarray | None, *, scheme: Protocol, n_folds: int, seed: int, unit: str = SUBJECT,
    recordings: np.ndarray | None = None, sites: np.ndarray | None = None, own: np.ndarray | None = None,
) -> tuple[list[Fold], Protocol, list[str]]:  # fmt: skip
    """Folds over people, one for each person where there are fewer people than folds; or over their recordings.

    Parameters
    ----------
    subjects, y, scheme, n_folds, seed
        See ``mien.stats.folds.subject_folds``.
    unit : str
        Column that ``subjects`` are from.
    recordings : ndarray of str, shape (samples,), optional
        Needed for ``'user-specific'``, see ``mien.stats.recording_folds``: people are shared on purpose.
    sites : ndarray of str, shape (samples,), optional
        Needed for ``'leave-one-site-out'``, see ``mien.stats.site_folds``.
    own : ndarray of str, shape (samples,), optional
        Names of folds that were drawn beforehand, see ``mien.stats.own_folds``; ``scheme`` and ``n_folds`` then play no
        part.

    Returns
    -------
    folds : list of (train, test)
    scheme : str
        The one that was used.
    notes : list of str
        What has to stand beside the scores.
    """
    if own is not None:
        return own_folds(subjects, own, y, unit=unit), OWN_FOLDS, []
    known = (*get_args(Scheme), LEAVE_ONE_SITE_OUT, USER_SPECIFIC)
    if scheme == OWN_FOLDS or scheme not in known:
        raise InputError(f"Folds: scheme is one of {', '.join(known)}, but got '{scheme}'.")
    people = len(np.unique(subjects.astype(str)))
    notes = []
    if scheme == USER_SPECIFIC:
        assert y is not None and recordings is not None
        return recording_folds(subjects, recordings, y, n_folds=n_folds, seed=seed), scheme, _one_class(subjects, y)
    if scheme == LEAVE_ONE_SITE_OUT:
        assert sites is not None
        return site_folds(subjects, sites, y), scheme, []
    if 1 < people < n_folds and scheme != "leave-one-subject-out":
        many = unit_words(unit)[1]
        notes = [f"There are fewer {many} ({people}) than folds asked for ({n_folds}), so each is left out alone."]
        scheme = "leave-one-subject-out"
    return subject_folds(subjects, y, scheme=scheme, n_folds=n_folds, seed=seed), scheme, notes


def _one_class(subjects: np.ndarray, y: np.ndarray) -> list[str]:
    """What it means that some people show one class only, where people are in training and test."""
    classes: dict[str, set[str]] = {}
    for person, label in zip(subjects.astype(str), y.astype(str), strict=True):
        classes.setdefault(person, set()).add(label)
    one = sum(len(found) == 1 for found in classes.values())
    if not one:
        return []
    return [
        f"{one} of {len(classes)} people show one class only. As they are in training and test, a model that knows the "
        "face is right about them whatever it shows, and scores are too good."
    ]


def cross_predictions(
    make: Make,
    values: np.ndarray,
    y: np.ndarray,
    table: Table,
    outcome: Outcome,
    folds: list[Fold],
    progress: Progress | None = None,
    how: Spread | None = None,
    kept: KeptFolds | None = None,
) -> AnyPredictions:
    """What models that are fitted in every training fold say of its test fold; ``y`` may be shuffled."""
    given = (make, values, y, table.subjects, folds)
    names = outcome.names(y)
    if outcome.kind == RATINGS:
        predicted, level, deviation, fold = cross_predict_ratings(*given, progress, how, kept)
        return RatingPredictions(table.path, table.subjects, fold, y, predicted, names, level, deviation)
    probabilities, fold = cross_predict(*given, names, progress, how, kept)
    return ClassPredictions(table.path, table.subjects, fold, y, probabilities, names)


def cross_predict(
    make: Make,
    values: np.ndarray,
    y: np.ndarray,
    subjects: np.ndarray,
    folds: list[Fold],
    classes: tuple[str, ...],
    progress: Progress | None = None,
    how: Spread | None = None,
    kept: KeptFolds | None = None,
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
    how : Spread, optional
        Over which workers the folds are spread; the result is the same.
    kept : KeptFolds, optional
        Folds that parts of this training have fitted, which are read.

    Returns
    -------
    probabilities : ndarray, shape (samples, classes)
    fold : ndarray of int, shape (samples,)
    """
    probabilities, fold = np.zeros((len(y), len(classes))), np.full(len(y), -1)
    work = FoldOfClasses(make, values, y.astype(str), subjects, progress is not None)
    for number, (seen, predicted) in enumerate(fold_results(work, folds, progress, how, kept)):
        test = folds[number][1]
        probabilities[np.ix_(test, np.array([classes.index(name) for name in seen]))] = predicted
        fold[test] = number
    return level_ties(probabilities), fold


def cross_predict_ratings(
    make: Make,
    values: np.ndarray,
    y: np.ndarray,
    subjects: np.ndarray,
    folds: list[Fold],
    progress: Progress | None = None,
    how: Spread | None = None,
    kept: KeptFolds | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The same for ratings: predictions, and each model's mean and spread on its training fold, (samples, ratings)."""
    predicted, level, deviation = (np.full(y.shape, np.nan) for _ in range(3))
    fold = np.full(len(y), -1)
    work = FoldOfRatings(make, values, y, subjects, progress is not None)
    for number, (found, mean, sd) in enumerate(fold_results(work, folds, progress, how, kept)):
        test = folds[number][1]
        predicted[test], level[test], deviation[test], fold[test] = found, mean, sd, number
    return predicted, level, deviation, fold


def fold_results(
    work: FoldWork,
    folds: list[Fold],
    progress: Progress | None = None,
    how: Spread | None = None,
    kept: KeptFolds | None = None,
) -> Iterator[tuple[Any, ...]]:
    """What the work gives for every fold, in their order; how far all of them are is said meanwhile.

    Parameters
    ----------
    work : FoldWork
    folds : list of (train, test)
    progress : callable (done, total), optional
    how : Spread, optional
    kept : KeptFolds, optional
        Folds that are there are read, not computed.
    """
    shares = [0.0] * len(folds)

    def step(told: tuple[int, float]) -> None:
        # A finished part is told by whoever counts the parts; bars take shares.
        shares[told[0]] = min(told[1], 0.99)
        tell()

    def tell() -> None:
        if progress is not None:
            progress(sum(shares), len(folds))  # type: ignore[arg-type]

    known = kept.of(work) if kept else None
    there = {n: found for n, fold in enumerate(folds) if known and (found := known.read(fold)) is not None}
    fitted = spread(work, [item for n, item in enumerate(fold_items(folds)) if n not in there], how, step=step)
    for number in range(len(folds)):
        yield there[number] if number in there else next(fitted).result()
        shares[number] = 1
        tell()


def fold_items(folds: list[Fold], about: str = "") -> list[Item]:
    """What workers are given for each fold; ``about``: what tells them from folds of another work."""
    return [Item(f"{about}fold {number + 1}", (number, *fold)) for number, fold in enumerate(folds)]


def work_of(
    make: Make, values: np.ndarray, y: np.ndarray, subjects: np.ndarray, outcome: Outcome, watched: bool = False
) -> FoldWork:
    """What is done to each fold, of classes or of ratings."""
    if outcome.kind == RATINGS:
        return FoldOfRatings(make, values, y, subjects, watched)
    return FoldOfClasses(make, values, y.astype(str), subjects, watched)


def fit_notes(estimator: Any) -> list[str]:
    """What a fitted estimator says of its training, in sentences, to stand beside its scores."""
    return list(estimator.fit_notes_)


def part(progress: Progress | None, number: int, total: int) -> Progress | None:
    """Progress within one of several equal parts, told as shares of a part."""
    if progress is None:
        return None
    # A finished part is told by whoever counts the parts; bars take shares.
    return lambda done, of: progress(number + min(done / of, 0.99), total)  # type: ignore[arg-type]
