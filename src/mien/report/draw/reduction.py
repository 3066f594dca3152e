"""Pictures of a reduction: accuracy against the number of landmarks, the chosen ones on a face, stability."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mien.atlas.frontal import frontal_points
from mien.reduce.result import Reduction
from mien.reduce.ways import ALL, ONE_SHOT, RANDOM, RECURSIVE
from mien.report.draw import svg
from mien.report.draw.face import face_plot
from mien.report.draw.labels import Box, along, labels

# Told apart by people with any common colour vision (Okabe & Ito 2008), and by dashes where there is no colour.
STYLES: dict[str, tuple[str, str, float]] = {
    RECURSIVE: ("#d55e00", "", 2.4),
    ONE_SHOT: ("#0072b2", "", 1.8),
    RANDOM: ("#808080", "", 1.8),
    "variance": ("#cc79a7", "5 3", 1.3),
    "mutual information": ("#009e73", "2 2", 1.3),
    "group lasso": ("#b58900", "7 2 2 2", 1.3),
}
_W, _H, _PAD_LEFT, _PAD_TOP, _PAD_RIGHT = 640.0, 330.0, 46.0, 10.0, 56.0


class _Axes:
    """From counts (on a logarithmic axis) and accuracies to places."""

    def __init__(self, counts: Sequence[int], low: float, high: float) -> None:
        self.first, self.last = math.log(max(1, min(counts))), math.log(max(counts))
        self.low, self.high = low, high

    def x(self, count: float) -> float:
        span = (self.last - self.first) or 1.0
        return _PAD_LEFT + 12 + (_W - _PAD_LEFT - _PAD_RIGHT - 24) * (math.log(count) - self.first) / span

    def y(self, accuracy: float) -> float:
        return _PAD_TOP + _H * (self.high - accuracy) / (self.high - self.low)


def curve_plot(reduction: Reduction) -> str:
    """Accuracy against the number of landmarks, all rivals in one picture.

    Whiskers: 95 % intervals over subjects, of the ranking that the choice rests on. Band: 95 % of the random sets,
    where there are two counts at least.
    """
    rows = [row for row in reduction.curve.to_dict("records") if row["accuracy"] == row["accuracy"]]
    axes = _axes(rows)
    lines = _lines(rows)
    whole = next(row for row in rows if row["method"] == ALL)
    fixed = [row for row in rows if row["method"] not in (*STYLES, ALL)]
    band = _band(axes, lines.get(RANDOM, []))
    chosen = lines.get(reduction.chosen.method, [])
    levels = [level for level in (whole["accuracy"], reduction.protocol.get("chance")) if level is not None]
    taken = _drawn_boxes(axes, [[*line, whole] for line in lines.values()], chosen)
    taken += [(_PAD_LEFT, axes.y(level) - 1, _W - _PAD_RIGHT, axes.y(level) + 1) for level in levels]
    drawn = [
        *_grid(axes, sorted({whole["count"], *(row["count"] for line in lines.values() for row in line)})),
        *_levels(axes, whole, reduction.protocol.get("chance")),
        *band,
        *(part for name, line in reversed(lines.items()) for part in _line(axes, [*line, whole], name)),
        *_whiskers(axes, chosen),
        *_marks(axes, fixed, taken),
        _ring(axes.x(reduction.chosen.count), axes.y(reduction.chosen.accuracy), 8.5),
    ]
    legend, bottom = _legend([*lines], bool(fixed), reduction.chosen.count, _PAD_TOP + _H + 48, bool(band))
    title = "Accuracy against the number of landmarks, for every way to choose them"
    return svg.picture(_W, bottom, *drawn, *legend, title=title)


def _lines(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Points of every way to choose landmarks that has a line, fewest landmarks first."""
    own = {name: [row for row in rows if row["method"] == name] for name in STYLES}
    return {name: sorted(line, key=lambda row: row["count"]) for name, line in own.items() if line}


def _axes(rows: list[dict[str, Any]]) -> _Axes:
    edges = [row[key] for row in rows for key in ("accuracy", "low", "draws_low") if _known(row.get(key))]
    low = max(0.0, math.floor(20 * (min(edges) - 0.02)) / 20)
    low = low if low >= 0.55 else math.floor(10 * low + 1e-6) / 10  # on the grid, whose last line is 1
    # A little room above 1, so that rings and whiskers that end there are seen to end.
    return _Axes([row["count"] for row in rows], low, 1.0 + 0.04 * (1.0 - low))


