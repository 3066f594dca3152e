"""Turning a brain's map on a sphere: chance for maps whose neighbours are alike.

Alexander-Bloch et al. 2018, "On testing for spatial correspondence between maps of human brain structure and function",
NeuroImage 178, 540-551: both hemispheres turn by one random rotation, mirrored, and every place takes the value of the
turned place that came nearest.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from mien.core.errors import InputError

# Fewer places of a hemisphere give few different turns.
LEAST = 10


def spins(centres_mm: np.ndarray, count: int, seed: int = 0) -> np.ndarray:
    """Which column each column takes its value from, in every turn.

    Parameters
    ----------
    centres_mm : ndarray, shape (columns, 3)
        Right of the midline is x > 0.
    count : int
    seed : int

    Returns
    -------
    ndarray of int, shape (count, columns)

    Raises
    ------
    InputError
        If a centre is missing or a hemisphere has fewer than ``LEAST`` columns.

    Notes
    -----
    Centres are brought to a sphere about the middle of their hemisphere. That is exact for points of an inflated
    surface; centres in a volume come close to it on the cortex, and below it only their direction counts.
    """
    if not np.isfinite(centres_mm).all():
        raise InputError("A spin test needs the centre of every parcel in mm; some are unknown.")
    sides = [np.flatnonzero(centres_mm[:, 0] < 0), np.flatnonzero(centres_mm[:, 0] >= 0)]
    if min(map(len, sides)) < LEAST:
        raise InputError(
            f"A spin test needs at least {LEAST} parcels on each side of the midline (x = 0 mm), but there are "
            f"{len(sides[0])} and {len(sides[1])}."
        )
    rng = np.random.default_rng(seed)
    spheres = [_sphere(centres_mm[side]) for side in sides]
    mirror = np.diag([-1.0, 1, 1])
    result = np.empty((count, len(centres_mm)), dtype=np.int64)
    for turn in range(count):
        rotation = _rotation(rng)
        for side, sphere, turned in zip(sides, spheres, (rotation, mirror @ rotation @ mirror), strict=True):
            result[turn, side] = side[cKDTree(sphere @ turned.T).query(sphere)[1]]
    return result


def _sphere(centres: np.ndarray) -> np.ndarray:
    away = centres - (centres.max(axis=0) + centres.min(axis=0)) / 2
    length = np.sqrt((away**2).sum(axis=1, keepdims=True))
    sphere: np.ndarray = np.where(length > 0, away / np.where(length > 0, length, 1), [0.0, 0.0, 1.0])
    return sphere


def _rotation(rng: np.random.Generator) -> np.ndarray:
    """Uniform over all rotations (Stewart 1980)."""
    q, r = np.linalg.qr(rng.normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    rotation: np.ndarray = q * np.sign(np.linalg.det(q))
    return rotation
