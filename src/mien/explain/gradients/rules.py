"""Backward passes with another rule at the nonlinear functions: guided backpropagation and DeepLIFT.

Functions are met where torch calls them, not at modules. So ``torch.relu(x)`` in a ``forward`` counts as much as an
``nn.ReLU``, and a module that is used twice is two functions; hooks on modules miss the first and mix up the second.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from mien.core.errors import InputError

Function = Callable[[torch.Tensor], torch.Tensor]
# From the function, its input and the gradient at its result to the gradient at its input.
Backward = Callable[[Function, torch.Tensor, torch.Tensor], torch.Tensor]

ELEMENTWISE = {
    "relu", "relu6", "hardtanh", "leaky_relu", "prelu", "elu", "selu", "celu", "gelu", "silu", "mish", "hardswish",
    "hardsigmoid", "softplus", "sigmoid", "log_sigmoid", "logsigmoid", "tanh", "softsign", "clamp", "clamp_min",
    "clamp_max", "exp", "log", "log1p", "sqrt", "rsqrt", "square", "pow", "__rpow__", "abs", "sin", "cos", "reciprocal",
}  # fmt: skip
# Whole recurrent layers in one function: gates multiply what they are multiplied with, and neither is to be seen.
RECURRENT = {
    "gru": "GRU", "lstm": "LSTM", "rnn_tanh": "RNN", "rnn_relu": "RNN", "gru_cell": "GRUCell", "lstm_cell": "LSTMCell",
    "rnn_tanh_cell": "RNNCell", "rnn_relu_cell": "RNNCell",
}  # fmt: skip
POOLS = {
    functional.max_pool1d, functional.max_pool2d, functional.max_pool3d,
    torch.max_pool1d, torch.max_pool2d, torch.max_pool3d,
    functional.adaptive_max_pool1d, functional.adaptive_max_pool2d, functional.adaptive_max_pool3d,
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
    """Every ReLU lets through only the positive part of the gradient; ``seen`` counts them.

    Springenberg et al. 2015. A ReLU that is cut off above (ReLU6) is one, too. The backward pass belongs after the
    ``with`` block.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if not _is_relu(func, args, kwargs) or not _differentiable(args):
            return func(*args, **kwargs)
        self.seen += 1
        return _Ruled.apply(args[0], _of_first(func, args, kwargs), _positive)


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
        if not _is_nonlinear(func, args):
            return func(*args, **kwargs)
        # Copied where the network goes on in place.
        result = _of_first(func, args, kwargs)(args[0])
        if isinstance(result, torch.Tensor):
            self.calls.append(_Call(func.__name__, args[0].detach().clone(), result.detach().clone()))
        return result


class Rescale(TorchFunctionMode):
    """DeepLIFT's rescale rule against the calls of a ``Reference``: the slope becomes change of result over change.

    Shrikumar, Greenside & Kundaje 2017. The backward pass belongs after the ``with`` block.
    """

    def __init__(self, calls: Sequence[_Call]) -> None:
        super().__init__()
        self.calls = list(calls)
        self.used = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if not _is_nonlinear(func, args):
            return func(*args, **kwargs)
        call = self.calls[self.used] if self.used < len(self.calls) else None
        if call is None or call.name != func.__name__ or call.value.shape != args[0].shape:
            raise InputError(
                "DeepLIFT compares a sample's way through the network with the baseline's, but the network takes "
                "another way for this sample; use integrated-gradients."
            )
        self.used += 1
        if not _differentiable(args):
            return func(*args, **kwargs)
        rule = _pooled if func in POOLS else _rescaled

        def backward(function: Function, value: torch.Tensor, gradient: torch.Tensor) -> torch.Tensor:
            return rule(call, function, value, gradient)

        return _Ruled.apply(args[0], _of_first(func, args, kwargs), backward)


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


def _of_first(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Function:
    """The function of its first argument alone, never in place."""
    settings = {name: value for name, value in kwargs.items() if name != "inplace"}
    rest = args[1:]
    if "inplace" in kwargs or func.__name__ not in ELEMENTWISE:
        return lambda value: func(value, *rest, **settings)
    # An inplace flag may also come by position: it is the only bool these functions take.
    rest = tuple(False if arg is True else arg for arg in rest)
    return lambda value: func(value, *rest, **settings)


def _differentiable(args: Sequence[Any]) -> bool:
    return torch.is_grad_enabled() and args[0].requires_grad


def _is_nonlinear(func: Any, args: Sequence[Any]) -> bool:
    if not args or not isinstance(args[0], torch.Tensor) or not args[0].is_floating_point():
        return False
    name = getattr(func, "__name__", "")
    if name in ("pow", "__rpow__", "clamp", "clamp_min", "clamp_max"):
        return not any(isinstance(arg, torch.Tensor) for arg in args[1:])
    return name in ELEMENTWISE or func in POOLS


def _is_relu(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> bool:
    if not args or not isinstance(args[0], torch.Tensor):
        return False
    name = getattr(func, "__name__", "")
    if name in ("relu", "relu6"):
        return True
    low = kwargs.get("min_val", kwargs.get("min", args[1] if len(args) > 1 else None))
    return name in ("hardtanh", "clamp", "clamp_min") and isinstance(low, (int, float)) and low == 0
