"""Networks to compare the speed of ``efdnn`` with, in plain torch with random weights: they only have to be as slow.

VGG16 (Simonyan & Zisserman 2015), ResNet18 (He et al. 2016) and MobileNetV3-Large (Howard et al. 2019), each with a
head of two classes. Normalisation is folded into the convolutions before timing, as it would be for use.
"""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from mien.nets.efficientnet import SameConv2d, untrained

CLASSES = 2
# Channels of VGG16's convolutions; 0 halves the map.
VGG16 = (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0)
# Kernel, inner channels, channels, squeeze-and-excitation, hard swish and stride of MobileNetV3-Large's blocks.
MOBILENET_V3 = (
    (3, 16, 16, False, False, 1), (3, 64, 24, False, False, 2), (3, 72, 24, False, False, 1),
    (5, 72, 40, True, False, 2), (5, 120, 40, True, False, 1), (5, 120, 40, True, False, 1),
    (3, 240, 80, False, True, 2), (3, 200, 80, False, True, 1), (3, 184, 80, False, True, 1),
    (3, 184, 80, False, True, 1), (3, 480, 112, True, True, 1), (3, 672, 112, True, True, 1),
    (5, 672, 160, True, True, 2), (5, 960, 160, True, True, 1), (5, 960, 160, True, True, 1),
)  # fmt: skip


def _unit(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, act: nn.Module | None = None):  # type: ignore[no-untyped-def]
    """Convolution and normalisation, folded into one."""
    convolution = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    one = fuse_conv_bn_eval(convolution.eval(), nn.BatchNorm2d(outputs).eval())
    return nn.Sequential(one, act) if act is not None else one


def vgg16() -> nn.Module:
    """VGG16 with its two wide layers."""
    layers: list[nn.Module] = []
    last = 3
    for channels in VGG16:
        layers += [nn.Conv2d(last, channels, 3, padding=1), nn.ReLU()] if channels else [nn.MaxPool2d(2)]
        last = channels or last
    wide = [nn.Linear(512 * 7 * 7, 4096), nn.ReLU(), nn.Linear(4096, 4096), nn.ReLU(), nn.Linear(4096, CLASSES)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(7), nn.Flatten(), *wide)


class _Residual(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.one = _unit(inputs, outputs, 3, stride, act=nn.ReLU())
        self.two = _unit(outputs, outputs, 3)
        self.way = nn.Identity() if stride == 1 else _unit(inputs, outputs, 1, stride)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.two(self.one(x)) + self.way(x))


def resnet18() -> nn.Module:
    """ResNet18."""
    blocks = [
        _Residual(a, b, s)
        for a, b, s in ((64, 64, 1), (64, 64, 1), (64, 128, 2), (128, 128, 1), (128, 256, 2), (256, 256, 1),
                        (256, 512, 2), (512, 512, 1))
    ]  # fmt: skip
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, CLASSES)]
    return nn.Sequential(_unit(3, 64, 7, 2, act=nn.ReLU()), nn.MaxPool2d(3, 2, 1), *blocks, *head)


class _Squeeze(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        inner = max(8, int(channels / 4 + 4) // 8 * 8)
        self.one, self.two = nn.Conv2d(channels, inner, 1), nn.Conv2d(inner, channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * functional.hardsigmoid(self.two(functional.relu(self.one(x.mean((2, 3), keepdim=True)))))


class _Inverted(nn.Module):
    def __init__(self, inputs: int, kernel: int, inner: int, outputs: int, squeeze: bool, hard: bool, stride: int):
        super().__init__()
        act: Callable[[], nn.Module] = nn.Hardswish if hard else nn.ReLU
        layers: list[nn.Module] = [] if inner == inputs else [_unit(inputs, inner, 1, act=act())]
        layers.append(_unit(inner, inner, kernel, stride, inner, act()))
        layers += [_Squeeze(inner)] if squeeze else []
        self.layers = nn.Sequential(*layers, _unit(inner, outputs, 1))
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.layers(x)
        return x + y if self.adds else y


def mobilenet_v3_large() -> nn.Module:
    """MobileNetV3-Large."""
    last, blocks = 16, []
    for kernel, inner, outputs, squeeze, hard, stride in MOBILENET_V3:
        blocks.append(_Inverted(last, kernel, inner, outputs, squeeze, hard, stride))
        last = outputs
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(960, 1280), nn.Hardswish(), nn.Linear(1280, CLASSES)]
    return nn.Sequential(_unit(3, 16, 3, 2, act=nn.Hardswish()), *blocks, _unit(160, 960, 1, act=nn.Hardswish()), *head)


def efficientnet_lite0() -> nn.Module:
    """EfficientNet-Lite0, mien's own, folded."""
    net = untrained("efficientnet-lite0").eval()
    net.classifier = nn.Linear(net.classifier.in_features, CLASSES)
    for holder in net.modules():
        if isinstance(holder, nn.Sequential):
            _fold(holder)
    return net


def _fold(layers: nn.Sequential) -> None:
    for i in range(len(layers) - 1):
        one, two = layers[i], layers[i + 1]
        if isinstance(one, nn.Conv2d) and isinstance(two, nn.BatchNorm2d):
            assert isinstance(one, SameConv2d)
            layers[i], layers[i + 1] = fuse_conv_bn_eval(one, two), nn.Identity()


BODIES: dict[str, Callable[[], nn.Module]] = {
    "VGG16": vgg16,
    "ResNet18": resnet18,
    "MobileNetV3-Large": mobilenet_v3_large,
    "EfficientNet-Lite0": efficientnet_lite0,
}
SIZE = 224


def folds_correctly() -> float:
    """Largest difference that folding makes to EfficientNet-Lite0's answer."""
    torch.manual_seed(0)
    net = untrained("efficientnet-lite0").eval()
    x = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        before = net.features(x)
        for holder in net.modules():
            if isinstance(holder, nn.Sequential):
                _fold(holder)
        return float((net.features(x) - before).abs().max())
