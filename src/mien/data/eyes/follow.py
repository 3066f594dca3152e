"""Fixations of one recording, sample by sample in chunks, so that where chunks end changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from mien.core.errors import InputError
from mien.data.eyes.chunks import Chunk, Viewing
from mien.data.eyes.detectors import FixationMethod, FixationRules, Piece, Spans, half_window, velocities
from mien.data.eyes.screen import Screen

# A stretch without gaps that is longer is dealt with in pieces.
LONGEST = 60_000
# A step that is so much longer than the usual one is a gap.
GAP = 1.5
# Velocities of the whole recording are counted in steps of this many degrees per second.
_BIN, _MOST = 0.02, 2000.0


@dataclass(frozen=True)
class Fixation:
    """One fixation: on which part, since its start, how long, where, and how steady."""

    part: Viewing
    onset_s: float
    duration_s: float
    x_px: float
    y_px: float
    rms_deg: float


@dataclass
class Counts:
    """What was counted of the samples of a viewer.

    Attributes
    ----------
    samples, missing, beyond : int
        All; those without a place; those beyond the screen.
    gaps : int
        Steps that are longer than usual.
    longest_gap_s : float
    low, high : list of float
        Least and greatest x and y.
    first_s, last_s : float
        Times of the first and last sample.
    """

    samples: int = 0
    missing: int = 0
    beyond: int = 0
    gaps: int = 0
    longest_gap_s: float = 0.0
    low: list[float] = field(default_factory=lambda: [np.inf, np.inf])
    high: list[float] = field(default_factory=lambda: [-np.inf, -np.inf])
    first_s: float = np.nan
    last_s: float = np.nan


class GazeFollower:
    """Follows one viewer through one part."""

    def __init__(
        self, chunk: Chunk, step_s: float, screen: Screen, longest: int, detect: Callable[[Piece], Spans], half: int
    ) -> None:
        self.part, self._start, self._step = chunk.part, chunk.start_s, step_s
        self._screen, self._longest, self._detect, self._half = screen, longest, detect, half
        self._open = np.zeros((3, 0))
        self._skip, self._gone = 0, np.nan

    def feed(self, chunk: Chunk, counts: Counts) -> Iterator[Fixation]:
        """Fixations that are over."""
        rows = np.stack([chunk.time_s, chunk.x_px, chunk.y_px])
        self._count(rows, counts)
        before = self._open.shape[1] > 0
        steps = np.diff(rows[0], prepend=self._open[0, -1] if before else rows[0, 0] - self._step)
        seen = np.isfinite(rows[1]) & np.isfinite(rows[2])
        # A stretch ends at a gap and where the eye is lost; nothing bridges them.
        broken = (steps > GAP * self._step) | (np.diff(seen, prepend=before))
        first, *others = np.split(rows, np.flatnonzero(broken), axis=1)
        if first.shape[1] and np.isfinite(first[1:, 0]).all():
            self._open = np.concatenate([self._open, first], axis=1)
        for piece in others:
            yield from self._end()
            if np.isfinite(piece[1:, 0]).all():
                self._open = piece
        if self._open.shape[1] > self._longest:
            yield from self._deal(final=False)

    def end(self) -> Iterator[Fixation]:
        """The fixations of what is still open."""
        yield from self._end()

    def _end(self) -> Iterator[Fixation]:
        if self._open.shape[1] > self._skip:
            yield from self._deal(final=True)
        self._open, self._skip = np.zeros((3, 0)), 0

    def _deal(self, final: bool) -> Iterator[Fixation]:
        time, x, y = self._open
        x_deg, y_deg = self._screen.degrees(x, y)
        found = self._detect(Piece(time, x_deg, y_deg, self._step, self._skip, final))
        for first, last in zip(found.first.tolist(), found.last.tolist(), strict=True):
            rows = slice(first, last + 1)
            steps = np.diff(x_deg[rows]) ** 2 + np.diff(y_deg[rows]) ** 2
            yield Fixation(
                self.part, float(time[first]) - self._start, float(time[last] - time[first]) + self._step,
                float(x[rows].mean()), float(y[rows].mean()), float(np.sqrt(steps.mean())),
            )  # fmt: skip
        if not final:
            kept = max(0, found.until - self._half)
            self._skip = found.until - kept
            self._open = self._open[:, kept:]

    def _count(self, rows: np.ndarray, counts: Counts) -> None:
        time, x, y = rows
        back = np.flatnonzero(np.diff(time, prepend=counts.last_s) <= 0)
        if len(back):
            raise InputError(
                f"the sample at {time[back[0]]:.6g} s does not come after the one before it; samples are in order of "
                "time. A clock that was set back needs a file of its own behind it, and several viewers a column "
                "'viewer'."
            )
        seen = np.isfinite(x) & np.isfinite(y)
        steps = np.diff(time, prepend=self._gone)
        gaps = steps[steps > GAP * self._step]
        counts.samples += len(time)
        counts.missing += int((~seen).sum())
        counts.gaps += len(gaps)
        counts.longest_gap_s = max(counts.longest_gap_s, float(gaps.max(initial=0.0)))
        if counts.samples == len(time):
            counts.first_s = float(time[0])
        counts.last_s = self._gone = float(time[-1])
        if seen.any():
            if self._screen.width:
                within = (x >= 0) & (y >= 0) & (x <= self._screen.width) & (y <= self._screen.height)
                counts.beyond += int((seen & ~within).sum())
            for i, axis in enumerate((x[seen], y[seen])):
                counts.low[i] = min(counts.low[i], float(axis.min()))
                counts.high[i] = max(counts.high[i], float(axis.max()))


def follow(
    chunks: Iterable[Chunk], screen: Screen, detector: FixationMethod | None, rules: FixationRules,
    spread: tuple[float, float], counts: dict[str, Counts], steps: dict[str, float], longest: int = LONGEST,
) -> Iterator[Fixation]:  # fmt: skip
    """Fixations in all chunks of a file.

    Parameters
    ----------
    chunks : iterable of Chunk
    screen : Screen
    detector : FixationMethod, optional
        Without one, samples are only counted.
    rules : FixationRules
    spread : (float, float)
        Of velocities, for detectors that go by it.
    counts, steps : dict
        Filled for each viewer.
    longest : int
        Samples without a gap that are kept at most, but for a single fixation.
    """
    followers: dict[str, GazeFollower] = {}
    for chunk in chunks:
        viewer = chunk.part.viewer
        if viewer not in steps:
            steps[viewer] = usual_step(chunk.time_s)
        step, counted = steps[viewer], counts.setdefault(viewer, Counts())

        def detect(piece: Piece) -> Spans:
            if detector is None:
                return Spans(np.zeros(0, np.int64), np.zeros(0, np.int64), len(piece.time_s))
            return detector.run(piece._replace(spread=spread), rules)

        one = followers.get(viewer)
        if one is None or one.part != chunk.part:
            if one is not None:
                yield from one.end()
            one = GazeFollower(chunk, step, screen, longest, detect, half_window(step, rules.velocity_window_s))
            followers[viewer] = one
        yield from one.feed(chunk, counted)
    for one in followers.values():
        yield from one.end()


def usual_step(time_s: np.ndarray) -> float:
    """Median step between samples.

    Raises
    ------
    InputError
        If there are too few.
    """
    if len(time_s) < 3:
        raise InputError(f"a recording of {len(time_s)} samples is too short to tell fixations.")
    step = float(np.median(np.diff(time_s)))
    if not step > 0:
        raise InputError(
            "more than half of the samples have the time of the sample before them; is it the right column?"
        )
    return step


def velocity_spread(chunks: Iterable[Chunk], screen: Screen, rules: FixationRules) -> tuple[float, float]:
    """Median deviation of the velocities of a recording, by a histogram whose size does not depend on its length.

    As in Engbert, Sinn, Mergenthaler & Trukenbrod 2015 (Microsaccade Toolbox 0.9): root of the median of squared
    differences from the median, each axis alone.
    """
    edges = round(2 * _MOST / _BIN)
    table = np.zeros((2, edges + 1), dtype=np.int64)
    carried: dict[str, np.ndarray] = {}
    for chunk in chunks:
        rows = np.stack([chunk.time_s, *screen.degrees(chunk.x_px, chunk.y_px)])
        before = carried.get(chunk.part.viewer, np.zeros((3, 0)))
        step = usual_step(rows[0]) if len(rows[0]) > 2 else 0.001
        half = half_window(step, rules.velocity_window_s)
        if before.shape[1] and rows[0, 0] - before[0, -1] <= GAP * step:
            rows = np.concatenate([before, rows], axis=1)
        carried[chunk.part.viewer] = rows[:, -2 * half :]
        if rows.shape[1] <= 2 * half:
            continue
        speed = velocities(Piece(rows[0], rows[1], rows[2], step, 0, True), rules.velocity_window_s)[half:-half]
        for i in (0, 1):
            known = speed[:, i][np.isfinite(speed[:, i])]
            place = np.clip(np.round((known + _MOST) / _BIN), 0, edges).astype(np.int64)
            table[i] += np.bincount(place, minlength=edges + 1)
    result = []
    for counted in table:
        if not counted.any():
            return float("nan"), float("nan")
        middle = np.searchsorted(np.cumsum(counted), counted.sum() / 2)
        away = np.bincount(np.abs(np.arange(len(counted)) - middle), counted)
        result.append(max(float(np.searchsorted(np.cumsum(away), counted.sum() / 2)) * _BIN, _BIN))
    return result[0], result[1]
