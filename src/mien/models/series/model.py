"""Networks on long series of channels, as stored models."""

from __future__ import annotations

import numpy as np
import torch

from mien.models.base import Model, softmax
from mien.nets.series import SeriesNet

AT_ONCE = 256


class SeriesModel(Model):
    """A network with one logit per class.

    ``arrays``: its ``state_dict``, with mean and spread of the channels. ``settings``: ``network``, its sizes and those
    of training.
    """

    kind = "series"

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        with torch.device("meta"):
            return {name: tuple(value.shape) for name, value in self._net().state_dict().items()}

    def module(self) -> SeriesNet:
        """The network in evaluation mode."""
        net = self._net()
        net.load_state_dict({name: torch.tensor(value) for name, value in self.arrays.items()})
        return net.eval().requires_grad_(False)

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Outputs, (samples, classes), some series at a time."""
        values, net = self.check_values(values), self.module()
        with torch.no_grad():
            parts = [net(torch.from_numpy(values[i : i + AT_ONCE])).numpy() for i in range(0, len(values), AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.classes)), np.float32)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probability of each class."""
        return softmax(self.scores(values))

    def _net(self) -> SeriesNet:
        steps, channels = self.input_shape
        return SeriesNet(channels - 1, steps, len(self.classes), self.settings)


class SeriesScores(SeriesModel):
    """A network with one output per rating, in the rating's own unit."""

    kind = "series-score"
    explained = "rating unit"
    predicts = "ratings"

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self.scores(values).astype(np.float64)
