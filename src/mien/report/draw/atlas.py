"""Maps over the average face, side by side on one scale: hue for the sign, opacity for the amount, stripes for missing.

Thin lines go round what lies beyond one and two thirds of the scale, thick ones round what is significant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from mien.atlas.canonical_map import HEIGHT, canonical_face
from mien.atlas.frontal import contours, frontal_points
from mien.core.topology import MEDIAPIPE_468
from mien.report.draw import svg
from mien.report.draw.raster import image, png, rgba_of

# Of the values, this share may lie beyond the ends of the colour scale, so that single places do not fade the rest.
BEYOND = 0.005
# So that letters have 7 pt where a drawing is printed over a page's width of 180 mm.
MOST_IN_A_ROW = 4
_WIDTH, _GAP, _LINE, _BAR = 170.0, 16.0, 13.0, 40.0
_MISSING = (110, 110, 110, 170)
_STRIPE = 3  # pixels
# On the face, which is light on dark pages, too.
_INK = "#1a1a1a"
# Parts of the scale that lines go round.
_LEVELS = (1 / 3, 2 / 3)


@dataclass(frozen=True, eq=False)
class Panel:
    """One face of a drawing.

    Attributes
    ----------
    values : ndarray, shape (rows, columns)
        Over the canonical face, its pixels or blocks of them; NaN is missing.
    words : tuple of str
        Lines above the face.
    outline : ndarray of bool, shape (rows, columns), optional
        Places that are outlined, such as significant clusters.
    """

    values: np.ndarray
    words: tuple[str, ...] = ()
    outline: np.ndarray | None = None


def limit_of_maps(panels: Sequence[Panel]) -> float:
    """End of a colour scale for maps that are compared: all but the most extreme places lie within."""
    values = np.concatenate([np.abs(panel.values[np.isfinite(panel.values)]) for panel in panels])
    return float(np.quantile(values, 1 - BEYOND)) if len(values) else 0.0


def atlas_plot(
    panels: Sequence[Panel], *, title: str, unit: str, limit: float | None = None, amount: bool = False
) -> str:
    """Draw maps on canonical faces in rows of at most ``MOST_IN_A_ROW``, with one colour bar.

    Parameters
    ----------
    panels : sequence of Panel
    title : str
        What is shown, for people who cannot see it.
    unit : str
        Of the values.
    limit : float, optional
        End of the colour scale; by default ``limit_of_maps`` of the panels.
    amount : bool
        The values are amounts without a direction.

    Returns
    -------
    str
        SVG with the maps as PNG inside.
    """
    limit = limit_of_maps(panels) if limit is None else limit
    face = canonical_face(468, HEIGHT)
    tall = _WIDTH * face.shape[0] / face.shape[1]
    top = _LINE * max((len(panel.words) for panel in panels), default=0) + 2
    rows = max(1, -(-len(panels) // MOST_IN_A_ROW))
    across, high = -(-len(panels) // rows), top + tall
    drawn = []
    for number, panel in enumerate(panels):
        x, y = number % across * (_WIDTH + _GAP), number // across * (high + _GAP)
        for line, words in enumerate(panel.words):
            drawn.append(svg.text(x + _WIDTH / 2, y + _LINE * (line + 0.8), words, size=10, anchor="middle"))
        drawn.append(image(_face(), x, y + top, _WIDTH, tall))
        drawn.append(image(_pixels(panel.values, limit, amount), x, y + top, _WIDTH, tall))
        drawn += [_face_lines(x, y + top), *_contours(panel, limit, amount, x, y + top), *_outlines(panel, x, y + top)]
    width, height = across * (_WIDTH + _GAP) - _GAP, rows * (high + _GAP) - _GAP
    bar = min(width, 190.0)
    beyond = any(np.nanmax(np.abs(panel.values), initial=0.0) > limit * 1.001 for panel in panels)
    drawn.append(
        svg.colour_bar(limit, unit, x=(width - bar) / 2, y=height + 4, width=bar, beyond=beyond, amount=amount)
    )
    return svg.picture(width, height + _BAR, *drawn, title=title)


@cache
def _face() -> bytes:
    """What lies below every map."""
    # It is made with the renderer, which nobody needs who draws no map.
    from mien.report.draw.average_face import average_face

    return png(average_face())


def _pixels(values: np.ndarray, limit: float, amount: bool) -> bytes:
    """A map in the size of the canonical face; striped where it is missing, nothing outside."""
    face = canonical_face(468, HEIGHT)
    large = _in_pixels(values)
    shown = np.isfinite(large)
    drawn = rgba_of(np.nan_to_num(large), limit, amount)
    rows, columns = np.indices(face.shape)
    striped = (rows + columns) // _STRIPE % 2 == 0
    drawn[face.inside & ~shown] = 0
    drawn[face.inside & ~shown & striped] = _MISSING
    drawn[~face.inside] = 0
    return png(drawn)


def _in_pixels(values: np.ndarray) -> np.ndarray:
    """A map in the pixels of the canonical face, NaN where it is missing."""
    face, known = canonical_face(468, HEIGHT), np.isfinite(values)
    # Weighted by what is known, so that missing places do not fade those beside them.
    total, weight = (_enlarged(part, face.shape) for part in (np.where(known, values, 0.0), known.astype(float)))
    found: np.ndarray = np.where(weight > 0.25, total / np.maximum(weight, 1e-9), np.nan)
    return found


def _enlarged(values: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Blocks of pixels as pixels; the last row and column of blocks may hang over."""
    step = -(-shape[0] // values.shape[0])
    size = (values.shape[1] * step, values.shape[0] * step)
    found = cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(found[: shape[0], : shape[1]])


def _to_drawing() -> tuple[float, np.ndarray]:
    """From centimetres of the frontal face to units of the drawing: scale and shift."""
    face, places = canonical_face(468, HEIGHT), frontal_points(MEDIAPIPE_468)
    unit = _WIDTH / face.shape[1]
    scale = float(np.ptp(face.points_px[:, 1]) / np.ptp(places[:, 1]))
    return scale * unit, (face.points_px.mean(0) - scale * places.mean(0)) * unit


def _face_lines(x: float, y: float) -> str:
    scale, shift = _to_drawing()
    lines = [_path(line * scale + shift + [x, y]) for line in contours()]
    style = {"fill": "none", "stroke": _INK, "stroke_opacity": "0.45", "stroke_width": "0.7"}
    return svg.element("g", *lines, stroke_linejoin="round", **style)


def _outlines(panel: Panel, x: float, y: float) -> list[str]:
    if panel.outline is None or not panel.outline.any():
        return []
    mask = _enlarged(panel.outline.astype(float), canonical_face(468, HEIGHT).shape) > 0.5
    lines = _edges(mask, x, y)
    return [svg.element("g", *lines, fill="none", stroke=_INK, stroke_width="1.5", stroke_linejoin="round")]


def _contours(panel: Panel, limit: float, amount: bool, x: float, y: float) -> list[str]:
    """Lines round what lies beyond parts of the scale, for and against apart."""
    if limit <= 0:
        return []
    values = cv2.GaussianBlur(np.nan_to_num(_in_pixels(panel.values)).astype(np.float32), (0, 0), 1.0)
    sides = ((np.abs(values), svg.AMOUNT),) if amount else ((values, svg.POSITIVE), (-values, svg.NEGATIVE))
    style = {"fill": "none", "stroke_width": "0.6", "stroke_opacity": "0.9", "stroke_linejoin": "round"}
    drawn = []
    for side, colour in sides:
        lines = [line for level in _LEVELS for line in _edges(side > level * limit, x, y)]
        drawn += [svg.element("g", *lines, stroke=colour, **style)] if lines else []
    return drawn


def _edges(mask: np.ndarray, x: float, y: float) -> list[str]:
    """Lines round places of the canonical face's pixels."""
    face = canonical_face(468, HEIGHT)
    found, _ = cv2.findContours((mask & face.inside).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    unit = _WIDTH / face.shape[1]
    return [_path((line[:, 0] + 0.5) * unit + [x, y], closed=True) for line in found if len(line) > 2]


def _path(places: np.ndarray, closed: bool = False) -> str:
    drawn = "M" + "L".join(f"{svg.number(x)} {svg.number(y)}" for x, y in places)
    return svg.element("path", d=drawn + ("Z" if closed else ""))
