"""Which pictures a probe is trained on, and how they are dealt to folds by source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.core.errors import InputError
from mien.core.words import did_you_mean, listed
from mien.responses.activations import Activations
from mien.responses.probes.linear import Design, inner_groups, same_pictures
from mien.stats.folds import subject_folds

# With fewer sources of faces, or of the rest, nothing is left to test on.
_LEAST_SOURCES = 2
_MOST_NAMED = 8


@dataclass(frozen=True)
class Asked:
    """Categories of one column: those that count as faces, and the others.

    Attributes
    ----------
    target : str
    faces, against : tuple of str
    within : str
        Column of styles, or ``''``.
    """

    target: str
    faces: tuple[str, ...]
    against: tuple[str, ...]
    within: str


def names_of(given: str | Sequence[str]) -> tuple[str, ...]:
    """Names written with commas, or a sequence of them."""
    parts = given.split(",") if isinstance(given, str) else given
    return tuple(dict.fromkeys(part.strip() for part in map(str, parts) if part.strip()))


def asked(
    activations: Activations, target: str, faces: str | Sequence[str], against: str | Sequence[str], within: str
) -> Asked:
    """What is asked of whom, checked against the categories that there are.

    Raises
    ------
    InputError
        For a column or a category that is not there, no faces, or a category on both sides.
    """
    column = _texts(activations, target)
    known = sorted({name for name in column if name})
    for name in (*(wanted := names_of(faces)), *(rest := names_of(against))):
        if name not in known:
            raise InputError(
                f"The column '{target}' has no category '{name}'.{did_you_mean(name, known)} There are: "
                f"{', '.join(known)}."
            )
    if not wanted:
        raise InputError(f"Name the categories of '{target}' that count as faces; there are: {', '.join(known)}.")
    if both := set(wanted) & set(rest):
        raise InputError(f"'{sorted(both)[0]}' stands among the faces and among what they are told from.")
    rest = rest or tuple(name for name in known if name not in wanted)
    if not rest:
        raise InputError(
            f"All pictures are of {listed([repr(name) for name in wanted])}: a probe tells faces from something else. "
            "Add pictures of objects, or name fewer categories as faces."
        )
    if within:
        _texts(activations, within)
    return Asked(target, wanted, rest, within)


def design_of(activations: Activations, ask: Asked, n_folds: int, seed: int) -> tuple[Design, list[str]]:
    """The training pictures with their folds, and what has to be known of them, in sentences.

    Raises
    ------
    InputError
        If a side has fewer than two sources, or no style shows both.
    """
    column, notes = _texts(activations, ask.target), []
    wanted = np.isin(column, [*ask.faces, *ask.against])
    rows = np.flatnonzero(wanted & activations.ok)
    if failed := int((wanted & ~activations.ok).sum()):
        notes.append(f"{failed} pictures could not be answered by the network and take no part.")
    style = np.zeros(len(rows), dtype=int)
    if ask.within:
        rows, style, note = _within(rows, np.isin(column, ask.faces), _texts(activations, ask.within), ask.within)
        notes += note
    face = np.isin(column[rows], ask.faces)
    given = activations.samples.subject[rows].astype(str)
    source = same_pictures(_fingerprints(activations, rows), given)
    if copies := len(set(given.tolist())) - len(set(source.tolist())):
        notes.append(
            f"{copies} sources hold a copy of a picture of another source (the network answers them alike to the last "
            "bit); they count as one source each."
        )
    counts = {name: len(set(source[side].tolist())) for name, side in (("faces", face), ("the rest", ~face))}
    for name, count in counts.items():
        if count < _LEAST_SOURCES:
            categories = listed([repr(part) for part in (ask.faces if name == "faces" else ask.against)])
            raise InputError(
                f"{categories} ({name}) come from {count} source{'s' * (count != 1)}: a probe is tested on sources "
                "that it has not seen, so two at least are needed of faces and of the rest. Add pictures of other "
                "people or objects, and say in the column 'subject' (or 'source') what each picture shows."
            )
    fewest = min(counts.values())
    if fewest < n_folds:
        notes.append(f"There are {fewest} sources of one side only, so there are {fewest} folds instead of {n_folds}.")
    cell = np.array([f"{s}{'face' if f else 'other'}" for s, f in zip(style, face, strict=True)], dtype=object)
    folds = subject_folds(source, np.where(face, "face", "other") if not ask.within else _dealt(cell, source, face),
                          n_folds=min(n_folds, fewest), seed=seed)  # fmt: skip
    parts = [train for train, _ in folds] + [np.arange(len(rows))]
    groups = tuple(inner_groups(face[part], source[part], seed) for part in parts)
    return Design(rows, face, source, style, folds, groups), notes


def _dealt(cell: np.ndarray, source: np.ndarray, face: np.ndarray) -> np.ndarray:
    """Labels by which sources are dealt to folds: kind and style, or the kind alone where a cell has one source."""
    few = any(len(set(source[cell == name].tolist())) < _LEAST_SOURCES for name in set(cell.tolist()))
    return np.where(face, "face", "other") if few else cell


def _within(
    rows: np.ndarray, is_face: np.ndarray, styles: np.ndarray, column: str
) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Rows of the styles that show both kinds, the number of each one's style, and what was left out."""
    style = styles[rows]
    both = [
        name
        for name in sorted({name for name in style if name})
        if is_face[rows][style == name].any() and (~is_face[rows][style == name]).any()
    ]
    if not both:
        found = sorted(set(style.tolist()) - {""})
        more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
        raise InputError(
            f"No value of '{column}' has both faces and other pictures, so nothing can be compared within it: "
            f"{', '.join(found[:_MOST_NAMED]) or 'the column is empty'}{more}."
        )
    kept = np.isin(style, both)
    notes = [f"Faces are told from other pictures of the same {column}: {', '.join(both)}."]
    if left := int((~kept).sum()):
        notes.append(f"{left} pictures of a {column} that shows one kind only took no part in the training.")
    return rows[kept], np.searchsorted(both, style[kept]), notes


def _fingerprints(activations: Activations, rows: np.ndarray) -> np.ndarray:
    """What tells pictures apart: the last layer's answers; row numbers where it answers most of them alike."""
    values = activations.layer(activations.layers[-1])[rows]
    if len({row.tobytes() for row in values}) < len(rows) / 2:
        return np.arange(len(rows), dtype=float)[:, None]
    return values


def _texts(activations: Activations, column: str) -> np.ndarray:
    values = activations.samples.target(column)
    if values.dtype.kind == "f":
        raise InputError(
            f"The column '{column}' holds numbers, not categories; name a column of categories, or read it as labels."
        )
    return values.astype(str)
