"""The explainable fast network: a light convolutional body and one spatial attention map per class.

After the description of an "EF-DNN" in machine-written summaries of Di Luzio, Rosato & Panella (arXiv 2407.14865); the
paper itself works on landmarks and has no attention. Depthwise-separable convolutions: Howard et al. 2017 (MobileNets).
One forward pass gives the answer and, for every class, the places that it was read from: a class's score is the sum
over places of attention times value, plus a constant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from mien.models.base import Model, softmax

# Channels and stride of each depthwise-separable block, at width 1.
BLOCKS = ((32, 2), (64, 1), (64, 2), (96, 1), (96, 1), (128, 1))
STEM = 16


class Separable(nn.Module):
    """Depthwise and pointwise convolution, normalised and rectified once; added to its input where both fit.

    Nothing stands between the two convolutions (Chollet 2017, Xception).
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(inputs, inputs, 3, stride, 1, groups=inputs, bias=False)
        self.pointwise = nn.Conv2d(inputs, outputs, 1, bias=False)
        self.norm, self.act = nn.BatchNorm2d(outputs), nn.ReLU()
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The block's map."""
        y: torch.Tensor = self.act(self.norm(self.pointwise(self.depthwise(x))))
        return x + y if self.adds else y


class Efdnn(nn.Module):
    """Crops (samples, 3, size, size), RGB from 0 to 1 -> logits (samples, classes).

    Parameters
    ----------
    classes : int
    width : float
        Factor of all channel numbers.
    """

    def __init__(self, classes: int, *, width: float = 1.0, dropout: float = 0.0) -> None:
        super().__init__()
        channels = [_even(STEM * width), *(_even(c * width) for c, _ in BLOCKS)]
        self.stem = nn.Sequential(
            nn.Conv2d(3, channels[0], 3, 2, 1, bias=False), nn.BatchNorm2d(channels[0]), nn.ReLU()
        )
        self.body = nn.Sequential(
            *(Separable(a, b, s) for a, b, (_, s) in zip(channels, channels[1:], BLOCKS, strict=False))
        )
        self.channels = channels[-1]
        self.dropout = nn.Dropout2d(dropout)
        self.look = nn.Conv2d(channels[-1], classes, 1)
        self.value = nn.Conv2d(channels[-1], classes, 1, bias=False)
        self.constant = nn.Parameter(torch.zeros(classes))

    def maps(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Attention (positive, sums to one over places) and value of each class, (samples, classes, rows, columns)."""
        return self.maps_of(self.seen(x))

    def seen(self, x: torch.Tensor) -> torch.Tensor:
        """The body's last map, (samples, channels, rows, columns)."""
        found: torch.Tensor = self.dropout(self.body(self.stem(x * 2 - 1)))
        return found

    def maps_of(self, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Attention and value of each class, of the body's last map."""
        look = self.look(seen)
        attention = functional.softmax(look.flatten(2), dim=2).reshape(look.shape)
        return attention, self.value(seen)

    def answer(self, seen: torch.Tensor) -> torch.Tensor:
        """Logits, of the body's last map: attention times value, summed over places."""
        attention, value = self.maps_of(seen)
        return (attention * value).sum((2, 3)) + self.constant

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits, (samples, classes)."""
        return self.answer(self.seen(x))

    def outputs(self, columns: Sequence[int]) -> Efdnn:
        """The same network with only these classes; see ``mien.explain``."""
        part = Efdnn(len(columns))
        part.stem, part.body, part.dropout = self.stem, self.body, self.dropout
        chosen = list(columns)
        with torch.no_grad():
            for name in ("look", "value"):
                old = getattr(self, name)
                new = nn.Conv2d(old.in_channels, len(chosen), 1, bias=old.bias is not None)
                new.weight.copy_(old.weight[chosen])
                if old.bias is not None:
                    new.bias.copy_(old.bias[chosen])  # type: ignore[union-attr]
                setattr(part, name, new)
            part.constant = nn.Parameter(self.constant[chosen].clone())
        return part.train(self.training)


def _even(channels: float) -> int:
    return max(8, round(channels / 8) * 8)


def folded(net: Efdnn) -> Efdnn:
    """The network for use: every batch normalisation is part of the convolution before it. Same answers, faster."""
    net = net.eval()
    net.stem = nn.Sequential(_fused(net.stem[0], net.stem[1]), nn.Identity(), nn.ReLU())
    for block in net.body:
        block.pointwise = _fused(block.pointwise, block.norm)  # type: ignore[arg-type]
        block.norm = nn.Identity()
    return net


def in_units(net: Efdnn, centre: torch.Tensor, scale: torch.Tensor) -> Efdnn:
    """The network whose answers are those of ``net`` times scale plus centre, (classes,) each, in place."""
    with torch.no_grad():
        net.value.weight.mul_(scale[:, None, None, None])
        net.constant.mul_(scale).add_(centre)
    return net


def arrays_of(net: nn.Module) -> dict[str, np.ndarray]:
    """Parameters as arrays."""
    return {name: value.detach().numpy().copy() for name, value in net.state_dict().items()}


def _fused(convolution: nn.Module, norm: nn.Module) -> nn.Conv2d:
    return fuse_conv_bn_eval(cast(nn.Conv2d, convolution), cast(nn.BatchNorm2d, norm))


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


def parameters_of(net: nn.Module) -> int:
    """Number of trained parameters."""
    return sum(p.numel() for p in net.parameters())
