"""The attention network on a body that has learnt on other pictures: the first stages of EfficientNet-Lite0.

The body's blocks are depthwise-separable (inverted residuals, Sandler et al. 2018) and stay as ImageNet taught them.
What is trained is a layer that mixes their channels and, for every class, one map of attention and one of value, as in
``mien.models.attention.model``: a class's score is the sum over places of attention times value, plus a constant.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_eval

from mien.core.errors import InputError
from mien.models.base import Model, softmax
from mien.nets.bodies import Body
from mien.nets.efficientnet import SameConv2d

BODY, STAGE, STRIDE = "efficientnet-lite0", 4, 16
AT_ONCE = 32


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
        chosen, old = list(columns), self.head
        part = AttentionHead(old.mix.in_channels, old.mix.out_channels, len(chosen), old.place.shape[-1])
        state = dict(old.state_dict())
        for name in ("look.weight", "look.bias", "place", "value.weight", "constant"):
            state[name] = state[name][chosen]
        part.load_state_dict(state)
        return EfdnnLite(self.body, part).train(self.training)

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


class EfdnnLiteModel(Model):
    """A fitted attention network on the frozen body.

    ``arrays``: the head's. ``settings``: ``hidden``, ``body_sha256`` and those of training.
    """

    kind = "efdnn-lite"

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape that each array must have."""
        return {name: tuple(value.shape) for name, value in self.head().state_dict().items()}

    def head(self) -> AttentionHead:
        """The trained part without its values."""
        side = self.input_shape[-1] if len(self.input_shape) == 3 else 0
        if not side or self.input_shape != (3, side, side):
            raise InputError(f"The model '{self.name}' takes square crops (3, size, size), not {self.input_shape}.")
        channels = body_for(side).sizes[0] // cells_of(side) ** 2
        return AttentionHead(channels, int(self.settings["hidden"]), len(self.classes), cells_of(side))

    def module(self) -> nn.Module:
        """Body and head as one torch module in evaluation mode; ``maps`` gives its attention.

        Raises
        ------
        InputError
            If this version of mien has other weights of the body.
        WeightsError
            If they are not in the cache; the sentence says how to get them.
        """
        body, head = body_for(self.input_shape[-1]), self.head()
        if self.settings["body_sha256"] != body.weights:
            raise InputError(
                f"The model '{self.name}' was trained on other weights of {body.name} (SHA-256 "
                f"{str(self.settings['body_sha256'])[:12]}...) than this version of mien uses. Train it again."
            )
        head.load_state_dict({name: torch.tensor(value) for name, value in self.arrays.items()})
        return EfdnnLite(fold_norms(body.module(self.input_shape[-1])), head).eval().requires_grad_(False)

    def scores(self, values: np.ndarray) -> np.ndarray:
        """Logits, (samples, classes), a few pictures at a time."""
        values = self.check_values(values)
        net = self.module().to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        with torch.no_grad():
            parts = [net(torch.from_numpy(values[i : i + AT_ONCE])).numpy() for i in range(0, len(values), AT_ONCE)]
        return np.concatenate(parts) if parts else np.zeros((0, len(self.classes)), np.float32)

    def predict(self, values: np.ndarray) -> np.ndarray:
        """Probability of each class."""
        return softmax(self.scores(values))
