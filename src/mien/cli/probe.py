"""``mien probe``: faces against everything else, by what each layer of a frozen network answers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import page, print_json
from mien.cli.inputs import note_step
from mien.core.words import p_value

if TYPE_CHECKING:
    from mien.responses.probes.result import Probe


def probe(
    activations: Annotated[Path, typer.Argument(help="Folder that 'mien activations' wrote.")],
    faces: Annotated[str, typer.Option(help="Categories that count as faces, with commas: 'drawn face,animal face'.")],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Folder for probe.json, weights and predictions, as STUDY/probes/NAME."),
    ],
    target: Annotated[str, typer.Option(help="Column of categories.")] = "category",
    against: Annotated[
        str, typer.Option(help="Categories that faces are told from, with commas. [default: all others]")
    ] = "",
    within: Annotated[
        str, typer.Option(help="Column of styles (photo, drawing): faces are compared within one style only.")
    ] = "",
    layers: Annotated[str, typer.Option(help="Layers, with commas. [default: all]")] = "",
    apply: Annotated[
        list[Path] | None,
        typer.Option(
            help="Folder of activations of other pictures by the same network: how many are called a face, paired "
            "tests of what was done to them; may be repeated."
        ),
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(
            help="Folder of activations of another network to the same pictures, or 'low-level' for colour, spectrum "
            "and gradients of the pictures; may be repeated."
        ),
    ] = None,
    curve: Annotated[bool, typer.Option(help="Train on fewer sources, too.")] = True,
    n_folds: Annotated[int, typer.Option(help="Folds; pictures of one source are never split.")] = 5,
    n_permutations: Annotated[int, typer.Option(help="Permutations of the tests.")] = 999,
    seed: Annotated[int, typer.Option(help="Random seed of folds and permutations.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Can faces be told from everything else by what each layer of a frozen network answers."""
    from mien.responses.probes.probe import probe as run

    found = run(
        activations, faces=faces, target=target, against=against, within=within, layers=layers, apply=apply or (),
        beside=beside or (), curve=curve, n_folds=n_folds, n_permutations=n_permutations, seed=seed, output=output,
    )  # fmt: skip
    note_step(
        output, "probes", "probe", str(activations), faces=list(found.faces), target=target, within=within,
        apply=[str(path) for path in apply or ()], beside=list(beside or ()), seed=seed,
    )  # fmt: skip
    if json:
        print_json(found.to_json())
        return
    _show(found)
    out = page()
    for note in found.notes:
        out.print(f"Note: {note}", markup=False, soft_wrap=True)
    out.print(f"Probe: {output}", markup=False, soft_wrap=True)


def _show(found: Probe) -> None:
    from rich.markup import escape
    from rich.table import Table

    from mien.responses.probes.words import (
        area,
        difference_words,
        effect_words,
        kind_words,
        score_cells,
        with_interval,
        words,
    )

    out = page()
    out.print(words(found), markup=False, soft_wrap=True)
    for body in dict.fromkeys(row.body for row in found.scores):
        if body:
            out.print(f"Beside it {body}:", markup=False, soft_wrap=True)
        table = Table("layer", "AUC", "d'", "balanced accuracy", "criterion", "p corrected", box=None)
        for row in (row for row in found.scores if row.body == body):
            table.add_row(escape(row.layer), *map(escape, score_cells(row, short=True)), p_value(row.p_corrected))
        out.print(table)
    for difference in found.differences:
        if difference.layer in (found.best, "chosen"):
            out.print(difference_words(found, difference), markup=False, soft_wrap=True)
    own = [row for row in found.called if row.layer == found.best]
    for name in dict.fromkeys(row.set for row in own):
        out.print(
            f"Layer {found.best}, {name or 'training pictures (sources not seen)'}:", markup=False, soft_wrap=True
        )
        table = Table("pictures", "called face", "mean answer (SD)", "n", "sources", box=None)
        for called in (row for row in own if row.set == name):
            table.add_row(
                escape(kind_words(called.kind)), with_interval(called.share), with_interval(called.answer),
                str(called.pictures), str(called.sources),
            )  # fmt: skip
        out.print(table)
    for effect in (row for row in found.effects if row.layer == found.best):
        out.print(f"{effect.set or 'training'}: {effect_words(effect)}", markup=False, soft_wrap=True)
    if found.curve:
        steps = [f"{row.faces}: {area(row.auc)}" for row in found.curve]
        out.print(f"AUC by sources of faces (and as many others): {'; '.join(steps)}.", markup=False, soft_wrap=True)
