"""mien's own drawings as PDF for print: vectors stay vectors, letters letters, pictures keep their opacity.

Only what ``mien.report.draw.svg`` writes is known: nested pictures, groups, paths of straight lines, rectangles,
circles, texts and PNG or JPEG pictures, with presentation attributes. What has the page's colour becomes black. The
font is Helvetica by name, which every reader has; it is not in the file.
"""

from __future__ import annotations

import base64
import io
import re
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mien.core.errors import InputError
from mien.core.files import atomic_path, write_text
from mien.report.draw.letters import printed, turn_of, width_of

_POINTS_PER_MM = 72 / 25.4
_INHERITED = ("fill", "stroke", "stroke-width", "stroke-opacity", "fill-opacity", "stroke-linejoin", "stroke-linecap",
              "stroke-dasharray", "font-size", "font-weight", "text-anchor", "opacity")  # fmt: skip
_STEP = re.compile(r"([A-Za-z])|(-?[\d.]+(?:e-?\d+)?)")
# Four arcs make a circle: how far their handles lie out.
_ARC = 0.5523


@dataclass
class _Page:
    """What is drawn so far, and what it needs."""

    drawn: list[str] = field(default_factory=list)
    opacity: dict[tuple[float, float], str] = field(default_factory=dict)
    pictures: list[tuple[bytes, bytes | None, int, int]] = field(default_factory=list)

    def opacity_of(self, fill: float, stroke: float) -> str:
        return self.opacity.setdefault((fill, stroke), f"O{len(self.opacity)}")


def pdf(svg: str, *, width_mm: float = 180.0) -> bytes:
    """A drawing as a PDF page of its own size.

    Parameters
    ----------
    svg : str
        As the functions of ``mien.report.draw`` give it.
    width_mm : float
        Of the page; the height follows.

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        If it is no drawing of mien.
    """
    try:
        root = ET.fromstring(svg)
        left, top, width, height = (float(part) for part in root.attrib["viewBox"].split())
    except (ET.ParseError, KeyError, ValueError) as error:
        raise InputError(f"Only mien's own drawings become PDF ({error}).") from error
    scale = width_mm * _POINTS_PER_MM / width
    page = _Page()
    # PDF counts upwards from the bottom.
    page.drawn.append(f"{_n(scale)} 0 0 {_n(-scale)} {_n(-left * scale)} {_n((height + top) * scale)} cm")
    for child in root:
        _draw(child, {"fill": "#000000"}, page)
    return _file(page, width * scale, height * scale, _title(root))


def write_drawing(place: Path, svg: str) -> list[Path]:
    """A drawing as SVG and PDF files for print, black whatever the colour of the page that it was made for.

    Parameters
    ----------
    place : Path
        Without the ends of the names.
    svg : str
    """
    paths = [place.with_name(f"{place.name}.svg"), place.with_name(f"{place.name}.pdf")]
    write_text(paths[0], re.sub(r"^<svg ", '<svg color="#000000" ', svg) + "\n")
    with atomic_path(paths[1]) as temporary:
        temporary.write_bytes(pdf(svg))
    return paths


def _title(root: ET.Element) -> str:
    found = next((child.text for child in root if _kind(child) == "title"), "")
    return found or ""


