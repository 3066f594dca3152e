"""Batch normalisation as part of the convolution before it: the same answers in fewer steps, and only for a while."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import fx, nn
from torch.nn.utils.fusion import fuse_conv_bn_weights


class _Tracer(fx.Tracer):
    """Follows the network down to its convolutions, those of one's own classes too."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return isinstance(m, nn.Conv2d) or super().is_leaf_module(m, module_qualified_name)


def foldable(network: nn.Module) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    """Convolutions whose only reader is a batch normalisation, both used once in a pass; none if it cannot be told."""
    if network.training:
        return []
    try:
        nodes = list(_Tracer().trace(network).nodes)
    except Exception:  # networks whose way depends on their input cannot be followed
        return []
    parts = {node: network.get_submodule(str(node.target)) for node in nodes if node.op == "call_module"}
    calls = Counter(map(id, parts.values()))
    pairs = []
    for node, norm in parts.items():
        before = node.args[0] if node.args else None
        if not isinstance(before, fx.Node) or len(before.users) != 1:
            continue
        convolution = parts.get(before)
        if not isinstance(norm, nn.BatchNorm2d) or not isinstance(convolution, nn.Conv2d) or norm.running_mean is None:
            continue
        if calls[id(norm)] == calls[id(convolution)] == 1 and not _watched(norm, convolution):
            pairs.append((convolution, norm))
    return pairs


def _watched(*parts: nn.Module) -> bool:
    """Whether somebody's hooks would see other values."""
    return any(part._forward_hooks or part._forward_pre_hooks for part in parts)


@contextmanager
def folded(network: nn.Module) -> Iterator[int]:
    """The network with its normalisations folded away, how many; afterwards as it was."""
    pairs = foldable(network)
    kept = [(convolution.weight, convolution.bias) for convolution, _ in pairs]
    try:
        for convolution, norm in pairs:
            assert norm.running_mean is not None and norm.running_var is not None
            convolution.weight, convolution.bias = fuse_conv_bn_weights(
                convolution.weight, convolution.bias, norm.running_mean, norm.running_var, norm.eps, norm.weight,
                norm.bias,
            )  # fmt: skip
            norm.__dict__["forward"] = _as_it_is  # found before the class's own
        yield len(pairs)
    finally:
        for (convolution, norm), (weight, bias) in zip(pairs, kept, strict=True):
            convolution.weight, convolution.bias = weight, bias
            norm.__dict__.pop("forward", None)


def _as_it_is(x: torch.Tensor) -> torch.Tensor:
    return x
