"""What a training is made of before anything is fitted: samples, outcome, estimator, folds and what stands beside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.numbers import checked_numbers
from mien.core.outcome import Outcome, Ratings
from mien.core.people.words import SUBJECT, USER_SPECIFIC, people_facts
from mien.core.samples import Samples
from mien.data.samples import given_samples
from mien.learn.ceilings import ceilings_for
from mien.learn.covariates import Covariates, covariates_of
from mien.learn.crossval import Make, Protocol, chosen_folds
from mien.learn.named_columns import columns_recipe, notes_of_choice
from mien.learn.recordings import with_other_recordings
from mien.learn.site_scores import texts_of, with_sites
from mien.learn.starts import refuse_known_start
from mien.learn.table import Table, load, named_targets, outcome_of, usable
from mien.models.catalogue import refuse_ratings, spec
from mien.models.maker import maker, notes_of, prepared, protocol_notes
from mien.stats.folds import Fold
from mien.stats.site_folds import LEAVE_ONE_SITE_OUT


@dataclass(frozen=True, eq=False)
class TrainingPlan:
    """All that a training is asked for.

    Attributes
    ----------
    model : str
        Its row in the catalogue.
    samples : Samples
    table : Table
        The samples that can be used.
    outcome : Classes or Ratings
    make : callable
        Gives an unfitted estimator.
    values : ndarray, shape (samples, ...)
        What the estimator is fitted on.
    folds : list of (train, test)
        None without an evaluation.
    apart : list of (train, test)
        Of the evaluation that stands beside: people left out, or people of all sites.
    places : ndarray of str or None
        Sites of the samples, where these are left out.
    covariates : Covariates or None
        Of the table's samples.
    ceilings : dict
    protocol : dict
    """

    model: str
    samples: Samples
    table: Table
    outcome: Outcome
    make: Make
    values: np.ndarray
    folds: list[Fold]
    apart: list[Fold]
    places: np.ndarray | None
    covariates: Covariates | None
    ceilings: Any
    protocol: dict[str, Any]

    @property
    def rated(self) -> bool:
        """Whether the target holds ratings."""
        return isinstance(self.outcome, Ratings)


@checked_numbers
def training_plan(
    samples: Samples | str | Path,
    *,
    target: str | Sequence[str],
    model: str,
    faces: Faces | str | Path | None,
    group_by: str,
    scheme: Protocol,
    n_folds: int,
    folds: str,
    recordings: str,
    site: str,
    beside: str | Sequence[str],
    seed: int,
    evaluate: bool,
    features: str | Sequence[str],
    recipe: dict[str, Any] | None,
    settings: dict[str, Any] | None,
    ceiling: Any,
    labels: Sequence[str],
    subject_pattern: str | None,
    columns: Mapping[str, str] | None,
    missing: Sequence[str | float] | str | float,
    same: Mapping[str, str] | str | Path,
) -> TrainingPlan:
    """What ``train`` is asked for, read and checked; its parameters are those of ``mien.learn.train.train``."""
    chosen = spec(model)
    model = chosen.name
    if features:
        recipe = columns_recipe(features, model, recipe)
    samples = given_samples(
        samples, labels=labels, subject_pattern=subject_pattern, columns=columns, missing=missing, same=same
    )
    faces_given = faces is not None
    recipe = None if recipe is None else dict(recipe)
    samples, found = load(samples, faces, recipe or dict(chosen.recipe))
    target = named_targets(samples, target)
    outcome = outcome_of(samples, target)
    rated = isinstance(outcome, Ratings)
    if rated and not (recipe and recipe != chosen.recipe):
        recipe = chosen.rating_recipe
    if rated and not chosen.regressor:
        refuse_ratings(model)
    shared = scheme == USER_SPECIFIC
    if folds and scheme != "stratified":
        raise InputError(f"folds='{folds}' names folds that are drawn already, so scheme='{scheme}' has none to draw.")
    if shared:
        _check_shared(rated, group_by)
    elif recordings:
        raise InputError(f"recordings is for scheme='{USER_SPECIFIC}'; in all others people are never shared.")
    covariates = _covariates(samples, beside, outcome, shared)
    table = usable(samples, found, recipe or chosen.recipe, target, group_by, recordings=recordings if shared else None)
    table, places = _for_scheme(table, samples, scheme, site, group_by, outcome)
    choice = notes_of_choice(recipe or {}, table.features.recipe, samples, faces_given)
    # Read first, so that a wrong source is named before hours of training.
    ceilings = ceilings_for(outcome, ceiling, table.path, table.y if rated else None)
    make = maker(model, table.features, seed=seed, settings=settings or {}, ratings=rated)
    drawn: list[Fold] = []
    apart: list[Fold] = []
    few: list[str] = []
    # Ratings have no classes to be spread over the folds.
    scheme = "grouped" if rated and scheme == "stratified" else scheme
    if evaluate:
        refuse_known_start(make, samples, table)
        strata = None if rated else table.y
        asked: dict[str, Any] = {"n_folds": n_folds, "seed": seed, "unit": group_by}
        own = _own_folds(table, samples, folds) if folds else None
        more: dict[str, Any] = {"recordings": table.recordings, "sites": places, "own": own}
        drawn, scheme, few = chosen_folds(table.subjects, strata, scheme=scheme, **more, **asked)
        if shared or places is not None:
            apart, _, _ = chosen_folds(table.subjects, strata, scheme="grouped" if rated else "stratified", **asked)
    protocol = {
        "scheme": scheme,
        "n_folds": len(drawn),
        **people_facts(table.subjects, len(table.y)),
        "seed": seed,
        "group_by": group_by,
        **({"site": site} if places is not None else {}),
        **({"folds": folds} if folds else {}),
    }
    table = replace(table, notes=[*table.notes, *choice, *few, *protocol_notes(model, settings or {}), *notes_of(make)])
    beside_them = None if covariates is None else replace(covariates, values=covariates.values[table.rows])
    values = prepared(make, table.features)
    return TrainingPlan(
        model, samples, table, outcome, make, values, drawn, apart, places, beside_them, ceilings, protocol
    )


def _own_folds(table: Table, samples: Samples, column: str) -> np.ndarray:
    """The column that names the fold of each sample."""
    if str(column).isdigit() and str(column) not in {*samples.labels, *samples.ratings}:
        raise InputError(f"folds names the column with the fold of each sample; their number is n_folds={column}.")
    return texts_of(table, samples, column)


def _check_shared(rated: bool, group_by: str) -> None:
    """Refuse what scores on people whom the model knows are not defined for."""
    if rated:
        raise InputError(f"scheme='{USER_SPECIFIC}' is for classes, but the target holds numbers.")
    if group_by != SUBJECT:
        raise InputError(
            f"scheme='{USER_SPECIFIC}' shares people, so it cannot keep the values of '{group_by}' apart; leave "
            "group_by away."
        )


def _covariates(samples: Samples, beside: str | Sequence[str], outcome: Outcome, shared: bool) -> Covariates | None:
    if not beside:
        return None
    if shared:
        raise InputError(
            f"beside compares models on people left out, which scheme='{USER_SPECIFIC}' does not leave out."
        )
    return covariates_of(samples, beside, outcome.columns)


def _for_scheme(
    table: Table, samples: Samples, scheme: Protocol, site: str, group_by: str, outcome: Outcome
) -> tuple[Table, np.ndarray | None]:
    """The samples that a scheme can use, and their sites where these are left out."""
    if scheme == USER_SPECIFIC:
        return with_other_recordings(table), None
    if scheme != LEAVE_ONE_SITE_OUT:
        return table, None
    if group_by != SUBJECT:
        raise InputError(f"scheme='{LEAVE_ONE_SITE_OUT}' keeps people and sites apart; leave group_by away.")
    table, places = with_sites(table, samples, site)
    outcome.check_learnable(table.y, table.subjects)
    return table, places
