"""Small pictures of cohorts: scores with their cut-offs, and lines over a number with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.report.draw import svg

# Told apart by people with any common colour vision (Okabe & Ito 2008), and by dashes where there is no colour.
_STYLES = (("#0072b2", ""), ("#d55e00", "6 3"), ("#808080", "2 2"), ("#b58900", "7 2 2 2"))
_MOST_BINS = 60
_LEFT, _TOP, _WIDTH, _HEIGHT, _LINE = 52.0, 10.0, 330.0, 150.0, 15.0


@dataclass(frozen=True)
class Line:
    """One line with its intervals.

    Attributes
    ----------
    name : str
    x, y, low, high : sequence of float
    """

    name: str
    x: Sequence[float]
    y: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def line_plot(lines: Sequence[Line], *, across: str, up: str, level: float | None = None, percent: bool = False) -> str:
    """Lines in one picture, each with its intervals as whiskers; a dashed line at ``level``.

    Parameters
    ----------
    lines : sequence of Line
    across, up : str
        What the axes are.
    level : float, optional
    percent : bool
        Whether what is across are shares.
    """
    values = np.array([v for line in lines for part in (line.y, line.low, line.high) for v in part], dtype=float)
    values = np.r_[values[np.isfinite(values)], [] if level is None else [level]]
    low, high = (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)
    low, high = low - 0.05 * (high - low or 1), high + 0.05 * (high - low or 1)
    first, last = min(x for line in lines for x in line.x), max(x for line in lines for x in line.x)

    def at(x: float, y: float) -> tuple[float, float]:
        across_share = (x - first) / ((last - first) or 1)
        return _LEFT + 10 + (_WIDTH - 20) * across_share, _TOP + _HEIGHT * (high - y) / (high - low)

    parts = _frame()
    for tick in _ticks(low, high):
        parts.append(
            svg.text(_LEFT - 5, at(first, tick)[1] + 3.5, svg.tick_words(tick, signed=False), size=10, anchor="end")
        )
    for x in dict.fromkeys(lines[0].x):
        words = f"{100 * x:.0f} %" if percent else f"{x:g}"
        parts.append(svg.text(at(x, low)[0], _TOP + _HEIGHT + 13, words, size=10, anchor="middle"))
    if level is not None:
        parts.append(_path([at(first, level), at(last, level)], "currentColor", "3 3"))
    for place, line in enumerate(lines):
        colour, dash = _STYLES[place % len(_STYLES)]
        shift = 2.5 * (place - (len(lines) - 1) / 2)
        known = [(x, y, a, b) for x, y, a, b in zip(line.x, line.y, line.low, line.high, strict=True) if y == y]
        spots = [(at(x, y)[0] + shift, at(x, y)[1]) for x, y, _, _ in known]
        parts.append(_path(spots, colour, dash, width="1.8"))
        for x, _, a, b in known:
            if a == a and b == b:
                parts.append(
                    _path([(at(x, a)[0] + shift, at(x, a)[1]), (at(x, b)[0] + shift, at(x, b)[1])], colour, "")
                )
        parts += [svg.element("circle", cx=x, cy=y, r=2.6, fill=colour) for x, y in spots]
    parts.append(svg.text(_LEFT + _WIDTH / 2, _TOP + _HEIGHT + 28, across, size=11, anchor="middle"))
    below = _TOP + _HEIGHT + 46
    for place, line in enumerate(lines):
        colour, dash = _STYLES[place % len(_STYLES)]
        y = below + _LINE * place
        parts.append(_path([(_LEFT, y - 4), (_LEFT + 22, y - 4)], colour, dash, width="1.8"))
        parts.append(svg.text(_LEFT + 28, y, line.name, size=11))
    return svg.picture(_LEFT + _WIDTH + 10, below + _LINE * len(lines), *parts, title=f"{up} by {across}")


def score_histogram(scores: np.ndarray, cut_offs: Sequence[float], bands: Sequence[str], *, name: str) -> str:
    """How many people have each score; dashed lines where bands begin, with the bands' names above.

    Parameters
    ----------
    scores : ndarray
        NaN where there is none.
    cut_offs : sequence of float
    bands : sequence of str
    name : str
    """
    known = scores[np.isfinite(scores)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    high = max(high, *cut_offs, low + 1) if cut_offs else max(high, low + 1)
    counts, edges = np.histogram(known, bins=_edges(known, low, high))
    # A band begins below the first score that belongs to it.
    middles = (edges[:-1] + edges[1:]) / 2
    most = max(int(counts.max()), 1)

    def across(x: float) -> float:
        return _LEFT + _WIDTH * (x - edges[0]) / (edges[-1] - edges[0])

    top = _TOP + (12.0 * len(bands) if bands else 0.0)
    parts = [_path([(_LEFT, top + _HEIGHT), (_LEFT + _WIDTH, top + _HEIGHT)], "currentColor", "")]
    for count, begin, end in zip(counts, edges[:-1], edges[1:], strict=True):
        tall = _HEIGHT * float(count) / most
        wide = max(across(end) - across(begin) - 0.8, 0.5)
        parts.append(
            svg.element("rect", x=across(begin), y=top + _HEIGHT - tall, width=wide, height=tall, fill=_STYLES[0][0],
                        fill_opacity="0.7")
        )  # fmt: skip
    for place, band in enumerate(bands):
        begin = (
            across(float(edges[min(int(np.searchsorted(middles, cut_offs[place - 1])), len(counts))]))
            if place
            else _LEFT
        )
        y = _TOP + 12.0 * place + 8
        if place:
            parts.append(_path([(begin, y - 6), (begin, top + _HEIGHT)], "currentColor", "3 3"))
        near_end = begin > _LEFT + 0.7 * _WIDTH
        parts.append(svg.text(begin + (-3 if near_end else 3), y, band, size=10, anchor="end" if near_end else "start"))
    for x in np.unique(np.round(np.linspace(low, high, 6))):
        parts.append(svg.text(across(float(x)), top + _HEIGHT + 13, f"{x:g}", size=10, anchor="middle"))
    parts.append(svg.text(_LEFT - 5, top + 8, str(most), size=10, anchor="end"))
    parts.append(
        svg.text(_LEFT + _WIDTH / 2, top + _HEIGHT + 28, f"{name}, score; up: people", size=11, anchor="middle")
    )
    return svg.picture(_LEFT + _WIDTH + 10, top + _HEIGHT + 36, *parts, title=f"Scores of {name}")


def _edges(known: np.ndarray, low: float, high: float) -> np.ndarray:
    """Bins as wide as the usual step between scores, so that none stays empty because of where it ends."""
    levels = np.unique(known)
    step = float(np.median(np.diff(levels))) if len(levels) > 1 else 1.0
    bins = round((high - low) / step) + 1
    if bins > _MOST_BINS:
        step, bins = step * int(np.ceil(bins / _MOST_BINS)), int(np.ceil(bins / np.ceil(bins / _MOST_BINS)))
    return low + step * (np.arange(bins + 1) - 0.5)


def _ticks(low: float, high: float) -> list[float]:
    """About four round numbers between."""
    least = (high - low) / 5
    unit = 10.0 ** np.floor(np.log10(least))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= least)
    return [float(step * n) + 0.0 for n in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1)]


def _frame() -> list[str]:
    ink: dict[str, Any] = {"stroke": "currentColor", "fill": "none", "stroke_opacity": "0.4", "stroke_width": "0.8"}
    return [svg.element("rect", x=_LEFT, y=_TOP, width=_WIDTH, height=_HEIGHT, **ink)]


def _path(places: Sequence[tuple[float, float]], colour: str, dash: str, width: str = "1") -> str:
    drawn = "M" + "L".join(f"{svg.number(x)} {svg.number(y)}" for x, y in places)
    dashed = {"stroke_dasharray": dash} if dash else {}
    return svg.element("path", d=drawn, stroke=colour, fill="none", stroke_width=width, **dashed)
