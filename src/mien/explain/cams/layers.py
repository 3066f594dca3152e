"""The layer whose map a class activation map weighs: named by the user, or found by running the network once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import isqrt, log
from typing import Any

import numpy as np
import torch

from mien.core.errors import InputError
from mien.explain.problem import Problem

# Tokens before those of the picture (class token, distillation token, registers) that may be met.
MOST_PREFIX = 8
# How far the sides' ratio of a map may be from the picture's, as a factor.
SAME_SHAPE = log(1.4)
# Modules that give what they get, in evaluation mode.
_PASSING = (torch.nn.Identity, torch.nn.Dropout, torch.nn.Dropout2d)


@dataclass(frozen=True)
class Layout:
    """How a layer's result holds a map.

    Attributes
    ----------
    kind : str
        ``'channels first'`` (rows, channels, height, width), ``'channels last'`` (rows, height, width, channels) or
        ``'tokens'`` (rows, tokens, channels).
    prefix : int
        Tokens before those of the picture.
    size : tuple of int
        Height and width of the map.
    """

    kind: str
    prefix: int
    size: tuple[int, int]

    def grid(self, tensor: torch.Tensor) -> torch.Tensor:
        """The result as (rows, channels, height, width); a view, so that what is written there is written here."""
        if self.kind == "channels first":
            return tensor
        if self.kind == "tokens":
            tensor = tensor[:, self.prefix :].unflatten(1, self.size)
        return tensor.permute(0, 3, 1, 2)


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer of the network, with the layout of its result."""

    name: str
    module: torch.nn.Module
    layout: Layout
    channels: int

    @property
    def facts(self) -> dict[str, Any]:
        """For ``Evidence.settings``."""
        return {"layer": self.name, "layer_shape": [self.channels, *self.layout.size], "layout": self.layout.kind}


@dataclass(eq=False)
class _Seen:
    """What one module gave in the pass of the probe."""

    name: str
    module: torch.nn.Module
    result: Any
    calls: int = 1
    layout: Layout | None = None
    gradient: torch.Tensor | None = field(default=None, repr=False)

    @property
    def reached(self) -> bool:
        """Whether the output depends on the picture's part of the result."""
        if self.gradient is None or self.layout is None:
            return False
        return bool((self.layout.grid(self.gradient) != 0).any())


def find_layer(problem: Problem, name: str) -> Layer:
    """The layer of that name; for ``''`` the last one that still holds a map which the output depends on.

    For networks of convolutions that is the last map before pooling and classifier. In a transformer that reads its
    class token, the last block's patch tokens reach nobody, so it is the norm before that block's attention. The
    choice depends on the network, the target and the size of the pictures, not on the pictures.

    Raises
    ------
    InputError
        If there is no such layer, it does not run exactly once in a pass, or its result holds no map.
    """
    network = problem.network
    if name and name not in dict(network.named_modules()):
        raise InputError(f"The network has no layer '{name}'.{_close(name, network)}")
    seen, outputs = _run(problem)
    chosen = _named(name, network, seen) if name else _last(seen, {outputs, len(problem.classes)})
    assert chosen.layout is not None
    return Layer(chosen.name, chosen.module, chosen.layout, chosen.layout.grid(chosen.result).shape[1])


def _run(problem: Problem) -> tuple[list[_Seen], int]:
    """All modules in the order in which they finish, with results and gradients for a picture of noise.

    And the number of the network's outputs, which may have been narrowed to those of the target.
    """
    shape = problem.values.shape[1:]
    noise = np.random.default_rng(0).standard_normal((1, *shape)).astype(np.float32)
    seen: dict[str, _Seen] = {}
    hooks = []
    for name, module in problem.network.named_modules():

        def note(module: torch.nn.Module, args: Any, result: Any, name: str = name) -> None:
            calls = seen.pop(name).calls + 1 if name in seen else 1
            seen[name] = _Seen(name, module, result, calls)

        hooks.append(module.register_forward_hook(note))
    try:
        with torch.enable_grad():
            output = problem.output(torch.from_numpy(noise).to(problem.device).requires_grad_())
    finally:
        for hook in hooks:
            hook.remove()
    rows = [row for row in seen.values() if row.name]
    whole = seen[""].result if "" in seen else None
    outputs = int(whole.numel()) if isinstance(whole, torch.Tensor) else 0
    for row in rows:
        row.layout = layout_of(row.result.shape, shape[1:]) if isinstance(row.result, torch.Tensor) else None
    maps = [row for row in rows if row.layout is not None and row.result.requires_grad]
    if output.requires_grad and maps:
        gradients = torch.autograd.grad(output.sum(), [row.result for row in maps], allow_unused=True)
        for row, gradient in zip(maps, gradients, strict=True):
            row.gradient = gradient
    return rows, outputs


