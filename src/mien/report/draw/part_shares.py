"""Shares of evidence by parts of the face: a dot with its interval for each network, a line for the area."""

from __future__ import annotations

from collections.abc import Sequence

from mien.report.draw import svg
from mien.report.draw.probes import COLOURS
from mien.responses.evidence.part_shares import PartShare

_W, _LEFT, _RIGHT, _TOP, _STEP, _GAP = 680.0, 118.0, 24.0, 10.0, 15.0, 12.0


def share_plot(rows: Sequence[PartShare], own: str) -> str:
    """One group's shares of one kind of evidence; ``own`` is what the probe's own network is called."""
    bodies, parts = (list(dict.fromkeys(getattr(row, name) for row in rows)) for name in ("body", "part"))
    ends = [v for row in rows for v in (row.share.high, row.share.value, row.area) if v == v]
    most = min(1.0, 0.1 * (int(10 * max(ends, default=1.0)) + 1))
    height = len(parts) * (len(bodies) * _STEP + _GAP)

    def x(value: float) -> float:
        return _LEFT + (_W - _LEFT - _RIGHT) * value / most

    drawn = []
    for tenth in range(round(10 * most) + 1):
        at = svg.number(x(tenth / 10))
        drawn.append(
            svg.element("path", d=f"M{at} {_TOP}V{_TOP + height}", stroke="currentColor", stroke_opacity="0.14")
        )
        drawn.append(svg.text(x(tenth / 10), _TOP + height + 14, f"{10 * tenth} %", anchor="middle"))
    for place, part in enumerate(parts):
        top = _TOP + place * (len(bodies) * _STEP + _GAP) + _GAP / 2
        drawn.append(svg.text(_LEFT - 8, top + len(bodies) * _STEP / 2 + 4, part, anchor="end"))
        for row in (row for row in rows if row.part == part):
            number = bodies.index(row.body)
            y, colour = top + (number + 0.5) * _STEP, COLOURS[number % len(COLOURS)]
            if row.area == row.area:
                at = svg.number(x(row.area))
                drawn.append(
                    svg.element("path", d=f"M{at} {svg.number(y - 7)}V{svg.number(y + 7)}", stroke="currentColor",
                                stroke_width="2")
                )  # fmt: skip
            if row.share.low == row.share.low:
                path = f"M{svg.number(x(row.share.low))} {svg.number(y)}H{svg.number(x(row.share.high))}"
                drawn.append(svg.element("path", d=path, stroke=colour, stroke_width="3", stroke_opacity="0.5"))
            if row.share.value == row.share.value:
                drawn.append(svg.element("circle", cx=x(row.share.value), cy=y, r=4.0, fill=colour))
    bottom = _TOP + height + 34
    for number, body in enumerate(bodies):
        line = bottom + 17 * number
        drawn.append(
            svg.element("rect", x=_LEFT, y=line - 9, width=16.0, height=9.0, fill=COLOURS[number % len(COLOURS)])
        )
        drawn.append(svg.text(_LEFT + 22, line, body or own))
    return svg.picture(_W, bottom + 17 * len(bodies), *drawn, title=f"Shares of the evidence on {', '.join(parts)}")
