"""Distances on a face that have names: what opens, widens, rises and falls, in inter-ocular distances.

All are computed from points aligned by the eyes (``geometry.by_eyes``) at the places of the 68 iBUG points, so
they exist for every topology. "Right" and "left" are those of the person shown. Signs: lifts are positive upward.
"""

from __future__ import annotations

import numpy as np

from mien.features.geometry import ibug_points

# Name -> two groups of iBUG points whose centres are compared, and how.
_DISTANCES: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "mouth width": ((48,), (54,)),
    "inner mouth width": ((60,), (64,)),
    "mouth opening": ((61, 62, 63), (65, 66, 67)),
    "upper lip height": ((50, 51, 52), (61, 62, 63)),
    "lower lip height": ((65, 66, 67), (56, 57, 58)),
    "nose to upper lip": ((33,), (51,)),
    "lower lip to chin": ((57,), (8,)),
    "nose width": ((31,), (35,)),
    "nose to chin": ((33,), (8,)),
    "right mouth corner to eye": ((48,), (36, 39)),
    "left mouth corner to eye": ((54,), (42, 45)),
    "right mouth corner to nose": ((48,), (31,)),
    "left mouth corner to nose": ((54,), (35,)),
    "right eye opening": ((37, 38), (40, 41)),
    "left eye opening": ((43, 44), (46, 47)),
    "right eye width": ((36,), (39,)),
    "left eye width": ((42,), (45,)),
    "between the brows": ((21,), (22,)),
    "right jaw width": ((4,), (8,)),
    "left jaw width": ((12,), (8,)),
}
# Name -> (points, points they rise above); positive when the first lie higher in the aligned face.
_LIFTS: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    "right mouth corner lift": ((48,), (51, 57)),
    "left mouth corner lift": ((54,), (51, 57)),
    "right inner mouth corner lift": ((60,), (62, 66)),
    "left inner mouth corner lift": ((64,), (62, 66)),
    "right inner brow height": ((21,), (39,)),
    "left inner brow height": ((22,), (42,)),
    "right middle brow height": ((19,), (36, 39)),
    "left middle brow height": ((24,), (42, 45)),
    "right outer brow height": ((17,), (36,)),
    "left outer brow height": ((26,), (45,)),
    "nose tip height": ((30,), (33,)),
}
MEASURES: tuple[str, ...] = (*_DISTANCES, *_LIFTS)


def measure_points(name: str) -> tuple[tuple[int, ...], tuple[int, ...], bool]:
    """The two groups of iBUG points that a measure compares, and whether it is a lift (else a distance).

    A lift is how far the first group's centre lies above the second's; a distance is that of the two centres.
    """
    a, b = _LIFTS[name] if name in _LIFTS else _DISTANCES[name]
    return a, b, name in _LIFTS


def measures(aligned: np.ndarray, name: str) -> np.ndarray:
    """Named distances of aligned faces.

    Parameters
    ----------
    aligned : ndarray, shape (rows, points, 2 or 3)
        From ``geometry.by_eyes`` or ``geometry.frontal``.
    name : str
        Topology of the points.

    Returns
    -------
    ndarray, shape (rows, len(MEASURES))
    """
    face = np.asarray(aligned)[:, ibug_points(name), :2]

    def centre(points: tuple[int, ...]) -> np.ndarray:
        return face[:, list(points)].mean(1)

    distances = [np.linalg.norm(centre(a) - centre(b), axis=-1) for a, b in _DISTANCES.values()]
    lifts = [centre(b)[:, 1] - centre(a)[:, 1] for a, b in _LIFTS.values()]
    return np.stack([*distances, *lifts], axis=1) if len(face) else np.empty((0, len(MEASURES)))
