"""Columns of the views that a cohort is queried by: what of a shard each is, and what it means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mien.core.faces import COLUMNS

# Points, of which a face has hundreds: one list per row, and only where they are asked for.
POINTS = "landmarks_px"
_EXTRA = "extra:"
# Endings of names that are units, which stand behind the part.
_UNITS = ("_px", "_deg")


@dataclass(frozen=True)
class ViewColumn:
    """One column of the view ``faces``.

    Attributes
    ----------
    name : str
    sql : str
        What it is of a shard.
    meaning : str
    """

    name: str
    sql: str
    meaning: str


def quoted(name: str) -> str:
    """A name as SQL writes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def face_columns(layout: Sequence[tuple[str, str]], points: bool = False) -> Iterator[ViewColumn]:
    """Columns of the view for shards that are laid out alike.

    Blendshapes have their own names; parts of other columns stand behind these and before the unit, as in
    ``pose_yaw_deg``. Further columns of other tools have their own names and, where these are taken, ``extra_`` in
    front. Numbers that are none are NULL, so that means leave them out.

    Parameters
    ----------
    layout : sequence of tuple (name, type)
        As of ``ShardHead``.
    points : bool
        Whether landmarks are a column, too.
    """
    taken: set[str] = set()
    for name, column in COLUMNS.items():
        for at, part in enumerate(column.parts or ("",), 1):
            sql = f"{quoted(name)}[{at}]" if part else quoted(name)
            made = _called(name, part)
            taken.add(made.casefold())
            meaning = f"{part}: {column.meaning}" if part and name != "blendshapes" else column.meaning
            yield ViewColumn(made, _null(sql) if column.dtype.startswith("f") else sql, meaning)
    if points:
        yield ViewColumn(POINTS, quoted(POINTS), "x, y, z of every landmark, one after the other")
    taken.add(POINTS)
    for name, kind in layout:
        if name.startswith(_EXTRA):
            own = name.removeprefix(_EXTRA)
            # SQL does not tell capitals from small letters.
            while own.casefold() in taken:
                own = f"extra_{own}"
            taken.add(own.casefold())
            number = kind in ("float", "double", "halffloat")
            yield ViewColumn(own, _null(quoted(name)) if number else quoted(name), "as the tool wrote it")


def _called(name: str, part: str) -> str:
    """``pose_deg`` with the part ``yaw`` is ``pose_yaw_deg``."""
    if not part or name == "blendshapes":
        return part or name
    unit = next((unit for unit in _UNITS if name.endswith(unit)), "")
    return f"{name.removesuffix(unit)}_{part.replace(' ', '_')}{unit}"


def null_of_nan(name: str) -> str:
    """A column of numbers of which those that are none are NULL."""
    return _null(quoted(name))


def _null(sql: str) -> str:
    return f"CASE WHEN isnan({sql}) THEN NULL ELSE {sql} END"
