"""Networks on a device: where they are put, how exactly they compute there, and how much fits."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from mien.core.devices import AUTO, CPU, checked_device, device_words

# Share of a GPU's free memory that the layers' results of one batch may take.
_SHARE = 4


def device_of(name: str = AUTO) -> torch.device:
    """The device of that name; see ``mien.core.devices.checked_device``.

    Raises
    ------
    InputError
        If there is no such device, or torch cannot compute there.
    """
    return torch.device(checked_device(name))


def place_of(module: nn.Module | None) -> torch.device:
    """Where the parameters of a module are, or its buffers; ``cpu`` where it has none of both."""
    if module is None:
        return torch.device(CPU)
    return next((p.device for p in (*module.parameters(), *module.buffers())), torch.device(CPU))


def words_of(device: torch.device) -> str:
    """A device as results name it, such as ``'cpu'`` or ``'cuda:0 (NVIDIA H100)'``."""
    return device_words(str(device))


def copied_to(module: nn.Module, device: torch.device) -> nn.Module:
    """The module where it is there already, else a copy of it on the device: what somebody gave stays where it is."""
    return module if place_of(module) == device else copy.deepcopy(module).to(device)


@contextmanager
def full_precision() -> Iterator[None]:
    """Products and convolutions in float32 as on a processor, not in the shorter TF32 of graphics cards.

    torch's settings are the caller's again afterwards, whether they were set by the old names or the new.
    """
    backends: Any = torch.backends
    try:
        kept = backends.cudnn.allow_tf32, torch.get_float32_matmul_precision()
    except RuntimeError:  # the caller uses the newer names, which the older ones refuse to read
        with _each_in_full():
            yield
        return
    try:
        backends.cudnn.allow_tf32 = False
        torch.set_float32_matmul_precision("highest")
        yield
    finally:
        backends.cudnn.allow_tf32 = kept[0]
        torch.set_float32_matmul_precision(kept[1])


@contextmanager
def _each_in_full() -> Iterator[None]:
    backends: Any = torch.backends
    parts = (backends.cudnn.conv, backends.cudnn.rnn, backends.cuda.matmul)
    kept = [part.fp32_precision for part in parts]
    try:
        for part in parts:
            part.fp32_precision = "ieee"
        yield
    finally:
        for part, own in zip(parts, kept, strict=True):
            part.fp32_precision = own


def room_on(device: torch.device) -> int | None:
    """Bytes that a batch may take on a GPU; None for the processor, where caches say how much is good at once."""
    if device.type == CPU:
        return None
    free, _ = torch.cuda.mem_get_info(device)
    return int(free) // _SHARE
