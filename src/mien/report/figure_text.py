"""Text of drawings: how large it is, at another size, and with room for it."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

from mien.core.errors import InputError
from mien.report.draw import svg
from mien.report.draw.letters import turn_of

# Width of a letter, in sizes of text, a little more than usual.
LETTER_WIDTH = 0.58
# Below this, in points, most journals refuse text.
LEAST_POINTS = 5.0
# So many times the usual size of text finds room in every drawing.
MOST_LARGER = 1.3
_VIEW = re.compile(r'viewBox="([\d.-]+) ([\d.-]+) ([\d.]+) ([\d.]+)"')
_FONT = re.compile(r'font-size="([\d.]+)"')
_TEXT = "{http://www.w3.org/2000/svg}text"


def box_of(drawn: str) -> tuple[float, float]:
    """Width and height of a drawing in its own units.

    Raises
    ------
    InputError
        If it is no drawing of mien.
    """
    found = re.match(r'<svg [^>]*viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"', drawn)
    if found is None:
        raise InputError("Only mien's own drawings become figures.")
    return float(found[1]), float(found[2])


def usual_size(drawn: str) -> float:
    """The most usual size of a drawing's text, in its own units; infinite without text."""
    sizes = [float(size) for size in _FONT.findall(drawn)]
    return max(sizes, key=sizes.count) if sizes else math.inf


def smallest_size(drawn: str) -> float:
    """The smallest size of a drawing's text, in its own units; infinite without text."""
    return min((float(size) for size in _FONT.findall(drawn)), default=math.inf)


def with_text(drawn: str, factor: float) -> str:
    """A drawing whose text is so many times as large, and which holds all of it."""
    if factor == 1:
        return drawn
    return _with_room(_FONT.sub(lambda found: f'font-size="{float(found[1]) * factor:.2f}"', drawn))


def _with_room(drawn: str) -> str:
    found = _VIEW.search(drawn)
    if found is None:
        return drawn
    left, top, width, height = (float(value) for value in found.groups())
    across, down = [left, left + width], [top, top + height]
    for one in ElementTree.fromstring(drawn).iter(_TEXT):
        x, y, size = (float(one.attrib[name]) for name in ("x", "y", "font-size"))
        long = LETTER_WIDTH * size * len("".join(one.itertext()))
        start = x - long * {"end": 1.0, "middle": 0.5}.get(one.attrib.get("text-anchor", ""), 0.0)
        turn = turn_of(one.attrib.get("transform", ""))
        corners = [turn.moved(at, level) for at in (start, start + long) for level in (y - 0.75 * size, y + 0.3 * size)]
        across += [corner[0] for corner in corners]
        down += [corner[1] for corner in corners]
    box = (min(across), min(down), max(across) - min(across), max(down) - min(down))
    shown = " ".join(svg.number(value) for value in box)
    return f'{drawn[: found.start()]}viewBox="{shown}"{drawn[found.end() :]}'
