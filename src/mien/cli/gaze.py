"""``mien gaze``: do a model's evidence and the fixations of viewers fall on the same places."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mien.cli.console import notes, page, print_json, watching
from mien.cli.inputs import note_step, pairs_of
from mien.core.words import interval, number, p_value, percent

if TYPE_CHECKING:
    from mien.compare.gaze.result import GazeAgreement


def gaze(
    fixations: Annotated[
        str, typer.Argument(help="Table with one row per fixation (.csv, .csv.gz, .xlsx ...), or a data set: osie:.")
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for gaze.json, such as STUDY/gaze/NAME.")
    ] = None,
    maps: Annotated[
        list[str] | None,
        typer.Option(
            help="Evidence about pictures (STUDY/evidence/MODEL/METHOD/TARGET), a folder with a PNG or NPY file per "
            "picture, or a .safetensors file; also NAME=PATH; may be repeated. [default: the fixations alone]"
        ),
    ] = None,
    faces: Annotated[
        Path | None,
        typer.Option(help="Study with the faces of the pictures: face baselines, dwell times on eyes, nose and mouth."),
    ] = None,
    pictures: Annotated[
        str, typer.Option(help="Folder of the pictures: their sizes, a baseline of contrast and edges, drawings.")
    ] = "",
    columns: Annotated[
        str, typer.Option(help="What the table calls picture, viewer, x, y, duration, onset: 'picture=Bild,x=FIX_X'.")
    ] = "",
    picture_size: Annotated[str, typer.Option(help="Width and height of all pictures in pixels: 800x600.")] = "",
    screen: Annotated[str, typer.Option(help="Coordinates are pixels of a screen of this size: 1920x1080.")] = "",
    shown: Annotated[
        str, typer.Option(help="How pictures were shown on it: fill, fit, centre or LEFT,TOP,WIDTHxHEIGHT.")
    ] = "",
    pixels_per_degree: Annotated[
        float | None, typer.Option(help="Of visual angle, on the pictures. [default: the set's, else 30 degrees wide]")
    ] = None,
    blur_deg: Annotated[float, typer.Option(help="Gaussian that makes a density of fixations, in degrees.")] = 1.0,
    smooth_deg: Annotated[float, typer.Option(help="Gaussian that smooths maps, in degrees; 0 for none.")] = 0.0,
    cells: Annotated[int, typer.Option(help="Cells along the longer side of a picture.")] = 128,
    with_first: Annotated[
        bool, typer.Option("--with-first", help="Count a viewer's first fixation on a picture, too.")
    ] = False,
    film: Annotated[
        Path | None,
        typer.Option(
            help="Table of the frames of a film (path, time_s since the start of the run, run); fixations are a "
            "study with streams, a .parquet stream or a table with onset_s, duration_s, viewer, run."
        ),
    ] = None,
    window_s: Annotated[
        float | None, typer.Option(help="Film: window of each frame. [default: the usual step from frame to frame]")
    ] = None,
    shots: Annotated[Path | None, typer.Option(help="Film: table of cuts (time_s, run); windows end there.")] = None,
    far_s: Annotated[
        float, typer.Option(help="Film: frames so near in time are not among the other frames of the baseline.")
    ] = 10.0,
    block_s: Annotated[
        float,
        typer.Option(help="Film: frames so near are not independent; intervals rest on changes over five such blocks."),
    ] = 30.0,
    time_line: Annotated[
        Path | None, typer.Option(help="Film: study whose time line receives the scores by frame (stream gaze).")
    ] = None,
    seed: Annotated[int, typer.Option(help="Random seed of random evidence.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print the result for machines.")] = False,
) -> None:
    """Whether maps of pictures and fixations of viewers fall on the same places: eight metrics, baselines, ceiling.

    Intervals and tests hold for other viewers and other pictures.
    """
    from mien.compare.gaze.gaze import gaze as run

    with watching("pictures") as bar:
        found = run(
            fixations, maps=maps or (), faces=faces, pictures=pictures, columns=pairs_of(columns, "--columns"),
            picture_size=picture_size, screen=screen, shown=shown, pixels_per_degree=pixels_per_degree,
            blur_deg=blur_deg, smooth_deg=smooth_deg, cells=cells, with_first=with_first,
            film=film, window_s=window_s, shots=shots, far_s=far_s, block_s=block_s, time_line=time_line,
            seed=seed, output=output,
            progress=bar,
        )  # fmt: skip
    if output is not None:
        note_step(output, "gaze", "gaze", fixations, **found.settings)
    if json:
        print_json(found.to_json())
        return
    _show(found)
    for note in found.notes:
        notes().print(f"Note: {note}", markup=False, soft_wrap=True)
    if output is not None:
        notes().print(f"Agreement with fixations: {output}", markup=False, soft_wrap=True)


def _show(found: GazeAgreement) -> None:
    from rich.markup import escape
    from rich.table import Table

    from mien.compare.gaze.metrics import METRICS, NSS
    from mien.compare.gaze.words import called, credit, in_words, method_words, share_words, units_counted

    out = page()
    for sentence in in_words(found):
        out.print(sentence, markup=False, soft_wrap=True)
    scores = Table(f"mean over viewers and {units_counted(found)}", *METRICS, box=None)
    for name, part in dict.fromkeys((row.map, row.part) for row in found.rows):
        own = (number(found.row(name, metric, part).score) for metric in METRICS)
        scores.add_row(escape(called(name, part)), *own)
    out.print(scores)
    table = Table("NSS", "95 % interval", "all viewers", "of the ceiling", units_counted(found), "viewers", box=None)
    for row in (row for row in found.rows if row.metric == NSS):
        cells = [interval(row.low, row.high), number(row.pooled), share_words(row.share)]
        table.add_row(escape(called(row.map, row.part)), *cells, str(row.pictures), str(row.viewers))
    out.print(table)
    tests = [row for row in found.contrasts if row.metric == NSS]
    if tests:
        table = Table("NSS: difference", "from", "mean", "95 % interval", "p corrected", box=None)
        for test in tests:
            cells = [number(test.difference), interval(test.low, test.high), p_value(test.p_corrected)]
            table.add_row(escape(called(test.map, test.part)), escape(called(test.other, test.other_part)), *cells)
        out.print(table)
    if found.dwell:
        table = Table("on parts of the face", "part", "share", "95 % interval", "of the area", box=None)
        for dwell in found.dwell:
            cells = [percent(dwell.share), interval(dwell.low, dwell.high), percent(dwell.area)]
            table.add_row(escape(dwell.who), dwell.part, *cells)
        out.print(table)
    out.print(method_words(found), markup=False, soft_wrap=True)
    if credit(found):
        out.print(credit(found), markup=False, soft_wrap=True)
