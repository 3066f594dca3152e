"""Similarity structures: dissimilarities as cells, and coefficients over the layers of networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np

from mien.report.draw import svg

# Of more conditions the means of their categories are drawn.
MOST_CELLS = 40
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#8a4fc7", "#b0761c", "#c2458f")
_MARKS = ("", "5 3", "2 2", "7 2 2 2", "1 3", "9 4")


def dissimilarity_plot(values: np.ndarray, names: Sequence[str], *, title: str) -> str:
    """Every pair as a cell, darker the less alike, on a scale of the matrix's own ranks.

    Parameters
    ----------
    values : ndarray, shape (names, names)
        The diagonal is drawn where it is no zero (means within categories); NaN is left white.
    names : sequence of str
    title : str
    """
    count = len(names)
    cell = float(np.clip(230 / count, 6.0, 26.0))
    size = float(np.clip(cell * 0.55, 5.5, 10.0))
    short = [name if len(name) <= 20 else f"{name[:19]}…" for name in names]
    left = 10 + 0.6 * size * max(map(len, short))
    shown = np.where(np.eye(count, dtype=bool) & (values == 0), np.nan, values)
    known = np.sort(shown[np.isfinite(shown)])
    drawn = []
    for row in range(count):
        drawn.append(svg.text(left - 5, cell * (row + 0.5) + size * 0.35, short[row], size=size, anchor="end"))
        x, y = left + cell * (row + 0.5) + size * 0.35, cell * count + 5
        turn = f"rotate(-90 {svg.number(x)} {svg.number(y)})"
        drawn.append(svg.text(x, y, short[row], size=size, anchor="end", transform=turn))
        for column in range(count):
            value = float(shown[row, column])
            if value == value:
                share = (np.searchsorted(known, value, "right") + np.searchsorted(known, value)) / (2 * len(known))
                label = svg.element("title", escape(f"{names[row]}, {names[column]}: {value:.3g}"))
                place = {"x": left + cell * column, "y": cell * row, "width": cell, "height": cell}
                drawn.append(svg.element("rect", label, **place, **svg.amount_paint(float(share), 1.0)))
    frame = {"fill": "none", "stroke": "currentColor", "stroke_opacity": "0.4"}
    drawn.append(svg.element("rect", x=left, y=0.0, width=cell * count, height=cell * count, **frame))
    return svg.picture(left + cell * count + 2, cell * count + left, *drawn, title=title)


def category_means(values: np.ndarray, categories: Sequence[str]) -> tuple[np.ndarray, list[str]]:
    """Mean dissimilarities within and between categories, shape (categories, categories), and their names."""
    names = list(dict.fromkeys(name for name in categories if name))
    own = np.array(categories, dtype=object)
    off = ~np.eye(len(values), dtype=bool) & np.isfinite(values)
    result = np.full((len(names), len(names)), np.nan)
    for i, one in enumerate(names):
        for j, other in enumerate(names):
            pairs = off & np.outer(own == one, own == other)
            result[i, j] = values[pairs].mean() if pairs.any() else np.nan
    return result, names


@dataclass(frozen=True)
class LayerLine:
    """Coefficients of the layers of one network, from the first on; NaN where unknown."""

    name: str
    layers: tuple[str, ...]
    scores: tuple[float, ...]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    sure: tuple[bool, ...]


def layers_plot(lines: Sequence[LayerLine], ceiling: tuple[float, float], *, unit: str, title: str) -> str:
    """A line for each network over its depth, filled dots where p corrected is .05 at most; the noise ceiling a band.

    Parameters
    ----------
    lines : sequence of LayerLine
    ceiling : (low, high)
        NaN for none.
    unit : str
        Name of the coefficient.
    title : str
    """
    left, top, width, height = 46.0, 10.0, 430.0, 220.0
    values = [v for line in lines for part in (line.scores, line.lows, line.highs) for v in part if v == v]
    values += [v for v in ceiling if v == v]
    least, most = min([0.0, *values]) - 0.04, max([0.2, *values]) + 0.04

    def y(value: float) -> float:
        return top + height * (1 - (value - least) / (most - least))

    drawn = []
    if ceiling[0] == ceiling[0]:
        drawn.append(
            svg.element("rect", x=left, y=y(ceiling[1]), width=width, height=max(y(ceiling[0]) - y(ceiling[1]), 1.0),
                        fill="currentColor", fill_opacity="0.14")
        )  # fmt: skip
        drawn.append(svg.text(left + 5, y(ceiling[1]) + 12, "noise ceiling", size=9.5))
    for tick in np.arange(np.ceil(least * 5) / 5, most, 0.2):
        drawn.append(svg.text(left - 6, y(float(tick)) + 3.5, f"{tick:.1f}".replace("-", "−"), size=10, anchor="end"))
    zero = svg.number(y(0.0))
    drawn.append(_path(f"M{svg.number(left)} {zero}H{svg.number(left + width)}", "currentColor", dash="2 3"))
    for number, line in enumerate(lines):
        drawn += _line(line, number, lambda i, n: left + 12 + (width - 24) * (i / (n - 1) if n > 1 else 0.5), y)
    bottom, names = top + height, lines[0].layers
    for i, name in enumerate(names if all(line.layers == names for line in lines) else ()):
        x = left + 12 + (width - 24) * (i / (len(names) - 1) if len(names) > 1 else 0.5)
        turn = f"rotate(-45 {svg.number(x)} {svg.number(bottom + 12)})"
        drawn.append(svg.text(x, bottom + 12, name, size=9, anchor="end", transform=turn))
    drawn.append(svg.text(left + width / 2, bottom + 62, "layers, from the first on", size=10.5, anchor="middle"))
    turn = f"rotate(-90 12 {svg.number(top + height / 2)})"
    drawn.append(svg.text(12, top + height / 2, unit, size=10.5, anchor="middle", transform=turn))
    legend = bottom + 80
    for number, line in enumerate(lines):
        row = legend + 16 * number
        drawn.append(_path(f"M{svg.number(left)} {svg.number(row)}h28", _COLOURS[number % 6], _MARKS[number % 6], "2"))
        drawn.append(svg.text(left + 36, row + 3.5, line.name, size=10.5))
    frame = {"fill": "none", "stroke": "currentColor", "stroke_opacity": "0.4"}
    drawn.append(svg.element("rect", x=left, y=top, width=width, height=height, **frame))
    return svg.picture(left + width + 10, legend + 16 * len(lines), *drawn, title=title)


def _line(line: LayerLine, number: int, x: Callable[[int, int], float], y: Callable[[float], float]) -> list[str]:
    colour, count = _COLOURS[number % 6], len(line.scores)
    place = [(x(i, count), y(s)) for i, s in enumerate(line.scores) if s == s]
    drawn = []
    for i, (low, high) in enumerate(zip(line.lows, line.highs, strict=True)):
        if low == low:
            at = svg.number(x(i, count))
            drawn.append(_path(f"M{at} {svg.number(y(low))}V{svg.number(y(high))}", colour, width="1"))
    corners = "L".join(f"{svg.number(a)} {svg.number(b)}" for a, b in place)
    drawn += [_path(f"M{corners}", colour, _MARKS[number % 6], "1.6")] if place else []
    for i, score in enumerate(line.scores):
        if score == score:
            words = svg.element("title", escape(f"{line.name}, {line.layers[i]}: {score:.3f}"))
            fill = {"fill": colour} if line.sure[i] else {"fill": "var(--paper, white)", "stroke": colour}
            drawn.append(svg.element("circle", words, cx=x(i, count), cy=y(score), r=3.4, **fill))
    return drawn


def _path(drawn: str, colour: str, dash: str = "", width: str = "1") -> str:
    more = {"stroke_dasharray": dash} if dash else {}
    return svg.element("path", d=drawn, fill="none", stroke=colour, stroke_width=width, **more)
