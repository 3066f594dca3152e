"""Streams placed on the runs of the stimulus: cut at their borders, shifted only as asked, with everything said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.streams import EVENTS, INTERVALS, SAMPLED, Runs, Stream, TimeLine
from mien.core.words import percent

# A stream on runs may be longer than its run by this many of its own steps, as scanners stop between volumes.
TOLERANCE_STEPS = 2.0
# What ends before this share of the runs was hardly made for runs of that length.
_LEAST_REACH = 0.75


def placed(stream: Stream, runs: Runs, *, offset_s: float | Mapping[str, float] = 0.0) -> Stream:
    """A stream with times since the start of each run.

    Parameters
    ----------
    stream : Stream
        On the clock of the stimulus: it is cut at the runs' borders (what lies in two runs that overlap is in both). On
        runs: checked against their lengths.
    runs : Runs
    offset_s : float or mapping of str to float
        Seconds that are added to its times; of each run, where the clock was started anew. It is written into its
        ``settings``.

    Returns
    -------
    Stream
        What lies outside of all runs is left out and counted in ``notes``.

    Raises
    ------
    InputError
        If a run is not known, or lasts otherwise than the stream says.

    Examples
    --------
    >>> from mien.core.streams import Runs, Stream
    >>> told = Stream("faces", "intervals", [8.0], texts={"who": ["A"]}, duration_s=[4.0])
    >>> on_runs = placed(told, Runs(["1", "2"], [0.0, 10.0], [10.0, 20.0]))
    >>> on_runs.run.tolist(), on_runs.time_s.tolist(), on_runs.duration_s.tolist()
    (['1', '2'], [8.0, 0.0], [2.0, 2.0])
    """
    by_run = offset_s if isinstance(offset_s, Mapping) else dict.fromkeys(runs.name, float(offset_s))
    lost = sorted(set(by_run) - set(runs.name))
    if lost:
        raise InputError(f"Offset of run '{lost[0]}': the runs are {', '.join(runs.name)}.")
    found = _on_runs(stream, runs, by_run) if stream.on_runs else _cut(stream, runs, by_run)
    shifted = {run: seconds for run, seconds in by_run.items() if seconds}
    settings = {**found.settings, **({"offset_s": shifted} if shifted else {})}
    return replace(found, settings=settings)


def _on_runs(stream: Stream, runs: Runs, by_run: Mapping[str, float]) -> Stream:
    lost = sorted(set(stream.run) - set(runs.name))
    if lost:
        raise InputError(
            f"Stream '{stream.name}' has a run '{lost[0]}', but the runs are {', '.join(runs.name)}; call them alike."
        )
    length = dict(zip(runs.name, runs.length_s, strict=True))
    notes = list(stream.notes)
    kept = np.ones(len(stream), dtype=bool)
    time_s = stream.time_s + np.array([by_run.get(run, 0.0) for run in stream.run])
    lasts = stream.duration_s.copy()
    short: dict[str, tuple[float, float]] = {}
    parts = stream.parts()
    for (viewer, run), rows in parts.items():
        where = f"run '{run}'{f' of {viewer}' if viewer else ''}"
        step = _step(stream.time_s[rows])
        allowed = TOLERANCE_STEPS * step if stream.kind == SAMPLED and step == step else 1.0
        last = time_s[rows].max() + (step if stream.kind == SAMPLED and step == step else 0.0)
        if last > length[run] + allowed:
            raise InputError(
                f"Stream '{stream.name}', {where}: it goes on to {last:.2f} s, but the run lasts {length[run]:.2f} s. "
                "Correct the table of runs, or the seconds from row to row, or cut the stream; nothing is stretched."
            )
        if stream.kind == SAMPLED and last < length[run] - max(allowed, 0.05 * length[run]):
            short[where] = last, float(length[run])
        outside = (time_s[rows] < -1e-9) | (time_s[rows] > length[run] + allowed)
        if outside.any():
            notes.append(f"{where}: {outside.sum()} of {len(rows)} rows lie outside of the run and are left out.")
            kept[rows[outside]] = False
        if stream.kind == INTERVALS:
            lasts[rows] = np.minimum(lasts[rows], np.maximum(length[run] - time_s[rows], 0.0))
    notes += _short(short, len(parts))
    if stream.kind == INTERVALS and parts:
        ends = time_s + lasts
        shares = [float(ends[rows].max() / length[run]) for (_, run), rows in parts.items()]
        if max(shares) < _LEAST_REACH:
            notes.append(
                f"It holds nothing beyond {percent(max(shares))} of any of its runs, which counts as none. If runs "
                "last less, correct their table."
            )
    return replace(stream, time_s=time_s, duration_s=lasts, notes=tuple(dict.fromkeys(notes)))[kept]


def _short(ends: Mapping[str, tuple[float, float]], parts: int) -> list[str]:
    """One sentence on runs that samples do not fill, however many there are."""
    if not ends:
        return []
    where, (last, whole) = next(iter(ends.items()))
    if len(ends) == 1:
        return [f"{where}: it ends at {last:.2f} s of {whole:.2f} s; what follows is missing."]
    shares = [end / full for end, full in ends.values()]
    least, most = percent(min(shares)), percent(max(shares))
    said = (
        f"It ends before the run does in {len(ends)} of {parts} runs of viewers, after {least}"
        f"{f' to {most}' if most != least else ''} of it, such as {where}: at {last:.2f} s of {whole:.2f} s; what "
        "follows is missing."
    )
    # Nobody stops a scanner so early in every run.
    wrong = len(ends) == parts and max(shares) < _LEAST_REACH
    return [f"{said} If runs last less, correct their table." if wrong else said]


def _cut(stream: Stream, runs: Runs, by_run: Mapping[str, float]) -> Stream:
    parts, used = [], np.zeros(len(stream), dtype=bool)
    for name, start, stop in zip(runs.name, runs.start_s.tolist(), runs.stop_s.tolist(), strict=True):
        begin = stream.time_s + by_run.get(name, 0.0)
        end = begin + (np.nan_to_num(stream.duration_s) if stream.kind == INTERVALS else 0.0)
        if stream.kind == INTERVALS:
            inside = (begin < stop) & ((end > start) | ((end == begin) & (begin >= start)))
        else:
            inside = (begin >= start) & (begin < stop)
        used |= inside
        part = stream[inside]
        first = np.maximum(begin[inside], start)
        lasts = part.duration_s
        if stream.kind == INTERVALS:
            lasts = np.minimum(end[inside], stop) - first
        run = np.full(len(part), name, dtype=object)
        parts.append(replace(part, time_s=first - start, duration_s=lasts, run=run))
    notes = list(stream.notes)
    if used.any() and stream.kind != EVENTS:
        last = float((stream.time_s + np.nan_to_num(stream.duration_s)).max())
        first, whole = float(runs.start_s.min()), float(runs.stop_s.max())
        if last - first < _LEAST_REACH * (whole - first):
            what = "counts as none" if stream.kind == INTERVALS else "is missing"
            notes.append(
                f"It ends at {last:.2f} s of the stimulus, but the runs go on to {whole:.2f} s; what follows {what}. "
                "If runs last less, correct their table."
            )
    if (~used).any():
        first, last = stream.time_s[~used].min(), stream.time_s[~used].max()
        notes.append(
            f"{(~used).sum()} of {len(stream)} rows lie outside of the runs ({first:.1f} to {last:.1f} s of the "
            "stimulus) and are left out."
        )
    return replace(joined(parts), notes=tuple(notes)) if parts else stream


def joined(parts: list[Stream]) -> Stream:
    """Rows of several streams of the same columns as one, with the facts of the first.

    Raises
    ------
    InputError
        If their columns differ.
    """
    first = parts[0]
    for part in parts[1:]:
        if part.columns != first.columns or set(part.texts) != set(first.texts) or part.kind != first.kind:
            odd = sorted(set(part.columns + tuple(part.texts)) ^ set(first.columns + tuple(first.texts)))
            raise InputError(
                f"Stream '{part.name}' has other columns than the rest of it"
                f"{f': {chr(39)}{odd[0]}{chr(39)} is in some files only' if odd else ''}."
            )
    if len(parts) == 1:
        return first
    arrays: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("time_s", "values", "duration_s", "run", "viewer")
    }
    texts = {name: np.concatenate([part.texts[name] for part in parts]) for name in first.texts}
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    return replace(first, texts=texts, notes=notes, **arrays)


def time_line(runs: Runs, streams: Mapping[str, Stream]) -> TimeLine:
    """Streams on one time line; each is placed on the runs, if it is not yet."""
    return TimeLine(runs, {name: placed(stream, runs) for name, stream in streams.items()})


def drift(own_s: np.ndarray, common_s: np.ndarray) -> tuple[float, float, float]:
    """How one clock runs against another one, by events that both recorded.

    Parameters
    ----------
    own_s, common_s : ndarray of float64, shape (events,)
        Times of the same events on the stream's own clock and on the common one; at least three.

    Returns
    -------
    offset_s, rate, rest_s : float
        The common time is ``offset_s + rate * own time``; the largest difference that this leaves, in seconds.

    Raises
    ------
    InputError
        If there are fewer than three events, or one is no number.
    """
    own, common = np.asarray(own_s, dtype=np.float64), np.asarray(common_s, dtype=np.float64)
    if own.shape != common.shape or len(own) < 3 or not (np.isfinite(own).all() and np.isfinite(common).all()):
        raise InputError(
            f"Two clocks are compared by three or more events that both recorded, but got {own.size} and {common.size} "
            "times, or some that are no numbers."
        )
    if not np.ptp(own) > 0:
        raise InputError(f"Two clocks are compared by events at different times, but all are at {own[0]:g} s of one.")
    rate, offset = np.polyfit(own, common, 1)
    return float(offset), float(rate), float(np.abs(offset + rate * own - common).max())


def with_clock(stream: Stream, offset_s: float, rate: float) -> Stream:
    """A stream on a clock that runs at another rate; said in its settings and notes."""
    faster = f"{1e6 * (rate - 1):+.0f} millionths"
    note = f"Times were corrected: its clock differs by {faster} in rate and by {offset_s:+.3f} s."
    return replace(
        stream, time_s=offset_s + rate * stream.time_s, duration_s=rate * stream.duration_s,
        settings={**stream.settings, "clock": {"offset_s": offset_s, "rate": rate}}, notes=(*stream.notes, note),
    )  # fmt: skip


def step_of(stream: Stream) -> float:
    """Seconds from row to row of a stream of samples: the median over all runs; NaN of fewer than two rows."""
    steps = [np.diff(stream.time_s[rows]) for rows in stream.parts().values()]
    every = np.concatenate(steps) if steps else np.zeros(0)
    return float(np.median(every)) if len(every) else float("nan")


def _step(times: np.ndarray) -> float:
    return float(np.median(np.diff(times))) if len(times) > 1 else float("nan")


def lasting(stream: Stream) -> np.ndarray:
    """How long each row lasts in seconds, shape (rows,): as given, of samples else their run's step, of events 0."""
    if stream.kind == EVENTS:
        return np.zeros(len(stream))
    lasts = stream.duration_s.copy()
    for rows in stream.parts().values():
        missing = np.isnan(lasts[rows])
        if missing.any():
            lasts[rows[missing]] = np.nan_to_num(_step(stream.time_s[rows]), nan=0.0)
    return lasts
