"""The same picture, clip or face under several names: one unit wherever people are kept apart."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from mien.core.faces import Faces
from mien.core.files import sha256_of
from mien.core.paths import without_folders
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


def units_of(
    people: np.ndarray, marks: Sequence[set[str]], path: np.ndarray, near: Sequence[tuple[int, int]] = ()
) -> tuple[np.ndarray, list[str]]:
    """People who share a copy of something as one unit, and what has to be said of copies.

    Parameters
    ----------
    people : ndarray of str, shape (samples,)
    marks : sequence of set of str
        From ``marks_of``.
    path : ndarray of str, shape (samples,)
        For the note.
    near : sequence of (int, int), optional
        Rows that are nearly copies, from ``mien.learn.near_copies``.

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
    altered = [(a, b) for a, b in near if (a, b) not in exact and not marks[a] & marks[b]]
    for a, b in altered:
        join(b, a)
    if not copies and not altered:
        return people, []
    units = np.array([led_by(str(name)) for name in people], dtype=object)
    notes = []
    if copies:
        notes.append(_named(copies, people, path, "1 sample is a copy of another one",
                            "{} samples are copies of another one",
                            "the file or the measured face is the same to the last bit"))  # fmt: skip
    if altered:
        notes.append(_named(altered, people, path, "1 pair of pictures is nearly the same",
                            "{} pairs of pictures are nearly the same",
                            "as if saved anew, made smaller, cut or mirrored"))  # fmt: skip
    joined = len(set(leader)) - len(set(units))
    notes[-1] += (
        f" People who are said to show the same picture count as one, in folds, intervals and tests: {len(set(units))} "
        f"instead of {len(set(leader))}."
        if joined
        else " They show the same person by name, so folds are not harmed, but they count double."
    )
    return units, notes


def _named(pairs: list[tuple[int, int]], people: np.ndarray, path: np.ndarray, one: str, many: str, how: str) -> str:
    a, b = next(((a, b) for a, b in pairs if str(people[a]) != str(people[b])), pairs[0])
    what = one if len(pairs) == 1 else many.format(len(pairs))
    return f"{what} ({how}), such as '{without_folders(path[a])}' and '{without_folders(path[b])}'."


def learnt_from(people: np.ndarray, marks: Sequence[set[str]]) -> dict[str, list[str]]:
    """What a model says of whom and what it has learnt on: ``subjects`` and ``seen``."""
    return {
        "subjects": sorted({str(name) for name in people}),
        "seen": sorted({mark for own in marks for mark in own}),
    }
