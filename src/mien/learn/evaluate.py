"""``evaluate``: a stored model on samples of people it was not trained on, or on other ones of people whom it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.features import Features
from mien.core.labels import label_key
from mien.core.memory import kept_memory
from mien.core.names import visible
from mien.core.numbers import checked_numbers
from mien.core.outcome import RATINGS, Classes, Outcome, Ratings
from mien.core.people.alike import alike_people
from mien.core.people.keys import person_key
from mien.core.people.unknown import is_own
from mien.core.people.words import HELD_OUT, USER_SPECIFIC, people_facts
from mien.core.samples import Samples
from mien.data.samples import given_samples
from mien.data.tables.table import listed
from mien.learn.ceilings import ceilings_for
from mien.learn.evaluation import Evaluation, score
from mien.learn.near_training import NearTraining, near_training
from mien.learn.predictions import AnyPredictions, ClassPredictions, RatingPredictions
from mien.learn.table import Table, load, outcome_of, usable
from mien.models.base import Model
from mien.models.store import load_model

# Status of samples of people whom the model does not know, where it is scored on those whom it does.
NOT_KNOWN = "person not in training"


@kept_memory()
@checked_numbers
def evaluate(
    model: Model | str | Path,
    samples: Samples | str | Path,
    *,
    target: str = "",
    faces: Faces | str | Path | None = None,
    other_people: bool = False,
    same_people: bool = False,
    ceiling: Any = None,
    labels: Sequence[str] = (),
    subject_pattern: str | None = None,
    columns: Mapping[str, str] | None = None,
    missing: Sequence[str | float] | str | float = (),
    same: Mapping[str, str] | str | Path = "",
    seed: int = 0,
) -> Evaluation:
    """Score a model on samples of other subjects.

    Parameters
    ----------
    model : Model, str or Path
        A folder is read with ``load_model``; ``'rules'`` are the rules that need no training.
    target : str
        Column with the labels; by default the one that the model was trained on. Of a multi-output
        regression model one rating; by default all that the samples have.
    samples, faces
        As for ``train``.
    other_people : bool
        Say that subjects with the names of training subjects are other people who happen to have the same names.
    same_people : bool
        Score on other recordings of the very people whom the model was trained on (``'user-specific'``), which every
        output says; samples of others are left out and counted. The samples that it was trained on are refused.
    ceiling : str, number or dict, optional
        How far people agree about the ratings, see ``mien.learn.ceilings.ceilings_of``.
    labels, subject_pattern, columns, missing, same : optional
        Of samples that are named: how their table or folder is read, see ``mien.data.samples.read_samples``.
    seed : int
        Of the intervals.

    Returns
    -------
    Evaluation
        Its protocol's scheme is ``'held-out'``.

    Raises
    ------
    InputError
        If the model was trained on some of the subjects or, under whatever names, on some of the samples
        themselves, or a label is not among its classes.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=6, expressions=("neutral", "smile"), frames=8)
    >>> model = mien.train("people", target="expression", evaluate=False).model
    >>> others = mien.synthesize("others", subjects=4, expressions=("neutral", "smile"), frames=8, seed=1)
    >>> found = mien.evaluate(model, "others", other_people=True)  # the made-up names are the same
    >>> found.scores["accuracy"].value, found.confusion.tolist()
    (1.0, [[4, 0], [0, 4]])
    """
    if not isinstance(model, Model):
        model = load_model(model)
    samples = given_samples(
        samples, labels=labels, subject_pattern=subject_pattern, columns=columns, missing=missing, same=same
    )
    return judged(
        model, samples, target=target, faces=faces, other_people=other_people, same_people=same_people,
        ceiling=ceiling, seed=seed,
    )[0]  # fmt: skip


def judged(
    model: Model,
    samples: Samples | str | Path,
    *,
    target: str = "",
    faces: Faces | str | Path | None = None,
    other_people: bool = False,
    same_people: bool = False,
    ceiling: Any = None,
    seed: int = 0,
) -> tuple[Evaluation, AnyPredictions]:
    """``evaluate``, with the predictions that the scores rest on."""
    samples, found = load(samples, faces, model.recipe)
    others = 0
    if same_people:
        samples, others = _known_people(model, samples, other_people)
    else:
        _refuse_known(model, samples, other_people)
    outcome, model, samples = _asked(model, samples, target)
    table = usable(samples, found, model.recipe, outcome.columns, learnable=False)
    _check_features(model, table.features)
    _refuse_seen(model, table)
    near = near_training(samples[table.rows], found, set(model.info.get("seen", [])))
    _refuse_near(near)
    lacking = [] if target else [f"The samples have no rating '{name}'." for name in _others(model, outcome)]
    left_out = {**table.left_out, **({NOT_KNOWN: others} if others else {})}
    people = _notes_on_people(table, model, near.compared)
    predictions = _predictions(model, table, outcome)
    evaluation = score(
        predictions,
        target=outcome.target,
        model=model.name,
        protocol=_protocol(table, model, seed, USER_SPECIFIC if same_people else HELD_OUT),
        left_out=left_out,
        notes=[*table.notes, *people, *lacking, *model.remarks(table.features.values)],
        ceilings=ceilings_for(outcome, ceiling, table.path, table.y if isinstance(outcome, Ratings) else None),
        seed=seed,
    )
    return evaluation, predictions


def _asked(model: Model, samples: Samples, target: str) -> tuple[Outcome, Model, Samples]:
    """The samples' columns to be scored, the model as it answers about them, the samples in the model's spelling."""
    if model.predicts == RATINGS:
        return _ratings(model, samples, target), model, samples
    outcome = Classes((target or model.target,))
    if not outcome.target:
        raise InputError(f"The model '{model.name}' was not trained on a column of samples: name one with target=... .")
    samples = _spelt_as(model.classes, samples, outcome.target)
    labels = outcome.names(samples.target(outcome.target))
    return outcome, model.named_for(outcome.target, tuple(name for name in labels if name)), samples


def _ratings(model: Model, samples: Samples, target: str) -> Ratings:
    """The model's ratings that the samples have; ``target`` names the samples' column where it is another."""
    names = model.classes
    if target and len(names) > 1 and target not in names:
        raise InputError(
            f"The model '{model.name}' predicts {', '.join(names)}, not '{target}'; name one or none of them."
        )
    columns = (target,) if target else tuple(name for name in names if name in samples.ratings)
    if not columns or outcome_of(samples, columns) != Ratings(columns):
        samples.target(names[0])
        raise InputError(f"The samples hold no ratings in the column '{(columns or names)[0]}', but something else.")
    return Ratings(columns)


def _others(model: Model, outcome: Outcome) -> list[str]:
    """Ratings of the model that the samples lack."""
    return [name for name in model.classes if isinstance(outcome, Ratings) and name not in outcome.columns]


def _predictions(model: Model, table: Table, outcome: Outcome) -> AnyPredictions:
    predicted, fold = model.predict(table.features.values), np.zeros(len(table.y), dtype=int)
    if not isinstance(outcome, Ratings):
        return ClassPredictions(table.path, table.subjects, fold, table.y, predicted, model.classes)
    if len(model.classes) > 1:
        predicted = predicted[:, [model.classes.index(name) for name in outcome.columns]]
    return RatingPredictions(table.path, table.subjects, fold, table.y, predicted, outcome.columns)


def _protocol(table: Table, model: Model, seed: int, scheme: str) -> dict[str, Any]:
    return {
        "scheme": scheme,
        "n_folds": 1,
        **people_facts(table.subjects, len(table.y), learnt=model.info.get("subjects", [])),
        "seed": seed,
    }


def _spelt_as(classes: tuple[str, ...], samples: Samples, target: str) -> Samples:
    """The samples with their labels in the model's spelling, and a note where that differs."""
    of_key = {label_key(name): name for name in classes}
    column = samples.target(target)
    if target not in samples.labels or len(of_key) < len(classes):
        return samples
    labels = np.array([of_key.get(label_key(v), v) for v in column], dtype=object)
    other = sorted({(str(given), str(own)) for given, own in zip(column, labels, strict=True) if given != own})
    if not other:
        return samples
    shown = ", ".join(f"'{given}' for '{own}'" for given, own in other[:3])
    note = f"In the column '{target}', classes are spelt otherwise than when the model was trained: {shown}."
    return replace(samples, labels={**samples.labels, target: labels}, notes=(*samples.notes, note))


