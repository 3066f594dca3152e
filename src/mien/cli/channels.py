"""``mien channels``: what a model of a score or band rests on, by channel, of people left out of its training."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import notes, page, print_json, watching
from mien.cli.inputs import Columns, Missing, SampleSource, note_step, reading
from mien.cli.spreading import Address, Engine, Workers
from mien.core.settings import parse_pairs
from mien.core.words import DASH, interval, number, p_value

if TYPE_CHECKING:
    from mien.cohort.channels_result import ChannelEvidence

_SHOWN = 15


def channels(
    samples: SampleSource,
    measures: Annotated[Path, typer.Option(help="Study folder with measures ('mien functionals' wrote them).")],
    outcome: Annotated[str, typer.Option(help="Column of scores, or of bands.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Study folder for channels/MODEL. [default: --measures]")
    ] = None,
    model: Annotated[str, typer.Option(help="A model of named numbers; SHAP values there are of trees.")] = "trees",
    reference: Annotated[
        str, typer.Option(help="Band that all others are told from. [default: the most frequent]")
    ] = "",
    cutoff: Annotated[
        float | None, typer.Option(help="Tell people whose score is at least this from those below.")
    ] = None,
    select: Annotated[str, typer.Option(help="Names or patterns of measures, with commas. [default: all]")] = "",
    n_folds: Annotated[int, typer.Option(help="Folds of people.")] = 5,
    repeats: Annotated[int, typer.Option(help="Permutations of each channel in each fold.")] = 5,
    together: Annotated[
        float, typer.Option(help="Channels that correlate at least so much, on average, are permuted together.")
    ] = 0.7,
    n_shuffles: Annotated[int, typer.Option(help="Models of a shuffled outcome, for shares that mean nothing.")] = 2,
    set_: Annotated[list[str] | None, typer.Option("--set", help="Setting of the model, NAME=VALUE.")] = None,
    seed: Annotated[int, typer.Option(help="Random seed of folds, models and permutations.")] = 0,
    columns: Columns = "",
    missing: Missing = "",
    workers: Workers = 1,
    engine: Engine = "local",
    address: Address = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """What a model rests on, by channel: SHAP values, permutation, accumulated effects, of people left out.

    Where 'mien effects' has seen the same outcome, the figure of channels by statistics gets the model's bars.
    """
    from mien.cohort.channels import channels as run
    from mien.models.catalogue import spec
    from mien.report.draw.channels import draw_beside

    row = spec(model)
    known = {**row.defaults(ratings=True), **row.defaults()}
    with watching("models and channels") as bar:
        found = run(
            str(samples), measures, output or measures, outcome=outcome, model=model, reference=reference,
            cutoff=cutoff, n_folds=n_folds, repeats=repeats, together=together, n_shuffles=n_shuffles, seed=seed,
            select=tuple(name.strip() for name in select.split(",") if name.strip()),
            settings=parse_pairs(set_ or [], known), progress=bar,
            **reading(columns=columns, missing=missing), workers=workers, engine=engine, address=address,
        )  # fmt: skip
    assert found.folder is not None
    figures = draw_beside(found, found.folder)
    note_step(found.folder, "channels", "channels", str(samples), outcome=found.outcome, model=model)
    if json:
        print_json(found.to_json())
        return
    _show(found)
    for note in found.notes:
        notes().print(f"Note: {note}", markup=False, soft_wrap=True)
    said = ", ".join(path.name for path in figures)
    notes().print(f"Channels: {found.folder}; figures: {said}", markup=False, soft_wrap=True)


def _show(found: ChannelEvidence) -> None:
    from rich.markup import escape
    from rich.table import Table

    out = page()
    out.print(found.words(), markup=False, soft_wrap=True)
    table = Table("channel", "SHAP, %", "shuffled", "importance, %", "95 % interval", "q", "together with", box=None)
    for row in found.channels[:_SHOWN]:
        table.add_row(
            escape(row.name), number(100 * row.shap, short=True), number(100 * row.shap_shuffled, short=True),
            number(row.importance), interval(row.low, row.high), p_value(row.q),
            escape(", ".join(row.together) or DASH),
        )  # fmt: skip
    out.print(table)
    out.print(found.method_words(), markup=False, soft_wrap=True)
