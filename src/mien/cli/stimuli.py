"""``mien stimuli``: pictures altered and matched, and in what their categories still differ."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mien.cli.console import console, page, print_json, progress_bar
from mien.cli.inputs import Columns, SampleSource, SubjectPattern, note_step, pairs_of
from mien.core.words import p_value

if TYPE_CHECKING:
    from mien.stimuli.differences import Difference
    from mien.stimuli.result import StimulusSet

Category = Annotated[str, typer.Option(help="Column that says the category; by default 'category'.")]
Between = Annotated[
    str, typer.Option(help="Two categories to compare, with a comma; by default all, each with all others.")
]


def stimuli(
    samples: SampleSource,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for pictures, table and manifest.")],
    make: Annotated[
        str,
        typer.Option(
            help="With commas: inverted, negated, grey, phase-scrambled, block-scrambled, low-pass, high-pass, "
            "eyes-covered, mouth-covered, unaltered (the default)."
        ),
    ] = "",
    match: Annotated[
        str, typer.Option(help="Match over all pictures, with commas: luminance, contrast, histogram, spectrum.")
    ] = "",
    cycles: Annotated[float, typer.Option(help="Cut-off of low-pass and high-pass in cycles per picture.")] = 8.0,
    blocks: Annotated[int, typer.Option(help="Blocks per side, for block-scrambled.")] = 8,
    cover: Annotated[str, typer.Option(help="On eyes or mouth: mean, black, grey, white or '#rrggbb'.")] = "mean",
    size_px: Annotated[
        int | None, typer.Option(help="First make every picture a square of this side: its middle.")
    ] = None,
    category: Category = "",
    subject_pattern: SubjectPattern = "",
    columns: Columns = "",
    between: Between = "",
    faces: Annotated[Path | None, typer.Option(help="Folder that 'mien extract' wrote, for eyes and mouth.")] = None,
    n_permutations: Annotated[int, typer.Option(help="Permutations of the tests.")] = 2000,
    seed: Annotated[int, typer.Option(help="Random seed of scrambled pictures and of the tests.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Alter and match pictures; say on which low-level statistics their categories still differ.

    The folder holds the pictures, samples.csv for further verbs and manifest.csv with every picture's statistics.
    """
    from mien.stimuli.make import stimuli as run

    asked = {"make": _names(make), "match": _names(match)}
    with progress_bar(screen=console()) as bar:
        task = bar.add_task("pictures", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        found = run(
            samples, output, **asked, cycles=cycles, blocks=blocks, cover=cover, size_px=size_px, category=category,
            subject_pattern=subject_pattern or None, columns=pairs_of(columns, "--columns") or None, between=between,
            faces=faces, n_permutations=n_permutations, seed=seed, progress=progress,
        )  # fmt: skip
    note_step(output, "stimuli", "stimuli", samples, **found.settings)
    if json:
        print_json(_facts(found))
        return
    _print(found)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _facts(found: StimulusSet) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "folder": str(found.folder), "pictures": len(found.made()), "statuses": counted(found),
        "differences": [asdict(row) for row in found.differences], "settings": found.settings,
        "notes": list(found.notes),
    }  # fmt: skip


def counted(found: StimulusSet) -> dict[str, int]:
    """Rows of each status."""
    states = [row.status for row in found.rows]
    return {state: states.count(state) for state in dict.fromkeys(states)}


def _print(found: StimulusSet) -> None:
    from rich.markup import escape
    from rich.table import Table

    out = page()
    said = ", ".join(f"{state} ({count})" for state, count in counted(found).items() if state != "ok")
    out.print(
        f"{len(found.made())} pictures are in {found.folder}{f'; without: {said}' if said else ''}.", markup=False
    )
    clipped = Table("alteration", "pictures", "clipped pixels", "most in a picture", box=None)
    for name in dict.fromkeys(row.alteration for row in found.made()):
        shares = [row.clipped for row in found.made() if row.alteration == name]
        clipped.add_row(name, str(len(shares)), f"{sum(shares) / len(shares):.1%}", f"{max(shares):.1%}")
    out.print(clipped)
    print_differences(found.differences)
    for note in found.notes:
        out.print(f"Note: {escape(note)}")


def print_differences(rows: Sequence[Difference]) -> None:
    """The statistics on which categories differ, by the corrected test, and how many were compared."""
    from rich.markup import escape
    from rich.table import Table

    out = page()
    tested = [row for row in rows if row.p == row.p]
    if not tested:
        out.print("In what the categories differ was not tested: at least 4 sources of each of two are needed.")
        return
    kept = [row for row in tested if row.p_corrected < 0.05]
    out.print(f"Low-level statistics on which categories differ: {len(kept)} of {len(tested)} comparisons.")
    if not kept:
        return
    for one, other in dict.fromkeys((row.one, row.other) for row in kept):
        table = Table("alteration", "statistic", "effect", "95 % interval", "p", box=None,
                      title=f"{escape(one)} against {escape(other)}", title_justify="left")  # fmt: skip
        for row in (row for row in kept if (row.one, row.other) == (one, other)):
            table.add_row(row.alteration, row.statistic, f"{row.effect:+.2f}", f"{row.low:+.2f} to {row.high:+.2f}",
                          p_value(row.p_corrected))  # fmt: skip
        out.print(table)
    unit = "pairs" if kept[0].paired else "sources"
    out.print(f"Effect: in standard deviations between {unit}. p: permutation test over {unit}, corrected over all.")
