"""Streams in windows of time: means, what holds, the nearest sample, what begins; missing stretches stay missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.core.errors import InputError
from mien.core.streams import HOLD, MEAN, NEAREST, ONSET, Stream
from mien.data.streams.placing import lasting

# What becomes of rows that hold at the same time, as several characters: their mean, the largest, or their sum.
OVERLAPS = ("mean", "max", "sum")
# What lies in a window for less than this, in seconds, lies there by rounding alone.
SAME_S = 1e-9


@dataclass(frozen=True, eq=False)
class Windows:
    """Windows on a time line.

    Attributes
    ----------
    run : ndarray of str, shape (windows,)
    start_s : ndarray of float64, shape (windows,)
        Since the start of the run.
    width_s : float
        Of each, from its start on.
    viewer : ndarray of str, shape (windows,)
        ``''``: whoever it is of.
    """

    run: np.ndarray
    start_s: np.ndarray
    width_s: float
    viewer: np.ndarray

    def __post_init__(self) -> None:
        if not self.width_s >= 0:
            raise InputError(f"Windows last 0 s or longer, but got {self.width_s:g} s.")

    def __len__(self) -> int:
        return len(self.start_s)

    def __getitem__(self, rows: np.ndarray) -> Windows:
        """Windows by mask or indices."""
        return Windows(self.run[rows], self.start_s[rows], self.width_s, self.viewer[rows])

    @classmethod
    def of(cls, stream: Stream, width_s: float | None = None) -> Windows:
        """The rows of a stream as windows, each for as long as its row (or ``width_s``)."""
        lasts = lasting(stream)
        wide = float(np.median(lasts)) if len(lasts) else 0.0
        return cls(stream.run, stream.time_s, wide if width_s is None else width_s, stream.viewer)


def onto(
    stream: Stream, windows: Windows, *, rule: str = "", overlap: str = "mean", lag_s: float = 0.0
) -> np.ndarray:  # fmt: skip
    """Values of a stream in windows.

    Parameters
    ----------
    stream : Stream
        On runs. Rows of the windows' viewer are taken, or, where the stream has none, those of everybody.
    windows : Windows
    rule : str
        ``'mean'``: weighed by how long each row lies in the window; ``'hold'``: what holds in the middle of the window;
        ``'nearest'``: the sample nearest to the middle, no further than half a window and half a step; ``'onset'``: how
        many rows begin in the window, and so (columns are not read). By default the stream's.
    overlap : str
        Of rows that hold at once: ``'mean'``, ``'max'`` or ``'sum'`` (rule ``'hold'``, and ``'mean'`` for ``'max'``,
        ``'sum'``: the largest, or the sum, weighed by the share of the window).
    lag_s : float
        Seconds by which the stream is looked at earlier: a haemodynamic shift of 5 s asks what held 5 s before.

    Returns
    -------
    ndarray of float64, shape (windows, columns)
        NaN where nothing lies; of ``'onset'`` shape (windows, 1), 0 where nothing begins.

    Raises
    ------
    InputError
        If the rule is none.
    """
    chosen = rule or stream.rule
    if chosen not in (MEAN, HOLD, NEAREST, ONSET) or overlap not in OVERLAPS:
        raise InputError(f"The rule is mean, hold, nearest or onset, and overlap {', '.join(OVERLAPS)}.")
    lasts = lasting(stream)
    parts = stream.parts()
    wide = 1 if chosen == ONSET else len(stream.columns)
    result = np.full((len(windows), wide), 0.0 if chosen == ONSET else np.nan)
    keys: dict[tuple[str, str], list[int]] = {}
    for place, key in enumerate(zip(windows.viewer.tolist(), windows.run.tolist(), strict=True)):
        keys.setdefault(key, []).append(place)
    for (viewer, run), places in keys.items():
        rows = parts.get((viewer, run), parts.get(("", run), np.zeros(0, dtype=np.int64)))
        if not viewer and not len(rows):
            several = [found for (_, of_run), found in parts.items() if of_run == run]
            rows = np.concatenate(several) if several else rows
        if not len(rows):
            continue
        order = rows[np.argsort(stream.time_s[rows], kind="stable")]
        at = np.asarray(places)
        start = windows.start_s[at] - lag_s
        begin, end = stream.time_s[order], stream.time_s[order] + lasts[order]
        values = stream.values[order]
        if chosen == ONSET:
            first, last = np.searchsorted(begin, start), np.searchsorted(begin, start + windows.width_s)
            result[at, 0] = last - first
        elif chosen == NEAREST:
            result[at] = _nearest(begin, lasts[order], values, start + windows.width_s / 2, windows.width_s)
        elif chosen == HOLD:
            middle = start + windows.width_s / 2
            result[at] = _over(begin, end, values, middle, middle, overlap)
        else:
            result[at] = _over(begin, end, values, start, start + windows.width_s, overlap)
    if chosen == ONSET:
        # What began before the run is not known.
        result[windows.start_s - lag_s < 0] = np.nan
    return result


def words_onto(stream: Stream, column: str, windows: Windows, *, lag_s: float = 0.0) -> np.ndarray:
    """The word that holds longest in each window, shape (windows,); ``''`` where none does."""
    return longest_word(*word_shares(stream, column, windows, lag_s=lag_s))


def longest_word(words: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """The word with the largest share of each window, of several the first; ``''`` where none has any."""
    if not len(words):
        return np.full(len(shares), "", dtype=object)
    best = np.argmax(shares, axis=1)
    found = words[best]
    found[shares[np.arange(len(best)), best] <= 0] = ""
    return np.asarray(found)


def word_shares(
    stream: Stream, column: str, windows: Windows, *, lag_s: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The words of a column, shape (words,), and the share of each window in which each holds, (windows, words)."""
    cells = stream.column(column)
    known = np.array([word for word in dict.fromkeys(cells.tolist()) if word], dtype=object)
    holds = (cells[:, None] == known[None]).reshape(len(cells), len(known))
    return known, share_of_time(stream, holds, windows, lag_s=lag_s)


