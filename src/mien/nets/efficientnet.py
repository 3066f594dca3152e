"""EfficientNet-Lite 0 to 2 in plain torch, with ImageNet weights that are read without unpickling anything.

Tan & Le (2019), EfficientNet, arXiv:1905.11946; the Lite variants (Google, 2020) have no squeeze-and-excitation, use
ReLU6 and keep stem and head at their size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from mien.core.errors import InputError, WeightsError
from mien.data.cards import CARDS
from mien.data.torch_file import read_tensors
from mien.data.weights import member_bytes

# Kernel, stride, expansion, output channels and repeats of the seven stages, before scaling.
STAGES = ((3, 1, 1, 16, 1), (3, 2, 6, 24, 2), (5, 2, 6, 40, 2), (3, 2, 6, 80, 3), (5, 1, 6, 112, 3), (5, 2, 6, 192, 4),
          (3, 1, 6, 320, 1))  # fmt: skip
STEM, HEAD = 32, 1280
EPSILON = 1e-3
IMAGENET_CLASSES = 1000


@dataclass(frozen=True)
class Variant:
    """How one variant scales the stages, and the side in pixels of the pictures it was trained on."""

    width: float
    depth: float
    size: int


VARIANTS: dict[str, Variant] = {
    "efficientnet-lite0": Variant(1.0, 1.0, 224),
    "efficientnet-lite1": Variant(1.0, 1.1, 240),
    "efficientnet-lite2": Variant(1.1, 1.2, 260),
}


class SameConv2d(nn.Conv2d):
    """Convolution with TensorFlow's 'SAME' padding: the result has ceil(size / stride) rows and columns."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pad, one pixel more at the bottom and on the right where the sum is odd, and convolve."""
        needed = []
        for size, kernel, stride in zip(x.shape[-2:], self.kernel_size, self.stride, strict=True):
            needed.append(max((math.ceil(size / stride) - 1) * stride + kernel - size, 0))
        height, width = needed
        around = (height // 2, width // 2)
        if height % 2 or width % 2:
            x, around = functional.pad(x, (around[1], width - around[1], around[0], height - around[0])), (0, 0)
        # The convolution pads evenly by itself, without another copy of the map.
        return functional.conv2d(x, self.weight, self.bias, self.stride, around, self.dilation, self.groups)


def _unit(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> list[nn.Module]:
    convolution = SameConv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
    return [convolution, nn.BatchNorm2d(outputs, eps=EPSILON)]


class Block(nn.Module):
    """Inverted residual: expand, filter each channel, project; the input is added where the shape stays."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        expand = [*_unit(inputs, inner, 1), nn.ReLU6()] if expansion > 1 else []
        depthwise = [*_unit(inner, inner, kernel, stride, groups=inner), nn.ReLU6()]
        self.layers = nn.Sequential(*expand, *depthwise, *_unit(inner, outputs, 1))
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The block's result, (samples, outputs, height / stride, width / stride)."""
        result: torch.Tensor = self.layers(x)
        return x + result if self.residual else result


class EfficientNetLite(nn.Module):
    """Pictures (samples, 3, height, width), RGB as (value - 127) / 128 -> ImageNet logits (samples, 1000).

    ``stages`` are the stem, the seven stages and the head, one after the other; the last one's result is the feature
    map that is averaged over the picture for ``classifier``.
    """

    def __init__(self, name: str) -> None:
        super().__init__()
        variant = variant_of(name)
        self.name = name
        stages: list[nn.Module] = [nn.Sequential(*_unit(3, STEM, 3, 2), nn.ReLU6())]
        channels = stage_channels(name)
        for number, (kernel, stride, expansion, _, repeats) in enumerate(STAGES):
            inputs, outputs = channels[number : number + 2]
            # The first and the last stage are not repeated more often in deeper variants.
            count = repeats if number in (0, len(STAGES) - 1) else math.ceil(repeats * variant.depth)
            blocks = [
                Block(outputs if i else inputs, outputs, kernel, 1 if i else stride, expansion) for i in range(count)
            ]
            stages.append(nn.Sequential(*blocks))
        stages.append(nn.Sequential(*_unit(channels[-2], HEAD, 1), nn.ReLU6()))
        self.stages = nn.Sequential(*stages)
        self.classifier = nn.Linear(HEAD, IMAGENET_CLASSES)

    def features(self, x: torch.Tensor) -> torch.Tensor:
        """The last feature map, (samples, 1280, height / 32, width / 32)."""
        result: torch.Tensor = self.stages(x)
        return result

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of ImageNet's classes."""
        logits: torch.Tensor = self.classifier(self.features(x).mean((2, 3)))
        return logits


def stage_channels(name: str) -> tuple[int, ...]:
    """Channels that stem, seven stages and head give."""
    width = variant_of(name).width
    return (STEM, *(_channels(outputs, width) for _, _, _, outputs, _ in STAGES), HEAD)


def variant_of(name: str) -> Variant:
    """The variant of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in VARIANTS:
        raise InputError(f"There is no body '{name}'; mien knows {', '.join(VARIANTS)}.")
    return VARIANTS[name]


def _channels(count: int, width: float) -> int:
    """A number of channels scaled and rounded to a multiple of 8, but not down by more than a tenth."""
    scaled = count * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded


def pretrained(name: str) -> EfficientNetLite:
    """The network with ImageNet weights from the cache, frozen and in evaluation mode.

    Raises
    ------
    InputError
        If there is no such network.
    WeightsError
        If its weights were not pulled; the sentence says how.
    """
    net = EfficientNetLite(name)
    arrays = read_tensors(member_bytes(name)).values()
    state = net.state_dict()
    if len(arrays) != len(state):
        raise WeightsError(f"{CARDS[name].file} holds {len(arrays)} arrays, but {name} has {len(state)}.")
    # The file lists the same layers in the same order under other names.
    with torch.no_grad():
        for (key, tensor), array in zip(state.items(), arrays, strict=True):
            if tensor.shape != array.shape:
                raise WeightsError(f"{CARDS[name].file} does not fit {name} at '{key}'.")
            tensor.copy_(torch.from_numpy(array))
    return net.eval().requires_grad_(False)


def untrained(name: str, seed: int = 0) -> EfficientNetLite:
    """The network with random weights, for checks of the machinery; frozen and in evaluation mode."""
    net = EfficientNetLite(name)
    rng = torch.Generator().manual_seed(seed)
    for part in net.modules():
        if isinstance(part, (nn.Conv2d, nn.Linear)):
            spread = math.sqrt(2 / part.weight[0].numel())
            part.weight.data.normal_(0.0, spread, generator=rng)
    return net.eval().requires_grad_(False)
