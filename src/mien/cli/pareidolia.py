"""``mien pareidolia``: matched pairs of objects whose parts are arranged as a face, or not."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from mien.cli.console import console, page, print_json, progress_bar
from mien.cli.inputs import Columns, SampleSource, SubjectPattern, note_step, pairs_of
from mien.cli.stimuli import Category, print_differences


def pareidolia(
    samples: SampleSource,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder for pictures and tables.")],
    pairs: Annotated[int, typer.Option(help="How many pairs; each gives four pictures.")] = 200,
    null: Annotated[bool, typer.Option("--null", help="Both pictures of each pair scrambled, for checks.")] = False,
    category: Category = "",
    subject_pattern: SubjectPattern = "",
    columns: Columns = "",
    n_permutations: Annotated[int, typer.Option(help="Permutations of the paired tests.")] = 2000,
    seed: Annotated[int, typer.Option(help="Random seed: the same one gives the same pictures.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Make objects up that look like faces by the arrangement of parts alone, with matched pictures that do not.

    Samples are pictures of objects on a plain background, such as objects:. The folder holds the pictures upright and
    inverted, samples.csv for further verbs and parts.csv with the place of every part.
    """
    from mien.stimuli.pareidolia.make import pareidolia as run

    with progress_bar(screen=console()) as bar:
        task = bar.add_task("pairs", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        found = run(
            samples, output, pairs=pairs, null=null, category=category, subject_pattern=subject_pattern or None,
            columns=pairs_of(columns, "--columns") or None, n_permutations=n_permutations, seed=seed,
            progress=progress,
        )  # fmt: skip
    note_step(output, "stimuli", "pareidolia", samples, **found.settings)
    if json:
        print_json({"folder": str(found.folder), "pictures": len(found.pictures), "settings": found.settings,
                    "differences": [asdict(row) for row in found.differences]})  # fmt: skip
        return
    out = page()
    out.print(
        f"{pairs} pairs on {found.settings['objects']} objects: {len(found.pictures)} pictures are in {found.folder}.",
        markup=False,
    )
    left = ", ".join(f"{why} {many}" for why, many in found.settings["left_out"].items())
    if left:
        out.print(f"Objects passed over: {left}.", markup=False)
    print_differences(found.differences)
