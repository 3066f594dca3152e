"""TFLite operations as torch modules.

Tensors of four axes are kept as (samples, channels, height, width) throughout, where TFLite has the channels last:
so the convolutions need no transposing, and whatever names an axis is translated once, when the network is built.
The first axis is the batch; TFLite's is of length 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from mien.core.errors import InputError
from mien.nets.landmarker.graph import Graph, Operation

# Where each axis of a tensor in TFLite's layout lies in ours.
_AXES_4 = (0, 2, 3, 1)
_SAME = 0


@dataclass
class Step:
    """A module with its name, the tensors that it reads and the one that it writes."""

    name: str
    module: nn.Module
    inputs: tuple[int, ...]
    output: int


@dataclass
class Builder:
    """Turns operations into steps; ``spare`` numbers tensors that TFLite does not have."""

    graph: Graph
    steps: list[Step] = field(default_factory=list)
    spare: int = 10**6
    name: str = ""

    def add(self, operation: Operation, name: str) -> None:
        """Append the steps of one operation; ``name`` is that of its main one.

        Raises
        ------
        InputError
            If there is no such operation here, or it is used in a way that has no counterpart.
        """
        build = _BUILDERS.get(operation.name)
        if build is None:
            raise InputError(
                f"The network uses the operation {operation.name}, which mien's torch port does not know "
                f"(it knows {', '.join(_BUILDERS)}), so it has no gradients here."
            )
        self.name = name
        build(self, operation)

    def put(self, module: nn.Module, inputs: tuple[int, ...], operation: Operation) -> None:
        """A step that ends an operation, with the activation that belongs to it."""
        last, activation = operation.outputs[0], operation.activation
        if not activation:
            self.steps.append(Step(self.name, module, inputs, last))
            return
        self.spare += 1
        self.steps.append(Step(self.name, module, inputs, self.spare))
        rectifier = nn.ReLU() if activation == "RELU" else nn.ReLU6()
        self.steps.append(Step(f"{self.name}_{activation.lower()}", rectifier, (self.spare,), last))

    def between(self, module: nn.Module, tensor: int) -> int:
        """A step before the operation proper; gives the number of its result."""
        self.spare += 1
        self.steps.append(Step(f"{self.name}_pad", module, (tensor,), self.spare))
        return self.spare

    def constant(self, operation: Operation, position: int) -> np.ndarray:
        """An input that has to be a constant."""
        number = operation.inputs[position] if position < len(operation.inputs) else -1
        if number not in self.graph.constants:
            raise InputError(f"{operation.name}: its input {position + 1} has to be a constant.")
        return self.graph.constants[number]

    def shape(self, tensor: int) -> tuple[int, ...]:
        """Shape for one sample in TFLite's layout."""
        return self.graph.shapes[tensor]


def stored(axis: int, axes: int) -> int:
    """Where an axis of TFLite's layout (negative: from the end) lies in ours."""
    axis += axes if axis < 0 else 0
    if not 0 <= axis < axes:
        raise InputError(f"There is no axis {axis} among {axes}.")
    return _AXES_4[axis] if axes == 4 else axis


def to_stored(x: torch.Tensor) -> torch.Tensor:
    """From TFLite's layout to ours."""
    return x.movedim(3, 1) if x.ndim == 4 else x


def from_stored(x: torch.Tensor) -> torch.Tensor:
    """From our layout to TFLite's."""
    return x.movedim(1, 3) if x.ndim == 4 else x


class Apply(nn.Module):
    """A plain function of one or several tensors."""

    def __init__(self, name: str, function: Callable[..., torch.Tensor]) -> None:
        super().__init__()
        self.name, self.function = name, function

    def extra_repr(self) -> str:
        """Which operation it is."""
        return self.name

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """The function's result."""
        return self.function(*inputs)


