"""Photos explained one by one, by whoever has a landmarker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from mien.core.evidence import Evidence
from mien.core.target import Target
from mien.explain.landmarker.through import Through, reader_of
from mien.explain.networks import ExplainedModel
from mien.explain.question import Inquiry
from mien.learn.fold_work import threads_here, use_threads
from mien.models.store import Packed
from mien.nets.device import device_of, place_of
from mien.nets.landmarker.network import FacePoints


@dataclass(frozen=True, eq=False)
class PhotoLot:
    """A photo's question without the network, and how far the face is turned in it (radians)."""

    row: int
    inquiry: Inquiry
    target: Target
    turn: float


@dataclass(frozen=True, eq=False)
class ExplainingPhotos:
    """What is done to photos.

    Attributes
    ----------
    model : object
        Folder of a stored model, the files of one of mien's, or words for what the landmarker reads.
    device : str
        Where networks are, such as ``'cpu'``.
    loaded : tuple of (ExplainedModel, FacePoints), optional
        In the process that has them already.
    threads : dict of str to int
        Those of the first process.
    """

    model: Any
    device: str
    loaded: tuple[ExplainedModel, FacePoints] | None = None
    threads: dict[str, int] = field(default_factory=threads_here)
    torch_threads: int = field(default_factory=torch.get_num_threads)

    def start(self, threads: int) -> tuple[ExplainedModel, FacePoints]:
        """What reads the points, and the landmarker."""
        if self.loaded is not None:
            return self.loaded
        use_threads(self.threads)
        torch.set_num_threads(self.torch_threads)
        model = self.model.unpacked() if isinstance(self.model, Packed) else self.model
        return reader_of(model)[0].on(self.device), FacePoints().to(device_of(self.device))

    def do(self, ready: tuple[ExplainedModel, FacePoints], value: PhotoLot, step: Callable[[Any], None]) -> Evidence:
        """Evidence of a photo, with what the landmarker met on the way."""
        module = network_through(*ready, value.turn)
        known = replace(ready[0], module=module, facts=value.inquiry.network.facts)
        asked = replace(value.inquiry, network=known)
        result = asked.evidence(value.target, lambda done, of: step((value.row, done / max(of, 1))))
        watched = {"lowest presence": module.lowest, "passes without a face": module.lost / max(module.passes, 1)}
        watched["landmarker passes"] = module.passes
        columns = {name: np.full(len(result), number, dtype=np.float64) for name, number in watched.items()}
        return replace(result, columns={**result.columns, **columns})


def network_through(network: ExplainedModel, landmarker: FacePoints, turn: float) -> Through:
    """The network of a photo whose face is turned so far: its crop to points to what is read off them."""
    assert network.module is not None
    return Through(landmarker, network.module, turn).to(place_of(landmarker)).eval()
