"""``mien adapt``: what a few recordings of a person bring to a model of other people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mien.cli.console import notes, page, print_json, watching
from mien.cli.inputs import Columns, Labels, Missing, SampleSource, SubjectPattern, note_step, reading
from mien.core.errors import InputError
from mien.core.words import p_value

if TYPE_CHECKING:
    from mien.learn.adaptation import Adaptation


def adapt(
    samples: SampleSource,
    target: Annotated[str, typer.Option(help="Label to be predicted.")],
    model: Annotated[str, typer.Option(help="As for 'mien train'.")] = "expression",
    k: Annotated[
        str, typer.Option(help="Recordings per class of the person, with commas; a person needs one more to test on.")
    ] = "0,1,2,5",
    repeats: Annotated[int, typer.Option(help="Random draws of the recordings, averaged within the person.")] = 5,
    weight: Annotated[
        int, typer.Option(help="Models that are fitted anew: as how many samples one of the person counts.")
    ] = 10,
    steps: Annotated[int, typer.Option(help="Trained networks: steps on the last layer.")] = 20,
    faces: Annotated[Path | None, typer.Option(help="Folder that 'mien extract' wrote.")] = None,
    recordings: Annotated[
        str, typer.Option(help="Column of recordings or sessions; 'path' if each sample is one of its own.")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for adaptation.json, as STUDY/adaptation/NAME.")
    ] = None,
    features: Annotated[str, typer.Option(help="Columns of numbers to learn from instead of faces.")] = "",
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of the model or its features, NAME=VALUE; may be repeated."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Random seed of training and draws.")] = 0,
    labels: Labels = "",
    subject_pattern: SubjectPattern = "",
    columns: Columns = "",
    missing: Missing = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """What a few recordings of a person bring to a model of other people."""
    from mien.learn.adapt import adapt as run
    from mien.models.catalogue import spec
    from mien.models.maker import parsed

    of_recipe, settings = parsed(model, set_ or [], "columns" if features else "")
    recipe = of_recipe if features else {**spec(model).recipe, **of_recipe}
    with watching("people") as bar:
        found = run(
            samples, target=target, model=model, k=_numbers(k), repeats=repeats, weight=weight, steps=steps,
            faces=faces, recordings=recordings, seed=seed, output=output, features=features, recipe=recipe,
            settings=settings, progress=bar, **reading(labels, subject_pattern, columns, missing),
        )  # fmt: skip
    if output is not None:
        note_step(output, "adaptation", "adapt", samples, target=target, model=model, k=k, repeats=repeats, seed=seed)
    if json:
        print_json(found.to_json())
    else:
        show(found)


def _numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise InputError(f"--k takes whole numbers with commas, such as 0,1,2,5, but got '{text}'.") from error


def show(found: Adaptation) -> None:
    """Print the curve, what it rests on and who was left out."""
    from rich.markup import escape
    from rich.table import Table

    from mien.stats.scores import between

    out = page()
    out.print(f"[bold]{escape(found.target)}[/], {escape(found.model)}: {escape(found.who())}")
    table = Table(title="balanced accuracy within people, mean over people", title_justify="left")
    for name in ("k", "value", "95 % interval", "from k = 0", "95 % interval ", "p", "p corrected"):
        table.add_column(name, justify="right")
    for row in found.points:
        cells = [str(row.k), f"{row.value:.3f}", escape(between(row.low, row.high, len(found.people)))]
        if row.k:
            cells += [f"{row.difference:+.3f}", between(row.difference_low, row.difference_high, len(found.people)),
                      p_value(row.p), p_value(row.p_corrected)]  # fmt: skip
        table.add_row(*cells)
    out.print(table)
    out.print(
        f"Chance: {found.protocol['chance']:.3f}. p: permutation test over people against k = 0; corrected over all k."
    )
    if found.left_out:
        named: Any = ", ".join(found.left_out)
        out.print(f"Too few recordings, so only trained on: {len(found.left_out)} people ({escape(named)}).")
    for note in found.notes:
        notes().print(f"[bold]Note:[/] {escape(note)}")
