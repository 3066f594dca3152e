"""``mien link``: what streams of one time line, or viewers, have in common over time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mien.cli.console import notes, page, print_json, watching
from mien.cli.inputs import note_step
from mien.core.words import interval, number, p_value

if TYPE_CHECKING:
    from mien.compare.timelines.result import Link

# Rows of the table on the screen.
_SHOWN = 20


def link(
    study: Annotated[Path, typer.Argument(help="Study folder with streams.")],
    first: Annotated[str, typer.Argument(help="A stream: annotation, agreement with fixations, faces, parcels ...")],
    second: Annotated[
        str,
        typer.Argument(help="A stream of samples, such as parcels. [default: the first's viewers among each other]"),
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for link.json, such as STUDY/link/NAME.")
    ] = None,
    columns: Annotated[
        str, typer.Option(help="Of the first, with commas: names, patterns, or COLUMN=WORD. [default: all numbers]")
    ] = "",
    to: Annotated[str, typer.Option(help="Columns of the second, in the same way. [default: all numbers]")] = "",
    lag_s: Annotated[float, typer.Option(help="Take the first so many seconds earlier (haemodynamic shift).")] = 0.0,
    haemodynamic: Annotated[
        bool, typer.Option("--haemodynamic", help="Instead: convolve the first with the canonical response.")
    ] = False,
    overlap: Annotated[Literal["mean", "max", "sum"], typer.Option(help="Of intervals that hold at once.")] = "mean",
    null: Annotated[
        Literal["shift", "phase"], typer.Option(help="Chance: the first shifted within runs, or with other phases.")
    ] = "shift",
    detrend: Annotated[bool, typer.Option("--detrend", help="Take a straight line out of each run of both.")] = False,
    n_permutations: Annotated[int, typer.Option(help="Draws of chance.")] = 999,
    seed: Annotated[int, typer.Option(help="Random seed of these draws.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Correlate two streams over time, or viewers among each other, with chance that knows that moments are alike.

    What goes with something over time need not be its cause.
    """
    from mien.compare.timelines.link import link as run

    with watching("streams"):
        found = run(
            study, first, second, columns=_words(columns), to=_words(to), lag_s=lag_s, haemodynamic=haemodynamic,
            overlap=overlap, null=null, detrend=detrend, n_permutations=n_permutations, seed=seed, output=output,
        )  # fmt: skip
    if output is not None:
        note_step(output, "link", "link", str(study), first=first, second=second, **found.settings)
    if json:
        print_json(found.to_json())
        return
    _show(found)
    for note in found.notes:
        notes().print(f"Note: {note}", markup=False, soft_wrap=True)
    if output is not None:
        notes().print(f"Link: {output}", markup=False, soft_wrap=True)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _show(found: Link) -> None:
    from rich.markup import escape
    from rich.table import Table

    out = page()
    out.print(found.words(), markup=False, soft_wrap=True)
    table = Table(*(["first"] if found.second else []), "column", "r", "95 % interval", "difference, SD", "p",
                  "p corrected", box=None)  # fmt: skip
    rows = found.ordered()
    for row in rows[:_SHOWN]:
        names = [escape(name) for name in ([row.first, row.second] if found.second else [row.second])]
        table.add_row(*names, number(row.r), interval(row.low, row.high), number(row.difference), p_value(row.p),
                      p_value(row.p_corrected))  # fmt: skip
    out.print(table)
    if len(rows) > _SHOWN:
        out.print(f"{len(rows) - _SHOWN} more rows: link.json.", markup=False)
    out.print(found.method_words(), markup=False, soft_wrap=True)
