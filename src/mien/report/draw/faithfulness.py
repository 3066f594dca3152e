"""Curves of deletion and insertion, for every method."""

from __future__ import annotations

import numpy as np

from mien.report.draw import svg

# Lines of a chart that people can tell apart.
_COLOURS = ("#d6402b", "#2b7bd6", "#1f9e5a", "#b0761c", "#8a4fc7", "#c2458f", "#4d6f7d", "#6b8e23")


def curves_plot(kind: str, lines: dict[str, list[float | None]], shares: list[float]) -> str:
    """Mean curves of all methods over the share of units; controls dashed."""
    left, top, width, height = 40.0, 8.0, 330.0, 190.0
    known = {name: np.array([np.nan if v is None else v for v in line]) for name, line in lines.items()}
    known = {name: line for name, line in known.items() if len(line) == len(shares) and np.isfinite(line).all()}
    if not known:
        return svg.picture(10, 10, title=f"No {kind} curves")
    low, high = min(line.min() for line in known.values()), max(line.max() for line in known.values())
    span = float(high - low) or 1.0

    def at(x: float, y: float) -> str:
        return f"{svg.number(left + width * x)} {svg.number(top + height * (1 - (y - float(low)) / span))}"

    parts = [svg.element("rect", x=left, y=top, width=width, height=height, fill="none", stroke="currentColor",
                         stroke_opacity="0.4", stroke_width="0.8")]  # fmt: skip
    for share in (0, 0.25, 0.5, 0.75, 1):
        parts.append(svg.text(left + width * share, top + height + 13, f"{share:.0%}", size=10, anchor="middle"))
    for value in (float(low), float(low) + span):
        y = top + height * (1 - (value - float(low)) / span)
        parts.append(svg.text(left - 4, y + 3.5, f"{value:.1f}".replace("-", "−"), size=10, anchor="end"))
    # Controls come first in the file; methods keep their colours whichever controls there are.
    methods = [name for name in known if name not in ("random", "face-centre prior")]
    for number, name in enumerate([*methods, *[name for name in known if name not in methods]]):
        line = known[name]
        ink = {"stroke": _COLOURS[number % len(_COLOURS)]} if name in methods else {
            "stroke": "currentColor", "stroke_dasharray": "3 3"}  # fmt: skip
        drawn = "M" + "L".join(at(x, float(v)) for x, v in zip(shares, line, strict=True))
        parts.append(svg.element("path", d=drawn, fill="none", stroke_width="1.4", **ink))
        y = top + height + 30 + 14 * (number // 2)
        x = left + (width / 2) * (number % 2)
        parts.append(svg.element("path", d=f"M{svg.number(x)} {svg.number(y - 4)}h18", stroke_width="2", **ink))
        parts.append(svg.text(x + 23, y, name, size=10))
    total = top + height + 30 + 14 * -(-len(known) // 2)
    return svg.picture(left + width + 14, total, *parts, title=f"{kind.capitalize()} curves of {', '.join(known)}")
