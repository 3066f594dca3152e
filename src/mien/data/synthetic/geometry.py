"""The face the synthetic people are made from: canonical mesh, closed lips, ten iris points, named rings.

Coordinates are centimetres in the frame of the head: x toward the person's left (right in a picture), y up,
z toward the camera. "Right" points have x < 0.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import sparse
from scipy.interpolate import PchipInterpolator

from mien.core.topology import MEDIAPIPE_478, topology
from mien.data.canonical import canonical_mesh

IRIS_RADIUS_CM = 0.585  # half of the horizontal visible iris diameter, 11.7 mm (Ruefer et al. 2005)

# Rings of the landmarker's mesh, person's right half first; eyelid rings run from outer to inner corner.
UPPER_LID = (246, 161, 160, 159, 158, 157, 173)
LOWER_LID = (7, 163, 144, 145, 153, 154, 155)
UPPER_CREASE = (247, 30, 29, 27, 28, 56, 190)
LOWER_CREASE = (25, 110, 24, 23, 22, 26, 112)
EYE_CORNERS = (33, 133)
# Lip rings from outside to inside, each from the right corner along to the left corner.
UPPER_LIP = (
    (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291),
    (76, 184, 74, 73, 72, 11, 302, 303, 304, 408, 306),
    (62, 183, 42, 41, 38, 12, 268, 271, 272, 407, 292),
    (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308),
)
LOWER_LIP = (
    (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291),
    (76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306),
    (62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292),
    (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308),
)
_RIM = np.array([[0, 0], [1, 0], [0, 1], [-1, 0], [0, -1]], dtype=float)  # centre, picture right, up, left, down


@cache
def neighbours() -> sparse.csr_matrix:
    """Matrix that gives the mean over the neighbours of each of the 468 points of the mesh."""
    a, b, c = canonical_mesh().triangles.T
    rows, columns = np.concatenate([a, b, c, b, c, a]), np.concatenate([b, c, a, a, b, c])
    joined = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), (468, 468)).sign()
    return sparse.diags(1 / joined.sum(1).A1) @ joined


def both_sides(points: tuple[int, ...]) -> np.ndarray:
    """Points of the right half together with their partners."""
    one = np.array(points)
    return np.concatenate([one, topology(MEDIAPIPE_478).mirror[one]])


@dataclass(frozen=True, eq=False)
class Eyes:
    """Eyeballs of one face.

    Attributes
    ----------
    centre_cm : ndarray, shape (2, 3)
        Centre of the right and the left eyeball.
    radius_cm : ndarray, shape (2,)
        Radius of the visible front of each eyeball.
    """

    centre_cm: np.ndarray
    radius_cm: np.ndarray


@cache
def rest_points() -> np.ndarray:
    """The canonical face with closed lips and irises, shape (478, 3); read-only."""
    points = np.concatenate([canonical_mesh().vertices_cm, np.zeros((10, 3))])
    points = _lifelike(_close_lips(points))
    points[468:] = iris_points(eyes_of(points), np.zeros(2))
    points.flags.writeable = False
    return points


def _close_lips(points: np.ndarray) -> np.ndarray:
    # The canonical mouth stands 5 mm open; a resting mouth is closed. Outer rings follow less than inner ones.
    points = points.copy()
    gap = points[list(UPPER_LIP[3]), 1:] - points[list(LOWER_LIP[3]), 1:]
    gap[:, 0] -= 0.03 * (gap[:, 0] > 0.03)
    for ring, share in enumerate((0.45, 0.7, 0.9, 1.0)):
        points[list(UPPER_LIP[ring][1:-1]), 1:] -= 0.4 * share * gap[1:-1]
        points[list(LOWER_LIP[ring][1:-1]), 1:] += 0.6 * share * gap[1:-1]
    chin = np.clip((-4.8 - points[:, 1]) / 1.2, 0, 1)
    lips = np.concatenate([np.array(ring) for ring in (*UPPER_LIP, *LOWER_LIP)])
    chin[lips] = 0
    chin[468:] = 0
    points[:, 1] += 0.15 * chin
    return points


# How the mean of the landmarker's points on 75 frontal portraits of adults, neutral and smiling (Face Research Lab
# London Set, CC BY 4.0), differs from the canonical mesh, in cm, rounded: narrower temples and jaw, wider nose, mouth
# and brows, eyes that are wider open with higher creases, a shorter chin.
_LATERAL = PchipInterpolator(
    [0, 1.8, 2.5, 4.0, 4.8, 5.9, 6.7, 7.75, 9], [0, 2.0, 2.74, 4.32, 5.05, 5.76, 6.34, 7.25, 8.4]
)
_LID = PchipInterpolator([2.55, 2.95, 3.2, 3.75, 4.6, 5.1, 6.0], [0, 0.32, 0.66, 0.5, 0.16, 0.08, 0])
_RIM_UP = PchipInterpolator(
    [-9.5, -6.2, -5, -1, 0.7, 2.4, 5.4, 8.3], [0.28, 0.38, 0.42, 0.08, -0.09, -0.26, -0.4, -0.1]
)


def _lifelike(points: np.ndarray) -> np.ndarray:
    moved = points.copy()
    lateral, up = np.abs(points[:, 0]), points[:, 1]
    eye = 1 - smooth(2.5 * (np.hypot((lateral - 3.15) / 1.9, (up - 2.7) / 1.0) - 0.8))
    wide = (1 - eye) * _LATERAL(lateral) + eye * (3.15 + 1.1 * (lateral - 3.15))
    moved[:, 0] = np.sign(points[:, 0]) * wide
    above = np.clip(1 - ((lateral - 3.35) / 1.75) ** 2, 0, 1)
    moved[:, 1] += above * np.where((up > 2.55) & (up < 6), _LID(np.clip(up, 2.55, 6)), 0)
    rim = np.maximum(smooth((lateral - 4.8) / 1.4), smooth((-6.8 - up) / 1.8))
    moved[:, 1] += rim * _RIM_UP(np.clip(up, -9.5, 8.3))
    return moved


def smooth(t: np.ndarray) -> np.ndarray:
    """0 up to t = 0, 1 from t = 1 on, with level ends."""
    t = np.clip(t, 0, 1)
    return t * t * (3 - 2 * t)


def eyes_of(points: np.ndarray) -> Eyes:
    """Eyeballs that fit the eye corners of ``points``, shape (478, 3)."""
    corners = points[both_sides(EYE_CORNERS).reshape(2, 2)]  # side, corner, axis
    width = np.linalg.norm(corners[:, 0] - corners[:, 1], axis=-1)
    radius = 0.575 * width
    centre = corners.mean(1)
    centre[:, 1] += 0.06 * width
    centre[:, 2] += 0.27 - radius  # the front of the eyeball lies a little before the plane of the corners
    return Eyes(centre, radius)


def iris_points(eyes: Eyes, gaze_deg: np.ndarray) -> np.ndarray:
    """Centre and four rim points of both irises, shape (..., 10, 3), for gaze (pitch, yaw), shape (..., 2)."""
    pitch, yaw = np.moveaxis(np.deg2rad(np.asarray(gaze_deg, dtype=float)), -1, 0)
    forward = np.stack([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)], -1)
    right = np.stack([np.cos(yaw), np.zeros_like(yaw), -np.sin(yaw)], -1)
    up = np.cross(forward, right)
    depth = np.sqrt(np.maximum(eyes.radius_cm**2 - IRIS_RADIUS_CM**2, 0.1))
    rim = IRIS_RADIUS_CM * (_RIM[:, :1] * right[..., None, :] + _RIM[:, 1:] * up[..., None, :])
    discs = eyes.centre_cm[:, None] + depth[:, None, None] * forward[..., None, None, :] + rim[..., None, :, :]
    return discs.reshape(*discs.shape[:-3], 10, 3)
