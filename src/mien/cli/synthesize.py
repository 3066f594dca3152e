"""``mien synthesize``: a made-up cohort whose acting muscles are known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mien.cli.console import console, print_json, progress_bar


def synthesize(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write.")],
    subjects: Annotated[int, typer.Option(help="How many people.")] = 24,
    expressions: Annotated[
        str, typer.Option(help="Names with commas; 'fear' can be added.")
    ] = "neutral,smile,surprise,anger,disgust,sadness",
    frames: Annotated[int, typer.Option(help="Frames per clip.")] = 24,
    clips: Annotated[int, typer.Option(help="Clips of each person showing each expression.")] = 1,
    noise_px: Annotated[float, typer.Option(help="Sensor noise of the landmarks in pixels.")] = 0.6,
    pictures: Annotated[bool, typer.Option("--pictures", help="Also render each clip's last frame.")] = False,
    size_px: Annotated[int, typer.Option(help="Side of the pictures.")] = 384,
    seed: Annotated[int, typer.Option(help="Random seed: the same one gives the same cohort.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Make people up: landmark sequences, pictures if wanted, and the truth about which points act.

    Two groups show some expressions with different muscles. Head motion, gaze, blinks, shape and noise say nothing
    about the expression. Read the folder as 'synthetic:FOLDER', the pictures as FOLDER/pictures.csv.
    """
    from mien.data.synthetic import synthesize as run

    names = tuple(name.strip() for name in expressions.split(",") if name.strip())
    screen = console()
    with progress_bar(screen=screen) as bar:
        task = bar.add_task("pictures", total=None, visible=pictures)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        cohort = run(
            output, subjects=subjects, expressions=names, frames=frames, clips=clips, noise_px=noise_px,
            pictures=pictures, size_px=size_px, seed=seed, progress=progress,
        )  # fmt: skip
    result: dict[str, Any] = {
        "folder": str(output), "subjects": subjects, "clips": len(cohort.samples), "frames": len(cohort.faces),
        "pictures": len(cohort.samples) if pictures else 0,
        "acting_points": {label: len(points) for label, points in cohort.acting.items()},
    }  # fmt: skip
    if json:
        print_json(result)
        return
    acting = ", ".join(f"{label} {count}" for label, count in result["acting_points"].items())
    screen.print(
        f"{result['clips']} clips of {subjects} made-up people are in {output}. Acting points: {acting}.",
        soft_wrap=True,
        markup=False,
    )
