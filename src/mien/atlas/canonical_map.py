"""Maps of faces carried to one canonical face and back, by affine maps of the mesh's triangles.

Evidence is carried as an amount: a pixel of the canonical face gets what lies in the part of the picture that it stands
for, so that the sum over a region stays the same. What the picture does not show (turned away, behind the nose, outside
the frame) is missing, NaN, and not zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import scipy  # loads its parts when they are asked for, which is not always

from mien.atlas.frontal import frontal_points
from mien.core.errors import InputError
from mien.core.topology import IBUG_68, MEDIAPIPE_468, MEDIAPIPE_478, topology_of_count
from mien.data.canonical import canonical_mesh

HEIGHT = 224
# Of the face's height, free on every side.
_MARGIN = 0.04
# A triangle seen at less than this share of the median one's size is seen too flat to say anything.
_FLATTEST = 0.05
# A pixel lies behind another one where it is farther from the camera by this share of the face's height.
_BEHIND = 0.05


@dataclass(frozen=True, eq=False)
class CanonicalFace:
    """The canonical face seen from the front, as a picture.

    Attributes
    ----------
    points_px : ndarray of float64, shape (points, 2)
        x right and y down, from the outer corner of the top left pixel.
    triangles : ndarray of int, shape (triangles, 3)
    triangle : ndarray of int, shape (height, width)
        Which triangle each pixel lies in; -1 outside the face.
    between : sparse array, shape (inside, points)
        Numbers of points -> numbers of the pixels inside, row by row: weights of the three corners around each.
    """

    points_px: np.ndarray
    triangles: np.ndarray
    triangle: np.ndarray
    between: scipy.sparse.csr_array

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width."""
        return self.triangle.shape[0], self.triangle.shape[1]

    @property
    def inside(self) -> np.ndarray:
        """Pixels of the face; bool, shape (height, width)."""
        return self.triangle >= 0


@cache
def canonical_face(points: int = 478, height: int = HEIGHT) -> CanonicalFace:
    """The canonical face for 478 or 468 points (the landmarker's mesh) or 68 points (their Delaunay triangles).

    Parameters
    ----------
    points : int
        478, 468 or 68.
    height : int
        Pixels.

    Raises
    ------
    InputError
        For another number of points.
    WeightsError
        If the canonical mesh was not pulled.
    """
    name = topology_of_count(points).name
    if name in (MEDIAPIPE_478, MEDIAPIPE_468):
        mesh = canonical_mesh()
        places, triangles, depth = frontal_points(MEDIAPIPE_468), mesh.triangles, -mesh.vertices_cm[:, 2]
    elif name == IBUG_68:
        places = frontal_points(IBUG_68)
        triangles, depth = scipy.spatial.Delaunay(places).simplices, np.zeros(len(places))
    else:
        raise InputError(f"There is no canonical face for {points} points.")
    # Both forms lie in one picture, so that both have its regions.
    whole = frontal_points(MEDIAPIPE_468)
    low, high = whole.min(0), whole.max(0)
    scale = height * (1 - 2 * _MARGIN) / (high[1] - low[1])
    width = int(np.ceil((high[0] - low[0]) * scale + 2 * _MARGIN * height))
    centre = np.array([width, height]) / 2
    pixels = (places - (low + high) / 2) * scale + centre
    triangles = _turned(pixels, np.asarray(triangles, dtype=np.intp))
    triangle = _painted(pixels, triangles, depth[triangles].mean(1), (height, width))
    for array in (pixels, triangles, triangle):
        array.flags.writeable = False
    return CanonicalFace(pixels, triangles, triangle, _between(pixels, triangles, triangle))


def to_canonical(values: np.ndarray, points: np.ndarray, height: int = HEIGHT) -> np.ndarray:
    """Maps over pictures of faces, carried to the canonical face.

    Parameters
    ----------
    values : ndarray, shape (samples, height, width)
        Signed amounts per pixel.
    points : ndarray, shape (samples, 478, 468 or 68, 2 or 3)
        The faces' points in pixels of these pictures, from the outer corner of the top left pixel; z, where there is
        one, toward the camera negative. Rows with NaN give maps of NaN.
    height : int
        Of the canonical face, pixels.

    Returns
    -------
    ndarray of float32, shape (samples, height, width of the canonical face)
        Amount per pixel of the canonical face; NaN where the picture shows no such place, and outside the face.

    Raises
    ------
    InputError
        If there is not one face per map.

    Notes
    -----
    Piecewise affine, as in Gaya-Morey et al. (arXiv 2401.11835), with the triangles of the landmarker's mesh instead of
    those of 89 points, and with amounts and hidden parts kept apart. Bilinear between pixels; where the picture is
    larger than the canonical face, it is smoothed first, so that thin lines are not lost.
    """
    pictures, faces = np.asarray(values, dtype=np.float32), np.asarray(points, dtype=np.float64)
    if pictures.ndim != 3 or faces.ndim != 3 or len(pictures) != len(faces):
        raise InputError(
            f"Maps have the shape (samples, height, width) and points (samples, points, 2 or 3), but got "
            f"{pictures.shape} and {faces.shape}."
        )
    face = canonical_face(faces.shape[1], height)
    known = np.isfinite(faces).all((1, 2))
    result = np.full((len(pictures), *face.shape), np.nan, dtype=np.float32)
    for row in np.flatnonzero(known):
        result[row] = _carried(pictures[row], faces[row, : len(face.points_px)], face)
    return result


