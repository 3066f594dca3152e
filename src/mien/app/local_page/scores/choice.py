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
from mien.stats.site_folds import LEAVE_ONE_SITE_OUT, roaming, site_folds

# Offered first: each is trained within minutes on two cores.
USUAL = ("expression", "trees", "texture", "picture", "efdnn")
SCHEMES: dict[Protocol, str] = {
    "stratified": "stratified: folds alike in classes",
    "grouped": "grouped: folds alike in size",
    "leave-one-subject-out": "leave-one-subject-out: one fold per person",
}
# Those that have a number of folds.
COUNTED = ("stratified", "grouped")
# Offered where a column says where people come from.
SITES: dict[Protocol, str] = {LEAVE_ONE_SITE_OUT: "leave-one-site-out: one fold per site"}
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


def site_columns(samples: Samples, target: str = "") -> list[str]:
    """Columns that may say where people come from: two values at least, and people who are at one of them.

    Parameters
    ----------
    samples : Samples
    target : str
        What is to be predicted, which is none of them.

    Returns
    -------
    list of str
        That named 'site' first.
    """
    columns = {**({"group": samples.group} if samples.group is not None else {}), **samples.labels}
    found = [name for name, values in columns.items() if name != target and len(_sites(samples, values)) > 1]
    return sorted(found, key=lambda name: "site" not in name.casefold())


def _sites(samples: Samples, values: np.ndarray) -> set[str]:
    """Of people who are at one only."""
    known = values.astype(str) != ""
    if not known.any():
        return set()
    at_one = ~roaming(samples.subject[known], values[known])
    # Where most people are at several, it is no site.
    return {str(value) for value in values[known][at_one]} if at_one.mean() > 0.5 else set()


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


def folds_sentence(samples: Samples, target: str, scheme: Protocol, n_folds: int, site: str = "") -> str:
    """How a model will be scored; of a choice that cannot be, why.

    Parameters
    ----------
    samples : Samples
    target : str
        A label or rating.
    scheme : str
        Of ``SCHEMES`` or ``SITES``.
    n_folds : int
    site : str
        Column of sites, where they are left out.
    """
    values = samples.target(target)
    known = np.isfinite(values) if target in samples.ratings else values != ""
    subjects = samples.subject[known]
    y = None if target in samples.ratings else values[known]
    if scheme == LEAVE_ONE_SITE_OUT:
        return _sites_sentence(samples[known], y, site)
    plan: Protocol = "grouped" if y is None and scheme == "stratified" else scheme
    try:
        folds, used, _ = chosen_folds(subjects, y, scheme=plan, n_folds=n_folds, seed=0)
    except InputError as error:
        return str(error)
    people = len({str(name) for name in subjects})
    if used == _ALONE:
        fewer = f" (fewer people than {n_folds} folds)" if scheme != _ALONE else ""
        sentence = f"Each of {people} people{fewer} is a fold, scored by a model that never saw this person"
    else:
        sentence = f"{people} people are dealt out to {len(folds)} folds; each fold is scored by a model that never "
        sentence += "saw its people"
    facts = people_facts(subjects, int(known.sum()))
    if facts.get("n_unknown") or facts.get("n_alike"):
        # Then it is not known whether it never saw them.
        unknown = sum(is_own(str(name)) for name in {str(s) for s in subjects})
        who = f", as far as people are known: of {unknown} samples nothing says who is shown" if unknown else ""
        return f"{sentence}{who}; {apart_words(facts)}."
    return f"{sentence}."


def _sites_sentence(samples: Samples, y: np.ndarray | None, site: str) -> str:
    if site not in samples.labels and not (site == "group" and samples.group is not None):
        return "Say which column says where people come from."
    sites = samples.target(site)
    there = sites != ""
    away = np.zeros(len(sites), dtype=bool)
    away[there] = roaming(samples.subject[there], sites[there])
    keep = there & ~away
    try:
        folds = site_folds(samples.subject[keep], sites[keep], None if y is None else y[keep])
    except InputError as error:
        return str(error)
    left_out = int((~keep).sum())
    more = f"; {left_out} samples without a site, or of people at several, are left out" if left_out else ""
    return (
        f"Each of {len(folds)} sites is scored by a model that was trained at the others{more}. Folds over people of "
        "all sites stand beside it."
    )
