"""The nonlinear functions of a network as torch calls them, in place or not, and what leaves its gradients."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

Function = Callable[[torch.Tensor], torch.Tensor]

ELEMENTWISE = {
    "relu", "relu6", "hardtanh", "leaky_relu", "prelu", "elu", "selu", "celu", "gelu", "silu", "mish", "hardswish",
    "hardsigmoid", "softplus", "sigmoid", "log_sigmoid", "logsigmoid", "tanh", "softsign", "threshold", "rrelu",
    "hardshrink", "softshrink", "tanhshrink", "clamp", "clamp_min", "clamp_max", "exp", "exp2", "expm1", "log", "log2",
    "log10", "log1p", "logit", "sqrt", "rsqrt", "square", "pow", "__rpow__", "abs", "sin", "cos", "tan", "atan", "sinh",
    "cosh", "asinh", "erf", "erfc", "reciprocal",
}  # fmt: skip
# Of two tensors; a function of one number where only one of them depends on the input.
PAIRED = {"maximum", "minimum", "max", "min", "fmax", "fmin"}
POOLS = {
    "max_pool1d", "max_pool2d", "max_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d",
}  # fmt: skip
# Other names of the same functions.
_SAME = {"_threshold": "threshold", "clip": "clamp", "_max_pool1d": "max_pool1d", "_max_pool2d": "max_pool2d"}
# What the answers of these depend on is the shape of a tensor, not its numbers.
_SHAPE_ONLY = re.compile(r"(zeros|ones|empty|full|rand|randn|randint)_like|new_.*|size|stride|dim|numel|shape|is_.*")
# They hand numbers to Python, which torch does not follow.
_HANDING = {"item", "tolist", "numpy", "__array__", "__bool__", "__float__", "__int__", "__index__", "__complex__"}
# Steps that torch follows, with a slope of zero everywhere.
FLAT = {"sign", "sgn", "round", "floor", "ceil", "trunc", "fix", "heaviside", "floor_divide"}


@dataclass(frozen=True, eq=False)
class Called:
    """One call of a nonlinear function.

    Attributes
    ----------
    name : str
        Of the function, whatever form of it was called.
    value : torch.Tensor
        The argument that depends on the input.
    function : callable
        Of that argument alone, never in place.
    in_place : bool
        Whether the result is to stand in ``value``, too.
    settings : tuple
        Its other arguments, by place and by name.
    """

    name: str
    value: torch.Tensor
    function: Function
    in_place: bool
    settings: tuple[tuple[Any, ...], dict[str, Any]]

    @property
    def source(self) -> torch.Tensor:
        """``value`` as it is now, which stays so if the call goes on in place."""
        return self.value.clone() if self.in_place else self.value

    def given(self, result: torch.Tensor) -> torch.Tensor:
        """What the network gets: the result, written over ``value`` where the call does so."""
        return self.value.copy_(result) if self.in_place else result

    @property
    def differentiable(self) -> bool:
        """Whether gradients go through it."""
        return torch.is_grad_enabled() and self.value.requires_grad

    @property
    def is_relu(self) -> bool:
        """Whether it cuts off what is below 0; what a ReLU6 cuts off above does not matter."""
        rest, named = self.settings
        if self.name in ("relu", "relu6"):
            return True
        if self.name == "leaky_relu":
            return _is_zero(named.get("negative_slope", rest[0] if rest else None))
        if self.name in ("maximum", "max", "fmax"):
            return bool((rest[0] == 0).all())
        if self.name == "threshold":
            given = [*rest, *(named[key] for key in ("threshold", "value") if key in named)]
            return len(given) >= 2 and _is_zero(given[0]) and _is_zero(given[1])
        low = named.get("min_val", named.get("min", rest[0] if rest else None))
        return self.name in ("hardtanh", "clamp", "clamp_min") and _is_zero(low)


def called(func: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Called | None:
    """The call of a function of one number or of a maximum pooling; None for all others."""
    name, in_place = _name(func)
    if not args and isinstance(kwargs.get("input"), torch.Tensor):
        args, kwargs = (kwargs["input"],), {key: value for key, value in kwargs.items() if key != "input"}
    if not args or not isinstance(args[0], torch.Tensor):
        return None
    if name in PAIRED:
        return _paired(func, name, args, kwargs)
    if (name not in ELEMENTWISE and name not in POOLS) or not args[0].is_floating_point():
        return None
    others = [*args[1:], *kwargs.values()]
    if name in ("pow", "__rpow__") and any(isinstance(one, torch.Tensor) for one in others):
        return None
    if any(isinstance(one, torch.Tensor) and _depends(one) for one in others):
        return None
    # An inplace flag may also come by position: it is the only truth value that these functions take.
    flagged = name in ELEMENTWISE and any(one is True for one in args[1:])
    rest = tuple(False if flagged and one is True else one for one in args[1:])
    named = {key: value for key, value in kwargs.items() if key != "inplace"}

    def function(value: torch.Tensor) -> torch.Tensor:
        result: torch.Tensor = func(value.clone() if in_place else value, *rest, **named)
        return result

    return Called(name, args[0], function, in_place or flagged or bool(kwargs.get("inplace")), (rest, named))


def _paired(func: Any, name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Called | None:
    """A maximum or minimum with numbers that do not depend on the input."""
    pair = [*args, kwargs["other"]] if "other" in kwargs else list(args)
    if len(pair) != 2 or not all(isinstance(one, torch.Tensor) and one.is_floating_point() for one in pair):
        return None
    depending = [place for place, one in enumerate(pair) if _depends(one)] or [
        place for place, one in enumerate(pair) if one.requires_grad
    ]
    if len(depending) != 1:
        return None
    value, other = pair[depending[0]], pair[1 - depending[0]]
    if torch.broadcast_shapes(value.shape, other.shape) != value.shape:
        return None
    return Called(name, value, lambda value: func(value, other), False, ((other,), {}))


def cut(func: Any, args: Sequence[Any], kwargs: dict[str, Any], result: Any) -> str:
    """The function's name if it takes numbers that depend on the input out of torch's gradients, else ``''``.

    Comparisons, whatever gives whole numbers or truth values, detached copies and what goes to Python. The way of other
    numbers may hang on what such a function gives, unseen by every rule.
    """
    name, _ = _name(func)
    if not torch.is_grad_enabled() or not any(_depends(one) for one in _tensors([*args, *kwargs.values()])):
        return ""
    if name in FLAT or name in _HANDING:
        return name
    given = list(_tensors([result]))
    return name if given and not any(one.requires_grad for one in given) and not _SHAPE_ONLY.fullmatch(name) else ""


def _tensors(values: Sequence[Any]) -> Iterator[torch.Tensor]:
    for one in values:
        if isinstance(one, torch.Tensor):
            yield one
        elif isinstance(one, (tuple, list)):
            yield from _tensors(one)


def function_name(func: Any) -> str:
    """A function's name, whatever form of it was called, in place or not."""
    return _name(func)[0]


def _name(func: Any) -> tuple[str, bool]:
    """The function's name, without overload and underscore, and whether it writes over its argument."""
    name = getattr(func, "__name__", "").split(".")[0]
    if name == "__get__":  # of an attribute, such as tensor.data
        name = getattr(func.__self__, "__name__", name)
    in_place = name.endswith("_") and not name.endswith("__")
    name = name[:-1] if in_place else name
    return _SAME.get(name, name), in_place


def _depends(tensor: torch.Tensor) -> bool:
    """Whether it was computed from what has a gradient; weights are leaves."""
    return tensor.requires_grad and not tensor.is_leaf


def _is_zero(value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        return bool((value == 0).all())
    return isinstance(value, (int, float)) and value == 0
