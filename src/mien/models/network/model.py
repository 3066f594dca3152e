"""Image networks that were fine-tuned end to end, as stored models."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from mien.core.errors import InputError
from mien.models.base import Model, softmax
from mien.nets.zoo import filled, shapes_of

AT_ONCE = 16


class NetworkModel(Model):
    """A network with one logit per class.

    ``arrays``: its tensors, as ``net.NAME``, and ``centre`` and ``scale`` of its outputs. ``settings``: ``network``,
    where its first weights came from (``weights``, ``weights_sha256``, ``random_start``), and those of training.
    """

    kind = "network"

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        side = self.input_shape[-1] if len(self.input_shape) == 3 else 0
        if self.input_shape != (3, side, side):
            raise InputError(f"The model '{self.name}' takes square crops (3, size, size), not {self.input_shape}.")
        return shapes_of(self.settings["network"], len(self.classes), size=side, dense_top=self._dense_top)

    @property
    def _dense_top(self) -> bool:
        """Models stored before this was a setting have their makers' dense layers."""
        return bool(self.settings.get("dense_top", True))

    def module(self) -> nn.Module:
        """The network, with its pre-processing, in evaluation mode.

        Raises
        ------
        MissingExtra
            If it is one of timm's and timm is not installed.
        """
        state = {key: torch.tensor(value) for key, value in self.arrays.items()}
        return filled(
            self.settings["network"], len(self.classes), size=self.input_shape[-1], state=state,
            dense_top=self._dense_top,
        )  # fmt: skip

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Outputs, (samples, classes), a few pictures at a time."""
        values = self.check_values(values)
        net = self.module().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        with torch.no_grad():
            parts = [net(torch.from_numpy(values[i : i + AT_ONCE])).numpy() for i in range(0, len(values), AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.classes)), np.float32)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probability of each class."""
        return softmax(self.scores(values))


class NetworkScores(NetworkModel):
    """A network with one output per rating, in the rating's own unit."""

    kind = "network-score"
    explained = "rating unit"
    predicts = "ratings"

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.scores(values).astype(np.float64)
