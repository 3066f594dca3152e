"""Kernel regression models on named features: sums of Gaussian bumps around training samples, as plain arrays."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from mien.models.base import Model

# Rows whose distances to all training samples are computed at once.
_ROWS = 256


class KernelModule(nn.Module):
    """Named features (samples, features) -> ratings (samples, ratings).

    Mirror partners are averaged, features standardised; each training sample adds its dual weight times
    exp(-gamma * squared distance).
    """

    partner: torch.Tensor
    centre: torch.Tensor
    scale: torch.Tensor
    support: torch.Tensor

    def __init__(self, arrays: dict[str, torch.Tensor], gamma: float) -> None:
        super().__init__()
        self.register_buffer("partner", arrays["partner"].long())
        for name in ("centre", "scale", "support"):
            self.register_buffer(name, arrays[name].float())
        self.gamma = gamma
        outputs, count = arrays["dual"].shape
        self.linear = nn.Linear(count, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The ratings."""
        x = ((x + x[:, self.partner]) / 2 - self.centre) / self.scale
        # Written out, because the gradient of a root (torch.cdist) is undefined at distance 0.
        squared = (x**2).sum(1, keepdim=True) - 2 * x @ self.support.T + (self.support**2).sum(1)
        ratings: torch.Tensor = self.linear(torch.exp(-self.gamma * squared.clamp_min(0.0)))
        return ratings


class KernelScores(Model):
    """A fitted kernel regression model.

    ``arrays``: ``partner`` (each feature's mirror image, itself where there is none), ``centre``, ``scale``,
    ``support`` (standardised features of the training samples that count), ``dual`` (their weights), ``bias``. The
    file holds features of training pictures; treat it like them.
    """

    kind = "kernel-score"
    explained = "rating unit"
    predicts = "ratings"

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        features, ratings, count = self.input_shape[0], len(self.classes), int(self.settings["support"])
        each = (features,)
        return {
            "partner": each, "centre": each, "scale": each, "support": (count, features), "dual": (ratings, count),
            "bias": (ratings,),
        }  # fmt: skip

    def module(self) -> nn.Module:
        """The model as a torch module in evaluation mode."""
        arrays = {key: torch.tensor(value) for key, value in self.arrays.items()}
        module = KernelModule(arrays, float(self.settings["gamma"]))
        with torch.no_grad():
            module.linear.weight.copy_(arrays["dual"])
            module.linear.bias.copy_(arrays["bias"])
        return module.eval()

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Ratings, (samples, ratings), computed in double precision from the stored arrays."""
        values = self.check_values(values)
        a = {key: value.astype(np.float64) for key, value in self.arrays.items() if key != "partner"}
        partner = self.arrays["partner"].astype(int)
        parts = []
        for start in range(0, len(values), _ROWS):
            x = values[start : start + _ROWS].astype(np.float64)
            x = ((x + x[:, partner]) / 2 - a["centre"]) / a["scale"]
            parts.append(gaussian(x, a["support"], float(self.settings["gamma"])) @ a["dual"].T + a["bias"])
        return np.concatenate(parts) if parts else np.zeros((0, len(self.classes)))


def gaussian(a: np.ndarray, b: np.ndarray, gamma: float) -> np.ndarray:
    """exp(-gamma * squared distance) of every row of ``a`` and every row of ``b``, (rows of a, rows of b)."""
    squared = (a**2).sum(1)[:, None] - 2 * a @ b.T + (b**2).sum(1)
    found: np.ndarray = np.exp(-gamma * np.maximum(squared, 0))
    return found
