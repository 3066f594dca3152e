"""Where made-up viewers look in a made-up film: at eyes, nose and mouth more than elsewhere, now more, now less."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mien.core.brief import brief
from mien.data.synthetic.film.pictures import SIZE_PX
from mien.data.synthetic.film.plot import FilmPlot
from mien.data.synthetic.streams import VIEWER, stream

# Landmarks that are looked at, and how often.
_PARTS = {"eyes": (0.5, (33, 133, 362, 263)), "nose": (0.2, (1, 4)), "mouth": (0.3, (13, 14, 61, 291))}
_SPREAD_PX, _WIDE_PX = 7.0, (45.0, 28.0)
_MEDIAN_S, _BETWEEN_S = 0.3, 0.04
# On average, how much it changes with time for all viewers, and from viewer to viewer.
_ON_FACES, _SHARED, _OWN = 0.7, 0.18, 0.05
_ON_THINGS, _LOST = 0.5, 0.02


@dataclass(frozen=True, eq=False)
class Looks:
    """Fixations of made-up viewers; all arrays have one entry per fixation, times count from the start of the run."""

    __repr__ = brief

    viewer: np.ndarray
    run: np.ndarray
    onset_s: np.ndarray
    duration_s: np.ndarray
    frame: np.ndarray
    x_px: np.ndarray
    y_px: np.ndarray


def on_faces(plot: FilmPlot, seed: int) -> np.ndarray:
    """How likely a fixation falls on a face that is there, by second of the film: the same drift for all viewers."""
    draw = stream(seed, VIEWER, 0)
    seconds = len(plot.agreement)
    white = draw.normal(size=seconds + 24)
    slow = np.convolve(white, np.hanning(25), mode="valid")[:seconds]
    likely: np.ndarray = np.clip(_ON_FACES + _SHARED * slow / max(float(slow.std()), 1e-9), 0.1, 0.98)
    return likely


def looks(plot: FilmPlot, points: list[np.ndarray | None], things: list[np.ndarray], viewers: int, seed: int) -> Looks:
    """Draw the fixations of every viewer.

    Parameters
    ----------
    plot : FilmPlot
    points : list of ndarray of shape (478, 3), or None
        Where the face is in every frame.
    things : list of ndarray, each of shape (objects, 2)
    viewers, seed : int
    """
    likely = on_faces(plot, seed)
    rows: list[tuple[str, str, float, float, int, float, float]] = []
    for viewer in range(viewers):
        draw = stream(seed, VIEWER, viewer + 1)
        own = draw.normal() * _OWN
        for run, start_s, length_s in zip(plot.runs.name, plot.runs.start_s, plot.runs.length_s, strict=True):
            at = float(draw.uniform(0, _MEDIAN_S))
            while True:
                lasts = float(np.clip(_MEDIAN_S * np.exp(0.35 * draw.normal()), 0.1, 1.2))
                if at + lasts >= length_s:
                    break
                frame = int(start_s + at + lasts / 2)
                x, y = _place(points[frame], things[frame], likely[frame] + own, draw)
                if draw.random() >= _LOST:
                    rows.append((viewer_name(viewer), run, at, lasts, frame, x, y))
                at += lasts + _BETWEEN_S
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    viewer_, run_, onset, lasts_, frame_, x_, y_ = columns
    return Looks(viewer_.astype(object), run_.astype(object), onset, lasts_, frame_, x_, y_)


def viewer_name(number: int) -> str:
    """``'v01'`` for the first."""
    return f"v{number + 1:02d}"


def _place(
    points: np.ndarray | None, things: np.ndarray, likely: float, draw: np.random.Generator
) -> tuple[float, float]:
    middle, spread = np.array(SIZE_PX) / 2, np.array(_WIDE_PX)
    aim = draw.random()
    if points is not None and aim < likely:
        part = str(draw.choice(list(_PARTS), p=[often for often, _ in _PARTS.values()]))
        middle, spread = points[draw.choice(_PARTS[part][1]), :2], np.full(2, _SPREAD_PX)
    elif points is None and aim < _ON_THINGS:
        middle, spread = things[draw.integers(len(things))], np.full(2, 2 * _SPREAD_PX)
    x, y = np.clip(draw.normal(middle, spread), 0, np.array(SIZE_PX) - 1.0)
    return float(x), float(y)
