"""Image networks by name: all of timm's, EfficientNet-Lite with mien's own reader, and some of mien's own making.

timm (Wightman 2019) is the optional part ``mien[zoo]``. Nothing here downloads anything: weights come from a file, from
what the Hugging Face cache already holds, or are random, and then the model says so.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from functools import cache
from types import ModuleType
from typing import Any

import torch
from torch import nn

from mien.core.errors import InputError, MissingExtra
from mien.core.extras import require
from mien.nets.efficientnet import VARIANTS, EfficientNetLite, untrained
from mien.nets.names import NETWORKS

# Those of mien's own making, of which nobody publishes weights.
OWN = tuple(name for name, row in NETWORKS.items() if row.home)
# Layers that timm puts between an average over the picture and the last layer, by its classes of networks.
DENSE_TOPS = {"VGG": ("pre_logits",), "MobileNetV3": ("conv_head", "norm_head", "act2")}
AS_IT_IS = (0.0,) * 3, (1.0,) * 3
IMAGENET_MEAN, IMAGENET_SD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LITE_MEAN, LITE_SD = (127 / 255,) * 3, (128 / 255,) * 3
PURPOSE = "A network of timm"
# What keeps the operators that _define_operators made.
_KEPT: list[Any] = []


class Network(nn.Module):
    """Crops (samples, 3, size, size), RGB from 0 to 1 -> logits or ratings (samples, outputs).

    The pre-processing that the network was made for is part of it, so that training and explanation see the same
    pictures. ``centre`` and ``scale`` bring its outputs to the unit of the ratings; for classes they change nothing.
    """

    mean: torch.Tensor
    sd: torch.Tensor
    centre: torch.Tensor
    scale: torch.Tensor

    def __init__(self, net: nn.Module, name: str, outputs: int) -> None:
        super().__init__()
        self.net = net
        mean, sd = preprocessing(name)
        self.register_buffer("mean", torch.tensor(mean).reshape(3, 1, 1), persistent=False)
        self.register_buffer("sd", torch.tensor(sd).reshape(3, 1, 1), persistent=False)
        self.register_buffer("centre", torch.zeros(outputs))
        self.register_buffer("scale", torch.ones(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The outputs."""
        result: torch.Tensor = self.net((x - self.mean) / self.sd)
        return result * self.scale + self.centre

    def head_parameters(self) -> list[nn.Parameter]:
        """Those of the last layer."""
        head = head_of(self.net)
        return [p for part in (head if isinstance(head, (tuple, list)) else (head,)) for p in part.parameters()]


def timm() -> ModuleType:
    """The package timm.

    Raises
    ------
    MissingExtra
        If it is not installed; the sentence names the extra.
    """
    if "timm" not in sys.modules:
        _define_operators()
    return require("timm", PURPOSE, "zoo")