class WithConstant(nn.Module):
    """A function of a tensor and a constant, in either order."""

    constant: torch.Tensor

    def __init__(self, name: str, function: Callable[..., torch.Tensor], constant: torch.Tensor, first: bool) -> None:
        super().__init__()
        self.name, self.function, self.first = name, function, first
        self.register_buffer("constant", constant)

    def extra_repr(self) -> str:
        """Which operation it is."""
        return self.name

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The function's result."""
        return self.function(self.constant, x) if self.first else self.function(x, self.constant)


class JoinConstant(nn.Module):
    """Tensors joined along an axis with constants that every sample gets."""

    def __init__(self, parts: list[torch.Tensor | None], axis: int) -> None:
        super().__init__()
        self.axis, self.places = axis, [part is None for part in parts]
        for i, part in enumerate(parts):
            self.register_buffer(f"part_{i}", part)

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """All parts in order."""
        given, parts = iter(inputs), []
        for i, is_input in enumerate(self.places):
            part = next(given) if is_input else getattr(self, f"part_{i}")
            parts.append(part if is_input else part.expand(len(inputs[0]), *part.shape[1:]))
        return torch.cat(parts, self.axis)


def _padding(size: int, filter_size: int, stride: int, dilation: int) -> tuple[int, int]:
    """Rows before and after for TFLite's SAME: the odd one comes after."""
    span = (filter_size - 1) * dilation + 1
    total = max((-(-size // stride) - 1) * stride + span - size, 0)
    return total // 2, total - total // 2


def _window(b: Builder, o: Operation, filter_size: tuple[int, int], fill: float) -> tuple[int, tuple[int, int]]:
    """Tensor to work on and symmetric padding (height, width), with a step for what is not symmetric."""
    options, tensor = o.options, o.inputs[0]
    if min(options["stride_h"], options["stride_w"], *filter_size) < 1 or len(b.shape(tensor)) != 4:
        raise InputError(f"{o.name}: a stride or a filter is smaller than 1, or its input is no map.")
    if options["padding"] != _SAME:
        return tensor, (0, 0)
    _, height, width, _ = b.shape(tensor)
    top, bottom = _padding(height, filter_size[0], options["stride_h"], options.get("dilation_h", 1))
    left, right = _padding(width, filter_size[1], options["stride_w"], options.get("dilation_w", 1))
    if top == bottom and left == right:
        return tensor, (top, left)
    return b.between(nn.ConstantPad2d((left, right, top, bottom), fill), tensor), (0, 0)


def _convolution(b: Builder, o: Operation) -> None:
    weight, options = b.constant(o, 1), o.options
    if weight.ndim != 4:
        raise InputError(f"{o.name}: its weights have {weight.ndim} axes instead of 4.")
    channels = b.shape(o.inputs[0])[3]
    if o.name == "DEPTHWISE_CONV_2D":
        weight, groups = weight.transpose(3, 0, 1, 2), channels
    else:
        weight, groups = weight.transpose(0, 3, 1, 2), 1
    if channels < 1 or weight.shape[1] * groups != channels or weight.shape[0] % groups:
        raise InputError(f"{o.name}: weights for {weight.shape[1] * groups} channels, but the input has {channels}.")
    tensor, padding = _window(b, o, (weight.shape[2], weight.shape[3]), 0.0)
    has_bias = len(o.inputs) > 2 and o.inputs[2] >= 0
    layer = nn.Conv2d(
        channels, weight.shape[0], (weight.shape[2], weight.shape[3]), groups=groups, padding=padding, bias=has_bias,
        stride=(options["stride_h"], options["stride_w"]), dilation=(options["dilation_h"], options["dilation_w"]),
    )  # fmt: skip
    layer.weight = nn.Parameter(_tensor(weight), requires_grad=False)
    if has_bias:
        layer.bias = nn.Parameter(_tensor(b.constant(o, 2).reshape(weight.shape[0])), requires_grad=False)
    b.put(layer, (tensor,), o)


def _max_pool(b: Builder, o: Operation) -> None:
    window = (o.options["filter_h"], o.options["filter_w"])
    tensor, padding = _window(b, o, window, float("-inf"))
    b.put(nn.MaxPool2d(window, (o.options["stride_h"], o.options["stride_w"]), padding), (tensor,), o)


def _prelu(b: Builder, o: Operation) -> None:
    slopes, channels = b.constant(o, 1), b.shape(o.inputs[0])[-1]
    if slopes.size not in (1, channels) or slopes.shape[-1:] != (slopes.size,):
        raise InputError(f"PRELU: a slope per channel is known here, but the slopes have the shape {slopes.shape}.")
    layer = nn.PReLU(slopes.size)
    layer.weight = nn.Parameter(_tensor(slopes.reshape(-1)), requires_grad=False)
    b.put(layer, o.inputs[:1], o)


def _elementwise(b: Builder, o: Operation) -> None:
    function, axes = _ELEMENTWISE[o.name], len(b.shape(o.outputs[0]))
    known = [i for i in o.inputs if i in b.graph.constants]
    if not known:
        if len({len(b.shape(i)) for i in o.inputs}) > 1:
            raise InputError(f"{o.name}: its inputs have different numbers of axes.")
        b.put(Apply(o.name, function), o.inputs, o)
        return
    value = b.graph.constants[known[0]].astype(np.float32)
    constant = to_stored(_tensor(value.reshape((1,) * (axes - value.ndim) + value.shape)))
    variable = tuple(i for i in o.inputs if i not in known)
    if len(variable) != 1 or len(b.shape(variable[0])) != axes:
        raise InputError(f"{o.name}: its constant widens its input, which has no counterpart here.")
    b.put(WithConstant(o.name, function, constant.clone(), o.inputs[0] in known), variable, o)


def _reduce(b: Builder, o: Operation) -> None:
    axes = len(b.shape(o.inputs[0]))
    named = [int(axis) % axes for axis in np.ravel(b.constant(o, 1))]
    if 0 in named or (not o.options["keep_dims"] and axes == 4):
        raise InputError(f"{o.name}: it goes over the samples, or drops an axis of a map; neither is known here.")
    where, keep = [stored(axis, axes) for axis in named], bool(o.options["keep_dims"])
    function = torch.mean if o.name == "MEAN" else torch.sum
    b.put(Apply(o.name, lambda x: function(x, dim=where, keepdim=keep)), o.inputs[:1], o)


def _pad(b: Builder, o: Operation) -> None:
    amounts = b.constant(o, 1)
    axes = len(b.shape(o.inputs[0]))
    if amounts.shape != (axes, 2) or amounts[0].any() or (amounts < 0).any():
        raise InputError("PAD: it pads the samples, or by amounts of another number of axes.")
    ours = [(0, 0)] * axes
    for axis, (before, after) in enumerate(amounts.tolist()):
        ours[stored(axis, axes)] = (before, after)
    # torch wants the last axis first.
    flat = [amount for pair in reversed(ours[1:]) for amount in pair]
    b.put(Apply("PAD", lambda x: functional.pad(x, flat)), o.inputs[:1], o)


def _reshape(b: Builder, o: Operation) -> None:
    shape = b.shape(o.outputs[0])
    if not shape or shape[0] != 1 or b.shape(o.inputs[0])[0] != 1:
        raise InputError(f"RESHAPE: to the shape {shape} it would mix samples.")
    b.put(Apply("RESHAPE", lambda x: to_stored(from_stored(x).reshape(len(x), *shape[1:]))), o.inputs[:1], o)


def _transpose(b: Builder, o: Operation) -> None:
    order = [int(axis) for axis in b.constant(o, 1)]
    axes = len(order)
    if sorted(order) != list(range(axes)) or order[0] != 0 or axes != len(b.shape(o.inputs[0])):
        raise InputError(f"TRANSPOSE: the order {order} moves the samples or is no order of the axes.")
    ours = [0] * axes
    for to, axis in enumerate(order):
        ours[stored(to, axes)] = stored(axis, axes)
    b.put(Apply("TRANSPOSE", lambda x: x.permute(ours)), o.inputs[:1], o)


def _slice(b: Builder, o: Operation) -> None:
    shape, masks = b.shape(o.inputs[0]), o.options
    begin, end, step = (b.constant(o, i).tolist() for i in (1, 2, 3))
    # Of one sample, "the first sample" is all there is: the batch axis stays as it is.
    if masks["ellipsis_mask"] or masks["new_axis_mask"] or masks["shrink_axis_mask"] not in (0, 1) or shape[0] != 1:
        raise InputError("STRIDED_SLICE: it makes or drops axes in a way that is not known here.")
    if not len(begin) == len(end) == len(step) == len(shape) or min(step) < 1:
        raise InputError("STRIDED_SLICE: a step is not positive, or some axes are left out.")
    parts = [slice(None)] * len(shape)
    for axis in range(1, len(shape)):
        first = None if masks["begin_mask"] >> axis & 1 else begin[axis]
        last = None if masks["end_mask"] >> axis & 1 else end[axis]
        parts[stored(axis, len(shape))] = slice(first, last, step[axis])
    where = tuple(parts)
    b.put(Apply("STRIDED_SLICE", lambda x: x[where]), o.inputs[:1], o)


def _join(b: Builder, o: Operation) -> None:
    axes = len(b.shape(o.outputs[0]))
    axis = stored(o.options["axis"], axes)
    if axis == 0:
        raise InputError("CONCATENATION: joining samples is not known here.")
    known = [b.graph.constants.get(i) for i in o.inputs]
    parts = [None if value is None else to_stored(_tensor(value)).clone() for value in known]
    inputs = tuple(i for i, value in zip(o.inputs, known, strict=True) if value is None)
    if not inputs:
        raise InputError("CONCATENATION: all its parts are constants.")
    b.put(JoinConstant(parts, axis), inputs, o)


def _resize(b: Builder, o: Operation) -> None:
    size = tuple(int(n) for n in b.constant(o, 1))
    corners, half = bool(o.options["align_corners"]), bool(o.options["half_pixel_centers"])
    if corners == half or len(size) != 2 or min(size) < 1:
        raise InputError("RESIZE_BILINEAR: only half-pixel centres or aligned corners are known here.")
    b.put(nn.Upsample(size=size, mode="bilinear", align_corners=corners), o.inputs[:1], o)


def _tensor(values: np.ndarray) -> torch.Tensor:
    return torch.tensor(np.ascontiguousarray(values, dtype=np.float32))


def _one(make: Callable[[], nn.Module]) -> Callable[[Builder, Operation], None]:
    return lambda b, o: b.put(make(), o.inputs[:1], o)


def _function(name: str, function: Callable[..., torch.Tensor]) -> Callable[[Builder, Operation], None]:
    return _one(lambda: Apply(name, function))


_ELEMENTWISE: dict[str, Callable[..., torch.Tensor]] = {
    "ADD": torch.add,
    "SUB": torch.sub,
    "MUL": torch.mul,
    "DIV": torch.div,
    "SQUARED_DIFFERENCE": lambda x, y: (x - y).square(),
}
_BUILDERS: dict[str, Any] = {
    "CONV_2D": _convolution,
    "DEPTHWISE_CONV_2D": _convolution,
    "MAX_POOL_2D": _max_pool,
    "PRELU": _prelu,
    "RELU": _one(nn.ReLU),
    "RELU6": _one(nn.ReLU6),
    "LOGISTIC": _one(nn.Sigmoid),
    **dict.fromkeys(_ELEMENTWISE, _elementwise),
    "NEG": _function("NEG", torch.neg),
    "SQRT": _function("SQRT", torch.sqrt),
    "RSQRT": _function("RSQRT", torch.rsqrt),
    "MEAN": _reduce,
    "SUM": _reduce,
    "PAD": _pad,
    "RESHAPE": _reshape,
    "TRANSPOSE": _transpose,
    "STRIDED_SLICE": _slice,
    "CONCATENATION": _join,
    "RESIZE_BILINEAR": _resize,
}
