"""Single ratings: who rated what how, before it became a mean."""

from __future__ import annotations

from pathlib import Path

from mien.data.sets.catalogue import set_of
from mien.data.tables.ratings import SingleRatings, holds_single_ratings, read_ratings
from mien.data.tables.table import SUFFIXES, read_table


def read_single_ratings(spec: str) -> SingleRatings:
    """Single ratings of ``omi:``, ``london:`` or ``us-adult-faces:``, or from a table.

    Parameters
    ----------
    spec : str
        ``'omi:'``, ``'london:'``, ``'us-adult-faces:'`` (each with a path if the data lie elsewhere), or a table
        (``.csv``, ``.csv.gz``, ``.xlsx`` ...) as ``mien.data.tables.ratings.single_ratings`` takes it.

    Raises
    ------
    InputError
        If a column is missing or a rating is no number.
    """
    known, place = set_of(spec)
    if known and known.ratings and (":" in spec or not Path(spec).exists()):
        result: SingleRatings = known.code_at(known.ratings)(known.place(place))
        return result
    return read_ratings(Path(spec))


def has_single_ratings(spec: str) -> bool:
    """Whether samples are given as a table of single ratings."""
    path = Path(spec)
    return path.suffix.lower() in SUFFIXES and path.is_file() and holds_single_ratings(read_table(path))
