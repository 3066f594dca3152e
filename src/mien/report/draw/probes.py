"""A probe over the layers of a network: AUC with its interval, other bodies on the same pictures beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mien.report.draw import svg
from mien.responses.probes.result import Probe
from mien.responses.probes.rows import ProbeScore
from mien.responses.probes.scores import CHOSEN

# Told apart by people with any common colour vision (Okabe and Ito).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_W, _H, _LEFT, _TOP, _RIGHT = 680.0, 260.0, 46.0, 12.0, 20.0


def layer_plot(probe: Probe) -> str:
    """AUC of every layer; a body with other layers is a dashed line at the layer chosen within each fold."""
    bodies = list(dict.fromkeys(row.body for row in probe.scores))
    shown = {body: [row for row in probe.scores if row.body == body and row.status == "ok"] for body in bodies}
    layers = [row.layer for row in probe.own if row.status == "ok"]
    edges = [v for rows in shown.values() for row in rows for v in (row.auc.low, row.auc.value) if v == v]
    low = max(0.0, math.floor(10 * min([0.45, *edges])) / 10)

    def x(j: float) -> float:
        return _LEFT + 22 + (_W - _LEFT - _RIGHT - 44) * j / max(1, len(layers) - 1)

    def y(value: float) -> float:
        return _TOP + _H * (1.01 - value) / (1.01 - low)

    parts = []
    for level in range(round(10 * low), 11):
        at = svg.number(y(level / 10))
        dashed = {"stroke_dasharray": "4 4", "stroke_opacity": "0.6"} if level == 5 else {"stroke_opacity": "0.14"}
        parts.append(_path(f"M{_LEFT} {at}H{_W - _RIGHT}", stroke="currentColor", **dashed))
        parts.append(svg.text(_LEFT - 6, y(level / 10) + 4, f"{level / 10:.1f}", anchor="end"))
    for number, (body, rows) in enumerate(shown.items()):
        colour = COLOURS[number % len(COLOURS)]
        scored = {row.layer: row for row in rows}
        along = [(j, scored[layer]) for j, layer in enumerate(layers) if layer in scored]
        if len(along) > 1 or not body:
            parts += _line([(x(j), row) for j, row in along], y, colour)
        elif rows:
            row = scored.get(CHOSEN, rows[0])
            parts += _level(row, x(0), x(max(1, len(layers) - 1)), y, colour)
    for j, layer in enumerate(layers):
        place = f"rotate(-35 {svg.number(x(j))} {svg.number(_TOP + _H + 14)})"
        parts.append(svg.text(x(j) + 4, _TOP + _H + 14, layer, anchor="end", size=10, transform=place))
    turn = f"rotate(-90 10 {svg.number(_TOP + _H / 2)})"
    parts.append(svg.text(10, _TOP + _H / 2, "AUC on sources not seen", anchor="middle", transform=turn))
    bottom = _TOP + _H + 24 + 5.0 * max((len(layer) for layer in layers), default=0)
    parts += _legend([body or f"{probe.body.name} ({probe.body.weights})" for body in bodies], bottom)
    title = f"AUC of faces against everything else at {len(layers)} layers of {probe.body.name}"
    return svg.picture(_W, bottom + 18 * len(bodies), *parts, title=title)


def _line(points: Sequence[tuple[float, ProbeScore]], y: Any, colour: str) -> list[str]:
    banded = [(at, row) for at, row in points if row.auc.low == row.auc.low]
    parts = []
    if len(banded) > 1:
        ends = [(at, y(row.auc.high)) for at, row in banded] + [(at, y(row.auc.low)) for at, row in banded[::-1]]
        band = "L".join(f"{svg.number(a)} {svg.number(b)}" for a, b in ends)
        parts.append(svg.element("path", d=f"M{band}Z", fill=colour, fill_opacity="0.16"))
    line = "L".join(f"{svg.number(at)} {svg.number(y(row.auc.value))}" for at, row in points)
    if line:
        parts.append(_path(f"M{line}", stroke=colour, stroke_width="2.2"))
    parts += [svg.element("circle", cx=at, cy=y(row.auc.value), r=3.2, fill=colour) for at, row in points]
    return parts


def _level(row: ProbeScore, left: float, right: float, y: Any, colour: str) -> list[str]:
    parts = []
    if row.auc.low == row.auc.low:
        parts.append(
            svg.element("rect", x=left, y=y(row.auc.high), width=right - left, height=y(row.auc.low) - y(row.auc.high),
                        fill=colour, fill_opacity="0.12")
        )  # fmt: skip
    at = svg.number(y(row.auc.value))
    parts.append(
        _path(f"M{svg.number(left)} {at}H{svg.number(right)}", stroke=colour, stroke_width="2", stroke_dasharray="7 4")
    )
    return parts


def _legend(names: Sequence[str], top: float) -> list[str]:
    parts = []
    for number, name in enumerate(names):
        at = top + 18 * number
        colour = COLOURS[number % len(COLOURS)]
        parts.append(svg.element("rect", x=_LEFT, y=at - 9, width=16.0, height=9.0, fill=colour))
        parts.append(svg.text(_LEFT + 22, at, name, size=11))
    return parts


def _path(d: str, **attributes: Any) -> str:
    return svg.element("path", d=d, fill="none", **attributes)
