"""One hidden layer on a clip cut into a few windows of time: trained per label, or random beside direct links.

Random vector functional link: Pao, Park & Sobajic, "Learning and generalization characteristics of the random vector
functional-link net", Neurocomputing 6 (1994). Random features in general: Rahimi & Recht, NIPS 2008.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from mien.models.landmarks.base import ClipNet, RandomNet


def windowed(x: torch.Tensor, windows: int) -> torch.Tensor:
    """Means over equal windows of time, (samples, components, frames) -> (samples, components x windows)."""
    return functional.adaptive_avg_pool1d(x, windows).flatten(1)


class Perceptrons(ClipNet):
    """Binary networks with one hidden layer, one per label and member.

    Parameters
    ----------
    components, labels, units, windows, members : int
        Inputs per window, labels, hidden units per network, windows of time, networks per label.
    dropout : float
        Share of the hidden units dropped in training.
    """

    ignores_padding = False

    def __init__(
        self, components: int, labels: int, *, units: int, windows: int, members: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.labels, self.members, self.dropout, self.windows = labels, members, dropout, windows
        self.hidden = nn.Linear(components * windows, labels * members * units)
        self.weight = nn.Parameter(torch.randn(labels * members, units) / math.sqrt(units))
        self.bias = nn.Parameter(torch.zeros(labels * members))

    def first(self, x: torch.Tensor) -> torch.Tensor:
        """Input of the hidden units, (samples, networks x units)."""
        hidden: torch.Tensor = self.hidden(windowed(x, self.windows))
        return hidden

    def read_out(self, first: torch.Tensor, present: torch.Tensor | None = None) -> torch.Tensor:
        """Logits (samples, members, labels)."""
        active = functional.dropout(functional.silu(first), self.dropout, self.training)
        logits = (active.reshape(len(first), *self.weight.shape) * self.weight).sum(-1) + self.bias
        return logits.reshape(len(first), self.members, self.labels)

    def outputs(self, columns: Sequence[int]) -> Perceptrons:
        """The same network with only these labels."""
        units = self.weight.shape[1]
        part = Perceptrons(
            self.hidden.in_features // self.windows,
            len(columns),
            units=units,
            windows=self.windows,
            members=self.members,
            dropout=self.dropout,
        )
        nets, state = self.places(columns), self.state_dict()
        rows = (nets[:, None] * units + torch.arange(units)).flatten()
        part.load_state_dict({key: value[rows if key.startswith("hidden") else nets] for key, value in state.items()})
        return part


class RandomLinks(RandomNet):
    """Random vector functional link: random hidden units, and direct links from input to output.

    Parameters
    ----------
    components, labels, units, windows : int
        Inputs per window, labels, hidden units (shared by all labels), windows of time.
    """

    ignores_padding = False
    hidden: torch.Tensor
    shift: torch.Tensor

    def __init__(self, components: int, labels: int, *, units: int, windows: int) -> None:
        super().__init__(labels, components * windows + units)
        self.windows = windows
        self.register_buffer("hidden", torch.zeros(units, components * windows))
        self.register_buffer("shift", torch.zeros(units))

    def draw(self, rng: np.random.Generator, clips: torch.Tensor) -> None:
        """Gaussian weights scaled to inputs of unit size, uniform shifts."""
        self.hidden.copy_(torch.from_numpy(rng.normal(size=self.hidden.shape)))
        size = (windowed(clips, self.windows) @ self.hidden.T).std(0).clamp_min(1e-6)
        self.hidden /= size[:, None]
        self.shift.copy_(torch.from_numpy(rng.uniform(-1, 1, len(self.shift))))

    def first(self, x: torch.Tensor) -> torch.Tensor:
        """Direct links and inputs of the hidden units, (samples, features)."""
        direct = windowed(x, self.windows)
        return torch.cat([direct, functional.linear(direct, self.hidden, self.shift)], 1)

    def features(self, first: torch.Tensor, present: torch.Tensor | None = None) -> torch.Tensor:
        """Direct links as they are, hidden units through tanh."""
        direct, hidden = first.split([first.shape[1] - len(self.shift), len(self.shift)], 1)
        return torch.cat([direct, hidden.tanh()], 1)

    def empty(self, labels: int) -> RandomLinks:
        """A network of the same sizes for another number of labels."""
        units, inputs = self.hidden.shape
        return RandomLinks(inputs // self.windows, labels, units=units, windows=self.windows)
