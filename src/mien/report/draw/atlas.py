"""Maps on the canonical face, side by side on one scale: hue for the sign, opacity for the amount, grey for missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from mien.atlas.canonical_map import HEIGHT, canonical_face
from mien.atlas.frontal import contours, frontal_points
from mien.core.topology import MEDIAPIPE_468
from mien.report.draw import svg
from mien.report.draw.raster import image, png, rgba_of

# Of the values, this share may lie beyond the ends of the colour scale, so that single places do not fade the rest.
BEYOND = 0.005
_WIDTH, _GAP, _LINE, _BAR = 170.0, 16.0, 13.0, 40.0
_MISSING = (128, 128, 128, 90)


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
    """Draw maps on canonical faces in a row, with one colour bar.

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
    drawn = []
    for number, panel in enumerate(panels):
        x = number * (_WIDTH + _GAP)
        for line, words in enumerate(panel.words):
            drawn.append(svg.text(x + _WIDTH / 2, _LINE * (line + 0.8), words, size=10, anchor="middle"))
        drawn.append(image(_pixels(panel.values, limit, amount), x, top, _WIDTH, tall))
        drawn += [_face_lines(x, top), *_outlines(panel, x, top)]
    width = len(panels) * (_WIDTH + _GAP) - _GAP
    bar = min(width, 190.0)
    beyond = any(np.nanmax(np.abs(panel.values), initial=0.0) > limit * 1.001 for panel in panels)
    drawn.append(
        svg.colour_bar(limit, unit, x=(width - bar) / 2, y=top + tall + 4, width=bar, beyond=beyond, amount=amount)
    )
    return svg.picture(width, top + tall + _BAR, *drawn, title=title)


def _pixels(values: np.ndarray, limit: float, amount: bool) -> bytes:
    """A map in the size of the canonical face; grey where it is missing, nothing outside."""
    face = canonical_face(468, HEIGHT)
    known = np.isfinite(values)
    # Weighted by what is known, so that missing places do not fade those beside them.
    total, weight = (_enlarged(part, face.shape) for part in (np.where(known, values, 0.0), known.astype(float)))
    shown = weight > 0.25
    drawn = rgba_of(np.where(shown, total / np.maximum(weight, 1e-9), 0.0), limit, amount)
    drawn[face.inside & ~shown] = _MISSING
    drawn[~face.inside] = 0
    return png(drawn)


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
    style = {"fill": "none", "stroke": "currentColor", "stroke_opacity": "0.45", "stroke_width": "0.7"}
    return svg.element("g", *lines, stroke_linejoin="round", **style)


def _outlines(panel: Panel, x: float, y: float) -> list[str]:
    if panel.outline is None or not panel.outline.any():
        return []
    face = canonical_face(468, HEIGHT)
    mask = _enlarged(panel.outline.astype(float), face.shape) > 0.5
    found, _ = cv2.findContours((mask & face.inside).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    unit = _WIDTH / face.shape[1]
    lines = [_path((line[:, 0] + 0.5) * unit + [x, y], closed=True) for line in found if len(line) > 2]
    return [svg.element("g", *lines, fill="none", stroke="currentColor", stroke_width="1.5", stroke_linejoin="round")]


def _path(places: np.ndarray, closed: bool = False) -> str:
    drawn = "M" + "L".join(f"{svg.number(x)} {svg.number(y)}" for x, y in places)
    return svg.element("path", d=drawn + ("Z" if closed else ""))
