"""Temporal convolutions: trained per label, or drawn at random with a fitted read-out.

Random kernels with pooled responses as features: Dempster, Petitjean & Webb, "ROCKET", Data Min. Knowl. Discov. 34
(2020); here with smooth responses, so that gradients exist.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from mien.nets.landmarks.base import ClipNet, RandomNet, responses, smooth_summaries
from mien.nets.landmarks.slopes import responses_slope

# Frames between the taps of a random filter: each third of the filters sees another span of time.
DILATIONS = (1, 2, 4)


class LandmarkNet(ClipNet):
    """Binary networks, one per label (and per member of an ensemble), on projected landmark displacements.

    Each: temporal convolution (``components`` -> ``filters``), SiLU, then mean, smooth maximum and spread over
    time of every filter, and a weighted sum of these 3 x ``filters`` summaries.

    Parameters
    ----------
    components, labels, filters, width, members : int
        Inputs of the convolution, labels, filters per label, frames the filters span, networks per label.
    dropout : float
        Share of the summaries dropped in training.
    """

    def __init__(
        self, components: int, labels: int, *, filters: int, width: int, members: int, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.labels, self.members, self.dropout = labels, members, dropout
        nets = labels * members
        self.convolution = nn.Conv1d(components, nets * filters, width, padding=width // 2)
        self.weight = nn.Parameter(torch.randn(nets, 3 * filters) / math.sqrt(3 * filters))
        self.bias = nn.Parameter(torch.zeros(nets))

    def first(self, x: torch.Tensor) -> torch.Tensor:
        """What the filters give, (samples, networks x filters, frames)."""
        filtered: torch.Tensor = self.convolution(x)
        return filtered

    def read_out(self, first: torch.Tensor, present: torch.Tensor | None = None) -> torch.Tensor:
        """Logit of every network from what its filters give, (samples, channels, frames)."""
        summary = smooth_summaries(first, present, fused=not self.training).reshape(len(first), len(self.weight), -1)
        summary = functional.dropout(summary, self.dropout, self.training)
        logits = (summary * self.weight).sum(-1) + self.bias
        return logits.reshape(len(first), self.members, self.labels)

    def outputs(self, columns: Sequence[int]) -> LandmarkNet:
        """The same network with only these labels."""
        filters = self.convolution.out_channels // len(self.weight)
        part = LandmarkNet(
            self.convolution.in_channels,
            len(columns),
            filters=filters,
            width=self.convolution.kernel_size[0],
            members=self.members,
            dropout=self.dropout,
        )
        nets = self.places(columns)
        channels = (nets[:, None] * filters + torch.arange(filters)).flatten()
        state = self.state_dict()
        part.load_state_dict(
            {
                "convolution.weight": state["convolution.weight"][channels],
                "convolution.bias": state["convolution.bias"][channels],
                "weight": state["weight"][nets],
                "bias": state["bias"][nets],
            }
        )
        return part


class RandomFilters(RandomNet):
    """Random temporal filters; features are mean and spread of their tanh and the share of time they are positive.

    Parameters
    ----------
    components, labels, filters, width : int
        Inputs, labels, filters (shared by all labels), frames that each spans.
    """

    kernel: torch.Tensor
    shift: torch.Tensor

    def __init__(self, components: int, labels: int, *, filters: int, width: int) -> None:
        super().__init__(labels, 3 * filters)
        self.register_buffer("kernel", torch.zeros(filters, components, width))
        self.register_buffer("shift", torch.zeros(filters))

    def draw(self, rng: np.random.Generator, clips: torch.Tensor) -> None:
        """Gaussian kernels without a constant part in half of the filters, scaled to responses of unit size."""
        kernel = rng.normal(size=self.kernel.shape)
        # Half of the filters answer to change only: what stays the same over their span is invisible to them.
        kernel[::2] -= kernel[::2].mean(2, keepdims=True)
        self.kernel.copy_(torch.from_numpy(kernel))
        self.shift.zero_()
        size = self.first(clips).std((0, 2)).clamp_min(1e-6)
        self.kernel /= size[:, None, None]
        self.shift.copy_(torch.from_numpy(rng.uniform(-1, 1, len(self.shift))))

    def first(self, x: torch.Tensor) -> torch.Tensor:
        """What the filters give, (samples, filters, frames)."""
        half, shares = self.kernel.shape[2] // 2, [part.chunk(len(DILATIONS)) for part in (self.kernel, self.shift)]
        parts = zip(*shares, DILATIONS, strict=False)  # fewer filters than dilations make fewer parts
        return torch.cat([functional.conv1d(x, k, b, padding=half * d, dilation=d) for k, b, d in parts], 1)

    def features(self, first: torch.Tensor, present: torch.Tensor | None = None) -> torch.Tensor:
        """Three summaries of every filter, (samples, 3 x filters)."""
        return responses(first, present).flatten(1)

    def features_slope(self, first: torch.Tensor, given: torch.Tensor) -> torch.Tensor:
        """Gradient of the features' weighted sum, shape of ``first``."""
        return responses_slope(first, given.reshape(-1, 3))

    def empty(self, labels: int) -> RandomFilters:
        """A network of the same sizes for another number of labels."""
        filters, components, width = self.kernel.shape
        return RandomFilters(components, labels, filters=filters, width=width)