def from_canonical(values: np.ndarray, points: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Maps of the canonical face, carried to pictures of faces.

    Parameters
    ----------
    values : ndarray, shape (samples, height, width of the canonical face)
    points : ndarray, shape (samples, 478, 468 or 68, 2 or 3)
        As for ``to_canonical``.
    shape : (int, int)
        Height and width of the pictures.

    Returns
    -------
    ndarray of float32, shape (samples, *shape)
        Amount per pixel of the picture; NaN outside the face and where the map is missing.
    """
    maps, faces = np.asarray(values, dtype=np.float32), np.asarray(points, dtype=np.float64)
    face = canonical_face(faces.shape[1], maps.shape[1])
    result = np.full((len(maps), *shape), np.nan, dtype=np.float32)
    for row in np.flatnonzero(np.isfinite(faces).all((1, 2))):
        result[row] = _carried_back(maps[row], faces[row, : len(face.points_px)], face, shape)
    return result


def spread_over(amounts: np.ndarray, height: int = HEIGHT) -> np.ndarray:
    """Amounts at the points of faces, spread over the canonical face so that their sum stays the same.

    Parameters
    ----------
    amounts : ndarray, shape (samples, 478, 468 or 68)
        Evidence of each point, such as the sum over time and coordinates. The ten iris points of 478 count for the
        nearest point of the mesh.
    height : int

    Returns
    -------
    ndarray of float32, shape (samples, height, width)
        NaN outside the face.
    """
    given = np.asarray(amounts, dtype=np.float64)
    face = canonical_face(given.shape[1], height)
    count = len(face.points_px)
    at_points = given[:, :count].copy()
    if given.shape[1] > count:
        iris = frontal_points(MEDIAPIPE_478)[count:]
        mesh = frontal_points(MEDIAPIPE_468)
        nearest = ((iris[:, None] - mesh) ** 2).sum(-1).argmin(1)
        np.add.at(at_points.T, nearest, given[:, count:].T)
    # What each point's hat function sums to over the pixels that are seen.
    area = np.asarray(face.between.sum(0)).ravel()
    density = np.divide(at_points, area, out=np.zeros_like(at_points), where=area > 1e-9)
    result = np.full((len(given), *face.shape), np.nan, dtype=np.float32)
    result[:, face.inside] = (face.between @ density.T).T
    return result


def _carried(picture: np.ndarray, points: np.ndarray, face: CanonicalFace) -> np.ndarray:
    corners = points[face.triangles]
    ratio = _areas(corners) / _areas(face.points_px[face.triangles])
    seen = ratio > _FLATTEST * np.median(ratio[ratio > 0]) if (ratio > 0).any() else ratio > 0
    inside = face.inside
    triangle = face.triangle[inside]
    growth, places = np.split(face.between @ np.column_stack([_growth(points, face), points]), [1], axis=1)
    height, width = picture.shape
    usable = seen[triangle] & (places[:, :2] >= 0).all(1) & (places[:, 0] <= width) & (places[:, 1] <= height)
    if points.shape[1] == 3:
        usable &= ~_behind(places, np.ptp(points[:, 1]))
    larger = float(np.sqrt(np.median(ratio[seen]))) if seen.any() else 1.0
    if larger > 1:
        picture = cv2.GaussianBlur(picture, (0, 0), 0.5 * (larger - 1) + 1e-3)
    result = np.full(face.shape, np.nan, dtype=np.float32)
    xy = np.zeros((*face.shape, 2), dtype=np.float32)
    xy[inside] = places[:, :2] - 0.5
    sampled = cv2.remap(picture, xy, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    amount = sampled[inside] * growth[:, 0].astype(np.float32)
    result[inside] = np.where(usable, amount, np.nan)
    return result


def _carried_back(values: np.ndarray, points: np.ndarray, face: CanonicalFace, shape: tuple[int, int]) -> np.ndarray:
    corners = points[face.triangles]
    ratio = _areas(corners[..., :2]) / _areas(face.points_px[face.triangles])
    depth = corners[..., 2].mean(1) if points.shape[1] == 3 else np.zeros(len(corners))
    triangle = _painted(points[:, :2], face.triangles, np.where(ratio > 0, depth, np.inf), shape)
    rows, columns = np.nonzero(triangle >= 0)
    which = triangle[rows, columns]
    between = _between(points[:, :2], face.triangles, triangle)
    xy = np.zeros((*shape, 2), dtype=np.float32)
    growth, places = np.split(between @ np.column_stack([_growth(points, face), face.points_px]), [1], axis=1)
    xy[rows, columns] = places - 0.5
    sampled = cv2.remap(_filled(values), xy, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    known = cv2.remap(np.isfinite(values).astype(np.float32), xy, None, cv2.INTER_NEAREST)
    result = np.full(shape, np.nan, dtype=np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        amount = sampled[rows, columns] / growth[:, 0].astype(np.float32)
    result[rows, columns] = np.where(
        (ratio[which] > 0) & (growth[:, 0] > 0) & (known[rows, columns] > 0), amount, np.nan
    )
    return result


def _growth(points: np.ndarray, face: CanonicalFace) -> np.ndarray:
    """Pixels of the picture for one pixel of the canonical face around each point, shape (points,)."""
    seen = np.maximum(_areas(points[face.triangles]), 0.0)
    corners, count = face.triangles.T.ravel(), len(points)
    area = np.bincount(corners, np.tile(_areas(face.points_px[face.triangles]), 3), count)
    return np.divide(np.bincount(corners, np.tile(seen, 3), count), area, out=np.zeros(count), where=area > 0)


def _filled(values: np.ndarray) -> np.ndarray:
    """Missing pixels with the nearest known value, so that bilinear sampling beside them is not pulled to zero."""
    missing = ~np.isfinite(values)
    if not missing.any() or missing.all():
        return np.nan_to_num(values)
    _, label = cv2.distanceTransformWithLabels(missing.astype(np.uint8), cv2.DIST_L2, 3, labelType=cv2.DIST_LABEL_PIXEL)
    nearest = np.zeros(int(label.max()) + 1, dtype=np.float32)
    nearest[label[~missing]] = values[~missing]
    return np.where(missing, nearest[label], values).astype(np.float32)


def _areas(corners: np.ndarray) -> np.ndarray:
    """Signed areas of triangles, shape (triangles,); their sign says from which side they are seen."""
    (ax, ay), (bx, by) = (np.moveaxis(corners[:, i, :2] - corners[:, 0, :2], -1, 0) for i in (1, 2))
    return np.asarray((ax * by - ay * bx) / 2)


def _turned(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Triangles with the corners of all in one sense."""
    backward = _areas(points[triangles]) < 0
    result = triangles.copy()
    result[backward] = result[backward][:, ::-1]
    return result


def _painted(points: np.ndarray, triangles: np.ndarray, depth: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Which triangle is seen at each pixel, the nearest one where several lie; -1 where there is none."""
    result = np.full(shape, -1, dtype=np.int32)
    corners = np.round((points[triangles] - 0.5) * 16).astype(np.int32)
    for number in np.argsort(-depth, kind="stable"):
        if np.isfinite(depth[number]):
            cv2.fillConvexPoly(result, corners[number], int(number), lineType=cv2.LINE_8, shift=4)
    return result


def _between(points: np.ndarray, triangles: np.ndarray, triangle: np.ndarray) -> scipy.sparse.csr_array:
    """Weights of the corners around each pixel that shows a triangle, shape (pixels, points)."""
    rows, columns = np.nonzero(triangle >= 0)
    corners = triangles[triangle[rows, columns]]
    a, b, c = (points[corners[:, i]] for i in range(3))
    one, other, place = b - a, c - a, np.stack([columns + 0.5, rows + 0.5], axis=1) - a
    area = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    area = np.where(np.abs(area) > 1e-12, area, np.inf)
    u = (place[:, 0] * other[:, 1] - place[:, 1] * other[:, 0]) / area
    v = (one[:, 0] * place[:, 1] - one[:, 1] * place[:, 0]) / area
    # The middle of a pixel on the rim may lie a little outside.
    weight = np.clip(np.stack([1 - u - v, u, v], axis=1), 0.0, None)
    weight /= weight.sum(1, keepdims=True)
    starts = np.arange(0, 3 * len(rows) + 1, 3)
    return scipy.sparse.csr_array((weight.ravel(), corners.ravel(), starts), shape=(len(rows), len(points)))


def _behind(places: np.ndarray, height: float) -> np.ndarray:
    """Whether another part of the face lies before a place, shape (places,); ``places`` are x, y, z in pixels."""
    cell = max(1.0, height / 100)
    column, row = np.floor(places[:, :2] / cell).astype(np.int64).T
    column, row = column - column.min(), row - row.min()
    key = row * (int(column.max()) + 1) + column
    nearest = np.full(int(key.max()) + 1, np.inf)
    np.minimum.at(nearest, key, places[:, 2])
    return np.asarray(places[:, 2] > nearest[key] + _BEHIND * height)
