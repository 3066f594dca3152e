"""Pictures of how attributes hang together: heat map with dendrogram, principal axes, two sources side by side."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.compare.structures import Structure
from mien.report.draw import svg

MOST_AXES = 3
_LINE = {"stroke": "currentColor", "fill": "none"}


def heat_plot(structure: Structure, *, title: str, order: list[str] | None = None) -> str:
    """Correlations of all pairs, attributes in the order of Ward's clustering, its dendrogram to the right.

    Parameters
    ----------
    structure : Structure
    title : str
    order : list of str, optional
        Another order, such as that of another source; no dendrogram is drawn then.
    """
    names = [structure.names[i] for i in structure.order] if order is None else order
    index = [structure.names.index(name) for name in names]
    count = len(names)
    cell = float(np.clip(330 / count, 7.0, 20.0))
    size = float(np.clip(cell * 0.72, 5.5, 11.0))
    left = _room(names, size)
    side, tree = cell * count, 70.0 if order is None else 0.0
    drawn = []
    for row, i in enumerate(index):
        drawn.append(svg.text(left - 5, cell * (row + 0.5) + size * 0.35, _short(names[row]), size=size, anchor="end"))
        for column, j in enumerate(index):
            value = float(structure.correlations[i, j])
            label = svg.element("title", _escaped(f"{names[row]}, {names[column]}: {value:.2f}"))
            place = {"x": left + cell * column, "y": cell * row, "width": cell, "height": cell}
            drawn.append(svg.element("rect", label, **place, **svg.signed_paint(value, 1.0)))
    for column, name in enumerate(names):
        x, y = left + cell * (column + 0.5) + size * 0.35, side + 6
        turn = f"rotate(-90 {svg.number(x)} {svg.number(y)})"
        drawn.append(svg.text(x, y, _short(name), size=size, anchor="end", transform=turn))
    if order is None:
        drawn += _tree(structure, left + side + 4, cell, tree - 8)
    drawn.append(svg.element("rect", x=left, y=0.0, width=side, height=side, stroke_opacity="0.3", **_LINE))
    bar = side + left
    drawn.append(svg.colour_bar(1.0, "correlation", x=left + side / 2 - 80, y=bar, width=160, size=9))
    return svg.picture(left + side + tree + 4, bar + 34, *drawn, title=title)


def axes_plot(structures: dict[str, Structure], *, title: str) -> str:
    """Loadings of the first principal axes as bars, the sources side by side, with the variance that each explains."""
    first = next(iter(structures.values()))
    names = [first.names[i] for i in first.order]
    left, step, wide, gap = _room(names, 10.0), 15.0, 110.0, 16.0
    axes = min(MOST_AXES, len(names))
    drawn, top = [], 34.0
    bottom = top + step * len(names)
    for row, name in enumerate(names):
        drawn.append(svg.text(left - 6, top + step * (row + 0.5) + 3.5, _short(name), size=10, anchor="end"))
    for axis in range(axes):
        x = left + axis * (wide + gap)
        middle = x + wide / 2
        drawn.append(svg.text(middle, 11, f"axis {axis + 1}", size=10.5, anchor="middle"))
        shares = [f"{100 * s.variance_explained[axis]:.0f} %" for s in structures.values()]
        drawn.append(svg.text(middle, 25, " / ".join(shares), size=9.5, anchor="middle"))
        drawn.append(svg.element("path", d=f"M{svg.number(middle)} {top}V{svg.number(bottom)}", stroke_opacity="0.4",
                                 **_LINE))  # fmt: skip
        for number, s in enumerate(structures.values()):
            high = (step - 4) / len(structures)
            loadings = s.loadings[axis] * _sign(s, first, axis)
            for row, name in enumerate(names):
                value = float(loadings[s.names.index(name)]) * wide / 2
                drawn.append(
                    svg.element(
                        "rect", x=middle + min(value, 0.0), y=top + step * row + 2 + number * high,
                        width=max(abs(value), 0.3), height=high, fill=svg.POSITIVE if value >= 0 else svg.NEGATIVE,
                        fill_opacity=("0.9", "0.4")[number % 2],
                    )
                )  # fmt: skip
    sources = list(structures)
    words = f"dark: {sources[0]}; light: {sources[1]}" if len(sources) > 1 else sources[0]
    whole = left + axes * (wide + gap)
    drawn.append(svg.text(left, bottom + 16, f"{words}. Bars: correlation with the axis, −1 to 1.", size=9.5))
    return svg.picture(max(whole, left + 290), bottom + 24, *drawn, title=title)


def pairs_plot(one: Structure, other: Structure, names: tuple[str, str], *, title: str) -> str:
    """Every pair of attributes as a point: its correlation in one source against that in the other."""
    place = [other.names.index(name) for name in one.names]
    lower = np.tril_indices(len(one.names), -1)
    x, y = one.correlations[lower], other.correlations[np.ix_(place, place)][lower]
    left, top, side = 44.0, 8.0, 260.0

    def at(value: float) -> float:
        return side * (value + 1) / 2

    drawn = [
        svg.element("rect", x=left, y=top, width=side, height=side, stroke_opacity="0.4", **_LINE),
        svg.element(
            "path", d=f"M{left} {svg.number(top + side)}L{svg.number(left + side)} {top}", stroke_dasharray="3 3",
            stroke_opacity="0.6", **_LINE,
        ),
    ]  # fmt: skip
    for tick in (-1, -0.5, 0, 0.5, 1):
        shown = f"{tick:g}".replace("-", "−")
        drawn.append(svg.text(left + at(tick), top + side + 13, shown, size=10, anchor="middle"))
        drawn.append(svg.text(left - 6, top + side - at(tick) + 3.5, shown, size=10, anchor="end"))
    for row, (a, b) in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        pair = f"{one.names[lower[0][row]]}, {one.names[lower[1][row]]}: {a:.2f}, {b:.2f}"
        drawn.append(
            svg.element("circle", svg.element("title", _escaped(pair)), cx=left + at(a), cy=top + side - at(b), r=2.6,
                        fill=svg.NEGATIVE, fill_opacity="0.6")
        )  # fmt: skip
    drawn.append(svg.text(left + side / 2, top + side + 29, f"correlation, {names[0]}", size=10.5, anchor="middle"))
    turn = f"rotate(-90 12 {svg.number(top + side / 2)})"
    drawn.append(svg.text(12, top + side / 2, f"correlation, {names[1]}", size=10.5, anchor="middle", transform=turn))
    return svg.picture(left + side + 10, top + side + 36, *drawn, title=title)


def _tree(structure: Structure, x: float, cell: float, width: float) -> list[str]:
    """The dendrogram beside the rows: leaves at their rows, merges at a distance that grows to the right."""
    count = len(structure.names)
    places = {int(leaf): (0.0, cell * (row + 0.5)) for row, leaf in enumerate(structure.order)}
    most = float(structure.dendrogram[:, 2].max()) or 1.0
    drawn = []
    for merge, (a, b, distance, _) in enumerate(structure.dendrogram):
        (xa, ya), (xb, yb) = places[int(a)], places[int(b)]
        here = width * float(distance) / most
        corners = [(xa, ya), (here, ya), (here, yb), (xb, yb)]
        shape = "L".join(f"{svg.number(x + u)} {svg.number(v)}" for u, v in corners)
        drawn.append(svg.element("path", d=f"M{shape}", stroke_opacity="0.7", stroke_width="0.8", **_LINE))
        places[count + merge] = (here, (ya + yb) / 2)
    return drawn


def _sign(structure: Structure, first: Structure, axis: int) -> int:
    """An axis has no sign of its own: it is turned to agree with the first source's."""
    place = [structure.names.index(name) for name in first.names]
    return -1 if float(structure.loadings[axis][place] @ first.loadings[axis]) < 0 else 1


def _room(names: list[str], size: float) -> float:
    """Width of the longest name."""
    return 12 + 0.62 * size * max(len(_short(name)) for name in names)


def _short(name: str) -> str:
    return name if len(name) <= 26 else f"{name[:25]}…"


def _escaped(words: str) -> Any:
    from xml.sax.saxutils import escape

    return escape(words)
