"""Which samples are from one recording: what is shown of a person at once, such as a clip or the frames of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.features.match import Choice
from mien.learn.copies import Near, units_of
from mien.learn.same_rows import rounded_rows

if TYPE_CHECKING:
    from mien.learn.table import Table

RECORDING = "recording"
# Instead of a column: every sample is a recording of its own.
PATH = "path"
# Status of samples whose person has no second recording of the class.
ALONE = "only recording of the class"
# Between a person's name and a recording's.
_BETWEEN = "\x1f"


def recordings_of(samples: Samples, column: str, rows: np.ndarray, choices: Sequence[Choice]) -> np.ndarray:
    """Recording of each of some samples, told apart between people.

    Parameters
    ----------
    samples : Samples
    column : str
        Column that says which recording (or session) a sample is of; ``'path'``: each is one of its own. ``''``: clips
        are, single pictures are refused.
    rows : ndarray of int
        The samples that are meant.
    choices : sequence of Choice
        Their faces.

    Returns
    -------
    ndarray of str, shape (rows,)

    Raises
    ------
    InputError
        If there is no such column, some sample has no value in it, or which pictures are of one recording is not known.
    """
    if column and (column != PATH or PATH in samples.labels):
        values = samples.target(column)[rows]
        missing = sum(value in ("", None) or value != value for value in values.tolist())
        if missing:
            raise InputError(
                f"{missing} samples have no value in '{column}', so which recording they are of is not known. Fill the "
                "column, or leave these samples out."
            )
    else:
        still = sum(len(choice.frames) < 2 for choice in choices)
        if still and not column:
            raise InputError(
                f"{still} of {len(rows)} samples are single pictures or rows, and which of them are of one recording "
                "is not known: frames of one clip must not be in training and test. Name the column that says it with "
                f"recordings='COLUMN' (--recordings COLUMN), or say recordings='{PATH}' if each was recorded by itself."
            )
        values = samples.path[rows]
    who = samples.subject[rows]
    return np.array([f"{name}{_BETWEEN}{value}" for name, value in zip(who, values, strict=True)], dtype=object)


def without_copies(
    recordings: np.ndarray, marks: Sequence[set[str]], path: np.ndarray, values: np.ndarray
) -> tuple[np.ndarray, list[str]]:
    """Recordings that are copies of each other as one, and what has to be said of copies.

    Between people altered copies are known, too (``mien.learn.near_clips``). Within one person they are not: measured
    on repeats of the same expression or gesture in BUHMAP, movements agree as closely as those of a copy saved anew.

    Parameters
    ----------
    recordings, path : ndarray of str, shape (samples,)
    marks : sequence of set of str
        See ``mien.learn.copies.marks_of``.
    values : ndarray, shape (samples, ...)
        Features.
    """
    near = rounded_rows(values, recordings) if values.ndim == 2 else []
    rows = Near(near, "1 pair of rows is", "{} pairs of rows are", "all their numbers agree up to rounding")
    units, notes = units_of(recordings, marks, path, [rows], RECORDING)
    return units, [
        *notes,
        "Exact copies count as one recording. A copy of a recording of the same person that was saved anew, cut or "
        "mirrored cannot be told from a repeat and was not looked for.",
    ]


def with_other_recordings(table: Table) -> Table:
    """The samples whose person has another recording of the same class; the others are counted and their people named.

    Raises
    ------
    InputError
        If none is left.
    """
    assert table.recordings is not None
    of: dict[tuple[str, str], set[str]] = {}
    keys = list(zip(table.subjects.astype(str), table.y.astype(str), strict=True))
    for key, recording in zip(keys, table.recordings, strict=True):
        of.setdefault(key, set()).add(str(recording))
    kept = np.array([len(of[key]) > 1 for key in keys])
    if kept.all():
        return table
    people = dict.fromkeys(name for (name, _), good in zip(keys, kept, strict=True) if not good)
    left, gone = int((~kept).sum()), [name for name in people if name not in {*table.subjects[kept].astype(str)}]
    if not kept.any():
        raise InputError(
            "Nobody has two recordings of a class, so no model can be tested on other recordings of the people it has "
            "learnt from. Check the column 'subject', and what counts as a recording (recordings)."
        )
    named = ", ".join(f"'{name}'" for name in people)
    note = (
        f"{left} samples of {len(people)} people ({named}) are the only recording of their class that the person has, "
        "so they are neither learnt from nor tested"
        + (f"; of these people {len(gone)} are left out altogether." if gone else ".")
    )
    return replace(
        table.part(np.flatnonzero(kept)),
        left_out={**table.left_out, ALONE: left},
        notes=[*table.notes, note],
    )
