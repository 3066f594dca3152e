"""Where points are on a frontal face, and the light lines that make it readable as a face."""

from __future__ import annotations

from functools import cache

import numpy as np

from mien.core.errors import InputError
from mien.core.topology import IBUG_68, MEDIAPIPE_468, MEDIAPIPE_478, ibug_68_in_478
from mien.core.topology import topology as find
from mien.data.canonical import canonical_mesh

# Diameter of the human iris: 11.7 mm, nearly the same in all adults.
_IRIS_RADIUS_CM = 0.585


def _closed(*points: int) -> tuple[int, ...]:
    return (*points, points[0])


_RIGHT_EYE = _closed(33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246)
_LEFT_EYE = _closed(263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466)
# Lines through points of the landmarker's mesh, as its connection tables have them.
_MESH_LINES: tuple[tuple[int, ...], ...] = (
    _closed(
        10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152, 148, 176, 149,
        150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
    ),
    _RIGHT_EYE,
    _LEFT_EYE,
    _closed(46, 53, 52, 65, 55, 107, 66, 105, 63, 70),
    _closed(276, 283, 282, 295, 285, 336, 296, 334, 293, 300),
    _closed(61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 409, 270, 269, 267, 0, 37, 39, 40, 185),
    _closed(78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 415, 310, 311, 312, 13, 82, 81, 80, 191),
    (168, 6, 197, 195, 5, 4, 1, 19, 94, 2),
    (64, 98, 97, 2, 326, 327, 294),
)  # fmt: skip


@cache
def frontal_points(topology: str) -> np.ndarray:
    """Places of a topology's points on the canonical face seen from the front.

    Returns
    -------
    ndarray of float64, shape (points, 2)
        Centimetres; x right in the picture (the person's left), y down. The ten iris points, which the canonical
        mesh lacks, are put around the middle of each eye.

    Raises
    ------
    WeightsError
        If the canonical mesh was not pulled.
    InputError
        If the topology has no frontal face.
    """
    if topology.endswith("]"):
        kept = find(topology)
        return frontal_points(kept.parent)[kept.index]
    mesh = canonical_mesh().vertices_cm[:, :2] * [1, -1]
    if topology == MEDIAPIPE_468:
        points = mesh
    elif topology == MEDIAPIPE_478:
        ring = np.array([[0, 0], [1, 0], [0, -1], [-1, 0], [0, 1]]) * _IRIS_RADIUS_CM
        eyes = [mesh[list(eye[:-1])].mean(axis=0) + ring for eye in (_RIGHT_EYE, _LEFT_EYE)]
        points = np.concatenate([mesh, *eyes])
    elif topology == IBUG_68:
        points = mesh[ibug_68_in_478()]
    else:
        raise InputError(f"There is no frontal face for the topology '{topology}'.")
    points.flags.writeable = False
    return points


@cache
def contours() -> tuple[np.ndarray, ...]:
    """Lines along oval, eyes, brows, lips and nose; each an array of places, shape (points of the line, 2), cm."""
    points = frontal_points(MEDIAPIPE_468)
    return tuple(points[list(line)] for line in _MESH_LINES)
