"""Lesions: named units of a layer answer nothing, or always the same, as long as a block lasts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from torch import nn

from mien.core.errors import InputError
from mien.core.words import did_you_mean
from mien.nets.layers import channels_behind


@contextmanager
def silenced(
    net: nn.Module, layer: str, units: Sequence[int] | np.ndarray, values: float | Sequence[float] | np.ndarray = 0.0,
    *, channels_last: bool | None = None,
) -> Iterator[nn.Module]:  # fmt: skip
    """Within the block units of a layer give a constant everywhere in the picture; afterwards nothing is left of it.

    Blocks within blocks silence the units of both. What listens to the layer within the block hears the lesion.

    Parameters
    ----------
    net : Module
        Any torch module.
    layer : str
        One of ``net.named_modules()`` that gives one tensor.
    units : sequence of int
        Channels of its answer, from 0.
    values : float, or one number per unit
        What they give instead: 0, or each unit's mean over the stimuli.
    channels_last : bool, optional
        Whether the last axis holds the channels; None: see ``mien.nets.layers``.

    Yields
    ------
    Module
        ``net`` itself.

    Raises
    ------
    InputError
        If there is no such layer or unit, or not one value per unit.

    Examples
    --------
    >>> import torch
    >>> from mien.nets.lesions import silenced
    >>> net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1), torch.nn.ReLU())
    >>> with silenced(net, "0", [1, 3]):
    ...     net(torch.ones(1, 3, 2, 2))[0, [1, 3]].abs().max().item()
    0.0
    """
    modules = {name: module for name, module in net.named_modules() if name}
    if layer not in modules:
        raise InputError(
            f"{type(net).__name__} has no layer '{layer}'.{did_you_mean(layer, list(modules))} It has: "
            f"{', '.join(modules)}."
        )
    places = np.asarray(units)
    if places.ndim != 1 or (len(places) and places.dtype.kind not in "iu"):
        raise InputError(f"units are numbers of channels from 0 on, but got {units!r}.")
    given = np.asarray(values, dtype=np.float32)
    if given.shape not in ((), places.shape) or not np.isfinite(given).all():
        raise InputError(
            f"values is one finite number, or one for each of the {len(places)} units, but got {np.shape(values)}."
        )
    index, instead = torch.from_numpy(places.astype(np.int64)), torch.tensor(given)

    def hook(module: nn.Module, inputs: Any, answer: Any) -> torch.Tensor:
        if not isinstance(answer, torch.Tensor) or answer.ndim < 2:
            raise InputError(f"The layer '{layer}' does not give one tensor, so its units have no numbers.")
        tail = channels_behind(net, module, answer.ndim) if channels_last is None else channels_last
        axis = answer.ndim - 1 if tail else 1
        width = answer.shape[axis]
        if len(places) and not 0 <= places.min() <= places.max() < width:
            raise InputError(f"The layer '{layer}' has the units 0 to {width - 1}, but got {units!r}.")
        changed = answer.transpose(axis, -1).clone()
        changed[..., index.to(answer.device)] = instead.to(answer)
        return changed.transpose(axis, -1)

    handle = modules[layer].register_forward_hook(hook, prepend=True)
    try:
        yield net
    finally:
        handle.remove()
