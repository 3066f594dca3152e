"""The time line of a film: what is portrayed, what is decoded, run by run; where nothing is known there is a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.report.draw import svg
from mien.report.draw.film_strip import CELL, HEIGHT, StripFrame, strip

# Told apart by people with any common colour vision (Okabe & Ito 2008).
_COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#b58900", "#56b4e9", "#808080")
_NONE = "#bbbbbb"
_LEFT, _WIDTH, _ROW, _GAP, _TOP = 130.0, 560.0, 13.0, 3.0, 18.0


@dataclass(frozen=True, eq=False)
class Track:
    """A strip of the drawing.

    Attributes
    ----------
    name : str
    run : ndarray of str, shape (moments,)
    start_s : ndarray, shape (moments,)
    width_s : float
        How long each moment lasts.
    share : ndarray, shape (moments,)
        From 0 to 1, drawn as depth of colour; NaN: a gap.
    word : ndarray of str, shape (moments,)
        Instead, what holds, drawn as a colour; ``''``: a gap.
    """

    name: str
    run: np.ndarray
    start_s: np.ndarray
    width_s: float
    share: np.ndarray | None = None
    word: np.ndarray | None = None


def stretch_s(length_s: Sequence[float]) -> float:
    """How many seconds a frame of the film strip stands for, where the longest run has the drawing's width."""
    return CELL * max(length_s) / _WIDTH


def time_line_drawing(
    runs: Sequence[str],
    length_s: Sequence[float],
    tracks: Sequence[Track],
    *,
    none: str = "",
    frames: Sequence[StripFrame] = (),
    title: str,
) -> str:
    """Every run as a block of strips, all at one scale.

    Parameters
    ----------
    runs : sequence of str
    length_s : sequence of float
    tracks : sequence of Track
        Colours follow names and words in the order in which they first come.
    none : str
        The word that stands for nothing, drawn in grey.
    frames : sequence of StripFrame
        Drawn below the strips of their run.
    title : str
    """
    words = [str(word) for track in tracks if track.word is not None for word in np.unique(track.word)]
    named = [track.name for track in tracks if track.share is not None]
    keys = [key for key in dict.fromkeys([*named, *words]) if key not in ("", none)]
    colour = {key: _COLOURS[place % len(_COLOURS)] for place, key in enumerate(keys)} | {none: _NONE}
    scale = _WIDTH / max(length_s)
    parts, y = [], _TOP
    for run, length in zip(runs, length_s, strict=True):
        called = run if run.lower().startswith("run") else f"run {run}"
        parts.append(svg.text(0, y - 5, f"{called}, {length:.0f} s", size=10, font_weight="bold"))
        for track in tracks:
            parts.append(svg.text(_LEFT - 6, y + _ROW - 3, track.name, size=9, anchor="end"))
            frame = {"x": _LEFT, "y": y, "width": length * scale, "height": _ROW, "stroke_opacity": "0.25"}
            parts.append(svg.element("rect", **frame, fill="none", stroke="currentColor", stroke_width="0.5"))
            parts += _strip(track, run, length, y, scale, colour)
            y += _ROW + _GAP
        if frames:
            parts += strip([frame for frame in frames if frame.run == run], left=_LEFT, y=y, scale=scale)
            y += HEIGHT + _GAP
        y += 16
    if words:
        parts += _key([word for word in dict.fromkeys(words) if word], colour, y - 6)
        y += 14
    return svg.picture(_LEFT + _WIDTH + 4, y, *parts, title=title)


def _strip(track: Track, run: str, length: float, y: float, scale: float, colour: dict[str, str]) -> list[str]:
    """Rectangles of one run; neighbours that look the same are one."""
    rows = np.flatnonzero(track.run == run)
    looks: list[tuple[str, str] | None] = []
    for row in rows:
        if track.word is not None:
            looks.append((colour[str(track.word[row])], "1") if track.word[row] else None)
        else:
            share = float(track.share[row]) if track.share is not None else np.nan
            looks.append((colour[track.name], f"{min(max(share, 0.0), 1.0):.1f}") if share == share else None)
    found, first = [], 0
    for place in range(1, len(rows) + 1):
        if place < len(rows) and looks[place] == looks[first]:
            continue
        look = looks[first]
        if look is not None and look[1] != "0.0":
            start = float(track.start_s[rows[first]])
            stop = min(float(track.start_s[rows[place - 1]]) + track.width_s, length)
            paint: dict[str, Any] = {"fill": look[0], "fill_opacity": look[1]}
            found.append(svg.element("rect", x=f"{_LEFT + start * scale:.2f}", y=y,
                                     width=f"{max(stop - start, 0) * scale:.2f}", height=_ROW, **paint))  # fmt: skip
        first = place
    return found


def _key(words: list[str], colour: dict[str, str], y: float) -> list[str]:
    parts, x = [], _LEFT
    for word in words:
        parts.append(svg.element("rect", x=x, y=y - 8, width=9.0, height=9.0, fill=colour[word]))
        parts.append(svg.text(x + 13, y, word, size=9))
        x += 24 + 5.6 * len(word)
    return parts
