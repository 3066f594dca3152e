"""The landmark-sequence network: for every label, a small temporal CNN that says whether a clip shows it.

The networks of all labels are independent of one another but run as one module: their first layers side by side in
one convolution, the heads as one grouped product. Activations are smooth, so that path methods such as
Integrated Gradients converge fast.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from mien.features.geometry import mirrored
from mien.models.base import SEQUENCE, Model

BETA = 4.0  # sharpness of the smooth maximum over time
FLOOR = 1e-3  # keeps the spread over time differentiable where nothing moves


class LandmarkNet(nn.Module):
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

    def nets(self, x: torch.Tensor) -> torch.Tensor:
        """Logit of every network, (samples, components, frames) -> (samples, members, labels)."""
        return self.read_out(self.convolution(x))

    def read_out(self, filtered: torch.Tensor) -> torch.Tensor:
        """Logit of every network from what its filters give, (samples, channels, frames)."""
        x = filtered
        activity = functional.silu(filtered)
        mean = activity.mean(2)
        peak = (torch.logsumexp(activity * BETA, 2) - math.log(activity.shape[2])) / BETA
        spread = ((activity - mean[..., None]).square().mean(2) + FLOOR).sqrt()
        summary = torch.stack([mean, peak, spread], -1).reshape(len(x), len(self.weight), -1)
        summary = functional.dropout(summary, self.dropout, self.training)
        logits = (summary * self.weight).sum(-1) + self.bias
        return logits.reshape(len(x), self.members, self.labels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Mean logit over the members, (samples, labels)."""
        return self.nets(x).mean(1)


class SequenceModule(nn.Module):
    """Landmark displacements (samples, frames, points, coordinates) -> logits (samples, classes).

    With ``mirrored_projection`` the logits are the mean of those of the clip and of its mirror image, so that a
    face and its mirror image get the same answer.
    """

    projection: torch.Tensor
    mirrored_projection: torch.Tensor | None

    def __init__(
        self, net: LandmarkNet, projection: torch.Tensor, mirrored_projection: torch.Tensor | None = None
    ) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("projection", projection)
        self.register_buffer("mirrored_projection", mirrored_projection)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logit of each label's network."""
        flat = x.flatten(2)
        logits: torch.Tensor = self.net((flat @ self.projection).transpose(1, 2))
        if self.mirrored_projection is None:
            return logits
        return (logits + self.net((flat @ self.mirrored_projection).transpose(1, 2))) / 2

    def outputs(self, columns: Sequence[int]) -> SequenceModule:
        """The same module with only these labels: who explains one label need not run the networks of the others."""
        net = self.net
        filters = net.convolution.out_channels // len(net.weight)
        part = LandmarkNet(
            net.convolution.in_channels,
            len(columns),
            filters=filters,
            width=net.convolution.kernel_size[0],
            members=net.members,
            dropout=net.dropout,
        )
        nets = torch.tensor([member * net.labels + column for member in range(net.members) for column in columns])
        channels = (nets[:, None] * filters + torch.arange(filters)).flatten()
        part.load_state_dict(
            {
                "convolution.weight": net.convolution.weight.detach()[channels],
                "convolution.bias": net.convolution.bias.detach()[channels],  # type: ignore[union-attr]
                "weight": net.weight.detach()[nets],
                "bias": net.bias.detach()[nets],
            }
        )
        module = SequenceModule(part, self.projection, self.mirrored_projection)
        return module.to(self.projection.device).train(self.training)

    def split(self) -> tuple[nn.Module, nn.Module]:
        """An affine first part and the rest, which one after the other are this module: path methods use it."""
        return _Filters(self), _ReadOut(self)


class _Filters(nn.Module):
    """Projection and convolution of a clip (and of its mirror image): (samples, images, channels, frames)."""

    def __init__(self, whole: SequenceModule) -> None:
        super().__init__()
        self.whole = whole

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        projections = [p for p in (self.whole.projection, self.whole.mirrored_projection) if p is not None]
        flat = x.flatten(2)
        return torch.stack([self.whole.net.convolution((flat @ p).transpose(1, 2)) for p in projections], 1)


class _ReadOut(nn.Module):
    """What ``_Filters`` gives -> logits (samples, classes)."""

    def __init__(self, whole: SequenceModule) -> None:
        super().__init__()
        self.whole = whole

    def forward(self, filtered: torch.Tensor) -> torch.Tensor:
        logits = self.whole.net.read_out(filtered.flatten(0, 1)).mean(1)
        return logits.reshape(*filtered.shape[:2], -1).mean(1)


def mirrored_projection(projection: np.ndarray, topology: str, coordinates: int) -> np.ndarray:
    """The projection that does to a clip what ``projection`` does to its mirror image; shape as given."""
    weights = projection.reshape(-1, coordinates, projection.shape[1])
    # Mirroring is its own transpose: partners swapped and the sign of x changed.
    turned = mirrored(np.moveaxis(weights, 2, 0), topology)
    return np.ascontiguousarray(np.moveaxis(turned, 0, 2).reshape(projection.shape))


class SequenceModel(Model):
    """A fitted landmark-sequence network.

    ``arrays``: ``projection`` (points * coordinates, components) and the parameters of ``LandmarkNet``.
    ``settings``: ``components``, ``filters``, ``width``, ``members``, ``mirror`` and those of training.
    """

    kind = SEQUENCE

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        settings, nets = self.settings, len(self.classes) * int(self.settings["members"])
        return {
            "projection": (int(np.prod(self.input_shape[1:])), settings["components"]),
            "convolution.weight": (nets * settings["filters"], settings["components"], settings["width"]),
            "convolution.bias": (nets * settings["filters"],),
            "weight": (nets, 3 * settings["filters"]),
            "bias": (nets,),
        }

    def module(self) -> nn.Module:
        """The network in evaluation mode; logits of independent binary networks."""
        net = build_net(len(self.classes), self.settings)
        state = {k: torch.tensor(v) for k, v in self.arrays.items() if k != "projection"}
        net.load_state_dict(state)
        projection, other = self.arrays["projection"], None
        if self.settings["mirror"]:
            other = torch.tensor(mirrored_projection(projection, self.topology, self.input_shape[-1]))
        return SequenceModule(net, torch.tensor(projection), other).eval()

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probabilities: those of the binary networks, divided by their sum, as for one-vs-rest in scikit-learn."""
        values = self.check_values(values)
        module = self.module()
        with torch.no_grad():
            parts = [module(torch.from_numpy(values[i : i + 256])) for i in range(0, len(values), 256)]
        logits = torch.cat(parts) if parts else torch.zeros(0, len(self.classes))
        return one_vs_rest(logits.double().numpy())


def build_net(labels: int, settings: dict[str, Any]) -> LandmarkNet:
    """An untrained network of these settings."""
    return LandmarkNet(
        settings["components"],
        labels,
        filters=settings["filters"],
        width=settings["width"],
        members=settings["members"],
        dropout=settings.get("dropout", 0.0),
    )


def one_vs_rest(logits: np.ndarray) -> np.ndarray:
    """Probabilities of independent binary networks, divided by their sum; (samples, classes)."""
    # Through the logarithm, so that a sample which every network refuses still has a most probable class.
    log_p = -np.logaddexp(0.0, -np.asarray(logits, dtype=np.float64))
    log_p -= log_p.max(1, keepdims=True) if log_p.size else 0.0
    p = np.exp(log_p)
    return p / p.sum(1, keepdims=True)
