"""Integrated Gradients with several baselines, in large batches of samples x baselines x steps.

Sundararajan, Taly & Yan, "Axiomatic attribution for deep networks", ICML 2017. Averaging over several typical
samples as baselines instead of one blank input follows Di Luzio, Rosato & Panella, arXiv 2407.14865.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from mien.core.errors import InputError
from mien.core.extras import require
from mien.explain.problem import Attribution, Problem


def integrated_gradients(problem: Problem, *, n_steps: int = 64) -> Attribution:
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

    Raises
    ------
    InputError
        If ``n_steps`` is below 1.
    """
    if n_steps < 1:
        raise InputError(f"n_steps is at least 1, but got {n_steps}.")
    captum = require("captum.attr", "Integrated Gradients", "learn")
    # Without the product with (sample - baseline): the mean gradient on the path from baseline to sample.
    method = captum.IntegratedGradients(problem.rest or problem.output, multiply_by_inputs=False)
    samples, baselines = len(problem.values), len(problem.baselines)
    total = np.zeros(problem.values.shape, dtype=np.float64)
    # Pairs of sample and baseline that go through the network together, each with all its steps.
    pairs = max(1, problem.batch_size // n_steps)
    for start in range(0, samples * baselines, pairs):
        pair = np.arange(start, min(start + pairs, samples * baselines))
        sample, baseline = pair // baselines, pair % baselines
        x = torch.from_numpy(problem.values[sample]).to(problem.device)
        b = torch.from_numpy(problem.baselines[baseline]).to(problem.device)
        # Only where one pair's steps alone exceed the batch does Captum split them.
        split = {
            "n_steps": n_steps,
            "internal_batch_size": problem.batch_size if problem.batch_size < n_steps else None,
        }
        if problem.start is None:
            gradient = method.attribute(x, b, **split)
        else:
            gradient = _through_affine(problem.start, method, x, b, split)
        np.add.at(total, sample, ((x - b) * gradient.detach()).double().cpu().numpy())
        problem.progress(int(pair[-1] + 1), samples * baselines)
    values = (total / max(baselines, 1)).astype(np.float32)
    promised = problem.outputs(problem.values) - problem.outputs(problem.baselines).mean()
    gap = values.reshape(samples, -1).sum(axis=1, dtype=np.float64) - promised
    return Attribution(values, gap)


def _through_affine(start: torch.nn.Module, method: Any, x: torch.Tensor, b: torch.Tensor, split: Any) -> torch.Tensor:
    """Mean gradient on the path, computed behind the affine first part and carried to the input once."""
    x = x.detach().requires_grad_()
    with torch.enable_grad():
        behind = start(x)
    with torch.no_grad():
        behind_baseline = start(b)
    gradient = method.attribute(behind.detach(), behind_baseline, **split)
    return torch.autograd.grad(behind, x, grad_outputs=gradient.detach())[0]
