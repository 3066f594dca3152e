"""The explainable fast network as it is stored: a light convolutional body and one spatial attention map per class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from mien.models.base import Model, softmax
from mien.nets.attention import Efdnn, folded


class EfdnnModel(Model):
    """A fitted explainable fast network.

    ``arrays``: the parameters of ``folded(Efdnn)``. ``settings``: ``width`` and those of training. What is explained is
    the answer about the crop as it is; with ``mirror`` predictions are the mean with those of its mirror image.
    """

    kind = "efdnn"

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        return {name: tuple(value.shape) for name, value in self._empty().state_dict().items()}

    def module(self) -> nn.Module:
        """The network in evaluation mode; ``maps`` gives its attention."""
        net = self._empty()
        net.load_state_dict({name: torch.tensor(value) for name, value in self.arrays.items()})
        return net.eval().requires_grad_(False)

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Logits, (samples, classes), a few pictures at a time."""
        values = self.check_values(values)
        net = self.module().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        with torch.no_grad():
            parts = [net(torch.from_numpy(values[i : i + 64])).numpy() for i in range(0, len(values), 64)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.classes)), np.float32)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probability of each class."""
        return self._both_sides(values, lambda side: softmax(self.scores(side)))

    def _both_sides(self, values: np.ndarray, answer: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        values = self.check_values(values)
        if not self.settings.get("mirror"):
            return answer(values)
        return (answer(values) + answer(np.ascontiguousarray(values[..., ::-1]))) / 2

    def _empty(self) -> Efdnn:
        return folded(Efdnn(len(self.classes), width=float(self.settings["width"])))


class EfdnnScores(EfdnnModel):
    """The same network with one attention map per rating, in the rating's own unit."""

    kind = "efdnn-score"
    explained = "rating unit"
    predicts = "ratings"

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings)."""
        return self._both_sides(values, lambda side: self.scores(side).astype(np.float64))
