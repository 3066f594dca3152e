"""The tabular model: regularised logistic regression on named features, as plain arrays."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from mien.models.base import TABULAR, Model

# Added to a blendshape before its logarithm is taken: about the network's noise on a face at rest.
LOG_FLOOR = 0.01


class TabularModule(nn.Module):
    """Named features (samples, features) -> logits (samples, classes).

    Features marked in ``logarithm`` are replaced by ln(x + ``LOG_FLOOR``); then all are standardised and weighted.
    """

    logarithm: torch.Tensor
    centre: torch.Tensor
    scale: torch.Tensor

    def __init__(self, logarithm: torch.Tensor, centre: torch.Tensor, scale: torch.Tensor, outputs: int) -> None:
        super().__init__()
        self.register_buffer("logarithm", logarithm)
        self.register_buffer("centre", centre)
        self.register_buffer("scale", scale)
        self.linear = nn.Linear(len(centre), outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits whose softmax are the probabilities."""
        # The inner where keeps the logarithm's gradient finite for features that do not use it.
        safe = torch.where(self.logarithm, x.clamp_min(0.0), torch.ones_like(x))
        x = torch.where(self.logarithm, torch.log(safe + LOG_FLOOR), x)
        logits: torch.Tensor = self.linear((x - self.centre) / self.scale)
        return logits


class TabularModel(Model):
    """A fitted expression model; ``arrays``: ``logarithm`` (0 or 1), ``centre``, ``scale``, ``weight``, ``bias``."""

    kind = TABULAR

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        features, classes = self.input_shape[0], len(self.classes)
        each = (features,)
        return {"logarithm": each, "centre": each, "scale": each, "weight": (classes, features), "bias": (classes,)}

    def module(self) -> nn.Module:
        """The model as a torch module in evaluation mode."""
        a = {key: torch.tensor(value) for key, value in self.arrays.items()}
        module = TabularModule(a["logarithm"].bool(), a["centre"].float(), a["scale"].float(), len(self.classes))
        with torch.no_grad():
            module.linear.weight.copy_(a["weight"])
            module.linear.bias.copy_(a["bias"])
        return module.eval()

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probability of each class, computed in double precision from the stored arrays."""
        logits = self.logits(self.check_values(values))
        logits = logits - logits.max(1, keepdims=True) if logits.size else logits
        exponentials = np.exp(logits)
        return exponentials / exponentials.sum(1, keepdims=True)

    def logits(self, values: np.ndarray) -> np.ndarray:
        """Logits in double precision, (samples, classes)."""
        a = {key: value.astype(np.float64) for key, value in self.arrays.items()}
        transformed = logarithmic(np.asarray(values, dtype=np.float64), a["logarithm"] > 0)
        return ((transformed - a["centre"]) / a["scale"]) @ a["weight"].T + a["bias"]


class TabularScores(TabularModel):
    """A fitted regression model on named features; arrays as in ``TabularModel``, one output per rating."""

    kind = "tabular-score"
    explained = "rating unit"
    predicts = "ratings"

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings), computed in double precision from the stored arrays."""
        return self.logits(self.check_values(values))


def logarithmic(values: np.ndarray, which: np.ndarray) -> np.ndarray:
    """ln(x + ``LOG_FLOOR``) of the marked features, the others as they are; shape as given."""
    result = np.array(values, dtype=np.float64)
    result[:, which] = np.log(np.maximum(result[:, which], 0.0) + LOG_FLOOR)
    return result
