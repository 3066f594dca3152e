"""``mien synthesize``: made-up people, cohorts and films of which it is known what was planted."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from mien.cli.console import SOME_FAILED, console, print_json, progress_bar
from mien.core.errors import InputError

# Options that not every kind has.
_OF = {
    "people": ("subjects", "expressions", "frames", "clips", "noise_px", "pictures", "size_px"),
    "cohort": (
        "people", "frames", "sessions", "sites", "effect", "planted", "site_shift", "confounding", "missing_share",
        "scales", "workers", "part",
    ),
    "film": ("viewers", "minutes", "runs", "parcels", "response"),
}  # fmt: skip
# Of each kind that has them.
_FRAMES = {"people": 24, "cohort": 900}


def synthesize(
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write.")],
    kind: Annotated[
        Literal["people", "cohort", "film"],
        typer.Argument(
            help="'people': landmarks and pictures; 'cohort': recordings and questionnaires of many; 'film': frames, "
            "annotations, fixations and brains of viewers."
        ),
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
        typer.Option(
            help="Cohort: an effect in place of the usual ones: 'mouthSmile: level: depression=-.4'; in a part of each "
            "recording only, in seconds: '...=-.4: 8-14'."
        ),
    ] = None,
    site_shift: Annotated[float, typer.Option(help="Cohort: how much sites shift levels, in people's SD.")] = 0.5,
    confounding: Annotated[float, typer.Option(help="Cohort: how far traits differ between sites, in SD.")] = 0.0,
    missing_share: Annotated[
        float, typer.Option(help="Cohort: share of frames, answers and recordings that are missing.")
    ] = 0.02,
    scales: Annotated[str, typer.Option(help="Cohort: questionnaires with commas: dass21, phq9, gad7.")] = "dass21",
    workers: Annotated[int, typer.Option(help="Cohort: processes.")] = 1,
    part: Annotated[str, typer.Option(help="Cohort: part of the recordings to write, such as 3/40.")] = "",
    viewers: Annotated[int, typer.Option(help="Film: how many viewers.")] = 6,
    minutes: Annotated[float, typer.Option(help="Film: length of all runs together.")] = 8.0,
    runs: Annotated[int, typer.Option(help="Film: runs of the scanner.")] = 4,
    parcels: Annotated[int, typer.Option(help="Film: parcels of each brain.")] = 40,
    response: Annotated[
        float, typer.Option(help="Film: how strongly planted parcels respond, in SD of their noise; 0: not at all.")
    ] = 0.6,
    seed: Annotated[int, typer.Option(help="Random seed: the same one gives the same people.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> int | None:
    """Make people up: landmark sequences, pictures if wanted, and the truth about which points act.

    Two groups show some expressions with different muscles. Head motion, gaze, blinks, shape and noise say nothing
    about the expression. Read the folder as 'synthetic:FOLDER', the pictures as FOLDER/pictures.csv.

    With 'cohort': shards of many recordings without points (blendshapes, pose, gaze, action units), participants.csv
    with answers to questionnaires, and in truth.json which channels go with which trait. What is there is kept.

    With 'film': frames with made-up heads, annotations of portrayed emotions in the layout of StudyForrest, fixations
    of viewers, a table time x parcel of each viewer, and in truth.json which parcels follow what.
    """
    _check_options(kind, locals())
    frames = _FRAMES.get(kind, 0) if frames is None else frames
    screen = console()
    steps = {"people": "pictures", "cohort": "recordings", "film": "frames"}
    with progress_bar(screen=screen) as bar:
        task = bar.add_task(steps[kind], total=None, visible=pictures or kind != "people")

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        if kind == "cohort":
            from mien.data.synthetic.cohort_folder import synthesize_cohort

            made = synthesize_cohort(
                output, people=people, frames=frames, sessions=sessions, sites=sites, effect=effect,
                planted=planted or (), site_shift=site_shift, confounding=confounding, missing_share=missing_share,
                scales=_split(scales), seed=seed, workers=workers, part=part, progress=progress,
            )  # fmt: skip
        elif kind == "film":
            from mien.data.synthetic.film.folder import synthesize_film

            film = synthesize_film(
                output, viewers=viewers, minutes=minutes, runs=runs, parcels=parcels, response=response, seed=seed,
                progress=progress,
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
    elif kind == "film":
        result = {
            "folder": str(output), "viewers": viewers, "runs": runs, "frames": len(film.plot.agreement),
            "fixations": len(film.looks.onset_s), "parcels": parcels,
        }  # fmt: skip
        said = (
            f"A made-up film of {result['frames']} s in {runs} runs is in {output}, with {result['fixations']} "
            f"fixations and {parcels} parcels of {viewers} viewers."
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
        for name in set(_OF[other]) - set(_OF[kind]):
            if given[name] != usual[name].default:
                option = f"--{name.replace('_', '-')}"
                raise InputError(f"{option} belongs to 'mien synthesize {other}'; leave it out, or say {other}.")


def _split(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
