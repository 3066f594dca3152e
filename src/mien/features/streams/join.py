"""``mien streams join``: chosen streams in one table, at the moments of one of them or at even steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from mien.core.errors import InputError
from mien.core.files import atomic_path
from mien.core.numbers import checked_numbers
from mien.core.output import check_file
from mien.core.streams import SAMPLED, Runs, Stream, TimeLine
from mien.data.streams.haemodynamics import convolved
from mien.data.streams.placing import lasting
from mien.data.streams.store import read_head, read_time_line, streams_folder
from mien.data.streams.windows import Windows, onto, words_onto
from mien.features.streams.as_of import LongStream

# Streams of samples with more rows than this stay on the disk; windows that are joined at once.
LONG_ROWS, WINDOWS = 2_000_000, 200_000


@dataclass(frozen=True)
class JoinedStreams:
    """A table of joined streams that was written.

    Attributes
    ----------
    rows : int
    columns : tuple of str
    path : Path
    """

    rows: int
    columns: tuple[str, ...]
    path: Path


@checked_numbers
def join(
    study: str | Path | TimeLine,
    *,
    streams: Sequence[str] = (),
    at: str = "",
    every_s: float | None = None,
    lag_s: float = 0.0,
    haemodynamic: bool = False,
    overlap: str = "mean",
    output: str | Path | None = None,
) -> pa.Table | JoinedStreams:
    """Streams of a study in one table: a row for each window of time, viewer and run.

    Streams of samples with more than two million rows are not read as a whole: one run of one viewer is joined after
    the other, means of windows as of time by DuckDB (extra ``cohort``).

    Parameters
    ----------
    study : str, Path or TimeLine
    streams : sequence of str
        Which; by default all.
    at : str
        Stream whose rows are the windows, such as the volumes of a scanner.
    every_s : float, optional
        Instead: windows of this many seconds, one after the other through every run.
    lag_s : float
        Seconds by which all other streams are looked at earlier (haemodynamic shift).
    haemodynamic : bool
        Instead of a shift: streams of the stimulus (without a viewer) are convolved with the canonical response.
    overlap : str
        Of intervals that hold at once: ``'mean'``, ``'max'`` or ``'sum'``.
    output : path, optional
        ``.parquet`` or ``.csv``; the table is written as it is made, and is never in the memory as a whole.

    Returns
    -------
    pyarrow.Table, or JoinedStreams where it was written
        ``run``, ``viewer``, ``time_s`` (start of the window), then ``STREAM: COLUMN`` by each stream's rule. Streams of
        other viewers than the row's are missing there.

    Raises
    ------
    InputError
        If a stream is missing, or windows are asked for in both ways or in none.

    Examples
    --------
    >>> import mien
    >>> from pathlib import Path
    >>> _ = Path("told.csv").write_text("onset,duration,fear\\n0,4,0.5\\n4,2,1.0\\n")
    >>> _ = mien.streams.add("told.csv", "study", kind="annotation", run="1")
    >>> mien.streams.join("study", every_s=2).to_pydict()["told: fear"]
    [0.5, 0.5, 1.0]
    """
    if haemodynamic and lag_s:
        raise InputError("Either a shift (lag_s) or convolution (haemodynamic): both would shift twice.")
    if (at != "") == (every_s is not None):
        raise InputError("Say at which moments streams are joined: those of a stream (at), or every_s seconds.")
    if every_s is not None and not every_s > 0:
        raise InputError(f"every_s is above 0, but got {every_s:g}.")
    line, long = (study, {}) if isinstance(study, TimeLine) else _time_line(study)
    names = [str(name) for name in streams] or list(line.streams)
    chosen = {name: line[name] for name in names}
    tables = (
        _joined(windows, chosen, long, at, lag_s, haemodynamic, overlap)
        for windows in _windows(line, chosen, long, at, every_s)
    )
    return pa.concat_tables(tables) if output is None else _write(tables, Path(output))


def _time_line(study: str | Path) -> tuple[TimeLine, dict[str, LongStream]]:
    """The time line with the heads alone of long streams, and these."""
    long = {}
    for path in sorted(streams_folder(study).glob("*.parquet")):
        head, rows = read_head(path)
        if head.kind == SAMPLED and rows > LONG_ROWS:
            long[path.stem] = LongStream(path, head)
    for name, stream in long.items():
        if any(run == "" for _, run in stream.parts):
            raise InputError(f"'{name}' is not on runs yet; add the table of runs with 'mien streams add --as runs'.")
    return read_time_line(study, heads={name: (stream.head, stream.ends()) for name, stream in long.items()}), long


def _windows(
    line: TimeLine, chosen: Mapping[str, Stream], long: Mapping[str, LongStream], at: str, every_s: float | None
) -> Iterator[Windows]:
    """Windows that are joined at once: not too many, and of one viewer and run where a stream is on the disk."""
    if at in long:
        every = long[at].windows()
    else:
        every = iter([Windows.of(line[at])]) if at else _even(line.runs, _viewers(chosen, long), float(every_s or 0))
    for windows in every:
        keys = np.unique(np.stack([windows.viewer, windows.run]).astype(str), axis=1).T if long else [("", "")]
        for viewer, run in keys:
            own = (windows.viewer == viewer) & (windows.run == run) if long else np.ones(len(windows), dtype=bool)
            rows = np.flatnonzero(own)
            for first in range(0, max(len(rows), 1), WINDOWS):
                yield windows[rows[first : first + WINDOWS]]


def _viewers(chosen: Mapping[str, Stream], long: Mapping[str, LongStream]) -> list[str]:
    """Viewers of the streams, or nobody where they are of none."""
    known = [viewer for name in chosen if name in long for viewer, _ in long[name].parts]
    known += [viewer for stream in chosen.values() for viewer in stream.viewer.tolist()]
    return [viewer for viewer in dict.fromkeys(known) if viewer] or [""]


def _even(runs: Runs, viewers: Sequence[str], every_s: float) -> Iterator[Windows]:
    """Windows through every run, for each viewer."""
    for name, length in zip(runs.name, runs.length_s.tolist(), strict=True):
        # A last window that the run does not fill is left out.
        begin = np.arange(int(np.floor(length / every_s + 1e-9))) * every_s
        for viewer in viewers:
            run, who = (np.full(len(begin), word, dtype=object) for word in (name, viewer))
            yield Windows(run, begin, every_s, who)


def _joined(
    windows: Windows,
    chosen: Mapping[str, Stream],
    long: Mapping[str, LongStream],
    at: str,
    lag_s: float,
    haemodynamic: bool,
    overlap: str,
) -> pa.Table:
    columns: dict[str, Any] = {
        "run": pa.array(windows.run.tolist(), pa.string()), "viewer": pa.array(windows.viewer.tolist(), pa.string()),
        "time_s": pa.array(windows.start_s),
    }  # fmt: skip
    for name, head in chosen.items():
        own = name == at
        lag = 0.0 if own else lag_s
        stream = head
        if name in long and len(windows):
            # Means are taken without reading its rows.
            whole = bool(head.texts) or haemodynamic
            stream = long[name].part(windows.viewer[0], windows.run[0]) if whole else head
        of_viewers = any(viewer for viewer, _ in long[name].parts) if name in long else bool((head.viewer != "").any())
        if haemodynamic and not own and stream.columns and not of_viewers:
            values = convolved(stream, windows, overlap=overlap)
        elif name in long and len(windows):
            values = long[name].onto(windows, overlap=overlap, lag_s=lag)
        else:
            values = (
                onto(stream, windows, overlap=overlap, lag_s=lag) if stream.columns else np.zeros((len(windows), 0))
            )
        for place, column in enumerate(stream.columns if stream.rule != "onset" else ()):
            columns[f"{name}: {column}"] = pa.array(values[:, place], from_pandas=True)
        if stream.kind == "events":
            columns[f"{name}: events"] = pa.array(onto(stream, windows, rule="onset", lag_s=lag)[:, 0])
        elif lasting(stream).any():
            for column in stream.texts:
                columns[f"{name}: {column}"] = pa.array(words_onto(stream, column, windows, lag_s=lag).tolist())
    return pa.table(columns)


def _write(tables: Iterator[pa.Table], path: Path) -> JoinedStreams:
    check_file(path)
    if path.suffix.lower() not in (".parquet", ".csv"):
        raise InputError(f"The table is written as .parquet or .csv, but got '{path.name}'.")
    first = next(tables)
    rows = 0
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        csv = path.suffix.lower() == ".csv"
        writer = (
            pacsv.CSVWriter(file, first.schema) if csv else pq.ParquetWriter(file, first.schema, compression="zstd")
        )
        with writer:
            for table in chain([first], tables):
                writer.write_table(table)
                rows += table.num_rows
    return JoinedStreams(rows, tuple(first.column_names), path)
