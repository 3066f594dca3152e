"""What a column of a table is for: said by clicking, kept in the form that ``mien.read_samples`` takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mien.app.local_page.study_table.reading import TableReading
from mien.core.errors import InputError

PATH, CLIP, SUBJECT, GROUP, LABEL, RATING = "path", "clip", "subject", "group", "label", "rating"
# Each is one column's; all others are labels or ratings.
SINGLE = (PATH, CLIP, SUBJECT, GROUP)
ROLES = {
    PATH: "path: the picture or video",
    CLIP: "clip: id of ready-made landmarks",
    SUBJECT: "subject: who is shown",
    GROUP: "group: population, for comparisons",
    LABEL: "label: classes",
    RATING: "rating: numbers",
}
# A column that is called as mien calls another one's role, but is not that.
_OTHER = "{name} (column)"


def own_name(reading: TableReading, column: str) -> str:
    """What mien calls a column of the table."""
    return next((ours for ours, theirs in reading.columns.items() if theirs == column), column)


def role_of(reading: TableReading, column: str, labels: Sequence[str]) -> str:
    """What a column is for.

    Parameters
    ----------
    reading : TableReading
    column : str
        As the table calls it.
    labels : sequence of str
        Columns that hold classes, by mien's names.
    """
    ours = own_name(reading, column)
    if ours in SINGLE:
        return ours
    return LABEL if ours in labels or ours in reading.labels else RATING


def with_role(reading: TableReading, there: Sequence[str], column: str, role: str) -> dict[str, Any]:
    """What is to be kept once a column has another role: ``columns`` and ``labels``.

    Parameters
    ----------
    reading : TableReading
        As it is now.
    there : sequence of str
        All columns of the table.
    column, role : str

    Raises
    ------
    InputError
        If there is no such column or role.
    """
    if column not in there or role not in ROLES:
        raise InputError(f"There is no column '{column}' in {reading.place}, or no role '{role}'.")
    columns: dict[str, str] = {ours: theirs for ours, theirs in reading.columns.items() if theirs in there}
    before = own_name(reading, column)
    labels = [name for name in reading.labels if name not in (before, column)]
    columns.pop(before, None)
    if role in SINGLE:
        earlier = columns.pop(role, role if role in there and not _renamed(columns, role) else "")
        if role != column:
            columns[role] = column
        # It keeps its name, unless that is the one that was just given away.
        if earlier == role != column:
            columns[_OTHER.format(name=role)] = role
    else:
        name = column
        if column in SINGLE:
            name = _OTHER.format(name=column)
            columns[name] = column
        if role == LABEL:
            labels.append(name)
    return {"columns": columns, "labels": labels}


def _renamed(columns: Mapping[str, str], name: str) -> bool:
    return name in columns.values()
