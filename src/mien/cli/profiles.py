"""``mien profiles``: groups of people by their scores, told from one cloud."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import page, print_json, watching
from mien.cli.inputs import Columns, Missing, note_step, reading
from mien.core.words import interval, number, p_value

if TYPE_CHECKING:
    from mien.cohort.profiles_result import Profiles


def profiles(
    samples: Annotated[str, typer.Argument(help="Table with a row per person (and session) and columns of scores.")],
    by: Annotated[
        str, typer.Option(help="Columns that profiles are made of, with commas. [default: subscales of --scale]")
    ] = "",
    scale: Annotated[str, typer.Option(help="Questionnaire in the table: dass-21, phq-9, gad-7, a scoring file.")] = "",
    items: Annotated[str, typer.Option(help="What the table calls its items: 'DASS{01..21}'.")] = "",
    measures: Annotated[
        Path | None, typer.Option(help="Study with measures ('mien functionals'), by which profiles are described.")
    ] = None,
    method: Annotated[str, typer.Option(help="k-means or gaussian-mixture.")] = "k-means",
    most: Annotated[int, typer.Option(help="Largest number of profiles that is tried.")] = 6,
    n_null: Annotated[int, typer.Option(help="Clouds without groups that the people are compared with.")] = 99,
    seed: Annotated[int, typer.Option(help="Random seed.")] = 0,
    apply: Annotated[
        Path | None, typer.Option(help="Profiles of other people, into which these are put; nothing is fitted.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the result, as STUDY/profiles/NAME.")
    ] = None,
    columns: Columns = "",
    missing: Missing = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Groups of people by their scores: how many, if any, how stable, and in what their faces differ."""
    from mien.cohort.profiles import profiles as run

    with watching("clouds without groups") as watch:
        found = run(
            samples, by=by, scale=scale, items=items, measures=measures, method=method, most=most, n_null=n_null,
            seed=seed, apply=apply, output=output, progress=watch, **reading("", "", columns, missing),
        )  # fmt: skip
    if output is not None:
        note_step(output, "profiles", "profiles", samples, **found.settings)
    if json:
        print_json(found.to_json())
        return
    _show(found)
    if output is not None:
        page().print(f"Profiles: {output}", markup=False, soft_wrap=True)


def _show(found: Profiles) -> None:
    from rich.markup import escape
    from rich.table import Table

    out = page()
    out.print(found.words(), markup=False, soft_wrap=True)
    table = Table("groups", "gain", "one cloud (95 %)", "p", "BIC", "silhouette", "Rand", "least Jaccard", box=None)
    for one in found.candidates:
        table.add_row(
            str(one.k), number(one.gain), f"{number(one.expected)} (to {number(one.high)})", p_value(one.p),
            f"{one.bic:.0f}", number(one.silhouette), number(one.agreement), number(min(one.jaccard)),
        )  # fmt: skip
    out.print(table)
    if found.fit is not None:
        table = Table("profile", "people", *map(escape, found.by), box=None)
        means = found.fit.means * found.spread + found.centre
        for place, size in enumerate(found.sizes):
            table.add_row(str(place + 1), str(size), *(number(value) for value in means[place]))
        out.print(table)
        for place in range(found.k):
            own = [
                f"{one.measure} {number(one.g)} ({interval(one.low, one.high)})" for one in found.strongest(place + 1)
            ]
            text = "; ".join(own) or "no measure that it was not made of goes with it beyond false discoveries"
            out.print(f"Profile {place + 1}, Hedges' g against everybody else: {text}.", markup=False, soft_wrap=True)
    out.print(found.method_words(), markup=False, soft_wrap=True)
    for note in found.notes:
        out.print(f"Note: {note}", markup=False, soft_wrap=True)
