"""``mien query``: faces, participants and measures of a study, asked in SQL."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import SOME_FAILED, fail, notes, page, print_json
from mien.core.files import finite

if TYPE_CHECKING:
    from mien.cohort.query import QueryAnswer

# Rows that are shown; files and JSON have all of them.
_SHOWN = 40


def query(
    sql: Annotated[str, typer.Argument(help="One SELECT over the views faces, samples and measures.")],
    study: Annotated[Path, typer.Option(help="The study's folder.")],
    # A text: it is a file and no folder.
    output: Annotated[str | None, typer.Option("--output", "-o", help="File for the answer, .csv or .parquet.")] = None,
    landmarks: Annotated[bool, typer.Option("--landmarks", help="Give the view faces the points, too.")] = False,
    check: Annotated[bool, typer.Option(help="Compare every shard with its checksum, which reads all of it.")] = True,
    max_memory: Annotated[str, typer.Option(help="For the database; the rest is put on the disk.")] = "1.5GB",
    threads: Annotated[int | None, typer.Option(help="[default: one per core, at most 8]")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the answer for machines.")] = False,
) -> None:
    """Ask a study in SQL: read-only, where the files lie, in memory that does not grow with people."""
    from mien.cohort.query import query as run

    answer = run(
        sql, study, output=output, landmarks=landmarks, check=check, max_memory=max_memory, threads=threads
    )  # fmt: skip
    if json:
        print_json([{name: _plain(value) for name, value in row.items()} for row in answer.to_arrow().to_pylist()])
    elif output is None:
        _show(answer)
    else:
        notes().print(f"Answer: {output}", markup=False, soft_wrap=True)
    if answer.problems:
        fail(SOME_FAILED)


def _show(answer: QueryAnswer) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table(*(escape(name) for name in answer.columns), box=None)
    rows = (row for batch in answer.batches() for row in batch.to_pylist())
    for row in islice(rows, _SHOWN):
        table.add_row(*(escape(_cell(value)) for value in row.values()))
    page().print(table)
    if next(rows, None) is not None:
        notes().print(f"The first {_SHOWN} rows; all of them go into a file with -o answer.csv.", markup=False)


def _plain(value: object) -> object:
    """A value for JSON: sums of whole numbers come as decimals, which it lacks."""
    if isinstance(value, Decimal):
        value = int(value) if value == int(value) else float(value)
    return finite(value)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