def _known_people(model: Model, samples: Samples, other_people: bool) -> tuple[Samples, int]:
    """Samples of people whom the model was trained on, and how many there are of others."""
    if other_people:
        raise InputError("The samples show the people of the training or others: give same_people or other_people.")
    learnt = {person_key(str(name)) for name in model.info.get("subjects", [])}
    known = np.array([not is_own(name) and person_key(name) in learnt for name in samples.subject.astype(str)], bool)
    if not known.any():
        raise InputError(
            f"The model '{model.name}' was trained on nobody of these samples, by name; leave same_people "
            "(--same-people) away to score it on new people."
        )
    return samples[known], int((~known).sum())


def _refuse_known(model: Model, samples: Samples, other_people: bool) -> None:
    learnt = {person_key(str(name)) for name in model.info.get("subjects", [])}
    # Those whom nobody knows are called by the names of their files, which other people's files may have, too.
    people = {name for name in set(samples.subject.astype(str)) if not is_own(name)}
    known = sorted(name for name in people if person_key(name) in learnt)
    if known and not other_people:
        raise InputError(
            f"The model was trained on {len(known)} of these subjects, such as '{known[0]}', so its score on them "
            "would say nothing about new people. Leave them out; or, if they are other people with the same names, "
            "say so: other_people=True (--other-people)."
        )


