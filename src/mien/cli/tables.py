"""``mien tables``: every table of a study as CSV, with a codebook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mien.cli.console import SOME_FAILED, console, print_json, problem
from mien.cli.inputs import ShowNames


def tables(
    study: Annotated[Path, typer.Argument(help="Study folder.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Folder for the CSV files and codebook.csv; new, or tables of before."),
    ],
    show_names: ShowNames = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Every table of a study as CSV with a codebook, ready for R, SPSS, pandas and spreadsheets.

    Long format, one file for all results of a kind. It names no file and no person unless asked to.
    """
    from mien.report.tables.study_tables import tables as run

    written = run(study, output, show_names=show_names)
    if json:
        print_json({"folder": str(written.folder), "files": list(written.files), "problems": list(written.problems)})
    else:
        sentence = f"{len(written.files)} tables and their codebook: {written.folder}"
        console().print(sentence, markup=False, soft_wrap=True)
    for sentence in written.problems:
        problem(sentence)
    if written.problems:
        raise typer.Exit(SOME_FAILED)
