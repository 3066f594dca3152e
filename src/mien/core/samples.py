"""Samples: what is studied, one row per picture or clip."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.in_notebooks import Plotted, WithAxes
from mien.core.labels import same_labels
from mien.core.paths import spelled_on_disk
from mien.core.people.keys import people_of
from mien.core.people.things import things_of
from mien.core.people.unknown import says_nothing
from mien.core.words import did_you_mean


@dataclass(frozen=True, eq=False)
class Samples(Plotted, WithAxes):
    """Pictures or clips with who is shown and what is known about each.

    Attributes
    ----------
    path : ndarray of str, shape (rows,)
        Path of the picture or video, or the id of a clip whose landmarks came ready-made.
    subject : ndarray of str, shape (rows,)
        Who is shown. All rows of a subject are in one fold. Spellings of one name are joined to the first of them (see
        ``mien.core.people.keys.person_key``); a row that says nothing, ``'unknown'`` or a code such as 999 counts as a
        person of its own (see ``mien.core.people.unknown.unknown_among``).
    labels : dict of str to ndarray of str, each of shape (rows,)
        Categories; ``''`` where unknown. Spellings of one class are joined (see ``mien.core.labels.label_key``).
    ratings : dict of str to ndarray of float64, each of shape (rows,)
        Numbers; NaN where unknown.
    group : ndarray of str, shape (rows,), or None
        Population of each row, for comparisons.
    root : Path or None
        Folder that relative paths start from.
    name, licence, credit : str
        Where the data come from; shown in reports.
    notes : tuple of str
        What has to be known of how they were read, in sentences; stands beside every score.
    column_notes : dict of str to tuple of str
        Those of the notes that are about one column, by its name.
    synthetic : bool
        Whether the data set says that it shows nobody, so that its faces may be shown.
    unread : dict of str to str
        Columns of the table that are neither labels nor ratings, and why, in a sentence.
    things : bool
        Whether ``subject`` names the source of a picture, be it an object or a person, and not people alone: then names
        count as they are written, and only empty ones are not known.
    read_from : str
        What they were read from, as ``mien.read_samples`` takes it; landmarks beside it are theirs.

    Examples
    --------
    >>> import mien
    >>> samples = mien.Samples(path=["a.jpg", "b.jpg"], subject=["ann", "Ann"], ratings={"age": [31, 31]})
    >>> samples.subject.tolist()
    ['ann', 'ann']
    """

    __repr__ = brief

    path: np.ndarray
    subject: np.ndarray
    labels: dict[str, np.ndarray] = field(default_factory=dict)
    ratings: dict[str, np.ndarray] = field(default_factory=dict)
    group: np.ndarray | None = None
    root: Path | None = None
    name: str = ""
    licence: str = ""
    credit: str = ""
    notes: tuple[str, ...] = ()
    synthetic: bool = False
    things: bool = False
    unread: dict[str, str] = field(default_factory=dict)
    read_from: str = ""
    column_notes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        rows = len(self.path)
        _keep(self, "path", _texts("path", self.path, rows))
        given = _texts("subject", ["" if says_nothing(v) else v for v in self.subject], rows)
        subject, notes = (things_of if self.things else people_of)(given, self.path)
        about = dict(self.column_notes)
        _keep(self, "subject", _fixed(subject))
        if self.group is not None:
            group, more = same_labels(_texts("group", self.group, rows), "group")
            _keep(self, "group", _fixed(group))
            notes, about["group"] = notes + more, (*about.get("group", ()), *more)
        labels = {}
        for column, values in self.labels.items():
            known = ["" if v is None or v != v else v for v in values]
            label, more = same_labels(_texts(column, known, rows), column)
            labels[column] = _fixed(label)
            notes, about[column] = notes + more, (*about.get(column, ()), *more)
        _keep(self, "labels", labels)
        _keep(self, "column_notes", {name: tuple(dict.fromkeys(said)) for name, said in about.items() if said})
        _keep(self, "notes", tuple(dict.fromkeys((*self.notes, *notes))))
        ratings = {k: np.asarray(v, dtype=np.float64) for k, v in self.ratings.items()}
        for key, values in ratings.items():
            if values.shape != (rows,):
                raise InputError(f"Samples: rating '{key}' must have {rows} values, but has shape {values.shape}.")
        _keep(self, "ratings", ratings)

    def __len__(self) -> int:
        return len(self.path)

    def __getitem__(self, rows: Any) -> Samples:
        """Rows by slice, mask or array of indices; people and notes stay those of the whole."""
        # Names and labels were joined once: whether a number is a code for nobody depends on the others, too.
        part = copy(self)
        _keep(part, "path", _fixed(self.path[rows]))
        _keep(part, "subject", _fixed(self.subject[rows]))
        _keep(part, "labels", {k: _fixed(v[rows]) for k, v in self.labels.items()})
        _keep(part, "ratings", {k: v[rows] for k, v in self.ratings.items()})
        _keep(part, "group", None if self.group is None else _fixed(self.group[rows]))
        return part

    def notes_on(self, *columns: str) -> list[str]:
        """The notes without those about other columns.

        Parameters
        ----------
        *columns : str
            Labels and ratings that matter.

        Returns
        -------
        list of str
        """
        here = {note for name in columns for note in self.column_notes.get(name, ())}
        elsewhere = {note for said in self.column_notes.values() for note in said} - here
        return [note for note in self.notes if note not in elsewhere]

    def target(self, name: str) -> np.ndarray:
        """Values of a label, a rating or the group.

        Parameters
        ----------
        name : str
            Column; ``'group'`` for the group.

        Returns
        -------
        ndarray of str or float64, shape (rows,)

        Raises
        ------
        InputError
            If there is no such column; the message lists what there is.
        """
        if name in self.labels:
            return self.labels[name]
        if name in self.ratings:
            return self.ratings[name]
        if name == "group" and self.group is not None:
            return self.group
        if name in self.unread:
            raise InputError(f"{self.name or 'The samples'}: the column '{name}' cannot be used. {self.unread[name]}")
        known = [*self.labels, *self.ratings, *(["group"] if self.group is not None else [])]
        hint = did_you_mean(name, known)
        raise InputError(
            f"{self.name or 'The samples'}: there is no column '{name}'.{hint} Available: {', '.join(known) or 'none'}."
        )

    def files(self) -> list[Path]:
        """Path of every row, resolved against ``root``.

        Returns
        -------
        list of Path
            In the Unicode form in which the file is on the disk, if it is there.
        """
        places = [Path(p) if self.root is None else self.root / p for p in self.path]
        return [place if str(place).isascii() else spelled_on_disk(place) for place in places]


def _keep(samples: Samples, name: str, value: Any) -> None:
    object.__setattr__(samples, name, value)


def _texts(name: str, values: Any, rows: int) -> np.ndarray:
    array = np.array([str(v) for v in values], dtype=object)
    if array.shape != (rows,):
        raise InputError(f"Samples: '{name}' must have {rows} values, one per row, but has {len(array)}.")
    return _fixed(array)


def _fixed(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array
