"""Stimuli that were made: their table, their low-level statistics, and in which of these categories differ."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.files import read_json, write_json, write_text
from mien.core.in_notebooks import InNotebooks
from mien.core.results import MISFIT, number
from mien.core.samples import Samples
from mien.data.stimuli import MADE_FILE
from mien.stimuli.differences import Difference
from mien.stimuli.statistics import STATISTICS

SAMPLES_FILE, MANIFEST_FILE = "samples.csv", "manifest.csv"
OK = "ok"
_FORMAT = "mien stimuli 1"


@dataclass(frozen=True)
class Stimulus:
    """One picture that was made, or was to be made.

    Attributes
    ----------
    path : str
        Below the folder; ``''`` where there is none.
    category, source : str
    made_from : str
        Path of the picture that was given.
    alteration, match : str
        ``'unaltered'`` and others; what was matched over the set, with commas.
    status : str
        ``'ok'``, or why there is no picture.
    clipped : float
        Share of the pixels whose values lay beyond 0 to 255.
    width, height : int
        In pixels.
    statistics : dict of str to float
        See ``mien.stimuli.statistics``.
    """

    path: str
    category: str
    source: str
    made_from: str
    alteration: str
    match: str
    status: str
    clipped: float
    width: int
    height: int
    statistics: dict[str, float]


@dataclass(frozen=True)
class StimulusSet(InNotebooks):
    """Pictures that were made of others.

    Attributes
    ----------
    folder : Path
        ``samples.csv`` in it is what ``mien.read_stimuli`` reads, ``manifest.csv`` has every picture's statistics.
    name, licence, credit : str
        Of the pictures that they were made of.
    synthetic : bool
        Whether they show nobody.
    rows : tuple of Stimulus
    differences : tuple of Difference
        On which statistics the categories differ, for each alteration.
    settings : dict
    notes : tuple of str

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=1, expressions=("smile",), frames=2, pictures=True)
    >>> made = mien.stimuli("people/pictures.csv", "stimuli", make=["inverted"], category="expression")
    >>> made.rows[0].alteration, made.rows[0].status
    ('inverted', 'ok')
    """

    __repr__ = brief

    folder: Path
    name: str
    licence: str
    credit: str
    synthetic: bool
    rows: tuple[Stimulus, ...]
    differences: tuple[Difference, ...]
    settings: dict[str, Any]
    notes: tuple[str, ...] = ()

    @property
    def licence_line(self) -> str:
        """Licence and credit, as they stand beside every picture that is shown."""
        return "; ".join(part for part in (self.licence, self.credit) if part)

    def made(self) -> tuple[Stimulus, ...]:
        """Rows that have a picture.

        Returns
        -------
        tuple of Stimulus
        """
        return tuple(row for row in self.rows if row.status == OK)

    def samples(self) -> Samples:
        """The pictures that were made, as ``mien.read_stimuli`` reads them.

        Returns
        -------
        Samples
            Labels ``category``, ``made_from`` and ``alteration``.
        """
        rows = self.made()
        column = {
            name: np.array([getattr(row, name) for row in rows], dtype=object)
            for name in ("path", "source", "category", "made_from", "alteration")
        }
        return Samples(
            path=column["path"],
            subject=column["source"],
            labels={name: column[name] for name in ("category", "made_from", "alteration")},
            root=self.folder.resolve(),
            name=self.name,
            licence=self.licence,
            credit=self.credit,
            notes=self.notes,
            synthetic=self.synthetic,
            things=True,
        )

    def write(self) -> None:
        """Write ``stimuli.json``, ``samples.csv`` and ``manifest.csv`` into the folder; the pictures are there."""
        line = self.licence_line
        made = [
            {"path": r.path, "category": r.category, "source": r.source, "made_from": r.made_from,
             "alteration": r.alteration, "licence": line}
            for r in self.made()
        ]  # fmt: skip
        write_text(self.folder / SAMPLES_FILE, as_csv(made, ("path", "category", "source", "made_from", "alteration",
                                                             "licence")))  # fmt: skip
        listed = [{**{k: v for k, v in asdict(r).items() if k != "statistics"}, **r.statistics} for r in self.rows]
        columns = [name for name in Stimulus.__dataclass_fields__ if name != "statistics"]
        write_text(self.folder / MANIFEST_FILE, as_csv(listed, (*columns, *STATISTICS)))
        facts = {key: value for key, value in asdict(self).items() if key != "folder"}
        write_json(self.folder / MADE_FILE, {"format": _FORMAT, **facts})


def as_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Rows as CSV; numbers with six digits, what is not a number empty."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(columns)
    for row in rows:
        table.writerow([_cell(row[name]) for name in columns])
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.6g}" if np.isfinite(value) else ""
    return value


def load_stimuli(folder: str | Path) -> StimulusSet:
    """Read what ``mien.stimuli`` wrote.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    StimulusSet

    Raises
    ------
    InputError
        If there is no ``stimuli.json``, or it is damaged or laid out otherwise.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=1, expressions=("smile",), frames=2, pictures=True)
    >>> made = mien.stimuli("people/pictures.csv", "stimuli", make=["grey"], category="expression")
    >>> mien.load_stimuli("stimuli").rows == made.rows
    True
    """
    path = Path(folder) / MADE_FILE
    found = read_json(path)
    try:
        if found["format"] != _FORMAT:
            raise ValueError
        return StimulusSet(
            folder=Path(folder),
            name=str(found["name"]),
            licence=str(found["licence"]),
            credit=str(found["credit"]),
            synthetic=bool(found["synthetic"]),
            rows=tuple(_stimulus(row) for row in found["rows"]),
            differences=tuple(difference_of(row) for row in found["differences"]),
            settings=dict(found["settings"]),
            notes=tuple(found["notes"]),
        )
    except MISFIT as error:
        raise InputError(
            f"{path} is not laid out as mien stimuli writes it ({error or 'another format'}); make the set again."
        ) from error


def _stimulus(row: dict[str, Any]) -> Stimulus:
    return Stimulus(**{**row, "clipped": number(row["clipped"]),
                       "statistics": {k: number(v) for k, v in row["statistics"].items()}})  # fmt: skip


def difference_of(row: dict[str, Any]) -> Difference:
    """A row of differences as a file holds it."""
    kept = ("alteration", "statistic", "one", "other", "sources_one", "sources_other", "paired")
    facts: dict[str, Any] = {key: value if key in kept else number(value) for key, value in row.items()}
    return Difference(**facts)
