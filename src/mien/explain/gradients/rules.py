"""Backward passes with another rule at the nonlinear functions: guided backpropagation and DeepLIFT.

Functions are met where torch calls them, not at modules. So ``torch.relu(x)`` in a ``forward`` counts as much as an
``nn.ReLU``, and a module that is used twice is two functions; hooks on modules miss the first and mix up the second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from mien.core.errors import InputError
from mien.explain.gradients.functions import POOLS, Called, Function, called, cut

# From the function, its input and the gradient at its result to the gradient at its input.
Backward = Callable[[Function, torch.Tensor, torch.Tensor], torch.Tensor]

# Whole recurrent layers in one function: gates multiply what they are multiplied with, and neither is to be seen.
RECURRENT = {
    "gru": "GRU", "lstm": "LSTM", "rnn_tanh": "RNN", "rnn_relu": "RNN", "gru_cell": "GRUCell", "lstm_cell": "LSTMCell",
    "rnn_tanh_cell": "RNNCell", "rnn_relu_cell": "RNNCell",
}  # fmt: skip
# Below this change of its input a function's slope is taken where float32 differences would be mostly rounding.
SMALL = 1e-5


class _Ruled(torch.autograd.Function):
    """A function with a backward pass of our own."""

    @staticmethod
    def forward(ctx: Any, value: torch.Tensor, function: Function, backward: Backward) -> torch.Tensor:
        ctx.save_for_backward(value)
        ctx.function, ctx.rule = function, backward
        result = function(value)
        return result.clone() if result is value else result

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor, None, None]:
        (value,) = ctx.saved_tensors
        return ctx.rule(ctx.function, value, gradients[0]), None, None


class Guided(TorchFunctionMode):
    """Every ReLU lets through only the positive part of the gradient.

    Springenberg et al. 2015. A ReLU that is cut off above (ReLU6) is one, too, and so is the larger of a number and 0.
    The backward pass belongs after the ``with`` block.

    Attributes
    ----------
    seen : int
        ReLUs that were met.
    cuts : dict of str to None
        Functions that take numbers out of torch's gradients, in order: by these others may be cut off, too.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0
        self.cuts: dict[str, None] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        call = called(func, args, kwargs)
        if call is None or not call.differentiable or not call.is_relu:
            result = func(*args, **kwargs)
            if name := cut(func, args, kwargs, result):
                self.cuts[name] = None
            return result
        self.seen += 1
        return call.given(_Ruled.apply(call.source, call.function, _positive))


def _positive(function: Function, value: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    return _through(function, value, gradient.clamp(min=0))


@dataclass(frozen=True, eq=False)
class _Call:
    """One nonlinear function in the pass of the baselines."""

    name: str
    value: torch.Tensor
    result: torch.Tensor


class Reference(TorchFunctionMode):
    """Notes inputs and results of all nonlinear functions in a pass of the baselines.

    Raises
    ------
    InputError
        At a recurrent layer, for which there is no rule.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[_Call] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        layer = RECURRENT.get(getattr(func, "__name__", ""))
        if layer:
            raise InputError(
                f"DeepLIFT has no rule for the gates of recurrent layers, but the network has one ({layer}); use "
                "integrated-gradients."
            )
        call = called(func, args, kwargs)
        if call is None:
            return func(*args, **kwargs)
        source = call.source
        result = call.function(source)
        if not isinstance(result, torch.Tensor):
            return result
        # Copied where the network goes on in place.
        self.calls.append(_Call(call.name, source.detach().clone(), result.detach().clone()))
        return call.given(result)


class Rescale(TorchFunctionMode):
    """DeepLIFT's rescale rule against the calls of a ``Reference``: the slope becomes change of result over change.

    Shrikumar, Greenside & Kundaje 2017. The backward pass belongs after the ``with`` block. ``met`` counts the
    functions whose rule was changed; ``cuts`` as in ``Guided``.
    """

    def __init__(self, calls: Sequence[_Call]) -> None:
        super().__init__()
        self.calls = list(calls)
        self.used, self.met = 0, 0
        self.cuts: dict[str, None] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        call = called(func, args, kwargs)
        if call is None:
            result = func(*args, **kwargs)
            if name := cut(func, args, kwargs, result):
                self.cuts[name] = None
            return result
        before = self._before(call)
        if not call.differentiable:
            return func(*args, **kwargs)
        self.met += 1
        rule = _pooled if call.name in POOLS else _rescaled

        def backward(function: Function, value: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
            return rule(before, function, value, gradient)

        return call.given(_Ruled.apply(call.source, call.function, backward))

    def _before(self, call: Called) -> _Call:
        """The same call in the pass of the baselines."""
        before = self.calls[self.used] if self.used < len(self.calls) else None
        if before is None or before.name != call.name or before.value.shape != call.value.shape:
            raise InputError(
                "DeepLIFT compares a sample's way through the network with the baseline's, but the network takes "
                "another way for this sample; use integrated-gradients."
            )
        self.used += 1
        return before


def _rescaled(call: _Call, function: Function, value: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    change = value - call.value
    small = change.abs() <= SMALL * (1 + value.abs())
    with torch.no_grad():
        multiplier = (function(value) - call.result) / torch.where(small, torch.ones_like(change), change)
    return torch.where(small, _through(function, value, gradient), gradient * multiplier)


def _pooled(call: _Call, function: Function, value: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """Each window's change of maximum goes to where the larger maximum and where the smaller one is."""
    with torch.no_grad():
        result = function(value)
    larger = torch.maximum(result, call.result)
    given = _through(function, value, gradient * (larger - call.result))
    given = given + _through(function, call.value, gradient * (result - larger))
    change = value - call.value
    small = change.abs() <= SMALL * (1 + value.abs())
    return torch.where(
        small, _through(function, value, gradient), given / torch.where(small, torch.ones_like(change), change)
    )


def _through(function: Function, value: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
    """The ordinary backward pass of one function."""
    value = value.detach().requires_grad_()
    with torch.enable_grad():
        result = function(value)
    return torch.autograd.grad(result, value, gradient)[0]
