"""Accumulated local effects: how a model's output goes with single measures."""

from __future__ import annotations

import numpy as np

from mien.cohort.channels_result import Accumulated, ChannelEvidence
from mien.report.draw import svg
from mien.report.draw.unpredicted import unpredicted

_WIDE, _HIGH, _LEFT, _TOP, _PER_ROW = 178.0, 120.0, 40.0, 20.0, 3


def curves_plot(evidence: ChannelEvidence) -> str:
    """Curves of the leading measures on one scale, with intervals over people; '' where there are none.

    Of a model that is not shown to predict they are grey and say so.
    """
    curves = evidence.accumulated
    if not curves:
        return ""
    most = max(float(np.nanmax(np.abs([curve.low, curve.high]))) for curve in curves) or 1.0
    parts = []
    for place, curve in enumerate(curves):
        left, top = (place % _PER_ROW) * (_WIDE + _LEFT), (place // _PER_ROW) * (_HIGH + 52)
        parts += _curve(curve, left + _LEFT, top + _TOP, most)
    rows = -(-len(curves) // _PER_ROW)
    width, height = min(len(curves), _PER_ROW) * (_WIDE + _LEFT) + 10, rows * (_HIGH + 52) + 14
    unit = f"Up: model's score, {evidence.unit}. Marks below: quantiles of people."
    parts.append(svg.text(_LEFT, height - 4, unit, size=10))
    drawn = svg.picture(width, height, *parts, title=f"Accumulated local effects of {len(curves)} measures")
    return unpredicted(drawn, evidence.unlearnt) if evidence.unlearnt else drawn


def _curve(curve: Accumulated, left: float, top: float, most: float) -> list[str]:
    low, high = float(curve.at[0]), float(curve.at[-1])

    def x(value: float) -> float:
        return left + (_WIDE - 10) * (value - low) / (high - low)

    def y(value: float) -> float:
        return top + _HIGH / 2 * (1 - value / most)

    def line(values: np.ndarray, order: slice = slice(None)) -> str:
        points = zip(curve.at[order], values[order], strict=True)
        return "L".join(f"{svg.number(x(float(a)))} {svg.number(y(float(v)))}" for a, v in points)

    ink = {"stroke": "currentColor", "fill": "none"}
    band = f"M{line(curve.high)}L{line(curve.low, slice(None, None, -1))}Z"
    size = min(10.5, 1.75 * _WIDE / len(curve.measure))
    parts = [
        svg.text(left, top - 7, curve.measure, size=round(size, 1)),
        svg.element("path", d=band, fill=svg.AMOUNT, fill_opacity="0.22"),
        svg.element("path", d=f"M{line(curve.effect)}", stroke=svg.AMOUNT, fill="none", stroke_width="1.6"),
        svg.element("path", d=f"M{svg.number(left)} {svg.number(y(0))}h{svg.number(_WIDE - 10)}", stroke_opacity="0.4",
                    stroke_dasharray="3 3", **ink),
        svg.element("path", d="".join(f"M{svg.number(x(float(a)))} {svg.number(top + _HIGH)}v4" for a in curve.at),
                    stroke_opacity="0.6", **ink),
    ]  # fmt: skip
    for value in (-most, 0.0, most):
        words = svg.tick_words(value, signed=True)
        parts.append(svg.text(left - 4, y(value) + 3.5, words, size=9, anchor="end"))
    for value, anchor in ((low, "start"), (high, "end")):
        parts.append(svg.text(x(value), top + _HIGH + 15, f"{value:.3g}".replace("-", "\u2212"), size=9, anchor=anchor))
    return parts
