"""What is done to a torch module around an explanation: its mode, its outputs, the part that is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from mien.core.errors import InputError
from mien.core.target import Target
from mien.explain.inputs import Network
from mien.explain.linear_start import Narrowable


@contextmanager
def evaluating(module: torch.nn.Module) -> Iterator[None]:
    """Evaluation mode, and every part's own mode again afterwards.

    cuDNN's recurrent networks refuse gradients in evaluation mode, so it is left out where there are any.
    """
    modes = [(part, part.training) for part in module.modules()]
    recurrent = any(isinstance(part, torch.nn.RNNBase) for part, _ in modes)
    cudnn = torch.backends.cudnn.enabled
    module.eval()
    try:
        if recurrent:
            torch.backends.cudnn.enabled = False
        yield
    finally:
        torch.backends.cudnn.enabled = cudnn
        for part, training in modes:
            part.training = training


def narrowed(
    module: torch.nn.Module, target: Target, classes: tuple[str, ...]
) -> tuple[torch.nn.Module, tuple[str, ...]]:
    """The part of a module that the target needs, with the names of its outputs."""
    if not isinstance(module, Narrowable):
        return module, classes
    names = (target.name, target.against) if target.against else (target.name,)
    return module.outputs([classes.index(name) for name in names]), names


def output_names(network: Network, shape: tuple[int, ...]) -> tuple[str, ...]:
    with evaluating(network.module), torch.no_grad():
        try:
            scores = network.module(torch.zeros((1, *shape), device=network.device))
        except (RuntimeError, ValueError, IndexError) as error:
            raise InputError(f"The model does not take inputs of shape (samples, {shape}): {error}") from error
    count = scores.numel()
    if network.classes is not None and len(network.classes) != count:
        raise InputError(f"The model has {count} outputs, but {len(network.classes)} names of classes.")
    return network.classes or (("output",) if count == 1 else tuple(str(i) for i in range(count)))
