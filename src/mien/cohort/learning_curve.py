"""``learning_curve``: how well a model predicts by the number of people, and how far small sets flatter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mien.cohort.learning_curve_result import CurveRun, LearningCurve
from mien.cohort.learning_curve_sets import CurveModel, PeopleDrawn, SetsOfPeople, score_name, statistic
from mien.cohort.learning_curve_sizes import sizes_of
from mien.cohort.not_held import caution
from mien.cohort.people_outcome import outcome_of as known_of
from mien.cohort.people_rows import People
from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.memory import kept_memory
from mien.core.numbers import checked_numbers
from mien.core.outcome import Outcome, Ratings
from mien.core.output import check_folder
from mien.core.patterns import chosen, patterns_of
from mien.core.progress import Progress, progress_of
from mien.core.samples import Samples
from mien.data.samples import given_samples
from mien.engine.spread import spread
from mien.engine.work import Item, Spread
from mien.learn.named_columns import columns_recipe
from mien.learn.predictions import AnyPredictions, ClassPredictions
from mien.learn.table import Table, load, outcome_of, usable
from mien.models.catalogue import refuse_ratings, spec
from mien.models.maker import maker_for
from mien.stats.folds import subject_folds
from mien.stats.jackknife import standard_error, without_each

SIZES = (50, 100, 200, 500, 1000, 2000, 5000)
LEAST = 20
# Sets that share most of their people say little more than one: so many, at most, as the people would fill twice.
_FILL = 3
# Large sets scatter little, and their models take long: all repeats of a size together draw about so many people.
_MOST_DRAWN = 10_000
# People are dealt into so many parts, of which some are held out.
_PARTS = 20


@kept_memory()
@checked_numbers
def learning_curve(
    samples: Samples | str | Path,
    *,
    target: str,
    model: str | Sequence[str] = "trees",
    faces: Faces | str | Path | None = None,
    features: str | Sequence[str] = (),
    also: Sequence[str] = (),
    sizes: Sequence[int] = (),
    repeats: int = 20,
    held_out: float = 0.3,
    n_folds: int = 5,
    seed: int = 0,
    settings: dict[str, Any] | None = None,
    output: str | Path | None = None,
    labels: Sequence[str] = (),
    subject_pattern: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    same: Mapping[str, str] | str | Path = "",
    workers: int = 1,
    engine: str = "local",
    address: str = "",
    progress: Progress | bool | None = None,
) -> LearningCurve:
    """Scores of a model by the number of people that it is trained on.

    Some people are held out, the same for all sizes. Of the others sets of growing size are drawn, each the beginning
    of the next, several times over. A model of each set is scored on the people held out; beside that stands what
    cross-validation within the set says, which is all that a study of that size has.

    Parameters
    ----------
    samples : Samples, str or Path
    target : str
        A label or a rating.
    model : str or sequence of str
        The first is the one that the curve is of. With several, or with ``also``, each set chooses the best of all by
        its own cross-validation, as studies do, and how much better that looks than it is stands in a line of its own.
    faces, features, settings
        As in ``mien.train``.
    also : sequence of str
        Further sets of features to choose among, of those in ``features``: patterns, those of one set with commas.
    sizes : sequence of int
        Numbers of people; by default 50, 100, 200, 500, 1000, 2000, 5000 and all.
    repeats : int
        Drawn sets of each size; fewer where they would be much the same, and of large sizes, of which all together have
        about 10,000 people (three sets at least).
    held_out : float
        Share of the people who are held out, up to a half.
    n_folds : int
        Of cross-validation within a set.
    seed : int
    output : str or Path, optional
        Folder that receives ``learning_curve.json``.
    labels, subject_pattern, columns, missing, same : optional
        How a table is read, see ``mien.read_samples``.
    workers, engine, address
        As in ``mien.engine.work.Spread``, over drawn sets; the result does not depend on them.
    progress : callable (done, total) or bool, optional
        Counts fitted sets.

    Returns
    -------
    LearningCurve

    Raises
    ------
    InputError
        For an unknown target, model or feature, and fewer people than a curve needs.

    Notes
    -----
    The score is the area under the ROC curve (within folds), or the correlation. Cross-validation of one model is not
    biased upwards, but single sets scatter, and the best of several candidates profits from that (Varma & Simon 2006,
    BMC Bioinformatics 7:91; Varoquaux 2018, NeuroImage 180).

    Examples
    --------
    >>> import mien
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> smile, ids = rng.normal(size=160), [f"P{i:03d}" for i in range(160)]
    >>> ratings = {"smile": smile, "score": smile + rng.normal(size=160)}
    >>> samples = mien.Samples(path=ids, subject=ids, ratings=ratings)
    >>> curve = mien.learning_curve(samples, target="score", model="logistic", features="smile", sizes=[25, 50, 100])
    >>> [size.people for size in curve.sizes]
    [25, 50, 100]
    """
    if output is not None:
        check_folder(output)
    how = Spread(engine, workers, address=address)
    names = [model] if isinstance(model, str) else list(dict.fromkeys(model))
    recipe = columns_recipe(features, names[0], None) if features else None
    samples = given_samples(
        samples, labels=labels, subject_pattern=subject_pattern, columns=columns, missing=missing, same=same
    )
    recipe = recipe or dict(spec(names[0]).recipe)
    samples, found = load(samples, faces, recipe)
    outcome = outcome_of(samples, target)
    table = usable(samples, found, recipe, target)
    candidates = _candidates(names, also, table, outcome, seed, settings or {})
    pool, test = _held_out(table, outcome, held_out, seed)
    drawn = PeopleDrawn(table, outcome, pool, test, n_folds, seed)
    wanted = _sizes(sizes, drawn.people, n_folds)
    plan = [(size, _repeats(size, drawn.people, repeats)) for size in wanted]
    orders = [drawn.order(repeat, wanted[0]) for repeat in range(max(count for _, count in plan))]
    tell = progress_of(progress, "sets") or (lambda done, total: None)
    # The largest first, so that no worker is alone with it at the end.
    drawings = [(size, repeat) for size, count in reversed(plan) for repeat in range(count)]
    items = [Item(f"{size} people, set {repeat + 1}", (size, repeat, orders[repeat])) for size, repeat in drawings]
    made = {}
    for place, done in zip(drawings, spread(SetsOfPeople(drawn, candidates), items, how), strict=True):
        made[place] = done.result()
        tell(len(made), len(items))
    order = sorted(made)
    runs = [run for place in order for run, _ in made[place]]
    answers = {place: made[place][0][1] for place in order}
    curve = _curve(table, outcome, candidates, plan, runs, answers, drawn, _caution(samples, target, seed))
    if output is not None:
        curve.write(output)
    return curve


def _candidates(
    names: Sequence[str], also: Sequence[str], table: Table, outcome: Outcome, seed: int, settings: dict[str, Any]
) -> list[CurveModel]:
    """Models on all features, and on the further sets of them."""
    rated, features = isinstance(outcome, Ratings), table.features
    own = {name: settings if name == names[0] else {} for name in names}
    whole = np.arange(features.values.shape[-1])
    sets = [("", whole)]
    for patterns in also:
        kept = chosen(list(features.names), patterns_of(patterns), "the features")
        sets.append((f" on {patterns}", np.array([features.names.index(name) for name in kept])))
    found = []
    for label, places in sets:
        part = tuple(features.names[i] for i in places)
        for name in names:
            if rated and not spec(name).regressor:
                refuse_ratings(name)
            make = maker_for(
                name, features.recipe, part, features.topology, seed=seed, settings=own[name], ratings=rated
            )
            found.append(CurveModel(f"{name}{label}", make, places))
    return found


def _held_out(table: Table, outcome: Outcome, share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows to draw from and rows of people held out, with about the same share of every class."""
    rated = isinstance(outcome, Ratings)
    people = len(np.unique(table.subjects.astype(str)))
    if people < 2 * LEAST:
        raise InputError(f"A learning curve needs {2 * LEAST} people at least, but there are {people}.")
    scheme: Any = "grouped" if rated else "stratified"
    folds = subject_folds(table.subjects, None if rated else table.y, scheme=scheme, n_folds=_PARTS, seed=seed)
    test = np.sort(np.concatenate([part for _, part in folds[: round(share * _PARTS)]]))
    pool = np.setdiff1d(np.arange(len(table.y)), test)
    if not (outcome.varies(table.y, test) and outcome.varies(table.y, pool)):
        raise InputError(
            f"'{outcome.target}' does not vary enough for a learning curve: the people held out and the others both "
            "need every class."
        )
    return pool, test