def _kind(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _draw(element: ET.Element, given: Mapping[str, str], page: _Page) -> None:
    style = {**given, **{name: element.attrib[name] for name in _INHERITED if name in element.attrib}}
    kind, at = _kind(element), element.attrib
    if kind == "svg":
        left, top, width, height = (float(part) for part in at["viewBox"].split())
        x, y, wide, high = (float(at.get(name, 0)) for name in ("x", "y", "width", "height"))
        # As a browser does it: one scale, in the middle of its room.
        scale = min(wide / width, high / height)
        dx, dy = x + (wide - width * scale) / 2 - left * scale, y + (high - height * scale) / 2 - top * scale
        _within(element, style, page, f"{_n(scale)} 0 0 {_n(scale)} {_n(dx)} {_n(dy)} cm")
    elif kind == "g":
        _within(element, style, page, "")
    elif kind == "path":
        _paint(_path(at["d"]), style, page)
    elif kind == "rect":
        x, y, wide, high = (float(at.get(name, 0)) for name in ("x", "y", "width", "height"))
        _paint(f"{_n(x)} {_n(y)} {_n(wide)} {_n(high)} re", style, page)
    elif kind == "circle":
        _paint(_circle(*(float(at[name]) for name in ("cx", "cy", "r"))), style, page)
    elif kind == "text":
        _text(element, style, page)
    elif kind == "image":
        _image(at, page)
    elif kind != "title":
        raise InputError(f"Only mien's own drawings become PDF, and they have no '{kind}'.")


def _within(element: ET.Element, style: Mapping[str, str], page: _Page, place: str) -> None:
    page.drawn.append(f"q {place}".strip())
    for child in element:
        _draw(child, style, page)
    page.drawn.append("Q")


def _n(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".") if value else "0"


def _path(steps: str) -> str:
    parts = [(letter, number) for letter, number in _STEP.findall(steps)]
    found: list[str] = []
    x = y = 0.0
    start = (x, y)
    order, place = "M", 0
    while place < len(parts):
        if parts[place][0]:
            order = parts[place][0]
            if order not in "MLHVZmlhvz":
                raise InputError(f"Only mien's own drawings become PDF, and their paths have no '{order}'.")
            place += 1
            if order in "Zz":
                found.append("h")
                x, y = start
                continue
        count = 2 if order in "MLml" else 1
        values = [float(number) for _, number in parts[place : place + count]]
        place += count
        if order in "MLml":
            x, y = (values[0] + x, values[1] + y) if order in "ml" else values
        elif order in "Hh":
            x = values[0] + (x if order == "h" else 0.0)
        else:
            y = values[0] + (y if order == "v" else 0.0)
        found.append(f"{_n(x)} {_n(y)} {'m' if order in 'Mm' else 'l'}")
        start = (x, y) if order in "Mm" else start
        # More places behind a move are lines.
        order = {"M": "L", "m": "l"}.get(order, order)
    return " ".join(found)


def _circle(x: float, y: float, r: float) -> str:
    k = r * _ARC
    arcs = [(x + r, y, x + r, y + k, x + k, y + r, x, y + r), (0, 0, x - k, y + r, x - r, y + k, x - r, y),
            (0, 0, x - r, y - k, x - k, y - r, x, y - r), (0, 0, x + k, y - r, x + r, y - k, x + r, y)]  # fmt: skip
    start = f"{_n(arcs[0][0])} {_n(arcs[0][1])} m"
    return " ".join([start, *(f"{' '.join(_n(v) for v in arc[2:])} c" for arc in arcs), "h"])


def _paint(path: str, style: Mapping[str, str], page: _Page) -> None:
    fill, stroke = (_colour(style.get(name, "none")) for name in ("fill", "stroke"))
    if fill is None and stroke is None:
        return
    faint = float(style.get("opacity", 1))
    opacity = tuple(round(faint * float(style.get(f"{name}-opacity", 1)), 3) for name in ("fill", "stroke"))
    orders = ["q", f"/{page.opacity_of(*opacity)} gs"]
    if fill is not None:
        orders.append(f"{fill} rg")
    if stroke is not None:
        orders.append(f"{stroke} RG {_n(float(style.get('stroke-width', 1)))} w")
        orders.append(
            f"{int(style.get('stroke-linejoin') == 'round')} j {int(style.get('stroke-linecap') == 'round')} J"
        )
        if "stroke-dasharray" in style:
            orders.append(f"[{style['stroke-dasharray'].replace(',', ' ')}] 0 d")
    how = "B" if fill is not None and stroke is not None else "f" if fill is not None else "S"
    page.drawn.append(" ".join([*orders, path, how, "Q"]))


def _colour(name: str) -> str | None:
    """Red, green and blue of a colour from 0 to 1; None for none. The page's own colour is black."""
    if name in ("none", "transparent", ""):
        return None
    digits = name.removeprefix("#") if name.startswith("#") else {"white": "ffffff"}.get(name, "000000")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    return " ".join(_n(int(digits[i : i + 2], 16) / 255) for i in (0, 2, 4))


def _text(element: ET.Element, style: Mapping[str, str], page: _Page) -> None:
    coded = printed("".join(element.itertext()))
    size = float(style.get("font-size", 11))
    bold = style.get("font-weight") in ("600", "bold")
    wide = width_of(coded, size, bold=bold)
    shift = -wide * {"middle": 0.5, "end": 1.0}.get(style.get("text-anchor", "start"), 0.0)
    x, y = float(element.attrib.get("x", 0)), float(element.attrib.get("y", 0))
    turn = turn_of(element.attrib.get("transform", ""))
    x, y = turn.moved(x + shift, y)
    # Letters stand upright although the page counts downwards.
    place = " ".join(_n(part) for part in (turn.cos, turn.sin, turn.sin, -turn.cos, x, y))
    opacity = float(style.get("opacity", 1)) * float(style.get("fill-opacity", 1))
    letters, font = coded.hex(), "B" if bold else "F"
    page.drawn.append(
        f"q /{page.opacity_of(round(opacity, 3), 1.0)} gs {_colour(style.get('fill', '')) or '0 0 0'} rg BT "
        f"/{font} {_n(size)} Tf {place} Tm <{letters}> Tj ET Q"
    )


def _image(at: Mapping[str, str], page: _Page) -> None:
    from PIL import Image

    data = base64.b64decode(at["href"].partition("base64,")[2])
    picture = Image.open(io.BytesIO(data)).convert("RGBA")
    alpha = picture.getchannel("A")
    clear = alpha.getextrema() != (255, 255)
    colours = picture.convert("RGB").tobytes()
    page.pictures.append((colours, alpha.tobytes() if clear else None, picture.width, picture.height))
    x, y, wide, high = (float(at[name]) for name in ("x", "y", "width", "height"))
    # The unit square of a picture counts upwards.
    page.drawn.append(f"q {_n(wide)} 0 0 {_n(-high)} {_n(x)} {_n(y + high)} cm /I{len(page.pictures) - 1} Do Q")


def _file(page: _Page, width: float, height: float, title: str) -> bytes:
    objects: list[bytes] = []

    def add(head: str, stream: bytes | None = None) -> int:
        if stream is None:
            objects.append(head.encode())
        else:
            packed = zlib.compress(stream)
            full = f"<< {head} /Filter /FlateDecode /Length {len(packed)} >>\nstream\n"
            objects.append(full.encode() + packed + b"\nendstream")
        return len(objects)

    add("<< /Type /Catalog /Pages 2 0 R >>")
    add("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
    add("")  # the page, once it is known what it needs
    content = add("", "\n".join(page.drawn).encode("ascii"))
    font, bold = (
        add(f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>")
        for name in ("Helvetica", "Helvetica-Bold")
    )
    named = f"\ufeff{title}".encode("utf-16-be").hex()
    info = add(f"<< /Title <{named}> /Producer (mien) >>")
    states = " ".join(f"/{name} << /ca {_n(a)} /CA {_n(b)} >>" for (a, b), name in page.opacity.items())
    names = []
    for number, (colours, alpha, wide, high) in enumerate(page.pictures):
        size = f"/Type /XObject /Subtype /Image /Width {wide} /Height {high} /BitsPerComponent 8"
        mask = "" if alpha is None else f" /SMask {add(size + ' /ColorSpace /DeviceGray', alpha)} 0 R"
        picture = add(f"{size} /ColorSpace /DeviceRGB{mask}", colours)
        names.append(f"/I{number} {picture} 0 R")
    resources = (
        f"<< /Font << /F {font} 0 R /B {bold} 0 R >> /ExtGState << {states} >> /XObject << {' '.join(names)} >> >>"
    )
    box = f"[0 0 {_n(width)} {_n(height)}]"
    objects[2] = (
        f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Contents {content} 0 R /Resources {resources} >>".encode()
    )
    found, starts = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"), []
    for number, part in enumerate(objects, 1):
        starts.append(len(found))
        found += f"{number} 0 obj\n".encode() + part + b"\nendobj\n"
    table = len(found)
    found += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    found += "".join(f"{start:010d} 00000 n \n" for start in starts).encode()
    found += (
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info {info} 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    )
    return bytes(found)
