"""``mien brain-evidence``: which parcels or voxels decoders of a brain rest on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import notes, page, print_json, watching
from mien.core.words import DASH, number, p_value

if TYPE_CHECKING:
    from mien.decoding.evidence.result import BrainEvidence

_SHOWN = 10


def brain_evidence(
    decodings: Annotated[
        list[Path], typer.Argument(help="Folders that 'mien decode' wrote: several targets, or several viewers.")
    ],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for the evidence, such as STUDY/brain/NAME.")],
    method: Annotated[
        list[str] | None,
        typer.Option(
            help="shap, lime, permutation; of linear decoders weights, pattern. May be repeated; the first one's "
            "columns are compared between targets. [default: shap, and of linear decoders weights and pattern]"
        ),
    ] = None,
    source: Annotated[str, typer.Option(help="Stream that was decoded from. [default: the first]")] = "",
    largest: Annotated[int, typer.Option(help="How many of the largest columns are compared between targets.")] = 20,
    n_shuffles: Annotated[int, typer.Option(help="Decoders of labels that are shifted within their runs.")] = 3,
    n_spins: Annotated[int, typer.Option(help="Turns of the spin test.")] = 1000,
    most_rows: Annotated[int, typer.Option(help="Rows of each run that sampling methods are asked about.")] = 20,
    repeats: Annotated[int, typer.Option(help="Permutations of each column.")] = 5,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Which parcels or voxels decoders of a brain rest on, over runs or viewers that each has not seen.

    Weights and activation patterns of linear decoders stand apart: a weight may only take noise out of other columns.
    """
    from mien.decoding.evidence.brain_evidence import brain_evidence as run
    from mien.report.draw.brain import draw_brain

    with watching("maps") as bar:
        found = run(
            decodings, output, method=method or (), source=source, largest=largest, n_shuffles=n_shuffles,
            n_spins=n_spins,
            most_rows=most_rows, repeats=repeats, seed=seed, progress=bar,
        )  # fmt: skip
    figures = draw_brain(found, output) if found.space.has_grid else []
    if json:
        rows = found.table.to_dict("records")
        print_json({"folder": str(output), "unit": found.unit, "units": list(found.units), "rows": rows,
                    "overlaps": [vars(one) for one in found.overlaps], "notes": list(found.notes)})  # fmt: skip
        return
    _show(found)
    for note in found.notes:
        notes().print(f"Note: {note}", markup=False, soft_wrap=True)
    drawn = f"; {len(figures)} drawings" if figures else ""
    notes().print(f"Brain evidence: {output}{drawn}", markup=False, soft_wrap=True)


def _show(found: BrainEvidence) -> None:
    from rich.markup import escape
    from rich.table import Table

    out = page()
    for one in found.maps:
        mean, low, high = one.interval
        above, q = one.above_shuffled[0], one.q
        title = f"{one.target}: {one.measure} ({one.method}), over {len(found.units)} {found.unit}"
        table = Table(title=escape(title), title_justify="left", box=None)
        for place, head in enumerate(("column", "mean", "95 % interval", "above shifted labels", "q")):
            table.add_column(head, justify="right" if place else "left")
        for column in one.ranked[:_SHOWN]:
            cells = [_four(mean[column]), _between(low[column], high[column]), _four(above[column]), p_value(q[column])]
            table.add_row(escape(str(found.space.names[column])), *cells)
        out.print(table)
    if found.overlaps:
        table = Table(
            "targets", "first", "shared", "Dice", "by chance", "shifted labels", "p columns", "p spin", box=None
        )
        for pair in found.overlaps:
            table.add_row(
                escape(f"{pair.one}, {pair.other}"), str(pair.k), str(pair.shared), number(pair.dice),
                number(pair.expected), number(pair.dice_shuffled), p_value(pair.p_columns), p_value(pair.p_spin),
            )  # fmt: skip
        out.print(table)


def _four(value: float) -> str:
    return DASH if value != value else f"{value:.4g}".replace("-", "−")


def _between(low: float, high: float) -> str:
    return DASH if low != low else f"{_four(low)} to {_four(high)}"
