"""What is wrong in a study's table, or has to be known of it: each with its row and column, where it has them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from mien.app.local_page.study_table.reading import TableReading
from mien.app.local_page.study_table.roles import PATH, SINGLE, own_name
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.tables.numerals import MISSING
from mien.data.tables.sample_columns import as_numbers, codes_of, without_answers
from mien.data.tables.table import FileTable

_ROW = re.compile(r"\brows? (\d+)")
_NAMED_ROWS = 3


@dataclass(frozen=True)
class TableFault:
    """One sentence.

    Attributes
    ----------
    column : str
        As the table calls it; ``''`` where it is about the whole.
    row : int
        As people count rows in the file, the header being one; 0 where it names none.
    stops : bool
        Whether the samples cannot be read before it is mended.
    """

    sentence: str
    column: str = ""
    row: int = 0
    stops: bool = False


def refused(reading: TableReading, table: FileTable | None, error: InputError) -> list[TableFault]:
    """Why samples cannot be read: what ``read_samples`` said first, and the same of every other column.

    Parameters
    ----------
    reading : TableReading
    table : FileTable, optional
        None where it cannot be read itself.
    error : InputError
    """
    found = [] if table is None else _of_columns(reading, table)
    if str(error) not in [problem.sentence for problem in found]:
        found.insert(0, _problem(str(error), table, stops=True))
    return found


def noted(reading: TableReading, table: FileTable | None, samples: Samples) -> list[TableFault]:
    """What has to be known of samples that can be read."""
    columns = {note: name for name, notes in samples.column_notes.items() for note in notes}
    theirs = {own_name(reading, name): name for name in (table.columns if table is not None else ())}
    found = [_problem(note, table) for note in samples.notes]
    found = [
        replace(problem, column=theirs.get(columns[problem.sentence], columns[problem.sentence]))
        if problem.sentence in columns
        else problem
        for problem in found
    ]
    return [*_missing_files(reading, table, samples), *found]


def _of_columns(reading: TableReading, table: FileTable) -> list[TableFault]:
    """Every column of numbers in which something is none."""
    answered = without_answers(table, codes_of(reading.missing))
    found = []
    for name in table.columns:
        ours = own_name(reading, name)
        if ours in SINGLE or ours in reading.labels:
            continue
        try:
            as_numbers(answered, name)
        except InputError as error:
            found.append(replace(_problem(str(error), table, stops=True), column=name))
    return found


def _problem(sentence: str, table: FileTable | None, *, stops: bool = False) -> TableFault:
    """With the row and the column that the sentence names."""
    row = _ROW.search(sentence)
    named = [] if table is None else [name for name in table.columns if name and f"column '{name}'" in sentence]
    return TableFault(sentence, named[0] if named else "", int(row[1]) if row else 0, stops)


def _missing_files(reading: TableReading, table: FileTable | None, samples: Samples) -> list[TableFault]:
    if table is None or samples.root is None:
        return []
    column = next((name for name in table.columns if own_name(reading, name) == PATH), "")
    if not column:
        return []
    cells = table.columns[column]
    gone = [row for row, cell in enumerate(cells) if _names_nothing(samples, str(cell))]
    if not gone:
        return []
    where = ", ".join(f"'{cells[row]}' in row {row + table.first_row}" for row in gone[:_NAMED_ROWS])
    many = "One file is" if len(gone) == 1 else f"{len(gone)} files of {len(np.unique(cells.astype(str)))} are"
    sentence = f"{table.path}: {many} not where the column '{column}' says: {where}{', ...' if len(gone) > 3 else ''}."
    return [TableFault(sentence, column, gone[0] + table.first_row)]


def _names_nothing(samples: Samples, cell: str) -> bool:
    if cell.strip() in MISSING or samples.root is None:
        return False
    return not (samples.root / cell.strip()).is_file()
