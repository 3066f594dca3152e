"""Pictures of predicted ratings: every attribute by every model, and what people agree on against what is learnt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.report.draw import svg
from mien.report.draw.labels import labels, shortened

NAN = float("nan")
_LINE = {"stroke": "currentColor", "fill": "none"}


@dataclass(frozen=True)
class Point:
    """One attribute: how far people agree and how well a model predicts it; NaN where unknown."""

    name: str
    ceiling: float
    pearson: float
    low: float = NAN
    high: float = NAN


def ceiling_plot(points: list[Point], *, title: str) -> str:
    """Ceiling (across) against the model's correlation (up); the dashed line is where a model reaches the ceiling.

    Points without a ceiling or a correlation are left out.
    """
    known = [p for p in points if np.isfinite([p.ceiling, p.pearson]).all()]
    lows = [p.low if np.isfinite(p.low) else p.pearson for p in known]
    left, top, width, height = 44.0, 10.0, 400.0, 300.0
    x0, y0 = _floor([p.ceiling for p in known]), _floor(lows)

    def at(x: float, y: float) -> tuple[float, float]:
        return left + width * (x - x0) / (1 - x0), top + height * (1 - (max(y, y0) - y0) / (1 - y0))

    begin = max(x0, y0)
    drawn = [
        svg.element("rect", x=left, y=top, width=width, height=height, stroke_opacity="0.4", **_LINE),
        _path([at(begin, begin), at(1, 1)], stroke_dasharray="3 3", stroke_opacity="0.6"),
    ]
    for tick in _ticks(x0):
        drawn.append(
            svg.text(at(tick, y0)[0], top + height + 14, svg.tick_words(tick, signed=False), size=10, anchor="middle")
        )
    for tick in _ticks(y0):
        drawn.append(
            svg.text(left - 6, at(x0, tick)[1] + 3.5, svg.tick_words(tick, signed=False), size=10, anchor="end")
        )
    places = [at(p.ceiling, p.pearson) for p in known]
    for p, (x, y) in zip(known, places, strict=True):
        if np.isfinite([p.low, p.high]).all():
            ends = [at(p.ceiling, p.low), at(p.ceiling, p.high)]
            drawn.append(_path(ends, stroke_width="2.5", stroke_opacity="0.25"))
        drawn.append(svg.element("circle", cx=x, cy=y, r=3.4, fill=svg.NEGATIVE))
    drawn += labels([p.name for p in known], places, (left, top - 8, left + width, top + height + 8))
    drawn.append(svg.text(left + width / 2, top + height + 31, "ceiling: how far people agree", anchor="middle"))
    turn = f"rotate(-90 12 {svg.number(top + height / 2)})"
    drawn.append(svg.text(12, top + height / 2, "model's correlation with the mean rating", anchor="middle",
                          transform=turn))  # fmt: skip
    return svg.picture(left + width + 8, top + height + 40, *drawn, title=title)


def models_plot(
    names: list[str], models: dict[str, list[tuple[float, float, float]]], ceilings: dict[str, float], *, title: str
) -> str:  # fmt: skip
    """A line per attribute with a mark and an interval per model and a bar at the ceiling.

    Parameters
    ----------
    names : list of str
        In the order of the lines.
    models : dict of str to list of (float, float, float)
        Correlation of each model and its 95 % interval, one per attribute; NaN where unknown or withheld.
    ceilings : dict of str to float
        Of the attributes where it is known.
    title : str
    """
    room = 7.0 + 6.2 * max((len(name) for name in names), default=0)
    # Models lie below each other within a line, so that intervals do not cover each other.
    left, width, step = min(max(room, 60.0), 190.0), 300.0, 11.0 + 6.0 * len(models)
    every = [v for row in models.values() for value in row for v in value if np.isfinite(v)]
    low = min(_floor(every), 0.5)

    def at(value: float) -> float:
        return left + width * (max(value, low) - low) / (1 - low)

    drawn, top = [], 22.0
    x = left
    for number, name in enumerate(models):
        drawn += [_mark(number, x + 4, 8), svg.text(x + 12, 11.5, name, size=10)]
        x += 26 + 6 * len(name)
    if ceilings:
        drawn += [_path([(x + 4, 3), (x + 4, 13)], stroke_width="2"), svg.text(x + 10, 11.5, "ceiling", size=10)]
    bottom = top + step * len(names)
    if low < 0:
        drawn.append(_path([(at(0.0), top), (at(0.0), bottom)], stroke_opacity="0.7", stroke_dasharray="2 2"))
    for tick in _ticks(low):
        drawn.append(_path([(at(tick), top), (at(tick), bottom)], stroke_opacity="0.15", stroke_width="0.8"))
        drawn.append(svg.text(at(tick), bottom + 12, svg.tick_words(tick, signed=False), size=10, anchor="middle"))
    for row, name in enumerate(names):
        y = top + step * (row + 0.5)
        drawn.append(svg.text(left - 8, y + 3.5, shortened(name), size=10.5, anchor="end"))
        edge = top + step * (row + 1)
        drawn.append(_path([(left, edge), (left + width, edge)], stroke_opacity="0.12"))
        if name in ceilings:
            x, half = at(ceilings[name]), step / 2 - 2.5
            drawn.append(_path([(x, y - half), (x, y + half)], stroke_width="2"))
        for n, values in enumerate(models.values()):
            (value, *ends), own = values[row], y + 6.0 * (n - (len(models) - 1) / 2)
            if np.isfinite(ends).all():
                drawn.append(_path([(at(end), own) for end in ends], stroke_width="2", stroke_opacity="0.35"))
            drawn += [_mark(n, at(value), own)] if np.isfinite(value) else []
    drawn.append(svg.text(left + width / 2, bottom + 27, "Pearson correlation with the mean rating", anchor="middle",
                          size=10.5))  # fmt: skip
    return svg.picture(max(left + width + 12, x + 60), bottom + 34, *drawn, title=title)


def _mark(number: int, x: float, y: float) -> str:
    """Marks that differ in shape and fill, so that they are told apart without colour."""
    size = 3.6
    colour = (svg.NEGATIVE, svg.POSITIVE, "currentColor")[number % 3]
    look: dict[str, Any] = {"fill": colour if number < 3 else "none", "stroke": colour, "stroke_width": "1.2"}
    if number % 3 == 0:
        return svg.element("circle", cx=float(x), cy=float(y), r=size, **look)
    if number % 3 == 1:
        return svg.element("rect", x=x - 3.2, y=y - 3.2, width=6.4, height=6.4, **look)
    corners = [(x, y - 4.2), (x + 4.2, y + 3.2), (x - 4.2, y + 3.2)]
    return svg.element("path", d=f"M{'L'.join(_pair(c) for c in corners)}Z", **look)


def _floor(values: list[float]) -> float:
    """A round number below all values, at most 0.9."""
    return min(0.9, max(-1.0, np.floor(min(values, default=0.0) * 10 - 0.3) / 10))


def _ticks(low: float) -> list[float]:
    step = 0.05 if 1 - low < 0.35 else 0.1 if 1 - low <= 0.7 else 0.25
    return [round(float(t), 2) for t in np.arange(np.ceil(low / step - 1e-9), round(1 / step) + 1) * step]


def _pair(place: tuple[float, float]) -> str:
    return " ".join(svg.number(v) for v in place)


def _path(places: list[tuple[float, float]], **attributes: Any) -> str:
    return svg.element("path", d=f"M{'L'.join(_pair(p) for p in places)}", **_LINE, **attributes)