def _known(value: Any) -> bool:
    return value is not None and value == value


def _path(d: str, **attributes: Any) -> str:
    return svg.element("path", d=d, fill="none", **attributes)


def _grid(axes: _Axes, counts: list[int]) -> list[str]:
    parts = []
    step = 0.05 if 1.0 - axes.low <= 0.45 else 0.1
    for k in range(math.floor((1.0 - axes.low) / step + 1e-6) + 1):
        level = axes.low + k * step
        y = svg.number(axes.y(level))
        ink = {"stroke": "currentColor", "stroke_opacity": "0.14", "stroke_width": "0.8"}
        parts.append(_path(f"M{_PAD_LEFT} {y}H{_W - _PAD_RIGHT}", **ink))
        parts.append(svg.text(_PAD_LEFT - 6, axes.y(level) + 4, f"{level:.2f}", size=11, anchor="end"))
    taken: list[float] = []
    for count in reversed(counts):
        x = axes.x(count)
        if all(abs(x - other) > 24 for other in taken):
            taken.append(x)
            parts.append(svg.text(x, _PAD_TOP + _H + 15, str(count), size=11, anchor="middle"))
    parts.append(svg.text(_W / 2, _PAD_TOP + _H + 31, "landmarks kept (logarithmic)", size=11, anchor="middle"))
    turn = f"rotate(-90 10 {svg.number(_PAD_TOP + _H / 2)})"
    parts.append(svg.text(10, _PAD_TOP + _H / 2, "accuracy", size=11, anchor="middle", transform=turn))
    return parts


def _levels(axes: _Axes, whole: dict[str, Any], chance: float | None) -> list[str]:
    """Accuracy with all landmarks, and chance: lines with their names beside the plot, where nothing else is drawn."""
    parts = []
    chance = chance if chance is not None and chance >= axes.low else None
    above = chance is not None and abs(axes.y(chance) - axes.y(whole["accuracy"])) < 12
    for accuracy, words, shift in ((whole["accuracy"], f"all {whole['count']}", -3 if above else 4),
                                   (chance, "chance", 9 if above else 4)):  # fmt: skip
        if accuracy is None:
            continue
        y = axes.y(accuracy)
        parts.append(
            _path(f"M{_PAD_LEFT} {svg.number(y)}H{_W - _PAD_RIGHT}", stroke="currentColor", stroke_opacity="0.55",
                  stroke_dasharray="4 4", stroke_width="1")
        )  # fmt: skip
        parts.append(svg.text(_W - _PAD_RIGHT + 5, y + shift, words, size=10.5))
    return parts


def _band(axes: _Axes, rows: list[dict[str, Any]]) -> list[str]:
    known = [row for row in rows if _known(row["draws_low"])]
    if len(known) < 2:
        return []
    above = [f"{svg.number(axes.x(r['count']))} {svg.number(axes.y(r['draws_high']))}" for r in known]
    below = [f"{svg.number(axes.x(r['count']))} {svg.number(axes.y(r['draws_low']))}" for r in reversed(known)]
    colour = STYLES[RANDOM][0]
    return [svg.element("path", d=f"M{'L'.join(above + below)}Z", fill=colour, fill_opacity="0.18", stroke="none")]


def _line(axes: _Axes, rows: list[dict[str, Any]], name: str) -> list[str]:
    colour, dashes, width = STYLES[name]
    places = [(axes.x(r["count"]), axes.y(r["accuracy"])) for r in rows]
    dashed = {"stroke_dasharray": dashes} if dashes else {}
    d = "M" + "L".join(f"{svg.number(x)} {svg.number(y)}" for x, y in places)
    dots = [svg.element("circle", cx=x, cy=y, r=1.2 + width, fill=colour) for x, y in places[:-1]]
    return [_path(d, stroke=colour, stroke_width=f"{width}", stroke_linejoin="round", **dashed), *dots]


