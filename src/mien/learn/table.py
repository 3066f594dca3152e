"""What goes into training: samples with their faces, features and labels or ratings."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.features import Features
from mien.core.outcome import Classes, Outcome, Ratings
from mien.core.people.keys import same_people
from mien.core.people.words import SUBJECT as SUBJECT_COLUMN
from mien.core.provenance import versions
from mien.core.samples import Samples
from mien.data.measures import Measures
from mien.data.samples import faces_of, read_samples
from mien.data.sets.catalogue import set_of
from mien.data.study_faces import StudyFaces
from mien.features import compute, needs_faces
from mien.features.columns import MEASURES, not_there
from mien.features.match import NOT_FOUND, choose, example, files_of
from mien.features.neutral import COHORT, SUBJECT, column_of
from mien.features.over_time.table import with_measures, with_quality
from mien.features.timeline import TOO_SHORT
from mien.learn.copies import copies_among, learnt_from
from mien.learn.named_columns import notes_of_codes, notes_of_columns, refuse_known
from mien.learn.recordings import recordings_of, without_copies

# Instead of a target: every rating there is.
ALL = "all"


@dataclass(frozen=True, eq=False)
class Table:
    """Usable samples of a target: what goes into training; ``rows`` are their places among all samples.

    ``y`` holds classes, (samples,), or ratings, (samples, ratings). ``subjects`` are the units of folds and intervals:
    people (or what they are grouped by), those who share a copy of a picture as one. ``people`` are the samples' own
    subjects, and ``marks`` what a sample is recognised by under any name (``mien.learn.copies.marks_of``).
    ``recordings``, where they were asked for, say which samples are of one recording; copies are one.
    """

    features: Features
    y: np.ndarray
    subjects: np.ndarray
    path: np.ndarray
    left_out: dict[str, int]
    notes: list[str]
    rows: np.ndarray
    people: np.ndarray
    marks: list[set[str]]
    recordings: np.ndarray | None = None

    def part(self, keep: np.ndarray) -> Table:
        """Some of the samples, by their places."""
        return replace(
            self, features=self.features[keep], y=self.y[keep], subjects=self.subjects[keep], path=self.path[keep],
            rows=self.rows[keep], people=self.people[keep], marks=[self.marks[i] for i in keep],
            recordings=None if self.recordings is None else self.recordings[keep],
        )  # fmt: skip


def load(
    samples: Samples | str | Path, faces: Faces | str | Path | None, recipe: dict[str, Any] | None = None
) -> tuple[Samples, Faces]:
    """Samples and their faces, read where they are given by name; no faces where the recipe looks at none.

    Patterns of measures over time become the names that they fit, in the recipe itself.

    Raises
    ------
    InputError
        If there are no faces; the message says which command extracts them.
    """
    if not isinstance(samples, Samples):
        samples = read_samples(samples)
    if recipe is not None and recipe.get("name") == "series" and isinstance(faces, (str, Path)):
        return samples, StudyFaces.of(faces)
    if recipe is not None and recipe.get("source") == MEASURES:
        measures = _measures_of(faces)
        # From here on by name: patterns would fit the samples' own columns, such as age and questionnaires, as well.
        recipe["columns"] = measures.select(recipe["columns"]).names
        return with_quality(with_measures(samples, measures, recipe["columns"]), measures), Faces.empty()
    if recipe is not None and not needs_faces(recipe, samples):
        return samples, Faces.empty()
    result = faces_of(samples, faces)
    if result is not None:
        return samples, result
    if recipe is not None and recipe.get("name") == "columns":
        raise InputError(not_there(recipe, samples))
    known, place = set_of(samples.read_from)
    # The folder of a data set may hold other pictures, too.
    where = quote(samples.read_from if known and known.home and place else _pictures_folder(samples))
    raise InputError(
        f"{samples.name or 'The samples'}: the faces in these pictures or videos are not extracted yet. First run: "
        f"mien extract {where} -o STUDY, then give the folder with --faces STUDY (in Python: faces='STUDY')."
    )


def _measures_of(faces: Faces | str | Path | None) -> Measures:
    """Measures over time, where faces are named as the study's folder."""
    if faces is None or isinstance(faces, Faces):
        raise InputError(
            "Measures over time are read from a study's folder: compute them with mien functionals STUDY, then give "
            "--faces STUDY (in Python: faces='STUDY')."
        )
    return Measures.read(faces)


def _pictures_folder(samples: Samples) -> str:
    """The folder that all pictures or clips lie below; the table itself may lie elsewhere."""
    folders = {str(path.parent) for path in samples.files()}
    try:
        common = os.path.commonpath(folders)
    except ValueError:  # none, or of different drives
        return "PICTURES"
    return common or "PICTURES"


