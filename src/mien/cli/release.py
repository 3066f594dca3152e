"""``mien release``: a copy of a study that can be passed on."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from mien.cli.console import notes, page, print_json

# More of a kind would bury the rest.
MOST_NAMED = 10


def release(
    study: Annotated[Path, typer.Argument(help="Study folder.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the copy, which must not be there yet.")],
    samples: Annotated[str, typer.Option(help="Table of participants to be in the copy, if the study has none.")] = "",
    smallest_cell: Annotated[int, typer.Option(help="Combinations that fewer people share are named (k).")] = 5,
    quasi: Annotated[
        list[str] | None,
        typer.Option(help="Column by which people could be found; repeatable. [default: age, sex, site and the like]"),
    ] = None,
    coarsen: Annotated[
        bool, typer.Option("--coarsen", help="Make these columns coarser: bands of ten, rare categories 'other'.")
    ] = False,
    keep_text: Annotated[
        list[str] | None, typer.Option(help="Column of free text to be kept; repeatable. [default: none]")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Write a copy of a study without faces, names, files and dates: measures, scores, evaluations, comparisons.

    People get new names, random and kept nowhere. The copy is searched for every original name, path and date first.
    """
    from mien.cohort.release.release import release as run

    found = run(
        study, output, samples=samples, smallest_cell=smallest_cell, quasi=quasi or (),
        coarsen=coarsen, keep_text=keep_text or (),
    )  # fmt: skip
    if json:
        print_json(asdict(found))
        return
    page().print(
        f"{found.people} people and {found.recordings} recordings under new names, {len(found.kept)} files: "
        f"{found.folder}. No original name, path or date stands in them.",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    lines = [f"left out: {files.what} ({files.files}): {files.why}" for files in found.left_out]
    columns = {(name, why) for file in found.kept for name, why in file.columns_left_out.items()}
    lines += [f"left out: column '{name}': {why}" for name, why in sorted(columns)]
    cells = [
        f"fewer than {found.smallest_cell}: {', '.join(f'{n} {v}' for n, v in cell.values.items())} ({cell.people})"
        for cell in found.small_cells
    ]
    lines += cells[:MOST_NAMED]
    if len(cells) > MOST_NAMED:
        lines.append(f"and {len(cells) - MOST_NAMED} other combinations; manifest.json has all")
    if (cells or found.extremes) and not found.coarsened:
        lines.append("make them coarser with --coarsen")
    for line in (*lines, *found.extremes, *found.notes):
        notes().print(f"  {line}", markup=False, soft_wrap=True)
