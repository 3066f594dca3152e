"""Annotations as streams: intervals and events of a table, BIDS events, the annotation of StudyForrest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.streams import EVENTS, INTERVALS, Runs, Stream
from mien.data.tables.table import FileTable, read_table

_START = ("onset", "onset_s", "start_s", "start", "time_s")
_LASTS = ("duration", "duration_s")
_STOP = ("stop_s", "end_s", "end", "stop", "offset")
_RUN, _VIEWER = ("run",), ("viewer", "participant", "subject", "sub")
_PLACES = {"x_px": ("x_px", "x", "x_position"), "y_px": ("y_px", "y", "y_position")}
# What a table may write where nothing is known.
_MISSING = {"", "n/a", "na", "nan"}


def read_annotations(
    path: str | Path,
    *,
    name: str = "",
    run: str = "",
    viewer: str = "",
    columns: Sequence[str] = (),
    start_column: str = "",
    duration_column: str = "",
    end_column: str = "",
) -> Stream:
    """A table with a row for each interval or event, as a stream.

    Parameters
    ----------
    path : str or Path
        CSV, TSV, Excel or Parquet with ``onset`` (or ``start``) in seconds, and ``duration`` or ``end``; without both
        of these the rows are moments. BIDS ``events.tsv`` and the tables of StudyForrest
        (``emotions_av_1s_events.tsv``, ``shots.csv``, ``locations.tsv``, ``scenes.csv``) are such tables.
    name : str
        Of the stream; by default the file's.
    run, viewer : str
        Of all rows, where the table has no column for them. Without a run times are on the clock of the stimulus.
    columns : sequence of str
        Which columns to keep; by default all.
    start_column, duration_column, end_column : str
        Columns of seconds of other names than those above; of the last two one at most.

    Returns
    -------
    Stream
        Columns of numbers are values, others words (BIDS' ``n/a`` is missing). Rows in the order of their onset.

    Raises
    ------
    InputError
        If there is no onset, or a time is no number; names file, row and column.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("events.tsv").write_text("onset\\tduration\\ttrial_type\\n15\\t22.5\\tface\\n52.5\\t22.5\\tcat\\n")
    >>> events = read_annotations("events.tsv", run="1")
    >>> events.kind, events.texts["trial_type"].tolist()
    ('intervals', ['face', 'cat'])
    """
    table = read_table(Path(path))
    if duration_column and end_column:
        raise InputError("Either how long rows last (duration_column) or when they end (end_column).")
    for column in filter(None, (start_column, duration_column, end_column)):
        table.need(column, "a time in seconds")
    start, lasts, stop = (_one_of(table, names) for names in (_START, _LASTS, _STOP))
    start = start_column or start
    if duration_column or end_column:
        lasts, stop = duration_column, end_column
    if not start:
        have = ", ".join(table.columns)
        raise InputError(f"{path} does not say when its rows begin: it needs a column onset (seconds), but has {have}.")
    begin = _times(table, start)
    if lasts or stop:
        end = _times(table, lasts, missing=True) if lasts else _times(table, stop) - begin
        kind = INTERVALS if np.isfinite(end).any() else EVENTS
        duration = np.nan_to_num(end, nan=0.0)
    else:
        kind, duration = EVENTS, np.zeros(len(begin))
    if (duration < 0).any():
        row = int(np.argmax(duration < 0))
        raise InputError(f"{path}, row {row + table.first_row}: it ends before it begins ({duration[row]:g} s).")
    of_run, of_viewer = (_one_of(table, names) for names in (_RUN, _VIEWER))
    taken = {start, lasts, stop, of_run, of_viewer}
    kept = [column for column in table.columns if column not in taken]
    if columns:
        lost = [column for column in columns if column not in table.columns]
        if lost:
            raise InputError(f"{path} has no column '{lost[0]}'; it has {', '.join(kept)}.")
        kept = [column for column in kept if column in columns]
    numbers, words = [], {}
    for column in kept:
        values, bad = table.numbers(column)
        cells = np.array([str(cell) for cell in table.columns[column]], dtype=object)
        empty = np.array([cell.strip().lower() in _MISSING for cell in cells])
        if (bad & ~empty).any() or empty.all():
            words[column] = np.where(empty, "", cells)
        else:
            numbers.append((column, np.where(empty, np.nan, values)))
    order = np.argsort(begin, kind="stable")
    return Stream(
        name or _stem(Path(path)), kind, begin[order], tuple(column for column, _ in numbers),
        np.stack([values for _, values in numbers], axis=1)[order] if numbers else np.zeros((len(begin), 0)),
        {column: cells[order] for column, cells in words.items()}, duration[order],
        run=_filled(table, of_run, run)[order], viewer=_filled(table, of_viewer, viewer)[order],
        source=Path(path).name, settings={"file": Path(path).name},
    )  # fmt: skip


def fixations_of_annotation(found: Stream, columns: Mapping[str, str] | None = None) -> Stream:
    """Intervals with places as fixations: ``x_px``, ``y_px`` and who looked.

    Parameters
    ----------
    found : Stream
        As ``read_annotations`` gives it.
    columns : mapping of str to str, optional
        What the table calls ``x``, ``y`` and ``viewer``; by default their usual names.

    Raises
    ------
    InputError
        If rows are moments, a column is missing, or it is not known who looked.
    """
    path, given = found.source or found.name, dict(columns or {})
    if found.kind != INTERVALS:
        raise InputError(f"{path}: a fixation lasts; its table needs a column duration_s (or stop_s) beside the onset.")
    if unknown := sorted(set(given) - {"x", "y", "viewer"}):
        raise InputError(f"columns: '{unknown[0]}' is nothing that is read of fixations over time.")
    names = list(found.columns)
    for known, also in _PLACES.items():
        wanted = given.get(known[0], "")
        place = next((names.index(one) for one in ((wanted,) if wanted else also) if one in names), None)
        if place is None:
            have = ", ".join(names)
            raise InputError(f"{path} has no column '{wanted or known}' (pixels of the stimulus); it has {have}.")
        # Another column of that name stays beside it.
        names = [f"{one} of the table" if one == known else one for one in names]
        names[place] = known
    found = replace(found, columns=tuple(names))
    if who := given.get("viewer", ""):
        if who in _VIEWER and (found.viewer != "").any():
            return found
        column = found.column(who)
        viewer = column if who in found.texts else np.array([f"{one:g}" for one in column], dtype=object)
        found = replace(found, viewer=viewer)
    if (found.viewer == "").any():
        raise InputError(f"{path} does not say whose fixations these are: add a column 'viewer', or give viewer.")
    return found


def until_next(stream: Stream, runs: Runs | None = None) -> Stream:
    """Moments as intervals, each of which holds until the next one of its viewer and run begins, as shots of a film.

    Parameters
    ----------
    stream : Stream
        Of moments.
    runs : Runs, optional
        The last one holds until the end of its run, of a stream on the clock of the stimulus until that of the last
        run. Without them nobody knows when it ends, and it lasts 0 s.

    Raises
    ------
    InputError
        If the rows have ends of their own.
    """
    if stream.kind != EVENTS:
        raise InputError(f"'{stream.name}' says itself when its rows end; leave until_next out.")
    ends = {} if runs is None else {"": float(runs.stop_s.max()), **dict(zip(runs.name, runs.length_s, strict=True))}
    lasts = np.zeros(len(stream))
    for (_, run), rows in stream.parts().items():
        last = float(stream.time_s[rows].max())
        lasts[rows] = np.diff(stream.time_s[rows], append=max(ends.get(run, last), last))
    note = () if runs is not None else ("The last row has no end: there is no table of runs.",)
    return replace(
        stream, kind=INTERVALS, rule="", duration_s=lasts, settings={**stream.settings, "until_next": True},
        notes=(*stream.notes, *note),
    )  # fmt: skip


def _stem(path: Path) -> str:
    return path.name.partition(".")[0]


def _one_of(table: FileTable, names: Sequence[str]) -> str:
    called = {column.strip().lower(): column for column in table.columns}
    return next((called[name] for name in names if name in called), "")


def _times(table: FileTable, column: str, missing: bool = False) -> np.ndarray:
    values, bad = table.numbers(column)
    cells = [str(cell).strip().lower() for cell in table.columns[column]]
    empty = np.array([cell in _MISSING for cell in cells], dtype=bool)
    wrong = (bad & ~empty) | (empty & (not missing)) | np.isinf(values)
    if wrong.any():
        row = int(np.argmax(wrong))
        cell = str(table.columns[column][row])
        raise InputError(
            f"{table.path}, row {row + table.first_row}: '{column}' holds '{cell}', which is no time in seconds."
        )
    return np.where(empty, np.nan, values)


def _filled(table: FileTable, column: str, otherwise: str) -> np.ndarray:
    if not column:
        return np.full(len(table), otherwise, dtype=object)
    return np.array([str(cell) for cell in table.columns[column]], dtype=object)