def outcome_of(samples: Samples, target: str | Sequence[str]) -> Outcome:
    """The ratings that are meant (``'all'``: every one that differs between samples), or the label.

    Raises
    ------
    InputError
        If there is no such column, or labels and ratings are mixed, or several labels are named; for ``'all'`` where
        a column has that name, or no rating differs.
    """
    names = (target,) if isinstance(target, str) else tuple(dict.fromkeys(target))
    if names == (ALL,) and not samples.ratings and ALL not in samples.labels:
        raise InputError(f"{samples.name or 'The samples'}: there are no ratings; no column holds numbers only.")
    if names == (ALL,) and samples.ratings:
        if ALL in (*samples.ratings, *samples.labels):
            raise InputError(
                f"{samples.name or 'The samples'}: a column is called '{ALL}', which also means every rating. Rename "
                "the column, or name the ratings that are meant."
            )
        varying = tuple(name for name in samples.ratings if name not in constant_ratings(samples))
        if not varying:
            raise InputError(
                f"{samples.name or 'The samples'}: no rating differs between samples ({', '.join(samples.ratings)}), "
                "so there is nothing to learn."
            )
        return Ratings(varying)
    for name in names:
        samples.target(name)
    if names and all(name in samples.ratings and name not in samples.labels for name in names):
        return Ratings(names)
    if len(names) != 1:
        raise InputError(f"Several targets must all be ratings, but got {', '.join(names) or 'none'}.")
    return Classes(names)


def named_targets(samples: Samples, target: str | Sequence[str]) -> str | Sequence[str]:
    """Several ratings with commas in one text, as on the command line, as their names; anything else as it is."""
    if not isinstance(target, str) or "," not in target or target in (*samples.labels, *samples.ratings):
        return target
    return tuple(name.strip() for name in target.split(",") if name.strip())


def constant_ratings(samples: Samples) -> list[str]:
    """Ratings that are the same for all samples that have them, or that none has."""
    known = {name: values[np.isfinite(values)] for name, values in samples.ratings.items()}
    return [name for name, values in known.items() if not len(values) or np.ptp(values) == 0]


def usable(
    samples: Samples,
    faces: Faces,
    recipe: dict[str, Any],
    target: str | Sequence[str],
    group_by: str = "subject",
    *,
    learnable: bool = True,
    recordings: str | None = None,
) -> Table:
    """Samples with features and a label (or all asked ratings); the others are counted by status.

    With ``learnable``, one class only, one rating for all or one subject only is refused. ``recordings``: see
    ``mien.learn.recordings.recordings_of``; None where it does not matter.
    """
    outcome = outcome_of(samples, target)
    y, known = outcome.values(samples)
    groups, spelt = _grouping(samples, group_by)
    _check_reference(recipe, target)
    features = compute(recipe, samples, faces)
    refuse_known(features.recipe, outcome.columns, group_by)
    status = np.where(features.ok & ~known, outcome.missing, features.status.astype(str))
    keep = np.flatnonzero(status == "ok")
    left_out = {name: count for name, count in sorted(Counter(status).items()) if name != "ok"}
    if not len(keep):
        reasons = ", ".join(f"{count} '{name}'" for name, count in left_out.items())
        if set(left_out) == {TOO_SHORT} and all(len(choice.frames) == 1 for choice in choose(samples, faces)):
            raise InputError(
                f"None of the {len(samples)} samples can be used: these are single pictures with one frame each, but "
                "what was asked follows how a face moves, and needs clips. Give videos, or use a model of pictures, "
                "such as --model expression (model='expression')."
            )
        if set(left_out) == {NOT_FOUND}:
            raise InputError(
                f"None of the {len(samples)} samples can be used: this model reads the pictures themselves, and none "
                f"is where its path says.{_not_found(samples, features)} Paths start at the table's folder: put "
                "the table beside the pictures, or write whole paths."
            )
        raise InputError(
            f"None of the {len(samples)} samples can be used: {reasons or 'there are none'}. If they are not "
            f"extracted, check that the faces were extracted from the same files. {example(samples, faces)}"
            f"{_not_found(samples, features)}".rstrip()
        )
    # Without a copy where nothing is left out: pictures are large.
    kept = features if len(keep) == len(features) else features[keep]
    choices = choose(samples, faces)
    files = files_of(samples, faces, choices)
    files, chosen = [files[row] for row in keep], [choices[row] for row in keep]
    copies = copies_among(groups[keep], samples.path[keep], kept.values, files, chosen, faces, group_by)
    taken: np.ndarray | None = None
    said: list[str] = []
    if recordings is not None:
        own = recordings_of(samples, recordings, keep, chosen)
        taken, said = without_copies(own, copies.marks, samples.path[keep], kept.values)
    if learnable:
        outcome.check_learnable(y[keep], copies.units)
    several = sum(choice.n_faces > 1 for choice in choices)
    concerned = (*outcome.columns, group_by, *_columns_of(features.recipe))
    ratings = outcome.columns if isinstance(outcome, Ratings) else ()
    notes = [
        *samples.notes_on(*concerned),
        *spelt,
        *copies.notes,
        *said,
        *_notes_of_ratings(samples, target, ratings, features.ok),
    ]
    notes += notes_of_columns(features, keep, y[keep])
    notes += notes_of_codes(ratings, y[keep]) if ratings else _notes_of_missing_faces(y, features.ok)
    if missing := _not_found(samples, features):
        notes.append(missing.strip())
    if several:
        notes.append(f"{several} samples show several faces; the largest (in clips: the one seen longest) was taken.")
    if recipe.get("reference") == COHORT and not recipe.get("face"):
        notes.append(
            "The cohort's mean face was taken over all samples, people in test folds included; without labels."
        )
    return Table(
        kept,
        y[keep],
        copies.units,
        samples.path[keep],
        left_out,
        notes,
        keep,
        samples.subject[keep],
        copies.marks,
        taken,
    )


