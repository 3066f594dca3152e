"""``mien synthesize``: made-up people whose acting muscles, or whose links to questionnaires, are known."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mien.cli.console import SOME_FAILED, console, print_json, progress_bar
from mien.core.errors import InputError

# Options of one kind alone.
_OF = {
    "people": ("subjects", "expressions", "clips", "noise_px", "pictures", "size_px"),
    "cohort": (
        "people", "sessions", "sites", "effect", "planted", "site_shift", "confounding", "missing_share", "scales",
        "workers", "part",
    ),
}  # fmt: skip
# Of each kind.
_FRAMES = {"people": 24, "cohort": 900}


def synthesize(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write.")],
    kind: Annotated[
        Literal["people", "cohort"],
        typer.Argument(help="'people': landmarks and pictures; 'cohort': recordings and questionnaires of many."),
    ] = "people",
    subjects: Annotated[int, typer.Option(help="How many people.")] = 24,
    expressions: Annotated[
        str, typer.Option(help="Names with commas; 'fear' can be added.")
    ] = "neutral,smile,surprise,anger,disgust,sadness",
    frames: Annotated[int | None, typer.Option(help="Frames per clip. [default: 24; of a cohort 900]")] = None,
    clips: Annotated[int, typer.Option(help="Clips of each person showing each expression.")] = 1,
    noise_px: Annotated[float, typer.Option(help="Sensor noise of the landmarks in pixels.")] = 0.6,
    pictures: Annotated[bool, typer.Option("--pictures", help="Also render each clip's last frame.")] = False,
    size_px: Annotated[int, typer.Option(help="Side of the pictures.")] = 384,
    people: Annotated[int, typer.Option(help="Cohort: how many people.")] = 200,
    sessions: Annotated[int, typer.Option(help="Cohort: recordings of each person.")] = 1,
    sites: Annotated[int, typer.Option(help="Cohort: places with cameras of their own.")] = 4,
    effect: Annotated[float, typer.Option(help="Cohort: strongest planted correlation with a trait; 0: none.")] = 0.4,
    planted: Annotated[
        list[str] | None,
        typer.Option(help="Cohort: an effect in place of the usual ones: 'mouthSmile: level: depression=-.4'."),
    ] = None,
    site_shift: Annotated[float, typer.Option(help="Cohort: how much sites shift levels, in people's SD.")] = 0.5,
    confounding: Annotated[float, typer.Option(help="Cohort: how far traits differ between sites, in SD.")] = 0.0,
    missing_share: Annotated[
        float, typer.Option(help="Cohort: share of frames, answers and recordings that are missing.")
    ] = 0.02,
    scales: Annotated[str, typer.Option(help="Cohort: questionnaires with commas: dass21, phq9, gad7.")] = "dass21",
    workers: Annotated[int, typer.Option(help="Cohort: processes.")] = 1,
    part: Annotated[str, typer.Option(help="Cohort: part of the recordings to write, such as 3/40.")] = "",
    seed: Annotated[int, typer.Option(help="Random seed: the same one gives the same cohort.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> int | None:
    """Make people up: landmark sequences, pictures if wanted, and the truth about which points act.

    Two groups show some expressions with different muscles. Head motion, gaze, blinks, shape and noise say nothing
    about the expression. Read the folder as 'synthetic:FOLDER', the pictures as FOLDER/pictures.csv.

    With 'cohort': shards of many recordings without points (blendshapes, pose, gaze, action units), participants.csv
    with answers to questionnaires, and in truth.json which channels go with which trait. What is there is kept.
    """
    _check_options(kind, locals())
    frames = _FRAMES[kind] if frames is None else frames
    screen = console()
    with progress_bar(screen=screen) as bar:
        task = bar.add_task("pictures" if kind == "people" else "recordings", total=None,
                            visible=pictures or kind == "cohort")  # fmt: skip

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        if kind == "cohort":
            from mien.data.synthetic.cohort_folder import synthesize_cohort

            made = synthesize_cohort(
                output, people=people, frames=frames, sessions=sessions, sites=sites, effect=effect,
                planted=planted or (), site_shift=site_shift, confounding=confounding, missing_share=missing_share,
                scales=_split(scales), seed=seed, workers=workers, part=part, progress=progress,
            )  # fmt: skip
        else:
            from mien.data.synthetic import synthesize as run

            cohort = run(
                output, subjects=subjects, expressions=_split(expressions), frames=frames, clips=clips,
                noise_px=noise_px, pictures=pictures, size_px=size_px, seed=seed, progress=progress,
            )  # fmt: skip
    result: dict[str, Any]
    if kind == "cohort":
        result = {
            "folder": str(output), "people": people, "recordings": len(made.samples), "written": made.written,
            "kept": made.kept, "failed": made.failed, "planted": [one.parameter for one in made.planted],
        }  # fmt: skip
        said = (
            f"{people} made-up people are in {output}: {made.written} recordings written, {made.kept} kept, "
            f"{made.failed} failed. Planted: {', '.join(result['planted']) or 'nothing'}."
        )
    else:
        result = {
            "folder": str(output), "subjects": subjects, "clips": len(cohort.samples), "frames": len(cohort.faces),
            "pictures": len(cohort.samples) if pictures else 0,
            "acting_points": {label: len(points) for label, points in cohort.acting.items()},
        }  # fmt: skip
        acting = ", ".join(f"{label} {count}" for label, count in result["acting_points"].items())
        said = f"{result['clips']} clips of {subjects} made-up people are in {output}. Acting points: {acting}."
    if json:
        print_json(result)
    else:
        screen.print(said, soft_wrap=True, markup=False)
    return SOME_FAILED if result.get("failed") else None


def _check_options(kind: str, given: dict[str, Any]) -> None:
    """Refuse options of the other kind."""
    usual = inspect.signature(synthesize).parameters
    for other in _OF.keys() - {kind}:
        for name in _OF[other]:
            if given[name] != usual[name].default:
                option = f"--{name.replace('_', '-')}"
                raise InputError(f"{option} belongs to 'mien synthesize {other}'; leave it out, or say {other}.")


def _split(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
