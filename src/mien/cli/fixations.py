"""``mien fixations``: raw samples of eye trackers as fixations, with the quality of every recording."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import SOME_FAILED, console, fail, notes, page, print_json, problem, watching
from mien.cli.inputs import pairs_of
from mien.core.words import number, percent
from mien.data.eyes.detectors import DETECTORS, IVT
from mien.data.eyes.result import OK
from mien.data.eyes.screen import ORIGINS, UNITS
from mien.data.eyes.trackers import FIELDS, TIME_UNITS, TRACKERS

if TYPE_CHECKING:
    from mien.data.eyes.result import EyeRecordings


def fixations(
    files: Annotated[
        list[str], typer.Argument(help="Recordings: EyeLink .asc, or tables with a row per sample (.csv, .tsv, .txt).")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Table of the fixations (.csv); beside it a .json file.")
    ] = None,
    tracker: Annotated[
        str, typer.Option("--from", help=f"{', '.join(TRACKERS)}. [default: by ending and columns]")
    ] = "",
    method: Annotated[str, typer.Option(help=f"{', '.join(DETECTORS)} (the tracker's own).")] = IVT,
    columns: Annotated[str, typer.Option(help=f"What tables call {', '.join(FIELDS)}: 'time=t,x=gaze_x'.")] = "",
    screen: Annotated[
        str, typer.Option(help="Its size in pixels: 1920x1080. [default: what an EyeLink file states]")
    ] = "",
    screen_cm: Annotated[str, typer.Option(help="The same in centimetres: 53x30.")] = "",
    distance_cm: Annotated[float | None, typer.Option(help="Of the eyes from the screen.")] = None,
    pixels_per_degree: Annotated[float | None, typer.Option(help="Of visual angle, instead of centimetres.")] = None,
    units: Annotated[str, typer.Option(help=f"Of places: {', '.join(UNITS)}. [default: the tracker's]")] = "",
    origin: Annotated[str, typer.Option(help=f"{', '.join(ORIGINS)}. [default: the tracker's]")] = "",
    time_unit: Annotated[
        str, typer.Option(help=f"{', '.join(TIME_UNITS)}. [default: by the column's name, else the tracker's]")
    ] = "",
    eye: Annotated[
        str, typer.Option(help="Of recordings of both: mean (where both are seen), left or right.")
    ] = "mean",
    message: Annotated[
        str,
        typer.Option(help="EyeLink: message with which a picture or run begins: 'IMAGE (.+)', '(?P<run>RUN \\d)'."),
    ] = "",
    until: Annotated[str, typer.Option(help="EyeLink: message that ends it. [default: the next one that begins]")] = "",
    viewer: Annotated[str, typer.Option(help="Who looked. [default: the column, else the file's name]")] = "",
    velocity_deg_s: Annotated[float, typer.Option(help="i-vt: what is slower belongs to a fixation.")] = 30.0,
    dispersion_deg: Annotated[float, typer.Option(help="i-dt: width plus height of a fixation at most.")] = 1.0,
    saccade_factor: Annotated[
        float, typer.Option(help="saccades: threshold in median deviations of the recording's velocity.")
    ] = 6.0,
    min_fixation_s: Annotated[float, typer.Option(help="How long fixations last at least.")] = 0.1,
    velocity_window_s: Annotated[float, typer.Option(help="Over which velocities are regressed.")] = 0.02,
    json: Annotated[bool, typer.Option("--json", help="Print the quality of recordings for machines.")] = False,
) -> None:
    """Fixations out of raw samples, by velocity, dispersion, saccades or as the tracker recorded them.

    Blinks and lost samples end a fixation; nothing is filled in. Quality of every recording: share of samples with a
    place, rate, gaps, precision (RMS from sample to sample), error of the last validation where the file states it.
    """
    from mien.data.eyes.detect import fixations as run

    with watching("files") as bar:
        found = run(
            files, tracker=tracker, method=method, columns=pairs_of(columns, "--columns"), screen=screen,
            screen_cm=screen_cm, distance_cm=distance_cm, pixels_per_degree=pixels_per_degree, units=units,
            origin=origin, time_unit=time_unit, eye=eye, message=message, until=until, viewer=viewer,
            velocity_deg_s=velocity_deg_s, dispersion_deg=dispersion_deg, saccade_factor=saccade_factor,
            min_fixation_s=min_fixation_s, velocity_window_s=velocity_window_s, output=output, progress=bar,
        )  # fmt: skip
    failed = [one for one in found.recordings if one.status != OK]
    if json:
        from dataclasses import asdict

        print_json({"recordings": [asdict(one) for one in found.recordings], "settings": found.settings,
                    "notes": list(found.notes)})  # fmt: skip
    else:
        _show(found)
        for note in found.notes:
            notes().print(f"Note: {note}", markup=False, soft_wrap=True)
    if output is not None:
        notes().print(f"Fixations: {output}", markup=False, soft_wrap=True)
    for one in failed:
        problem(one.status)
    if failed:
        fail(SOME_FAILED)


def _show(found: EyeRecordings) -> None:
    from rich.markup import escape
    from rich.table import Table

    table = Table("viewer", "file", "fixations", "median s", "seen", "Hz", "gaps", "RMS deg", "error deg", box=None)
    for one in (one for one in found.recordings if one.status == OK):
        table.add_row(
            escape(one.viewer), escape(one.file), str(one.fixations), number(one.median_s), percent(one.seen),
            f"{one.rate_hz:g}", str(one.gaps), number(one.precision_deg), number(one.error_deg),
        )  # fmt: skip
    page().print(table)
    used = {name: value for name, value in found.settings.items() if name.endswith(("_s", "_deg", "_factor"))}
    said = ", ".join(f"{name} {value:g}" for name, value in used.items())
    console().print(
        f"Fixations by {found.settings['method']}{f' ({said})' if said else ''}; times in seconds "
        f"{found.settings['clock']}; places in pixels from the top left corner of the screen. Blinks and lost samples "
        "end a fixation.", markup=False, soft_wrap=True,
    )  # fmt: skip
