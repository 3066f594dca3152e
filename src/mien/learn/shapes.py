"""Shapes of faces: points without place, size and turn, and how near two people's shapes come by chance."""

from __future__ import annotations

import numpy as np

# Of 20,604 pairs of pictures of 102 people none comes so near, in which fewer come by about the power of CHANCE; copies
# of a picture do (docs/simulations.md).
MOST_APART, _PAIRS, _CHANCE = 0.014, 20_604, 6.5
# Where people's shapes lie close to each other, as those of made-up faces do: share of their usual distance.
_OF_USUAL = 0.2
_SAMPLED = 300


def shape_of(points: np.ndarray) -> np.ndarray:
    """Points as complex numbers of mean 0 and length 1.

    Parameters
    ----------
    points : ndarray, shape (faces, points, 2)

    Returns
    -------
    ndarray of complex, shape (faces, points)
    """
    centred = points - points.mean(axis=1, keepdims=True)
    flat = centred[..., 0] + 1j * centred[..., 1]
    unit: np.ndarray = flat / np.linalg.norm(flat, axis=1, keepdims=True)
    return unit


def apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Distances of shapes at the best turn; along the last axis."""
    cosine = np.abs((one.conj() * other).sum(axis=-1))
    distance: np.ndarray = np.sqrt(np.maximum(2 - 2 * cosine, 0))
    return distance


def most_apart(shapes: np.ndarray, person: np.ndarray) -> float:
    """Up to which distance shapes of two people are taken for one picture.

    Parameters
    ----------
    shapes : ndarray of complex, shape (faces, points)
    person : ndarray of int, shape (faces,)

    Notes
    -----
    The more pairs there are, the nearer the nearest two people come by chance.
    """
    pairs = len(shapes) * (len(shapes) - 1) / 2
    limit = MOST_APART * min(1.0, (_PAIRS / max(pairs, 1)) ** (1 / _CHANCE))
    some = np.unique(np.linspace(0, len(shapes) - 1, _SAMPLED).astype(int))
    cosine = np.abs(shapes[some].conj() @ shapes[some].T)
    others = cosine[person[some, None] != person[None, some]]
    usual = float(np.median(np.sqrt(np.maximum(2 - 2 * others, 0)))) if len(others) else 0.0
    return min(limit, _OF_USUAL * usual)
