"""The four networks of Gaya-Morey et al. (doi 10.1007/s11042-024-20090-5) that start from nothing, by their layers.

Layers, padding and first weights are those of their published settings (github.com/Xavi3398/ekman_expressions): every
convolution and pooling is padded so that a stride of s leaves 1/s of the side, rounded up, with the odd pixel right
and below; first weights are Glorot & Bengio's (2010).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import nn
from torch.nn import functional

from mien.core.errors import InputError

# Cells per side of the last map, below which it tells no places apart.
LEAST_CELLS = 2


@dataclass(frozen=True)
class Conv:
    """A convolution of ``kernel`` x ``kernel`` and a ReLU."""

    channels: int
    kernel: int
    stride: int = 1


@dataclass(frozen=True)
class Pool:
    """The maximum of ``kernel`` x ``kernel``."""

    kernel: int
    stride: int


@dataclass(frozen=True)
class Dense:
    """A full layer and a ReLU."""

    units: int


@dataclass(frozen=True)
class Drop:
    """Dropout of a share."""

    share: float


class PaddedConv(nn.Conv2d):
    """A convolution that leaves 1/stride of the side, rounded up."""

    def __init__(self, inputs: int, layer: Conv, size: int) -> None:
        less, self.odd = _padding(layer, size)
        super().__init__(inputs, layer.channels, layer.kernel, layer.stride, less)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The maps."""
        return super().forward(functional.pad(x, (0, self.odd, 0, self.odd)) if self.odd else x)


class PaddedPool(nn.MaxPool2d):
    """The maximum of windows, leaving 1/stride of the side, rounded up, of a map behind a ReLU.

    The odd pixel is zero, which is no larger than any other.
    """

    def __init__(self, layer: Pool, size: int) -> None:
        less, self.odd = _padding(layer, size)
        super().__init__(layer.kernel, layer.stride, less)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The smaller maps."""
        return super().forward(functional.pad(x, (0, self.odd, 0, self.odd)) if self.odd else x)


def _padding(layer: Conv | Pool, size: int) -> tuple[int, int]:
    """Pixels of padding on all sides, and the odd one right and below."""
    over = max(0, (_after(size, layer.stride) - 1) * layer.stride + layer.kernel - size)
    return over // 2, over % 2


class Layered(nn.Module):
    """A network of ``layers``: maps, then full layers, then one output each.

    Parameters
    ----------
    outputs : int
    size : int
        Pixels per side; padding and the first full layer depend on it.
    dropout : float
        Before the last layer, beside that of the published layers.

    Raises
    ------
    InputError
        If the pictures are too small for the layers.
    """

    layers: ClassVar[tuple[Conv | Pool | Dense | Drop, ...]]
    # Whether first weights of all but the last layer are drawn from a normal distribution instead of a uniform one.
    normal: ClassVar[bool] = False

    def __init__(self, outputs: int, *, size: int, dropout: float = 0.0) -> None:
        super().__init__()
        _check(type(self).__name__, self.layers, size)
        maps: list[nn.Module] = []
        dense: list[nn.Module] = [nn.Flatten()]
        wide = 3
        for layer in self.layers:
            if isinstance(layer, Conv):
                maps += [PaddedConv(wide, layer, size), nn.ReLU()]
                wide = layer.channels
            elif isinstance(layer, Pool):
                maps.append(PaddedPool(layer, size))
            elif isinstance(layer, Dense):
                dense += [nn.Linear(wide * size**2, layer.units), nn.ReLU()]
                wide, size = layer.units, 1
            else:
                (maps if len(dense) == 1 else dense).append(nn.Dropout(layer.share))
            size = _after(size, layer.stride) if isinstance(layer, Conv | Pool) else size
        self.features = nn.Sequential(*maps)
        self.hidden = nn.Sequential(*dense, nn.Dropout(dropout))
        self.classifier = nn.Linear(wide * size**2, outputs)
        for part in self.modules():
            if isinstance(part, nn.Conv2d | nn.Linear):
                normal = self.normal and part is not self.classifier
                (nn.init.xavier_normal_ if normal else nn.init.xavier_uniform_)(part.weight)
                nn.init.constant_(part.get_parameter("bias"), 0.0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Outputs, (samples, outputs)."""
        found: torch.Tensor = self.classifier(self.hidden(self.features(x)))
        return found


def _after(size: int, stride: int) -> int:
    return -(-size // stride)


def _cells(layers: tuple[Conv | Pool | Dense | Drop, ...], size: int) -> int:
    """Cells per side of the last map."""
    for layer in layers:
        if isinstance(layer, Conv | Pool):
            size = _after(size, layer.stride)
    return size


def _check(name: str, layers: tuple[Conv | Pool | Dense | Drop, ...], size: int) -> None:
    if _cells(layers, size) < LEAST_CELLS:
        least = next(larger for larger in range(size + 1, 10_000) if _cells(layers, larger) >= LEAST_CELLS)
        raise InputError(
            f"Pictures of {size} pixels are too small for the layers of {name}: its last map would have "
            f"{_cells(layers, size)} cell per side and tell no places apart. Give size={least} or more."
        )


class AlexNet(Layered):
    """Krizhevsky et al. (2012) on one device, with three full layers of 4,096 and no response normalisation."""

    layers = (
        Conv(96, 11, 4), Pool(3, 2), Conv(256, 5), Pool(3, 2), Conv(384, 3), Conv(384, 3), Conv(256, 3), Pool(3, 2),
        Dense(4096), Drop(0.4), Dense(4096), Dense(4096), Drop(0.4),
    )  # fmt: skip


class WeiNet(Layered):
    """Three convolutions of 7 x 7, pooled without becoming smaller."""

    layers = (Conv(32, 7), Pool(2, 1), Conv(32, 7), Pool(2, 1), Conv(64, 7), Pool(2, 1))


class SongNet(Layered):
    """Four small convolutions, each halved; the smallest of the twelve."""

    layers = (
        Conv(64, 5), Pool(3, 2), Conv(64, 5), Pool(3, 2), Conv(32, 3), Pool(3, 2), Drop(0.5), Conv(32, 3), Pool(3, 2),
        Drop(0.5),
    )  # fmt: skip


class SilNet(Layered):
    """Five convolutions that halve the picture once, then two full layers of 512 (Ramis et al. 2022)."""

    layers = (
        Conv(32, 11), Pool(2, 2), Conv(32, 7), Conv(32, 7), Pool(2, 1), Conv(64, 5), Conv(64, 5), Pool(2, 1),
        Dense(512), Drop(0.5), Dense(512),
    )  # fmt: skip
    normal = True
