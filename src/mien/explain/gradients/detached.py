"""Whether a network lets torch follow all that its answer depends on, or takes some of it out of the gradients."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from mien.core.errors import InputError
from mien.core.words import percent
from mien.explain.gradients.functions import function_name
from mien.explain.gradients.slope import input_gradient
from mien.explain.problem import Problem

# Share of the whole gradient that may be missing before it has to be said.
_MISSING = 0.01
_ROWS = 2
_LEFT = (
    "The network hands numbers to NumPy on the way, from where torch has no gradients: what goes that way is missing "
    "from these values. Occlusion and other methods that need only scores see it."
)


class Attached(TorchFunctionMode):
    """Copies without gradients keep theirs, also where gradients are turned off; what is computed stays the same.

    Attributes
    ----------
    left : bool
        Whether numbers that depend on the input went to NumPy, from where no gradient comes back.
    """

    def __init__(self) -> None:
        super().__init__()
        self.left = False

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = function_name(func)
        with torch.enable_grad():
            if name in ("detach", "data") and len(args) == 1:
                # Detached in place it is the tensor itself that goes on.
                return args[0] if func is torch.Tensor.detach_ else args[0].clone()
            if name in ("numpy", "__array__"):
                self.left |= args[0].requires_grad
                args = (args[0].detach(), *args[1:])
            return func(*args, **(kwargs or {}))


def detached(problem: Problem) -> str:
    """A sentence if gradients miss part of what the output depends on (detached copies, ``no_grad``), else ``''``.

    The gradient at the first samples is compared with that of the same pass in which nothing is taken out. Where what
    was taken out does not change the output, as the largest number in a softmax, both are the same.
    """
    if problem.module is None or not len(problem.values):
        return ""
    rows = torch.from_numpy(problem.values[:_ROWS][: problem.batch_size]).to(problem.device)

    def passed(watched: AbstractContextManager[Any]) -> tuple[np.ndarray, np.ndarray]:
        x = rows.clone().requires_grad_()
        with torch.enable_grad(), watched:
            output = problem.output(x.clone())
        return output.detach().double().cpu().numpy(), input_gradient(output, x).double().cpu().numpy()

    attached = Attached()
    try:
        output, followed = passed(nullcontext())
        same, whole = passed(attached)
    except (RuntimeError, InputError):
        return ""  # written over in place what was kept: nothing is known of such a network
    if not np.allclose(output, same, rtol=1e-4, atol=1e-6) or not np.isfinite([followed, whole]).all():
        return ""
    missing = np.abs(whole - followed).sum() / max(np.abs(whole).sum(), np.finfo(float).tiny)
    if missing <= _MISSING:
        return _LEFT if attached.left else ""
    return (
        f"The network takes numbers out of torch's gradients on the way (detach, data or no_grad): {percent(missing)} "
        "of the gradient at the first samples is missing, and so is what goes that way from these values, also where "
        "they are zero. Occlusion and other methods that need only scores see it."
    )
