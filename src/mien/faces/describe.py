"""Measures of a face from its 478 points: head pose, irises, eyelids, a gaze proxy, quality."""

from typing import Any

import cv2
import numpy as np

from mien.data.canonical import canonical_mesh

# Sides in the order of ``Faces``: the person's right, then left.
IRIS_CENTRES = (468, 473)
IRIS_RIMS = ((469, 470, 471, 472), (474, 475, 476, 477))
EYE_CORNERS = ((33, 133), (263, 362))
EYELIDS = (((160, 144), (159, 145), (158, 153)), ((387, 373), (386, 374), (385, 380)))
# Mean adult eyeball radius and palpebral fissure length in millimetres (Bekerman et al. 2014; Farkas 1994).
EYEBALL_RADIUS_MM, EYE_WIDTH_MM = 12.0, 30.7
# Irises rest above the line between the corners of the eye: mean over 102 neutral faces that look into the camera
# (Face Research Lab London Set, DeBruine and Jones 2017, CC BY 4.0).
GAZE_REST_PITCH_DEG = 11.8

SMALL_IOD_PX = 24
# A Gaussian blur of about 1/25 of the inter-ocular distance.
BLURRED_SHARPNESS = 6.0
DARK_GREY = 40
TURNED_YAW_DEG, TURNED_PITCH_DEG = 40, 30
TRUNCATED_SHARE = 0.02


def describe(landmarks_px: np.ndarray, grey: np.ndarray, width_px: np.ndarray, height_px: np.ndarray) -> dict[str, Any]:
    """Columns of ``Faces`` that follow from the points.

    Parameters
    ----------
    landmarks_px : ndarray, shape (faces, 478, 3)
    grey : ndarray of uint8, shape (faces, 128, 128)
        Level grey crops.
    width_px, height_px : ndarray of int, shape (faces,)
        Size of each face's picture.

    Returns
    -------
    dict
        Arrays whose first axis is faces, named as the columns of ``Faces``.
    """
    points = np.asarray(landmarks_px, dtype=np.float64)
    rotation = head_rotation(points)
    pose = rotation_to_degrees(rotation)
    iris = points[:, IRIS_CENTRES, :2]
    line = points[:, EYE_CORNERS[1][0], :2] - points[:, EYE_CORNERS[0][0], :2]
    low, high = points[:, :, :2].min(axis=1), points[:, :, :2].max(axis=1)
    sharp = sharpness(grey)
    size = np.stack([width_px, height_px], axis=1)[:, None]
    outside = ((points[:, :, :2] < 0) | (points[:, :, :2] > size)).any(axis=2).mean(axis=1)
    flags = {
        "small": np.linalg.norm(iris[:, 1] - iris[:, 0], axis=1) < SMALL_IOD_PX,
        "blurred": sharp < BLURRED_SHARPNESS,
        "dark": grey.mean(axis=(1, 2)) < DARK_GREY,
        "turned": (np.abs(pose[:, 1]) > TURNED_YAW_DEG) | (np.abs(pose[:, 0]) > TURNED_PITCH_DEG),
        "truncated": outside > TRUNCATED_SHARE,
    }
    quality = [" ".join(name for name, mask in flags.items() if mask[row]) for row in range(len(points))]
    return {
        "box_px": np.concatenate([low, high - low], axis=1),
        "pose_deg": pose,
        "roll_deg": np.degrees(np.arctan2(line[:, 1], line[:, 0])),
        "iris_px": iris,
        "iris_diameter_px": np.stack([_iris_diameter(points, rims) for rims in IRIS_RIMS], axis=1),
        "eye_opening": np.stack([_eye_opening(points, side) for side in (0, 1)], axis=1),
        "gaze_deg": gaze_proxy(points, rotation),
        "sharpness": sharp,
        "quality": np.array(quality, dtype=object),
    }


