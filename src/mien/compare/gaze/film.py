"""Fixations during a film as fixations on its frames: a window per frame, weighed by how long each lies in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.fixations import Fixations
from mien.core.streams import Stream
from mien.data.fixations import sizes_of
from mien.data.streams.annotations import fixations_of_annotation, read_annotations
from mien.data.streams.store import read_stream, streams_folder
from mien.data.tables.fixations import MOST_OUTSIDE, nowhere_note, without_a_place
from mien.data.tables.screens import coded, on_picture, size_of
from mien.data.tables.table import read_table


@dataclass(frozen=True, eq=False)
class Frames:
    """Frames of a film in order of runs and time.

    Attributes
    ----------
    path, run : ndarray of str, shape (frames,)
    time_s : ndarray of float64, shape (frames,)
        When each appears, since the start of its run.
    stop_s : ndarray of float64, shape (frames,)
        End of its window: the next frame, the cut of a shot, or ``window_s`` after it.
    """

    path: np.ndarray
    run: np.ndarray
    time_s: np.ndarray
    stop_s: np.ndarray

    def __len__(self) -> int:
        return len(self.path)

    def near(self, far_s: float) -> tuple[np.ndarray, np.ndarray]:
        """For each frame the first and behind the last of those of its run within ``far_s`` seconds."""
        first, last = np.zeros((2, len(self)), dtype=np.int64)
        for name in dict.fromkeys(self.run.tolist()):
            rows = np.flatnonzero(self.run == name)
            first[rows] = rows[0] + np.searchsorted(self.time_s[rows], self.time_s[rows] - far_s, side="right")
            last[rows] = rows[0] + np.searchsorted(self.time_s[rows], self.time_s[rows] + far_s, side="left")
        return np.minimum(first, np.arange(len(self))), np.maximum(last, np.arange(len(self)) + 1)


def frames_of(path: str | Path, window_s: float | None, shots: str | Path | None) -> Frames:
    """Frames of a table, with their windows.

    Parameters
    ----------
    path : path
        Table with ``path``, ``time_s`` (since the start of the run) and, with several runs, ``run``.
    window_s : float, optional
        Of each frame, from its time on; by default as long as the usual step from frame to frame.
    shots : path, optional
        Table with ``time_s`` (and ``run``) of cuts: no window reaches over one.

    Raises
    ------
    InputError
        If a column is missing or frames of a run have one time.
    """
    name, run, time = _moments(path, with_path=True)
    order = np.lexsort((time, run.astype(str)))
    name, run, time = name[order], run[order], time[order]
    if len(set(name)) < len(name):
        raise InputError(f"{path}: a frame's path is there twice; every frame has one of its own.")
    steps = np.diff(time)[run[1:] == run[:-1]]
    if (steps <= 0).any():
        raise InputError(f"{path}: two frames of a run have one time; each frame appears at a moment of its own.")
    if window_s is None and not len(steps):
        raise InputError(f"{path}: with a single frame in each run the length of windows has to be given (window_s).")
    stop = time + (float(np.median(steps)) if window_s is None else window_s)
    if shots is not None:
        _, of_run, cuts = _moments(shots, with_path=False)
        for one in dict.fromkeys(run.tolist()):
            rows = run == one
            own = np.sort(cuts[of_run == one])
            after = np.append(own, np.inf)[np.searchsorted(own, time[rows], side="right")]
            stop[rows] = np.minimum(stop[rows], after)
    return Frames(name, run, time, stop)


def _moments(path: str | Path, with_path: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = read_table(Path(path).expanduser())
    named = table.need("path", "which frame each row is") if with_path else np.zeros(len(table))
    table.need("time_s", "when each begins, in seconds since the start of its run")
    time, bad = table.numbers("time_s")
    if bad.any() or not np.isfinite(time).all():
        row = int(np.argmax(bad | ~np.isfinite(time)))
        raise InputError(f"{path}, row {row + table.first_row}: 'time_s' is no number.")
    run = table.columns["run"] if "run" in table.columns else np.full(len(time), "")
    words = [np.array([str(cell).strip() for cell in column], dtype=object) for column in (named, run)]
    return words[0], words[1], time


def stream_of(spec: Any, columns: Mapping[str, str] | None = None) -> Stream:
    """Fixations during a film: a stream, its file, a study that has a stream ``fixations``, or a table.

    Parameters
    ----------
    spec : Stream, path or text
    columns : mapping of str to str, optional
        What a table calls ``x``, ``y``, ``viewer``, ``onset`` and ``duration`` (seconds).

    Raises
    ------
    InputError
        If they are no intervals with ``x_px``, ``y_px`` and viewers.
    """
    given = dict(columns or {})
    if isinstance(spec, Stream):
        found = spec
    else:
        path = Path(spec).expanduser()
        if path.is_dir():
            path = streams_folder(path) / "fixations.parquet"
        if path.suffix == ".parquet":
            found = read_stream(path)
        else:
            start, lasts = (given.pop(name, "") for name in ("onset", "duration"))
            found = read_annotations(path, start_column=start, duration_column=lasts)
    if not len(found):
        raise InputError(f"'{found.name}' holds no fixations.")
    return fixations_of_annotation(found, given)


def on_frames(
    stream: Stream, frames: Frames, *, pictures: str | Path = "", picture_size: Any = None, screen: Any = None,
    shown: str = "", pixels_per_degree: float = float("nan"),
) -> Fixations:  # fmt: skip
    """Fixations on frames, a row for every window that a fixation reaches into; its duration is the time there.

    Parameters
    ----------
    stream : Stream
        Fixations during the film.
    frames : Frames
    pictures, picture_size, screen, shown, pixels_per_degree
        As of ``mien.read_fixations``.

    Raises
    ------
    InputError
        If runs do not match, the clocks differ, or places are not those of the frames.
    """
    lost = sorted(set(stream.run) - set(frames.run))
    if lost and len(lost) == len(set(stream.run)):
        raise InputError(
            f"No run of the fixations ({', '.join(map(repr, lost[:5]))}) is one of the frames "
            f"({', '.join(map(repr, sorted(set(frames.run))[:5]))}); both name runs alike, in the column 'run'."
        )
    notes = [f"Runs without frames were left out: {', '.join(lost)}."] if lost else []
    row, frame, lasts = [], [], []
    for name in dict.fromkeys(frames.run.tolist()):
        own = np.flatnonzero(stream.run == name)
        here = np.flatnonzero(frames.run == name)
        start, stop = stream.time_s[own], stream.time_s[own] + stream.duration_s[own]
        if len(own) and float(np.median(start)) > frames.stop_s[here[-1]]:
            raise InputError(
                f"Run '{name}': the last window of the frames ends at {frames.stop_s[here[-1]]:.6g} s, but half of the "
                f"fixations begin later (up to {start.max():.6g} s). Both count from the start of the run, in seconds."
            )
        late = start > frames.stop_s[here[-1]] + 1.0
        if late.any():
            notes.append(
                f"Run '{name}': {int(late.sum())} fixations begin after the last frame, up to "
                f"{start.max() - frames.stop_s[here[-1]]:.3g} s later; they were left out. Do the clocks drift?"
            )
        first = np.searchsorted(frames.stop_s[here], start, side="right")
        last = np.searchsorted(frames.time_s[here], stop, side="left")
        count = np.maximum(last - first, 0)
        of = np.repeat(np.arange(len(own)), count)
        at = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(first, count)
        within = np.minimum(stop[of], frames.stop_s[here][at]) - np.maximum(start[of], frames.time_s[here][at])
        kept = within > 1e-6
        row.append(own[of[kept]])
        frame.append(here[at[kept]])
        lasts.append(within[kept])
    rows, at_frame, seconds = (np.concatenate(part) for part in (row, frame, lasts))
    if not len(rows):
        raise InputError("No fixation falls into the window of a frame; both count seconds from the start of the run.")
    order = np.lexsort((stream.time_s[rows], at_frame))
    rows, at_frame, seconds = rows[order], at_frame[order], seconds[order]
    names = frames.path.tolist()
    sizes = dict.fromkeys(names, size_of(picture_size, "picture_size")) if picture_size not in (None, "") else (
        sizes_of(names, Path(pictures)) if str(pictures) else {}
    )  # fmt: skip
    if not sizes:
        raise InputError(
            "The size of the frames is not known; give picture_size='1280x720' or their folder (pictures)."
        )
    x, y = stream.column("x_px")[rows], stream.column("y_px")[rows]
    nowhere = coded(x, y)
    if len(set(rows[nowhere].tolist())) > 1:
        places = stream.column("x_px")
        notes.append(nowhere_note(places, coded(places, stream.column("y_px"))))
        x = np.where(nowhere, np.nan, x)
    path = frames.path[at_frame]
    if screen not in (None, ""):
        x, y, note = on_picture(x, y, path, sizes, screen, shown)
        notes.append(note)
    seen = np.isfinite(x) & np.isfinite(y)
    if not seen.any():
        raise InputError(f"'{stream.name}': no fixation has a place (x_px, y_px).")
    notes += without_a_place(stream.viewer[rows], seen)
    result = Fixations(
        path[seen], stream.viewer[rows][seen], x[seen], y[seen], seconds[seen], stream.time_s[rows][seen], sizes=sizes,
        pixels_per_degree=pixels_per_degree, name=stream.name, licence=stream.licence, credit=stream.credit,
        notes=tuple(notes),
    )  # fmt: skip
    outside = 1 - result.inside.mean()
    if outside > MOST_OUTSIDE:
        width, height = next(iter(sizes.values()))
        raise InputError(
            f"{100 * outside:.0f} % of the fixations lie outside frames of {width} x {height} pixels (up to "
            f"{x.max():.0f}, {y.max():.0f}). If their places are those of a screen, give its size and how the film was "
            "shown on it (screen, shown)."
        )
    return result


def on_faces(found: Fixations, frames: Sequence[str], boxes: dict[int, np.ndarray]) -> list[float]:
    """Share of the time of all viewers that lies within the box of a face, by frame; NaN where none is known."""
    result = np.full(len(frames), np.nan)
    order = np.argsort(found.picture.astype(str), kind="stable")
    named = found.picture.astype(str)[order]
    for number, own in boxes.items():
        first, last = np.searchsorted(named, frames[number]), np.searchsorted(named, frames[number], side="right")
        rows = order[first:last]
        if not len(rows):
            continue
        x, y = found.x_px[rows, None], found.y_px[rows, None]
        inside = ((x >= own[:, 0]) & (x < own[:, 0] + own[:, 2]) & (y >= own[:, 1]) & (y < own[:, 1] + own[:, 3])).any(
            1
        )
        result[number] = found.duration_s[rows][inside].sum() / found.duration_s[rows].sum()
    return [float(value) for value in result]
