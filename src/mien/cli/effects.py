"""``mien effects``: which behaviour over time goes with a score or a band, over people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import notes, page, print_json, watching
from mien.cli.inputs import Columns, Missing, SampleSource, note_step, reading
from mien.core.words import interval, number, p_value

if TYPE_CHECKING:
    from mien.cohort.effects_result import OutcomeEffects

# Rows of the table on the screen.
_SHOWN = 15


def effects(
    samples: SampleSource,
    measures: Annotated[Path, typer.Option(help="Study folder with measures ('mien functionals' wrote them).")],
    outcome: Annotated[str, typer.Option(help="Column of scores, or of bands.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Study folder for effects/OUTCOME. [default: --measures]")
    ] = None,
    covariates: Annotated[
        str,
        typer.Option(
            help="Columns that are held constant, with commas; also of the recordings' quality, such as 'usable "
            "share'. 'none': nothing. [default: age, sex and site, where they are there]"
        ),
    ] = "",
    reference: Annotated[
        str, typer.Option(help="Band that all others are compared with. [default: the most frequent]")
    ] = "",
    cutoff: Annotated[
        float | None, typer.Option(help="Compare people whose score is at least this with those below.")
    ] = None,
    select: Annotated[str, typer.Option(help="Names or patterns of measures, with commas. [default: all]")] = "",
    seed: Annotated[int, typer.Option(help="Random seed of the permutations.")] = 0,
    columns: Columns = "",
    missing: Missing = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Effect size of every measure for one outcome, over people, with correction for their number.

    Recordings of a person are averaged. Scores: partial correlations; bands and cut-offs: Hedges' g. What goes with an
    outcome need not be its cause, and is not a diagnosis.
    """
    from mien.cohort.effects import effects as run
    from mien.report.draw.channels import draw_channels

    asked = _split(covariates)
    with watching("measures"):
        found = run(
            str(samples), measures, output or measures, outcome=outcome, reference=reference, cutoff=cutoff, seed=seed,
            covariates=() if asked == ("none",) else asked or None, select=_split(select),
            **reading(columns=columns, missing=missing),
        )  # fmt: skip
    assert found.folder is not None
    figure = draw_channels(found, found.folder)
    note_step(found.folder, "effects", "effects", str(samples), outcome=outcome, covariates=list(found.covariates))
    if json:
        print_json(found.to_json())
        return
    _show(found)
    for note in found.notes:
        notes().print(f"Note: {note}", markup=False, soft_wrap=True)
    notes().print(f"Effects: {found.folder}; figure: {figure}", markup=False, soft_wrap=True)


def _split(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _show(found: OutcomeEffects) -> None:
    from rich.markup import escape
    from rich.table import Table

    out = page()
    out.print(found.words(), markup=False, soft_wrap=True)
    left_out = ", ".join(f"{count} {why}" for why, count in found.left_out.items() if count)
    if left_out:
        out.print(f"People left out: {left_out}.", markup=False, soft_wrap=True)
    table = Table("channel", "surest measure", found.measure_of_effect, "95 % interval", "p channel", "q", box=None)
    for row in found.channels[:_SHOWN]:
        place = found.names.index(row.strongest)
        table.add_row(
            escape(row.channel), escape(row.strongest), number(row.effect),
            interval(found.low[place], found.high[place]), p_value(row.p), p_value(row.q),
        )  # fmt: skip
    out.print(table)
    out.print(found.method_words(), markup=False, soft_wrap=True)
