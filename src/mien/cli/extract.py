"""``mien extract``: faces in pictures and videos."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mien.cli.console import SOME_FAILED, console, fail, notes, page, print_json, problem, progress_bar
from mien.cli.spreading import Address, Engine, Part, Workers
from mien.data.places.arguments import reads_places

if TYPE_CHECKING:
    from mien.faces.extract import Extraction

# More of a kind would bury the rest.
MOST_NAMED = 5


@reads_places
def extract(
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Pictures, videos, folders, patterns in quotes, also s3://BUCKET/FOLDER, or a data set as NAME:PATH."
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Study folder, or s3://BUCKET/STUDY; faces go to its faces/.")
    ],
    workers: Workers = 1,
    threads: Annotated[int | None, typer.Option(help="Threads per worker. [default: cores / workers]")] = None,
    engine: Engine = "local",
    address: Address = "",
    part: Part = "",
    every: Annotated[
        str, typer.Option(help="Analyse every n-th frame ('5'), or one frame per so many seconds ('0.5s').")
    ] = "1",
    start_s: Annotated[float, typer.Option(help="Start of the part of each video, in seconds.")] = 0.0,
    stop_s: Annotated[float | None, typer.Option(help="End of the part of each video, in seconds.")] = None,
    smallest_face_px: Annotated[
        float | None,
        typer.Option(
            help="Height of the smallest face, in pixels. [default: 40 in pictures; in videos 1/14 of the longer side]"
        ),
    ] = None,
    redetect_s: Annotated[float, typer.Option(help="Seconds between searches for new faces in a video.")] = 2.0,
    min_presence: Annotated[
        float, typer.Option(help="Leave out faces with a lower confidence of the landmarker (column 'presence').")
    ] = 0.5,
    draw: Annotated[bool, typer.Option("--draw", help="Also write overlays to the study's overlays/.")] = False,
    time_limit_s: Annotated[
        float, typer.Option(help="Seconds without a finished frame after which a file is given up.")
    ] = 600.0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Find faces in pictures and videos: 478 points, 52 blendshapes, head pose, irises, eyelids, gaze, quality.

    One Parquet file per input. A second run computes only what is missing or changed.
    """
    from mien.faces.extract import extract as run

    with _progress(console()) as progress:
        result = run(
            inputs, output, workers=workers, threads=threads, every=every, start_s=start_s, stop_s=stop_s,
            smallest_face_px=smallest_face_px, redetect_s=redetect_s, min_presence=min_presence, draw=draw,
            isolated=True, time_limit_s=time_limit_s, engine=engine, address=address, part=part, progress=progress,
        )  # fmt: skip
    if json:
        print_json(
            {"folder": str(result.folder), "sources": result.sources, "computed": result.computed,
             "counts": result.counts, "problems": [list(problem) for problem in result.problems],
             "left_out": result.left_out, "faces_found": result.faces_found, "doubtful": result.doubtful,
             "copies": [list(group) for group in result.copies],
             "repeating": [list(film) for film in result.repeating]}
        )  # fmt: skip
    else:
        _print(result)
    if result.problems:
        fail(SOME_FAILED)


def _print(result: Extraction) -> None:
    from mien.faces.extract import ABSENT

    counts = ", ".join(f"{count} {status}" for status, count in result.counts.items() if count)
    kept = result.sources - result.computed - result.counts.get(ABSENT, 0)
    again = f" ({kept} were there already)" if kept else ""
    files = "1 file" if result.sources == 1 else f"{result.sources} files"
    counts = counts or "none belongs to this part"
    where = f" Faces are in {result.folder / 'faces'}" if result.counts.get(ABSENT, 0) < result.sources else ""
    page().print(f"{files}{again}: {counts}.{where}", markup=False, soft_wrap=True)
    for note in _notes(result):
        notes().print(f"  {note}", markup=False, soft_wrap=True)
    for name, reason in result.problems:
        # A reason that names the file needs no other name.
        problem(reason if f"{Path(name).name}: " in reason else f"{name}: {reason}")


def _notes(result: Extraction) -> Iterator[str]:
    """What has to be known of the files."""
    from mien.faces.sources import in_words

    if result.doubtful:
        yield (
            f"{result.doubtful} of {result.faces_found} faces have a presence below 0.9: things that look like "
            "faces can be among them. See the overlays (--draw), or leave them out (--min-presence 0.9)."
        )
    for first, *others in result.copies[:MOST_NAMED]:
        yield f"the same file under several names: {first}, {', '.join(others)}"
    if len(result.copies) > MOST_NAMED:
        yield f"and {len(result.copies) - MOST_NAMED} other files under several names"
    for name, repeated, frames in result.repeating[:MOST_NAMED]:
        yield (
            f"{name}: {repeated} of {frames} frames are the one before once more (a camera that froze, or a "
            "converted frame rate); they are no moments of their own."
        )
    if len(result.repeating) > MOST_NAMED:
        yield f"and {len(result.repeating) - MOST_NAMED} other films like that"
    if result.left_out:
        yield f"left out, of other kinds: {in_words(result.left_out)}"


@contextmanager
def _progress(screen: Any) -> Iterator[Callable[[int, int], Callable[[int, int], None]]]:
    """A bar with files, frames, frames per second and time left."""
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"), TimeElapsedColumn(), TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with progress_bar(*columns, screen=screen) as bar:

        def start(sources: int, frames: int) -> Callable[[int, int], None]:
            task = bar.add_task(f"0/{sources} files", total=frames, rate="")
            done, seen, begun = 0, 0, time.monotonic()

            def step(more_sources: int, more_frames: int) -> None:
                nonlocal done, seen
                done, seen = done + more_sources, seen + more_frames
                rate = f"{seen / max(time.monotonic() - begun, 1e-3):.0f} frames/s"
                bar.update(task, advance=more_frames, description=f"{done}/{sources} files", rate=rate)

            return step

        yield start
