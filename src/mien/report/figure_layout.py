"""Panels of a figure beside each other, with letters and headings, and colour bars that several of them share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mien.core.words import listed
from mien.report.draw import svg
from mien.report.draw.plot import PlotScale
from mien.report.figure_panels import FigurePanel, title_of
from mien.report.figure_text import (
    LEAST_POINTS,
    LETTER_WIDTH,
    MOST_LARGER,
    box_of,
    smallest_size,
    usual_size,
    with_text,
)  # fmt: skip

POINT_MM = 25.4 / 72
# In points: between panels; letters beside large text; text that panels get smaller for, to be alike; a column's width.
_GAP, _LARGEST_LETTER, _COMFORTABLE, _BROAD = 14.0, 12.0, 7.0, 200.0
# Least part of its room that a panel fills.
_NARROWEST = 0.6
_ROUNDS, _LARGEST_FACTOR = 8, 4.0


@dataclass(frozen=True)
class SharedScale:
    """A scale that several panels are drawn on."""

    places: tuple[int, ...]
    scale: PlotScale

    @property
    def letters(self) -> str:
        """``'a–c'``, ``'a, c'``."""
        runs: list[list[int]] = []
        for place in self.places:
            if runs and runs[-1][-1] == place - 1:
                runs[-1].append(place)
            else:
                runs.append([place])
        return ", ".join(
            letter(run[0]) if len(run) == 1 else f"{letter(run[0])}{'–' if len(run) > 2 else ', '}{letter(run[-1])}"
            for run in runs
        )


@dataclass(frozen=True)
class Composed:
    """A figure, its height in mm; in points its smallest and most text, and the size it has room for; its columns."""

    svg: str
    height_mm: float
    smallest_pt: float
    most_pt: float
    usual_pt: float
    per_row: int


def on_shared_scales(panels: Sequence[FigurePanel]) -> tuple[list[str], list[SharedScale]]:
    """Drawings of panels, those that can be compared on one scale, and these scales.

    Panels can be compared whose colours (or bars) stand for the same unit. A panel that shares its scale with no other
    one keeps its own colour bar.
    """
    groups: dict[tuple[str, bool, bool, bool], list[int]] = {}
    for place, panel in enumerate(panels):
        if panel.scale is not None:
            groups.setdefault(_unit_of(panel.scale), []).append(place)
    drawn, shared = [panel.svg for panel in panels], []
    for places in groups.values():
        scales = [scale for place in places if (scale := panels[place].scale) is not None]
        if len(scales) < 2:
            continue
        limit, size = max(scale.limit for scale in scales), max(scale.size for scale in scales)
        for place, scale in zip(places, scales, strict=True):
            drawn[place] = scale.draw(limit, size, False)
        beyond = any(scale.beyond and scale.limit == limit for scale in scales)
        first = scales[0]
        whole = replace(first, limit=limit, size=size, beyond=beyond)
        shared.append(SharedScale(tuple(places), whole))
    return drawn, shared


def _unit_of(scale: PlotScale) -> tuple[str, bool, bool, bool]:
    return scale.unit, scale.amount, scale.bar, scale.sides


def scale_words(panels: Sequence[FigurePanel], shared: Sequence[SharedScale]) -> str:
    """Which panels can be compared by colour, for the caption; ``''`` where no two have colours of evidence."""
    coloured = [place for place, panel in enumerate(panels) if panel.scale is not None]
    if len(coloured) < 2:
        return ""
    if not shared:
        return "Each panel of evidence has a scale of its own: strengths are not to be compared between panels."
    if len(shared) == 1 and len(shared[0].places) == len(coloured):
        whose = "All panels" if len(coloured) == len(panels) else f"Panels {shared[0].letters}"
        return f"{whose} are drawn on one scale."
    each = listed([f"panels {one.letters}" for one in shared])
    return f"On one scale each are {each}; strengths are not to be compared between others."


def letter(place: int) -> str:
    """``'a'`` for 0; after ``'z'`` comes ``'aa'``."""
    more, last = divmod(place, 26)
    return ("" if not more else letter(more - 1)) + "abcdefghijklmnopqrstuvwxyz"[last]


def composed(
    drawn: Sequence[Sequence[str]], headings: Sequence[str], shared: Sequence[SharedScale], width_mm: float,
    font_size: float | None, per_row: int | None,
) -> Composed:  # fmt: skip
    """One drawing of all panels, in points, with text of one size as far as the panels allow it.

    Parameters
    ----------
    drawn : sequence of sequences of str
        Of each panel its drawings: the usual one, and one for narrow columns if there is any.
    headings : sequence of str
        Of the panels.
    shared : sequence of SharedScale
        Scales that get a colour bar below all panels.
    width_mm : float
    font_size : float, optional
        Of most text, in points; by default that of the drawings at this width.
    per_row : int, optional
        Panels side by side; by default about as many as below each other, and fewer where text would be too small.
    """
    total = width_mm / POINT_MM
    side, chosen = _side(drawn, total, font_size, per_row)
    cell = (total - (side - 1) * _GAP) / side
    room_for = min(_points(one, cell) for one in chosen)
    placed = [_placed(one, cell, font_size, room_for, alone=len(drawn) == 1) for one in chosen]
    # Letters of small panels side by side would be as large as their drawings.
    usual = max(min(max(room_for, _COMFORTABLE), _LARGEST_LETTER, cell / 12), LEAST_POINTS)
    size = usual if font_size is None else font_size
    mark = 1.2 * size
    room = 1.6 * mark if len(drawn) > 1 else 0.0
    # All headings have the size for which the longest one has room.
    longest = max((len(words) for words in headings), default=0) or 1
    small = min(size, (cell - 1.6 * mark) / (LETTER_WIDTH * longest))
    parts, top, smallest = [], 0.0, []
    for row in range(0, len(placed), side):
        heights = []
        for place, (one, wide) in enumerate(placed[row : row + side]):
            width, height = box_of(one)
            smallest.append(smallest_size(one) * wide / width)
            x = place * (cell + _GAP) + ((cell - wide) / 2 if len(placed) == 1 else 0.0)
            if room:
                parts.append(svg.text(x, top + 0.85 * mark, letter(row + place), size=round(mark, 2),
                                      font_weight="bold"))  # fmt: skip
            if room and headings[row + place]:
                smallest.append(small)
                parts.append(svg.text(x + 1.6 * mark, top + 0.85 * mark, headings[row + place], size=round(small, 2)))
            parts.append(svg.placed(one, x, top + room, wide, height * wide / width))
            heights.append(height * wide / width + room)
        top += max(heights) + _GAP
    bars, deep = _bars(shared, len(drawn), total, top, size)
    smallest += [smallest_size(bar) for bar in bars]
    title = "; ".join(title_of(one) for one, _ in placed)
    made = svg.picture(total, top - _GAP + deep, *parts, *bars, title=title)
    least, most = min(smallest), min(_points(one, wide) for one, wide in placed)
    return Composed(
        made, (top - _GAP + deep) * POINT_MM, least if math.isfinite(least) else math.nan, most, room_for, side
    )  # fmt: skip


def _points(drawn: str, width: float) -> float:
    """Of a drawing of this width its usual size of text."""
    return usual_size(drawn) * width / box_of(drawn)[0]


def _side(
    drawn: Sequence[Sequence[str]], total: float, font_size: float | None, per_row: int | None
) -> tuple[int, list[str]]:
    """How many panels stand side by side so that all text can be read, and which of its drawings each panel shows."""
    side = min(per_row or math.ceil(math.sqrt(len(drawn))), len(drawn))
    while True:
        cell = (total - (side - 1) * _GAP) / side
        chosen = [_drawing(of_panel, cell, font_size) for of_panel in drawn]
        # In columns of a journal's width or so, panels may keep their places with text a little larger than drawn.
        larger = MOST_LARGER if cell >= _BROAD else 1.0
        if per_row or side == 1 or all(_readable(one, cell, font_size, larger) for one in chosen):
            return side, chosen
        side -= 1


def _drawing(of_panel: Sequence[str], width: float, font_size: float | None) -> str:
    """The first drawing of a panel that can be read at this width, or else the one with the largest text."""
    for one in of_panel:
        if _readable(one, width, font_size):
            return one
    return max(of_panel, key=lambda one: _points(one, width))


def _readable(drawn: str, width: float, font_size: float | None, larger: float = 1.0) -> bool:
    """Whether text of a drawing of this width is as large as it should be; a size that is asked for may be larger."""
    if font_size is not None:
        return font_size <= MOST_LARGER * _points(drawn, width)
    return smallest_size(drawn) * larger * width / box_of(drawn)[0] >= LEAST_POINTS


def _placed(drawn: str, cell: float, font_size: float | None, room_for: float, *, alone: bool) -> tuple[str, float]:
    """A drawing with text of its size, and how wide it becomes.

    Panels have text of one size, but none becomes much smaller than its room. One alone is no larger than letters of
    12 points ask for, where nobody asked for others.
    """
    usual, smallest = usual_size(drawn), smallest_size(drawn)
    if not math.isfinite(usual):
        return drawn, cell
    common = max(room_for, _COMFORTABLE) if font_size is None else font_size
    least = 0.0 if alone and font_size is None else 1.0 if alone else _NARROWEST
    common = _LARGEST_LETTER if alone and font_size is None else common
    width = min(cell, max(least, common / _points(drawn, cell)) * cell)
    per_unit = width / box_of(drawn)[0]
    size = font_size or usual * per_unit * min(MOST_LARGER, max(1.0, LEAST_POINTS / (smallest * per_unit)))
    if font_size is None and size == usual * per_unit:
        return drawn, width
    # Larger text takes more room, which makes everything smaller.
    now = drawn
    for _ in range(_ROUNDS):
        now = with_text(drawn, min(size / (usual * width) * box_of(now)[0], _LARGEST_FACTOR))
    return now, width


def _bars(shared: Sequence[SharedScale], panels: int, total: float, top: float, size: float) -> tuple[list[str], float]:
    """A colour bar for each scale, below all panels, two in a row; and the room they take."""
    barred = [one for one in shared if one.scale.bar]
    if not barred:
        return [], 0.0
    across = min(len(barred), 2)
    each = total / across
    width, tall = min(0.8 * each, 36 * size), 5.2 * size
    bars = []
    for number, one in enumerate(barred):
        x = (number % across) * each + (each - width) / 2
        unit = one.scale.unit if len(one.places) == panels else f"{one.letters}: {one.scale.unit}"
        bars.append(svg.colour_bar(one.scale.limit, unit, x=x, y=top + (number // across) * tall, width=width,
                                   size=round(size, 2), beyond=one.scale.beyond, amount=one.scale.amount,
                                   sides=one.scale.sides))  # fmt: skip
    return bars, _GAP + tall * -(-len(barred) // across)
