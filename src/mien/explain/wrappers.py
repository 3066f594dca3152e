"""Torch modules as they come: compiled, parallel, exported, scripted; and the modes of torch around an explanation."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain
from typing import Any

import torch

from mien.core.errors import InputError
from mien.nets.device import full_precision


def opened(model: Any) -> Any:
    """The module inside compiled, parallel and exported ones, which is the same function; all else as it is."""
    while True:
        if isinstance(model, torch.nn.Module) and hasattr(model, "_orig_mod"):
            model = model._orig_mod  # torch.compile
        elif isinstance(model, (torch.nn.DataParallel, torch.nn.parallel.DistributedDataParallel)):
            model = model.module
        elif type(model).__name__ == "ExportedProgram" and type(model).__module__.startswith("torch.export"):
            model = model.module()
        else:
            return model


def check_weights(module: torch.nn.Module) -> None:
    """Refuse a module that has no weights yet.

    Raises
    ------
    InputError
        If a parameter or buffer is on ``'meta'``, where tensors have a shape and no numbers.
    """
    for name, tensor in chain(module.named_parameters(), module.named_buffers()):
        if tensor.is_meta:
            raise InputError(
                f"The model's '{name}' is on 'meta', so it has a shape and no numbers: load its weights first, such as "
                "model.to_empty(device='cpu') and model.load_state_dict(...)."
            )


def without_gradients(module: torch.nn.Module) -> str:
    """Why torch can follow no gradients through a module, as far as its weights say; ``''`` where nothing is known."""
    if any(tensor.is_inference() for tensor in chain(module.parameters(), module.buffers())):
        return "its weights were made inside torch.inference_mode(): give copy.deepcopy(model), made outside of it"
    return ""


def is_own(module: torch.nn.Module | None) -> bool:
    """Whether a module is one of mien's networks, of which all is known."""
    return type(module).__module__.startswith("mien.")


def is_scripted(module: torch.nn.Module) -> bool:
    """Whether a part of it is TorchScript, whose inside can neither be watched nor changed."""
    return any(isinstance(part, torch.jit.ScriptModule) for part in module.modules())


@contextmanager
def undisturbed() -> Iterator[None]:
    """The block runs with gradients, full precision and uncompiled, whatever the caller has set; then all is as before.

    Compiled functions run as they were written: compiled ones hide what methods have to see, and are compiled again for
    every batch size.
    """
    with ExitStack() as stack:
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.enable_grad())
        for device in ("cpu", "cuda"):
            if torch.is_autocast_enabled(device):
                stack.enter_context(torch.autocast(device, enabled=False))
        stack.enter_context(full_precision())
        if "torch._dynamo" in sys.modules:  # else nothing was compiled, and its import takes seconds
            stack.enter_context(torch.compiler.set_stance("force_eager"))
        yield
