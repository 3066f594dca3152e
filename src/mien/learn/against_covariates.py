"""What the face adds to age, sex, site and the like: a model beside one on covariates alone, and beside both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.outcome import Outcome, Ratings
from mien.core.progress import Progress
from mien.engine.work import Spread
from mien.learn.beside import BesideCovariates
from mien.learn.covariates import Covariates
from mien.learn.crossval import Make, cross_predictions, fold_results
from mien.learn.halves import AnswersOfHalves, logits
from mien.learn.kept_folds import KeptFolds
from mien.learn.predictions import AnyPredictions, ClassPredictions, RatingPredictions
from mien.learn.scoring import all_scores, differences
from mien.learn.table import Table
from mien.models.named import NamedClassifier, NamedRegressor
from mien.stats.beyond import beyond_p
from mien.stats.folds import Fold


def beside_covariates(
    make: Make,
    values: np.ndarray,
    table: Table,
    outcome: Outcome,
    folds: list[Fold],
    predictions: AnyPredictions,
    covariates: Covariates,
    seed: int = 0,
    progress: Progress | None = None,
    how: Spread | None = None,
    kept: KeptFolds | None = None,
) -> BesideCovariates:
    """Score covariates alone and together with a model's cross-validated answers.

    Parameters
    ----------
    make, values, table, outcome, folds
        What ``predictions`` were made with; see ``mien.learn.crossval.cross_predictions``.
    predictions : ClassPredictions or RatingPredictions
        Of the model.
    covariates : Covariates
        Of the table's samples.
    seed : int
    progress : callable (done, total), optional
        Counts folds.
    how : Spread, optional
        Over which workers the folds are spread; the result is the same.
    kept : KeptFolds, optional
        Folds that parts of this training have fitted, which are read.
    """
    given = covariates.values
    classes = isinstance(predictions, ClassPredictions)
    plain: Callable[..., Any] = partial(NamedClassifier, seed=seed) if classes else partial(NamedRegressor, seed=seed)
    alone = cross_predictions(plain, given, table.y, table, outcome, folds)
    # Probabilities as they are, not of classes weighed alike: what is left of the truth has mean 0 then.
    unweighed = cross_predictions(partial(NamedClassifier, balanced=False), given, table.y, table, outcome, folds) if (
        classes
    ) else alone  # fmt: skip
    left = _truth(predictions) - _answers(unweighed)
    p = beyond_p(left, said_of(predictions), _complete(given), table.subjects, predictions.fold)
    lead = differences(predictions, alone)
    try:
        work = halves_of(make, values, table, outcome, getattr(predictions, "classes", ()), seed)
        joined = _with_answers(work, table, outcome, folds, predictions, given, plain, progress, how, kept)
    except InputError as error:
        note = f"Covariates and face together were not fitted: {error}"
        return BesideCovariates(covariates.asked, all_scores(alone, seed), {}, {}, lead, p, note)
    gain = differences(joined, alone)
    return BesideCovariates(covariates.asked, all_scores(alone, seed), all_scores(joined, seed), gain, lead, p)


def said_of(predictions: AnyPredictions) -> np.ndarray:
    """What a model says as numbers that may be added to: ratings, or logits of classes, (samples, outputs)."""
    if isinstance(predictions, RatingPredictions):
        return predictions.predicted
    return logits(predictions.probabilities)


def _truth(p: AnyPredictions) -> np.ndarray:
    if isinstance(p, RatingPredictions):
        return p.truth
    shown = (p.label.astype(str)[:, None] == np.array(p.classes)).astype(np.float64)
    return shown[:, 1:] if len(p.classes) == 2 else shown


def _answers(p: AnyPredictions) -> np.ndarray:
    if isinstance(p, RatingPredictions):
        return p.predicted
    return p.probabilities[:, 1:] if len(p.classes) == 2 else p.probabilities


def _complete(values: np.ndarray) -> np.ndarray:
    """Columns whose gaps are filled with the mean and marked."""
    missing = np.isnan(values)
    known = np.where(missing, 0.0, values).sum(0) / np.maximum((~missing).sum(0), 1)
    marks = missing[:, missing.any(0)].astype(np.float64)
    return np.concatenate([np.where(missing, known, values), marks], axis=1)


def halves_of(
    make: Make, values: np.ndarray, table: Table, outcome: Outcome, classes: Sequence[str], seed: int
) -> AnswersOfHalves:
    """What is done to each fold before covariates and face are put together.

    Parameters
    ----------
    make, values, table, outcome, seed
        As in ``beside_covariates``.
    classes : sequence of str
        Of the outcome; none of ratings.
    """
    y = table.y if isinstance(outcome, Ratings) else table.y.astype(str)
    return AnswersOfHalves(make, values, y, table.subjects, classes=tuple(classes), seed=seed)


def _with_answers(
    work: AnswersOfHalves, table: Table, outcome: Outcome, folds: list[Fold], predictions: AnyPredictions,
    given: np.ndarray, plain: Callable[..., Any], progress: Progress | None, how: Spread | None, kept: KeptFolds | None,
) -> AnyPredictions:  # fmt: skip
    """Predictions of covariates and model together: what halves of the training people say of each other is a column
    of training; of test rows it is what the model said.
    """
    outer = said_of(predictions)
    numbers: list[np.ndarray] = []
    for (train, test), (said,) in zip(folds, fold_results(work, folds, progress, how, kept), strict=True):
        inner = np.empty((len(table.y), outer.shape[1]))
        inner[test], inner[train] = outer[test], said
        numbers.append(inner)
    # What the model says is one or a few columns among many, and weighs as much as all covariates.
    joint: Make = partial(plain, blocks=(outer.shape[1], given.shape[1]))
    parts = [
        cross_predictions(joint, np.concatenate([inner, given], axis=1), table.y, table, outcome, [fold])
        for inner, fold in zip(numbers, folds, strict=True)
    ]
    return _joined(predictions, parts, folds)


def _joined(like: AnyPredictions, parts: list[AnyPredictions], folds: list[Fold]) -> AnyPredictions:
    """Predictions for all test rows, each from the part of its fold."""
    arrays = ("probabilities",) if isinstance(like, ClassPredictions) else ("predicted", "level", "spread")
    found: dict[str, np.ndarray] = {}
    for name in arrays:
        first = getattr(parts[0], name)
        whole = np.full(first.shape, np.nan)
        for part, (_, test) in zip(parts, folds, strict=True):
            whole[test] = getattr(part, name)[test]
        found[name] = whole
    if isinstance(like, ClassPredictions):
        return ClassPredictions(like.path, like.subject, like.fold, like.label, found["probabilities"], like.classes)
    return RatingPredictions(like.path, like.subject, like.fold, like.truth, found["predicted"], like.ratings,
                             found["level"], found["spread"])  # fmt: skip
