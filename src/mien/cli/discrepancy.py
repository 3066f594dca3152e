"""``mien discrepancy``: heterogeneity behind one total score, its nulls, the trim curve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import page, print_json, watching
from mien.cli.inputs import Columns, Missing, note_step, reading
from mien.cli.spreading import Address, Engine, Workers
from mien.core.words import interval, number, p_value, percent

if TYPE_CHECKING:
    from mien.cohort.discrepancy_result import Discrepancy


def discrepancy(
    samples: Annotated[str, typer.Argument(help="Table with a row per person (and session) and a column per item.")],
    scale: Annotated[str, typer.Option(help="dass-21, phq-9, gad-7, or a scoring file (TOML).")],
    items: Annotated[str, typer.Option(help="What the table calls the items: 'DASS{01..21}'.")] = "",
    measures: Annotated[
        Path | None, typer.Option(help="Study with measures ('mien functionals'): with them, the trim curve.")
    ] = None,
    target: Annotated[
        str, typer.Option(help="Of the trim curve: column of classes, such as dass_21_depression_band.")
    ] = "",
    model: Annotated[str, typer.Option(help="Of the trim curve: kind of model that takes named numbers.")] = "trees",
    by: Annotated[
        str, typer.Option(help="Subscale by whose index people are left out. [default: that of most items]")
    ] = "",
    distance: Annotated[str, typer.Option(help="city-block or euclidean.")] = "city-block",
    neighbours: Annotated[int, typer.Option(help="Totals that differ by no more than this count as the same.")] = 0,
    n_null: Annotated[int, typer.Option(help="Sets drawn for each null.")] = 99,
    n_folds: Annotated[int, typer.Option(help="Folds over people.")] = 5,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the result, as STUDY/discrepancy/NAME.")
    ] = None,
    columns: Columns = "",
    missing: Missing = "",
    workers: Workers = 1,
    engine: Engine = "local",
    address: Address = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """How different the answers behind one total score are, and what leaving heterogeneous people out does."""
    from mien.cohort.discrepancy import discrepancy as run

    with watching("trim curve" if measures else "discrepancy") as watch:
        found = run(
            samples, scale=scale, items=items, measures=measures, target=target, model=model, by=by,
            distance=distance, neighbours=neighbours, n_null=n_null, n_folds=n_folds, seed=seed, output=output,
            workers=workers, engine=engine, address=address, progress=watch,
            **reading("", "", columns, missing),
        )  # fmt: skip
    if output is not None:
        note_step(output, "discrepancy", "discrepancy", samples, **found.settings)
    if json:
        print_json(found.to_json())
        return
    _show(found)
    if output is not None:
        page().print(f"Discrepancy: {output}", markup=False, soft_wrap=True)


def _show(found: Discrepancy) -> None:
    from rich.markup import escape
    from rich.table import Table

    out = page()
    for one in found.sets:
        out.print(one.words, markup=False, soft_wrap=True)
    table = Table(
        "of", "people", "alone", "incomplete", "index", "null", "expected (95 %)", "p more", "p less", box=None
    )
    for one in found.sets:
        for null in one.nulls:
            table.add_row(
                escape(one.name), str(one.people), str(one.alone), str(one.incomplete), number(one.mean),
                null.name, f"{number(null.expected)} ({interval(null.low, null.high)})", p_value(null.p_more),
                p_value(null.p_less),
            )  # fmt: skip
    out.print(table)
    if found.curve:
        out.print(found.curve_words(), markup=False, soft_wrap=True)
        table = Table("left out", "mode", "score", "value (95 %)", "gain (95 %)", "people tested", box=None)
        for point in found.curve:
            table.add_row(
                percent(point.share), point.mode, point.score,
                f"{number(point.value)} ({interval(point.low, point.high)})",
                f"{number(point.gain)} ({interval(point.gain_low, point.gain_high)})", str(point.people),
            )  # fmt: skip
        out.print(table)
    out.print(found.method_words(), markup=False, soft_wrap=True)
    for note in found.notes:
        out.print(f"Note: {note}", markup=False, soft_wrap=True)
