"""A body and a probe on one of its layers as one torch module: from a picture to the probe's answer."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from mien.core.errors import InputError
from mien.nets.layers import named
from mien.responses.frozen import FrozenBody
from mien.responses.probes.linear import Direction


class _Reached(Exception):
    """The probe's layer has answered."""


class ProbeNetwork(nn.Module):
    """Pictures (samples, 3, side, side), RGB from 0 to 1 -> the probe's answer (samples, 1): above 0 is "face".

    What comes behind the probe's layer is not computed, so that it is no layer of this network's either.

    Parameters
    ----------
    body : FrozenBody
    layer : str
    direction : Direction
        On the layer's answers, averaged over the picture or, where there are as many weights, as they are.

    Raises
    ------
    InputError
        If there is no such layer, or its answers have another size than the probe.
    """

    weights: torch.Tensor
    intercept: torch.Tensor

    def __init__(self, body: FrozenBody, layer: str, direction: Direction) -> None:
        super().__init__()
        (found,) = named(body.layers, [layer], body.card.name)
        whole = 1
        for length in found.shape:
            whole *= length
        if len(direction.weights) not in (found.channels, whole):
            raise InputError(
                f"The probe has {len(direction.weights)} weights, but layer '{layer}' of {body.card.name} has "
                f"{found.channels} channels."
            )
        self.body = body.module
        self._place = next(name for name, part in body.module.named_modules() if part is body.net)
        self.layer, self._found = found.name, found
        self._whole = len(direction.weights) != found.channels
        self.register_buffer("weights", torch.tensor(direction.weights, dtype=torch.float32))
        self.register_buffer("intercept", torch.tensor(direction.intercept, dtype=torch.float32))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The answers."""
        reached: list[torch.Tensor] = []

        def keep(module: nn.Module, given: Any, answer: torch.Tensor) -> None:
            reached.append(answer)
            raise _Reached

        net = self.body.get_submodule(self._place)
        handle = net.get_submodule(self.layer).register_forward_hook(keep)
        try:
            self.body(x)
        except _Reached:
            pass
        finally:
            handle.remove()
        answer = reached[0].flatten(1) if self._whole else self._found.averaged(reached[0])
        return (answer @ self.weights + self.intercept)[:, None]
