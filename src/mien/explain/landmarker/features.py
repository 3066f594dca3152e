"""The features that models see, computed in torch from the landmarker's points, so that gradients pass through them.

The same formulas as ``mien.features.geometry``, ``measures`` and ``expression``; a test holds them together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from mien.core.errors import InputError
from mien.core.topology import MEDIAPIPE_478
from mien.features.expression import FUNCTIONALS
from mien.features.geometry import EYE_CORNERS, ibug_points
from mien.features.measures import MEASURES, measure_points
from mien.nets.landmarker.network import POINTS, FaceBlendshapes


def by_eyes(points: torch.Tensor) -> torch.Tensor:
    """Points with position, scale and in-plane rotation removed; see ``mien.features.geometry.by_eyes``.

    Parameters
    ----------
    points : tensor, shape (faces, 478, 2 or 3)

    Returns
    -------
    tensor of the same shape
        In inter-ocular distances.
    """
    corners = points[:, ibug_points(MEDIAPIPE_478)[list(EYE_CORNERS)]]
    right, left = corners[:, :2].mean(1), corners[:, 2:].mean(1)
    centred = points - ((right + left) / 2)[:, None]
    across = (left - right)[:, :2]
    square = across.square().sum(1, keepdim=True)
    # cosine / length and sine / length of the turn, in one division.
    cosine, sine = across[:, :1] / square, across[:, 1:] / square
    x, y = centred[..., 0], centred[..., 1]
    turned = [cosine * x + sine * y, cosine * y - sine * x]
    if points.shape[2] == 3:
        turned.append(centred[..., 2] / square.sqrt())
    return torch.stack(turned, dim=2)


class Frontal(nn.Module):
    """Points turned so that the head faces the camera; see ``mien.features.geometry.frontal``."""

    reference: torch.Tensor
    weights: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        from mien.data.canonical import canonical_mesh

        mesh = canonical_mesh()
        weights = np.zeros(len(mesh.vertices_cm))
        weights[mesh.basis_points] = mesh.basis_weights / mesh.basis_weights.sum()
        reference = mesh.vertices_cm * np.array([1.0, -1.0, -1.0])
        self.register_buffer("weights", torch.tensor(weights, dtype=torch.float32))
        self.register_buffer("reference", torch.tensor(reference - weights @ reference, dtype=torch.float32))

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        """Frontal points (faces, 478, 3) in inter-ocular distances."""
        fitted = points[:, : len(self.reference)]
        centre = (self.weights[:, None] * fitted).sum(1, keepdim=True)
        source = fitted - centre
        covariance = torch.einsum("p,pi,npj->nij", self.weights, self.reference, source)
        u, _, vt = torch.linalg.svd(covariance)
        sign = torch.ones_like(u[:, :, 0])
        sign[:, 2] = torch.sign(torch.linalg.det(u @ vt)).detach()
        rotation = (u * sign[:, None]) @ vt
        # The scale of the fit is left out: the eyes set it next.
        return by_eyes((points - centre) @ rotation.transpose(1, 2))


class MeasureLayer(nn.Module):
    """Named distances of aligned points; see ``mien.features.measures``.

    Parameters
    ----------
    names : sequence of str, optional
        Some of ``MEASURES``; by default all.
    """

    first: torch.Tensor
    second: torch.Tensor

    def __init__(self, names: Any = MEASURES) -> None:
        super().__init__()
        self.names = tuple(names)
        places = ibug_points(MEDIAPIPE_478)
        pairs, lifts = [], []
        for name in self.names:
            a, b, is_lift = measure_points(name)
            pairs.append((_mean_of(places[list(a)]), _mean_of(places[list(b)])))
            lifts.append(is_lift)
        self.lifts = lifts
        self.register_buffer("first", torch.stack([a for a, _ in pairs]))
        self.register_buffer("second", torch.stack([b for _, b in pairs]))

    def forward(self, aligned: torch.Tensor) -> torch.Tensor:
        """MeasureLayer (faces, names) in inter-ocular distances."""
        way = (self.first - self.second) @ aligned[..., :2]
        lengths = length(way)
        return torch.stack([-way[:, i, 1] if is_lift else lengths[:, i] for i, is_lift in enumerate(self.lifts)], dim=1)


class Distances(nn.Module):
    """Distances between pairs of points in inter-ocular distances: (faces, 478, 3) -> (faces, pairs).

    Parameters
    ----------
    pairs : sequence of (int, int)
    """

    index: torch.Tensor

    def __init__(self, pairs: Any) -> None:
        super().__init__()
        index = torch.tensor([list(pair) for pair in pairs], dtype=torch.int64)
        if index.ndim != 2 or index.shape[1] != 2 or index.min() < 0 or index.max() >= POINTS:
            raise InputError(f"A distance is between two of the points 0 to {POINTS - 1}.")
        if (index[:, 0] == index[:, 1]).any():
            raise InputError("A distance is between two different points.")
        self.register_buffer("index", index)

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        """Distances in the plane, after alignment by the eyes."""
        aligned = by_eyes(points[..., :2])
        return length(aligned[:, self.index[:, 0]] - aligned[:, self.index[:, 1]])


class ExpressionFeatures(nn.Module):
    """Recipe 'expression' for single pictures: points of the picture (faces, 478, 3) -> features (faces, features).

    Parameters
    ----------
    recipe : dict
        Of a trained model, with all its settings.

    Raises
    ------
    InputError
        If the recipe uses what one photo does not hold.
    """

    def __init__(self, recipe: dict[str, Any]) -> None:
        super().__init__()
        self.blocks = list(recipe.get("blocks") or ["blendshapes", "measures"])
        if "actions" in self.blocks:
            raise InputError("The model uses imported action units, which the landmarker does not give.")
        if recipe.get("relative_to"):
            raise InputError(
                f"The model uses features relative to the {recipe['relative_to']}'s other pictures, which one "
                "photo does not hold. Train it with relative_to '' to carry its evidence to the pixels."
            )
        self.over_time = recipe.get("over_time") or "apex"
        self.coordinates = len(recipe.get("coordinates", "xy"))
        self.frontal = Frontal() if recipe.get("align") == "frontal" else None
        self.measures = MeasureLayer()
        self.blendshapes = FaceBlendshapes() if "blendshapes" in self.blocks else None

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        """Features in the recipe's order."""
        aligned = by_eyes(points) if self.frontal is None else self.frontal(points)
        parts = []
        for block in self.blocks:
            if block == "blendshapes" and self.blendshapes is not None:
                parts.append(self.blendshapes(points))
            elif block == "measures":
                parts.append(self.measures(aligned))
            else:
                parts.append(aligned[..., : self.coordinates].flatten(1))
        values = torch.cat(parts, dim=1)
        if self.over_time != "functionals":
            return values
        # One picture is a clip of one frame: it is its own mean, low and high, and nothing varies or rises.
        still = torch.zeros_like(values)
        return torch.cat([still if name in ("sd", "rise") else values for name in FUNCTIONALS], dim=1)


def length(way: torch.Tensor) -> torch.Tensor:
    """Euclidean length over the last axis, with gradient 0 where it is 0."""
    square = way.square().sum(-1)
    positive = square > 0
    return torch.where(positive, torch.where(positive, square, torch.ones_like(square)).sqrt(), square)


def _mean_of(points: np.ndarray) -> torch.Tensor:
    """Row of weights that gives the mean of some points."""
    row = torch.zeros(POINTS)
    row[torch.from_numpy(np.asarray(points, dtype=np.int64))] = 1 / len(points)
    return row
