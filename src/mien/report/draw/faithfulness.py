"""Curves of deletion and insertion, for every method."""

from __future__ import annotations

import numpy as np

from mien.report.draw import svg

# Lines of a chart that people can tell apart.
_COLOURS = ("#d6402b", "#2b7bd6", "#1f9e5a", "#b0761c", "#8a4fc7", "#c2458f", "#4d6f7d", "#6b8e23")


_LEFT, _TOP, _WIDTH, _HEIGHT = 40.0, 8.0, 330.0, 190.0
_CONTROLS = ("random", "face-centre prior")


def curves_plot(kind: str, lines: dict[str, np.ndarray], shares: np.ndarray) -> str:
    """Mean curves of all methods over the share of units; controls dashed."""
    known = {name: line for name, line in lines.items() if len(line) == len(shares) and np.isfinite(line).all()}
    if not known:
        return svg.picture(10, 10, title=f"No {kind} curves")
    low = min(float(line.min()) for line in known.values())
    span = float(max(line.max() for line in known.values()) - low) or 1.0
    parts = _frame(low, span)
    # Controls come first in the file; methods keep their colours whichever controls there are.
    for number, name in enumerate(sorted(known, key=lambda name: name in _CONTROLS)):
        ink = {"stroke": _COLOURS[number % len(_COLOURS)]}
        if name in _CONTROLS:
            ink = {"stroke": "currentColor", "stroke_dasharray": "3 3"}
        at = [
            f"{svg.number(_LEFT + _WIDTH * share)} {svg.number(_height(float(value), low, span))}"
            for share, value in zip(shares, known[name], strict=True)
        ]
        parts.append(svg.element("path", d=f"M{'L'.join(at)}", fill="none", stroke_width="1.4", **ink))
        x, y = _LEFT + (_WIDTH / 2) * (number % 2), _TOP + _HEIGHT + 30 + 14 * (number // 2)
        parts.append(svg.element("path", d=f"M{svg.number(x)} {svg.number(y - 4)}h18", stroke_width="2", **ink))
        parts.append(svg.text(x + 23, y, name, size=10))
    total = _TOP + _HEIGHT + 30 + 14 * -(-len(known) // 2)
    return svg.picture(_LEFT + _WIDTH + 14, total, *parts, title=f"{kind.capitalize()} curves of {', '.join(known)}")


def _height(value: float, low: float, span: float) -> float:
    return _TOP + _HEIGHT * (1 - (value - low) / span)


def _frame(low: float, span: float) -> list[str]:
    """The box with the shares below and the lowest and highest output at the left."""
    parts = [svg.element("rect", x=_LEFT, y=_TOP, width=_WIDTH, height=_HEIGHT, fill="none", stroke="currentColor",
                         stroke_opacity="0.4", stroke_width="0.8")]  # fmt: skip
    for share in (0, 0.25, 0.5, 0.75, 1):
        parts.append(svg.text(_LEFT + _WIDTH * share, _TOP + _HEIGHT + 13, f"{share:.0%}", size=10, anchor="middle"))
    for value in (low, low + span):
        words = f"{value:.1f}".replace("-", "−")
        parts.append(svg.text(_LEFT - 4, _height(value, low, span) + 3.5, words, size=10, anchor="end"))
    return parts
