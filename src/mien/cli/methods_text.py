"""``mien methods-text``: methods and results of a study as text for a paper."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mien.cli.console import SOME_FAILED, console, page, print_json, problem


def methods_text(
    study: Annotated[Path, typer.Argument(help="Study folder.")],
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="Folder for methods.md, methods.docx and references.bib. [default: printed]"
        ),
    ] = None,
    word: Annotated[bool, typer.Option("--word/--no-word", help="Write methods.docx, too (extra [paper]).")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Methods and results of a study in paragraphs, with its numbers, versions, seeds and citations.

    Nothing is claimed that the folder does not hold; people and files are not named.
    """
    from mien.report.paper.methods_text import methods_text as run

    text = run(study, output, word=word)
    if json:
        facts = {
            name: list(getattr(text, name)) for name in ("methods", "results", "references", "not_worded", "problems")
        }
        print_json({**facts, "bibtex": text.bibtex})
    elif output is None:
        for line in text.markdown().splitlines():
            page().print(line, markup=False, soft_wrap=True)
    else:
        console().print(f"Text for a paper: {output}", markup=False, soft_wrap=True)
    for sentence in text.problems:
        problem(sentence)
    if text.problems:
        raise typer.Exit(SOME_FAILED)
