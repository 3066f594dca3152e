"""Regions of the canonical face, and where the action units of FACS show on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import cv2
import numpy as np

from mien.atlas.canonical_map import HEIGHT, CanonicalFace, canonical_face
from mien.core.errors import InputError
from mien.core.topology import MEDIAPIPE_468, topology

OUTSIDE = "outside the face"
_EYE = (33, 7, 163, 144, 145, 153, 154, 155, 133)
_EYE_ABOVE = (33, 246, 161, 160, 159, 158, 157, 173, 133)
# Polygons of the mesh's points, those of the person's right half; painted in this order.
_SIDES = {
    "upper lid": (226, 113, 124, 46, 53, 52, 65, 55, 193, 189, 244, *_EYE_ABOVE[::-1]),
    "lower lid": (226, *_EYE, 244, 233, 232, 231, 230, 229, 228, 31),
    "eye": (*_EYE, *_EYE_ABOVE[-2:0:-1]),
    "brow": (70, 63, 105, 66, 107, 55, 65, 52, 53, 46),
    "naso-labial fold": (129, 36, 206, 216, 57, 186, 92, 165, 98),
}
_MIDDLE = {
    "glabella": (107, 9, 336, 285, 417, 168, 193, 55),
    "upper lip": (
        98, 97, 2, 326, 327, 391, 322, 410, 287, 291, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191, 78, 61, 57, 186, 92,
        165,
    ),
    "lower lip": (
        61, 78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 291, 287, 273, 335, 406, 313, 18, 83, 182, 106, 43, 57,
    ),
}  # fmt: skip
# The corners of the mouth, and how far around them belongs to them, in heights of the face.
_CORNERS = {"right mouth corner": 61, "left mouth corner": 291}
_CORNER_RADIUS = 0.032
_BOTH = {
    part: (f"right {part}", f"left {part}")
    for part in ("brow", "upper lid", "lower lid", "eye", "naso-labial fold", "mouth corner", "cheek", "temple", "jaw")
}
_LIPS = ("upper lip", "lower lip")
# Where the skin moves or folds, after the Facial Action Coding System (Ekman, Friesen & Hager 2002).
ACTION_UNIT_REGIONS: dict[int, tuple[str, ...]] = {
    1: ("forehead", *_BOTH["brow"]),
    2: ("forehead", *_BOTH["brow"]),
    4: ("glabella", *_BOTH["brow"]),
    5: (*_BOTH["upper lid"], *_BOTH["eye"]),
    6: (*_BOTH["lower lid"], *_BOTH["cheek"], *_BOTH["temple"]),
    7: (*_BOTH["upper lid"], *_BOTH["lower lid"], *_BOTH["eye"]),
    9: ("nose", "glabella", *_BOTH["naso-labial fold"]),
    10: ("upper lip", *_BOTH["naso-labial fold"]),
    12: (*_BOTH["mouth corner"], *_BOTH["naso-labial fold"], *_BOTH["cheek"]),
    14: _BOTH["mouth corner"],
    15: (*_BOTH["mouth corner"], "lower lip"),
    16: ("lower lip",),
    17: ("chin", "lower lip"),
    18: _LIPS,
    20: (*_LIPS, *_BOTH["mouth corner"]),
    22: _LIPS,
    23: _LIPS,
    24: _LIPS,
    25: _LIPS,
    26: (*_LIPS, "chin", *_BOTH["jaw"]),
    27: (*_LIPS, "chin", *_BOTH["jaw"]),
    28: (*_LIPS, "chin"),
    43: (*_BOTH["upper lid"], *_BOTH["lower lid"], *_BOTH["eye"]),
    45: (*_BOTH["upper lid"], *_BOTH["lower lid"], *_BOTH["eye"]),
}


@cache
def region_map(height: int = HEIGHT) -> tuple[np.ndarray, tuple[str, ...]]:
    """Region of each pixel of the canonical face, and the names: ``'outside the face'`` is number 0.

    Parameters
    ----------
    height : int
        Of the canonical face, pixels.

    Returns
    -------
    label : ndarray of int, shape (height, width)
    names : tuple of str
        "Right" and "left" are the person's.
    """
    face = canonical_face(468, height)
    known = topology(MEDIAPIPE_468)
    names = [OUTSIDE]
    label = np.zeros(face.shape, dtype=np.int32)

    def number(name: str) -> int:
        if name not in names:
            names.append(name)
        return names.index(name)

    nearest = _nearest_point(face)
    of_point = known.region_of
    for name in ("forehead", "nose", "chin", *_BOTH["temple"], *_BOTH["cheek"], *_BOTH["jaw"]):
        label[face.inside & (of_point[nearest] == name)] = number(name)
    # Around eyes, brows and lips the polygons below leave a rest, which belongs to what lies next to it.
    label = _grown(label, face.inside)
    for part, polygon in _SIDES.items():
        label[_filled(face, polygon)] = number(f"right {part}")
        label[_filled(face, known.mirror[list(polygon)])] = number(f"left {part}")
    for part, points in _MIDDLE.items():
        label[_filled(face, points)] = number(part)
    rows, columns = np.indices(face.shape) + 0.5
    for name, point in _CORNERS.items():
        x, y = face.points_px[point]
        label[(columns - x) ** 2 + (rows - y) ** 2 <= (_CORNER_RADIUS * height) ** 2] = number(name)
    label[~face.inside] = 0
    label.flags.writeable = False
    return label, tuple(names)


def region_mask(names: tuple[str, ...], height: int = HEIGHT) -> np.ndarray:
    """Pixels of some regions; bool, shape (height, width).

    Raises
    ------
    InputError
        If there is no such region.
    """
    label, known = region_map(height)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InputError(f"There is no region '{unknown[0]}' of the canonical face; there are: {', '.join(known)}.")
    return np.isin(label, [known.index(name) for name in names])


def action_unit_mask(unit: int, height: int = HEIGHT) -> np.ndarray:
    """Pixels where an action unit shows; bool, shape (height, width).

    Raises
    ------
    InputError
        If the unit has no place on the face here.
    """
    if unit not in ACTION_UNIT_REGIONS:
        known = ", ".join(map(str, ACTION_UNIT_REGIONS))
        raise InputError(f"There is no place for action unit {unit}; there are places for {known}.")
    return region_mask(ACTION_UNIT_REGIONS[unit], height)


def _nearest_point(face: CanonicalFace) -> np.ndarray:
    """Of the corners around each pixel, the one with the largest weight; shape (height, width), 0 outside."""
    result = np.zeros(face.shape, dtype=np.intp)
    weights = face.between.data.reshape(-1, 3)
    result[face.inside] = face.between.indices.reshape(-1, 3)[np.arange(len(weights)), weights.argmax(1)]
    return result


def _grown(label: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Pixels inside without a region get that of the nearest pixel that has one."""
    rest = inside & (label == 0)
    source = np.where(label > 0, 0, 1).astype(np.uint8)
    _, nearest = cv2.distanceTransformWithLabels(source, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL)
    of_nearest = np.zeros(int(nearest.max()) + 1, dtype=np.int32)
    of_nearest[nearest[label > 0]] = label[label > 0]
    return np.where(rest, of_nearest[nearest], label)


def _filled(face: CanonicalFace, points: Sequence[int] | np.ndarray) -> np.ndarray:
    picture = np.zeros(face.shape, dtype=np.uint8)
    polygon = np.round((face.points_px[list(points)] - 0.5) * 16).astype(np.int32)
    cv2.fillPoly(picture, [polygon], 1, lineType=cv2.LINE_8, shift=4)
    return picture > 0
