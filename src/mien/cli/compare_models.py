"""``mien compare-models``: which of several models is better for new people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import page, print_json
from mien.core.outcome import CLASSES, RATINGS
from mien.core.words import p_value

if TYPE_CHECKING:
    from mien.compare.comparison import Comparison

MEANS = {RATINGS: "mean Pearson", CLASSES: "balanced accuracy"}


def compare_models(
    models: Annotated[
        list[Path], typer.Argument(help="Folders of models that 'mien train' wrote, all of ratings or all of classes.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for comparison.json, as STUDY/comparison.")
    ] = None,
    attributes: Annotated[
        bool, typer.Option("--attributes", help="Show every attribute (rating or class) of every pair, too.")
    ] = False,
    n_permutations: Annotated[int, typer.Option(help="Flips of signs of each test.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Of draws and flips.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Which of several models is better for new people."""
    from rich.markup import escape
    from rich.table import Table

    from mien.compare.models import compare_models as run
    from mien.core.people.words import apart_words, who_words
    from mien.stats.scores import between

    found = run(models, n_permutations=n_permutations, seed=seed, output=output)
    if json:
        print_json(found.to_json())
        return
    out = page()
    out.print(
        f"{_what(found)}, {who_words(found.people)} that all models predicted"
        f"{f'; {found.left_out} others left out' if found.left_out else ''}; {apart_words(found.people)}."
    )
    table = Table("model", MEANS[found.predicts], "95 % interval", box=None)
    for row in found.models:
        table.add_row(escape(row.model), f"{row.value:.3f}", between(row.low, row.high, found.n_people))
    out.print(table)
    table = Table("model", "against", "difference", "95 % interval", "better on", "p faces", box=None)
    for pair in found.pairs:
        table.add_row(
            escape(pair.one), escape(pair.other), f"{pair.difference:.3f}",
            between(pair.low, pair.high, found.n_people), f"{pair.better} of {len(found.attributes)}",
            p_value(pair.p_people_corrected),
        )  # fmt: skip
    out.print(table)
    for caution in found.cautions:
        out.print(f"Careful: {escape(caution)}")
    out.print("p: sign-flip test over people, corrected over the pairs (Holm).")
    if attributes:
        table = Table("model", "against", "attribute", "difference", "95 % interval", "p faces", box=None)
        for one in found.per_attribute:
            table.add_row(
                escape(one.one), escape(one.other), escape(one.attribute), f"{one.difference:+.3f}",
                between(one.low, one.high, found.n_people), p_value(one.p_corrected),
            )  # fmt: skip
        out.print(table)


def _what(found: Comparison) -> str:
    from rich.markup import escape

    many = len(found.attributes)
    if found.predicts == CLASSES:
        return f"{many} classes"
    return f"{many} attributes" if many > 1 else f"Attribute '{escape(found.attributes[0])}'"
