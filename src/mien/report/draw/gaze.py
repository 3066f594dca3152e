"""Maps beside fixations of viewers: scores with the ceiling, looking at parts of the face, pictures with both."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import cv2
import numpy as np

from mien.compare.gaze.dwell import PARTS, VIEWERS, DwellRow
from mien.compare.gaze.shown import ShownPicture
from mien.report.draw import svg
from mien.report.draw.raster import image, png, rgba_of

_WIDTH, _ROW = 560.0, 20.0
_LOOKED = "#009e73"
_COLOURS = (_LOOKED, "#8a4fc7", "#d55e00", "#0072b2", "#b0761c")


@dataclass(frozen=True)
class ScoreLine:
    """A row of the drawing; ``given`` tells maps from baselines."""

    name: str
    score: float
    low: float
    high: float
    given: bool


def scores_drawing(
    lines: Sequence[ScoreLine], ceiling: tuple[float, float, float], *, unit: str, title: str
) -> str:  # fmt: skip
    """A dot with its interval for each map and baseline; the ceiling is a band.

    Parameters
    ----------
    lines : sequence of ScoreLine
    ceiling : (float, float, float)
        Score of other viewers, with its interval.
    unit : str
        Below the axis.
    title : str
    """
    left = 12 + 6.1 * max(min(len(line.name), 44) for line in lines)
    width = max(_WIDTH - left, 240.0)
    ends = [v for line in lines for v in (line.low, line.high, line.score) if v == v]
    ends += [v for v in ceiling if v == v] + [0.0]
    low, high = min(ends), max(ends)
    room = 0.04 * (high - low or 1.0)
    low, high = low - room, high + room

    def at(value: float) -> float:
        return left + width * (value - low) / (high - low)

    bottom = _ROW * len(lines) + 8
    drawn = []
    known = [v for v in ceiling if v == v]
    if known:
        first, last = at(min(known)), at(max(known))
        label = svg.element("title", escape(f"other viewers: {ceiling[0]:.3g}"))
        band = {"x": first, "y": 0.0, "width": max(last - first, 1.5), "height": bottom}
        drawn.append(svg.element("rect", label, **band, fill=_LOOKED, fill_opacity="0.25"))
        drawn.append(_line(at(ceiling[0]), 0, at(ceiling[0]), bottom, _LOOKED))
    if low < 0 < high:
        drawn.append(_line(at(0), 0, at(0), bottom, "currentColor", "2 3"))
    for i, line in enumerate(lines):
        y = _ROW * (i + 0.5) + 4
        name = line.name if len(line.name) <= 44 else f"…{line.name[-43:]}"
        drawn.append(svg.text(left - 8, y + 3.8, name, size=11, anchor="end"))
        colour = svg.AMOUNT if line.given else "currentColor"
        if line.low == line.low:
            drawn.append(_line(at(line.low), y, at(line.high), y, colour))
        label = svg.element("title", escape(f"{line.name}: {line.score:.3g}"))
        fill = {"fill": colour} if line.given else {"fill": "var(--paper, white)", "stroke": colour}
        drawn.append(svg.element("circle", label, cx=at(line.score), cy=y, r=3.6, **fill))
    drawn.append(_line(left, bottom, left + width, bottom, "currentColor"))
    step = _step(high - low)
    for tick in np.arange(np.ceil(low / step), np.floor(high / step) + 1) * step:
        drawn.append(_line(at(tick), bottom, at(tick), bottom + 4, "currentColor"))
        drawn.append(svg.text(at(tick), bottom + 15, f"{tick + 0.0:.4g}".replace("-", "−"), size=10, anchor="middle"))
    drawn.append(svg.text(left + width / 2, bottom + 31, unit, size=10.5, anchor="middle"))
    return svg.picture(left + width + 14, bottom + 38, *drawn, title=title)


def dwell_drawing(rows: Sequence[DwellRow], *, title: str) -> str:
    """Shares of parts of the face for viewers and maps, beside the area of each part.

    Parameters
    ----------
    rows : sequence of DwellRow
    title : str
    """
    who = list(dict.fromkeys(row.who for row in rows))
    left, width, bar = 118.0, 380.0, 13.0
    group = bar * len(who) + 12
    drawn, y = [], 4.0
    for part in PARTS:
        here = {row.who: row for row in rows if row.part == part}
        drawn.append(svg.text(left - 8, y + bar * len(who) / 2 + 4, part, size=11, anchor="end"))
        for i, name in enumerate(who):
            row, top = here[name], y + bar * i
            label = svg.element("title", escape(f"{name}, {part}: {100 * row.share:.0f} %"))
            drawn.append(svg.element("rect", label, x=left, y=top, width=max(width * row.share, 0.5), height=bar - 2,
                                     fill=_COLOURS[i % len(_COLOURS)], fill_opacity="0.75"))  # fmt: skip
            if row.low == row.low:
                middle = top + bar / 2 - 1
                drawn.append(_line(left + width * row.low, middle, left + width * row.high, middle, "currentColor"))
        place = left + width * here[who[0]].area
        drawn.append(_line(place, y - 2, place, y + bar * len(who), "currentColor", "2 2"))
        y += group
    drawn.append(_line(left, 0, left, y - 6, "currentColor"))
    drawn.append(_line(left, y - 6, left + width, y - 6, "currentColor"))
    for tick in (0, 25, 50, 75, 100):
        drawn.append(svg.text(left + width * tick / 100, y + 8, f"{tick} %", size=10, anchor="middle"))
    for i, name in enumerate(who):
        y += 18
        drawn.append(svg.element("rect", x=left, y=y + 2, width=12.0, height=10.0, fill=_COLOURS[i % len(_COLOURS)],
                                 fill_opacity="0.75"))  # fmt: skip
        words = "viewers: time on it" if name == VIEWERS else f"{name}: evidence on it"
        drawn.append(svg.text(left + 18, y + 11, words, size=10.5))
    return svg.picture(left + width + 20, y + 20, *drawn, title=title)


def pictures_drawing(shown: Sequence[ShownPicture], *, title: str) -> str:
    """Each picture with the fixations on it, beside its maps with the same fixations.

    Parameters
    ----------
    shown : sequence of ShownPicture
    title : str
    """
    columns = 1 + max(len(one.maps) for one in shown)
    each, gap = max(600.0 / columns, 150.0), 6.0
    drawn, y = [], 0.0
    for one in shown:
        tall = each * one.picture.shape[0] / one.picture.shape[1]
        grey = 110 + cv2.cvtColor(one.picture, cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None] * (130 / 255)
        layers = [_jpeg(one.picture), *(_over(grey, values) for values in one.maps.values())]
        for column, data in enumerate(layers):
            x = column * (each + gap)
            drawn.append(image(data, x, y, each, tall))
            drawn += [
                svg.element("circle", cx=x + each * float(px), cy=y + tall * float(py), r=2.4, fill=_LOOKED,
                            fill_opacity="0.8", stroke="white", stroke_width="0.6")
                for px, py in zip(one.x, one.y, strict=True)
            ]  # fmt: skip
        y += tall + gap
    names = ["fixations of viewers", *next(iter(shown)).maps]
    for column, name in enumerate(names):
        most = int(each / 5.6)
        words = name if len(name) <= most else f"…{name[1 - most :]}"
        drawn.append(svg.text(column * (each + gap) + each / 2, y + 10, words, size=10.5, anchor="middle"))
    return svg.picture(columns * (each + gap) - gap, y + 16, *drawn, title=title)


def _over(grey: np.ndarray, values: np.ndarray) -> bytes:
    """A map over a pale picture; two hues where it has both signs."""
    size = grey.shape[1], grey.shape[0]
    large = cv2.resize(np.asarray(values, dtype=np.float32), size, interpolation=cv2.INTER_LINEAR)
    limit = float(np.quantile(np.abs(large), 0.995)) or float(np.abs(large).max())
    rgba = rgba_of(large, limit, not (large < 0).any()).astype(np.float32)
    share = 0.85 * rgba[..., 3:] / 255
    return png(np.round(grey * (1 - share) + rgba[..., :3] * share).astype(np.uint8))


def _jpeg(picture: np.ndarray) -> bytes:
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=88)
    return file.getvalue()


def _step(length: float) -> float:
    """A round distance of ticks, of which there are four to eight."""
    power = 10.0 ** np.floor(np.log10(length / 4))
    return float(next(power * factor for factor in (1, 2, 5, 10) if length / (power * factor) <= 8))


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, dash: str = "") -> str:
    more = {"stroke_dasharray": dash} if dash else {}
    path = f"M{svg.number(x1)} {svg.number(y1)}L{svg.number(x2)} {svg.number(y2)}"
    return svg.element("path", d=path, fill="none", stroke=colour, stroke_width="1.2", **more)
