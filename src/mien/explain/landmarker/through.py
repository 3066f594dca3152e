"""Evidence carried through the landmarker: from a model, a blendshape or a distance back to the pixels of photos.

The explained network is the landmarker itself with what follows it: pixels of the level face crop -> 478 points ->
(blendshapes, named distances ->) output. Every method of mien works on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.media import pictures
from mien.explain.landmarker.asked import LANDMARKER, is_reading
from mien.explain.landmarker.readings import head_of_model, parse_reading
from mien.explain.networks import ExplainedModel
from mien.faces.mesh import MIN_PRESENCE
from mien.nets.landmarker.network import FacePoints


class Through(nn.Module):
    """Level crops (samples, 3, 256, 256) from 0 to 1 -> outputs (samples, ...) of what reads the points.

    Parameters
    ----------
    landmarker : FacePoints
    head : nn.Module
        Points (samples, 478, 3) -> outputs. The points are turned back as they lie in the photo, because the
        blendshape network sees them so; their size and place are the crop's.
    turn : float
        In-plane turn of the crop in its photo, radians clockwise.

    Attributes
    ----------
    lowest, passes, lost : float, int, int
        Over all crops that went through since ``watch_again``: the lowest probability of a face, their number, and in
        how many the landmarker would have seen no face.
    """

    rotation: torch.Tensor

    def __init__(self, landmarker: FacePoints, head: nn.Module, turn: float = 0.0) -> None:
        super().__init__()
        self.landmarker, self.head = landmarker, head
        cosine, sine = float(np.cos(turn)), float(np.sin(turn))
        rotation = torch.tensor([[cosine, sine, 0.0], [-sine, cosine, 0.0], [0.0, 0.0, 1.0]])
        self.register_buffer("rotation", rotation)
        self.watch_again()

    def watch_again(self) -> None:
        """Forget what went through."""
        self.lowest, self.passes, self.lost = 1.0, 0, 0

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        """Outputs of the head."""
        points, logit = self.landmarker(crops)
        presence = torch.sigmoid(logit.detach())
        if len(presence):
            self.lowest = min(self.lowest, float(presence.min()))
            self.passes += len(presence)
            self.lost += int((presence < MIN_PRESENCE).sum())
        result: torch.Tensor = self.head(points @ self.rotation)
        return result


def photos_of(samples: Any) -> Samples:
    """Samples from samples, their name, or plain pictures: paths, folders and patterns.

    Plain pictures count as one person each.
    """
    if isinstance(samples, Samples):
        return samples
    given = [samples] if isinstance(samples, (str, Path)) else samples
    if not isinstance(given, Sequence) or not all(isinstance(one, (str, Path)) for one in given):
        raise InputError(
            "Through the landmarker mien explains photos: give Samples, their name, or paths of pictures, not an array."
        )
    if isinstance(samples, (str, Path)) and not _holds_pictures(str(samples)):
        from mien.data.samples import read_samples

        return read_samples(str(samples))
    from mien.faces.sources import find_sources

    result = [source for source in find_sources(list(given)).sources if not source.absent]
    if not result:
        raise InputError(f"There is no picture at {', '.join(str(one) for one in given)}.")
    path = np.array([str(source.path) for source in result], dtype=object)
    return Samples(path=path, subject=np.array([source.name for source in result], dtype=object))


def _holds_pictures(text: str) -> bool:
    """Whether a text names a picture, a pattern, or a folder with pictures in it (not in folders of classes)."""
    path = Path(text).expanduser()
    if path.is_dir():
        inside = list(path.iterdir())
        table = any(one.name.startswith("samples.") for one in inside)
        return not table and any(one.suffix.lower() in pictures.SUFFIXES for one in inside)
    return path.suffix.lower() in pictures.SUFFIXES or any(sign in text for sign in "*?[")


def reader_of(model: Any) -> tuple[ExplainedModel, dict[str, Any]]:
    """What reads the points, as a network, and the recipe of a trained model."""
    if isinstance(model, (str, Path)) and is_reading(model):
        reading = parse_reading(str(model))
        facts = {"name": f"{reading.kind} through the landmarker", "kind": LANDMARKER, "classes": list(reading.names)}
        return ExplainedModel(reading.head(), reading.names, explained=reading.unit, facts=facts), {}
    from mien.explain.networks import network_of
    from mien.models.base import Model

    known = network_of(model)
    if not isinstance(known.model, Model) or known.module is None:
        raise InputError(
            "Through the landmarker mien explains a trained model with gradients, or blendshape:NAME, measure:NAME "
            f"and distance:POINT-POINT, but got {known.facts.get('name', model)} ({known.facts.get('kind')})."
        )
    facts = {**known.facts, "through": LANDMARKER}
    return replace(known, module=head_of_model(known.model), recipe={}, facts=facts), dict(known.recipe)
