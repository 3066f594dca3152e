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
        list[Path],
        typer.Argument(help="Folders of models that 'mien train' wrote, all regression models or all classifiers."),
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for comparison.json, as STUDY/comparison.")
    ] = None,
    attributes: Annotated[
        bool, typer.Option("--attributes", help="Show every attribute (rating or class) of every pair, too.")
    ] = False,
    n_permutations: Annotated[int, typer.Option(help="Sign flips of each test.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Random seed of the sign flips.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Which of several models is better for new people."""
    from rich.markup import escape
    from rich.table import Table

    from mien.compare.models import compare_models as run
    from mien.core.people.words import apart_words, who_words
    from mien.stats.scores import between

    result = run(models, n_permutations=n_permutations, seed=seed, output=output)
    if json:
        print_json(result.to_json())
        return
    out = page()
    out.print(
        f"{_what(result)}, {who_words(result.people)} that all models predicted"
        f"{f'; {result.left_out} others left out' if result.left_out else ''}; {apart_words(result.people)}."
    )
    table = Table("model", MEANS[result.predicts], "95 % interval", box=None)
    for row in result.models:
        table.add_row(escape(row.model), f"{row.value:.3f}", between(row.low, row.high, result.n_people))
    out.print(table)
    table = Table("model", "against", "difference", "95 % interval", "better on", "p faces", box=None)
    for pair in result.pairs:
        table.add_row(
            escape(pair.one), escape(pair.other), f"{pair.difference:.3f}",
            between(pair.low, pair.high, result.n_people), f"{pair.better} of {len(result.attributes)}",
            p_value(pair.p_people_corrected),
        )  # fmt: skip
    out.print(table)
    for caution in result.cautions:
        out.print(f"Careful: {escape(caution)}")
    out.print("p: sign-flip test over people, corrected over the pairs (Holm).")
    if attributes:
        table = Table("model", "against", "attribute", "difference", "95 % interval", "p faces", box=None)
        for one in result.per_attribute:
            table.add_row(
                escape(one.one), escape(one.other), escape(one.attribute), f"{one.difference:+.3f}",
                between(one.low, one.high, result.n_people), p_value(one.p_corrected),
            )  # fmt: skip
        out.print(table)


def _what(comparison: Comparison) -> str:
    from rich.markup import escape

    many = len(comparison.attributes)
    if comparison.predicts == CLASSES:
        return f"{many} classes"
    return f"{many} attributes" if many > 1 else f"Attribute '{escape(comparison.attributes[0])}'"