def share_of_time(stream: Stream, holds: np.ndarray, windows: Windows, *, lag_s: float = 0.0) -> np.ndarray:
    """Share of each window in which any row with something holds, shape (windows, kinds), from 0 to 1.

    Parameters
    ----------
    stream : Stream
        Of intervals or samples, on runs.
    holds : ndarray of bool, shape (rows, kinds)
        Which rows have it.
    windows : Windows
        Of a width above 0.
    lag_s : float
        As of ``onto``.
    """
    lasts, parts = lasting(stream), stream.parts()
    result = np.zeros((len(windows), holds.shape[1]))
    for viewer, run in dict.fromkeys(zip(windows.viewer.tolist(), windows.run.tolist(), strict=True)):
        at = np.flatnonzero((windows.viewer == viewer) & (windows.run == run))
        rows = parts.get((viewer, run), parts.get(("", run), np.zeros(0, dtype=np.int64)))
        start = windows.start_s[at] - lag_s
        for kind in range(holds.shape[1]):
            mine = rows[holds[rows, kind]]
            if len(mine):
                begin, end = _united(stream.time_s[mine], stream.time_s[mine] + lasts[mine])
                inside = _covered(begin, end, start + windows.width_s) - _covered(begin, end, start)
                result[at, kind] = np.clip(inside / windows.width_s, 0, 1) if windows.width_s else 0.0
    return result


def _united(begin: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Stretches that overlap or touch as one."""
    order = np.argsort(begin, kind="stable")
    begin, end = begin[order], np.maximum.accumulate(end[order])
    new = np.concatenate([[True], begin[1:] > end[:-1]])
    last = np.concatenate([np.flatnonzero(new)[1:] - 1, [len(begin) - 1]])
    return begin[new], end[last]


def _covered(begin: np.ndarray, end: np.ndarray, at: np.ndarray) -> np.ndarray:
    """How many seconds of separate stretches lie before moments."""
    before = np.searchsorted(begin, at, side="right")
    whole = np.concatenate([[0.0], np.cumsum(end - begin)])
    previous = np.maximum(before - 1, 0)
    beyond = np.where(before > 0, np.maximum(end[previous] - at, 0.0), 0.0)
    result: np.ndarray = whole[before] - beyond
    return result


def _nearest(
    time_s: np.ndarray, lasts: np.ndarray, values: np.ndarray, middle: np.ndarray, width_s: float
) -> np.ndarray:
    right = (
        np.clip(np.searchsorted(time_s, middle), 1, len(time_s) - 1) if len(time_s) > 1 else np.zeros(len(middle), int)
    )
    left = np.maximum(right - 1, 0)
    place = np.where(np.abs(time_s[left] - middle) <= np.abs(time_s[right] - middle), left, right)
    far = np.abs(time_s[place] - middle) > width_s / 2 + lasts[place] / 2 + 1e-9
    result = values[place].astype(np.float64)
    result[far] = np.nan
    return result


def _over(
    begin: np.ndarray, end: np.ndarray, values: np.ndarray, start: np.ndarray, stop: np.ndarray, overlap: str
) -> np.ndarray:
    """Values of the rows that lie in windows, weighed by how long; windows of no width ask what holds at a moment.

    Rows are in the order of their beginning; those of a window are a range of them and longer ones before it.
    """
    longest = float(np.max(end - begin, initial=0.0))
    first = np.searchsorted(begin, start - longest, side="left")
    last = np.searchsorted(begin, stop, side="right" if (stop == start).all() else "left")
    counts = np.maximum(last - first, 0)
    place = np.repeat(np.arange(len(start)), counts)
    row = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    moment = stop[place] <= start[place]
    held = np.minimum(end[row], stop[place]) - np.maximum(begin[row], start[place])
    inside = np.where(moment, (begin[row] <= start[place]) & (end[row] > start[place]), held > SAME_S)
    place, row = place[inside], row[inside]
    weight = np.where(moment[inside], 1.0, held[inside])
    width = np.where(stop > start, stop - start, 1.0)
    result = np.full((len(start), values.shape[1]), np.nan)
    for column in range(values.shape[1]):
        value = values[row, column]
        known = np.isfinite(value)
        at, w, v = place[known], weight[known], value[known]
        seen = np.bincount(at, minlength=len(start)) > 0
        if overlap == "max":
            most = np.full(len(start), -np.inf)
            np.maximum.at(most, at, v)
            found = most
        else:
            total, share = np.bincount(at, w * v, len(start)), np.bincount(at, w, len(start))
            found = total / width if overlap == "sum" else total / np.where(share > 0, share, 1.0)
        result[seen, column] = found[seen]
    return result