def _sizes(asked: Sequence[int], people: int, n_folds: int) -> list[int]:
    least = max(LEAST, 2 * n_folds)
    if not asked:
        return [*(size for size in SIZES if size < people), people]
    wrong = [size for size in asked if not least <= size]
    if wrong:
        raise InputError(f"A size is {least} people at least, but got {wrong[0]}.")
    return sorted({min(int(size), people) for size in asked})


def _repeats(size: int, people: int, repeats: int) -> int:
    if size >= people:
        return 1
    return max(min(3, repeats), min(repeats, round(_FILL * people / size), _MOST_DRAWN // size))


def _curve(
    table: Table, outcome: Outcome, candidates: Sequence[CurveModel], plan: Sequence[tuple[int, int]],
    runs: Sequence[CurveRun], answers: dict[tuple[int, int], AnyPredictions], drawn: PeopleDrawn, warned: str,
) -> LearningCurve:  # fmt: skip
    errors = [_error_over_people([answers[size, repeat] for repeat in range(count)]) for size, count in plan]
    names = [one.name for one in candidates]
    some = next(iter(answers.values()))
    lowest = 0.0 if score_name(some) == "auc" else -1.0
    sizes, law = sizes_of(plan, runs, names, errors, drawn.people, drawn.seed, lowest)
    settings = {
        "features": len(candidates[0].columns), "people": drawn.people, "n_folds": drawn.n_folds, "seed": drawn.seed,
        "held_out_people": len(np.unique(table.subjects[drawn.test].astype(str))),
    }  # fmt: skip
    chance = 0.5 if isinstance(some, ClassPredictions) else 0.0
    return LearningCurve(
        outcome.target,
        score_name(some),
        chance,
        tuple(names),
        sizes,
        law,
        tuple(runs),
        settings,
        list(table.notes),
        warned,
    )


def _caution(samples: Samples, target: str, seed: int) -> str:
    people = People.of_recordings(samples.subject, np.ones(len(samples), dtype=bool))
    return caution(samples, people, known_of(samples, people, target, "", None)[0], target, seed=seed)


def _error_over_people(answers: Sequence[AnyPredictions]) -> float:
    """Standard error over the people held out of the mean score of several models on them."""
    each = [without_each(statistic(p), p.subject) for p in answers]
    return standard_error(np.mean(each, axis=0))[0]
