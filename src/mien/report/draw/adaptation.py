"""A learning curve over people: thin lines are people, the thick one is their mean with its interval."""

from __future__ import annotations

import math
from typing import Any

from mien.learn.adaptation import Adaptation
from mien.report.draw import svg

_W, _H, _LEFT, _TOP, _RIGHT = 560.0, 260.0, 46.0, 12.0, 60.0
_MEAN = "#0072b2"


def adaptation_plot(found: Adaptation) -> str:
    """Balanced accuracy within people against the recordings that the model has of each."""
    chance = float(found.protocol["chance"])
    edges = [value for row in found.points for value in (row.value, row.low) if value == value]
    edges += [value for person in found.people for value in person.scores]
    low = max(0.0, math.floor(5 * (min(*edges, chance) - 0.02)) / 5)
    count = len(found.points)

    def x(j: int) -> float:
        return _LEFT + 24 + (_W - _LEFT - _RIGHT - 48) * j / max(1, count - 1)

    def y(value: float) -> float:
        return _TOP + _H * (1.03 - value) / (1.03 - low)

    parts = []
    for level in range(round(10 * low), 11, 1 if low >= 0.6 else 2):
        at = svg.number(y(level / 10))
        parts.append(_path(f"M{_LEFT} {at}H{_W - _RIGHT}", stroke="currentColor", stroke_opacity="0.14"))
        parts.append(svg.text(_LEFT - 6, y(level / 10) + 4, f"{level / 10:.1f}", anchor="end"))
    at = svg.number(y(chance))
    parts.append(
        _path(f"M{_LEFT} {at}H{_W - _RIGHT}", stroke="currentColor", stroke_opacity="0.55", stroke_dasharray="4 4")
    )
    parts.append(svg.text(_W - _RIGHT + 5, y(chance) + 4, "chance", size=10.5))
    for person in found.people:
        line = "L".join(f"{svg.number(x(j))} {svg.number(y(value))}" for j, value in enumerate(person.scores))
        parts.append(_path(f"M{line}", stroke="currentColor", stroke_opacity="0.25", stroke_width="1"))
    line = "L".join(f"{svg.number(x(j))} {svg.number(y(row.value))}" for j, row in enumerate(found.points))
    parts.append(_path(f"M{line}", stroke=_MEAN, stroke_width="2.4"))
    for j, row in enumerate(found.points):
        if row.low == row.low:
            ends = f"M{svg.number(x(j))} {svg.number(y(row.low))}V{svg.number(y(row.high))}"
            parts.append(_path(ends, stroke=_MEAN, stroke_width="4", stroke_opacity="0.35"))
        parts.append(svg.element("circle", cx=svg.number(x(j)), cy=svg.number(y(row.value)), r=4, fill=_MEAN))
        parts.append(svg.text(x(j), _TOP + _H + 16, str(row.k), anchor="middle"))
    parts.append(
        svg.text((_LEFT + _W - _RIGHT) / 2, _TOP + _H + 34, "recordings per class of the person", anchor="middle")
    )
    turn = f"rotate(-90 10 {svg.number(_TOP + _H / 2)})"
    parts.append(svg.text(10, _TOP + _H / 2, "balanced accuracy", anchor="middle", transform=turn))
    title = "Balanced accuracy within people against the number of recordings that the model has of each"
    return svg.picture(_W, _TOP + _H + 42, *parts, title=title)


def _path(d: str, **attributes: Any) -> str:
    return svg.element("path", d=d, fill="none", **attributes)
