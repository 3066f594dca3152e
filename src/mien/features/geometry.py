"""Alignment of facial points: position, scale and rotation removed, mirrored, turned to the front.

Points are (..., points, 2 or 3) in pixels, x right, y down, z in the same unit with negative toward the camera.
Aligned points are in inter-ocular distances (1 = distance of the centres of the two eyes), with the origin
between the eyes, x to the right of the picture (the person's left) and y down.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from mien.core.errors import InputError
from mien.core.topology import IBUG_68, ibug_68_in_478, topology

# Channel of a sequence that is 1 in frames of the clip and 0 in frames that only pad it.
PRESENT = "present"
# In the numbering of the 68 points: outer and inner corner of the right eye, inner and outer of the left.
EYE_CORNERS = (36, 39, 42, 45)
# Points that facial muscles hardly move: eye corners, bridge and base of the nose.
STABLE = (*EYE_CORNERS, 27, 28, 29, 30, 31, 32, 33, 34, 35)


@cache
def ibug_points(name: str) -> np.ndarray:
    """Index of each of the 68 iBUG points among the points of the topology called ``name``, shape (68,)."""
    return np.arange(68) if name == IBUG_68 else ibug_68_in_478()


def stable_points(name: str) -> np.ndarray:
    """Indices of the points that facial muscles hardly move."""
    return ibug_points(name)[list(STABLE)]


def by_eyes(points: np.ndarray, name: str) -> np.ndarray:
    """Points with position, scale and in-plane rotation removed by the line between the eyes.

    Parameters
    ----------
    points : ndarray, shape (..., points, 2 or 3)
        In pixels.
    name : str
        Topology of the points.

    Returns
    -------
    ndarray of float64, same shape
        In inter-ocular distances; NaN where the two eyes coincide or are unknown.
    """
    points = np.asarray(points, dtype=np.float64)
    corners = points[..., ibug_points(name)[list(EYE_CORNERS)], :]
    right, left = corners[..., :2, :].mean(-2), corners[..., 2:, :].mean(-2)
    centred = points - ((right + left) / 2)[..., None, :]
    across = (left - right)[..., :2]
    length = np.hypot(across[..., 0], across[..., 1])
    length = np.where(length > 0, length, np.nan)
    cosine, sine = across[..., 0] / length, across[..., 1] / length
    return _turned(centred, cosine, -sine) / length[..., None, None]


def onto(points: np.ndarray, reference: np.ndarray, stable: np.ndarray) -> np.ndarray:
    """Points moved, scaled and turned in the plane to fit the stable points of a reference (least squares).

    Parameters
    ----------
    points : ndarray, shape (..., points, 2)
    reference : ndarray, shape (points, 2)
    stable : ndarray of int
        Points that the fit uses.

    Notes
    -----
    Umeyama, S. (1991). Least-squares estimation of transformation parameters between two point patterns. IEEE
    TPAMI 13(4); in two dimensions the solution is one complex division.
    """
    points = np.asarray(points, dtype=np.float64)
    source, goal = points[..., stable, :], reference[..., stable, :]
    source_centre, goal_centre = source.mean(-2), goal.mean(-2)
    a = _complex(source - source_centre[..., None, :])
    b = _complex(goal - goal_centre[..., None, :])
    spread = (np.abs(a) ** 2).sum(-1)
    factor = (np.conj(a) * b).sum(-1) / np.where(spread > 0, spread, np.nan)
    moved = _complex(points - source_centre[..., None, :]) * factor[..., None]
    return np.stack([moved.real, moved.imag], -1) + goal_centre[..., None, :]


def onto_3d(points: np.ndarray, reference: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Points moved, scaled and turned in space (or in the plane) to fit a reference (weighted least squares).

    Parameters
    ----------
    points : ndarray, shape (rows, points, 2 or 3)
    reference : ndarray, shape (fitted, 2 or 3)
        Goal of the first ``fitted`` points; more points may follow and are carried along.
    weights : ndarray, shape (fitted,) or (rows, fitted)
        Weight of each fitted point; 0 for points the fit ignores.

    Notes
    -----
    Umeyama (1991), with weights as in Google's face geometry module.
    """
    points = np.asarray(points, dtype=np.float64)
    fitted = points[:, : len(reference)]
    weights = np.asarray(weights, dtype=np.float64)
    weights = np.broadcast_to(weights / weights.sum(-1, keepdims=True), fitted.shape[:2])
    centre = np.einsum("np,npd->nd", weights, fitted)
    goal_centre = weights @ reference
    source, goal = fitted - centre[:, None], reference - goal_centre[:, None]
    known = np.isfinite(source).all((1, 2))
    source = np.where(known[:, None, None], source, 0.0)
    covariance = (goal * weights[..., None]).swapaxes(1, 2) @ source
    u, singular, vt = np.linalg.svd(covariance)
    sign = np.ones(singular.shape)
    sign[:, -1] = np.sign(np.linalg.det(u @ vt))
    rotation = (u * sign[:, None, :]) @ vt
    spread = np.einsum("np,npd->n", weights, source**2)
    scale = (singular * sign).sum(1) / np.where(known & (spread > 0), spread, np.nan)
    return scale[:, None, None] * ((points - centre[:, None]) @ rotation.transpose(0, 2, 1)) + goal_centre[:, None]


