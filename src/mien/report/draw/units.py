"""Units that respond more to faces: their share over the layers, what lesions cost, and the pictures of a unit."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mien.core.errors import MienError
from mien.data.media.pictures import read_picture
from mien.report.draw import svg
from mien.report.draw.raster import image
from mien.responses.units.result import FaceUnits, LesionScore, TopUnit

# Told apart by people with any common colour vision (Okabe and Ito), and by dashes where there is no colour.
FACES, OTHERS, RANDOM = "#d55e00", "#0072b2", "#808080"
_W, _H, _LEFT, _TOP, _RIGHT = 680.0, 240.0, 46.0, 12.0, 20.0
_TILE, _GAP = 72.0, 6.0


def share_plot(found: FaceUnits) -> str:
    """Share of units per layer with 95 % interval, of the network beside, and of shuffled labels."""
    rows = found.layers
    top = max([0.1, *(v for row in rows for v in (row.share, row.high, row.beside, row.beside_high) if v == v)])
    top = min(1.0, 0.1 * -(-top // 0.1))

    def x(j: float) -> float:
        return _LEFT + 22 + (_W - _LEFT - _RIGHT - 44) * j / max(1, len(rows) - 1)

    def y(value: float) -> float:
        return _TOP + _H * (1 - value / top)

    parts = _grid(0.0, top, y, lambda level: f"{100 * level:.0f} %")
    own = [(x(j), row.share, row.low, row.high) for j, row in enumerate(rows)]
    other = [(x(j), row.beside, row.beside_low, row.beside_high) for j, row in enumerate(rows)]
    shuffled = [(x(j), row.shuffled, float("nan"), float("nan")) for j, row in enumerate(rows)]
    names = [f"{found.body.name} ({found.body.weights})"]
    lines = [(own, FACES, "")]
    if found.beside is not None:
        lines.append((other, OTHERS, "6 3"))
        names.append(f"{found.beside.name} ({found.beside.weights})")
    lines.append((shuffled, RANDOM, "2 2"))
    names.append("sources' categories shuffled")
    for points, colour, dashes in reversed(lines):
        parts += _line(points, y, colour, dashes)
    for j, row in enumerate(rows):
        place = f"rotate(-35 {svg.number(x(j))} {svg.number(_TOP + _H + 14)})"
        parts.append(svg.text(x(j) + 4, _TOP + _H + 14, row.layer, anchor="end", size=10, transform=place))
    bottom = _TOP + _H + 24 + 5.0 * max(len(row.layer) for row in rows)
    parts += _legend(list(zip(names, (c for _, c, _ in lines), (d for _, _, d in lines), strict=True)), bottom)
    title = f"Share of units that respond more to faces in {len(rows)} layers of {found.body.name}"
    return svg.picture(_W, bottom + 18 * len(names), *parts, title=title)


def dose_plot(rows: Sequence[LesionScore], title: str) -> str:
    """AUC of one task against the share of a layer's units that are silent; band: the middle 95 % of random sets."""
    width, height = 330.0, 200.0
    doses = sorted({row.dose for row in rows})
    most = max(doses) or 1.0
    least = min([0.45, *(end for row in rows for end in (row.low, row.draws_low) if end == end)])

    def x(dose: float) -> float:
        return _LEFT + 8 + (width - _LEFT - 24) * dose / most

    def y(value: float) -> float:
        return _TOP + height * (1 - value) / (1 - least)

    parts = _grid(least, 1.0, y, lambda level: f"{level:.1f}", width=width, right=8, half=True)
    intact = [row for row in rows if row.silenced == "none"]
    random = [row for row in rows if row.silenced == "random"]
    if len(random) > 1:
        above = [f"{svg.number(x(row.dose))} {svg.number(y(row.draws_high))}" for row in random]
        below = [f"{svg.number(x(row.dose))} {svg.number(y(row.draws_low))}" for row in random[::-1]]
        parts.append(svg.element("path", d=f"M{'L'.join(above + below)}Z", fill=RANDOM, fill_opacity="0.18"))
    for kind, colour, dashes in (("random", RANDOM, "2 2"), ("others", OTHERS, "6 3"), ("faces", FACES, "")):
        line = [*intact, *(row for row in rows if row.silenced == kind)]
        parts += _line([(x(row.dose), row.auc, row.low, row.high) for row in line], y, colour, dashes)
    for dose in doses:
        parts.append(svg.text(x(dose), _TOP + height + 15, f"{100 * dose:.0f}", size=10, anchor="middle"))
    parts.append(svg.text(width / 2, _TOP + height + 31, "units silent, %", size=11, anchor="middle"))
    return svg.picture(width, _TOP + height + 38, *parts, title=f"{title}: AUC against the share of silent units")


