"""Cover a part of a face with a brush and ask again: pixels get a fill, features their mean by how much is covered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from mien.atlas.places import feature_points
from mien.core.errors import InputError
from mien.core.features import NAMED, PICTURE, SEQUENCE, Features
from mien.core.topology import topology
from mien.explain.fills import Fill, inpainted
from mien.explain.problem import Problem

# Of one request.
MOST_STAMPS = 5000
# For pixels as those of mien's methods that cover; the first is theirs by default.
FILLS = ("mean", "blur", "zero", "inpaint")
FILL_WORDS = {
    "mean": "the picture's mean colour", "blur": "the picture without detail", "zero": "black",
    "inpaint": "what surrounds it",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Covered:
    """An input of which a part is covered.

    Attributes
    ----------
    values : ndarray of float32, shape (1, *input)
    share : float
        Of pixels, points or features that are covered, 0 to 1.
    """

    values: np.ndarray
    share: float


def checked_stamps(given: Any) -> np.ndarray:
    """Circles of a brush, shape (stamps, 3): middle and radius, in sides of the square that is shown.

    Raises
    ------
    InputError
    """
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) > MOST_STAMPS:
        raise InputError(f"A cover is a list of up to {MOST_STAMPS:,} circles.")
    try:
        stamps = np.array([[float(value) for value in stamp] for stamp in given], dtype=np.float64).reshape(-1, 3)
    except (TypeError, ValueError) as error:
        raise InputError("A circle of the brush is three numbers: x, y and radius.") from error
    if not np.isfinite(stamps).all() or (np.abs(stamps) > 4).any():
        raise InputError("A circle of the brush lies on the picture that is shown.")
    return stamps


def mask_of(stamps: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Pixels whose middle lies under the brush, bool (height, width)."""
    height, width = shape
    mask = np.zeros(shape, dtype=bool)
    for x, y, radius in stamps:
        rows = slice(max(0, math.floor((y - radius) * height)), max(0, math.ceil((y + radius) * height)))
        columns = slice(max(0, math.floor((x - radius) * width)), max(0, math.ceil((x + radius) * width)))
        down = (np.arange(height)[rows] + 0.5) / height - y
        across = (np.arange(width)[columns] + 0.5) / width - x
        mask[rows, columns] |= down[:, None] ** 2 + across[None] ** 2 <= radius**2
    return mask


def under_brush(stamps: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Which points, (points, 2) in the square that is shown, lie under the brush; bool (points,)."""
    if not len(stamps):
        return np.zeros(len(points), dtype=bool)
    apart = ((points[:, None, :2] - stamps[None, :, :2]) ** 2).sum(-1)
    return np.asarray((apart <= stamps[:, 2] ** 2).any(axis=1))


def cover_pixels(values: np.ndarray, mask: np.ndarray, fill: str = FILLS[0]) -> Covered:
    """A picture with a part covered as mien's methods cover it.

    Parameters
    ----------
    values : ndarray of float32, shape (1, channels, height, width)
    mask : ndarray of bool, shape (height, width)
    fill : str
        One of ``FILLS``.

    Raises
    ------
    InputError
    """
    if fill not in FILLS:
        raise InputError(f"A cover shows one of {', '.join(FILLS)}, but got '{fill}'.")
    if fill == "inpaint":
        shown = inpainted(values[0], mask) if mask.any() else values[0]
    else:
        shown = Fill(_problem(values, values, PICTURE), fill, FILLS[0]).of(0)
    return Covered(np.where(mask, shown, values[0])[None].astype(np.float32), float(mask.mean()))


def cover_points(features: Features, covered: np.ndarray, usual: np.ndarray, points: str) -> Covered:
    """Features with what lies under the brush put to its mean over the study.

    Parameters
    ----------
    features : Features
        One row of named features, or of landmarks over time.
    covered : ndarray of bool, shape (points,)
        Points of the faces.
    usual : ndarray of float32, shape (faces, *input)
        What the mean is taken over.
    points : str
        Topology of the faces' points.

    Notes
    -----
    A landmark is covered or not. A named feature that is about several points goes as far toward its mean as the share
    of its points that is covered; what is not about a place on the face stays.
    """
    values = features.values
    mean = Fill(_problem(values, usual, features.space), "auto", FILLS[0]).of(0)
    if features.space == SEQUENCE:
        part = covered[_on_face(features.topology, points)].astype(np.float32)[None, :, None]
    elif features.space == NAMED:
        about = [feature_points(name, points) for name in features.names]
        part = np.array([covered[list(where)].mean() if where else 0.0 for where in about], dtype=np.float32)
    else:
        raise InputError("A model of whole recordings looks at no face that could be covered.")
    known = np.isfinite(values) & (part > 0)
    result = np.where(known, values + part * (mean - values), values)
    return Covered(result.astype(np.float32), float(np.broadcast_to(part, values.shape[1:]).mean()))


def _on_face(name: str, points: str) -> np.ndarray:
    """Numbers of a sequence's points among those of the faces."""
    known = topology(name)
    if known.parent == points:
        return known.index
    from mien.features.geometry import ibug_points

    return np.asarray(ibug_points(points))[known.index]


def _problem(values: np.ndarray, reference: np.ndarray, space: str) -> Problem:
    return Problem(
        values=values, baselines=values[:0], output=lambda rows: rows.flatten(1)[:, 0], module=None,
        device=torch.device("cpu"), batch_size=1, space=space, reference=reference,
    )  # fmt: skip
