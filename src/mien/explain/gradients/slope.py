"""The gradient of the explained output with respect to the input, in batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from mien.explain.problem import Problem


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
    found = np.empty(rows.shape, np.float32)
    for part in batches(len(rows), problem.batch_size):
        x = torch.from_numpy(rows[part]).to(problem.device).requires_grad_()
        with torch.enable_grad():
            output = problem.output(x)
        found[part] = input_gradient(output, x).cpu().numpy()
    return found


def input_gradient(output: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Gradient of each row's output with respect to that row of ``x``; rows do not see each other."""
    if not output.requires_grad:
        return torch.zeros_like(x)
    (gradient,) = torch.autograd.grad(output.sum(), x, allow_unused=True)
    return torch.zeros_like(x) if gradient is None else gradient.detach()


def batches(rows: int, size: int) -> Iterator[slice]:
    """Slices of at most ``size`` rows."""
    for start in range(0, rows, size):
        yield slice(start, min(start + size, rows))


def completeness_gap(problem: Problem, values: np.ndarray) -> np.ndarray:
    """Sum of each sample's values minus (its output - mean output of the baselines); shape (samples,)."""
    promised = problem.outputs(problem.values) - problem.outputs(problem.baselines).mean()
    return values.reshape(len(values), -1).sum(axis=1, dtype=np.float64) - promised
