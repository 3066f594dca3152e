"""One look at a study's samples: all that the view shows, or why they cannot be read."""

from __future__ import annotations

from dataclasses import dataclass

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.parts import say_note, say_problem
from mien.app.local_page.study_table.problems import TableFault, noted, refused
from mien.app.local_page.study_table.reading import TableReading
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.tables.table import FileTable


@dataclass(frozen=True, eq=False)
class Look:
    """What was seen.

    Attributes
    ----------
    reading : TableReading, optional
        None where nothing was chosen yet.
    table : FileTable, optional
        None of folders, and of what cannot be read.
    samples : Samples, optional
        None where they cannot be read; ``problems`` says why.
    """

    reading: TableReading | None
    table: FileTable | None
    samples: Samples | None
    problems: tuple[TableFault, ...]


def look_at(study: OpenStudy) -> Look:
    """Read what a study looks at; what is refused becomes a problem."""
    try:
        reading = TableReading.of(study)
    except InputError as error:
        return Look(None, None, None, (TableFault(str(error), stops=True),))
    table: FileTable | None = None
    try:
        table = reading.file_table()
        samples = reading.samples()
    except InputError as error:
        return Look(reading, table, None, tuple(refused(reading, table, error)))
    return Look(reading, table, samples, tuple(noted(reading, table, samples)))


def read_or_said(found: Look) -> tuple[TableReading, Samples] | None:
    """What was read; None where it could not be, which is said in the page, with where more is said.

    Parameters
    ----------
    found : Look
    """
    if found.samples is not None and found.reading is not None:
        return found.reading, found.samples
    for problem in found.problems[:1]:
        say_problem(problem.sentence)
    say_note("The view Samples says more.")
    return None