def _columns_of(recipe: dict[str, Any]) -> tuple[str, ...]:
    """Columns of the samples that features were computed with."""
    columns = tuple(recipe.get("columns") or ()) if recipe.get("name") == "columns" else ()
    neutral = recipe.get("neutral") if recipe.get("reference") == SUBJECT else ""
    return (*columns, column_of(neutral)[0]) if isinstance(neutral, str) and neutral else columns


def _not_found(samples: Samples, features: Features) -> str:
    """Where the first picture was looked for that is not there."""
    missing = np.flatnonzero(features.status == NOT_FOUND)
    return f" Pictures not found, such as {samples.files()[missing[0]]}." if len(missing) else ""


def _notes_of_missing_faces(y: np.ndarray, ok: np.ndarray) -> list[str]:
    """How many samples of each class could not be used: faces are missed more often in some expressions."""
    known = y != ""
    if ok[known].all():
        return []
    shares = {name: (int((~ok[y == name]).sum()), int((y == name).sum())) for name in np.unique(y[known].astype(str))}
    most = sorted(shares, key=lambda name: -shares[name][0] / shares[name][1])
    listed = ", ".join(
        f"'{n}' {shares[n][0]} of {shares[n][1]} ({100 * shares[n][0] / shares[n][1]:.0f} %)" for n in most
    )
    return [f"Samples without a usable face are in no score. They are by class: {listed}."]


def _notes_of_ratings(
    samples: Samples, target: str | Sequence[str], ratings: tuple[str, ...], ok: np.ndarray
) -> list[str]:
    """Which ratings were left out, and which of them cost samples."""
    notes = []
    constant = constant_ratings(samples)
    if ratings and constant and target in (ALL, (ALL,), [ALL]):
        listed = ", ".join(f"'{name}'" for name in constant)
        notes.append(
            f"Ratings left out: {listed}; {'it does' if len(constant) == 1 else 'they do'} not differ between samples."
        )
    missing = {name: int((~np.isfinite(samples.ratings[name]) & ok).sum()) for name in ratings}
    if len(ratings) > 1 and any(missing.values()):
        most = sorted((name for name in ratings if missing[name]), key=lambda name: -missing[name])
        listed = ", ".join(f"{missing[name]} without '{name}'" for name in most[:5])
        more = f" and {len(most) - 5} further ratings" if len(most) > 5 else ""
        notes.append(
            f"Samples without one of the ratings are left out of all: {listed}{more}. Name only "
            "ratings without gaps to use every sample."
        )
    return notes


def _check_reference(recipe: dict[str, Any], target: str | Sequence[str]) -> None:
    """Refuse a neutral reference that is found by the very labels that are to be predicted."""
    neutral = recipe.get("neutral") if recipe.get("reference") == SUBJECT else ""
    if not isinstance(neutral, str) or not neutral:
        return
    column, label = column_of(neutral)
    if column in ([target] if isinstance(target, str) else list(target)):
        raise InputError(
            f"The recipe measures from each subject's clips labelled '{label}' in '{column}', which is what is to be "
            "predicted: the reference would tell the labels of people in test folds. Name another column, or leave "
            "'neutral' empty for the first frames of each clip."
        )


def _grouping(samples: Samples, group_by: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """What folds do not split, and notes on its spellings."""
    if group_by == "subject":
        return samples.subject, ()
    column = samples.group if group_by == "group" and samples.group is not None else samples.target(group_by)
    groups, notes = same_people(column, what=f"'{group_by}'")
    # Folds by something coarser than the subject still must not split a subject.
    for person in np.unique(samples.subject.astype(str)):
        if len(set(groups[samples.subject == person])) > 1:
            raise InputError(
                f"Grouping by '{group_by}' would put the subject '{person}' on both sides of a fold; use 'subject'."
            )
    return groups, notes


def training_info(samples: Samples, table: Table, protocol: dict[str, Any], outcome: Outcome) -> dict[str, Any]:
    """What a stored model says about its training."""
    rated = isinstance(outcome, Ratings)
    # Units of a column other than the subject join people who are several.
    units = table.subjects if protocol.get("group_by", SUBJECT_COLUMN) == SUBJECT_COLUMN else None
    counts = {} if rated else {str(k): int(v) for k, v in sorted(Counter(table.y.astype(str)).items())}
    return {
        "samples": {"name": samples.name, "licence": samples.licence, "credit": samples.credit},
        "n_samples": len(table.y),
        "n_per_class": counts,
        **learnt_from(table.people, table.marks, units),
        "left_out": table.left_out,
        "notes": table.notes,
        "protocol": protocol,
        "versions": versions(),
        **({"ratings": list(outcome.columns)} if rated else {}),
    }