def head_rotation(points: np.ndarray) -> np.ndarray:
    """Rotation from the canonical face to each face.

    Weighted orthogonal Procrustes on the landmarker's own basis points (Kabsch 1976), in axes x right, y up,
    z toward the camera.

    Parameters
    ----------
    points : ndarray, shape (faces, 478, 3)
        Pixels; x right, y down, z negative toward the camera.

    Returns
    -------
    ndarray, shape (faces, 3, 3)
    """
    mesh = canonical_mesh()
    weight = mesh.basis_weights / mesh.basis_weights.sum()
    model = mesh.vertices_cm[mesh.basis_points]
    model = model - weight @ model
    seen = points[:, mesh.basis_points] * [1, -1, -1]
    seen = seen - np.einsum("p,fpc->fc", weight, seen)[:, None]
    u, _, vt = np.linalg.svd(np.einsum("p,fpi,pj->fij", weight, seen, model))
    sign = np.ones((len(points), 3))
    sign[:, 2] = np.sign(np.linalg.det(u @ vt))
    return (u * sign[:, None]) @ vt


def rotation_to_degrees(rotation: np.ndarray) -> np.ndarray:
    """Pitch (+ up), yaw (+ to the person's left) and roll (+ clockwise in the picture).

    Parameters
    ----------
    rotation : ndarray, shape (faces, 3, 3)
        Axes x right in the picture, y up, z toward the camera. Read as yaw after pitch after roll.

    Returns
    -------
    ndarray, shape (faces, 3)
        Degrees.
    """
    # The third column is where the face points to.
    pitch = np.arcsin(np.clip(rotation[:, 1, 2], -1, 1))
    yaw = np.arctan2(rotation[:, 0, 2], rotation[:, 2, 2])
    roll = -np.arctan2(rotation[:, 1, 0], rotation[:, 1, 1])
    return np.degrees(np.stack([pitch, yaw, roll], axis=1))


def _iris_diameter(points: np.ndarray, rims: tuple[int, ...]) -> np.ndarray:
    across = np.linalg.norm(points[:, rims[0]] - points[:, rims[2]], axis=1)
    return (across + np.linalg.norm(points[:, rims[1]] - points[:, rims[3]], axis=1)) / 2


def _eye_opening(points: np.ndarray, side: int) -> np.ndarray:
    """Mean distance of three pairs of lid points over the distance of the eye's corners, in three dimensions.

    The eye aspect ratio of Soukupova and Cech (2016), with one more pair.
    """
    outer, inner = EYE_CORNERS[side]
    width = np.linalg.norm(points[:, outer] - points[:, inner], axis=1)
    lids = [np.linalg.norm(points[:, top] - points[:, bottom], axis=1) for top, bottom in EYELIDS[side]]
    return np.mean(lids, axis=0) / np.maximum(width, 1e-9)


def gaze_proxy(points: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """Pitch and yaw of gaze relative to the head, degrees, mean of both eyes.

    The displacement of the iris from the middle between the eye's corners, in the frame of the head, is read as
    a turn of a mean-sized eyeball. A proxy: it is not calibrated to the person, and its zero depends on the eye's
    shape.
    """
    turns = []
    for side, iris in enumerate(IRIS_CENTRES):
        outer, inner = points[:, EYE_CORNERS[side][0]], points[:, EYE_CORNERS[side][1]]
        millimetre = np.linalg.norm(outer - inner, axis=1) / EYE_WIDTH_MM
        offset = (points[:, iris] - (outer + inner) / 2) * [1, -1, -1]
        in_head = np.einsum("fji,fj->fi", rotation, offset) / np.maximum(millimetre, 1e-9)[:, None]
        turns.append(np.arcsin(np.clip(in_head[:, [1, 0]] / EYEBALL_RADIUS_MM, -1, 1)))
    return np.degrees(np.mean(turns, axis=0)) - [GAZE_REST_PITCH_DEG, 0]


def sharpness(grey: np.ndarray) -> np.ndarray:
    """Standard deviation of the Laplacian of grey crops (faces, 128, 128) of uint8; low for blurred faces."""
    values = [cv2.meanStdDev(cv2.Laplacian(crop, cv2.CV_16S))[1][0, 0] for crop in grey]
    return np.array(values, dtype=np.float64)
