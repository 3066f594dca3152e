"""What can be read off a face through the landmarker: blendshapes, named measures, distances, a model's scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import nn

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES
from mien.core.words import did_you_mean
from mien.explain.landmarker.asked import BLENDSHAPE, DISTANCE, KINDS, MEASURE
from mien.explain.landmarker.features import Distances, ExpressionFeatures, MeasureLayer, by_eyes
from mien.features.measures import MEASURES
from mien.models.base import Model
from mien.nets.landmarker.network import FaceBlendshapes


@dataclass(frozen=True)
class Reading:
    """Outputs that are computed from the points of a face.

    Attributes
    ----------
    kind : str
        ``'blendshape'``, ``'measure'`` or ``'distance'``.
    names : tuple of str
        Of the outputs.
    """

    kind: str
    names: tuple[str, ...]

    @property
    def unit(self) -> str:
        """Unit of the outputs."""
        return "blendshape strength" if self.kind == BLENDSHAPE else "inter-ocular distance"

    def head(self) -> nn.Module:
        """Points (faces, 478, 3) -> outputs (faces, names)."""
        if self.kind == BLENDSHAPE:
            return _Chosen(FaceBlendshapes(), [BLENDSHAPES.index(name) for name in self.names])
        if self.kind == MEASURE:
            return _MeasuresOfPoints(self.names)
        return Distances([tuple(int(n) for n in name.split("-")) for name in self.names])


def parse_reading(text: str) -> Reading:
    """Read ``blendshape:mouthSmileLeft``, ``measure:mouth opening`` or ``distance:61-291``; several with commas.

    ``blendshape:all`` and ``measure:all`` are all of a kind.

    Raises
    ------
    InputError
        If a name is unknown; the message has the closest one.
    """
    kind, _, rest = text.partition(":")
    names = tuple(dict.fromkeys(name.strip() for name in rest.split(",") if name.strip()))
    if kind not in KINDS or not names:
        raise InputError(
            f"What is read off a face is written as {', '.join(f'{k}:NAME' for k in KINDS)}; got '{text}'."
        )
    if kind == DISTANCE:
        return Reading(kind, tuple(_pair(name) for name in names))
    known = BLENDSHAPES if kind == BLENDSHAPE else MEASURES
    if names == ("all",):
        return Reading(kind, known)
    for name in names:
        if name not in known:
            raise InputError(f"There is no {kind} '{name}'.{did_you_mean(name, known)} There are: {', '.join(known)}.")
    return Reading(kind, names)


def _pair(text: str) -> str:
    first, dash, second = text.partition("-")
    if not (dash and first.isdigit() and second.isdigit()) or max(int(first), int(second)) > 477 or first == second:
        raise InputError(f"A distance is written as two different points from 0 to 477, such as 61-291; got '{text}'.")
    return f"{int(first)}-{int(second)}"


def head_of_model(model: Model) -> nn.Module:
    """Points (faces, 478, 3) -> logits of a trained model, through its own recipe.

    Raises
    ------
    InputError
        If its recipe cannot be computed from one photo, or it has no gradients.
    """
    if model.recipe.get("name") != "expression":
        raise InputError(
            f"Through the landmarker mien explains models of the recipe 'expression', but '{model.name}' uses "
            f"'{model.recipe.get('name', 'given values')}', which one photo does not hold."
        )
    if model.recipe.get("topology", "mediapipe-478") != "mediapipe-478":
        raise InputError(
            f"'{model.name}' was trained on the points {model.recipe['topology']}, but the landmarker gives "
            "mediapipe-478: extract the pictures with mien and train on those faces."
        )
    features = ExpressionFeatures(model.recipe)
    with torch.no_grad():
        count = features(torch.rand(1, 478, 3, generator=torch.Generator().manual_seed(0))).shape[1]
    if (count,) != model.input_shape:
        raise InputError(
            f"'{model.name}' uses {model.input_shape[0]} features, but its recipe gives {count} from a photo."
        )
    return nn.Sequential(features, model.module())


class _Chosen(nn.Module):
    """Some outputs of a network."""

    index: torch.Tensor

    def __init__(self, network: nn.Module, columns: Sequence[int]) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("index", torch.tensor(list(columns)))

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        """Outputs (faces, columns)."""
        found: torch.Tensor = self.network(points)[:, self.index]
        return found


class _MeasuresOfPoints(nn.Module):
    """Named measures of points that are aligned by the eyes first."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.measures = MeasureLayer(names)

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        """MeasureLayer (faces, names)."""
        found: torch.Tensor = self.measures(by_eyes(points))
        return found
