"""The two small networks of Xiao et al. (arXiv:2404.18352), as their published code has them."""

from __future__ import annotations

import torch
from torch import nn

CHANNELS = (16, 32, 64)
CNN_UNITS = 512
MLP_UNITS = (1024, 512)


class SmallCnn(nn.Module):
    """Three times convolution of 5 x 5, ReLU and halving, then two full layers.

    Parameters
    ----------
    outputs : int
    size : int
        Pixels per side; the first full layer depends on it.
    dropout : float
        Before the last layer; the published network has none.
    """

    def __init__(self, outputs: int, *, size: int = 224, dropout: float = 0.0) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, channels in zip((3, *CHANNELS), CHANNELS, strict=False):
            layers += [nn.Conv2d(inputs, channels, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers)
        cells = (size // 2 ** len(CHANNELS)) ** 2
        self.hidden = nn.Sequential(
            nn.Flatten(), nn.Linear(CHANNELS[-1] * cells, CNN_UNITS), nn.ReLU(), nn.Dropout(dropout)
        )
        self.classifier = nn.Linear(CNN_UNITS, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Outputs, (samples, outputs)."""
        result: torch.Tensor = self.classifier(self.hidden(self.features(x)))
        return result


class Mlp(nn.Module):
    """All pixels into two full layers; parameters as in ``SmallCnn``."""

    def __init__(self, outputs: int, *, size: int = 224, dropout: float = 0.0) -> None:
        super().__init__()
        first, second = MLP_UNITS
        self.hidden = nn.Sequential(
            nn.Flatten(), nn.Linear(3 * size**2, first), nn.ReLU(), nn.Linear(first, second), nn.ReLU(),
            nn.Dropout(dropout),
        )  # fmt: skip
        self.classifier = nn.Linear(second, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Outputs, (samples, outputs)."""
        result: torch.Tensor = self.classifier(self.hidden(x))
        return result
