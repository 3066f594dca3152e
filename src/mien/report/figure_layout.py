"""Panels of a figure beside each other, with letters and headings, and colour bars that several of them share."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from mien.core.errors import InputError
from mien.core.words import listed
from mien.report.draw import svg
from mien.report.draw.plot import PlotScale
from mien.report.figure_panels import FigurePanel, title_of

POINT_MM = 25.4 / 72
_GAP, _LETTER_ROOM, _LETTER_SIZE = 14.0, 18.0, 14.0
# Of a letter, in sizes of text, a little more than usual.
_LETTER_WIDTH = 0.58
_VIEW = re.compile(r'viewBox="([\d.-]+) ([\d.-]+) ([\d.]+) ([\d.]+)"')
_FONT = re.compile(r'font-size="([\d.]+)"')


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
    """A figure: its drawing, its height in mm; in points its smallest text, and the size it has room for."""

    svg: str
    height_mm: float
    smallest_pt: float
    usual_pt: float


def on_shared_scales(panels: Sequence[FigurePanel]) -> tuple[list[str], list[SharedScale]]:
    """Drawings of panels, those that can be compared on one scale, and these scales.

    Panels can be compared whose colours (or bars) stand for the same unit. A panel that shares its scale with no other
    one keeps its own colour bar.
    """
    groups: dict[tuple[str, bool, bool], list[int]] = {}
    for place, panel in enumerate(panels):
        if panel.scale is not None:
            groups.setdefault((panel.scale.unit, panel.scale.amount, panel.scale.bar), []).append(place)
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
        whole = PlotScale(limit, first.unit, first.draw, size, first.amount, first.bar, beyond)
        shared.append(SharedScale(tuple(places), whole))
    return drawn, shared


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
    drawn: list[str], headings: Sequence[str], shared: Sequence[SharedScale], width_mm: float, font_size: float | None,
    per_row: int | None,
) -> Composed:  # fmt: skip
    """One drawing of all panels.

    Parameters
    ----------
    drawn, headings : sequences of str
        Of the panels.
    shared : sequence of SharedScale
        Scales that get a colour bar below all panels.
    width_mm : float
    font_size : float, optional
        Of most text, in points; by default that of the drawings at this width.
    per_row : int, optional
        Panels side by side.
    """
    side = min(per_row or math.ceil(math.sqrt(len(drawn))), len(drawn))
    room = _LETTER_ROOM if len(drawn) > 1 else 0.0
    plain = drawn
    # Larger text takes more room, which makes everything smaller: the second round is near enough.
    for _ in range(2 if font_size else 1):
        cell = max(_box(one)[0] for one in drawn)
        total = side * cell + (side - 1) * _GAP
        scale = width_mm / total
        drawn = [_sized(one, font_size, cell / _box(done)[0] * scale) for one, done in zip(plain, drawn, strict=True)]
    cell = max(_box(one)[0] for one in drawn)
    total = side * cell + (side - 1) * _GAP
    scale = width_mm / total
    usual = min(_usual(one) * cell / _box(one)[0] for one in plain) * scale / POINT_MM
    mark = _LETTER_SIZE if font_size is None else 1.2 * font_size * POINT_MM / scale
    # The letters of a few small panels side by side would be as large as their drawings.
    mark = min(mark, 0.1 * cell) if font_size is None else mark
    room = max(room, 1.3 * mark) if room else room
    # All headings have the size for which the longest one has room.
    longest = max((len(words) for words in headings), default=0) or 1
    small = min(0.8 * mark, (cell - 1.6 * mark) / (_LETTER_WIDTH * longest))
    # Panels are scaled to the same width, so their text differs in size.
    parts, top, smallest = [], 0.0, []
    for row in range(0, len(drawn), side):
        heights = []
        for place, one in enumerate(drawn[row : row + side]):
            width, height = _box(one)
            grown = cell / width
            smallest += [float(size) * grown * scale / POINT_MM for size in _FONT.findall(one)]
            x = place * (cell + _GAP)
            if room:
                parts.append(svg.text(x, top + 0.85 * mark, letter(row + place), size=round(mark, 2)))
            if room and headings[row + place]:
                smallest.append(small * scale / POINT_MM)
                parts.append(svg.text(x + 1.5 * mark, top + 0.85 * mark, headings[row + place], size=round(small, 2)))
            parts.append(svg.placed(one, x, top + room, cell, height * grown))
            heights.append(height * grown + room)
        top += max(heights) + _GAP
    size = (usual if font_size is None else font_size) * POINT_MM / scale if math.isfinite(usual) else 0.6 * mark
    bars, deep = _bars(shared, len(drawn), total, top, size)
    smallest += [float(found) * scale / POINT_MM for bar in bars for found in _FONT.findall(bar)]
    title = "; ".join(title_of(one) for one in drawn)
    made = svg.picture(total, top - _GAP + deep, *parts, *bars, title=title)
    return Composed(made, (top - _GAP + deep) * scale, min(smallest, default=float("nan")), usual)


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
                                   size=round(size, 2), beyond=one.scale.beyond, amount=one.scale.amount))  # fmt: skip
    return bars, _GAP + tall * -(-len(barred) // across)


def _sized(drawn: str, font_size: float | None, mm_per_unit: float) -> str:
    """A drawing whose most usual size of text becomes ``font_size`` points."""
    usual = _usual(drawn)
    if font_size is None or usual == math.inf:
        return drawn
    factor = font_size * POINT_MM / mm_per_unit / usual
    return _with_room(_FONT.sub(lambda found: f'font-size="{float(found[1]) * factor:.2f}"', drawn))


def _usual(drawn: str) -> float:
    """The most usual size of a drawing's text, in its own units; infinite without text."""
    sizes = [float(size) for size in _FONT.findall(drawn)]
    return max(sizes, key=sizes.count) if sizes else math.inf


def _with_room(drawn: str) -> str:
    """A drawing that holds all of its text; turned text is left as it is."""
    found = _VIEW.search(drawn)
    if found is None:
        return drawn
    left, top, width, height = (float(value) for value in found.groups())
    low, high, bottom = left, left + width, top + height
    for one in ElementTree.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text"):
        if "transform" in one.attrib:
            continue
        x, size = float(one.attrib["x"]), float(one.attrib["font-size"])
        long = _LETTER_WIDTH * size * len("".join(one.itertext()))
        start = x - long * {"end": 1.0, "middle": 0.5}.get(one.attrib.get("text-anchor", ""), 0.0)
        low, high = min(low, start), max(high, start + long)
        bottom = max(bottom, float(one.attrib["y"]) + 0.3 * size)
    box = " ".join(svg.number(value) for value in (low, top, high - low, bottom - top))
    return f'{drawn[: found.start()]}viewBox="{box}"{drawn[found.end() :]}'


def _box(drawn: str) -> tuple[float, float]:
    found = re.match(r'<svg [^>]*viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', drawn)
    if found is None:
        raise InputError("Only mien's own drawings become figures.")
    return float(found[1]), float(found[2])
