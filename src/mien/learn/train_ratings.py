"""Training for ratings: one ridge head per rating on features that all of them share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from mien.core.people.words import people_facts
from mien.core.samples import Samples
from mien.learn.ceilings import ceilings_of
from mien.learn.crossval import Progress, fit_notes, fitted, part, people_folds
from mien.learn.rating_scores import RatingEvaluation, RatingPredictions, score_ratings
from mien.learn.starts import refuse_known_start
from mien.learn.table import Table, training_info
from mien.learn.trained import Trained, shifted
from mien.models.catalogue import maker, notes_of, prepared
from mien.stats.folds import Fold, Scheme
from mien.stats.permutation import exchanged_rows


def train_ratings(
    samples: Samples,
    table: Table,
    ratings: tuple[str, ...],
    *,
    model: str,
    group_by: str,
    scheme: Scheme,
    n_folds: int,
    seed: int,
    evaluate: bool,
    noise_check: bool,
    settings: dict[str, Any],
    ceiling: Any,
    progress: Progress | None,
) -> Trained:
    """``train`` for ratings; ``table.y`` holds them, (samples, ratings)."""
    # Read first, so that a wrong source is told before hours of training.
    ceilings = None if ceiling is None else ceilings_of(ceiling, ratings, table.path)
    make = maker(model, table.features, seed=seed, settings=settings, ratings=True)
    if evaluate:
        refuse_known_start(make, samples, table)
    # Ratings have no classes to be spread over the folds.
    scheme = "grouped" if scheme == "stratified" else scheme
    folds: list[Fold] = []
    few: list[str] = []
    if evaluate:
        folds, scheme, few = people_folds(table.subjects, None, scheme=scheme, n_folds=n_folds, seed=seed)
    total = len(folds) * (2 if noise_check else 1) + 1
    protocol = {
        "scheme": scheme,
        "n_folds": len(folds),
        **people_facts(table.subjects, len(table.y)),
        "seed": seed,
        "group_by": group_by,
    }
    table = replace(table, notes=[*table.notes, *few, *notes_of(make)])
    values = prepared(make, table.features)
    evaluation: RatingEvaluation | None = None
    predictions: RatingPredictions | None = None
    if evaluate:
        predictions = _predictions(make, values, table, ratings, folds, shifted(progress, 0, total))
        noise = None
        if noise_check:
            rows = exchanged_rows(table.subjects, np.random.default_rng(seed))
            shuffled = replace(table, y=table.y[rows])
            noise = _predictions(make, values, shuffled, ratings, folds, shifted(progress, len(folds), total))
        evaluation = score_ratings(
            predictions,
            model=model,
            protocol=protocol,
            left_out=table.left_out,
            noise=noise,
            notes=table.notes,
            ceilings=ceilings,
            seed=seed,
        )
    whole = fitted(make(), values, table.y, table.subjects, part(progress, total - 1, total))
    if evaluation is not None:
        evaluation = replace(evaluation, notes=[*evaluation.notes, *fit_notes(whole)])
    final = whole.model(
        name=model,
        target=", ".join(ratings),
        classes=ratings,
        recipe=table.features.recipe,
        feature_names=table.features.names,
        info={**training_info(samples, table, protocol), "ratings": list(ratings)},
    )  # fmt: skip
    if progress is not None:
        progress(total, total)
    return Trained(final, evaluation, predictions, None)


def _predictions(
    make: Callable[[], Any],
    values: np.ndarray,
    table: Table,
    ratings: tuple[str, ...],
    folds: list[Fold],
    progress: Progress | None,
) -> RatingPredictions:
    """Ratings of every test fold by an estimator fitted in its training fold."""
    predicted, level, spread = (np.full(table.y.shape, np.nan) for _ in range(3))
    fold_of = np.full(len(table.y), -1)
    for number, (train, test) in enumerate(folds):
        estimator = make()
        fitted(estimator, values[train], table.y[train], table.subjects[train], part(progress, number, len(folds)))
        predicted[test], fold_of[test] = estimator.predict(values[test]), number
        seen = estimator.predict(values[train])
        level[test], spread[test] = seen.mean(0), seen.std(0)
        if progress is not None:
            progress(number + 1, len(folds))
    return RatingPredictions(table.path, table.subjects, fold_of, table.y, predicted, ratings, level, spread)
