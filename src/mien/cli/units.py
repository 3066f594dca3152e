"""``mien units``: which units of a network respond more to faces, how many there are, and what is lost without them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import page, print_json, watching
from mien.cli.inputs import note_step
from mien.core.errors import InputError
from mien.core.words import interval, number, percent
from mien.responses.units.words import interval_of_shares, share_words, words_of

if TYPE_CHECKING:
    from mien.responses.units.result import FaceUnits


def units(
    activations: Annotated[Path, typer.Argument(help="Folder that 'mien activations' wrote.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for units.json and units.parquet, as STUDY/units/NAME.")
    ],
    faces: Annotated[str, typer.Option(help="Categories that count as faces, with commas: 'drawn face,animal face'.")],
    against: Annotated[
        str, typer.Option(help="Categories that they are compared with, with commas. [default: all others]")
    ] = "",
    target: Annotated[str, typer.Option(help="Column of categories.")] = "category",
    layers: Annotated[str, typer.Option(help="Layers, with commas. [default: all]")] = "",
    beside: Annotated[
        str,
        typer.Option(
            help="Folder of another network's activations of the same pictures, such as one with random weights."
        ),
    ] = "",
    lesions: Annotated[
        str, typer.Option(help="Layers in which units are silenced, with commas, or all. [default: none]")
    ] = "",
    doses: Annotated[
        str, typer.Option(help="Shares of the layer's units that are silenced, with commas, up to 0.5.")
    ] = "0.05,0.1,0.2,0.4",
    read_at: Annotated[
        str,
        typer.Option(
            help="Layer behind the silenced ones that probes read: the pictures go through the network again. "
            "[default: probes read the silenced layer itself]"
        ),
    ] = "",
    body: Annotated[
        str,
        typer.Option(help="With --read-at: the network. [default: what the activations say]"),
    ] = "",
    weights: Annotated[
        str, typer.Option(help="With --read-at: file of the network's weights. [default: what the activations say]")
    ] = "",
    n_random: Annotated[int, typer.Option(help="Random sets of equally many units, to compare lesions with.")] = 20,
    fdr: Annotated[float, typer.Option(help="False-discovery rate at which a unit counts.")] = 0.05,
    n_shuffles: Annotated[int, typer.Option(help="How often the sources' categories are shuffled.")] = 10,
    n_permutations: Annotated[int, typer.Option(help="Permutations of each unit's test.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Random seed of halves, shuffles, tests and random sets.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Which units of a network respond more to faces than to anything else, and are they needed.

    Units are chosen on one half of the sources (people or objects) and tested on the other, and the other way round.
    """
    from mien.responses.units.units import units as run

    with watching("layers") as bar:
        found = run(
            activations, output, faces=faces, against=against, target=target, layers=layers, beside=beside or None,
            lesions=lesions, doses=_shares(doses), read_at=read_at, body=body or None, weights=weights,
            n_random=n_random, fdr=fdr, n_shuffles=n_shuffles, n_permutations=n_permutations, seed=seed, progress=bar,
        )  # fmt: skip
    note_step(
        output, "units", "units", str(activations), faces=list(found.faces), target=target, beside=beside,
        lesions=lesions, read_at=read_at, seed=seed,
    )  # fmt: skip
    if json:
        print_json(found.to_json())
        return
    out = page()
    for sentence in words_of(found):
        out.print(sentence, markup=False, soft_wrap=True)
    _show(found)
    for note in found.notes:
        out.print(f"Note: {note}", markup=False, soft_wrap=True)
    out.print(f"Units: {output}", markup=False, soft_wrap=True)


def _shares(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise InputError(f"--doses are shares with commas, such as 0.1,0.2, but got '{text}'.") from None


def _show(found: FaceUnits) -> None:
    from rich.markup import escape
    from rich.table import Column, Table

    heads = ["units", "respond more (95 %)", "than each", "shuffled"]
    heads += [*(["beside (95 %)"] if found.beside else []), "d' held out"]
    table = Table(Column("layer", no_wrap=True), *heads, box=None)
    for row in found.layers:
        cells = [escape(row.layer), str(row.units), f"{percent(row.share)} ({interval_of_shares(row.low, row.high)})"]
        cells += [percent(row.selective_each / row.units), share_words(row.shuffled)]
        if found.beside:
            cells.append(f"{share_words(row.beside)} ({interval_of_shares(row.beside_low, row.beside_high)})")
        table.add_row(*cells, number(row.d_held_out))
    page().print(table)
    if found.lesions:
        _show_lesions(found)


def _show_lesions(found: FaceUnits) -> None:
    from rich.markup import escape
    from rich.table import Table

    for task, words in (("faces", "faces told from others"), ("objects", "objects told apart")):
        table = Table(
            f"AUC: {words}", "dose", "nothing", "more", "less", "random", "of which 95 %", box=None,
            title="silenced: units that respond more, or less, to faces", title_justify="left",
        )  # fmt: skip
        auc = {(r.layer, r.dose, r.silenced): r for r in found.lesions if r.task == task}
        for layer, dose in dict.fromkeys((layer, dose) for layer, dose, kind in auc if kind != "none"):
            random = auc[layer, dose, "random"]
            shown = [auc[layer, 0.0, "none"], auc[layer, dose, "faces"], auc[layer, dose, "others"], random]
            table.add_row(
                escape(layer), percent(dose), *(number(one.auc) for one in shown),
                interval(random.draws_low, random.draws_high),
            )  # fmt: skip
        page().print(table)
