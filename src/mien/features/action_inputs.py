"""What the learnt action units look at: points turned to the front, blendshapes, texture; the same for both halves."""

from __future__ import annotations

from functools import cache

import numpy as np

from mien.core.faces import BLENDSHAPES
from mien.core.topology import MEDIAPIPE_478, topology
from mien.features.flattened import flattened, folded_texture
from mien.features.geometry import frontal

PARTS = ("points", "blendshapes", "texture")


@cache
def halves() -> tuple[np.ndarray, np.ndarray]:
    """One point of each pair of mirror partners of the 478, and its partner (itself on the midline)."""
    mirror = topology(MEDIAPIPE_478).mirror
    first = np.flatnonzero(np.arange(478) <= mirror)
    return first, mirror[first]


@cache
def sides() -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Blendshapes by the name that both sides share, with their places."""
    found: dict[str, list[int]] = {}
    for place, name in enumerate(BLENDSHAPES):
        found.setdefault(name.removesuffix("Left").removesuffix("Right"), []).append(place)
    return tuple((name, tuple(places)) for name, places in found.items())


def of_points(landmarks_px: np.ndarray) -> np.ndarray:
    """Frontal points, mean of both halves, in inter-ocular distances; shape (rows, points of a half * 3)."""
    front = frontal(landmarks_px, MEDIAPIPE_478)
    first, partner = halves()
    other = front[:, partner] * np.array([-1.0, 1.0, 1.0])
    return (0.5 * (front[:, first] + other)).reshape(len(front), len(first) * 3)


def of_blendshapes(blendshapes: np.ndarray) -> np.ndarray:
    """Blendshapes, mean of both sides; shape (rows, names of ``sides``)."""
    return np.stack([blendshapes[:, list(places)].mean(1) for _, places in sides()], axis=1)


def inputs_of(landmarks_px: np.ndarray, blendshapes: np.ndarray, pictures: list[np.ndarray]) -> np.ndarray:
    """All inputs of faces of the landmarker.

    Parameters
    ----------
    landmarks_px : ndarray, shape (rows, 478, 3)
    blendshapes : ndarray, shape (rows, 52)
    pictures : list of ndarray of uint8, each of shape (height, width, 3)
        The picture that each face is in.

    Returns
    -------
    ndarray of float32, shape (rows, inputs)
    """
    texture = [
        folded_texture(flattened(picture, points)) for picture, points in zip(pictures, landmarks_px, strict=True)
    ]
    return np.concatenate([of_points(landmarks_px), of_blendshapes(blendshapes), np.array(texture)], 1).astype("f4")
