"""Small pictures of scores and calibration."""

from __future__ import annotations

from typing import Any

from mien.report.draw import svg


def score_line(value: float, low: float, high: float, chance: float, *, name: str, least: float = 0.0) -> str:
    """A score on a line from ``least`` to 1: dot, interval, and a tick at chance level."""
    left, width, middle = 6.0, 168.0, 9.0

    def at(score: float) -> float:
        return left + width * (min(max(score, least), 1.0) - least) / (1 - least)

    ink = {"stroke": "currentColor"}
    parts = [_path(f"M{left} {middle}H{left + width}", stroke_opacity="0.25", stroke_width="1", **ink)]
    if chance == chance:
        where = svg.number(at(chance))
        parts.append(_path(f"M{where} 2V16", stroke_opacity="0.6", stroke_dasharray="2 2", stroke_width="1.2", **ink))
    if low == low and high == high:
        parts.append(
            _path(
                f"M{svg.number(at(low))} {middle}H{svg.number(at(high))}",
                stroke_width="4",
                stroke_opacity="0.45",
                **ink,
            )
        )
    if value == value:
        parts.append(svg.element("circle", cx=at(value), cy=middle, r=3.6, fill="currentColor"))
    shown = f"{name}: {value:.2f} on a line from {least:g} to 1, dashed line at chance {chance:.2f}"
    return svg.picture(180, 18, *parts, title=shown)


def calibration_plot(calibration: dict[str, Any]) -> str:
    """Confidence against accuracy, one dot per bin, its area by the number of samples.

    Parameters
    ----------
    calibration : dict
        As ``mien.stats.calibration.Calibration.to_json``.
    """
    left, top, side = 44.0, 8.0, 250.0

    def place(x: float, y: float) -> tuple[str, str]:
        return svg.number(left + side * x), svg.number(top + side * (1 - y))

    bins = [
        (float(c), float(a), float(n))
        for c, a, n in zip(
            calibration.get("confidence", []),
            calibration.get("accuracy", []),
            calibration.get("count", []),
            strict=False,
        )
        if c is not None and a is not None and n
    ]
    most = max((n for _, _, n in bins), default=1.0)
    ink: dict[str, Any] = {"stroke": "currentColor", "fill": "none"}
    parts = [
        svg.element("rect", x=left, y=top, width=side, height=side, stroke_opacity="0.4", stroke_width="0.8", **ink),
        _path(f"M{' '.join(place(0, 0))}L{' '.join(place(1, 1))}", stroke_dasharray="3 3", stroke_opacity="0.6", **ink),
    ]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        x, y = place(tick, tick)
        parts.append(svg.text(float(x), top + side + 13, f"{tick:g}", size=10, anchor="middle"))
        parts.append(svg.text(left - 5, float(y) + 3.5, f"{tick:g}", size=10, anchor="end"))
    if len(bins) > 1:
        line = "L".join(" ".join(place(c, a)) for c, a, _ in bins)
        parts.append(_path(f"M{line}", stroke_width="1.2", stroke_opacity="0.7", **ink))
    for c, a, n in bins:
        x, y = place(c, a)
        radius = 2.0 + 6.0 * (n / most) ** 0.5
        parts.append(svg.element("circle", cx=x, cy=y, r=radius, fill=svg.NEGATIVE, fill_opacity="0.75"))
    parts.append(svg.text(left + side / 2, top + side + 28, "probability the model gave", size=11, anchor="middle"))
    x, y = svg.number(12), svg.number(top + side / 2)
    turn = f"rotate(-90 {x} {y})"
    parts.append(svg.text(float(x), float(y), "share that was right", size=11, anchor="middle", transform=turn))
    return svg.picture(
        310, 294, *parts, title="Calibration: probability the model gave against the share that was right"
    )


def _path(drawn: str, **attributes: Any) -> str:
    return svg.element("path", d=drawn, **attributes)
