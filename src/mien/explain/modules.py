"""What is done to a torch module around an explanation: its mode, its outputs, the part that is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import numpy as np
import torch

from mien.core.target import Target
from mien.explain.split import Narrowable
from mien.explain.wrappers import undisturbed


@contextmanager
def evaluating(module: torch.nn.Module | None) -> Iterator[None]:
    """Evaluation mode, and every part's own mode again afterwards; torch's own modes as in ``undisturbed``.

    cuDNN's recurrent networks refuse gradients in evaluation mode, so it is left out where there are any.
    """
    modes = [] if module is None else [(part, part.training) for part in module.modules()]
    recurrent = any(isinstance(part, torch.nn.RNNBase) for part, _ in modes)
    cudnn = torch.backends.cudnn.enabled
    try:
        if module is not None:
            with suppress(NotImplementedError):  # exported networks keep the mode they were exported in
                module.eval()
        if recurrent:
            torch.backends.cudnn.enabled = False
        with undisturbed():
            yield
    finally:
        torch.backends.cudnn.enabled = cudnn
        for part, training in modes:
            if part.training != training:
                part.training = training


def narrowed(
    module: torch.nn.Module, target: Target, classes: tuple[str, ...]
) -> tuple[torch.nn.Module, tuple[str, ...]]:
    """The part of a module that the target needs, with the names of its outputs."""
    if not isinstance(module, Narrowable):
        return module, classes
    names = (target.name, target.against) if target.against else (target.name,)
    return module.outputs([classes.index(name) for name in names]), names


# Room for what a backward pass keeps besides the layers' results.
_BACKWARD = 2.0


def row_bytes(module: torch.nn.Module, shape: tuple[int, ...], device: torch.device) -> int:
    """Memory that one more row in a batch costs at most: the results of all layers, and their gradients."""
    counted = [4 * int(np.prod(shape))]

    def count(part: torch.nn.Module, args: object, result: object) -> None:
        if isinstance(result, torch.Tensor):
            counted.append(result.element_size() * result.numel())

    # TorchScript cannot be watched; what runs in it is not counted.
    plain = [part for part in module.modules() if not isinstance(part, torch.jit.ScriptModule)]
    hooks = [part.register_forward_hook(count) for part in plain]
    try:
        with torch.no_grad():
            module(torch.zeros((1, *shape), device=device))
    finally:
        for hook in hooks:
            hook.remove()
    return int(_BACKWARD * sum(counted))
