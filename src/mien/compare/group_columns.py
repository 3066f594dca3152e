"""Which group every predicted sample belongs to, from a table of samples or of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from mien.compare.group_names import group_names
from mien.core.errors import InputError
from mien.core.people.keys import person_key
from mien.core.people.unknown import says_unknown
from mien.core.people.words import SUBJECT
from mien.core.samples import Samples
from mien.core.words import did_you_mean, listed
from mien.data.samples import read_samples
from mien.data.tables.table import SUFFIXES, read_table

# Numbers with more values than this need bounds; text with more is no group of people.
MOST_GROUPS = 12


@dataclass(frozen=True, eq=False)
class Grouping:
    """One column.

    Attributes
    ----------
    name : str
    group : ndarray of str, shape (samples,)
        ``''`` where it is missing.
    order : tuple of str
        Groups in the order in which they are shown.
    """

    name: str
    group: np.ndarray
    order: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Columns:
    """Values by column in the order of the predictions; what has to be said of them."""

    values: dict[str, np.ndarray]
    notes: tuple[str, ...]


def groupings(
    source: Samples | str | Path, path: np.ndarray, subject: np.ndarray, asked: Sequence[str], target: str
) -> tuple[list[Grouping], list[str]]:  # fmt: skip
    """The groups of every prediction, by column.

    Parameters
    ----------
    source : Samples, str or Path
        Samples, matched by path; or a table with one row per person and a column 'subject', matched by name.
    path, subject : ndarray of str, shape (predictions,)
    asked : sequence of str
        Columns, with bounds for numbers: ``'age=30,60'``. None: every column of labels with 2 to 12 values.
    target : str
        What the model predicts, which is no group.

    Returns
    -------
    list of Grouping
    list of str
        What has to be known, in sentences.

    Raises
    ------
    InputError
        If a column is not there, is no column of groups, or holds one group only.
    """
    wanted = dict(_bounds(one) for one in asked)
    if not isinstance(source, Samples) and is_people(source):
        found = _of_people(Path(source), subject)
    else:
        found = _of_samples(source if isinstance(source, Samples) else read_samples(source), path)
    known = found.values
    for name in wanted:
        if name not in known:
            raise InputError(
                f"There is no column '{name}' to group by.{did_you_mean(name, known)} There are: "
                f"{listed([*known]) or 'none'}."
            )
        if name == target:
            raise InputError(f"'{name}' is what the model predicts, and no group of people.")
    chosen = wanted or {
        name: () for name in known if not _says_the_target(known[name], known.get(target)) and _like_groups(known[name])
    }
    if not chosen:
        raise InputError(
            f"No column tells groups apart (labels with 2 to {MOST_GROUPS} values); there are: "
            f"{listed([*known]) or 'none'}. Numbers need bounds: --group age=30,60."
        )
    made = [_grouping(name, known[name], bounds) for name, bounds in chosen.items()]
    return [column for column, _ in made], [*found.notes, *(note for _, notes in made for note in notes)]


def _says_the_target(values: np.ndarray, target: np.ndarray | None) -> bool:
    """Whether each value goes with one class and each class with one value."""
    if target is None:
        return False
    pairs = {(str(one), str(other)) for one, other in zip(values, target, strict=True)}
    return len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs})


def _bounds(asked: str) -> tuple[str, tuple[float, ...]]:
    name, sign, numbers = asked.rpartition("=")
    if not sign:
        return asked.strip(), ()
    try:
        bounds = tuple(float(part) for part in numbers.split(","))
    except ValueError:
        bounds = ()
    if not name.strip() or not bounds or list(bounds) != sorted(set(bounds)) or not np.isfinite(bounds).all():
        raise InputError(f"Numbers are grouped by rising bounds, as age=30,60, but got '{asked}'.")
    return name.strip(), bounds


def is_people(source: Any) -> bool:
    """Whether it is a table of people: it has a column 'subject' and names no pictures."""
    if isinstance(source, Samples) or not Path(source).is_file() or Path(source).suffix.lower() not in SUFFIXES:
        return False
    names = {name.strip().lower() for name in read_table(Path(source)).columns}
    return SUBJECT in names and not names & {"path", "file", "filename", "image", "picture", "video", "clip"}


def _of_people(source: Path, subject: np.ndarray) -> _Columns:
    table = read_table(source)
    who = next(name for name in table.columns if name.strip().lower() == SUBJECT)
    keys = [person_key(str(name)) for name in table.columns[who]]
    first: dict[str, int] = {}
    twice = [(first[key], row) for row, key in enumerate(keys) if first.setdefault(key, row) != row]
    if twice:
        one, other = (f"'{table.columns[who][row]}' (row {row + table.first_row})" for row in twice[0])
        raise InputError(
            f"{source} has {len({keys[row] for row, _ in twice})} people in several rows, such as {one} and {other}; "
            "a table of people has one row each, a table of samples a column 'path'."
        )
    row = {key: number for number, key in enumerate(keys)}
    at = np.array([row.get(person_key(str(name)), -1) for name in subject])
    _refuse_none(at, source, "people")
    values = {name: np.where(at >= 0, column[at], "") for name, column in table.columns.items() if name != who}
    return _Columns(values, _unmatched(at, subject, "people", source))


def _of_samples(samples: Samples, path: np.ndarray) -> _Columns:
    row = {str(name): number for number, name in enumerate(samples.path)}
    at = np.array([row.get(str(name), -1) for name in path])
    _refuse_none(at, samples.name or "The table", "samples")
    columns: dict[str, np.ndarray] = {**samples.labels}
    if samples.group is not None:
        columns["group"] = samples.group
    columns |= {name: _texts(numbers) for name, numbers in samples.ratings.items() if name not in columns}
    values = {name: np.where(at >= 0, column.astype(object)[at], "") for name, column in columns.items()}
    return _Columns(values, _unmatched(at, path, "samples", samples.name or "the table"))


def _refuse_none(at: np.ndarray, source: Any, what: str) -> None:
    if (at < 0).all():
        raise InputError(
            f"{source} holds none of the {what} that the model predicted, so nobody's group is known. Give the samples "
            "that it was trained on, or a table of people with a column 'subject'."
        )


def _unmatched(at: np.ndarray, names: np.ndarray, what: str, source: Any) -> tuple[str, ...]:
    lost = len({str(name) for name in names[at < 0]})
    return (f"{lost} of the predicted {what} are not in {source}; their groups are not known.",) if lost else ()


def _texts(numbers: np.ndarray) -> np.ndarray:
    return np.array([f"{value:g}" if value == value else "" for value in numbers], dtype=object)


def _like_groups(values: np.ndarray) -> bool:
    return 2 <= len({str(value) for value in values if not says_unknown(str(value))}) <= MOST_GROUPS and not all(
        _is_number(str(value)) for value in values if str(value)
    )


def _is_number(text: str) -> bool:
    try:
        return bool(np.isfinite(float(text)))
    except ValueError:
        return False


def _grouping(name: str, values: np.ndarray, bounds: tuple[float, ...]) -> tuple[Grouping, tuple[str, ...]]:
    texts, notes = group_names(values, name)
    if bounds:
        texts, order = _cut(name, texts, bounds)
        notes = ()
    else:
        order = tuple(sorted({str(text) for text in texts if text}, key=_rank))
    if len(order) > MOST_GROUPS:
        raise InputError(
            f"The column '{name}' has {len(order)} values, which are no groups of people. Numbers are grouped by "
            f"bounds: --group {name}=30,60."
        )
    if len(order) < 2:
        held = f"one group only, '{order[0]}'" if order else "no value"
        raise InputError(f"The column '{name}' holds {held}: there is nothing to compare.")
    return Grouping(name, texts, order), notes


def _rank(text: str) -> tuple[bool, float, str]:
    number = _is_number(text)
    return (not number, float(text) if number else 0.0, text)


def _cut(name: str, texts: np.ndarray, bounds: tuple[float, ...]) -> tuple[np.ndarray, tuple[str, ...]]:
    words = [f"below {bounds[0]:g}", *(f"{a:g} to below {b:g}" for a, b in pairwise(bounds)),
             f"{bounds[-1]:g} and above"]  # fmt: skip
    bad = next((text for text in texts if text and not _is_number(str(text))), None)
    if bad is not None:
        raise InputError(f"The column '{name}' holds '{bad}', which is no number, so it has no bounds.")
    found = np.array(["" if not t else words[int(np.searchsorted(bounds, float(t), "right"))] for t in texts], object)
    return found, tuple(word for word in words if (found == word).any())