def pictures_of_unit(top: TopUnit, root: Path | None) -> str:
    """The pictures that a unit responds to most in a row, category and answer below each; '' if none is there."""
    tiles = [_tile(path if root is None else root / path) for path in map(Path, top.path)]
    if not any(tiles):
        return ""
    parts = []
    for place, (data, category, answer) in enumerate(zip(tiles, top.category, top.answer, strict=True)):
        left = place * (_TILE + _GAP)
        if data:
            parts.append(image(data, left, 0.0, _TILE, _TILE))
        else:
            parts.append(svg.text(left + _TILE / 2, _TILE / 2, "not here", size=9, anchor="middle"))
        parts.append(svg.text(left + _TILE / 2, _TILE + 12, category[:16], size=9, anchor="middle"))
        parts.append(svg.text(left + _TILE / 2, _TILE + 24, f"{answer:.2f}", size=9, anchor="middle"))
    width = len(tiles) * (_TILE + _GAP)
    return svg.picture(width, _TILE + 30, *parts, title=f"Pictures that unit {top.unit} of {top.layer} answers most")


def _tile(path: Path) -> bytes:
    from PIL import Image

    try:
        picture = Image.fromarray(read_picture(path))
    except (MienError, OSError):
        return b""
    picture.thumbnail((2 * int(_TILE), 2 * int(_TILE)))
    store = io.BytesIO()
    picture.save(store, "JPEG", quality=78)
    return store.getvalue()


def _grid(
    low: float, high: float, y: Callable[[float], float], words: Callable[[float], str], *, width: float = _W,
    right: float = _RIGHT, half: bool = False,
) -> list[str]:  # fmt: skip
    parts = []
    for step in range(round(10 * low + 0.49), round(10 * high) + 1):
        level = step / 10
        ink = {"stroke_dasharray": "4 4", "stroke_opacity": "0.6"} if half and step == 5 else {"stroke_opacity": "0.14"}
        parts.append(
            _path(f"M{_LEFT} {svg.number(y(level))}H{svg.number(width - right)}", stroke="currentColor", **ink)
        )
        parts.append(svg.text(_LEFT - 6, y(level) + 4, words(level), anchor="end", size=10))
    return parts


def _line(
    points: Sequence[tuple[float, float, float, float]], y: Callable[[float], float], colour: str, dashes: str
) -> list[str]:
    known = [point for point in points if point[1] == point[1]]
    parts = [
        _path(f"M{svg.number(at)} {svg.number(y(low))}V{svg.number(y(high))}", stroke=colour, stroke_opacity="0.5")
        for at, _, low, high in known
        if low == low
    ]
    line = "L".join(f"{svg.number(at)} {svg.number(y(value))}" for at, value, _, _ in known)
    if line:
        more = {"stroke_dasharray": dashes} if dashes else {}
        parts.append(_path(f"M{line}", stroke=colour, stroke_width="2", **more))
    return parts + [svg.element("circle", cx=at, cy=y(value), r=3.0, fill=colour) for at, value, _, _ in known]


def _legend(rows: Sequence[tuple[str, str, str]], top: float) -> list[str]:
    parts = []
    for number, (name, colour, dashes) in enumerate(rows):
        at = top + 18 * number
        more = {"stroke_dasharray": dashes} if dashes else {}
        line = f"M{_LEFT} {svg.number(at - 4)}h24"
        parts += [_path(line, stroke=colour, stroke_width="2.4", **more), svg.text(_LEFT + 30, at, name, size=11)]
    return parts


def _path(d: str, **attributes: Any) -> str:
    return svg.element("path", d=d, fill="none", **attributes)
