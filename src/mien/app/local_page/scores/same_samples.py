"""Whether stored scores are about what the study's table says now, which may have been changed since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.parts import say_problem
from mien.app.local_page.study_table.look import look_at
from mien.core.errors import InputError
from mien.core.people.keys import person_key
from mien.core.people.words import SUBJECT
from mien.core.samples import Samples
from mien.core.words import listed, quoted
from mien.learn.predictions import AnyPredictions, ClassPredictions, read_predictions
from mien.report.models_folder import HELD_OUT, ModelPart, read_models

_SAME = 1e-9


def other_samples(study: OpenStudy, model: ModelPart, samples: Samples) -> str:
    """What a table says otherwise than when a model was scored; ``''`` if nothing, or if it cannot be compared.

    Contents are compared, not times: a table that was saved anew with the same rows is the same.

    Parameters
    ----------
    study : OpenStudy
    model : ModelPart
        One of its ``models/``.
    samples : Samples
        As the table says now.
    """
    evaluation = model.evaluation
    # Scores on other people rest on another table, which is not known here.
    if evaluation is None or evaluation.protocol.get("scheme") == HELD_OUT:
        return ""
    try:
        scored = read_predictions(study.folder / "models" / model.name)
    except InputError:
        return ""  # the scores' own part says what is wrong with them
    lost = [name for name in _targets(scored, evaluation.target) if name not in _columns(scored, samples)]
    if lost:
        return f"there is no {'label' if isinstance(scored, ClassPredictions) else 'rating'} {quoted(lost)} any more"
    row_of = {str(path): row for row, path in enumerate(samples.path)}
    here = np.array([str(path) in row_of for path in scored.path], dtype=bool)
    rows = np.array([row_of[str(path)] for path in scored.path[here]], dtype=np.intp)
    changed = _changed(scored, evaluation.target, samples, here, rows)
    grouped = str(evaluation.protocol.get("group_by", SUBJECT))
    people = _other_people(scored.subject[here], samples.subject[rows], model) if grouped == SUBJECT else 0
    known = _known(scored, evaluation.target, samples)
    known[rows] = False
    new = int(known.sum()) - sum(evaluation.left_out.values())
    counts = {
        "{} with another label or rating": int(changed.sum()),
        "{} of another person": people,
        "{} not there any more": int((~here).sum()),
        "{} new": max(0, new),
    }
    said = listed([words.format(number) for words, number in counts.items() if number])
    return f"samples: {said}" if said else ""


def _targets(scored: AnyPredictions, target: str) -> Sequence[str]:
    return [target] if isinstance(scored, ClassPredictions) else scored.ratings


def _columns(scored: AnyPredictions, samples: Samples) -> Any:
    return samples.labels if isinstance(scored, ClassPredictions) else samples.ratings


def _changed(scored: AnyPredictions, target: str, samples: Samples, here: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Which of the samples that are still there have another label or rating."""
    if isinstance(scored, ClassPredictions):
        return scored.label[here].astype(str) != samples.labels[target][rows].astype(str)
    now = np.stack([np.asarray(samples.ratings[name], dtype=np.float64)[rows] for name in scored.ratings], axis=1)
    then = scored.truth[here]
    same = np.isclose(now, then, rtol=_SAME, atol=_SAME, equal_nan=True)
    return ~same.all(axis=1)


def _known(scored: AnyPredictions, target: str, samples: Samples) -> np.ndarray:
    """Which samples have something to be predicted."""
    if isinstance(scored, ClassPredictions):
        return np.asarray(samples.labels[target].astype(str) != "")
    return np.isfinite(np.stack([np.asarray(samples.ratings[name]) for name in scored.ratings])).any(axis=0)


def _other_people(then: np.ndarray, now: np.ndarray, model: ModelPart) -> int:
    """Samples of people whom training took for several, or did not know.

    The other way round, several names of now that were one person then, may be people who share a copy.
    """
    known = {person_key(str(name)) for name in model.info.get("subjects") or []}
    of_person: dict[str, set[str]] = {}
    for before, name in zip(then, now, strict=True):
        of_person.setdefault(person_key(str(name)), set()).add(person_key(str(before)))
    odd = {name for name, before in of_person.items() if len(before) > 1 or (known and name not in known)}
    return sum(person_key(str(name)) in odd for name in now)


def told_of_others(study: OpenStudy) -> list[str]:
    """A sentence for all models of a study about whose samples the table says the same otherwise."""
    samples = look_at(study).samples
    if samples is None:
        return []
    found: dict[str, list[str]] = {}
    for model in read_models([], study.folder / "models"):
        if said := other_samples(study, model, samples):
            found.setdefault(said, []).append(model.name)
    return [
        f"The table says something else than when {listed(names)} {'was' if len(names) == 1 else 'were'} scored "
        f"({said}). These scores are about the table of before: train again, or open that table in the view "
        "Samples."
        for said, names in found.items()
    ]


async def say_others(study: OpenStudy, box: Any) -> None:
    """Fill a place of the page with them.

    Parameters
    ----------
    study : OpenStudy
    box : element of NiceGUI
        Where they stand; emptied first.
    """
    from nicegui import run

    said = await run.io_bound(told_of_others, study)
    box.clear()
    with box:
        for sentence in said:
            say_problem(sentence)