def _whiskers(axes: _Axes, rows: list[dict[str, Any]]) -> list[str]:
    parts = []
    for row in rows:
        if _known(row["low"]) and _known(row["high"]):
            x, top, end = (svg.number(v) for v in (axes.x(row["count"]), axes.y(row["high"]), axes.y(row["low"])))
            colour = STYLES[row["method"]][0]
            parts.append(_path(f"M{x} {top}V{end}", stroke=colour, stroke_width="5", stroke_opacity="0.3"))
            # Ends are marked: a whisker that ends at 1 is not cut off there.
            parts.append(_path(f"M{x} {top}m-5 0h10M{x} {end}m-5 0h10", stroke=colour, stroke_width="1.4"))
    return parts


def _marks(axes: _Axes, rows: list[dict[str, Any]], taken: list[Box]) -> list[str]:
    """Anatomical sets as diamonds with their names, where these cover no line and no whisker."""
    places = [(axes.x(row["count"]), axes.y(row["accuracy"])) for row in rows]
    parts = []
    for x, y in places:
        d = f"M{svg.number(x)} {svg.number(y - 5)}l5 5l-5 5l-5 -5Z"
        parts.append(svg.element("path", d=d, fill="currentColor", fill_opacity="0.75"))
    room = (_PAD_LEFT, _PAD_TOP - 4, _W - _PAD_RIGHT, _PAD_TOP + _H)
    return [*parts, *labels([str(row["method"]) for row in rows], places, room, taken=taken, size=10.5, apart=8.0)]


def _drawn_boxes(axes: _Axes, lines: list[list[dict[str, Any]]], whiskers: list[dict[str, Any]]) -> list[Box]:
    """Where lines and whiskers are."""
    boxes = [box for line in lines for box in along([(axes.x(r["count"]), axes.y(r["accuracy"])) for r in line])]
    for row in whiskers:
        if _known(row["low"]) and _known(row["high"]):
            x = axes.x(row["count"])
            boxes.append((x - 5, axes.y(row["high"]), x + 5, axes.y(row["low"])))
    return boxes


def _ring(x: float, y: float, radius: float) -> str:
    return svg.element("circle", cx=x, cy=y, r=radius, fill="none", stroke="currentColor", stroke_width="1.6")


def _legend(names: list[str], fixed: bool, chosen: int, top: float, band: bool) -> tuple[list[str], float]:
    words = {
        RECURSIVE: "recursive: evidence anew at each count",
        ONE_SHOT: "one-shot: one ranking by evidence",
        RANDOM: f"random sets: mean{', band 95 % of the draws' if band else ' of the draws'}",
    }
    parts = []
    fixed_words, chosen_words = "anatomical (fixed sets)", f"chosen: {chosen}"
    entries = [*names, *([fixed_words] if fixed else []), chosen_words]
    for i, name in enumerate(entries):
        x, y = _PAD_LEFT + (i % 2) * 300, top + (i // 2) * 18
        if name in STYLES:
            colour, dashes, width = STYLES[name]
            dashed = {"stroke_dasharray": dashes} if dashes else {}
            line = f"M{svg.number(x)} {svg.number(y)}h26"
            parts.append(_path(line, stroke=colour, stroke_width=f"{width}", **dashed))
        elif name == chosen_words:
            parts.append(_ring(x + 13, y, 6))
        else:
            d = f"M{svg.number(x + 13)} {svg.number(y - 5)}l5 5l-5 5l-5 -5Z"
            parts.append(svg.element("path", d=d, fill="currentColor", fill_opacity="0.75"))
        parts.append(svg.text(x + 34, y + 4, words.get(name, name), size=11))
    return parts, top + (-(-len(entries) // 2)) * 18


def chosen_plot(points: np.ndarray, topology: str, title: str) -> str:
    """The chosen landmarks as full dots among faint ones, on the canonical face.

    Parameters
    ----------
    points : ndarray of int
        Indices among the points of ``topology``.
    """
    kept = np.zeros(len(frontal_points(topology)))
    kept[np.asarray(points, dtype=int)] = 1
    # Smaller dots where there are many points.
    return face_plot(kept, topology, title=title, limit=1.0, largest=7.0 if len(kept) > 100 else 2.5)
