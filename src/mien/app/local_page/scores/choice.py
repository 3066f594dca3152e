"""What can be predicted from a study's samples, by which models, and how they are scored, in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from mien.core.errors import InputError
from mien.core.outcome import CLASSES, RATINGS
from mien.core.people.unknown import is_own
from mien.core.people.words import apart_words, people_facts
from mien.core.samples import Samples
from mien.data.media.pictures import SUFFIXES
from mien.learn.crossval import Protocol, chosen_folds
from mien.models.catalogue import trainable
from mien.nets.names import NETWORKS

# Offered first: each is trained within minutes on two cores.
USUAL = ("expression", "trees", "texture", "picture", "efdnn")
SCHEMES: dict[Protocol, str] = {
    "stratified": "parts alike in classes",
    "grouped": "parts alike in size",
    "leave-one-subject-out": "one part per person",
}
# Features of models that look at sequences.
_SEQUENCES = ("displacement", "series")
_ALONE: Protocol = "leave-one-subject-out"


@dataclass(frozen=True)
class Trainable:
    """A model that can learn the target; ``meaning`` is its line, ``usual`` whether it is offered first."""

    name: str
    meaning: str
    usual: bool


def targets(samples: Samples) -> dict[str, str]:
    """Labels with two classes at least, and ratings that vary; with what they are, for people."""
    found = {}
    for name, values in samples.labels.items():
        classes = {str(v) for v in values} - {""}
        if len(classes) > 1:
            found[name] = f"{name}: label, {len(classes)} classes"
    for name, values in samples.ratings.items():
        known = values[np.isfinite(values)]
        if len(known) > 1 and np.ptp(known) > 0:
            found[name] = f"{name}: rating"
    return found


def predicts(samples: Samples, target: str) -> str:
    """``'classes'`` or ``'ratings'``."""
    return RATINGS if target in samples.ratings else CLASSES


def models_for(samples: Samples, target: str) -> list[Trainable]:
    """Models that can learn a target from these samples, the usual ones first."""
    still = all(PurePath(str(path)).suffix.lower() in SUFFIXES for path in samples.path)
    rated = predicts(samples, target) == RATINGS
    found = []
    for name, row in trainable().items():
        recipe = row.rating_recipe if rated and row.rating_recipe else row.recipe
        if not (row.regressor if rated else row.home) or (still and recipe.get("name") in _SEQUENCES):
            continue
        found.append(Trainable(name, row.meaning, name in USUAL))
    order = {name: place for place, name in enumerate((*USUAL, *(m.name for m in found if not m.usual)))}
    # Networks that are fine-tuned end to end take longest.
    return sorted(found, key=lambda model: (model.name in NETWORKS, order[model.name]))


def folds_sentence(samples: Samples, target: str, scheme: Protocol, n_folds: int) -> str:
    """How a model will be scored; of a choice that cannot be, why.

    Parameters
    ----------
    samples : Samples
    target : str
        A label or rating.
    scheme : str
        Of ``SCHEMES``.
    n_folds : int
    """
    values = samples.target(target)
    known = np.isfinite(values) if target in samples.ratings else values != ""
    subjects = samples.subject[known]
    y = None if target in samples.ratings else values[known]
    plan: Protocol = "grouped" if y is None and scheme == "stratified" else scheme
    try:
        folds, used, _ = chosen_folds(subjects, y, scheme=plan, n_folds=n_folds, seed=0)
    except InputError as error:
        return str(error)
    people = len({str(name) for name in subjects})
    if used == _ALONE:
        fewer = f" (fewer people than {n_folds} parts)" if scheme != _ALONE else ""
        sentence = f"Each of {people} people{fewer} is scored by a model that never saw this person"
    else:
        sentence = f"{people} people are dealt out to {len(folds)} parts; each part is scored by a model that never "
        sentence += "saw its people"
    facts = people_facts(subjects, int(known.sum()))
    if facts.get("n_unknown") or facts.get("n_alike"):
        # Then it is not known whether it never saw them.
        unknown = sum(is_own(str(name)) for name in {str(s) for s in subjects})
        who = f", as far as people are known: of {unknown} samples nothing says who is shown" if unknown else ""
        return f"{sentence}{who}; {apart_words(facts)}."
    return f"{sentence}."
