"""Whether a network's gradients are the slopes of what it computes, where somebody else has a hand in them.

Backward hooks are taken away, and the gradients with and without them compared. What a backward pass of its own gives
can only be held against the output: along a line it has to change by the integral of the gradient.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode
from torch.utils.hooks import RemovableHandle

from mien.core.errors import InputError
from mien.core.words import percent
from mien.explain.gradients.detached import MISSING, detached, first_rows, passed, share_apart
from mien.explain.gradients.functions import function_name
from mien.explain.gradients.graph import nonlinear_steps
from mien.explain.gradients.slope import input_gradient, slope
from mien.explain.problem import Problem

# Share of the output's change that gradients may miss along a line: quadrature past the kinks of ReLUs.
_OFF_THE_LINE = 0.1
# Lines change the output by about this share of it, and the input by at most this share of its length.
_CHANGE, _FAR = 0.02, 0.1
# Changes below so many roundings of the output say nothing.
_ROUNDINGS = 160
_HOOKS = ("_backward_hooks", "_backward_pre_hooks")
_AS_IT_IS = "Occlusion and other methods that need only scores see the network as it is."


class _Unhooked(TorchFunctionMode):
    """Hooks on tensors are not set; ``met`` says whether there were any."""

    def __init__(self) -> None:
        super().__init__()
        self.met = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if function_name(func) == "register_hook":
            self.met = True
            return RemovableHandle(OrderedDict())
        return func(*args, **(kwargs or {}))


def doubts(problem: Problem) -> list[str]:
    """Sentences where gradients are not the slopes of what the network computes, or miss part of it."""
    if problem.module is None or not len(problem.values):
        return []
    return _altered(problem, problem.module) or detached(problem)


def _altered(problem: Problem, module: torch.nn.Module) -> list[str]:
    """Sentences on hooks and backward passes of its own that change the gradients."""
    rows, found = first_rows(problem), []
    try:
        with _without_hooks(module) as met, _Unhooked() as unhooked:
            plain, own = _plain_pass(problem, rows)
            apart = _off_the_line(problem, rows) if own else 0.0
        hooked = passed(problem, rows, nullcontext())[1] if met or unhooked.met else plain
    except (RuntimeError, InputError):
        return []
    changed = share_apart(hooked, plain)
    if changed > MISSING:
        found.append(
            f"Backward hooks change the network's gradients (by {percent(changed)} at the first samples), so they are "
            f"not the slopes of what it computes, and neither are these values: remove the hooks. {_AS_IT_IS}"
        )
    if apart > _OFF_THE_LINE:
        found.append(
            f"The network has a backward pass of its own ({', '.join(own)}), and its gradients are not the slopes of "
            f"what it computes: at the first samples the output's change differs by {percent(apart)} from what they "
            f"say, and these values follow them. {_AS_IT_IS}"
        )
    return found


@contextmanager
def _without_hooks(module: torch.nn.Module) -> Iterator[bool]:
    """The module without hooks on its parts' gradients; whether there were any."""
    taken = [
        (part, name, hooks) for part in module.modules() for name in _HOOKS if (hooks := getattr(part, name, None))
    ]
    try:
        for part, name, _ in taken:
            setattr(part, name, OrderedDict())
        yield bool(taken)
    finally:
        for part, name, hooks in taken:
            setattr(part, name, hooks)


def _plain_pass(problem: Problem, rows: np.ndarray) -> tuple[np.ndarray, list[str]]:
    """The gradient at some inputs, and names of the steps that have a backward pass of their own."""
    x = torch.from_numpy(rows).to(problem.device).requires_grad_()
    with torch.enable_grad():
        output = problem.output(x.clone())
    own = [step.name.removesuffix("Backward") for step in nonlinear_steps(output, x) if step.own]
    return input_gradient(output, x).double().cpu().numpy(), own


def _off_the_line(problem: Problem, rows: np.ndarray) -> float:
    """Share of the output's change that gradients miss, along short lines up the gradient and by chance."""
    outputs, gradients = np.abs(problem.outputs(rows)).max(), slope(problem, rows).astype(np.float64)
    places, weights = np.polynomial.legendre.leggauss(8)
    least = _ROUNDINGS * _rounding(problem.network) * outputs
    chance = np.random.default_rng(0).choice([-1.0, 1.0], rows.shape)
    apart = whole = 0.0
    for row, gradient, way in [
        *zip(rows, gradients, gradients, strict=True),
        *zip(rows, gradients, chance, strict=True),
    ]:
        steep = abs((gradient * way).sum())
        if not steep:
            continue
        reach = min(_CHANGE * outputs / steep, _FAR * np.linalg.norm(row) / np.linalg.norm(way))
        line = row + (reach * way) * np.append(places, [-1, 1]).reshape(-1, *[1] * row.ndim)
        line = line.astype(np.float32)
        said = reach * weights @ (slope(problem, line[:-2]) * way).reshape(len(places), -1).sum(axis=1)
        below, above = problem.outputs(line[-2:])
        if max(abs(said), abs(above - below)) > least:
            apart, whole = apart + abs(above - below - said), whole + max(abs(said), abs(above - below))
    return float(apart / whole) if whole else 0.0


def _rounding(module: torch.nn.Module) -> float:
    """The coarsest rounding of its weights, at least that of single precision."""
    kinds = {torch.float32, *(p.dtype for p in module.parameters() if p.is_floating_point())}
    return max(torch.finfo(kind).eps for kind in kinds)
