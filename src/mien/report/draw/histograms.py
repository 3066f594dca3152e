"""How numbers about recordings are distributed."""

from __future__ import annotations

import numpy as np

from mien.report.draw import svg

_W, _H, _LEFT, _TOP = 240.0, 110.0, 34.0, 8.0
BINS = 24


def histogram(values: np.ndarray, *, words: str, title: str, mark: float | None = None) -> str:
    """Counts of values in bins, with a dashed line at a limit; '' where no value is known.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Those that are not finite are left out.
    words : str
        Below the axis: what it is, with its unit.
    title : str
        For people who cannot see it.
    mark : float, optional
        Drawn where it lies within the values.
    """
    known = np.asarray(values, dtype=np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        return ""
    low, high = float(known.min()), float(known.max())
    if high - low < 1e-9 * max(1.0, abs(high)):
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(known, bins=BINS, range=(low, high))
    width, most = _W / BINS, counts.max()
    parts = [
        svg.element(
            "rect", x=_LEFT + width * i, y=_TOP + _H * (1 - count / most), width=width - 1, height=_H * count / most,
            fill=svg.NEGATIVE, fill_opacity="0.7",
        )
        for i, count in enumerate(counts)
        if count
    ]  # fmt: skip
    floor = _TOP + _H
    ink = {"stroke": "currentColor"}
    parts.append(svg.element("path", d=f"M{_LEFT} {floor}h{_W}", stroke_opacity="0.5", **ink))
    for place, anchor in ((0, "start"), (BINS // 2, "middle"), (BINS, "end")):
        parts.append(svg.text(_LEFT + width * place, floor + 13, f"{edges[place]:.3g}", size=10, anchor=anchor))
    parts.append(svg.text(_LEFT - 4, _TOP + 9, str(most), size=10, anchor="end"))
    parts.append(svg.text(_LEFT - 4, floor, "0", size=10, anchor="end"))
    if mark is not None and low <= mark <= high:
        at = svg.number(_LEFT + _W * (mark - low) / (high - low))
        parts.append(svg.element("path", d=f"M{at} {_TOP}V{floor}", stroke_dasharray="4 3", stroke_width="1.4", **ink))
    parts.append(svg.text(_LEFT + _W / 2, floor + 28, words, anchor="middle"))
    return svg.picture(_LEFT + _W + 8, floor + 36, *parts, title=title)
