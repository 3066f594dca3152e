"""Networks of timm as frozen bodies: their feature maps, pooled over a grid."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import torch
from torch import nn
from torch.nn import functional

from mien.core.errors import InputError
from mien.nets.first_weights import PRETRAINED, RANDOM, fill_body, origin_of, read_state
from mien.nets.zoo import OWN, plain, preprocessing, resolved, shapes_only


@lru_cache(maxsize=32)
def zoo_channels(name: str) -> tuple[int, ...]:
    """Channels of each stage of a network of timm, as in its ``feature_info``.

    Raises
    ------
    InputError
        If there is no such network, or it gives no feature maps by stages.
    """
    result = resolved(name)
    if result in OWN:
        raise InputError(f"'{name}' has no trained weights, so it is no frozen body; train it whole: --model {name}.")
    with shapes_only():
        net = plain(result, 2, size=224)
    info = getattr(net, "feature_info", None)
    if not info or not hasattr(net, "forward_intermediates"):
        raise InputError(
            f"timm gives no feature maps of {result}; take another body, or train it whole: --model {name}."
        )
    return tuple(int(stage["num_chs"]) for stage in info)


def _net(name: str, random: bool, source: str, size: int) -> nn.Module:
    origin = origin_of(name, RANDOM if random else source or PRETRAINED)
    net = plain(name, 2, size=size)
    if origin.path is not None:
        fill_body(net, read_state(origin.path), f"{origin.words} does not fit {name}")
    return net.eval().requires_grad_(False)


def weights_of(name: str, random: bool, source: str) -> str:
    """SHA-256 of the weights' file, or ``'random'`` and SHA-256 of the values."""
    if not random:
        return origin_of(name, source or PRETRAINED).sha256
    return _random_weights(resolved(name))


@lru_cache(maxsize=8)
def _random_weights(name: str) -> str:
    # Another version of timm or torch may draw other values from the same seed.
    digest = hashlib.sha256()
    for key, value in _net(name, True, "", 224).state_dict().items():
        digest.update(key.encode())
        digest.update(value.numpy().tobytes())
    return f"random {digest.hexdigest()}"


class ZooBody(nn.Module):
    """Crops (samples, 3, size, size), RGB from 0 to 1 -> features (samples, features), as ``PooledBody``."""

    mean: torch.Tensor
    sd: torch.Tensor

    def __init__(
        self, name: str, random: bool, source: str, stages: Sequence[int], grid: Sequence[int], size: int
    ) -> None:
        super().__init__()
        self.net = _net(name, random, source, size)
        self.chosen, self.grid = list(stages), tuple(grid)
        mean, sd = preprocessing(name)
        self.register_buffer("mean", torch.tensor(mean).reshape(3, 1, 1))
        self.register_buffer("sd", torch.tensor(sd).reshape(3, 1, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The pooled features."""
        maps = self.net.forward_intermediates(  # type: ignore[operator]
            (x - self.mean) / self.sd, indices=self.chosen, intermediates_only=True
        )
        pooled = [functional.adaptive_avg_pool2d(m, g).flatten(1) for m, g in zip(maps, self.grid, strict=True)]
        return torch.cat(pooled, 1)