def _define_operators() -> None:
    """Let torchvision load where its compiled operators do not.

    timm imports torchvision. The published torchvision is built for CUDA, and beside a CPU build of torch its operators
    cannot be loaded, so that the import fails at the first of them, 'nms'. No network of timm calls it; declaring it is
    enough. Where torchvision is complete nothing is done.
    """
    try:
        import torchvision  # noqa: F401
    except RuntimeError as error:
        if "torchvision::nms" not in str(error):
            raise MissingExtra(
                f"{PURPOSE} needs torchvision, which does not load beside this torch ({error}). Install the pair that "
                "belongs together: pip install -c constraints.txt 'mien[zoo]'"
            ) from error
        for name in [name for name in sys.modules if name.split(".")[0] == "torchvision"]:
            del sys.modules[name]
        library = torch.library.Library("torchvision", "FRAGMENT")
        for operator in ("nms", "qnms"):
            library.define(f"{operator}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _KEPT.append(library)
    except ImportError:
        return


@cache
def resolved(name: str) -> str:
    """The name as its maker writes it: one of ``VARIANTS`` or ``OWN``, or timm's, with its tag if one is given.

    Raises
    ------
    InputError
        If there is no such network.
    MissingExtra
        If it could be timm's and timm is not installed.
    """
    if name in VARIANTS or name in OWN:
        return name
    result = (NETWORKS[name].timm if name in NETWORKS else "") or name.replace("-", "_")
    package = timm()
    architecture, _, tag = result.partition(".")
    if not package.is_model(architecture):
        close = get_close_matches(architecture, package.list_models(), 3)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise InputError(
            f"There is no body '{name}'; mien knows {', '.join((*VARIANTS, *OWN))} and, of timm, "
            f"{', '.join(n for n in NETWORKS if n not in VARIANTS and n not in OWN)} and all its other models.{hint}"
        )
    if tag and tag not in {n.partition(".")[2] for n in package.list_pretrained(architecture + "*")}:
        raise InputError(f"timm has no weights '{tag}' of {architecture}.")
    return result


def is_network(name: str) -> bool:
    """Whether there is a network of that name."""
    try:
        resolved(name)
    except InputError:
        return False
    return True


def preprocessing(name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of the colours, from 0 to 1, that the network was made for."""
    if name in VARIANTS:
        return LITE_MEAN, LITE_SD
    if name in OWN:
        return AS_IT_IS if NETWORKS[name].raw else (IMAGENET_MEAN, IMAGENET_SD)
    config = timm().get_pretrained_cfg(resolved(name), allow_unregistered=True)
    return (config.mean, config.std) if config else (IMAGENET_MEAN, IMAGENET_SD)


def plain(
    name: str, outputs: int, *, size: int, seed: int = 0, dropout: float = 0.0, dense_top: bool = True
) -> nn.Module:
    """A network with random weights; the seed decides them.

    Without ``dense_top`` the last layer of timm's VGG and MobileNetV3 sees the body's map, averaged over the picture,
    and the layers of ``DENSE_TOPS`` are left out.

    Raises
    ------
    InputError
        If there is no such network, or it cannot be made for pictures of this size.
    """
    name = resolved(name)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if name in OWN:
            made: nn.Module = NETWORKS[name].run(outputs, size=size, dropout=dropout)
            return made
        if name in VARIANTS:
            net = untrained(name, seed).requires_grad_(True)
            return with_head(net, outputs, dropout)
        return _of_timm(name, outputs, size, dropout, dense_top)


def check_size(name: str, size: int) -> None:
    """Refuse pictures that are too small for a network of mien's own making, without making its weights.

    Raises
    ------
    InputError
    """
    if name in OWN:
        with torch.device("meta"):
            NETWORKS[name].run(2, size=size, dropout=0.0)


def with_head(net: EfficientNetLite, outputs: int, dropout: float) -> EfficientNetLite:
    """EfficientNet-Lite with a new last layer."""
    wide = net.classifier.in_features
    net.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(wide, outputs))  # type: ignore[assignment]
    return net


def _of_timm(name: str, outputs: int, size: int, dropout: float, dense_top: bool) -> nn.Module:
    package = timm()
    config = package.get_pretrained_cfg(name, allow_unregistered=True)
    # Position embeddings are made for one size; convolutions take any.
    sized = {"img_size": size} if config and config.fixed_input_size and size != config.input_size[-1] else {}
    try:
        net: nn.Module = package.create_model(name, pretrained=False, num_classes=outputs, drop_rate=dropout, **sized)
    except (TypeError, ValueError, AssertionError, RuntimeError) as error:
        raise InputError(f"timm cannot make {name} for pictures of {size} pixels: {error}") from error
    patch = getattr(getattr(net, "patch_embed", None), "patch_size", None)
    if isinstance(patch, tuple) and size % patch[0]:
        raise InputError(
            f"{name} cuts pictures into parts of {patch[0]} pixels; give crops of a multiple of that, not of {size} "
            "pixels."
        )
    for part in net.modules():
        # Guided backpropagation and DeepLIFT need to see what stands before and behind a ReLU.
        if getattr(part, "inplace", False):
            part.inplace = False  # type: ignore[assignment]
    if not dense_top:
        _average_alone(net, outputs)
    return net


def dense_top_of(net: nn.Module) -> tuple[str, ...]:
    """Parts of a network of timm that stand between the average over the picture and its last layer."""
    return DENSE_TOPS.get(type(net).__name__, ())


def _average_alone(net: nn.Module, outputs: int) -> None:
    """Leave out what stands between the average over the picture and the last layer, in place."""
    parts = dense_top_of(net)
    if parts:
        wide = int(net.feature_info[-1]["num_chs"])  # type: ignore[index]
        for part in parts:
            setattr(net, part, nn.Identity())
        home, name = (net.head, "fc") if hasattr(net, "head") else (net, "classifier")
        setattr(home, name, nn.Linear(wide, outputs))


def head_of(net: Any) -> Any:
    """The last layer, or several where a network has several."""
    return net.get_classifier() if hasattr(net, "get_classifier") else net.classifier


@contextmanager
def shapes_only() -> Iterator[None]:
    """Networks made within have shapes and no values, which takes no time."""
    with torch.device("meta"):
        yield


def shapes_of(name: str, outputs: int, *, size: int, dense_top: bool = True) -> dict[str, tuple[int, ...]]:
    """Shapes of everything that is stored of a ``Network``."""
    with shapes_only():
        net = plain(name, outputs, size=size, dense_top=dense_top)
    # A single number is stored as an array of one.
    result = {f"net.{key}": tuple(value.shape) or (1,) for key, value in net.state_dict().items()}
    return {**result, "centre": (outputs,), "scale": (outputs,)}


def filled(name: str, outputs: int, *, size: int, state: dict[str, torch.Tensor], dense_top: bool = True) -> Network:
    """The network with these values, in evaluation mode."""
    with shapes_only():
        net = plain(name, outputs, size=size, dense_top=dense_top)
    stored = set(net.state_dict())
    if any(key not in stored for key, _ in net.named_buffers()):
        # Buffers that are not stored have to be made.
        net = plain(name, outputs, size=size, dense_top=dense_top)
    network = Network(net, resolved(name), outputs)
    shapes = {key: value.shape for key, value in network.state_dict().items()}
    network.load_state_dict({key: value.reshape(shapes[key]) for key, value in state.items()}, assign=True)
    return network.eval().requires_grad_(False)
