"""``mien compare``: do two groups of people, or two conditions of the same people, differ, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mien.cli.console import page, print_json
from mien.core.words import interval, number, p_value


def compare(
    a: Annotated[Path, typer.Argument(help="A folder that 'mien explain' wrote, or a table with a column 'subject'.")],
    b: Annotated[Path | None, typer.Argument(help="The other one; none where --by names the groups.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for groups.json, as STUDY/groups/NAME.")
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="Column of one table that names the groups; of more than two, those of --labels are compared."
        ),
    ] = None,
    names: Annotated[str | None, typer.Option(help="Measures to compare, with commas; all by default.")] = None,
    labels: Annotated[
        str | None,
        typer.Option(help="What the two sets are called, as patients,others; by default what tells the paths apart."),
    ] = None,
    measure: Annotated[
        str | None,
        typer.Option(
            help="Of evidence: 'signed' in the unit of the output (default where the sign says for and against), "
            "or 'share' of all."
        ),
    ] = None,
    paired: Annotated[
        bool | None,
        typer.Option(
            "--paired/--not-paired",
            help="Whether both hold the same people; by default, whether all names are in both.",
        ),
    ] = None,
    repeated: Annotated[
        str,
        typer.Option(
            help="Several samples of a person: mean (everybody counts the same) or mixed (a mixed model: people of "
            "many samples count more)."
        ),
    ] = "mean",
    correction: Annotated[
        str, typer.Option(help="Of p over the measures: benjamini-hochberg (false discoveries) or largest (any).")
    ] = "benjamini-hochberg",
    margin: Annotated[
        float, typer.Option(help="Standard deviations below which a difference counts as none, for equivalence.")
    ] = 0.5,
    n_permutations: Annotated[int, typer.Option(help="Permutations of each test; all, where they are fewer.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Random seed of the permutations.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Do two groups of people, or two conditions of the same people, differ, and where on the face."""
    from rich.markup import escape
    from rich.table import Table

    from mien.compare.groups import compare as run

    found = run(
        a, b, by=by, names=names.split(",") if names else None, labels=labels.split(",") if labels else None,
        measure=measure, paired=paired, repeated=repeated,
        correction=correction, margin=margin,
        n_permutations=n_permutations, seed=seed, output=output,
    )  # fmt: skip
    if json:
        print_json(found.to_json())
        return
    out = page()
    out.print(found.words(), markup=False, soft_wrap=True)
    one, other = (escape(label) for label in found.labels)
    table = Table("measure", box=None)
    for head in (one, other, "effect, SD", "95 % interval", "p", "p corrected", "p equivalent"):
        # Words are broken between lines, not cut off.
        table.add_column(head, min_width=max(map(len, head.split())) if head.startswith("p ") else None)
    for row in sorted(found.rows, key=lambda row: (row.p != row.p, row.p)):
        table.add_row(
            escape(row.name), number(row.mean_a), number(row.mean_b), number(row.effect), interval(row.low, row.high),
            p_value(row.p), p_value(row.p_corrected), p_value(row.p_equivalent),
        )  # fmt: skip
    out.print(table)
    out.print(found.method_words(), markup=False, soft_wrap=True)
    for note in found.settings["notes"]:
        out.print(f"Note: {note}", markup=False, soft_wrap=True)
    if output is not None:
        out.print(f"Comparison: {output}", markup=False, soft_wrap=True)