def layout_of(shape: torch.Size | tuple[int, ...], picture: tuple[int, ...]) -> Layout | None:
    """How a result of this shape holds a map of pictures of this height and width; None if it holds none.

    A map has more than one row and column, and about the picture's ratio of sides.
    """
    height, width = picture
    if len(shape) == 4:
        first, last = tuple(shape[2:]), tuple(shape[1:3])
        for kind, size in (("channels first", first), ("channels last", last)):
            if min(size) > 1 and abs(log(size[0] / size[1] * width / height)) <= SAME_SHAPE:
                return Layout(kind, 0, (size[0], size[1]))
    if len(shape) == 3:
        for prefix in range(MOST_PREFIX + 1):
            rows = isqrt(max(0, (shape[1] - prefix) * height // width))
            columns = rows * width // height
            if rows > 1 and columns > 1 and rows * columns == shape[1] - prefix and rows * width == columns * height:
                return Layout("tokens", prefix, (rows, columns))
    return None


def _last(seen: list[_Seen], outputs: set[int]) -> _Seen:
    tokens = {row.result.shape[1] for row in seen if row.layout is not None and row.layout.kind == "tokens"}
    maps = [
        row
        for row in seen
        # Attention weights (rows, heads, tokens, tokens) look like maps.
        if row.layout is not None
        and row.calls == 1
        and not isinstance(row.module, _PASSING)
        and not (row.result.ndim == 4 and row.result.shape[2] in tokens)
    ]
    if not maps:
        raise InputError(
            "The network has no layer that runs once and holds a map (rows, channels, height, width) or tokens of "
            "a picture, so class activation maps cannot explain it; use integrated-gradients or occlusion."
        )
    pooled = {row.result.data_ptr() for row in seen if isinstance(row.result, torch.Tensor) and _is_pool(row.module)}
    wishes: list[Callable[[_Seen], bool]] = [
        lambda row: row.reached,
        # The last map before pooling is the finest one.
        lambda row: row.result.data_ptr() not in pooled,
        # Inside a block of a transformer only norms and whole blocks hold the tokens themselves.
        lambda row: row.result.ndim == 4 or any(_is_norm(part) for part in row.module.modules()),
        # One map per class is the answer already, not what it is made of.
        lambda row: row.layout is None or row.layout.grid(row.result).shape[1] not in outputs,
    ]
    for wish in wishes:
        maps = [row for row in maps if wish(row)] or maps
    return maps[-1]


def _named(name: str, network: torch.nn.Module, seen: list[_Seen]) -> _Seen:
    row = next((row for row in seen if row.name == name), None)
    if row is None:
        raise InputError(
            f"The layer '{name}' does not run when the network explains this target.{_close(name, network)}"
        )
    if row.calls > 1:
        raise InputError(
            f"The layer '{name}' runs {row.calls} times in one pass, so it has no one map; name the block around it."
        )
    if not isinstance(row.result, torch.Tensor):
        raise InputError(f"The layer '{name}' gives {type(row.result).__name__}, not one tensor; name one inside it.")
    if row.layout is None and row.result.ndim == 4:
        # Whoever names it knows that it is one.
        row.layout = Layout("channels first", 0, (row.result.shape[2], row.result.shape[3]))
    if row.layout is None:
        maps = [other.name for other in seen if other.layout is not None and other.calls == 1]
        raise InputError(
            f"The layer '{name}' gives shape (rows, {', '.join(map(str, row.result.shape[1:]))}), which holds no map "
            f"of the picture; such maps have, for example: {', '.join(maps[-3:]) or 'none'}."
        )
    return row


def _close(name: str, network: torch.nn.Module) -> str:
    names = [known for known, _ in network.named_modules() if known]
    close = get_close_matches(name, names, n=3, cutoff=0.4) or names[-3:]
    return f" Close to it: {', '.join(close)}." if close else ""


def _is_pool(module: torch.nn.Module) -> bool:
    return "pool" in type(module).__name__.lower()


def _is_norm(module: torch.nn.Module) -> bool:
    return "norm" in type(module).__name__.lower()


@contextmanager
def watched(layer: Layer, change: Callable[[torch.Tensor], torch.Tensor] | None = None) -> Iterator[list[torch.Tensor]]:
    """The layer's result in each pass of the block; ``change`` says what the rest of the network gets instead.

    The rest gets a copy, so that functions in place do not touch what was seen.
    """
    found: list[torch.Tensor] = []

    def hook(module: torch.nn.Module, args: Any, result: torch.Tensor) -> torch.Tensor:
        found.append(result)
        return result.clone() if change is None else change(result)

    handle = layer.module.register_forward_hook(hook)
    try:
        yield found
    finally:
        handle.remove()
