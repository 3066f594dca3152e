"""``mien report``: one HTML file of a study."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mien.cli.console import SOME_FAILED, console, print_json, problem
from mien.cli.inputs import ShowFaces, ShowNames


def report(
    folder: Annotated[Path, typer.Argument(help="Study folder: with faces/, models/, evidence/, study.toml ...")],
    show_faces: ShowFaces = False,
    show_names: ShowNames = False,
    film_strip: Annotated[
        bool,
        typer.Option("--film-strip", help="Show small frames of a film below its time line, whoever they show."),
    ] = False,
    figures: Annotated[
        bool, typer.Option("--figures", help="Also write every drawing for print: SVG and PDF, into STUDY/figures.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """One HTML file with everything a study folder holds; it opens without a network.

    It shows no face and no name unless asked to.
    """
    from mien.report.report import written

    page, problems = written(
        folder, show_faces=show_faces, show_names=show_names, film_strip=film_strip, figures=figures
    )  # fmt: skip
    if json:
        print_json({"report": str(page), "problems": problems})
    else:
        console().print(f"Report: {page}", markup=False, soft_wrap=True)
    for sentence in problems:
        problem(sentence)
    if problems:
        raise typer.Exit(SOME_FAILED)
