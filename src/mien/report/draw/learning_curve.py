"""A learning curve: scores on people held out, and what sets of each size say of themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mien.cohort.learning_curve_result import CurveEstimate, LearningCurve
from mien.report.draw import svg

_W, _H, _LEFT, _TOP, _RIGHT = 600.0, 280.0, 50.0, 12.0, 20.0
HELD_OUT, WITHIN, BEST = "#0072b2", "#d55e00", "#7b3fa0"


def learning_curve_plot(curve: LearningCurve) -> str:
    """Score against people on a logarithmic scale; beyond the largest size the power law with its interval."""
    sizes, beyond = curve.sizes, curve.law.beyond
    most = max([size.people for size in sizes] + [one.people for one in beyond])
    first, last = math.log(sizes[0].people), math.log(most)
    values = [curve.chance]
    for size in sizes:
        estimates = [size.held_out, *([size.chosen.within] if size.chosen else [])]
        values += [v for e in estimates for v in (e.value, e.low, e.high) if v == v] + [*size.spread]
    values += [v for one in beyond for v in (one.low, one.high)]
    low = max(math.floor(10 * min(values)) / 10, -0.5)
    high = min(math.ceil(10 * max(values)) / 10, 1.0)

    def x(people: float) -> float:
        share = (math.log(people) - first) / (last - first) if last > first else 0.5
        return _LEFT + 14 + (_W - _LEFT - _RIGHT - 28) * share

    def y(value: float) -> float:
        return _TOP + _H * (high - min(max(value, low), high)) / (high - low)

    parts = []
    for level in range(round(10 * low), round(10 * high) + 1):
        at = svg.number(y(level / 10))
        parts.append(_path(f"M{_LEFT} {at}H{_W - _RIGHT}", stroke="currentColor", stroke_opacity="0.14"))
        parts.append(svg.text(_LEFT - 6, y(level / 10) + 4, f"{level / 10:.1f}", anchor="end"))
    at = svg.number(y(curve.chance))
    parts.append(
        _path(f"M{_LEFT} {at}H{_W - _RIGHT}", stroke="currentColor", stroke_opacity="0.6", stroke_dasharray="4 4")
    )
    if len(sizes) > 1:
        area = [(x(s.people), y(s.spread[1])) for s in sizes] + [(x(s.people), y(s.spread[0])) for s in reversed(sizes)]
        parts.append(svg.element("path", d=f"M{_line(area)}Z", fill=WITHIN, fill_opacity="0.12"))
    if beyond:
        start = (x(sizes[-1].people), y(sizes[-1].held_out.value))
        band = [
            start,
            *((x(b.people), y(b.high)) for b in beyond),
            *((x(b.people), y(b.low)) for b in reversed(beyond)),
        ]
        parts.append(svg.element("path", d=f"M{_line(band)}Z", fill=HELD_OUT, fill_opacity="0.15"))
        drawn = [start, *((x(b.people), y(b.value)) for b in beyond)]
        parts.append(_path(f"M{_line(drawn)}", stroke=HELD_OUT, stroke_dasharray="3 4", stroke_width="1.8"))
    rows: list[tuple[str, float, list[CurveEstimate]]] = [(WITHIN, 3.0, [size.within for size in sizes])]
    if all(size.chosen for size in sizes):
        rows.append((BEST, 0.0, [size.chosen.within for size in sizes if size.chosen]))
    rows.append((HELD_OUT, -3.0, [size.held_out for size in sizes]))
    for colour, shift, estimates in rows:
        points = [(x(size.people) + shift, y(e.value)) for size, e in zip(sizes, estimates, strict=True)]
        parts.append(_path(f"M{_line(points)}", stroke=colour, stroke_width="2"))
        for (across, down), e in zip(points, estimates, strict=True):
            if e.low == e.low:
                ends = f"M{svg.number(across)} {svg.number(y(e.low))}V{svg.number(y(e.high))}"
                parts.append(_path(ends, stroke=colour, stroke_width="3", stroke_opacity="0.4"))
            parts.append(svg.element("circle", cx=svg.number(across), cy=svg.number(down), r=3.4, fill=colour))
    for people in sorted({size.people for size in sizes} | {one.people for one in beyond[-1:]}):
        parts.append(svg.text(x(people), _TOP + _H + 16, f"{people}", anchor="middle", size=10))
    parts.append(svg.text((_LEFT + _W - _RIGHT) / 2, _TOP + _H + 34, "people in training", anchor="middle"))
    turn = f"rotate(-90 10 {svg.number(_TOP + _H / 2)})"
    name = score_name(curve)
    parts.append(svg.text(10, _TOP + _H / 2, name, anchor="middle", transform=turn))
    return svg.picture(_W, _TOP + _H + 42, *parts, title=f"{name} against the number of people in training")


def score_name(curve: LearningCurve) -> str:
    """What the curve is of."""
    names = {"auc": "area under the ROC curve", "pearson": "correlation"}
    return names.get(curve.score, curve.score.replace("_", " "))


def curve_words(curve: LearningCurve) -> str:
    """What the drawing shows, and nothing that it does not."""
    several, folds = len(curve.sizes) > 1, curve.settings.get("n_folds", "?")
    drawn = [estimate for size in curve.sizes for estimate in (size.held_out, size.within)]
    drawn += [size.chosen.within for size in curve.sizes if size.chosen]
    text = "Blue: on people held out, the same for all sizes. " if several else "Blue: on people held out. "
    text += f"Orange: cross-validation ({folds} folds) within the drawn people"
    text += ", shaded: 9 of 10 such sets." if several else "."
    if all(size.chosen for size in curve.sizes):
        text += f" Violet: the best of {len(curve.candidates)} candidates by cross-validation within the set."
    if any(estimate.low == estimate.low for estimate in drawn):
        text += " Bars: 95 % intervals over drawn people and those held out."
    if curve.law.beyond:
        return f"{text} Dashed: chance, and the fitted power law beyond the largest size with its interval."
    return f"{text} Dashed: chance."


def _line(points: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{svg.number(across)} {svg.number(down)}" for across, down in points)


def _path(d: str, **attributes: Any) -> str:
    return svg.element("path", d=d, fill="none", **attributes)
