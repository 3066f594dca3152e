"""Integrated Gradients with several baselines, in large batches of samples x baselines x steps.

Sundararajan, Taly & Yan, "Axiomatic attribution for deep networks", ICML 2017. Averaging over several typical
samples as baselines instead of one blank input follows Di Luzio, Rosato & Panella, arXiv 2407.14865.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from mien.core.settings import Count
from mien.explain.gradients.slope import input_gradient, whole_lots
from mien.explain.problem import Attribution, Problem
from mien.explain.split import size_of

# Values behind the affine first part that are worked on at once: 1 MiB, so that the passes over them stay in a cache.
CACHED_VALUES = 2**18
LEAST_AT_ONCE = 64


def integrated_gradients(problem: Problem, *, n_steps: Count = 64) -> Attribution:
    """Integrated Gradients, averaged over the baselines.

    Parameters
    ----------
    problem : Problem
    n_steps : int
        Points of the Gauss-Legendre rule on the straight line from a baseline to the sample.

    Returns
    -------
    Attribution
        ``gap`` is the sum of the values minus (output of the sample - mean output of the baselines).
    """
    samples, baselines = len(problem.values), len(problem.baselines)
    total = np.zeros(problem.values.shape, dtype=np.float64)
    rows = _rows(problem)
    for first in range(0, samples * baselines, rows):
        pair = np.arange(first, min(first + rows, samples * baselines))
        sample, baseline = pair // baselines, pair % baselines
        x = torch.from_numpy(problem.values[sample]).to(problem.device)
        b = torch.from_numpy(problem.baselines[baseline]).to(problem.device)

        def within(share: float, first: int = first, pairs: int = len(pair)) -> None:
            problem.progress(int(n_steps * (first + share * pairs)), n_steps * samples * baselines)

        gradient = _mean_gradient(problem, x, b, n_steps, rows, within)
        np.add.at(total, sample, ((x - b) * gradient).double().cpu().numpy())
        problem.progress(int(pair[-1] + 1), samples * baselines)
    values = (total / max(baselines, 1)).astype(np.float32)
    promised = problem.own_outputs() - problem.outputs(problem.baselines).mean()
    gap = values.reshape(samples, -1).sum(axis=1, dtype=np.float64) - promised
    return Attribution(values, gap)


def samples_together(problem: Problem, settings: dict[str, Any]) -> int:
    """Samples that fill whole lots of pairs with the baselines."""
    return whole_lots(_rows(problem), len(problem.baselines))


def _rows(problem: Problem) -> int:
    """Rows at once: at most ``batch_size``, and no more than a processor's cache holds."""
    if problem.start is None or problem.device.type != "cpu":
        return problem.batch_size
    size = size_of(problem.start, problem.values.shape[1:], problem.device)
    return min(problem.batch_size, max(LEAST_AT_ONCE, CACHED_VALUES // size))


def _mean_gradient(
    problem: Problem, x: torch.Tensor, b: torch.Tensor, n_steps: int, rows: int, within: Callable[[float], None]
) -> torch.Tensor:
    """Mean gradient on the lines from baselines to samples (pairs, ...).

    Behind an affine first part lines are lines and the Jacobian is the same everywhere, so that part runs once.
    """
    if problem.start is None:
        return _along(problem.output, x, b, n_steps, rows, within)
    x = x.detach().requires_grad_()
    with torch.enable_grad():
        behind = problem.start(x)
    with torch.no_grad():
        behind_b = problem.start(b)
    gradient = _along(problem.rest or problem.output, behind.detach(), behind_b, n_steps, rows, within)
    return torch.autograd.grad(behind, x, grad_outputs=gradient)[0]


def _along(
    output: Callable[[torch.Tensor], torch.Tensor], x: torch.Tensor, b: torch.Tensor, n_steps: int, rows: int,
    within: Callable[[float], None],
) -> torch.Tensor:  # fmt: skip
    """Gauss-Legendre mean of the gradient of ``output`` over the line of each pair; at most ``rows`` rows at once.

    ``within`` hears after every batch which share is done.
    """
    places, weights = np.polynomial.legendre.leggauss(n_steps)
    place = torch.from_numpy((places + 1) / 2).to(x).reshape(1, -1, *[1] * (x.dim() - 1))
    weight = torch.from_numpy(weights / 2).to(x)
    way, mean = x - b, torch.empty_like(x)
    pairs, steps = max(1, rows // n_steps), min(rows, n_steps)
    for start in range(0, len(x), pairs):
        part = slice(start, start + pairs)
        total: torch.Tensor | float = 0.0
        for step in range(0, n_steps, steps):
            at = place[:, step : step + steps]
            line = torch.addcmul(b[part, None], way[part, None], at).flatten(0, 1).requires_grad_()
            with torch.enable_grad():
                result = output(line)
            slope = input_gradient(result, line).reshape(-1, at.shape[1], x[0].numel())
            total = total + weight[step : step + steps] @ slope
            within((start + len(line) / n_steps + step * len(x[part]) / n_steps) / len(x))
        mean[part] = total.reshape(mean[part].shape)  # type: ignore[union-attr]
    return mean
