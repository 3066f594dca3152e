"""``train``: cross-validated evaluation on people the model has not seen, then one model fitted on everybody.

With the scheme ``'user-specific'`` on other recordings of people whom it knows, which every output says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.memory import kept_memory
from mien.core.numbers import checked_numbers
from mien.core.outcome import Outcome, Ratings
from mien.core.output import check_folder
from mien.core.people.words import SUBJECT, USER_SPECIFIC, people_facts
from mien.core.progress import progress_of
from mien.core.samples import Samples
from mien.data.samples import given_samples
from mien.engine.work import Spread
from mien.learn.against_covariates import beside_covariates
from mien.learn.ceilings import ceilings_for
from mien.learn.class_scores import class_scores
from mien.learn.cost import fitted_with_cost
from mien.learn.covariates import Covariates, covariates_of
from mien.learn.crossval import Progress, Protocol, chosen_folds, cross_predictions, fit_notes, part
from mien.learn.evaluation import Evaluation, score
from mien.learn.named_columns import columns_recipe, notes_of_choice
from mien.learn.noise import shuffled
from mien.learn.predictions import AnyPredictions, ClassPredictions
from mien.learn.recordings import with_other_recordings
from mien.learn.shared_people import shared_people
from mien.learn.site_scores import site_scores, with_sites
from mien.learn.starts import refuse_known_start
from mien.learn.table import Table, load, outcome_of, training_info, usable
from mien.learn.trained import Trained, shifted, write_trained
from mien.models.catalogue import refuse_ratings, spec
from mien.models.maker import maker, notes_of, prepared, protocol_notes
from mien.stats.folds import Fold
from mien.stats.scores import Score
from mien.stats.site_folds import LEAVE_ONE_SITE_OUT


@kept_memory()
@checked_numbers
def train(
    samples: Samples | str | Path,
    *,
    target: str | Sequence[str],
    model: str = "expression",
    faces: Faces | str | Path | None = None,
    group_by: str = "subject",
    scheme: Protocol = "stratified",
    n_folds: int = 10,
    recordings: str = "",
    site: str = "site",
    beside: str | Sequence[str] = (),
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
    same: Mapping[str, str] | str | Path = "",
    workers: int = 1,
    engine: str = "local",
    address: str = "",
    progress: Progress | bool | None = None,
) -> Trained:
    """Train a classifier or a regression model and score it on held-out people.

    Parameters
    ----------
    samples : Samples, str or Path
        Read with ``read_samples`` if it is not ``Samples`` yet.
    target : str or sequence of str
        Label or rating to be predicted; or several ratings, which then share features and folds; ``'all'`` for all
        ratings there are.
    model : str
        ``'expression'`` (named features), ``'picture'`` (pixels) or ``'landmark-net'`` (landmark sequences) and its
        kin; see ``mien.models.catalogue.MODELS``.
    faces : Faces, str or Path, optional
        The samples' faces, or the folder that ``mien extract`` wrote; not needed for data that bring landmarks.
    group_by : str
        Grouping column; its values never span train and test: ``'subject'``, ``'group'`` or a label.
    scheme, n_folds, seed
        See ``mien.stats.folds.subject_folds``; the seed is also that of training. For ratings, ``'stratified'`` is
        ``'grouped'``. Where there are fewer people than folds, each is left out alone, and a note says so.
        ``'user-specific'``: people are in training and test on purpose, with other recordings, see
        ``mien.stats.recording_folds``; samples whose person has no other recording of the class are left out, and
        the scores stand beside those of the same samples with people left out (``Evaluation.shared``).
    recordings : str
        For ``'user-specific'``: column that says which recording (session) a sample is of, ``'path'`` if each is one of
        its own. By default clips are, and single pictures are refused.
    site : str
        For ``'leave-one-site-out'``: column of sites. Every site is tested by models that were trained at the others;
        beside that stand folds over people of all sites (``Evaluation.sites``). People at several sites are left out.
    beside : str or sequence of str, optional
        Covariates, such as ``('age', 'sex', 'site', 'quality')``: labels and ratings by name or pattern, ``'quality'``
        for all columns of recording quality. A model on these alone, and one on these and what the model says, stand
        beside its scores, with the difference and a test of it (``Evaluation.beside``).
    output : str or Path, optional
        Folder for model.json, weights.safetensors, evaluation.json and predictions.parquet.
    evaluate : bool
        Cross-validate before the final fit.
    noise_check : bool
        Also train on shuffled labels, on the same folds; these scores have to be at chance.
    features : str or sequence of str, optional
        Named numbers to learn from instead of faces: columns of the samples' own table, or of tables that were imported
        per frame (``faces``), by names or patterns such as ``'AU*'``; see ``mien.features.columns``. ``'actions'``: the
        apparent action units that mien itself measures in pictures. ``'functionals:PATTERNS'``: what ``mien
        functionals`` summed up over time in the study that ``faces`` names, such as ``'functionals:mouth* mean'``.
    recipe, settings : dict, optional
        Instead of the model's own features; parameters of its estimator.
    ceiling : str, number or dict, optional
        How far people agree about the ratings, see ``mien.learn.ceilings.ceilings_of``.
    labels, subject_pattern, columns, missing, same : optional
        Of samples that are named: how their table or folder is read, see ``mien.data.samples.read_samples``.
    workers, engine, address
        Over which workers folds are spread: processes of this machine (``'local'``) or a Ray cluster (``'ray'``), see
        ``extract``. The result is the same. In a script, what calls this with more than one worker has to stand below
        ``if __name__ == "__main__":``.
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

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=6, expressions=("neutral", "smile"), frames=8)
    >>> trained = mien.train("people", target="expression", n_folds=3, output="study/models/mine")
    >>> accuracy = trained.evaluation.scores["accuracy"]
    >>> accuracy.value, accuracy.chance
    (1.0, 0.5)
    >>> trained.predictions.path[:2].tolist()
    ['s001-neutral-1', 's001-smile-1']
    """
    progress, how = progress_of(progress, "folds"), Spread(engine, workers, address=address)
    if output is not None:
        check_folder(output)
    chosen, folder = spec(model), None if output is None else Path(output)
    model = chosen.name
    if features:
        recipe = columns_recipe(features, model, recipe)
    samples = given_samples(
        samples, labels=labels, subject_pattern=subject_pattern, columns=columns, missing=missing, same=same
    )
    faces_given = faces is not None
    recipe = None if recipe is None else dict(recipe)
    samples, found = load(samples, faces, recipe or dict(chosen.recipe))
    outcome = outcome_of(samples, target)
    rated = isinstance(outcome, Ratings)
    if rated and not (recipe and recipe != chosen.recipe):
        recipe = chosen.rating_recipe
    if rated and not chosen.regressor:
        refuse_ratings(model)
    shared = scheme == USER_SPECIFIC
    if shared:
        _check_shared(rated, group_by)
    elif recordings:
        raise InputError(f"recordings is for scheme='{USER_SPECIFIC}'; in all others people are never shared.")
    covariates = _covariates(samples, beside, outcome, shared)
    table = usable(samples, found, recipe or chosen.recipe, target, group_by, recordings=recordings if shared else None)
    table, places = _for_scheme(table, samples, scheme, site, group_by, outcome)
    choice = notes_of_choice(recipe or {}, table.features.recipe, samples, faces_given)
    # Read first, so that a wrong source is named before hours of training.
    ceilings = ceilings_for(outcome, ceiling, table.path)
    make = maker(model, table.features, seed=seed, settings=settings or {}, ratings=rated)
    folds: list[Fold] = []
    apart: list[Fold] = []
    few: list[str] = []
    # Ratings have no classes to be spread over the folds.
    scheme = "grouped" if rated and scheme == "stratified" else scheme
    if evaluate:
        refuse_known_start(make, samples, table)
        strata = None if rated else table.y
        asked: dict[str, Any] = {"n_folds": n_folds, "seed": seed, "unit": group_by}
        more: dict[str, Any] = {"recordings": table.recordings, "sites": places}
        folds, scheme, few = chosen_folds(table.subjects, strata, scheme=scheme, **more, **asked)
        if shared or places is not None:
            apart, _, _ = chosen_folds(table.subjects, strata, scheme="grouped" if rated else "stratified", **asked)
    total = len(folds) * (1 + noise_check + (covariates is not None)) + len(apart) + 1
    protocol = {
        "scheme": scheme,
        "n_folds": len(folds),
        **people_facts(table.subjects, len(table.y)),
        "seed": seed,
        "group_by": group_by,
    }
    table = replace(table, notes=[*table.notes, *choice, *few, *protocol_notes(model, settings or {}), *notes_of(make)])
    values = prepared(make, table.features)
    evaluation = predictions = noise = None
    if evaluate:
        predictions = cross_predictions(make, values, table.y, table, outcome, folds, shifted(progress, 0, total), how)
        if noise_check:
            drawn = shuffled(outcome, table.y, table.subjects, seed, folds)
            later = shifted(progress, len(folds), total)
            noise = cross_predictions(make, values, drawn, table, outcome, folds, later, how)
        evaluation = score(
            predictions,
            target=outcome.target,
            model=model,
            protocol=protocol,
            left_out=table.left_out,
            noise=noise,
            notes=table.notes,
            ceilings=ceilings,
            seed=seed,
        )
        if apart:
            later = shifted(progress, total - 1 - len(apart), total)
            others = cross_predictions(make, values, table.y, table, outcome, apart, later, how)
            evaluation = (
                _beside_known(evaluation, predictions, others, table, seed)
                if places is None
                else _beside_all_sites(evaluation, predictions, others, site, places, seed)
            )
        if covariates:
            own = replace(covariates, values=covariates.values[table.rows])
            later = shifted(progress, len(folds) * (1 + noise_check), total)
            against = beside_covariates(make, values, table, outcome, folds, predictions, own, seed, later)
            evaluation = replace(evaluation, beside=against)
    last = part(progress, total - 1, total)
    fitted, cost = fitted_with_cost(make, values, table.y, table.subjects, last)
    if evaluation is not None:
        evaluation = replace(evaluation, cost=cost, notes=[*evaluation.notes, *fit_notes(fitted)])
    # A classifier knows its classes.
    ratings: dict[str, Any] = {"classes": outcome.columns} if rated else {}
    final = fitted.model(
        name=model,
        target=outcome.target,
        recipe=table.features.recipe,
        feature_names=table.features.names,
        info=training_info(samples, table, protocol, outcome),
        **ratings,
    )
    if progress is not None:
        progress(total, total)
    return write_trained(Trained(final, evaluation, predictions, None), folder)


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


def _beside_known(
    evaluation: Evaluation, known: AnyPredictions, apart: AnyPredictions, table: Table, seed: int
) -> Evaluation:
    """Scores on people whom the model knows, beside those on the same samples of people whom it does not."""
    assert isinstance(known, ClassPredictions) and isinstance(apart, ClassPredictions)
    main = "balanced_accuracy"
    shared = shared_people(known, apart, (evaluation.scores[main], class_scores(apart, seed)[main]), seed)
    return _without_row_tests(replace(evaluation, shared=shared), table)


def _beside_all_sites(
    evaluation: Evaluation, left_out: AnyPredictions, known: AnyPredictions, column: str, sites: np.ndarray, seed: int
) -> Evaluation:
    """Scores of every site, without tests against chance of scores that compare people of different sites.

    Where sites differ in level and in how often there is a class, such scores are far from chance by luck, however many
    people there are. Areas under the ROC curve are over pairs of one site.
    """
    scores = {name: s if name == "auc" else replace(s, p=float("nan")) for name, s in evaluation.scores.items()}
    note = (
        "Scores that compare people of different sites have no test against chance, as levels of sites may go with the "
        "outcome by luck; the mean over sites has one."
    )
    found = site_scores(column, sites, left_out, known, seed)
    return replace(evaluation, scores=scores, notes=[*evaluation.notes, note], sites=found)


def _without_row_tests(evaluation: Evaluation, table: Table) -> Evaluation:
    """Without tests against chance where recordings hold several samples, which these tests take for independent.

    Simulated on noise with five samples in each recording, they see something at .05 in 18 of 100 data sets.
    """
    assert table.recordings is not None
    if len(set(table.recordings.tolist())) == len(table.recordings):
        return evaluation

    def untested(scores: dict[str, Score]) -> dict[str, Score]:
        return {name: replace(score, p=float("nan")) for name, score in scores.items()}

    noise = None if evaluation.noise_check is None else untested(evaluation.noise_check)
    note = (
        "Recordings hold several samples, which are alike: there is no test against chance, which would take them for "
        "independent. Intervals, and the comparison with people left out, are over people."
    )
    return replace(evaluation, scores=untested(evaluation.scores), noise_check=noise, notes=[*evaluation.notes, note])
