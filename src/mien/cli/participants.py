"""``mien participants``: a table of participants checked against the recordings of a study."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import SOME_FAILED, errors, fail, page, print_json
from mien.cli.inputs import Columns, Labels, Missing, reading

if TYPE_CHECKING:
    from mien.cohort.participants_file import Participants

# Problems of each kind that are shown; the file has all of them.
_SHOWN = 3


def participants(
    table: Annotated[Path, typer.Argument(help="One row per session: subject, path and other columns.")],
    study: Annotated[
        Path | None, typer.Option(help="Study that holds the faces. [default: the output, if it holds any]")
    ] = None,
    columns: Columns = "",
    missing: Missing = "",
    labels: Labels = "",
    items: Annotated[
        str,
        typer.Option(
            help="Columns that have to hold numbers: names or patterns, with commas, such as 'phq9_*'. "
            "[default: those that are numbered with one beginning]"
        ),
    ] = "",
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Study that gets participants/.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Who took part: rows matched to recordings, every problem by row, and the flow of participants."""
    from mien.cohort.participants import participants as run

    chosen = tuple(name.strip() for name in items.split(",") if name.strip())
    found = run(table, study, items=chosen, output=output, **reading(labels, "", columns, missing))
    if json:
        print_json(found.to_json())
    else:
        _show(found, output)
    if found.problems:
        fail(SOME_FAILED)


def _show(found: Participants, output: Path | None) -> None:
    from mien.cohort.problems import by_kind

    out = page()
    for line in found.flow.lines():
        out.print(line, markup=False, soft_wrap=True)
    for kind, problems in by_kind(found.problems).items():
        errors().print(f"{kind} ({len(problems)}):", markup=False)
        for problem in problems[:_SHOWN]:
            errors().print(f"  {problem}", markup=False, soft_wrap=True)
        if len(problems) > _SHOWN:
            errors().print(f"  and {len(problems) - _SHOWN} more", markup=False)
    if output is not None:
        out.print(f"Participants: {output / 'participants'}", markup=False, soft_wrap=True)
