"""Reliability curves of several groups: what was said against what was so, with intervals over people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mien.compare.fairness_result import Curve
from mien.report.draw import svg

# Told apart with any common colour vision, on white and on black; and by the shape of their marks.
COLOURS = ("#2b7bd6", "#d6402b", "#8a4fc7", "#1b9e77", "#b8860b", "#c2185b")
_LEFT, _TOP, _SIDE, _LINE = 46.0, 8.0, 250.0, 15.0


def reliability_plot(curves: Sequence[Curve], *, shares: bool, title: str) -> str:
    """Draw the curves of all groups in one square; the dashed line is where what is said is so.

    Parameters
    ----------
    curves : sequence of Curve
        One for each group.
    shares : bool
        Both axes go from 0 to 1 (confidence and share of right answers); else over the ratings.
    title : str
        What is shown, for people who cannot see it.
    """
    low, high = (0.0, 1.0) if shares else _ends(curves)
    width = (high - low) or 1.0

    def at(x: float, y: float) -> tuple[float, float]:
        return _LEFT + _SIDE * (x - low) / width, _TOP + _SIDE * (1 - (min(max(y, low), high) - low) / width)

    ink: dict[str, Any] = {"stroke": "currentColor", "fill": "none"}
    parts = [
        svg.element(
            "rect", x=_LEFT, y=_TOP, width=_SIDE, height=_SIDE, stroke_opacity="0.4", stroke_width="0.8", **ink
        ),
        _path([at(low, low), at(high, high)], stroke_dasharray="3 3", stroke_opacity="0.6", **ink),
    ]
    for tick in range(5):
        value = low + width * tick / 4
        x, y = at(value, value)
        parts.append(svg.text(x, _TOP + _SIDE + 13, f"{value:.3g}", size=10, anchor="middle"))
        parts.append(svg.text(_LEFT - 5, y + 3.5, f"{value:.3g}", size=10, anchor="end"))
    for number, curve in enumerate(curves):
        parts += _drawn(curve, number, at)
    words = ("probability the model gave its answer", "share of answers that was right")
    said, was = words if shares else ("predicted rating", "rating")
    parts.append(svg.text(_LEFT + _SIDE / 2, _TOP + _SIDE + 28, said, size=11, anchor="middle"))
    middle = svg.number(_TOP + _SIDE / 2)
    parts.append(svg.text(12, float(middle), was, size=11, anchor="middle", transform=f"rotate(-90 12 {middle})"))
    below = _TOP + _SIDE + 44
    for number, curve in enumerate(curves):
        y = below + _LINE * number
        parts.append(_mark(_LEFT + 8, y - 4, number))
        parts.append(svg.text(_LEFT + 20, y, f"{curve.group} ({sum(curve.samples)} samples)", size=11))
    return svg.picture(_LEFT + _SIDE + 10, below + _LINE * len(curves), *parts, title=title)


def _ends(curves: Sequence[Curve]) -> tuple[float, float]:
    values = [value for curve in curves for value in (*curve.said, *curve.was)]
    return min(values, default=0.0), max(values, default=1.0)


def _drawn(curve: Curve, number: int, at: Any) -> list[str]:
    colour = COLOURS[number % len(COLOURS)]
    places = [at(x, y) for x, y in zip(curve.said, curve.was, strict=True)]
    parts = (
        [_path(places, stroke=colour, fill="none", stroke_width="1.3", stroke_opacity="0.8")] if len(places) > 1 else []
    )
    for x, low, high in zip(curve.said, curve.low, curve.high, strict=True):
        if low == low:
            parts.append(_path([at(x, low), at(x, high)], stroke=colour, fill="none", stroke_opacity="0.45"))
    return parts + [_mark(x, y, number) for x, y in places]


def _mark(x: float, y: float, number: int) -> str:
    """A dot, square or diamond."""
    paint = {"fill": COLOURS[number % len(COLOURS)], "fill_opacity": "0.85"}
    if number % 3 == 0:
        return svg.element("circle", cx=float(x), cy=float(y), r=3.8, **paint)
    if number % 3 == 1:
        return svg.element("rect", x=float(x - 3.4), y=float(y - 3.4), width=6.8, height=6.8, **paint)
    corners = ((x, y - 4.6), (x + 4.6, y), (x, y + 4.6), (x - 4.6, y))
    return svg.element("path", d="M" + "L".join(f"{svg.number(a)} {svg.number(b)}" for a, b in corners) + "Z", **paint)


def _path(places: Sequence[tuple[float, float]], **attributes: Any) -> str:
    drawn = "M" + "L".join(f"{svg.number(x)} {svg.number(y)}" for x, y in places)
    return svg.element("path", d=drawn, **attributes)
