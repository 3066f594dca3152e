"""Predicted against observed: one dot per sample, the line where both are the same."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.report.draw import svg
from mien.report.draw.svg import round_ticks

# Beyond this, a drawing shows as many of the samples, evenly picked, so that pages stay small.
MOST_DOTS = 1000
_LEFT, _TOP, _SIDE = 46.0, 24.0, 250.0


def scatter_plot(observed: np.ndarray, predicted: np.ndarray, *, said: str, title: str) -> str:
    """Draw predicted (up) against observed ratings (across) on one scale; dashed: predicted is what was observed.

    Parameters
    ----------
    observed, predicted : ndarray, shape (samples,)
        In the rating's unit; samples without either are not drawn.
    said : str
        The score, written above the drawing.
    title : str
        What is shown, for people who cannot see it.
    """
    known = np.isfinite(observed) & np.isfinite(predicted)
    x, y = np.asarray(observed, float)[known], np.asarray(predicted, float)[known]
    drawn = np.linspace(0, len(x) - 1, min(len(x), MOST_DOTS)).round().astype(int) if len(x) else np.array([], int)
    both = np.concatenate([x, y]) if len(x) else np.array([0.0, 1.0])
    low, high = float(both.min()), float(both.max())
    room = 0.04 * (high - low) or 0.5
    low, high = low - room, high + room
    scale = _SIDE / (high - low)
    ink: dict[str, Any] = {"stroke": "currentColor", "fill": "none"}
    parts = [
        svg.element("rect", x=_LEFT, y=_TOP, width=_SIDE, height=_SIDE, stroke_opacity="0.4", **ink),
        svg.element("path", d=f"M{svg.number(_LEFT)} {svg.number(_TOP + _SIDE)}L{svg.number(_LEFT + _SIDE)} "
                    f"{svg.number(_TOP)}", stroke_dasharray="3 3", stroke_opacity="0.7", **ink),
    ]  # fmt: skip
    for tick in round_ticks(low, high):
        words, place = svg.tick_words(tick, signed=False), (tick - low) * scale
        parts.append(svg.text(_LEFT + place, _TOP + _SIDE + 14, words, size=10, anchor="middle"))
        parts.append(svg.text(_LEFT - 6, _TOP + _SIDE - place + 3.5, words, size=10, anchor="end"))
    # Dots are ends of lines without length: a third of the size of circles.
    dots = "".join(
        f"M{svg.number(_LEFT + (a - low) * scale)} {svg.number(_TOP + (high - b) * scale)}h0"
        for a, b in zip(x[drawn], y[drawn], strict=True)
    )
    if dots:
        opacity = "0.6" if len(drawn) < 300 else "0.3"
        parts.append(svg.element("path", d=dots, stroke=svg.NEGATIVE, stroke_width="4.6", stroke_linecap="round",
                                 stroke_opacity=opacity, fill="none"))  # fmt: skip
    parts.append(svg.text(_LEFT, _TOP - 9, said, size=11))
    middle = svg.number(_TOP + _SIDE / 2)
    parts.append(svg.text(_LEFT + _SIDE / 2, _TOP + _SIDE + 30, "observed rating", size=11, anchor="middle"))
    parts.append(svg.text(12, float(middle), "predicted rating", size=11, anchor="middle",
                          transform=f"rotate(-90 12 {middle})"))  # fmt: skip
    return svg.picture(_LEFT + _SIDE + 12, _TOP + _SIDE + 38, *parts, title=title)
