"""The amount of evidence over the time of a recording, with its interval over people."""

from __future__ import annotations

import numpy as np

from mien.atlas.summary import Summary
from mien.report.draw import svg
from mien.stats import student

_LEFT, _TOP, _WIDTH, _HEIGHT = 52.0, 8.0, 300.0, 120.0


def amount_over_time(summary: Summary, unit: str) -> str:
    """Mean over people of the absolute evidence of each step, all channels together; a band: 95 %, step by step.

    Parameters
    ----------
    summary : Summary
        Of series.
    unit : str
        Of the explained output.
    """
    mean, half = amounts(summary)
    high = mean + half if np.isfinite(half).all() else mean
    low = np.maximum(mean - half, 0) if np.isfinite(half).all() else mean
    top = float(high.max()) or 1.0
    across = _LEFT + _WIDTH * (np.arange(len(mean)) + 0.5) / len(mean)

    def path(values: np.ndarray) -> list[str]:
        up = _TOP + _HEIGHT * (1 - values / top)
        return [f"{svg.number(x)} {svg.number(y)}" for x, y in zip(across.tolist(), up.tolist(), strict=True)]

    frame = svg.element(
        "rect", x=_LEFT, y=_TOP, width=_WIDTH, height=_HEIGHT, fill="none", stroke="currentColor",
        stroke_opacity="0.4", stroke_width="0.5",
    )  # fmt: skip
    band = svg.element("path", d=f"M{'L'.join(path(high) + path(low)[::-1])}Z", fill=svg.AMOUNT, fill_opacity="0.25")
    line = svg.element("path", d=f"M{'L'.join(path(mean))}", stroke=svg.AMOUNT, fill="none", stroke_width="1.6")
    begin, end = ends_of(summary)
    bottom = _TOP + _HEIGHT
    words = [
        svg.text(_LEFT - 5, _TOP + 8, svg.tick_words(top, signed=False), size=11.5, anchor="end"),
        svg.text(_LEFT - 5, bottom, "0", size=11.5, anchor="end"),
        svg.text(_LEFT, bottom + 14, begin, size=11.5),
        svg.text(_LEFT + _WIDTH, bottom + 14, end, size=11.5, anchor="end"),
        svg.text(
            _LEFT + _WIDTH / 2, bottom + 30, f"up: amount of evidence per step, {unit}", size=11.5, anchor="middle"
        ),
    ]
    return svg.picture(_LEFT + _WIDTH + 8, bottom + 36, frame, band, line, *words, title="Amount of evidence over time")


def amounts(summary: Summary) -> tuple[np.ndarray, np.ndarray]:
    """Amount of evidence in each step, and half the width of its 95 % interval over people (Student's t)."""
    mean = summary.mean_absolute.sum(axis=1)
    if summary.subjects is None or summary.subjects < 2:
        return mean, np.full(len(mean), np.nan)
    return mean, float(student.ppf(0.975, summary.subjects - 1)) * summary.step_error


def ends_of(summary: Summary) -> tuple[str, str]:
    """What stands below the first and the last step."""
    steps = len(summary.mean_absolute)
    return ("0 s", f"{steps * summary.step_s:g} s") if summary.step_s == summary.step_s else ("start", f"step {steps}")
