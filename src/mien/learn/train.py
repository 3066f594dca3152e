"""``train``: cross-validated evaluation on people the model has not seen, then one model fitted on everybody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.memory import kept_memory
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.people.words import people_facts
from mien.core.progress import progress_of
from mien.core.samples import Samples
from mien.data.samples import given_samples
from mien.learn.class_scores import Predictions, score
from mien.learn.cost import fitted_with_cost
from mien.learn.crossval import Progress, cross_predict, fit_notes, part, people_folds, shuffled_labels
from mien.learn.named_columns import columns_recipe, notes_of_choice
from mien.learn.starts import refuse_known_start
from mien.learn.table import Table, load, one_target, ratings_of, training_info, usable
from mien.learn.train_ratings import train_ratings
from mien.learn.trained import Trained, shifted, write_trained
from mien.models.catalogue import maker, notes_of, prepared, refuse_ratings, spec
from mien.stats.folds import Fold, Scheme


@kept_memory()
@checked_numbers
def train(
    samples: Samples | str | Path,
    *,
    target: str | Sequence[str],
    model: str = "expression",
    faces: Faces | str | Path | None = None,
    group_by: str = "subject",
    scheme: Scheme = "stratified",
    n_folds: int = 10,
    seed: int = 0,
    output: str | Path | None = None,
    evaluate: bool = True,
    noise_check: bool = False,
    features: str | Sequence[str] = (),
    recipe: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    ceiling: Any = None,
    labels: Sequence[str] = (),
    subject_pattern: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    progress: Progress | bool | None = None,
) -> Trained:
    """Train a model of classes or of ratings and say how well it does on people it has not seen.

    Parameters
    ----------
    samples : Samples, str or Path
        Read with ``read_samples`` if it is not ``Samples`` yet.
    target : str or sequence of str
        Label or rating to be predicted; or several ratings, which then share features and folds; ``'all'`` for all
        ratings there are.
    model : str
        ``'expression'`` (named features), ``'picture'`` (pixels) or ``'landmark-net'`` (landmark sequences) and its
        kin; see ``mien.models.catalogue.SPECS``.
    faces : Faces, str or Path, optional
        The samples' faces, or the folder that ``mien extract`` wrote; not needed for data that bring landmarks.
    group_by : str
        Column whose values are never split over folds: ``'subject'``, ``'group'`` or a label.
    scheme, n_folds, seed
        See ``mien.stats.folds.subject_folds``; the seed is also that of training. For ratings, ``'stratified'`` is
        ``'grouped'``. Where there are fewer people than folds, each is left out alone, and a note says so.
    output : str or Path, optional
        Folder for model.json, weights.safetensors, evaluation.json and predictions.parquet.
    evaluate : bool
        Cross-validate before the final fit.
    noise_check : bool
        Train on shuffled labels too, on the same folds; the scores of that have to be at chance.
    features : str or sequence of str, optional
        Named numbers to learn from instead of faces: columns of the samples' own table, or of tables that were imported
        per frame (``faces``), by names or patterns such as ``'AU*'``; see ``mien.features.columns``.
    recipe, settings : dict, optional
        Instead of the model's own features; parameters of its estimator.
    ceiling : str, number or dict, optional
        How far people agree about the ratings, see ``mien.learn.ceilings.ceilings_of``.
    labels, subject_pattern, columns, missing : optional
        Of samples that are named: how their table or folder is read, see ``mien.data.samples.read_samples``.
    progress : callable (done, total) or bool, optional
        ``True`` writes lines with the time left to standard error.
        Called after every fold and after the final fit.

    Returns
    -------
    Trained

    Raises
    ------
    InputError
        For an unknown target, model or setting, samples without faces, one class only, one subject only, or a folder
        that cannot be written to.
    """
    progress = progress_of(progress, "folds")
    if output is not None:
        check_folder(output)
    chosen, folder = spec(model), None if output is None else Path(output)
    if features:
        recipe = columns_recipe(features, model, recipe)
    samples = given_samples(samples, labels=labels, subject_pattern=subject_pattern, columns=columns, missing=missing)
    faces_given = faces is not None
    samples, found = load(samples, faces, recipe)
    ratings = ratings_of(samples, target)
    if ratings and not (recipe and recipe != chosen.recipe):
        recipe = chosen.rating_recipe
    if ratings and not chosen.regressor:
        refuse_ratings(model)
    table = usable(samples, found, recipe or chosen.recipe, target, group_by)
    choice = notes_of_choice(recipe or {}, table.features.recipe, samples, faces_given)
    table = replace(table, notes=[*table.notes, *choice])
    if ratings:
        trained = train_ratings(
            samples,
            table,
            ratings,
            model=model,
            group_by=group_by,
            scheme=scheme,
            n_folds=n_folds,
            seed=seed,
            evaluate=evaluate,
            noise_check=noise_check,
            settings=settings or {},
            ceiling=ceiling,
            progress=progress,
        )
        return write_trained(trained, folder)
    target = one_target(target)
    if ceiling is not None:
        raise InputError(f"A ceiling belongs to ratings, but '{target}' holds classes.")
    make = maker(model, table.features, seed=seed, settings=settings or {})
    if evaluate:
        refuse_known_start(make, samples, table)
    folds: list[Fold] = []
    few: list[str] = []
    if evaluate:
        folds, scheme, few = people_folds(table.subjects, table.y, scheme=scheme, n_folds=n_folds, seed=seed)
    total = len(folds) * (2 if noise_check else 1) + 1
    protocol = {
        "scheme": scheme,
        "n_folds": len(folds),
        **people_facts(table.subjects, len(table.y)),
        "seed": seed,
        "group_by": group_by,
    }
    evaluation = predictions = None
    table = replace(table, notes=[*table.notes, *few, *notes_of(make)])
    values = prepared(make, table.features)
    if evaluate:
        predictions = _predictions(make, values, table, table.y, folds, shifted(progress, 0, total))
        shuffled = None
        if noise_check:
            drawn = shuffled_labels(table.y, table.subjects, seed, folds)
            shuffled = _predictions(make, values, table, drawn, folds, shifted(progress, len(folds), total))
        evaluation = score(
            predictions,
            target=target,
            model=model,
            protocol=protocol,
            left_out=table.left_out,
            noise=shuffled,
            notes=table.notes,
            seed=seed,
        )
    fitted, cost = fitted_with_cost(make, values, table.y, table.subjects, part(progress, total - 1, total))
    if evaluation is not None:
        evaluation = replace(evaluation, cost=cost, notes=[*evaluation.notes, *fit_notes(fitted)])
    final = fitted.model(
        name=model,
        target=target,
        recipe=table.features.recipe,
        feature_names=table.features.names,
        info=training_info(samples, table, protocol),
    )
    if progress is not None:
        progress(total, total)
    return write_trained(Trained(final, evaluation, predictions, None), folder)


def _predictions(
    make: Callable[[], Any],
    values: np.ndarray,
    table: Table,
    y: np.ndarray,
    folds: list[Any],
    progress: Progress | None,
) -> Predictions:
    classes = tuple(sorted(set(y.astype(str))))
    probabilities, fold = cross_predict(make, values, y, table.subjects, folds, classes, progress)
    return Predictions(table.path, table.subjects, y, fold, probabilities, classes)
