"""Networks that begin with affine layers, taken apart: along a straight path those layers need to run only once.

Path methods send a sample through a network at many points of a straight line. An affine first part maps that line to
a straight line, and its Jacobian is the same everywhere: so only the rest has to run at every point, and one product
with the Jacobian carries the mean gradient back to the input. The values are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

import torch
from torch import nn

# In evaluation mode all of these are affine maps of their input.
_AFFINE = (
    nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.Flatten, nn.Unflatten, nn.Identity,
    nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d,
    nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d,
)  # fmt: skip


@runtime_checkable
class Splittable(Protocol):
    """A module that knows its affine first part."""

    def split(self) -> tuple[nn.Module, nn.Module] | None:
        """An affine module and the rest; one after the other they are the whole. None if it begins with no such."""


@runtime_checkable
class Sloped(Protocol):
    """A module that knows its gradient without torch's graph."""

    def slope(self, x: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        """Gradient of the outputs' sum, weighed by ``weights`` (outputs,), at every row of ``x``; shape of ``x``."""


@runtime_checkable
class Narrowable(Protocol):
    """A module that can be cut down to some of its outputs."""

    def outputs(self, columns: list[int]) -> nn.Module:
        """A module with these outputs only, in this order."""


def split_module(module: nn.Module) -> tuple[nn.Module, nn.Module] | None:
    """Affine first part and rest of a module; None if there is no affine part that is known to be one.

    Hooks on the whole would be passed by, so a module that has any is left whole.
    """
    if any(part._forward_hooks or part._forward_pre_hooks or part._backward_hooks for part in module.modules()):
        return None
    if isinstance(module, Splittable):
        return module.split()
    if type(module) is not nn.Sequential:
        return None
    layers = list(module)
    count = next((i for i, layer in enumerate(layers) if not _is_affine(layer)), len(layers))
    # Without a layer that multiplies there is nothing to save.
    if not any(isinstance(part, (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)) for part in _leaves(layers[:count])):
        return None
    return nn.Sequential(*layers[:count]), nn.Sequential(*layers[count:])


def known_slopes(module: nn.Module, weights: Sequence[float]) -> Callable[[torch.Tensor], torch.Tensor] | None:
    """The gradient of a module's outputs, weighed and summed, as it knows it; None if torch has to follow it."""
    if not isinstance(module, Sloped):
        return None
    known, given = module, torch.tensor(weights)
    return lambda rows: known.slope(rows, given.to(rows))


def _is_affine(layer: nn.Module) -> bool:
    if type(layer) is nn.Sequential:
        return all(_is_affine(inner) for inner in layer)
    if isinstance(layer, nn.modules.batchnorm._BatchNorm):
        # Without running statistics a batch norm looks at the whole batch, even in evaluation mode.
        return type(layer) in _AFFINE and layer.running_mean is not None
    # Subclasses may do anything; layers with parametrisations are subclasses too.
    return type(layer) in _AFFINE


def _leaves(layers: list[nn.Module]) -> list[nn.Module]:
    return [part for layer in layers for part in layer.modules()]


def size_of(module: nn.Module, shape: tuple[int, ...], device: torch.device) -> int:
    """Number of values that a module gives for one input of this shape."""
    with torch.no_grad():
        return int(module(torch.zeros((1, *shape), device=device)).numel())
