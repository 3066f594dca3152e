"""``mien streams add``: a recording, an annotation or the runs of a stimulus become part of a study's time line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.numbers import checked_numbers
from mien.core.streams import SAMPLED, Runs, Stream
from mien.data.streams.annotations import fixations_of_annotation, read_annotations
from mien.data.streams.annotations import until_next as marked_until_next
from mien.data.streams.brain import read_brain
from mien.data.streams.frames import frames_stream
from mien.data.streams.placing import drift, joined, placed, with_clock
from mien.data.streams.store import (
    RUNS,
    check_name,
    lengths_noted,
    read_runs,
    read_stream,
    streams_folder,
    write_runs,
    write_stream,
)
from mien.data.streams.volumes import entity
from mien.data.tables.table import read_table
from mien.features.streams.faces import faces_stream
from mien.features.streams.offsets import with_offsets

KINDS = ("runs", "annotation", "fixations", "samples", "frames", "faces", "brain")
# A clock that is off by less than this over the whole recording is left as it is.
DRIFT_S = 0.02
# Events that both clocks recorded may lie off a straight line by so much; more is no drift.
REST_S = 0.25


@checked_numbers
def add(
    files: str | Path | Sequence[str | Path],
    study: str | Path,
    *,
    kind: str,
    name: str = "",
    run: str = "",
    viewer: str = "",
    offset_s: float = 0.0,
    offsets: str | Path | None = None,
    sync: str | Path | None = None,
    correct_clock: bool = False,
    times: str | Path | None = None,
    columns: Sequence[str] = (),
    start_column: str = "",
    duration_column: str = "",
    end_column: str = "",
    until_next: bool = False,
    atlas: str | Path | None = None,
    mask: str | Path | None = None,
    labels: str | Path | None = None,
    resample: bool = False,
    confounds: Sequence[str | Path] = (),
    confound_columns: Sequence[str] = (),
    scrub_mm: float | None = None,
    detrend: bool = False,
    standardise: bool = False,
    smooth_mm: float | None = None,
    repetition_s: float | None = None,
) -> Runs | Stream:
    """Add a stream to a study's time line.

    Parameters
    ----------
    files : path or sequence of paths
        Tables, volumes, or (faces) a study. Several are parts of one stream.
    study : str or Path
        Its ``streams/`` takes ``NAME.parquet``; a stream of that name is replaced.
    kind : str
        ``'runs'``: the table of runs (start and stop on the clock of the stimulus); ``'annotation'``: intervals or
        events; ``'fixations'``: intervals with ``x_px``, ``y_px`` and the viewer; ``'samples'``: a table with
        ``time_s`` and columns of numbers; ``'frames'``: of a video, when each is shown (several videos are runs called
        like them); ``'faces'``: of a study, frame by frame; ``'brain'``: volumes, or a table time x parcel.
    name : str
        By default that of the file, with ``-`` for spaces and the like.
    run, viewer : str
        Of all rows, where the files do not say so.
    offset_s : float
        Seconds that are added to all times; said in the stream's settings.
    offsets : path, optional
        Table with ``offset_s`` and ``run``, ``viewer`` or both: seconds that are added to their times.
    sync : path, optional
        Table with ``own_s`` and ``common_s``: the same events on the stream's own clock and on the common one, by
        which a drift is measured.
    correct_clock : bool
        Correct a drift that ``sync`` shows; without it a clock that drifts is refused.
    times : path, optional
        Faces of pictures: table with ``path``, ``time_s`` and perhaps ``run``.
    columns : sequence of str
        Columns of an annotation to keep.
    start_column, duration_column, end_column : str
        Columns of seconds in a table that calls them otherwise than ``onset``, ``duration`` and ``end``.
    until_next : bool
        Rows of an annotation without an end hold until the next one begins, as shots of a film; else they are moments.
    atlas, mask, labels, resample, confounds, confound_columns, scrub_mm, detrend, standardise, smooth_mm, repetition_s
        As of ``mien.read_brain``.

    Returns
    -------
    Runs or Stream
        What was written.

    Raises
    ------
    InputError
        If a file cannot be read, names no time, does not fit the runs, or its clock drifts.

    Examples
    --------
    >>> import mien
    >>> from pathlib import Path
    >>> _ = Path("runs.csv").write_text("name,start_s,stop_s\\n1,0,60\\n2,60,120\\n")
    >>> _ = Path("told.csv").write_text("onset,duration,emotion\\n50,20,fear\\n90,5,joy\\n")
    >>> _ = mien.streams.add("runs.csv", "study", kind="runs")
    >>> told = mien.streams.add("told.csv", "study", kind="annotation")
    >>> told.run.tolist(), told.time_s.tolist()
    (['1', '2', '2'], [50.0, 0.0, 30.0])
    """
    paths = [Path(files)] if isinstance(files, str | Path) else [Path(one) for one in files]
    if kind not in KINDS:
        raise InputError(f"The kind of a stream is one of {', '.join(KINDS)}, but got '{kind}'.")
    if not paths:
        raise InputError("No file was given.")
    if kind == "runs":
        return _runs(paths, study)
    # A file's name may hold spaces and more; a stream's may not.
    stem = re.sub(r"[^\w-]+", "-", paths[0].name.partition(".")[0]).strip("-_")
    called = name or (kind if kind in ("faces", "brain") else stem)
    check_name(called)
    if kind == "brain":
        found = read_brain(
            paths, atlas=atlas, mask=mask, labels=labels, resample=resample, confounds=tuple(confounds),
            confound_columns=tuple(confound_columns), scrub_mm=scrub_mm, detrend=detrend, standardise=standardise,
            smooth_mm=smooth_mm, repetition_s=repetition_s, run=run, viewer=viewer,
            name=called,
        )  # fmt: skip
    elif kind == "faces":
        found = faces_stream(paths[0], name=called, run=run, times=None if times is None else Path(times))
    elif kind == "frames":
        several = len(paths) > 1
        found = joined([frames_stream(path, name=called, run=path.stem if several else run) for path in paths])
    else:
        # As in BIDS: times of a file of one run count from its start, and its name says which run and whose.
        named = {"start_column": start_column, "duration_column": duration_column, "end_column": end_column}
        tables = [
            read_annotations(
                path, name=called, run=run or entity(path, "run"), viewer=viewer or entity(path, "sub"),
                columns=tuple(columns), **named,
            )
            for path in paths
        ]  # fmt: skip
        made = {"fixations": fixations_of_annotation, "samples": _samples}.get(kind)
        found = joined([made(table) for table in tables] if made else tables)
    if offsets is not None:
        found = with_offsets(found, Path(offsets))
    runs = streams_folder(study) / RUNS
    known = read_runs(runs) if runs.is_file() else None
    if until_next:
        found = marked_until_next(found, known)
    if sync is not None:
        found = _on_common_clock(found, Path(sync), correct_clock)
    if known is not None:
        found = placed(found, known, offset_s=offset_s)
    elif offset_s:
        found = replace(found, time_s=found.time_s + offset_s, settings={**found.settings, "offset_s": offset_s})
    write_stream(found, study)
    # Said, and not stored: a stream that is added later may end it.
    return replace(found, notes=(*found.notes, *lengths_noted(called, study)))


def _runs(paths: list[Path], study: str | Path) -> Runs:
    if len(paths) > 1:
        raise InputError(f"There is one table of runs, but got {len(paths)} files.")
    runs = read_runs(paths[0])
    # Those that were added before, on the clock of the stimulus, are placed now.
    there = [read_stream(path) for path in sorted(streams_folder(study).glob("*.parquet"))]
    ready = [placed(stream, runs) for stream in there]
    write_runs(runs, study)
    for before, stream in zip(there, ready, strict=True):
        if before.on_runs != stream.on_runs:
            write_stream(stream, study)
    return runs


def _samples(found: Stream) -> Stream:
    return replace(found, kind=SAMPLED, rule="", duration_s=np.zeros(0))


def _on_common_clock(stream: Stream, path: Path, correct: bool) -> Stream:
    table = read_table(path)
    pairs: list[Any] = []
    for column, purpose in (("own_s", "events on the stream's own clock"), ("common_s", "the same on the common one")):
        table.need(column, purpose)
        pairs.append(table.numbers(column)[0])
    offset, rate, rest = drift(*pairs)
    if not rate > 0:
        raise InputError(
            f"{path}: one clock runs backwards against the other; are own_s and common_s of the same events?"
        )
    if rest > REST_S:
        raise InputError(
            f"{path}: {len(pairs[0])} events lie up to {rest:.3f} s off a straight line ({REST_S:g} s are allowed). "
            "That is no drift: a pair is of two different events, or a clock was set, which needs a run of its own."
        )
    length = float(stream.time_s.max() - stream.time_s.min()) if len(stream) else 0.0
    off = abs(rate - 1) * length
    if off > DRIFT_S and not correct:
        raise InputError(
            f"The clock of '{stream.name}' drifts by {off:.3f} s over {length:.0f} s ({1e6 * (rate - 1):+.0f} "
            f"millionths, by {len(pairs[0])} events; the rest is at most {rest:.3f} s). Have it corrected "
            "(correct_clock), or give another table of events."
        )
    if off <= DRIFT_S:
        rate, offset = 1.0, float(np.mean(pairs[1] - pairs[0]))
    return with_clock(stream, offset, rate)
