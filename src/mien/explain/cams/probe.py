"""What every module of a network gives for a picture of noise: which hold a map, and how often they run."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isqrt, log
from typing import Any

import numpy as np
import torch

from mien.explain.problem import Problem

# Tokens before those of the picture (class token, distillation token, registers) that may be met.
MOST_PREFIX = 8
# How far the sides' ratio of a map may be from the picture's, as a factor.
SAME_SHAPE = log(1.4)


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


@dataclass(eq=False)
class ModuleOutputs:
    """What one module gave in the pass of the probe, each time that it ran."""

    name: str
    module: torch.nn.Module
    results: list[Any]
    layout: Layout | None = None
    mirrored: tuple[bool, ...] | None = None
    gradient: torch.Tensor | None = field(default=None, repr=False)

    @property
    def result(self) -> Any:
        """Of the last time."""
        return self.results[-1]

    @property
    def reached(self) -> bool:
        """Whether the output depends on the picture's part of the result."""
        if self.gradient is None or self.layout is None:
            return False
        return bool((self.layout.grid(self.gradient) != 0).any())


def run_on_noise(problem: Problem) -> tuple[list[ModuleOutputs], int]:
    """All modules in the order in which they finish, with results and gradients for a picture of noise.

    And the number of the network's outputs, which may have been narrowed to those of the target.
    """
    shape = problem.values.shape[1:]
    noise = np.random.default_rng(0).standard_normal((1, *shape)).astype(np.float32)
    with torch.enable_grad():
        seen, output = _results(problem, dict(problem.network.named_modules()), noise)
    rows = [row for row in seen.values() if row.name]
    whole = seen[""].result if "" in seen else None
    outputs = int(whole.numel()) if isinstance(whole, torch.Tensor) else 0
    for row in rows:
        one = isinstance(row.result, torch.Tensor) and len(row.result) == 1
        row.layout = layout_of(row.result.shape, shape[1:]) if one else None
    _note_views(problem, rows, noise)
    maps = [row for row in rows if row.layout is not None and row.result.requires_grad]
    if output.requires_grad and maps:
        gradients = torch.autograd.grad(output.sum(), [row.result for row in maps], allow_unused=True)
        for row, gradient in zip(maps, gradients, strict=True):
            row.gradient = gradient
    return rows, outputs


def _results(
    problem: Problem, modules: dict[str, torch.nn.Module], picture: np.ndarray
) -> tuple[dict[str, ModuleOutputs], torch.Tensor]:
    """What these modules give for a picture, in the order in which they finish, and the network's output."""
    seen: dict[str, ModuleOutputs] = {}
    hooks = []
    for name, module in modules.items():

        def note(module: torch.nn.Module, args: Any, result: Any, name: str = name) -> None:
            before = seen.pop(name).results if name in seen else []
            seen[name] = ModuleOutputs(name, module, [*before, result])

        hooks.append(module.register_forward_hook(note))
    try:
        output = problem.output(torch.from_numpy(picture).to(problem.device).requires_grad_(torch.is_grad_enabled()))
    finally:
        for hook in hooks:
            hook.remove()
    return seen, output


def _note_views(problem: Problem, rows: list[ModuleOutputs], picture: np.ndarray) -> None:
    """Note of layers that run several times whether they see the picture and its mirror image, or something else.

    What a layer sees is known by what it gives: at a later time the same as at the first, or the same as at the first
    when the network is shown the mirror image.
    """
    several = {row.name: row.module for row in rows if len(row.results) > 1 and row.layout is not None}
    turned: dict[str, ModuleOutputs] = {}
    if several:
        with torch.no_grad():
            turned, _ = _results(problem, several, np.ascontiguousarray(picture[..., ::-1]))
    for row in rows:
        if len(row.results) == 1:
            row.mirrored = (False,)
        elif row.name in turned:
            same = [_alike(result, row.results[0]) for result in row.results]
            mirror = [_alike(result, turned[row.name].results[0]) for result in row.results]
            if all(a or b for a, b in zip(same, mirror, strict=True)):
                row.mirrored = tuple(not one for one in same)


def _alike(one: torch.Tensor, other: torch.Tensor) -> bool:
    if one.shape != other.shape:
        return False
    size = float(other.detach().abs().max())
    return bool(torch.allclose(one.detach(), other.detach(), rtol=0, atol=1e-4 * size))


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
