"""``train``: cross-validated evaluation on people the model has not seen, then one model fitted on everybody.

With the scheme ``'user-specific'`` on other recordings of people whom it knows, which every output says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.faces import Faces
from mien.core.memory import kept_memory
from mien.core.numbers import checked_numbers
from mien.core.output import check_folder
from mien.core.people.words import site_words
from mien.core.progress import progress_of
from mien.core.samples import Samples
from mien.engine.work import Spread
from mien.learn.against_covariates import beside_covariates
from mien.learn.class_scores import class_scores
from mien.learn.cost import fitted_with_cost
from mien.learn.crossval import Progress, Protocol, cross_predictions, fit_notes, part
from mien.learn.evaluation import Evaluation, score
from mien.learn.kept_folds import KeptFolds
from mien.learn.noise import shuffled
from mien.learn.predictions import AnyPredictions, ClassPredictions
from mien.learn.shared_people import shared_people
from mien.learn.site_scores import site_scores
from mien.learn.table import Table, training_info
from mien.learn.trained import Trained, shifted, write_trained
from mien.learn.training_plan import training_plan
from mien.stats.scores import Score


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
    folds: str = "",
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
        Label or rating to be predicted; or several ratings (a sequence, or one text with commas, as on the command
        line), which then share features and folds; ``'all'`` for all
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
    folds : str
        Column that names the fold of each sample, where folds are drawn already (such as those of a paper, or of
        scikit-learn's ``GroupKFold``): each is tested by models that were trained on the others. A person in two of
        them is refused, as is another ``scheme``; ``n_folds`` plays no part.
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
    folder = None if output is None else Path(output)
    plan = training_plan(
        samples, target=target, model=model, faces=faces, group_by=group_by, scheme=scheme, n_folds=n_folds,
        folds=folds, recordings=recordings, site=site, beside=beside, seed=seed, evaluate=evaluate, features=features,
        recipe=recipe, settings=settings, ceiling=ceiling, labels=labels, subject_pattern=subject_pattern,
        columns=columns, missing=missing, same=same,
    )  # fmt: skip
    make, values, table, outcome, splits = plan.make, plan.values, plan.table, plan.outcome, plan.folds
    total = len(splits) * (1 + noise_check + (plan.covariates is not None)) + len(plan.apart) + 1
    kept = None if folder is None else KeptFolds.left(folder)
    run: dict[str, Any] = {"how": how, "kept": kept}
    evaluation = predictions = noise = None
    if evaluate:
        given = (table, outcome, splits)
        predictions = cross_predictions(make, values, table.y, *given, shifted(progress, 0, total), **run)
        if noise_check:
            drawn = shuffled(outcome, table.y, table.subjects, seed, splits)
            noise = cross_predictions(make, values, drawn, *given, shifted(progress, len(splits), total), **run)
        evaluation = score(
            predictions,
            target=outcome.target,
            model=plan.model,
            protocol=plan.protocol,
            left_out=table.left_out,
            noise=noise,
            notes=table.notes,
            ceilings=plan.ceilings,
            seed=seed,
        )
        if plan.apart:
            later = shifted(progress, total - 1 - len(plan.apart), total)
            others = cross_predictions(make, values, table.y, table, outcome, plan.apart, later, **run)
            evaluation = (
                _beside_known(evaluation, predictions, others, table, seed)
                if plan.places is None
                else _beside_all_sites(evaluation, predictions, others, site, plan.places, seed)
            )
        if plan.covariates:
            later = shifted(progress, len(splits) * (1 + noise_check), total)
            against = beside_covariates(make, values, *given, predictions, plan.covariates, seed, later, **run)
            evaluation = replace(evaluation, beside=against)
    last = part(progress, total - 1, total)
    fitted, cost = fitted_with_cost(make, values, table.y, table.subjects, last)
    if evaluation is not None:
        evaluation = replace(evaluation, cost=cost, notes=[*evaluation.notes, *fit_notes(fitted)])
    # A classifier knows its classes.
    ratings: dict[str, Any] = {"classes": outcome.columns} if plan.rated else {}
    final = fitted.model(
        name=plan.model,
        target=outcome.target,
        recipe=table.features.recipe,
        feature_names=table.features.names,
        info=training_info(plan.samples, table, plan.protocol, outcome),
        **ratings,
    )
    if progress is not None:
        progress(total, total)
    trained = write_trained(Trained(final, evaluation, predictions, None), folder)
    if kept is not None:
        kept.remove()
    return trained


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
    people there are, and their intervals over people do not allow for it (``benchmarks/null_sites.py``). Areas under
    the ROC curve are over pairs of one site.
    """
    many = site_words(column)[1]
    scores = {name: s if name == "auc" else replace(s, p=float("nan")) for name, s in evaluation.scores.items()}
    note = (
        f"Scores that compare people of different {many} have no test against chance, as levels of {many} may go with "
        f"the outcome by luck, which their intervals do not allow for either; the mean over {many} has a test."
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
