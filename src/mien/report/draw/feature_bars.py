"""Features with the most evidence as bars."""

from __future__ import annotations

from mien.atlas.regions import features
from mien.atlas.summary import Summary
from mien.core.words import percent
from mien.report.draw import svg

_MOST_BARS = 12


def bars_limit(summary: Summary) -> float:
    """The longest bar of ``feature_bars``."""
    lengths = [row.signed if summary.directed else row.share for row in features(summary)[:_MOST_BARS]]
    return max((abs(length) for length in lengths), default=0.0) or 1.0


def feature_bars(summary: Summary, unit: str, limit: float | None = None) -> str:
    """A bar for each of the features with the most evidence: signed, with the share of all, or the share alone.

    ``limit``: what the longest bar stands for; by default the longest there is.
    """
    rows = features(summary)[:_MOST_BARS]
    lengths = [row.signed if summary.directed else row.share for row in rows]
    limit = bars_limit(summary) if limit is None else limit
    width, height = 360.0, 30.0
    middle, half = (width / 2, width / 2 - 46) if summary.directed else (4.0, width - 50)
    drawn = []
    for i, (row, value) in enumerate(zip(rows, lengths, strict=True)):
        top = i * height
        length = abs(value) / limit * half
        colour = svg.AMOUNT if not summary.directed else svg.POSITIVE if value >= 0 else svg.NEGATIVE
        place = {"x": middle if value >= 0 else middle - length, "y": top + 15, "width": max(length, 0.5)}
        drawn += [
            svg.text(width / 2, top + 11, row.words, size=11.5, anchor="middle"),
            svg.element("rect", x=middle - 0.3, y=top + 14, width=0.6, height=11.0, fill="currentColor"),
            svg.element("rect", **place, height=9.0, fill=colour),
            svg.text(width - 2, top + 23, percent(row.share), size=11.5, anchor="end"),
        ]
    bottom = len(rows) * height + 13
    end = svg.tick_words(limit, signed=True) if summary.directed else percent(limit)
    ends = [svg.text(middle + half, bottom, end, size=11.5, anchor="end")]
    if summary.directed:
        ends += [
            svg.text(middle - half, bottom, svg.tick_words(-limit, signed=True), size=11.5),
            svg.text(middle, bottom, f"0 {unit}", size=11.5, anchor="middle"),
        ]
    else:
        ends.append(svg.text(middle, bottom, "0 % of all evidence", size=11.5))
    return svg.picture(width, bottom + 6, *drawn, *ends, title="Features with the most evidence")