def onto_still(points: np.ndarray, reference: np.ndarray, *, rounds: int = 10) -> np.ndarray:
    """Points of each frame moved, scaled and turned to fit a reference by those points that stay where they are.

    All points begin with the same weight; in every round those that are still away lose theirs, so that what muscles
    move does not pull the head along. Which points those are need not be known.

    Parameters
    ----------
    points : ndarray, shape (frames, points, 2 or 3)
    reference : ndarray, shape (points, 2 or 3)
    rounds : int

    Notes
    -----
    Iteratively re-weighted least squares with the weights of Geman & McClure, Bull. Int. Stat. Inst. 52 (1987):
    1 / (1 + (distance / c)^2)^2, c = half a robust standard deviation of all distances of the clip.
    """
    points = np.asarray(points, dtype=np.float64)
    weights = np.ones(points.shape[:2])
    moved = onto_3d(points, reference, weights)
    for _ in range(rounds):
        away = np.linalg.norm(moved - reference, axis=-1)
        width = 0.5 * 1.4826 * np.nanmedian(away) if np.isfinite(away).any() else np.nan
        if not width > 1e-12:
            break
        weights = np.where(np.isfinite(away), 1 / (1 + (away / width) ** 2) ** 2, 1.0)
        moved = onto_3d(points, reference, weights)
    return moved


def frontal(points: np.ndarray, name: str) -> np.ndarray:
    """Points turned so that the head faces the camera, then normalised by the eyes.

    The rotation is that of the best fit onto the canonical face which comes with the landmarker.

    Parameters
    ----------
    points : ndarray, shape (rows, 478 or 468, 3)

    Raises
    ------
    InputError
        For topologies without depth on the canonical face.
    WeightsError
        If the landmarker's file, which holds the canonical face, is not there.
    """
    if name == IBUG_68:
        raise InputError("Turning a head to the front needs the 478 or 468 points in three dimensions, not 68.")
    from mien.data.canonical import canonical_mesh

    mesh = canonical_mesh()
    reference = mesh.vertices_cm * np.array([1.0, -1.0, -1.0])
    weights = np.zeros(len(reference))
    weights[mesh.basis_points] = mesh.basis_weights
    return by_eyes(onto_3d(points, reference, weights), name)


def mirrored(points: np.ndarray, name: str, channels: Sequence[str] = ()) -> np.ndarray:
    """Aligned points or displacements of the mirrored face, shape as given.

    Each point takes the place of its partner on the other half and x changes its sign.

    Parameters
    ----------
    points : ndarray, shape (..., points, channels)
    name : str
        Topology of the points.
    channels : sequence of str
        What the last axis holds, such as ``('x', 'y', 'vx', 'vy')``; by default x comes first and nothing else turns.
    """
    swapped = np.array(points)[..., topology(name).mirror, :]
    for place, channel in enumerate(channels or ("x",)):
        if channel in ("x", "vx"):
            swapped[..., place] *= -1
    return swapped


def _complex(points: np.ndarray) -> np.ndarray:
    return points[..., 0] + 1j * points[..., 1]


def _turned(points: np.ndarray, cosine: np.ndarray, sine: np.ndarray) -> np.ndarray:
    x, y = points[..., 0], points[..., 1]
    cosine, sine = cosine[..., None], sine[..., None]
    turned = points.copy()
    turned[..., 0], turned[..., 1] = cosine * x - sine * y, sine * x + cosine * y
    return turned
