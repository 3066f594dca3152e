"""``mien streams``: recordings, annotations and brains on one time line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from mien.cli.console import console, guarded, notes, page, print_json
from mien.cli.examples import epilog_of
from mien.cli.groups import Command, Guessing
from mien.core.words import number, percent

app = typer.Typer(
    cls=Guessing, help="Recordings, annotations and brains on one time line.", no_args_is_help=True,
    add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
)  # fmt: skip

Json = Annotated[bool, typer.Option("--json", help="Print the result for machines.")]


@app.command("add", cls=Command, epilog=epilog_of("streams add"))
@guarded
def add(
    files: Annotated[
        list[Path], typer.Argument(help="Tables, volumes, videos or (faces) a study; parts of one stream.")
    ],
    study: Annotated[Path, typer.Option("--study", "-o", help="Study folder.")],
    kind: Annotated[
        Literal["runs", "annotation", "fixations", "samples", "frames", "faces", "brain"],
        typer.Option("--as", help="What they are: runs (start and stop of each), annotation, fixations, samples ..."),
    ],
    name: Annotated[str, typer.Option(help="Of the stream. [default: the file's]")] = "",
    run: Annotated[str, typer.Option(help="Run of all rows, where the files do not say so.")] = "",
    viewer: Annotated[str, typer.Option(help="Viewer of all rows, where the files do not say so.")] = "",
    offset_s: Annotated[float, typer.Option(help="Seconds that are added to all times.")] = 0.0,
    offsets: Annotated[
        Path | None, typer.Option(help="Table offset_s with run, viewer or both: seconds added to their times.")
    ] = None,
    sync: Annotated[
        Path | None, typer.Option(help="Table own_s, common_s: the same events on both clocks; shows a drift.")
    ] = None,
    correct_clock: Annotated[
        bool, typer.Option("--correct-clock", help="Correct a drift that --sync shows; else it is refused.")
    ] = False,
    times: Annotated[
        Path | None, typer.Option(help="Faces of pictures: table with path, time_s and perhaps run.")
    ] = None,
    columns: Annotated[str, typer.Option(help="Columns of an annotation to keep, with commas. [default: all]")] = "",
    start_column: Annotated[str, typer.Option(help="When rows begin (seconds). [default: onset or start]")] = "",
    duration_column: Annotated[str, typer.Option(help="How long rows last. [default: duration]")] = "",
    end_column: Annotated[str, typer.Option(help="Instead: when rows end. [default: end or stop_s]")] = "",
    until_next: Annotated[
        bool, typer.Option("--until-next", help="Rows of an annotation without an end hold until the next begins.")
    ] = False,
    atlas: Annotated[Path | None, typer.Option(help="Brain: labels on the grid of the volumes.")] = None,
    mask: Annotated[str, typer.Option(help="Brain: mask instead of an atlas, or 'brightness'.")] = "",
    labels: Annotated[Path | None, typer.Option(help="Brain: names of the atlas' labels; centres of parcels.")] = None,
    resample: Annotated[bool, typer.Option("--resample", help="Brain: bring the atlas to the volumes' grid.")] = False,
    confounds: Annotated[list[Path] | None, typer.Option(help="Brain: fMRIPrep's tables, one per file.")] = None,
    confound_columns: Annotated[
        str, typer.Option(help="Brain: which of them are taken out: motion, tissue, cosine ... or columns.")
    ] = "",
    scrub_mm: Annotated[
        float | None, typer.Option(help="Brain: volumes with more framewise displacement become missing.")
    ] = None,
    detrend: Annotated[bool, typer.Option("--detrend", help="Brain: take a straight line out of each run.")] = False,
    standardise: Annotated[
        bool, typer.Option("--standardise", help="Brain: each run in its standard deviations.")
    ] = False,
    smooth_mm: Annotated[float | None, typer.Option(help="Brain: Gaussian before averaging (full width).")] = None,
    repetition_s: Annotated[
        float | None, typer.Option(help="Brain: seconds from volume to volume. [default: the header's]")
    ] = None,
    json: Json = False,
) -> None:
    """Add a stream to a study's time line: placed on its runs, never shifted silently."""
    from mien.core.streams import Runs
    from mien.features.streams.add import add as run_it

    found = run_it(
        files, study, kind=kind, name=name, run=run, viewer=viewer, offset_s=offset_s, offsets=offsets, sync=sync,
        correct_clock=correct_clock, times=times, columns=_words(columns), start_column=start_column,
        duration_column=duration_column, end_column=end_column, until_next=until_next, atlas=atlas,
        mask=mask or None, labels=labels, resample=resample, confounds=confounds or (),
        confound_columns=_words(confound_columns), scrub_mm=scrub_mm, detrend=detrend, standardise=standardise,
        smooth_mm=smooth_mm, repetition_s=repetition_s,
    )  # fmt: skip
    if isinstance(found, Runs):
        if json:
            print_json({"runs": found.name.tolist(), "length_s": found.length_s.tolist()})
        else:
            total = found.length_s.sum()
            console().print(f"{len(found)} runs, {total:.1f} s together: {study}", markup=False, soft_wrap=True)
        return
    if json:
        print_json({"name": found.name, "kind": found.kind, "rows": len(found), "columns": list(found.columns),
                    "notes": list(found.notes)})  # fmt: skip
    else:
        what = f"'{found.name}': {len(found)} rows ({found.kind}), {len(found.columns) + len(found.texts)} columns"
        console().print(f"{what}: {study}", markup=False, soft_wrap=True)
    for note in found.notes:
        notes().print(f"Note: {note}", markup=False, soft_wrap=True)


