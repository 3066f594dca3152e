"""``mien streams join``: chosen streams in one table, at the moments of one of them or at even steps."""

from __future__ import annotations

from collections.abc import Sequence
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
from mien.core.streams import TimeLine
from mien.data.streams.haemodynamics import convolved
from mien.data.streams.placing import lasting
from mien.data.streams.store import read_time_line
from mien.data.streams.windows import Windows, onto, words_onto


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
) -> pa.Table:
    """Streams of a study in one table: a row for each window of time, viewer and run.

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
        ``.parquet`` or ``.csv``.

    Returns
    -------
    pyarrow.Table
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
    >>> _ = Path("told.csv").write_text("onset,duration,fear\\n0,3,0.5\\n4,2,1.0\\n")
    >>> _ = mien.streams.add("told.csv", "study", kind="annotation", run="1")
    >>> mien.streams.join("study", every_s=2).to_pydict()["told: fear"]
    [0.5, 0.5, 1.0]
    """
    line = study if isinstance(study, TimeLine) else read_time_line(study)
    if haemodynamic and lag_s:
        raise InputError("Either a shift (lag_s) or convolution (haemodynamic): both would shift twice.")
    if (at != "") == (every_s is not None):
        raise InputError("Say at which moments streams are joined: those of a stream (at), or every_s seconds.")
    if every_s is not None and not every_s > 0:
        raise InputError(f"every_s is above 0, but got {every_s:g}.")
    names = [str(name) for name in streams] or list(line.streams)
    windows = Windows.of(line[at]) if at else _even(line, names, float(every_s or 0))
    columns: dict[str, Any] = {
        "run": pa.array(windows.run.tolist(), pa.string()), "viewer": pa.array(windows.viewer.tolist(), pa.string()),
        "time_s": pa.array(windows.start_s),
    }  # fmt: skip
    for name in names:
        stream = line[name]
        own = name == at
        lag = 0.0 if own else lag_s
        if haemodynamic and not own and stream.columns and not (stream.viewer != "").any():
            values = convolved(stream, windows, overlap=overlap)
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
    table = pa.table(columns)
    if output is not None:
        _write(table, Path(output))
    return table


def _even(line: TimeLine, names: Sequence[str], every_s: float) -> Windows:
    """Windows through every run, for each viewer of the streams, or for nobody where they are of none."""
    viewers = list(dict.fromkeys(v for name in names for v in line[name].viewer.tolist() if v)) or [""]
    run, start, who = [], [], []
    for name, length in zip(line.runs.name, line.runs.length_s.tolist(), strict=True):
        # A last window that the run does not fill is left out.
        begin = np.arange(int(np.floor(length / every_s + 1e-9))) * every_s
        for viewer in viewers:
            run.append(np.full(len(begin), name, dtype=object))
            start.append(begin)
            who.append(np.full(len(begin), viewer, dtype=object))
    return Windows(np.concatenate(run), np.concatenate(start), every_s, np.concatenate(who))


def _write(table: pa.Table, path: Path) -> None:
    check_file(path)
    if path.suffix.lower() not in (".parquet", ".csv"):
        raise InputError(f"The table is written as .parquet or .csv, but got '{path.name}'.")
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        if path.suffix.lower() == ".csv":
            pacsv.write_csv(table, file)
        else:
            pq.write_table(table, file, compression="zstd")
