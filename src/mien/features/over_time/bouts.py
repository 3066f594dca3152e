"""Bouts: when a channel is active, with onset, apex and offset, for all channels at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from mien.core.brief import brief
from mien.features.over_time.channels import Channel
from mien.features.over_time.even import Even
from mien.features.over_time.series import Found, Series

# Presences, 0 or 1, have their zero; strengths start at the person's own resting level, this quantile.
RESTING_QUANTILE = 0.1
PRESENCE_UNIT = "0 or 1"


@dataclass(frozen=True, eq=False)
class Bouts:
    """Bouts of several channels, in the order of channels and time.

    Attributes
    ----------
    channel : ndarray of int64, shape (bouts,)
    onset_s, apex_s, offset_s : ndarray of float64, shape (bouts,)
        From the beginning of the steps, which are counted as if there were no gaps.
    height : ndarray of float32, shape (bouts,)
        Value at the apex.
    begun, ended : ndarray of bool, shape (bouts,)
        Whether onset and offset were seen, rather than the beginning or end of a stretch.
    """

    __repr__ = brief

    channel: np.ndarray
    onset_s: np.ndarray
    apex_s: np.ndarray
    offset_s: np.ndarray
    height: np.ndarray
    begun: np.ndarray
    ended: np.ndarray

    def __len__(self) -> int:
        return len(self.channel)

    @property
    def duration_s(self) -> np.ndarray:
        """From onset to offset."""
        return self.offset_s - self.onset_s

    def where(self, keep: np.ndarray) -> Bouts:
        """Some of them, by a mask."""
        columns = (self.channel, self.onset_s, self.apex_s, self.offset_s, self.height, self.begun, self.ended)
        return Bouts(*(column[keep] for column in columns))


def bouts(series: Even, low: np.ndarray, high: np.ndarray) -> Bouts:
    """Runs at or above ``low`` that reach ``high`` somewhere: two thresholds, so that noise at one ends no bout.

    Onset and offset are where a straight line between two steps crosses ``low``; the apex is the first largest value.
    A run at the beginning or end of a stretch starts or ends half a step outside.

    Parameters
    ----------
    series : Even
    low, high : ndarray, shape (channels,)
        ``low`` is at most ``high``.
    """
    x, steps = series.values, series.values.shape[1]
    first = series.first
    last = np.concatenate([first[1:], [True]])
    above = x >= low[:, None]
    before = np.zeros_like(above)
    before[:, 1:] = above[:, :-1]
    before[:, first] = False
    after = np.zeros_like(above)
    after[:, :-1] = above[:, 1:]
    after[:, last] = False
    starts, ends = np.flatnonzero(above & ~before), np.flatnonzero(above & ~after)
    flat = np.append(x.reshape(-1), np.float32(0))
    edges = np.stack([starts, ends + 1], axis=1).reshape(-1)
    peak = np.maximum.reduceat(flat, edges)[::2] if len(starts) else flat[:0]
    keep = peak >= high[starts // steps]
    starts, ends, peak = starts[keep], ends[keep], peak[keep]
    channel, start, end = starts // steps, starts % steps, ends % steps
    begun, ended = ~first[start], ~last[end]
    floor = low[channel]
    onset, offset = start - 0.5, end + 0.5
    onset[begun] = start[begun] - _share(flat[starts[begun]], flat[starts[begun] - 1], floor[begun])
    offset[ended] = end[ended] + _share(flat[ends[ended]], flat[ends[ended] + 1], floor[ended])
    apex = _first_equal(flat, starts, ends, peak) % steps
    step = series.step_s
    return Bouts(channel, onset * step, apex * step, offset * step, peak, begun, ended)


def _share(inside: np.ndarray, outside: np.ndarray, floor: np.ndarray) -> np.ndarray:
    """How far from a step inside toward one outside the line between them crosses the threshold."""
    return (inside.astype(np.float64) - floor) / (inside.astype(np.float64) - outside)


def _first_equal(flat: np.ndarray, starts: np.ndarray, ends: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Index of the first value in each run that equals the wanted one."""
    lengths = ends - starts + 1
    begin = np.cumsum(lengths) - lengths
    index = np.arange(lengths.sum()) + np.repeat(starts - begin, lengths)
    equal = flat[index] == np.repeat(wanted, lengths)
    return np.minimum.reduceat(np.where(equal, index, len(flat)), begin) if len(starts) else index


def bout_statistics(series: Series) -> Iterator[Found]:
    """Share active, and number, duration, height, rise and fall of bouts, of channels that have a zero."""
    places = np.array([i for i, channel in enumerate(series.channels) if channel.range > 0], dtype=np.intp)
    channels = tuple(series.channels[i] for i in places)
    found: dict[str, np.ndarray] = {}
    for rows, part in series.parts():
        own = np.isin(rows, places)
        if not own.any() or not part.step_s:
            continue
        mine = Even(part.values[own], part.time_s, part.stretch, part.step_s)
        into = np.searchsorted(places, rows[own])
        for name, values in _summed(mine, [series.channels[i] for i in rows[own]], series).items():
            found.setdefault(name, np.full(len(channels), np.nan))[into] = values
    yield channels, found


def _summed(part: Even, channels: list[Channel], series: Series) -> dict[str, np.ndarray]:
    rules = series.rules
    scale = np.array([channel.range for channel in channels])
    base = resting_level(part, channels)
    seen = bouts(part, (base + rules.bout_off * scale).astype(np.float32), (base + rules.bout_on * scale).astype("f4"))
    seen = seen.where(seen.duration_s >= rules.min_bout_s)
    number = np.bincount(seen.channel, minlength=len(channels))
    whole = seen.begun & seen.ended
    return {
        "share active": np.bincount(seen.channel, seen.duration_s, len(channels)) / part.seconds,
        "bouts per minute": number / part.seconds * 60,
        "bout duration": mean_of(seen, seen.duration_s, whole, len(channels)),
        "bout amplitude": mean_of(
            seen, seen.height - base[seen.channel], np.ones(len(seen), dtype=bool), len(channels)
        ),
        "rise time": mean_of(seen, seen.apex_s - seen.onset_s, seen.begun, len(channels)),
        "fall time": mean_of(seen, seen.offset_s - seen.apex_s, seen.ended, len(channels)),
    }


def resting_level(part: Even, channels: list[Channel]) -> np.ndarray:
    """The level above which each channel counts as active, less the thresholds."""
    place = int(RESTING_QUANTILE * (part.values.shape[1] - 1))
    resting = np.partition(part.values, place, axis=1)[:, place].astype(np.float64)
    resting[[channel.unit == PRESENCE_UNIT for channel in channels]] = 0.0
    return resting


def mean_of(seen: Bouts, values: np.ndarray, which: np.ndarray, n_channels: int) -> np.ndarray:
    """Mean over some of the bouts of each channel; NaN where there are none."""
    number = np.bincount(seen.channel[which], minlength=n_channels)
    total = np.bincount(seen.channel[which], values[which], n_channels)
    return np.divide(total, number, out=np.full(n_channels, np.nan), where=number > 0)
