"""The same picture, clip or face under several names: one unit wherever people are kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from mien.core.faces import Faces
from mien.core.files import sha256_of
from mien.features.match import Choice

# Of SHA-256: enough to tell apart more samples than there are.
MARK_DIGITS = 16
# Fewer distinct numbers, such as a few action units that are there or not, may be the same in two people by chance.
LEAST_DISTINCT = 8


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
    for row, features in enumerate(np.ascontiguousarray(values, dtype=np.float32)):
        arrays = [features]
        if choices and faces is not None:
            arrays.append(np.ascontiguousarray(faces.landmarks_px[choices[row].rows], dtype=np.float32))
        marks = {_digest(array.tobytes()) for array in arrays if _tells_apart(array)}
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


def units_of(people: np.ndarray, marks: Sequence[set[str]], path: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """People who share a copy of something as one unit, and what has to be said of copies.

    Parameters
    ----------
    people : ndarray of str, shape (samples,)
    marks : sequence of set of str
        From ``marks_of``.
    path : ndarray of str, shape (samples,)
        For the note.

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

    copies: list[tuple[int, int]] = []
    for row, own in enumerate(marks):
        others = [first_row[mark] for mark in own if mark in first_row]
        if others:
            copies.append((min(others), row))
        for other in others:
            leader[led_by(str(people[row]))] = led_by(str(people[other]))
        for mark in own:
            first_row.setdefault(mark, row)
    if not copies:
        return people, []
    units = np.array([led_by(str(name)) for name in people], dtype=object)
    joined = len(set(leader)) - len(set(units))
    shown = next(((a, b) for a, b in copies if str(people[a]) != str(people[b])), copies[0])
    return units, [_note(len(copies), str(path[shown[0]]), str(path[shown[1]]), joined, len(set(units)))]


def learnt_from(people: np.ndarray, marks: Sequence[set[str]]) -> dict[str, list[str]]:
    """What a model says of whom and what it has learnt on: ``subjects`` and ``seen``."""
    return {
        "subjects": sorted({str(name) for name in people}),
        "seen": sorted({mark for own in marks for mark in own}),
    }


def _note(copies: int, one: str, other: str, joined: int, units: int) -> str:
    many = "1 sample is a copy" if copies == 1 else f"{copies} samples are copies"
    said = (
        f"{many} of another one (the file or the measured face is the same to the last bit), such as '{one}' and "
        f"'{other}'."
    )
    if not joined:
        return f"{said} They show the same person by name, so folds are not harmed, but they count double."
    return (
        f"{said} People who are said to show the same picture count as one, in folds, intervals and tests: {units} "
        f"instead of {units + joined}."
    )
