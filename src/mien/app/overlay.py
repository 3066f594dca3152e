"""A frame with what is said about its faces: evidence painted onto each face, bars beside it, the rate below."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any

import cv2
import numpy as np

from mien.app.reading import FaceEvidence, FaceReading
from mien.atlas.places import on_points
from mien.core.topology import topology_of_count
from mien.data.canonical import canonical_mesh
from mien.faces.draw import TRACK_COLOURS
from mien.report.draw.raster import rgba_of

# Bars that are shown at most; the others are the least probable.
MOST_BARS = 7
INK, PALE, GROUND = (255, 255, 255), (170, 170, 170), (24, 26, 30)
# How much of the picture strong evidence covers.
OPACITY = 0.7
# Of the values, this share may lie beyond the end of the colour scale.
BEYOND = 0.01


class Scale:
    """One end of the colour scale for the whole run: the strongest evidence so far, so that frames can be compared."""

    def __init__(self) -> None:
        self.limit = 0.0

    def see(self, evidence: FaceEvidence | None, points: int) -> float:
        """The end of the scale once this evidence about a face of so many points has been seen."""
        if evidence is not None and evidence.of_pixels:
            self.limit = max(self.limit, float(np.quantile(np.abs(evidence.values), 1 - BEYOND)))
        elif evidence is not None:
            self.limit = max(self.limit, *(abs(value) for value in by_region(evidence, points).values()))
        return self.limit


def drawn(
    picture: np.ndarray, readings: Sequence[FaceReading], scale: Scale, lines: Sequence[str], title: str
) -> np.ndarray:
    """A copy of an RGB frame with evidence, boxes and bars, and these lines below it; sides are even numbers.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
    readings : sequence of FaceReading
    scale : Scale
        Common to all frames; it has seen this evidence.
    lines : sequence of str
    title : str
        What the bars are of.
    """
    canvas = picture.copy()
    for reading in readings:
        if reading.evidence is not None:
            paint(canvas, reading.evidence, reading.points_px, scale.limit)
    for reading in readings:
        _box_and_bars(canvas, reading, title)
    return _with_lines(canvas, lines)


def paint(canvas: np.ndarray, evidence: FaceEvidence, points_px: np.ndarray, limit: float) -> None:
    """Evidence on its face, in place: red for and blue against, one hue for amounts; the stronger, the less is seen
    through. The face below is grey, so that no colour of it passes for evidence.
    """
    values, (left, top) = in_picture(evidence, points_px, (canvas.shape[0], canvas.shape[1]))
    if not values.size:
        return
    rgba = rgba_of(values, limit, not evidence.signed)
    ground = canvas[top : top + values.shape[0], left : left + values.shape[1]]
    grey = cv2.cvtColor(np.ascontiguousarray(ground), cv2.COLOR_RGB2GRAY)[..., None].astype(np.float32)
    share = rgba[..., 3:].astype(np.float32) * np.float32(OPACITY / 255)
    ground[...] = np.round(grey * (1 - share) + rgba[..., :3] * share)


def in_picture(
    evidence: FaceEvidence, points_px: np.ndarray, shape: tuple[int, int]
) -> tuple[np.ndarray, tuple[int, int]]:
    """Evidence in pixels of the picture: a part of it, (height, width), and the part's left and upper edge.

    A map of the crop is placed where the crop was cut; features that are about a place on the face are painted over the
    triangles between its points. Values are kept, not spread by area.
    """
    if evidence.of_pixels:
        # The crop's outer corners, counted from the middle of its first pixel; then the picture's from its own corner.
        low, high = -0.5, evidence.values.shape[0] - 0.5
        corners = evidence.to_photo @ np.array([[low, high, low, high], [low, low, high, high], [1, 1, 1, 1]]) + 0.5
    else:
        corners = points_px[:, :2].T
    first = np.clip(np.floor(corners.min(axis=1)), 0, shape[::-1]).astype(int)
    last = np.clip(np.ceil(corners.max(axis=1)), 0, shape[::-1]).astype(int)
    (left, top), (width, height) = first.tolist(), (last - first).tolist()
    if width < 1 or height < 1:
        return np.zeros((0, 0), np.float32), (0, 0)
    if evidence.of_pixels:
        matrix = evidence.to_photo - np.column_stack([np.zeros((2, 2)), first])
        values = np.ascontiguousarray(evidence.values, dtype=np.float32)
        return cv2.warpAffine(values, matrix, (width, height), flags=cv2.INTER_LINEAR), (left, top)
    return _of_features(evidence, points_px, first, (height, width)), (left, top)


def _of_features(
    evidence: FaceEvidence, points_px: np.ndarray, first: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """Named features on the triangles of the mesh, each region in one value."""
    canvas = np.zeros(shape, dtype=np.float32)
    fixed = np.round((points_px[:, :2] - first - 0.5) * 16).astype(np.int32)
    for name, value in by_region(evidence, len(points_px)).items():
        if value:
            for triangle in fixed[_triangles_of(name, len(points_px))]:
                cv2.fillConvexPoly(canvas, triangle, value, shift=4)
    return cv2.GaussianBlur(canvas, (0, 0), max(shape) / 60)


def by_region(evidence: FaceEvidence, points: int) -> dict[str, float]:
    """Sum of what named features give each region of a face of so many points."""
    known = topology_of_count(points)
    each = on_points(evidence.values.astype(np.float64), evidence.names, known.name)
    return {name: float(each[part].sum()) for name, part in known.regions.items() if len(part)}


@cache
def _triangles_of(region: str, points: int) -> np.ndarray:
    """Triangles of the mesh most of whose corners belong to a region, (triangles, 3)."""
    part = topology_of_count(points).regions[region]
    triangles = canonical_mesh().triangles
    chosen: np.ndarray = triangles[np.isin(triangles, part).sum(axis=1) >= 2]
    return chosen


def _box_and_bars(canvas: np.ndarray, reading: FaceReading, title: str) -> None:
    colour = TRACK_COLOURS[max(0, reading.track) % len(TRACK_COLOURS)]
    x, y, width, height = (round(float(v)) for v in reading.box_px)
    cv2.rectangle(canvas, (x, y), (x + width, y + height), colour, 1, cv2.LINE_AA)
    size = int(np.clip(canvas.shape[0] / 30, 11, 24))
    rows = _rows(reading)
    step, column = round(size * 1.5), round(size * 9.5)
    panel = (step * (len(rows) + 1) + size // 2, column + round(size * 7))
    left, top = _free_place(canvas.shape, (x, y, width, height), panel)
    ground = canvas[top : top + panel[0], left : left + panel[1]]
    ground[...] = (ground * 0.3).astype(np.uint8)
    _write(canvas, f"{title}, face {max(0, reading.track)}", (left + size // 2, top + size // 3), size, colour)
    for number, (name, share, value) in enumerate(rows, 1):
        at = top + size // 3 + step * number
        if share is not None:
            length = max(1, round((column - size) * share))
            cv2.rectangle(canvas, (left + size // 2, at), (left + size // 2 + length, at + size), colour, -1)
        _write(canvas, name, (left + size // 2 + 2, at), size, INK if name == reading.chosen else PALE)
        _write(canvas, value, (left + column + size // 3, at), size, INK)


def _rows(reading: FaceReading) -> list[tuple[str, float | None, str]]:
    """Name, length of the bar and number of what is said; the reason where nothing is."""
    if not reading.answers:
        return [(reading.status, None, "")]
    if not reading.chosen:
        return [(name, None, f"{value:.2f}") for name, value in list(reading.answers.items())[:MOST_BARS]]
    silent: list[tuple[str, float | None, str]] = [(name, None, "unmeasured") for name in reading.abstained]
    shown = sorted(reading.answers, key=lambda name: -reading.answers[name])[:MOST_BARS]
    # In the model's order, so that bars stay in their places.
    bars = [(name, reading.answers[name], f"{reading.answers[name]:.0%}") for name in reading.answers if name in shown]
    return [*bars, *silent]


def _free_place(shape: tuple[int, ...], box: tuple[int, int, int, int], panel: tuple[int, int]) -> tuple[int, int]:
    """Left and upper edge of a panel beside, below or above a box, or in the corner."""
    x, y, width, height = box
    most_left, most_top = max(0, shape[1] - panel[1]), max(0, shape[0] - panel[0])
    level = min(max(0, y), most_top)
    if x + width + 4 <= most_left:
        return x + width + 4, level
    if x - 4 - panel[1] >= 0:
        return x - 4 - panel[1], level
    beside = min(max(0, x), most_left)
    if y + height + 4 <= most_top:
        return beside, y + height + 4
    return beside, max(0, min(y - 4 - panel[0], most_top))


def _with_lines(canvas: np.ndarray, lines: Sequence[str]) -> np.ndarray:
    """The frame with lines of text below it, and black at the edges so that both sides are even."""
    height, width = canvas.shape[:2]
    size = int(np.clip(width / 50, 11, 20))
    whole = np.full((height + round(size * 1.5) * len(lines) + size // 2, width, 3), GROUND, dtype=np.uint8)
    whole[:height] = canvas
    for number, line in enumerate(lines):
        longest = max(1, int((width - 12) / max(1, _mask(line, size).shape[1]) * size))
        _write(whole, line, (6, height + size // 4 + round(size * 1.5) * number), min(size, longest), INK)
    odd = whole.shape[0] % 2, whole.shape[1] % 2
    return np.pad(whole, ((0, odd[0]), (0, odd[1]), (0, 0))) if any(odd) else whole


def _write(canvas: np.ndarray, text: str, place: tuple[int, int], size: int, colour: Sequence[int]) -> None:
    """Text in any letters that the font has, in place; what lies beyond the edge is cut off."""
    mask = _mask(text, max(6, size))
    left, top = place
    ground = canvas[max(0, top) : top + mask.shape[0], max(0, left) : left + mask.shape[1]]
    part = mask[: ground.shape[0], : ground.shape[1], None]
    ground[...] = np.round(ground * (1 - part) + np.array(colour, dtype=np.float32) * part)


@lru_cache(maxsize=2048)
def _mask(text: str, size: int) -> np.ndarray:
    """How much of each pixel letters cover, 0 to 1, shape (height, width)."""
    from PIL import Image, ImageDraw

    font = _font(size)
    image = Image.new("L", (max(1, int(font.getlength(text)) + 2), round(size * 1.4)))
    ImageDraw.Draw(image).text((0, 0), text, fill=255, font=font)
    found: np.ndarray = np.asarray(image, dtype=np.float32) / 255
    found.flags.writeable = False
    return found


@cache
def _font(size: int) -> Any:
    from PIL import ImageFont

    return ImageFont.load_default(size)
