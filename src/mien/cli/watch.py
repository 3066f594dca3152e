"""``mien watch``: apparent expression of a video or camera, live on a local page or written into a film."""

from __future__ import annotations

import json as _json
import math
import sys
from typing import Annotated, Any

import typer

from mien.cli.console import ENDED, SOME_FAILED, console, errors, fail, notes, problem


def watch(
    source: Annotated[str, typer.Argument(help="A video, or the number of a camera (0 is the first).")],
    model: Annotated[
        str, typer.Option(help="Folder that 'mien train' wrote, of a model of single pictures; or rules.")
    ] = "rules",
    method: Annotated[
        str,
        typer.Option(
            help="Method of explanation without baselines, or none. [default: attention, rule-reasons, tree-shap or "
            "grad-cam, whichever fits first]"
        ),
    ] = "",
    target: Annotated[str, typer.Option(help="What evidence is about. Default: each face's most probable class.")] = "",
    output: Annotated[
        str, typer.Option("--output", "-o", "--out", help="NAME.mp4, or a folder for JPEG frames. Both show faces.")
    ] = "",
    most_faces: Annotated[int, typer.Option("--most-faces", "--faces", help="Of more faces the largest are read.")] = 3,
    every: Annotated[str, typer.Option(help="Every so many frames (5), or one in so many seconds (0.5s).")] = "1",
    start_s: Annotated[float, typer.Option(help="Seconds from the first frame.")] = 0.0,
    stop_s: Annotated[float | None, typer.Option(help="Seconds from the first frame.")] = None,
    smooth_s: Annotated[
        float, typer.Option(help="Time constant of smoothing each face's answers, in seconds; 0: none.")
    ] = 0.0,
    page: Annotated[
        bool | None,
        typer.Option(
            "--page/--no-page",
            help="Show frames on a page of this machine as they are played, dropping those that come too fast. "
            "Default: where neither --output nor --json asks for something else.",
        ),
    ] = None,
    port: Annotated[int, typer.Option(help="Of the page, on 127.0.0.1; 0: any that is free.")] = 8765,
    threads: Annotated[int | None, typer.Option(help="Of the landmarker. [default: the cores]")] = None,
    json: Annotated[bool, typer.Option("--json", help="One line of JSON per frame on standard output.")] = False,
) -> None:
    """Watch a video or a camera: apparent expression of each face with its evidence, and how fast that is."""
    from mien.app.watch import watch as run

    done = run(
        source, model=model, method=method or None, target=target or None, output=output or None,
        most_faces=most_faces, every=every, start_s=start_s, stop_s=stop_s, smooth_s=smooth_s, page=page, port=port,
        threads=threads, each=_line if json else None, say=_say,
    )  # fmt: skip
    if not json:
        times = (done.landmarks_ms, done.expression_ms, done.overlay_ms)
        parts = [
            f"{name} {_number(time)} ms" for name, time in zip(("points", "expression", "overlay"), times, strict=True)
        ]
        sentence = (
            f"{done.frames} frames, {done.with_faces} with an answer, {done.dropped} dropped; "
            f"{_number(done.frames_per_s)} frames/s. Median times: {', '.join(parts)}."
        )
        notes().print(sentence, markup=False, soft_wrap=True)
    if done.output is not None:
        console().print(f"Written: {done.output}", markup=False, soft_wrap=True)
    if done.ended_by and output and not source.isdecimal():
        said = f"{done.output} holds the {done.frames} frames that were done" if done.output else "nothing was written"
        errors().print(f"Interrupted: {said}.", markup=False, soft_wrap=True)
        fail(ENDED + done.ended_by)
    if done.problem:
        problem(done.problem)
        fail(SOME_FAILED)


def _line(state: dict[str, Any]) -> None:
    sys.stdout.write(_json.dumps(state, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.1f}"


def _say(sentence: str) -> None:
    console().print(sentence, markup=False, soft_wrap=True)
