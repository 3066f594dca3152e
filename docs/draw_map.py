"""Draw the map of the house, ``docs/images/rooms.svg``, from the code's imports: ``python docs/draw_map.py``."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from html import escape
from itertools import permutations, product
from pathlib import Path

HOME = Path(__file__).parents[1]
ROOT = HOME / "src" / "mien"
DRAWING = HOME / "docs" / "images" / "rooms.svg"
WIDTH, SIDE, TOP, BOX, BETWEEN, GAP, LANE = 900, 64, 52, 56, 14, 26, 14
INK, PALE = "#37506b", "#4a5a6a"
Arrow = tuple[str, str]


def rooms() -> list[str]:
    """Every package directly below ``src/mien``."""
    return sorted(path.parent.name for path in ROOT.glob("*/__init__.py"))


def sub_rooms(room: str) -> list[str]:
    """Packages within a room."""
    return sorted(path.parent.name for path in (ROOT / room).glob("*/__init__.py"))


def needs(room: str) -> set[str]:
    """Other rooms that a room imports, types alone included."""
    found = set()
    for path in (ROOT / room).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            found |= {parts[1] for name in names if (parts := name.split("."))[0] == "mien" and len(parts) > 1}
    return {name for name in found if (ROOT / name).is_dir()} - {room}


def reached(direct: dict[str, set[str]], room: str) -> set[str]:
    """Everything that a room imports, directly or through others."""
    return direct[room].union(*(reached(direct, other) for other in direct[room]))


def arrows(direct: dict[str, set[str]]) -> list[Arrow]:
    """Imports that no other way through the rooms leads to."""
    return [
        (room, other)
        for room, others in direct.items()
        for other in sorted(others)
        if not any(other in reached(direct, way) for way in others - {other})
    ]


def rows_of(direct: dict[str, set[str]]) -> list[list[str]]:
    """Rooms in as few rows as arrows downwards allow, the top one first."""

    def height(room: str) -> int:
        return max((height(other) + 1 for other in direct[room]), default=0)

    levels = {room: height(room) for room in direct}
    return [[room for room in direct if levels[room] == level] for level in range(max(levels.values()), -1, -1)]


def in_order(rows: list[list[str]], far: list[Arrow]) -> list[list[str]]:
    """The rows with their rooms in the order that lets arrows past other rows begin and end at the side."""
    best = min(
        product(*(permutations(row) for row in rows)),
        key=lambda order: sum(min(crossed(order, pair)) for pair in far),
    )
    return [list(row) for row in best]


def crossed(rows: Iterable[Sequence[str]], pair: Arrow) -> tuple[int, int]:
    """Boxes that an arrow crosses which goes around at the left, and at the right."""
    places = [(row.index(room), len(row) - 1 - row.index(room)) for row in rows for room in pair if room in row]
    return sum(left for left, _ in places), sum(right for _, right in places)


def size(room: str) -> str:
    """``12 files, 1,900 lines``; lines in hundreds, so that the drawing does not change with every line."""
    files = list((ROOT / room).rglob("*.py"))
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files)
    return f"{len(files)} files, {round(lines, -2):,} lines"


def draw() -> str:
    """The SVG."""
    direct = {room: needs(room) for room in rooms()}
    rows, every = rows_of(direct), arrows(direct)
    level = {room: number for number, row in enumerate(rows) for room in row}
    far = sorted((pair for pair in every if _span(level, pair) > 1), key=lambda pair: _span(level, pair))
    rows = in_order(rows, far)
    place = {room: box for number, row in enumerate(rows) for room, box in _boxes(row, number).items()}
    height = TOP + len(rows) * (BOX + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="sans-serif" role="img" aria-label="Rooms of mien, and what they import">',
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0L8 4L0 8z" fill="{INK}"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(
            SIDE,
            20,
            "Rooms and sub-rooms (small) of src/mien: imports run downwards only",
            15,
            "#1d2b3a",
            'font-weight="bold"',
        ),
        _text(SIDE, 38, "An arrow: the upper room imports the lower one, and no other arrows lead there.", 12, PALE),
    ]
    for room, box in place.items():
        parts += _box(room, *box)
    lanes: dict[str, list[list[Arrow]]] = {"left": [], "right": []}
    for pair in far:
        left, right = crossed(rows, pair)
        side = "left" if left < right else "right"
        parts.append(_around(place, pair, side, _lane(lanes[side], pair, level)))
    parts += [_straight(place[upper], place[lower]) for upper, lower in every if _span(level, (upper, lower)) == 1]
    return "\n".join([*parts, "</svg>", ""])


def _span(level: dict[str, int], pair: Arrow) -> int:
    return level[pair[1]] - level[pair[0]]


def _boxes(row: list[str], number: int) -> dict[str, tuple[float, float, float]]:
    """Left, top and width of every room of a row."""
    wide = (WIDTH - 2 * SIDE - BETWEEN * (len(row) - 1)) / len(row)
    return {room: (SIDE + i * (wide + BETWEEN), TOP + number * (BOX + GAP), wide) for i, room in enumerate(row)}


def _box(room: str, x: float, y: float, wide: float) -> list[str]:
    return [
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{wide:.0f}" height="{BOX}" rx="6" fill="#eaf1f8" stroke="{INK}"/>',
        _text(x + 10, y + 23, room, 16, "#1d2b3a", 'font-weight="bold" class="room"'),
        _text(x + wide - 10, y + 22, size(room), 12, PALE, 'text-anchor="end"'),
        _text(x + 10, y + 44, " · ".join(sub_rooms(room)), 12, INK, 'class="within"'),
    ]


def _text(x: float, y: float, words: str, size: int, colour: str, more: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" font-size="{size}" fill="{colour}" {more}>{escape(words)}</text>'


def _line(way: str) -> str:
    return f'<path d="{way}" fill="none" stroke="{INK}" stroke-width="1.4" marker-end="url(#head)"/>'


def _straight(upper: tuple[float, float, float], lower: tuple[float, float, float]) -> str:
    """From one row to the next: upright where the two boxes face each other."""
    left, right = max(upper[0], lower[0]), min(upper[0] + upper[2], lower[0] + lower[2])
    start = end = (left + right) / 2
    if left > right:
        start, end = (right - 30, left + 20) if upper[0] < lower[0] else (left + 30, right - 20)
    return _line(f"M{start:.0f} {upper[1] + BOX:.0f}L{end:.0f} {lower[1] - 1:.0f}")


def _lane(lanes: list[list[Arrow]], pair: Arrow, level: dict[str, int]) -> int:
    """The first lane beside the boxes that is free along the way."""
    for number, held in enumerate(lanes):
        if all(level[pair[1]] < level[upper] or level[lower] < level[pair[0]] for upper, lower in held):
            held.append(pair)
            return number
    lanes.append([pair])
    return len(lanes) - 1


def _around(place: dict[str, tuple[float, float, float]], pair: Arrow, side: str, lane: int) -> str:
    """Past the rows in between."""
    upper, lower = place[pair[0]], place[pair[1]]
    outwards = -1 if side == "left" else 1
    start, end = ((box[0] if side == "left" else box[0] + box[2]) for box in (upper, lower))
    x = (SIDE if side == "left" else WIDTH - SIDE) + outwards * (16 + LANE * lane)
    y, z = upper[1] + BOX - 10, lower[1] + 12
    return _line(f"M{start:.0f} {y:.0f}H{x}V{z:.0f}H{end + outwards:.0f}")


if __name__ == "__main__":
    DRAWING.write_text(draw(), encoding="utf-8")
