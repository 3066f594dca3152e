"""The face turned to the front and spread out: the picture inside the landmarker's mesh, and its texture in cells.

Each triangle of the mesh is carried from the picture to its place on the canonical face, so that the same pixel is the
same piece of skin whatever the head's pose, size and shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

from mien.features.crop import BRIGHTNESS, cut

SIDE_PX = 112
# What the flattened face shows of the canonical one in cm: left, right, bottom, top.
FRAME_CM = (-7.6, 7.6, -9.0, 6.2)
CELL_PX = 8
# Around eyes and mouth small things count: there, cells of 4 px as well.
FINE_PX = 4
FINE_ROWS = (slice(16, 40), slice(64, 92))
ORIENTATIONS = 6
# The picture is first brought to this many pixels between the eyes, so that a face close by has no finer skin.
EYES_PX = 56.0


@dataclass(frozen=True, eq=False)
class _Places:
    """Which corners of the mesh a pixel of the flattened face lies between, and with which shares."""

    pixel: np.ndarray
    corners: np.ndarray
    shares: np.ndarray


@cache
def _places() -> _Places:
    from mien.data.canonical import canonical_mesh

    mesh = canonical_mesh()
    left, right, bottom, top = FRAME_CM
    scale = SIDE_PX / np.array([right - left, top - bottom])
    flat = (mesh.vertices_cm[:, :2] - [left, top]) * scale * [1, -1]
    y, x = (part.ravel() + 0.5 for part in np.mgrid[:SIDE_PX, :SIDE_PX])
    nearest = np.full(SIDE_PX**2, -np.inf)
    corners, shares = np.zeros((SIDE_PX**2, 3), dtype=np.intp), np.zeros((SIDE_PX**2, 3))
    for triangle in mesh.triangles:
        a, b, c = flat[triangle]
        area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
        if abs(area) < 1e-9:
            continue
        second = ((x - a[0]) * (c[1] - a[1]) - (y - a[1]) * (c[0] - a[0])) / area
        third = ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) / area
        weights = np.stack([1 - second - third, second, third], axis=1)
        depth = weights @ mesh.vertices_cm[triangle, 2]
        taken = (weights >= -1e-9).all(1) & (depth > nearest)
        nearest[taken], corners[taken], shares[taken] = depth[taken], triangle, weights[taken]
    pixel = np.flatnonzero(np.isfinite(nearest))
    return _Places(pixel, corners[pixel], shares[pixel])


def flattened(picture: np.ndarray, points_px: np.ndarray) -> np.ndarray:
    """Brightness of the flattened face.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
    points_px : ndarray, shape (478 or 468, 2 or 3)
        Of the landmarker, in pixels with the origin at the picture's outer corner.

    Returns
    -------
    ndarray of float32, shape (112, 112)
        0 to 255; 0 where the mesh does not reach.
    """
    points = np.asarray(points_px, dtype=np.float64)[:468, :2]
    right, left = points[[33, 133]].mean(0), points[[263, 362]].mean(0)
    across = left - right
    side = float(np.hypot(*across))
    low, high = points.min(0), points.max(0)
    # An upright square around the points, at the size that is looked at.
    extent = float((high - low).max()) * 1.04
    size = max(16, round(extent / max(side, 1e-6) * EYES_PX))
    corner = (low + high) / 2 - extent / 2
    small = cut(picture, corner + extent / 2, np.array([extent, 0.0]), size).astype(np.float32) @ BRIGHTNESS
    places = _places()
    at = (points[places.corners] * places.shares[..., None]).sum(1)
    at = ((at - corner) * (size / extent) - 0.5).astype(np.float32)
    result = np.zeros(SIDE_PX**2, dtype=np.float32)
    taken = cv2.remap(small, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    result[places.pixel] = taken[0]
    return result.reshape(SIDE_PX, SIDE_PX)


def folded_texture(flat: np.ndarray) -> np.ndarray:
    """Shading and edges of a flattened face in cells of 8 px, around eyes and mouth of 4 px, mean of both halves.

    Brightness is divided by its mean in a wide surrounding, so that light, skin and exposure fall out; edges are the
    square roots of summed gradients in six directions, 0 where the mesh does not reach, relative to their mean.

    Parameters
    ----------
    flat : ndarray, shape (112, 112)

    Returns
    -------
    ndarray of float32, shape (cells,)
        Each layer's cells from top to bottom and from the side to the middle: shading, then the six directions; then
        shading, edges across and edges down in the small cells of the eyes, and of the mouth.
    """
    inside = _inside()
    wide = cv2.GaussianBlur(flat * inside, (0, 0), 10) / np.maximum(cv2.GaussianBlur(inside, (0, 0), 10), 1e-3)
    even = np.where(inside > 0, flat / np.maximum(wide, 4.0) - 1, 0).astype(np.float32)
    across, down = np.zeros_like(even), np.zeros_like(even)
    across[:, 1:-1], down[1:-1] = even[:, 2:] - even[:, :-2], even[2:] - even[:-2]
    core = cv2.erode(inside, np.ones((3, 3), np.uint8))
    strength = np.hypot(across, down) * core
    # Shared by the two directions next to it, so that nothing jumps.
    angle = np.mod(np.arctan2(down, across), np.pi) * ORIENTATIONS / np.pi
    lower = np.floor(angle).astype(int) % ORIENTATIONS
    upper_share = angle - np.floor(angle)
    layers = [even]
    for one in range(ORIENTATIONS):
        share = (lower == one) * (1 - upper_share) + ((lower + 1) % ORIENTATIONS == one) * upper_share
        layers.append((strength * share).astype(np.float32))
    coarse = _in_cells(np.stack(layers), CELL_PX)
    coarse[1:] = _shares(np.sqrt(coarse[1:]))
    mirrored = coarse[:, :, ::-1].copy()
    # A mirrored edge at angle a stands at 180 degrees - a.
    mirrored[1:] = mirrored[1:][[(-one) % ORIENTATIONS for one in range(ORIENTATIONS)]]
    parts = [_one_half(coarse, mirrored)]
    fine = np.stack([even, np.abs(across) * core, np.abs(down) * core])
    for rows in FINE_ROWS:
        cells = _in_cells(fine[:, rows], FINE_PX)
        cells[1:] = _shares(cells[1:])
        parts.append(_one_half(cells, cells[:, :, ::-1]))
    return np.concatenate(parts)


def _in_cells(layers: np.ndarray, side: int) -> np.ndarray:
    """Means of layers over square cells, shape (layers, rows of cells, columns of cells)."""
    count, height, width = layers.shape
    means: np.ndarray = layers.reshape(count, height // side, side, width // side, side).mean((2, 4))
    return means


def _shares(edges: np.ndarray) -> np.ndarray:
    """Edges relative to their mean: how sharp a picture is, and how rough a skin, falls out."""
    found: np.ndarray = edges / max(float(edges.mean()), 1e-4)
    return found


def _one_half(cells: np.ndarray, mirrored: np.ndarray) -> np.ndarray:
    """Mean of cells and of those of the mirrored face, from the side to the middle, as one row."""
    return (0.5 * (cells + mirrored)[:, :, : cells.shape[2] // 2]).astype(np.float32).ravel()


@cache
def _inside() -> np.ndarray:
    mask = np.zeros(SIDE_PX**2, dtype=np.float32)
    mask[_places().pixel] = 1
    return mask.reshape(SIDE_PX, SIDE_PX)
