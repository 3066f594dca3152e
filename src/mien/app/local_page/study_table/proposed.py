"""A table for a folder of pictures that has none: proposed from the names of its files, filled in, and written."""

from __future__ import annotations

import csv
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path

from mien.app.local_page.folders import OpenStudy
from mien.core.errors import InputError
from mien.core.files import write_text
from mien.data.tables.table import read_table
from mien.faces.sources import find_sources

TABLE = "samples.csv"
PATH, SUBJECT = "path", "subject"
# Of a name's beginning: up to the first hyphen or underscore, or letters with a number.
_GUESSES = (r"^([^_-]+)[_-]", r"^([A-Za-z]*\d+)")


@dataclass
class ProposedTable:
    """A table that is being filled in; lists of equal lengths.

    Attributes
    ----------
    paths : list of str
        As they stand in the table: from the study's folder.
    subjects, labels : list of str
        ``''`` where nothing was said yet.
    label : str
        Name of the column of labels.
    """

    paths: list[str]
    subjects: list[str]
    labels: list[str]
    label: str = "expression"

    def fill(self, column: str, pattern: str) -> int:
        """Fill people or labels by a part of each file's name.

        Parameters
        ----------
        column : str
            ``'subject'`` or ``'label'``.
        pattern : str
            Regular expression whose group is taken, such as ``'^([^_]+)_'``.

        Returns
        -------
        int
            How many names it fits; the others stay as they are.

        Raises
        ------
        InputError
            If it is no regular expression with a group.
        """
        found = parts_of_names(self.paths, pattern)
        values = self.subjects if column == SUBJECT else self.labels
        for row, part in enumerate(found):
            values[row] = part or values[row]
        return sum(bool(part) for part in found)

    def write(self, study: OpenStudy) -> Path:
        """Write it into the study's folder and keep it as what is studied; pictures stay where they are.

        Raises
        ------
        InputError
            If the column has no name of its own, or another table of this name lies there.
        """
        name = self.label.strip()
        if not name or name in (PATH, SUBJECT):
            raise InputError(f"The column of labels needs a name other than '{PATH}' and '{SUBJECT}'.")
        place = study.folder / TABLE
        if place.exists() and not study.kept()["proposed"]:
            raise InputError(f"There is a table {TABLE} in {study.folder} already; choose it, or rename it first.")
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow((PATH, SUBJECT, name))
        writer.writerows(zip(self.paths, self.subjects, self.labels, strict=True))
        write_text(place, text.getvalue())
        study.keep(samples=str(place), proposed=True, columns={}, labels=[])
        return place


def proposed_for(study: OpenStudy, place: Path) -> ProposedTable:
    """A table of all pictures and videos of a folder, with people guessed from their names where these say it.

    Raises
    ------
    InputError
        If there are none, or the folder lies elsewhere.
    """
    found = find_sources([study.inside(place)]).sources
    paths = [os.path.relpath(one.path.resolve(), study.folder) for one in found if not one.problem]
    table = ProposedTable(paths, [""] * len(paths), [""] * len(paths))
    for pattern in _GUESSES:
        people = parts_of_names(paths, pattern)
        # Names that all begin alike, or all otherwise, say nothing about people.
        if all(people) and 1 < len(set(people)) < len(people):
            table.subjects = people
            break
    return table


def written_before(study: OpenStudy) -> ProposedTable | None:
    """The table that was proposed and written, to go on filling it in; None where there is none, or it was changed."""
    place = study.folder / TABLE
    if not study.kept()["proposed"] or not place.is_file() or study.kept()["samples"] != str(place):
        return None
    columns = {name: [str(cell) for cell in cells] for name, cells in read_table(place).columns.items()}
    if len(columns) != 3 or list(columns)[:2] != [PATH, SUBJECT]:
        return None
    label = list(columns)[2]
    return ProposedTable(columns[PATH], columns[SUBJECT], columns[label], label)


def parts_of_names(paths: list[str], pattern: str) -> list[str]:
    """What a regular expression's group finds in each file's name; ``''`` where it finds nothing.

    Raises
    ------
    InputError
        If it is none, or has no group.
    """
    try:
        known = re.compile(pattern)
    except re.error as error:
        raise InputError(f"'{pattern}' is no regular expression ({error}); write one such as ^([^_]+)_ .") from error
    if not known.groups:
        raise InputError(f"'{pattern}' has no group in parentheses that says which part is taken, such as ^([^_]+)_ .")
    return [(found[1] or "").strip() if (found := known.search(Path(path).stem)) else "" for path in paths]
