"""Channels at even steps of time, in stretches: nothing is interpolated across a long gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.core.brief import brief

# Times that differ from even ones by less than this share of a step are even: files round them.
EVEN_SHARE = 0.1
# A gap is longer than so many usual steps, however slow the frames come.
GAP_STEPS = 2.5


@dataclass(frozen=True, eq=False)
class Even:
    """Values at even steps of time within stretches.

    Attributes
    ----------
    values : ndarray of float32, shape (channels, steps)
        All finite.
    time_s : ndarray of float64, shape (steps,)
    stretch : ndarray of int64, shape (steps,)
        Number of the stretch, not decreasing.
    step_s : float
    """

    __repr__ = brief

    values: np.ndarray
    time_s: np.ndarray
    stretch: np.ndarray
    step_s: float

    @property
    def seconds(self) -> float:
        """Time that the steps cover."""
        return len(self.time_s) * self.step_s

    @property
    def first(self) -> np.ndarray:
        """Whether a step begins a stretch, shape (steps,)."""
        return np.concatenate([[True], np.diff(self.stretch) > 0]) if len(self.stretch) else np.zeros(0, dtype=bool)

    def lag(self, seconds: float) -> int:
        """Steps nearest to a time, at least one."""
        return max(1, round(seconds / self.step_s))

    def change(self, lag: int) -> np.ndarray:
        """Differences of values ``lag`` steps apart within stretches, shape (channels, pairs)."""
        values = self.values
        difference = values[:, lag:] - values[:, :-lag]
        if self.stretch[-1] == self.stretch[0]:
            return difference
        return difference[:, self.stretch[lag:] == self.stretch[:-lag]]

    def longest(self) -> np.ndarray:
        """Steps of the longest stretch."""
        return np.flatnonzero(self.stretch == np.bincount(self.stretch).argmax())


def covered_s(time_s: np.ndarray, max_gap_s: float) -> float:
    """Time that frames cover: that between neighbours without a gap, and a usual step for each stretch."""
    steps = np.diff(time_s)
    steps = steps[steps > 0]
    if not len(steps):
        return 0.0
    step = usual_step(steps)
    near = steps <= _longest_step(step, max_gap_s)
    return float(steps[near].sum() + step * (1 + (~near).sum()))


def usual_step(steps: np.ndarray) -> float:
    """Seconds from frame to frame: the mean of the usual steps, which files round less than their median."""
    return float(steps[steps < 1.5 * np.median(steps)].mean())


def _longest_step(step: float, max_gap_s: float) -> float:
    return max(max_gap_s, GAP_STEPS * step)


def even(time_s: np.ndarray, values: np.ndarray, max_gap_s: float) -> Even:
    """Values at even steps, as long as the usual one between frames, by linear interpolation within stretches.

    Values whose times are even stay as they are.

    Parameters
    ----------
    time_s : ndarray, shape (frames,)
        Not decreasing; of frames at the same time the first counts.
    values : ndarray of float32, shape (channels, frames)
        All finite.
    max_gap_s : float
        A longer time without a frame ends a stretch; no less than ``GAP_STEPS`` usual steps.
    """
    time_s = np.asarray(time_s, dtype=np.float64)
    values = np.asarray(values, dtype=np.float32)
    steps = np.diff(time_s)
    if len(steps) and (steps <= 0).any():
        fresh = np.concatenate([[True], steps > 0])
        time_s, values = time_s[fresh], values[:, fresh]
        steps = np.diff(time_s)
    if not len(steps):
        return Even(values, time_s, np.zeros(len(time_s), dtype=np.int64), 0.0)
    step = usual_step(steps)
    stretch = np.concatenate([[0], np.cumsum(steps > _longest_step(step, max_gap_s))])
    begin = np.flatnonzero(np.concatenate([[True], np.diff(stretch) > 0]))
    ordinal = np.arange(len(time_s)) - begin[stretch]
    if (np.abs(time_s - (time_s[begin][stretch] + ordinal * step)) < EVEN_SHARE * step).all():
        return Even(values, time_s, stretch, step)
    end = np.concatenate([begin[1:], [len(time_s)]]) - 1
    counts = np.floor((time_s[end] - time_s[begin]) / step + 1e-6).astype(int) + 1
    stretch = np.repeat(np.arange(len(begin)), counts)
    ordinal = np.arange(len(stretch)) - np.repeat(np.cumsum(counts) - counts, counts)
    wanted = np.minimum(time_s[begin][stretch] + ordinal * step, time_s[end][stretch])
    right = np.minimum(np.searchsorted(time_s, wanted, side="right"), end[stretch])
    left = np.maximum(right - 1, begin[stretch])
    width = time_s[right] - time_s[left]
    share = np.where(width > 0, (wanted - time_s[left]) / np.where(width > 0, width, 1.0), 0.0).astype(np.float32)
    low = values[:, left]
    return Even(low + (values[:, right] - low) * share, wanted, stretch, step)
