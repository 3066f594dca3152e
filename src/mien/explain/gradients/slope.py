"""The gradient of the explained output with respect to the input, in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import gcd

import numpy as np
import torch

from mien.core.errors import InputError
from mien.explain.problem import Problem
from mien.explain.wrappers import without_gradients


def slope(problem: Problem, rows: np.ndarray) -> np.ndarray:
    """Gradient of the explained output at each row; zero where the output does not depend on the input.

    Parameters
    ----------
    problem : Problem
    rows : ndarray of float32, shape (rows, ...)
        Inputs, which need not be the problem's own.

    Returns
    -------
    ndarray of float32, shape (rows, ...)
        Output units per input unit.
    """
    result = np.empty(rows.shape, np.float32)
    for part in batches(len(rows), problem.batch_size):
        x = torch.from_numpy(rows[part]).to(problem.device).requires_grad_()
        with torch.enable_grad():
            output = problem.output(x)
        result[part] = input_gradient(output, x).cpu().numpy()
    return result


def input_gradient(output: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Gradient of each row's output with respect to that row of ``x``; rows do not see each other."""
    (gradient,) = gradients_of(output, [x])
    return torch.zeros_like(x) if gradient is None else gradient.detach()


def gradients_of(output: torch.Tensor, at: Sequence[torch.Tensor]) -> tuple[torch.Tensor | None, ...]:
    """Gradients of each row's output at some tensors; None where there is no way from one to the other.

    Raises
    ------
    InputError
        If the network has a part that torch has no gradient for.
    """
    reached = [one for one in at if one.requires_grad]
    if not output.requires_grad or not reached:
        return (None,) * len(at)
    try:
        result = torch.autograd.grad(output.sum(), reached, allow_unused=True)
    except RuntimeError as error:
        if isinstance(error, torch.OutOfMemoryError):
            raise
        raise InputError(f"{_NO_WAY} ({str(error).splitlines()[0]}). {_SCORES_ONLY}") from error
    each = dict(zip(map(id, reached), result, strict=True))
    return tuple(each.get(id(one)) for one in at)


_NO_WAY = "torch follows no gradients through the network"
_SCORES_ONLY = (
    "Methods that need only scores explain it: occlusion, rise, lime, kernel-shap, permutation-shap (give a function, "
    "such as lambda v: model(torch.from_numpy(v)).numpy())."
)


def check_gradients(problem: Problem, scores: np.ndarray) -> None:
    """Refuse a network whose answers depend on its input in a way that torch does not follow.

    Parameters
    ----------
    problem : Problem
    scores : ndarray of float64, shape (samples,)
        Its answers to the samples.

    Raises
    ------
    InputError
        If gradients would be zero for another reason than that the output does not change.
    """
    if not len(scores) or problem.module is None:
        return
    why = without_gradients(problem.module)
    if not why:
        with torch.enable_grad():
            x = torch.from_numpy(problem.values[:1]).to(problem.device).requires_grad_()
            if gradients_of(problem.output(x), [x])[0] is not None:
                return
        every = np.append(scores, problem.outputs(np.zeros((1, *problem.values.shape[1:]), np.float32)))
        every = every[np.isfinite(every)]
        if not len(every) or np.ptp(every) <= 1e-6 * np.abs(every).max():
            return
        why = "its answers change with the input, but it leaves torch on the way (quantised layers, no_grad, NumPy)"
    raise InputError(f"{_NO_WAY}: {why}. {_SCORES_ONLY}")


def batches(rows: int, size: int) -> Iterator[slice]:
    """Slices of at most ``size`` rows."""
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))


def whole_lots(size: int, baselines: int) -> int:
    """Fewest samples whose pairs with the baselines fill lots of that size without a rest."""
    return size // gcd(size, max(1, baselines))


def completeness_gap(problem: Problem, values: np.ndarray) -> np.ndarray:
    """Sum of each sample's values minus (its output - mean output of the baselines); shape (samples,)."""
    promised = problem.own_outputs() - problem.outputs(problem.baselines).mean()
    return values.reshape(len(values), -1).sum(axis=1, dtype=np.float64) - promised
