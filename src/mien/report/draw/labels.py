"""Names beside points, put where they cover neither each other nor what is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from mien.report.draw import svg

# Left, top, right, bottom.
Box = tuple[float, float, float, float]
_LETTER = 0.52
_SHIFTS = (0, 8, -8, 14, -14, 20, -20, 27, -27, 34, -34, 42, -42)
_LONGEST = 26


def labels(
    names: Sequence[str], places: Sequence[tuple[float, float]], room: Box, *, taken: Iterable[Box] = (),
    size: float = 9.5, apart: float = 6.0,
) -> list[str]:  # fmt: skip
    """Names at the right or left of their points, moved up or down where something else is.

    Parameters
    ----------
    names, places : sequences
        Of the points; a long name is cut.
    room : Box
        What the names have to stay within.
    taken : iterable of Box
        What else is drawn, such as lines in short pieces.
    size : float
        Of the letters.
    apart : float
        From a point's middle to its name.

    Returns
    -------
    list of str
        SVG; a name that was moved far has a thin line to its point.
    """
    full: list[Box] = [*taken, *((x - 3, y - 3, x + 3, y + 3) for x, y in places)]
    found = []
    for name, (x, y) in sorted(zip(names, places, strict=True), key=lambda item: item[1][1]):
        wide = _LETTER * size * len(shortened(name))
        options = []
        for shift in _SHIFTS:
            for right in (True, False):
                start = x + apart if right else x - apart - wide
                box = (start, y + shift - 0.55 * size, start + wide, y + shift + 0.45 * size)
                outside = box[0] < room[0] or box[2] > room[2] or box[1] < room[1] or box[3] > room[3]
                overlap = sum(_overlap(box, other) for other in full)
                options.append((overlap + 1e6 * outside + abs(shift) * 0.6, box, right, shift))
        _, box, right, shift = min(options, key=lambda option: option[0])
        full.append(box)
        side = 1 if right else -1
        if abs(shift) > 14:
            end = f"M{svg.number(x)} {svg.number(y)}L{svg.number(x + side * (apart - 1))} {svg.number(y + shift)}"
            found.append(svg.element("path", d=end, fill="none", stroke="currentColor", stroke_width="0.6",
                                     stroke_opacity="0.6"))  # fmt: skip
        found.append(svg.text(x + side * apart, y + shift + 0.33 * size, shortened(name), size=size,
                              anchor="start" if right else "end"))  # fmt: skip
    return found


def along(points: Sequence[tuple[float, float]], half: float = 2.0, step: float = 6.0) -> list[Box]:
    """A line through points as small boxes, for ``taken``."""
    boxes = []
    for (xa, ya), (xb, yb) in pairwise(points):
        pieces = max(1, int(max(abs(xb - xa), abs(yb - ya)) / step))
        for piece in range(pieces + 1):
            x, y = xa + (xb - xa) * piece / pieces, ya + (yb - ya) * piece / pieces
            boxes.append((x - half, y - half, x + half, y + half))
    return boxes


def shortened(name: str) -> str:
    """A name that fits."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _overlap(a: Box, b: Box) -> float:
    return max(0.0, min(a[2], b[2]) - max(a[0], b[0])) * max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
