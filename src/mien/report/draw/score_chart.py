"""Scores of models with their intervals and chance levels, one line each; a confusion matrix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from textwrap import wrap

import numpy as np

from mien.core.words import number
from mien.report.draw import svg
from mien.stats.scores import Score

_LINE, _SIZE = 18.0, 10.0
_LETTER = 0.56
# A chart for narrow columns has names above their lines, in lines of so many letters.
_LETTERS, _NAME_LINE, _WIDE = 46, 12.0, 220.0


@dataclass(frozen=True)
class _Rows:
    """Where the line of each row runs, what stands beside or above it, and where all of them begin and end."""

    left: float
    middles: tuple[float, ...]
    bottom: float
    names: tuple[str, ...]
    grid: tuple[tuple[float, float], ...]


def _rows(names: Sequence[str], narrow: bool) -> _Rows:
    if not narrow:
        left = 12 + _LETTER * _SIZE * max((len(name) for name in names), default=0)
        middles = tuple(8 + _LINE * (place + 0.5) for place in range(len(names)))
        beside = [
            svg.text(left - 6, y + 3.5, name, size=_SIZE, anchor="end") for name, y in zip(names, middles, strict=True)
        ]
        bottom = 8 + _LINE * len(names)
        return _Rows(left, middles, bottom, tuple(beside), ((6.0, bottom),))
    at, above, lines = 8.0, [], []
    for name in names:
        for part in wrap(name, _LETTERS):
            at += _NAME_LINE
            above.append(svg.text(2, at - 2, part, size=_SIZE))
        lines.append(at + _LINE / 2 + 1)
        at += _LINE + 1
    # Lines of the grid do not run through names.
    return _Rows(8.0, tuple(lines), at, tuple(above), tuple((y - 8, y + 8) for y in lines))


def _grid(x: float, laid: _Rows) -> str:
    drawn = "".join(f"M{svg.number(x)} {svg.number(top)}V{svg.number(bottom)}" for top, bottom in laid.grid)
    return svg.element("path", d=drawn, stroke="currentColor", stroke_opacity="0.15")


def score_chart(
    rows: Sequence[tuple[str, Score]], *, score: str, least: float = 0.0, narrow: bool = False
) -> str:  # fmt: skip
    """Dots with intervals on a common line, a tick at each chance level; as SVG.

    Parameters
    ----------
    rows : sequence of (str, Score)
        Names and their scores.
    score : str
        What is scored, for the axis.
    least : float
        Where the axis begins; it ends at 1.
    narrow : bool
        For a narrow column: names above their lines.
    """
    laid = _rows([name for name, _ in rows], narrow)
    left, wide, right = laid.left, _WIDE, 46.0
    ink = {"stroke": "currentColor"}

    def at(value: float) -> float:
        return left + wide * (min(max(value, least), 1.0) - least) / (1 - least)

    bottom = laid.bottom
    parts = [*laid.names]
    for step in range(5):
        value = least + (1 - least) * step / 4
        parts.append(_grid(at(value), laid))
        parts.append(svg.text(at(value), bottom + 13, f"{value:g}".replace("-", "−"), size=_SIZE, anchor="middle"))
    for y, (_, found) in zip(laid.middles, rows, strict=True):
        if found.chance == found.chance:
            x = svg.number(at(found.chance))
            mark = f"M{x} {svg.number(y - 7)}V{svg.number(y + 7)}"
            parts.append(svg.element("path", d=mark, stroke_dasharray="2 2", stroke_opacity="0.7", **ink))
        if found.low == found.low and found.high == found.high:
            line = f"M{svg.number(at(found.low))} {svg.number(y)}H{svg.number(at(found.high))}"
            parts.append(svg.element("path", d=line, stroke_width="3", stroke_opacity="0.45", **ink))
        if found.value == found.value:
            parts.append(svg.element("circle", cx=at(found.value), cy=float(y), r=3.4, fill="currentColor"))
            parts.append(svg.text(left + wide + 8, y + 3.5, number(found.value), size=_SIZE))
    parts.append(svg.text(left + wide / 2, bottom + 28, score, size=_SIZE, anchor="middle"))
    title = f"{score} with 95 % intervals over people; dashed: chance"
    return svg.picture(left + wide + right, bottom + 36, *parts, title=title)


@dataclass(frozen=True)
class ScoredRow:
    """A number with its bounds (NaN where withheld), a mark to be compared with (NaN for none), and words beside it."""

    name: str
    value: float
    low: float
    high: float
    mark: float
    words: str


def interval_chart(rows: Sequence[ScoredRow], *, axis: str, title: str, narrow: bool = False) -> str:
    """Dots with intervals on a common line as wide as they need, a dashed tick at each mark; as SVG.

    Parameters
    ----------
    rows : sequence of ScoredRow
        One at least has a finite value.
    axis : str
        What is measured.
    title : str
        What is shown, for people who cannot see it.
    narrow : bool
        For a narrow column: names above their lines.
    """
    laid = _rows([row.name for row in rows], narrow)
    left, wide, ink = laid.left, _WIDE, {"stroke": "currentColor"}
    right = 14 + _LETTER * _SIZE * max(len(row.words) for row in rows)
    every = [value for row in rows for value in (row.value, row.low, row.high, row.mark) if isfinite(value)]
    room = 0.06 * (max(every) - min(every)) or 0.5
    least, most = min(every) - room, max(every) + room

    def at(value: float) -> float:
        return left + wide * (value - least) / (most - least)

    bottom = laid.bottom
    parts = [*laid.names]
    for tick in svg.round_ticks(least, most):
        parts.append(_grid(at(tick), laid))
        parts.append(svg.text(at(tick), bottom + 13, f"{tick:g}".replace("-", "−"), size=_SIZE, anchor="middle"))
    for y, row in zip(laid.middles, rows, strict=True):
        if isfinite(row.mark):
            mark = f"M{svg.number(at(row.mark))} {svg.number(y - 8)}V{svg.number(y + 8)}"
            parts.append(svg.element("path", d=mark, stroke_dasharray="2 2", stroke_opacity="0.7", **ink))
        if isfinite(row.low) and isfinite(row.high):
            line = f"M{svg.number(at(row.low))} {svg.number(y)}H{svg.number(at(row.high))}"
            parts.append(svg.element("path", d=line, stroke_width="3", stroke_opacity="0.45", **ink))
        if isfinite(row.value):
            parts.append(svg.element("circle", cx=at(row.value), cy=float(y), r=3.4, fill="currentColor"))
        parts.append(svg.text(left + wide + 8, y + 3.5, row.words, size=_SIZE))
    parts.append(svg.text(left + wide / 2, bottom + 28, axis, size=_SIZE, anchor="middle"))
    return svg.picture(left + wide + right, bottom + 36, *parts, title=title)


def confusion_chart(matrix: np.ndarray, classes: Sequence[str], *, name: str) -> str:
    """Observed classes by row, predicted ones by column; shade is the share of the row; as SVG.

    Parameters
    ----------
    matrix : ndarray of int, shape (classes, classes)
    classes : sequence of str
    name : str
        Of the model.
    """
    cell = 34.0
    left = 12 + _LETTER * _SIZE * max((len(label) for label in classes), default=0) + 14
    top, parts = 30.0, []
    for row, label in enumerate(classes):
        total = max(int(matrix[row].sum()), 1)
        y = top + cell * row
        parts.append(svg.text(left - 6, y + cell / 2 + 3.5, label, size=_SIZE, anchor="end"))
        for column in range(len(classes)):
            x, count = left + cell * column, int(matrix[row, column])
            paint = svg.amount_paint(count / total, 1.0)
            frame = {"stroke": "currentColor", "stroke_opacity": "0.25"}
            parts.append(svg.element("rect", x=x, y=y, width=cell, height=cell, **paint, **frame))
            parts.append(svg.text(x + cell / 2, y + cell / 2 + 3.5, str(count), size=_SIZE, anchor="middle"))
    bottom = top + cell * len(classes)
    # Labels that would run into each other stand upright.
    upright = any(_LETTER * _SIZE * len(label) > cell for label in classes)
    for column, label in enumerate(classes):
        x = left + cell * (column + 0.5)
        if upright:
            turned = f"rotate(-90 {svg.number(x + 3.5)} {svg.number(bottom + 6)})"
            parts.append(svg.text(x + 3.5, bottom + 6, label, size=_SIZE, anchor="end", transform=turned))
        else:
            parts.append(svg.text(x, bottom + 13, label, size=_SIZE, anchor="middle"))
    deep = _LETTER * _SIZE * max((len(label) for label in classes), default=0) + 10 if upright else 18.0
    parts.append(svg.text(left + cell * len(classes) / 2, top - 12, "predicted", size=_SIZE, anchor="middle"))
    middle = svg.number(top + cell * len(classes) / 2)
    parts.append(
        svg.text(10, float(middle), "observed", size=_SIZE, anchor="middle", transform=f"rotate(-90 10 {middle})")
    )
    title = f"Confusion of '{name}': numbers of samples, shade by the share of the observed class"
    return svg.picture(left + cell * len(classes) + 8, bottom + deep + 6, *parts, title=title)
