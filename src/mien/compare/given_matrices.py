"""Judgements and brains that layers are compared with, however they were given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.compare.conditions import Conditions, placed
from mien.compare.reference_rows import ReferenceMatrix
from mien.compare.scanner_matrix import pattern_dissimilarities
from mien.core.dissimilarities import Dissimilarities
from mien.core.errors import InputError
from mien.data.sets.catalogue import set_of
from mien.data.tables.dissimilarities import read_dissimilarities


def given_matrices(
    matrix: Any, conditions: Conditions, notes: list[str], *, similarities: bool = False
) -> list[ReferenceMatrix]:
    """Read matrices and put their rows into the order of the conditions.

    Parameters
    ----------
    matrix : Dissimilarities, path or text, or a sequence of them
        A data set by its name has one of its own.
    conditions : Conditions
    notes : list of str
        Receives what has to be known of them.
    similarities : bool
        See ``read_dissimilarities``.

    Raises
    ------
    InputError
        If one cannot be read or does not fit.
    """
    several = [matrix] if isinstance(matrix, (Dissimilarities, str, Path)) else list(matrix)
    result = []
    for number, one in enumerate(several):
        name, read = _read(one, similarities, number)
        notes += [f"{name}: {note}" for note in read.notes]
        values, halves, more = placed(read, conditions, name)
        notes += more
        result.append(ReferenceMatrix(name, "matrix", values, read.unit, read.licence, read.credit, halves))
    return result


def _read(one: Any, similarities: bool, number: int) -> tuple[str, Dissimilarities]:
    if isinstance(one, Dissimilarities):
        return f"matrix {number + 1}", one
    if not isinstance(one, (str, Path)) or not str(one).strip():
        raise InputError(f"A matrix is a table, a folder of tables or Dissimilarities, but got {type(one).__name__}.")
    known, place = set_of(one)
    if known is None:
        return Path(one).stem, read_dissimilarities(one, similarities=similarities)
    if not known.patterns:
        raise InputError(
            f"The data set '{known.name}' has no dissimilarities; give a table of judgements, or the data set haxby."
        )
    return known.name, pattern_dissimilarities(known.code_at(known.patterns)(known.place(place)))
