"""``mien functionals``: what faces do over time in numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import SOME_FAILED, fail, notes, page, print_json, problem, watching
from mien.cli.spreading import Address, Engine, Part, Workers

if TYPE_CHECKING:
    from mien.features.over_time.functionals import Functionals


def functionals(
    study: Annotated[Path, typer.Argument(help="Study folder that 'mien extract' or 'mien import' wrote.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the measures. [default: STUDY/measures]")
    ] = None,
    channels: Annotated[str, typer.Option(help="Channels, with commas; patterns such as 'mouth*,!mouthClose'.")] = "*",
    statistics: Annotated[str, typer.Option(help="Groups of statistics, with commas.")] = "level,change",
    min_presence: Annotated[float, typer.Option(help="Frames: least sureness of the landmarker, 0 to 1.")] = 0.5,
    min_face_px: Annotated[float, typer.Option(help="Frames: least height of the face, in pixels.")] = 40.0,
    min_sharpness: Annotated[float, typer.Option(help="Frames: least sharpness of the face.")] = 6.0,
    max_yaw_deg: Annotated[float, typer.Option(help="Frames: farthest turn of the head to the side.")] = 40.0,
    max_pitch_deg: Annotated[float, typer.Option(help="Frames: farthest turn of the head up or down.")] = 30.0,
    min_usable: Annotated[float, typer.Option(help="Recordings: least share of usable frames.")] = 0.5,
    min_frames: Annotated[int, typer.Option(help="Recordings: least number of usable frames.")] = 10,
    min_duration_s: Annotated[float, typer.Option(help="Recordings: least time that usable frames cover.")] = 1.0,
    max_others: Annotated[
        float, typer.Option(help="Recordings: largest share of frames that show another face, too.")
    ] = 0.5,
    max_gap_s: Annotated[float, typer.Option(help="Nothing is interpolated across longer gaps, in seconds.")] = 0.25,
    fps: Annotated[float | None, typer.Option(help="Frames per second of recordings without times.")] = None,
    workers: Workers = 1,
    engine: Engine = "local",
    address: Address = "",
    part: Part = "",
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """What every channel of every recording does over time, with a codebook: STUDY/measures/.

    Channels are blendshapes, distances, action units of other tools, head pose, gaze, eyelids and irises of the person
    seen longest. Frames and recordings that cannot be used are left out and counted. A second run computes only what is
    missing or changed.
    """
    from mien.features.over_time.functionals import functionals as run

    with watching("recordings") as bar:
        found = run(
            study, output, channels=channels, statistics=statistics, min_presence=min_presence, min_face_px=min_face_px,
            min_sharpness=min_sharpness, max_yaw_deg=max_yaw_deg, max_pitch_deg=max_pitch_deg, min_usable=min_usable,
            min_frames=min_frames, min_duration_s=min_duration_s, max_others=max_others, max_gap_s=max_gap_s, fps=fps,
            workers=workers, engine=engine, address=address, part=part, progress=bar,
        )  # fmt: skip
    if json:
        print_json(
            {"folder": str(found.folder), "measures": len(found.codebook), "recordings": found.recordings,
             "frames": found.frames, "computed": found.computed, "blocks": found.blocks,
             "problems": [list(problem) for problem in found.problems]}
        )  # fmt: skip
    else:
        _print(found)
    for name, reason in found.problems:
        problem(f"block {name}: {reason}")
    if found.problems:
        fail(SOME_FAILED)


def _print(found: Functionals) -> None:
    from mien.features.over_time.gates import REASONS

    total = sum(found.recordings.values())
    page().print(
        f"{total} recordings: {found.recordings['ok']} with {len(found.codebook)} measures. They are in {found.folder}",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    for status, count in found.recordings.items():
        if status != "ok" and count:
            notes().print(f"  {count} left out: {status}", markup=False, soft_wrap=True)
    frames = found.frames.get("frames", 0)
    if frames:
        notes().print(f"{found.frames['usable frames']} of {frames} frames are usable.", markup=False, soft_wrap=True)
    for reason, meaning in REASONS.items():
        count = found.frames.get(f"left out: {reason}", 0)
        if count:
            notes().print(f"  {count} left out, {reason}: {meaning}", markup=False, soft_wrap=True)
