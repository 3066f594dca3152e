"""What is wrong with rows of a table of participants: one line each, and a table that people can work through."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import pyarrow as pa

from mien.cohort.answer_files import write_batches


@dataclass(frozen=True)
class TableProblem:
    """One problem of a table of participants.

    Attributes
    ----------
    kind : str
        A few words that problems of this kind share, such as ``'items as text'``.
    file : str
        The table, or the recording that no row names.
    row : int
        As an editor or spreadsheet counts it; 0 where it is about no single row.
    column : str
    subject : str
        As the table writes it.
    sentence : str
        What was expected and what came.
    step : str
        What to do next, in a sentence.
    """

    kind: str
    file: str
    row: int
    column: str
    subject: str
    sentence: str
    step: str

    def __str__(self) -> str:
        place = f"{self.file}, row {self.row}" if self.row else self.file
        return f"{place}{f', {self.column!r}' if self.column else ''}: {self.sentence} {self.step}"


def write_problems(problems: Sequence[TableProblem], path: Path) -> None:
    """Write problems as a CSV file that is safe to open in a spreadsheet."""
    names = [field.name for field in fields(TableProblem)]
    rows = [asdict(problem) for problem in problems]
    kinds = {name: pa.int64() if name == "row" else pa.string() for name in names}
    table = pa.table({name: pa.array([row[name] for row in rows], kinds[name]) for name in names})
    write_batches(table.to_batches(), table.schema, path)


def by_kind(problems: Iterable[TableProblem]) -> dict[str, list[TableProblem]]:
    """Problems of each kind, in the order of their first ones."""
    found: dict[str, list[TableProblem]] = {}
    for problem in problems:
        found.setdefault(problem.kind, []).append(problem)
    return found
