"""Whether a network lets torch follow all that its answer depends on, or takes some of it out of the gradients."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from mien.core.errors import InputError
from mien.core.words import percent
from mien.explain.gradients.functions import FLAT, function_name
from mien.explain.gradients.slope import input_gradient
from mien.explain.problem import Problem

# Share of the whole gradient that may be missing before it has to be said.
MISSING = 0.01
_ROWS = 2
_LEFT = (
    "The network hands numbers to NumPy on the way, from where torch has no gradients: what goes that way is missing "
    "from these values. Occlusion and other methods that need only scores see it."
)
_REPLACED = (
    "The network puts another gradient in the place of its own on the way (detached copies, as of a straight-through "
    "estimator), so gradients are not the slopes of what it computes, and neither are these values. Occlusion and "
    "other methods that need only scores see the network as it is."
)


class Attached(TorchFunctionMode):
    """Copies without gradients keep theirs, also where gradients are turned off; what is computed stays the same.

    Attributes
    ----------
    left : bool
        Whether numbers that depend on the input went to NumPy, from where no gradient comes back.
    flat : dict of str to None
        Steps without a slope that such numbers went through, in order: rounding, signs.
    """

    def __init__(self) -> None:
        super().__init__()
        self.left = False
        self.flat: dict[str, None] = {}

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = function_name(func)
        with torch.enable_grad():
            if name in ("detach", "data") and len(args) == 1:
                # Detached in place it is the tensor itself that goes on.
                return args[0] if func is torch.Tensor.detach_ else args[0].clone()
            if name in ("numpy", "__array__"):
                self.left |= args[0].requires_grad
                args = (args[0].detach(), *args[1:])
            if name in FLAT and isinstance(args[0], torch.Tensor) and args[0].requires_grad:
                self.flat[name] = None
            return func(*args, **(kwargs or {}))


def detached(problem: Problem) -> list[str]:
    """Sentences where gradients miss part of what the output depends on: detached copies, ``no_grad``, rounding.

    The gradient at the first samples is compared with that of the same pass in which nothing is taken out. Where what
    was taken out does not change the output, as the largest number in a softmax, both are the same.
    """
    rows, attached = first_rows(problem), Attached()
    try:
        output, followed = passed(problem, rows, nullcontext())
        same, whole = passed(problem, rows, attached)
    except (RuntimeError, InputError):
        return []  # written over in place what was kept: nothing is known of such a network
    flat = [
        f"The network rounds numbers on its way ({', '.join(attached.flat)}), and such steps have no slope: gradients "
        "do not see what goes through them, and are zero where all does. Occlusion and other methods that need only "
        "scores see it."
    ] if attached.flat else []  # fmt: skip
    if not np.allclose(output, same, rtol=1e-4, atol=1e-6) or not np.isfinite([followed, whole]).all():
        return flat
    missing = share_apart(followed, whole)
    if missing <= MISSING:
        return [*flat, _LEFT] if attached.left else flat
    if missing > 1:
        return [_REPLACED]
    return [
        *flat,
        f"The network takes numbers out of torch's gradients on the way (detach, data or no_grad): {percent(missing)} "
        "of the gradient at the first samples is missing, and so is what goes that way from these values, also where "
        "they are zero. Occlusion and other methods that need only scores see it.",
    ]


def first_rows(problem: Problem) -> np.ndarray:
    """The samples at which gradients are compared."""
    return problem.values[:_ROWS][: problem.batch_size]


def passed(problem: Problem, rows: np.ndarray, watched: AbstractContextManager[Any]) -> tuple[np.ndarray, np.ndarray]:
    """Output and gradient at some inputs, in double precision, of a pass in a context."""
    x = torch.from_numpy(rows).to(problem.device).requires_grad_()
    with torch.enable_grad(), watched:
        output = problem.output(x.clone())
    return output.detach().double().cpu().numpy(), input_gradient(output, x).double().cpu().numpy()


def share_apart(one: np.ndarray, other: np.ndarray) -> float:
    """How far a gradient is from another one, as a share of that."""
    return float(np.abs(other - one).sum() / max(np.abs(other).sum(), np.finfo(float).tiny))
