"""Protocols beside each population on each: all together, all but one, and the same people in other recordings."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mien.compare.population_result import POOLED, all_but, same_people
from mien.core.errors import InputError
from mien.core.people.words import USER_SPECIFIC, people_facts
from mien.explain.store import slug
from mien.learn.evaluate import judged
from mien.learn.evaluation import Evaluation, score
from mien.learn.predictions import ClassPredictions, read_predictions
from mien.models.store import load_model
from mien.studies.population_evidence import folder_of, model_name
from mien.studies.population_sources import PopulationsRun
from mien.studies.stages import train_step

POOL, LEAVE_ONE_OUT = "pooled", "leave-one-out"


def uses_pool(run: PopulationsRun) -> bool:
    """Whether a model of all populations is asked for."""
    return POOL in run.settings["protocols"]["also"]


def leaves_one_out(run: PopulationsRun) -> bool:
    """Whether models of all populations but one are asked for; of two, these are the other one's."""
    return LEAVE_ONE_OUT in run.settings["protocols"]["also"] and len(run.populations) > 2


def shares_people(run: PopulationsRun) -> bool:
    """Whether models are also to be tested on other recordings of the people whom they know."""
    return USER_SPECIFIC in run.settings["protocols"]["also"]


def check_names(run: PopulationsRun) -> None:
    """Refuse populations whose models would lie where those of several populations lie."""
    reserved = {POOL, POOLED, *(words(name) for name in run.populations for words in (all_but, same_people))}
    reserved |= {f"{name}-{USER_SPECIFIC}" for name in run.populations}
    for name in run.populations:
        if name in reserved:
            raise InputError(f"A population is called '{name}', which here means several together; call it otherwise.")


def name_shared(model: str, population: str) -> str:
    """What a population's model is called that is tested on other recordings of the people whom it knows."""
    return f"{model_name(model, population)}-{USER_SPECIFIC}"


def folder_without(run: PopulationsRun, model: str, left_out: str) -> Path:
    """Where the model of all populations but one lies."""
    return run.folder / "populations" / "models" / f"{model}-without-{slug(left_out)}"


def train_together(run: PopulationsRun, names: list[str]) -> None:
    """Train on all populations with people left out, on all but each, and with the same people in other recordings."""
    from mien.learn.train import train

    folds, models = run.settings["folds"], run.settings["models"]
    for model in names:
        recipe, settings = models["features"].get(model), models["settings"].get(model)
        if uses_pool(run):
            train_step(run, model_name(model, POOL), model=model, target=run.target, samples=run.samples,
                       recipe=recipe, settings=settings)  # fmt: skip
        for name in run.populations if shares_people(run) else ():
            try:
                train_step(run, name_shared(model, name), model=model, target=run.target, recipe=recipe,
                           samples=run.samples[run.group == name], settings=settings, scheme=USER_SPECIFIC,
                           recordings=run.settings["protocols"]["recordings"])  # fmt: skip
            except InputError as error:
                raise InputError(f"{name}, '{USER_SPECIFIC}': {error}") from error
        for name in run.populations if leaves_one_out(run) else ():
            place, step = folder_without(run, model, name), f"train {model} without {name}"

            def work(model: str = model, name: str = name, place: Path = place, step: str = step) -> None:
                train(
                    run.samples[run.group != name], target=run.target, model=model, faces=run.faces, output=place,
                    recipe=models["features"].get(model), settings=models["settings"].get(model), evaluate=False,
                    seed=folds["seed"], progress=run.bar(step),
                )  # fmt: skip

            facts = [run.data_mark, run.group.tolist(), model, name, recipe, settings, folds["seed"]]
            run.once(step, facts, [place / "model.json"], work)


def pooled_on(run: PopulationsRun, model: str, population: str) -> tuple[Evaluation, ClassPredictions]:
    """The model of all populations on people of one (or, ``POOLED``, of all), none of whom was in its training."""
    place = folder_of(run, model, POOL)
    evaluation, predictions = Evaluation.read(place), read_predictions(place)
    assert isinstance(predictions, ClassPredictions)
    if population == POOLED:
        return evaluation, predictions
    here = np.isin(predictions.path, run.samples.path[run.group == population])
    part = ClassPredictions(
        predictions.path[here], predictions.subject[here], predictions.fold[here], predictions.label[here],
        predictions.probabilities[here], predictions.classes,
    )  # fmt: skip
    seed = run.settings["folds"]["seed"]
    protocol = {**evaluation.protocol, **people_facts(part.subject, len(part.label))}
    return score(part, target=run.target, model=model, protocol=protocol, left_out={}, seed=seed), part


def shared_on(run: PopulationsRun, model: str, population: str) -> tuple[Evaluation, ClassPredictions]:
    """The model of a population on other recordings of the people whom it knows."""
    place = run.folder / "models" / name_shared(model, population)
    predictions = read_predictions(place)
    assert isinstance(predictions, ClassPredictions)
    return Evaluation.read(place), predictions


def left_out_on(run: PopulationsRun, model: str, population: str) -> tuple[Evaluation, ClassPredictions]:
    """The model of all other populations on one that it knows nothing of."""
    evaluation, predictions = judged(
        load_model(folder_without(run, model, population)), run.samples[run.group == population], target=run.target,
        faces=run.faces, seed=run.settings["folds"]["seed"],
    )  # fmt: skip
    assert isinstance(predictions, ClassPredictions)
    return evaluation, predictions
