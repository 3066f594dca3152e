"""Models of every population tested on every population, and whether they do as well there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import combinations

import numpy as np

from mien.compare.group_comparison import GroupComparison
from mien.compare.groups import compare
from mien.compare.population_result import (
    MODELS,
    PEOPLE,
    POOLED,
    Population,
    PopulationScores,
    Shift,
    Tested,
    all_but,
    same_people,
)
from mien.core.errors import InputError
from mien.learn.evaluate import judged
from mien.learn.evaluation import Evaluation
from mien.learn.person_scores import person_scores
from mien.learn.predictions import ClassPredictions, read_predictions
from mien.models.store import load_model
from mien.studies.population_evidence import folder_of
from mien.studies.population_protocols import (
    LEAVE_ONE_OUT,
    leaves_one_out,
    left_out_on,
    pooled_on,
    shared_on,
    shares_people,
    uses_pool,
)
from mien.studies.population_sources import PopulationsRun

MEASURE = "share of samples that is right"


def population_scores(run: PopulationsRun, names: list[str]) -> PopulationScores:
    """Every model of every population on every population: on its own by cross-validation."""
    group, label = run.group, run.samples.target(run.target)
    populations = tuple(
        Population(
            name, len(set(run.samples.subject[group == name])),
            {str(k): int(v) for k, v in sorted(Counter(label[group == name].astype(str)).items())},
        )
        for name in run.populations
    )  # fmt: skip
    found: dict[tuple[str, str, str], tuple[Evaluation, ClassPredictions]] = {}
    for model in names:
        for trained in run.populations:
            for tested in run.populations:
                found[model, trained, tested] = _tested(run, model, trained, tested)
        for name in (*run.populations, POOLED) if uses_pool(run) else ():
            found[model, POOLED, name] = pooled_on(run, model, name)
        for name in run.populations if leaves_one_out(run) else ():
            found[model, all_but(name), name] = left_out_on(run, model, name)
        for name in run.populations if shares_people(run) else ():
            found[model, same_people(name), name] = shared_on(run, model, name)
    tests = tuple(
        Tested(*key, evaluation, person_scores(predictions)) for key, (evaluation, predictions) in found.items()
    )
    notes: list[str] = []
    if LEAVE_ONE_OUT in run.settings["protocols"]["also"] and len(run.populations) == 2:
        notes.append("Of two populations, a model of all but one is that of the other: see there.")
    shifts = []
    for model in names:
        for kind, a, b in _compared(run):
            try:
                groups = _shift(run, found[model, *a][1], found[model, *b][1], kind, (a, b))
            except InputError as error:
                notes.append(f"{model}, {' on '.join(a)} against {' on '.join(b)}: {error}")
                continue
            shifts.append(Shift(model, kind, a, b, groups))
    return PopulationScores(run.target, populations, tests, tuple(shifts), tuple(dict.fromkeys(notes)))


def _compared(run: PopulationsRun) -> Iterator[tuple[str, tuple[str, str], tuple[str, str]]]:
    """Kinds and sides of comparisons: each population with each, and models of several with those of one."""
    for one, other in combinations(run.populations, 2):
        yield PEOPLE, (one, one), (one, other)
        yield PEOPLE, (other, other), (other, one)
        yield MODELS, (one, one), (other, one)
        yield MODELS, (other, other), (one, other)
    for name in run.populations if uses_pool(run) else ():
        yield MODELS, (name, name), (POOLED, name)
    for name in run.populations if leaves_one_out(run) else ():
        yield MODELS, (name, name), (all_but(name), name)
    for name in run.populations if shares_people(run) else ():
        yield MODELS, (name, name), (same_people(name), name)


def _tested(run: PopulationsRun, model: str, trained: str, tested: str) -> tuple[Evaluation, ClassPredictions]:
    place = folder_of(run, model, trained)
    if trained == tested:
        predictions = read_predictions(place)
        evaluation = Evaluation.read(place)
    else:
        others = run.samples[run.group == tested]
        evaluation, predictions = judged(
            load_model(place), others, target=run.target, faces=run.faces, seed=run.settings["folds"]["seed"]
        )
    assert isinstance(predictions, ClassPredictions)
    return evaluation, predictions


def _shift(
    run: PopulationsRun, a: ClassPredictions, b: ClassPredictions, kind: str,
    sides: tuple[tuple[str, str], tuple[str, str]],
) -> GroupComparison:  # fmt: skip
    right = [(p.predicted.astype(str) == p.label.astype(str)).astype(float)[:, None] for p in (a, b)]
    labels = tuple(f"trained on {trained}, tested on {tested}" for trained, tested in sides)
    asked = run.settings["comparison"]
    return compare(
        np.asarray(right[0]), np.asarray(right[1]), a.subject, b.subject, names=[MEASURE],
        labels=(labels[0], labels[1]), paired=kind == MODELS, margin=asked["margin"],
        n_permutations=asked["permutations"], seed=run.settings["folds"]["seed"],
    )  # fmt: skip
