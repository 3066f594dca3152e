"""Fixations in stretches of samples: by velocity, by dispersion, between saccades."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from scipy.ndimage import maximum_filter1d, minimum_filter1d

from mien.core.extras import require
from mien.core.registry import Row

IVT, IDT, SACCADES, RECORDED = "i-vt", "i-dt", "saccades", "recorded"


@dataclass(frozen=True)
class FixationRules:
    """What counts as a fixation.

    Attributes
    ----------
    velocity_deg_s : float
        Samples slower than this belong to a fixation (I-VT).
    dispersion_deg : float
        Width plus height that a fixation may have (I-DT).
    saccade_factor : float
        Saccades are faster than so many median deviations of the recording's velocity.
    saccade_s : float
        How long saccades last at least.
    min_s : float
        How long fixations last at least.
    velocity_window_s : float
        Over which velocities are regressed.
    """

    velocity_deg_s: float = 30.0
    dispersion_deg: float = 1.0
    saccade_factor: float = 6.0
    saccade_s: float = 0.006
    min_s: float = 0.1
    velocity_window_s: float = 0.02


class Piece(NamedTuple):
    """Samples without a gap, or the part of them that has been read.

    Attributes
    ----------
    time_s, x_deg, y_deg : ndarray, shape (samples,)
    step_s : float
    skip : int
        Samples at the start that were dealt with before; they are there for the velocities of those that follow.
    final : bool
        Whether the samples end here; otherwise more follow.
    spread : (float, float)
        Median deviation of the velocities of the whole recording; NaN where a detector does not need it.
    """

    time_s: np.ndarray
    x_deg: np.ndarray
    y_deg: np.ndarray
    step_s: float
    skip: int
    final: bool
    spread: tuple[float, float] = (float("nan"), float("nan"))


class Spans(NamedTuple):
    """First and last samples of fixations (indices of the piece), and up to where the piece is dealt with."""

    first: np.ndarray
    last: np.ndarray
    until: int


_NONE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class FixationMethod(Row[Spans]):
    """One way to fixations; its code takes a ``Piece`` and ``FixationRules``.

    Attributes
    ----------
    used : tuple of str
        The rules that it goes by.
    degrees : bool
        Whether it needs degrees of visual angle.
    """

    used: tuple[str, ...] = ()
    degrees: bool = True

    kind: ClassVar[str] = "detector"
    room: ClassVar[str] = "mien.data.eyes."


_SALVUCCI = "Salvucci & Goldberg 2000, Proc. ETRA, 71-78"
DETECTORS: dict[str, FixationMethod] = {
    row.name: row
    for row in (
        FixationMethod(IVT, "detectors:by_velocity", "samples slower than a threshold (pymovements)", _SALVUCCI,
                 ("velocity_deg_s", "velocity_window_s", "min_s")),
        FixationMethod(IDT, "detectors:by_dispersion", "samples that stay within a window", _SALVUCCI,
                 ("dispersion_deg", "min_s")),
        FixationMethod(SACCADES, "detectors:between_saccades",
                 "what lies between saccades, whose threshold goes by the noise of the recording (pymovements)",
                 "Engbert & Kliegl 2003, Vision Research 43(9), 1035-1045",
                 ("saccade_factor", "saccade_s", "velocity_window_s", "min_s")),
        FixationMethod(RECORDED, "", "those of the tracker itself (EyeLink)", degrees=False),
    )
}  # fmt: skip


def half_window(step_s: float, window_s: float) -> int:
    """Samples on either side over which a velocity is regressed: at least one."""
    # Measured steps differ in their last digit; half a window may not flip with them.
    return max(1, int(window_s / step_s / 2 + 1e-3))


def velocities(piece: Piece, window_s: float) -> np.ndarray:
    """Degrees per second by linear regression over a window, shape (samples, 2); at the ends that of the last window.

    Savitzky & Golay 1964 for a straight line; divided by the same of the times, so that uneven steps count.
    """
    half = half_window(piece.step_s, window_s)
    length = len(piece.time_s)
    if length <= 2 * half:
        half = (length - 1) // 2
    if half < 1:
        return np.zeros((length, 2))
    kernel = np.arange(half, -half - 1, -1, dtype=np.float64)
    time = np.convolve(piece.time_s - piece.time_s[0], kernel, "valid")
    slopes = [np.convolve(axis, kernel, "valid") / time for axis in (piece.x_deg, piece.y_deg)]
    return np.pad(np.stack(slopes, axis=1), ((half, half), (0, 0)), mode="edge")


def by_velocity(piece: Piece, rules: FixationRules) -> Spans:
    """I-VT by pymovements."""
    velocity, end = _usable(piece, rules)
    if not piece.final:
        fast = np.flatnonzero(~(np.hypot(*velocity.T) < rules.velocity_deg_s))
        # What is still slow at the end may go on.
        end = piece.skip + (int(fast[-1]) + 1 if len(fast) else 0)
        velocity = velocity[: end - piece.skip]
    detection = require("pymovements.events.detection", "Fixations by velocity", "gaze")
    if not len(velocity):
        return Spans(_NONE, _NONE, piece.skip)
    events = detection.ivt(
        velocity, minimum_duration=_samples(rules.min_s, piece.step_s) - 1, velocity_threshold=rules.velocity_deg_s
    )
    first, last = _of_events(events)
    return Spans(first + piece.skip, last + piece.skip, end)


def between_saccades(piece: Piece, rules: FixationRules) -> Spans:
    """What lies between the saccades that pymovements finds."""
    velocity, end = _usable(piece, rules)
    detection = require("pymovements.events.detection", "Saccades", "gaze")
    first, last = _NONE, _NONE
    if len(velocity):
        events = detection.microsaccades(
            velocity, minimum_duration=_samples(rules.saccade_s, piece.step_s) - 1, threshold=piece.spread,
            threshold_factor=rules.saccade_factor,
        )  # fmt: skip
        first, last = _of_events(events)
    if not piece.final:
        whole = last < len(velocity) - 1
        first, last = first[whole], last[whole]
        end = piece.skip + (int(last[-1]) + 1 if len(last) else 0)
    starts, stops = np.append(0, last + 1) + piece.skip, np.append(first - 1 + piece.skip, end - 1)
    if not piece.final:
        # What lies behind the last saccade is not over.
        starts, stops = starts[:-1], stops[:-1]
    kept = stops - starts + 1 >= _samples(rules.min_s, piece.step_s)
    return Spans(starts[kept], stops[kept], end)


def by_dispersion(piece: Piece, rules: FixationRules) -> Spans:
    """I-DT: windows that are moved on until their samples lie together, and widened as long as they do.

    As in pymovements, whose loop over single samples takes minutes for an hour of 1 kHz; the sample that no longer
    belongs begins the next window here.
    """
    x, y = piece.x_deg, piece.y_deg
    width, length = _samples(rules.min_s, piece.step_s), len(x)
    firsts: list[int] = []
    lasts: list[int] = []
    at = piece.skip
    if length - at < width:
        return Spans(_NONE, _NONE, length if piece.final else at)
    spread = sum(_highest(axis, width) - _lowest(axis, width) for axis in (x, y))
    together = np.flatnonzero(spread <= rules.dispersion_deg)
    while True:
        place = np.searchsorted(together, at)
        if place == len(together):
            # No later window can begin before the last that there is room for.
            at = length if piece.final else max(at, length - width + 1)
            break
        start = int(together[place])
        stop = _widened(x, y, start, width, rules.dispersion_deg)
        if stop == length and not piece.final:
            at = start
            break
        firsts.append(start)
        lasts.append(stop - 1)
        at = stop
    return Spans(np.array(firsts, dtype=np.int64), np.array(lasts, dtype=np.int64), at)


def _widened(x: np.ndarray, y: np.ndarray, start: int, width: int, most: float) -> int:
    """Behind which sample a window that begins at ``start`` has to end."""
    stop, block = start + width, max(2 * width, 64)
    ends = [(axis[start:stop].min(), axis[start:stop].max()) for axis in (x, y)]
    while stop < len(x):
        total = np.zeros(len(x[stop : stop + block]))
        for i, axis in enumerate((x, y)):
            low = np.minimum(np.minimum.accumulate(axis[stop : stop + block]), ends[i][0])
            high = np.maximum(np.maximum.accumulate(axis[stop : stop + block]), ends[i][1])
            total += high - low
            ends[i] = low[-1], high[-1]
        over = np.flatnonzero(total > most)
        if len(over):
            return stop + int(over[0])
        stop += len(total)
    return stop


def _highest(axis: np.ndarray, width: int) -> np.ndarray:
    return np.asarray(maximum_filter1d(axis, width))[width // 2 : width // 2 + len(axis) - width + 1]


def _lowest(axis: np.ndarray, width: int) -> np.ndarray:
    return np.asarray(minimum_filter1d(axis, width))[width // 2 : width // 2 + len(axis) - width + 1]


def _usable(piece: Piece, rules: FixationRules) -> tuple[np.ndarray, int]:
    """Velocities of the samples that are not dealt with yet and whose windows have been read, and where they end."""
    every = velocities(piece, rules.velocity_window_s)
    open_end = 0 if piece.final else half_window(piece.step_s, rules.velocity_window_s)
    end = max(len(every) - open_end, piece.skip)
    return every[piece.skip : end], end


def _samples(seconds: float, step_s: float) -> int:
    return max(2, round(seconds / step_s))


def _of_events(events: Any) -> tuple[np.ndarray, np.ndarray]:
    frame = events.frame
    first, last = (frame[name].to_numpy().astype(np.int64) for name in ("onset", "offset"))
    return first, last
