"""``mien decode``: what is decodable from a brain, from frames or from faces."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from mien.cli.console import notes, page, print_json, watching
from mien.cli.spreading import Address, Engine, Workers
from mien.core.words import DASH, interval, number, p_value

_SHORT = {"balanced_accuracy": "balanced", "auc": "AUC", "pearson": "r", "r2": "R²"}


def decode(
    study: Annotated[Path, typer.Argument(help="Study folder with streams (mien streams).")],
    sources: Annotated[
        str, typer.Option(help="Streams that are decoded from, with commas: brain, faces. Compared on the same folds.")
    ],
    labels: Annotated[str, typer.Option(help="Stream with the labels.")],
    target: Annotated[str, typer.Option(help="Its column; several of numbers with commas (and --at-least).")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the result, such as STUDY/decoding/NAME.")
    ] = None,
    model: Annotated[Literal["logistic", "ridge", "lda", "trees", "mlp"], typer.Option(help="Decoder.")] = "logistic",
    unit: Annotated[
        Literal["block", "volume"], typer.Option(help="A row is the mean over a labelled interval, or a sample.")
    ] = "block",
    leave_out: Annotated[
        Literal["run", "viewer", "stretch", "shuffled"],
        typer.Option(help="What a fold leaves out; 'shuffled' volumes leak and are refused."),
    ] = "run",
    shift_s: Annotated[float, typer.Option(help="Seconds that a viewer's signal comes after what is labelled.")] = 5.0,
    gap_s: Annotated[float, typer.Option(help="Seconds between test and training within a run.")] = 10.0,
    at_least: Annotated[
        float | None, typer.Option(help="Numbers from here on count as the class, such as .5 of the observers.")
    ] = None,
    other: Annotated[str, typer.Option(help="What rows are called in which none holds.")] = "none",
    against: Annotated[str, typer.Option(help="Decode this class against all others together.")] = "",
    detrend: Annotated[bool, typer.Option(help="Take a straight line out of every run.")] = True,
    standardise: Annotated[bool, typer.Option(help="Every run in its own standard deviations.")] = True,
    select: Annotated[bool, typer.Option(help="Choose strength and columns by nested folds.")] = True,
    n_permutations: Annotated[
        int, typer.Option(help="Shifts or permutations of labels, decoders fitted anew to each, for chance and p.")
    ] = 199,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    workers: Workers = 1,
    engine: Engine = "local",
    address: Address = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """What is decodable from streams: folds by run or viewer, nested selection, chance by shifts within runs."""
    from dataclasses import asdict

    from rich.markup import escape
    from rich.table import Table

    from mien.decoding.decode import decode as run
    from mien.decoding.tried import tried_beside

    columns = [word.strip() for word in target.split(",") if word.strip()]
    with watching("folds") as bar:
        found = run(
            study, sources=[word.strip() for word in sources.split(",") if word.strip()], labels=labels,
            target=columns, model=model, unit=unit, leave_out=leave_out, shift_s=shift_s, gap_s=gap_s,
            at_least=at_least, other=other, against=against, detrend=detrend, standardise=standardise, select=select,
            n_permutations=n_permutations, seed=seed, output=output, workers=workers, engine=engine,
            address=address, progress=bar,
        )  # fmt: skip
    name, family = tried_beside(output, found)
    if json:
        print_json(
            {
                "target": found.target, "classes": list(found.classes), "rows": len(found.observed),
                "scores": [asdict(row) for row in found.scores],
                "p_corrected": {one.name: family.p_corrected[name, one.name] for one in found.sources},
                "family": family.words(), "contrasts": [asdict(row) for row in found.contrasts],
                "notes": list(found.notes),
            }
        )  # fmt: skip
        return
    out = page()
    heads = ("decodable from", "score", "value", "95 % interval", "chance", "p", "p corrected", "p viewers")
    table = Table(*heads, "over", box=None)
    for row in found.scores:
        cells = [number(row.value), interval(row.low, row.high), number(row.chance), p_value(row.p)]
        main = found.score(row.source) is row
        cells += [p_value(family.p_corrected[name, row.source]) if main else DASH, p_value(row.p_viewers)]
        table.add_row(escape(row.source), _SHORT.get(row.score, row.score), *cells, f"{row.units} {row.over}")
    out.print(table)
    out.print(family.words(), markup=False, soft_wrap=True)
    if found.contrasts:
        table = Table("on the same folds", "less", "difference", "95 % interval", "p corrected", "of", box=None)
        for test in found.contrasts:
            cells = [number(test.difference), interval(test.low, test.high), p_value(test.p_corrected)]
            table.add_row(escape(test.one), escape(test.other), *cells, test.means)
        out.print(table)
    for note in found.notes:
        notes().print(f"Note: {note}", markup=False, soft_wrap=True)
    if output is not None:
        notes().print(f"Decoding: {output}", markup=False, soft_wrap=True)
