"""Networks that read each class off the places that they attend to: one map of attention and one of value per class.

A class's score is the sum over places of attention times value, plus a constant, so one forward pass gives the answer
and the places that it was read from. ``Efdnn`` has a body of its own; ``EfdnnLite`` reads the first stages of a frozen
EfficientNet-Lite0, depthwise-separable blocks (inverted residuals, Sandler et al. 2018) as ImageNet taught them.

After the description of an "EF-DNN" in machine-written summaries of Di Luzio, Rosato & Panella (arXiv 2407.14865); the
paper itself works on landmarks and has no attention. Depthwise-separable convolutions: Howard et al. 2017 (MobileNets).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from mien.nets.bodies import Body
from mien.nets.efficientnet import SameConv2d

# Of ``Efdnn``: channels and stride of each depthwise-separable block, at width 1.
BLOCKS = ((32, 2), (64, 1), (64, 2), (96, 1), (96, 1), (128, 1))
STEM = 16
# Of ``EfdnnLite``.
BODY, STAGE, STRIDE = "efficientnet-lite0", 4, 16


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

    def head_parameters(self) -> list[nn.Parameter]:
        """Those of the last layer: attention, value and constant of each class."""
        return [*self.look.parameters(), *self.value.parameters(), self.constant]

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
        chosen = torch.tensor(list(columns))
        with torch.no_grad():
            for name in ("look", "value"):
                old = getattr(self, name)
                new = nn.Conv2d(old.in_channels, len(chosen), 1, bias=old.bias is not None)
                new.weight.copy_(old.weight[chosen])
                if old.bias is not None:
                    new.bias.copy_(old.bias[chosen])  # type: ignore[union-attr]
                setattr(part, name, new)
            part.constant = nn.Parameter(self.constant[chosen].clone())
        return part.to(self.constant.device).train(self.training)


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


def parameters_of(net: nn.Module) -> int:
    """Number of trained parameters."""
    return sum(p.numel() for p in net.parameters())


def body_for(size: int) -> Body:
    """The frozen body for crops of a size: its last map, place by place."""
    return Body(BODY, (STAGE,), (cells_of(size),))


def cells_of(size: int) -> int:
    """Places per side of the body's last map."""
    return -(-size // STRIDE)


class AttentionHead(nn.Module):
    """The body's map (samples, channels, rows, columns) -> logits (samples, classes).

    Parameters
    ----------
    channels, hidden, classes, cells : int
        Of the body's map, of the mixing layer; places per side.
    dropout : float
        Share of the body's channels dropped in training.

    Notes
    -----
    Attention depends on what is seen and, by ``place``, on where: crops are aligned to the face.
    """

    centre: torch.Tensor
    scale: torch.Tensor

    def __init__(self, channels: int, hidden: int, classes: int, cells: int, *, dropout: float = 0.0) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(channels))
        self.register_buffer("scale", torch.ones(channels))
        self.dropout = nn.Dropout2d(dropout)
        self.mix, self.act = nn.Conv2d(channels, hidden, 1), nn.ReLU()
        self.look = nn.Conv2d(hidden, classes, 1)
        nn.init.zeros_(self.look.weight)
        self.place = nn.Parameter(torch.zeros(classes, cells, cells))
        self.value = nn.Conv2d(hidden, classes, 1, bias=False)
        self.constant = nn.Parameter(torch.zeros(classes))

    def maps(self, seen: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Attention (positive, sums to one over places) and value of each class, (samples, classes, rows, columns)."""
        seen = (seen - self.centre[:, None, None]) / self.scale[:, None, None]
        mixed = self.act(self.mix(self.dropout(seen)))
        look = self.look(mixed) + self.place
        attention = functional.softmax(look.flatten(2), dim=2).reshape(look.shape)
        return attention, self.value(mixed)

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        """Logits: attention times value, summed over places."""
        attention, value = self.maps(seen)
        return (attention * value).sum((2, 3)) + self.constant


class EfdnnLite(nn.Module):
    """Crops (samples, 3, size, size), RGB from 0 to 1 -> logits (samples, classes): body and head."""

    def __init__(self, body: nn.Module, head: AttentionHead) -> None:
        super().__init__()
        self.body, self.head = body, head

    def head_parameters(self) -> list[nn.Parameter]:
        """Those of the last layer: attention, value and constant of each class."""
        return [*self.head.look.parameters(), *self.head.value.parameters(), self.head.constant]

    def maps(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Attention and value of each class, (samples, classes, rows, columns)."""
        found: tuple[torch.Tensor, torch.Tensor] = self.head.maps(self._seen(x))
        return found

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits, (samples, classes)."""
        found: torch.Tensor = self.head(self._seen(x))
        return found

    def outputs(self, columns: Sequence[int]) -> EfdnnLite:
        """The same network with only these classes; see ``mien.explain``."""
        chosen, old = torch.tensor(list(columns)), self.head
        part = AttentionHead(old.mix.in_channels, old.mix.out_channels, len(chosen), old.place.shape[-1])
        state = dict(old.state_dict())
        for name in ("look.weight", "look.bias", "place", "value.weight", "constant"):
            state[name] = state[name][chosen]
        part.load_state_dict(state)
        return EfdnnLite(self.body, part.to(old.constant.device)).train(self.training)

    def _seen(self, x: torch.Tensor) -> torch.Tensor:
        cells = self.head.place.shape[-1]
        seen: torch.Tensor = self.body(x).reshape(len(x), -1, cells, cells)
        return seen


def fold_norms(net: nn.Module) -> nn.Module:
    """Make every batch normalisation part of the convolution before it, in place: same answers, faster."""
    for layers in [part for part in net.modules() if isinstance(part, nn.Sequential)]:
        for i in range(len(layers) - 1):
            one, two = layers[i], layers[i + 1]
            if isinstance(one, SameConv2d) and isinstance(two, nn.BatchNorm2d):
                layers[i], layers[i + 1] = fuse_conv_bn_eval(one, two), nn.Identity()
    return net
