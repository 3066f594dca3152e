"""The same picture, clip or face under several names: one unit wherever people are kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mien.core.faces import OK, Faces
from mien.core.files import sha256_of
from mien.core.paths import without_folders
from mien.core.people.words import SUBJECT, unit_words
from mien.features.match import Choice
from mien.learn.near_clips import near_clips
from mien.learn.near_copies import near_copies
from mien.learn.same_rows import rarity_of, rounded_rows

# Of SHA-256: enough to tell apart more samples than there are.
MARK_DIGITS = 16
# Fewer distinct numbers, such as a few action units that are there or not, may be the same in two people by chance;
# whether they are is judged by the other rows (``mien.learn.same_rows``).
LEAST_DISTINCT = 8
_BY_POINTS = "as if saved anew, made smaller, cut or mirrored"


class Near(NamedTuple):
    """Pairs of rows that are nearly copies, what one and several of them are called, and how they came to be seen."""

    pairs: list[tuple[int, int]]
    one: str
    many: str
    how: str


@dataclass(frozen=True, eq=False)
class Copies:
    """Who is one unit, what samples are recognised by, and what has to be said.

    Attributes
    ----------
    units : ndarray of str, shape (samples,)
        From ``units_of``.
    marks : list of set of str
        From ``marks_of``.
    notes : list of str
    """

    units: np.ndarray
    marks: list[set[str]]
    notes: list[str]


def copies_among(
    people: np.ndarray,
    path: np.ndarray,
    values: np.ndarray,
    files: Sequence[Path] = (),
    choices: Sequence[Choice] = (),
    faces: Faces | None = None,
    unit: str = SUBJECT,
) -> Copies:
    """Copies of any kind among some samples, as far as they can be seen.

    Files, faces and features that are the same to the last bit; pictures, clips and rows of named features that nearly
    are; what could not be compared stands in a note.

    Parameters
    ----------
    people, path : ndarray of str, shape (samples,)
    values, files, choices, faces
        As in ``marks_of``.
    unit : str
        Column that ``people`` are from.
    """
    marks, near, notes = marks_of(values, files, choices, faces), [], []
    if faces is not None and choices:
        pictures, clips = near_copies(people, files, choices, faces), near_clips(people, choices, faces)
        near += [
            Near(pictures, "1 pair of pictures is", "{} pairs of pictures are", _BY_POINTS),
            Near(clips, "1 pair of clips is", "{} pairs of clips are", "as if saved anew, cut or mirrored"),
        ]
        notes += _not_compared(files, choices, faces)
    if values.ndim == 2:
        rows = rounded_rows(values, people)
        known = {pair for found in near for pair in found.pairs}
        rows = [pair for pair in rows if pair not in known]
        near.append(Near(rows, "1 pair of rows is", "{} pairs of rows are", "all their numbers agree up to rounding"))
    units, said = units_of(people, marks, path, near, unit)
    return Copies(units, marks, [*said, *notes])


def _not_compared(files: Sequence[Path], choices: Sequence[Choice], faces: Faces) -> list[str]:
    """Which pictures could not be looked at to tell copies."""
    chosen = [(file, choice) for file, choice in zip(files, choices, strict=True) if choice.status == OK]
    pointless = sum(not np.isfinite(faces.landmarks_px[choice.rows]).all(axis=(1, 2)).any() for _, choice in chosen)
    away = sum(len(choice.frames) == 1 and not file.is_file() for file, choice in chosen)
    if pointless:
        return [
            f"Copies that were saved anew, made smaller, cut or mirrored were not looked for among {pointless} of "
            f"{len(chosen)} samples, whose faces have no points to compare."
        ]
    if away:
        return [
            f"Copies that were saved anew, made smaller, cut or mirrored were looked for by the measured faces alone, "
            f"as {away} of {len(chosen)} pictures are not where their paths say; some copies are missed so."
        ]
    return []


def marks_of(
    values: np.ndarray, files: Sequence[Path] = (), choices: Sequence[Choice] = (), faces: Faces | None = None
) -> list[set[str]]:
    """What each sample can be recognised by under any name or path.

    Parameters
    ----------
    values : ndarray, shape (samples, ...)
        Features.
    files : sequence of Path, optional
        Picture or clip of each sample; those that are not there are passed over.
    choices : sequence of Choice, optional
        The face of each sample among ``faces``.

    Returns
    -------
    list of set of str
        Beginnings of SHA-256 of the file, of the landmarks and of the features, which two different samples do not
        share to the last bit.
    """
    found: list[set[str]] = []
    values = np.ascontiguousarray(values, dtype=np.float32)
    rare = rarity_of(values).telling if values.ndim == 2 else np.zeros(len(values), dtype=bool)
    for row, features in enumerate(values):
        marks = {_digest(features.tobytes())} if rare[row] or _tells_apart(features) else set()
        if choices and faces is not None:
            points = np.ascontiguousarray(faces.landmarks_px[choices[row].rows], dtype=np.float32)
            marks |= {_digest(points.tobytes())} if _tells_apart(points) else set()
        if files and files[row].is_file():
            marks.add(sha256_of(files[row])[:MARK_DIGITS])
        found.append(marks)
    return found


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()[:MARK_DIGITS]


def _tells_apart(array: np.ndarray) -> bool:
    known = array[np.isfinite(array)]
    # The first numbers are enough where there are many.
    return any(len(np.unique(part)) >= LEAST_DISTINCT for part in (known[:4096], known) if len(part))


def units_of(
    people: np.ndarray, marks: Sequence[set[str]], path: np.ndarray, near: Sequence[Near] = (), unit: str = SUBJECT
) -> tuple[np.ndarray, list[str]]:
    """People who share a copy of something as one unit, and what has to be said of copies.

    Parameters
    ----------
    people : ndarray of str, shape (samples,)
    marks : sequence of set of str
        From ``marks_of``.
    path : ndarray of str, shape (samples,)
        For the note.
    near : sequence of Near, optional
        Rows that are nearly copies.
    unit : str
        Column that ``people`` are from.

    Returns
    -------
    units : ndarray of str, shape (samples,)
        Each sample's person, or the first person of those who are one unit with that one.
    notes : list of str
        Empty where nothing is there twice.
    """
    first_row: dict[str, int] = {}
    leader = {str(name): str(name) for name in people}

    def led_by(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    def join(row: int, other: int) -> None:
        leader[led_by(str(people[row]))] = led_by(str(people[other]))

    copies: list[tuple[int, int]] = []
    for row, own in enumerate(marks):
        others = sorted({first_row[mark] for mark in own if mark in first_row})
        copies += [(other, row) for other in others[:1]]
        for other in others:
            join(row, other)
        for mark in own:
            first_row.setdefault(mark, row)
    exact = {*copies}
    altered = [
        kind._replace(pairs=[(a, b) for a, b in kind.pairs if (a, b) not in exact and not marks[a] & marks[b]])
        for kind in near
    ]
    altered = [kind for kind in altered if kind.pairs]
    for a, b in (pair for kind in altered for pair in kind.pairs):
        join(b, a)
    if not copies and not altered:
        return people, []
    units = np.array([led_by(str(name)) for name in people], dtype=object)
    notes = []
    if copies:
        notes.append(_named(copies, people, path, "1 sample is a copy of another one",
                            "{} samples are copies of another one",
                            "the file or the measured face is the same to the last bit"))  # fmt: skip
    for kind in altered:
        one, many = f"{kind.one} nearly the same", f"{kind.many} nearly the same"
        notes.append(_named(kind.pairs, people, path, one, many, kind.how))
    joined = len(set(leader)) - len(set(units))
    one, many = unit_words(unit)
    notes[-1] += (
        f" {many[0].upper()}{many[1:]} {'who' if unit == SUBJECT else 'that'} share a copy count as one, in folds, "
        f"intervals, tests and averages: {len(set(units))} instead of {len(set(leader))}."
        if joined
        else f" They show the same {one} by name, so folds are not harmed, but they count double."
    )
    return units, notes


def _named(pairs: list[tuple[int, int]], people: np.ndarray, path: np.ndarray, one: str, many: str, how: str) -> str:
    a, b = next(((a, b) for a, b in pairs if str(people[a]) != str(people[b])), pairs[0])
    what = one if len(pairs) == 1 else many.format(len(pairs))
    return f"{what} ({how}), such as '{without_folders(path[a])}' and '{without_folders(path[b])}'."


def learnt_from(people: np.ndarray, marks: Sequence[set[str]], units: np.ndarray | None = None) -> dict[str, list[Any]]:
    """What a model says of whom and what it has learnt on: ``subjects``, ``seen`` and ``one_person``.

    Parameters
    ----------
    people : ndarray of str, shape (samples,)
    marks : sequence of set of str
    units : ndarray of str, shape (samples,), optional
        People whom copies join, from ``units_of``; of them ``one_person`` says who is who, if anybody is.
    """
    names: dict[str, set[str]] = {}
    for unit, name in zip(people if units is None else units, people, strict=True):
        names.setdefault(str(unit), set()).add(str(name))
    joined = [sorted(group) for group in names.values() if len(group) > 1]
    return {
        "subjects": sorted({str(name) for name in people}),
        "seen": sorted({mark for own in marks for mark in own}),
        **({"one_person": joined} if joined else {}),
    }