def _notes_on_people(table: Table, model: Model, compared: int) -> list[str]:
    """What is not known of whom and what the model was trained on."""
    learnt, names = {str(name) for name in model.info.get("subjects", [])}, {str(name) for name in table.people}
    unknown = sum(map(is_own, learnt))
    notes = []
    if model.info.get("seen"):
        notes.append(
            "None of the samples is a copy to the last bit of one that the model was trained on. A copy that was saved "
            "anew, made smaller, cut or mirrored "
            + (
                f"was looked for among the {compared} training samples whose faces are in the same folder."
                if compared
                else "is not recognised, as the model keeps none of its pictures; faces of the training in the folder "
                "of these would be compared."
            )
        )
    if unknown:
        notes.append(
            f"The model was also trained on {unknown} sample{'' if unknown == 1 else 's'} of people who are not known: "
            "some of them may be among these."
        )
    # Those within the samples stand in their own notes.
    both = [found for found in alike_people([*sorted(learnt), *sorted(names - learnt)])
            if learnt & {*found} and (names - learnt) & {*found}]  # fmt: skip
    if both:
        pair = next(f"'{visible(a)}' and '{visible(b)}'" for a in both[0] if a in learnt for b in both[0] if b in names)
        notes.append(
            f"Names of {len(both)} of the model's people are like some of these samples', such as {pair}: if they are "
            "one, the model knows the person, and scores are too good. Then leave these samples out."
        )
    return notes


def _refuse_seen(model: Model, table: Table) -> None:
    """The same file or the same face under another person's name is still known."""
    seen = set(model.info.get("seen", []))
    known = [path for path, marks in zip(table.path, table.marks, strict=True) if marks & seen]
    if known:
        raise InputError(
            f"The model was trained on {len(known)} of these samples themselves, {listed(known, 10)} (the file or the "
            "measured face is the same to the last bit, whatever the names of file and subject), so its score on them "
            "would say nothing about new people. Leave them out."
        )


def _refuse_near(near: NearTraining) -> None:
    """The same face in the same moment, saved anew, is still known."""
    if near.pairs:
        path, source = near.pairs[0]
        copies = list(dict.fromkeys(path for path, _ in near.pairs))
        raise InputError(
            f"The model was trained on {len(copies)} of these samples in another form, {listed(copies, 10)}: '{path}' "
            f"is nearly the same as '{source}' (saved anew, made smaller, cut or mirrored). So its score on them would "
            "say nothing about new people. Leave them out."
        )


def _check_features(model: Model, features: Features) -> None:
    if model.parts:
        same = features.recipe["names"] == model.recipe["names"]
    else:
        same = features.names == model.feature_names
    if not same or (model.topology and features.topology != model.topology):
        raise InputError(
            f"The model '{model.name}' was trained on other features than these faces give ({len(model.feature_names)} "
            f"against {len(features.names)} names, points {model.topology or model.recipe.get('topology', '')}). Use "
            "faces from the same kind of source."
        )
