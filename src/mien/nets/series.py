"""Small networks on long series of channels: dilated convolution over time, gated recurrence, attention.

Bai, Kolter & Koltun 2018 (arXiv:1803.01271) for dilated convolution; Cho et al. 2014 (arXiv:1406.1078) for gated
recurrent units; Vaswani et al. 2017 (arXiv:1706.03762) for attention, here with learnt positions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import nn
from torch.nn import functional

# A channel further than so many standard deviations from its mean counts as so far.
FARTHEST = 5.0
# Below it a step counts as missing where logarithms are taken.
_NOTHING = 1e-6


class Dilated(nn.Module):
    """Blocks of convolution over time whose steps lie 1, 2, 4, ... apart, with a way round each."""

    def __init__(self, width: int, layers: int, steps: int, dropout: float) -> None:
        super().__init__()
        self.filters = nn.ModuleList(
            nn.Conv1d(width, width, 3, padding=2**layer, dilation=2**layer) for layer in range(layers)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """(samples, steps, width) -> the same shape."""
        for filters, norm in zip(self.filters, self.norms, strict=True):
            # A missing step is nothing to its neighbours.
            seen = (norm(x) * present[..., None]).transpose(1, 2)
            x = x + self.dropout(functional.gelu(filters(seen).transpose(1, 2)))
        return x


class Gated(nn.Module):
    """Gated recurrent units, step after step."""

    def __init__(self, width: int, layers: int, steps: int, dropout: float) -> None:
        super().__init__()
        self.gru = nn.GRU(width, width, layers, batch_first=True)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """(samples, steps, width) -> the same shape."""
        found, _ = self.gru(x * present[..., None])
        result: torch.Tensor = self.dropout(found)
        return result


class Attending(nn.Module):
    """Transformer blocks, normalised before each part; missing steps are not attended to."""

    def __init__(self, width: int, layers: int, steps: int, dropout: float, heads: int = 4) -> None:
        super().__init__()
        self.places = nn.Parameter(0.02 * torch.randn(steps, width))
        self.asked = nn.ModuleList(nn.Linear(width, 3 * width) for _ in range(layers))
        self.joined = nn.ModuleList(nn.Linear(width, width) for _ in range(layers))
        self.inner = nn.ModuleList(
            nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))
            for _ in range(layers)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(layers))
        self.dropout, self.heads = nn.Dropout(dropout), heads

    def forward(self, x: torch.Tensor, present: torch.Tensor) -> torch.Tensor:
        """(samples, steps, width) -> the same shape."""
        x = x + self.places
        there = present.clamp_min(_NOTHING).log()[:, None, None]
        for norm, asked, joined, inner in zip(self.norms, self.asked, self.joined, self.inner, strict=True):
            query, key, value = asked(norm(x)).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
            share = (query @ key.transpose(2, 3) / query.shape[-1] ** 0.5 + there).softmax(-1)
            x = x + self.dropout(joined((share @ value).transpose(1, 2).flatten(2)))
            x = x + self.dropout(inner(x))
        return x


NETWORKS: dict[str, type[nn.Module]] = {"cnn": Dilated, "gru": Gated, "transformer": Attending}


class SeriesNet(nn.Module):
    """Series (samples, steps, channels and 'present') -> logits or ratings (samples, outputs).

    Channels are standardised by the training people. What the network makes of every step is summed up over the steps
    that are there: their mean, and for attention a mean whose weights are learnt.

    Parameters
    ----------
    channels, steps, outputs : int
    settings : mapping
        ``network`` (a key of ``NETWORKS``), ``units``, ``layers``, ``dropout``.
    """

    low: torch.Tensor
    spread: torch.Tensor
    centre: torch.Tensor
    scale: torch.Tensor

    def __init__(self, channels: int, steps: int, outputs: int, settings: Mapping[str, Any]) -> None:
        super().__init__()
        width, dropout = settings["units"], settings["dropout"]
        self.register_buffer("low", torch.zeros(channels))
        self.register_buffer("spread", torch.ones(channels))
        self.register_buffer("centre", torch.zeros(outputs))
        self.register_buffer("scale", torch.ones(outputs))
        self.start = nn.Linear(channels, width)
        self.body = NETWORKS[settings["network"]](width, settings["layers"], steps, dropout)
        self.norm = nn.LayerNorm(width)
        self.weigh = nn.Linear(width, 1) if settings["network"] == "transformer" else None
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, outputs)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The outputs."""
        present = x[..., -1].clamp(0, 1)
        seen = ((x[..., :-1] - self.low) / self.spread).clamp(-FARTHEST, FARTHEST) * present[..., None]
        made = self.norm(self.body(self.start(seen), present))
        if self.weigh is None:
            share = present / present.sum(1, keepdim=True).clamp_min(_NOTHING)
        else:
            share = (self.weigh(made)[..., 0] + present.clamp_min(_NOTHING).log()).softmax(1)
        result: torch.Tensor = self.head(self.dropout((made * share[..., None]).sum(1)))
        return result * self.scale + self.centre

    def head_parameters(self) -> list[nn.Parameter]:
        """Those of the last layer."""
        return list(self.head.parameters())

    def standardise(self, values: torch.Tensor) -> None:
        """Take mean and spread of every channel from series of training people, (samples, steps, channels + 1)."""
        there = values[values[..., -1] > 0][:, :-1].double()
        self.low.copy_(there.mean(0))
        spread = there.std(0, correction=0)
        self.spread.copy_(torch.where(spread > 1e-6, spread, torch.ones_like(spread)))