@app.command("show", cls=Command, epilog=epilog_of("streams show"))
@guarded
def show(study: Annotated[Path, typer.Argument(help="Study folder.")], json: Json = False) -> None:
    """What is on a study's time line, and what is missing."""
    from dataclasses import asdict

    from rich.markup import escape
    from rich.table import Table

    from mien.features.streams.show import show as run_it

    found = run_it(study)
    if json:
        runs = {name: getattr(found.runs, name).tolist() for name in ("name", "start_s", "stop_s")}
        print_json({"runs": runs, "streams": [asdict(row) for row in found.rows]})
        return
    table = Table("run", "starts, s", "lasts, s", box=None)
    for name, start, length in zip(found.runs.name, found.runs.start_s, found.runs.length_s, strict=True):
        table.add_row(escape(str(name)), f"{start:.2f}", f"{length:.2f}")
    page().print(table)
    table = Table("stream", "kind", "rows", "columns", "viewers", "step, s", "covered", "missing", "rule", box=None)
    for row in found.rows:
        shares = [percent(share) if share == share else "–" for share in (row.covered, row.missing)]
        counts = [f"{row.rows:,}", f"{row.columns:,}", str(row.viewers or "–"), number(row.step_s)]
        table.add_row(escape(row.name), row.kind, *counts, *shares, row.rule)
    page().print(table)
    for row in found.rows:
        for note in row.notes:
            notes().print(f"Note on '{row.name}': {note}", markup=False, soft_wrap=True)


@app.command("join", cls=Command, epilog=epilog_of("streams join"))
@guarded
def join(
    study: Annotated[Path, typer.Argument(help="Study folder.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Table to write: .parquet or .csv.")],
    streams: Annotated[str, typer.Option(help="Which, with commas. [default: all]")] = "",
    at: Annotated[str, typer.Option(help="Stream whose rows are the windows, such as the volumes.")] = "",
    every_s: Annotated[float | None, typer.Option(help="Or windows of so many seconds.")] = None,
    lag_s: Annotated[float, typer.Option(help="Look at all other streams so many seconds earlier.")] = 0.0,
    haemodynamic: Annotated[
        bool, typer.Option("--haemodynamic", help="Instead: convolve streams of the stimulus.")
    ] = False,
    overlap: Annotated[Literal["mean", "max", "sum"], typer.Option(help="Of intervals that hold at once.")] = "mean",
    json: Json = False,
) -> None:
    """Chosen streams in one table, a row for each window of time."""
    from mien.features.streams.join import JoinedStreams
    from mien.features.streams.join import join as run_it

    written = run_it(
        study, streams=_words(streams), at=at, every_s=every_s, lag_s=lag_s, haemodynamic=haemodynamic,
        overlap=overlap, output=output,
    )  # fmt: skip
    if not isinstance(written, JoinedStreams):
        return
    if json:
        print_json({"rows": written.rows, "columns": list(written.columns), "output": str(output)})
    else:
        what = f"{written.rows:,} windows, {len(written.columns)} columns"
        console().print(f"{what}: {output}", markup=False, soft_wrap=True)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
