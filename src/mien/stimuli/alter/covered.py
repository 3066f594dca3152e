"""Eyes or mouth covered, by the landmarks of the face."""

from __future__ import annotations

import re

import cv2
import numpy as np

from mien.core.errors import InputError
from mien.stimuli.alter.given import Given

EYES, MOUTH = ("right eye", "left eye"), ("mouth",)
_NAMED = {"black": (0, 0, 0), "grey": (128, 128, 128), "white": (255, 255, 255)}


def eyes_covered(given: Given, *, cover: str = "mean") -> np.ndarray:
    """Both eyes with their lids covered by one colour: ``'mean'`` of the face, black, grey, white or ``'#rrggbb'``."""
    return _covered(given, EYES, cover)


def mouth_covered(given: Given, *, cover: str = "mean") -> np.ndarray:
    """The mouth with its surroundings covered by one colour: as ``eyes_covered``."""
    return _covered(given, MOUTH, cover)


def _covered(given: Given, regions: tuple[str, ...], cover: str) -> np.ndarray:
    result = given.pixels.copy()
    for region in regions:
        inside = hull(given.regions[region], given.pixels.shape[:2])
        result[inside] = _colour(cover, given)
    return result


def hull(points: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Pixels inside the convex hull of points (x, y); bool, of this shape."""
    mask = np.zeros(shape[:2], dtype=np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(np.rint(points).astype(np.int32)), 1)
    return mask.astype(bool)


def _colour(cover: str, given: Given) -> np.ndarray:
    if cover == "mean":
        inside = hull(np.concatenate(list(given.regions.values())), given.pixels.shape)
        return np.asarray(given.pixels[inside].mean(axis=0) if inside.any() else given.pixels.mean(axis=(0, 1)))
    return np.array(colour_of(cover), dtype=np.float64)


def colour_of(cover: str) -> tuple[int, ...]:
    """Red, green and blue of a colour's name or of ``'#rrggbb'``.

    Raises
    ------
    InputError
        If it is neither.
    """
    if cover in _NAMED:
        return _NAMED[cover]
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", cover):
        raise InputError(f"cover is 'mean', {', '.join(map(repr, _NAMED))} or '#rrggbb', but got '{cover}'.")
    return tuple(bytes.fromhex(cover[1:]))
