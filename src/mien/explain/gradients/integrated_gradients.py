"""Integrated Gradients with several baselines, in large batches of samples x baselines x steps.

Sundararajan, Taly & Yan, "Axiomatic attribution for deep networks", ICML 2017. Averaging over several typical
samples as baselines instead of one blank input follows Di Luzio, Rosato & Panella, arXiv 2407.14865.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from mien.core.settings import Count, Positive
from mien.explain.gradients.lines import Enough, along_lines, most_points
from mien.explain.gradients.slope import input_gradient, whole_lots
from mien.explain.problem import Attribution, Problem
from mien.explain.split import size_of

# Values behind the affine first part that are worked on at once: 1 MiB, so that the passes over them stay in a cache.
CACHED_VALUES = 2**18
LEAST_AT_ONCE = 64
# What progress inside of a batch is counted in.
_PARTS = 64


def integrated_gradients(problem: Problem, *, n_steps: Count | None = None, tolerance: Positive = 0.01) -> Attribution:
    """Integrated Gradients, averaged over the baselines.

    Parameters
    ----------
    problem : Problem
    n_steps : int, optional
        Points of the Gauss-Legendre rule on the straight line from a baseline to the sample. Without it every line
        has as many as it needs: 3, 7, 15, 31, 63 or, except for pictures, 127; each rule has those of the one before.
    tolerance : float
        A line has enough points when its values miss its difference of outputs by at most this share of the difference
        between the sample and all baselines, and moved by at most five times this share of their absolute sum since the
        rule before: a gap may also be small by luck. Without ``n_steps`` only.

    Returns
    -------
    Attribution
        ``gap`` is the sum of the values minus (output of the sample - mean output of the baselines);
        ``columns['passes']`` is the number of points on all lines of a sample, where that was not given.
    """
    samples, baselines = len(problem.values), len(problem.baselines)
    total = np.zeros(problem.values.shape, dtype=np.float64)
    passes = np.zeros(samples)
    own, usual = problem.own_outputs(), problem.outputs(problem.baselines)
    promised, largest = own - usual.mean(), float(np.abs(np.append(own, usual)).max())
    starts = _behind(problem)
    rows, most = _rows(problem), most_points(problem.space)
    for first in range(0, samples * baselines, rows):
        pair = np.arange(first, min(first + rows, samples * baselines))
        sample, baseline = pair // baselines, pair % baselines
        x = torch.from_numpy(problem.values[sample]).to(problem.device)
        b = torch.from_numpy(problem.baselines[baseline]).to(problem.device)

        def within(share: float, first: int = first, pairs: int = len(pair)) -> None:
            problem.progress(int(_PARTS * (first + share * pairs)), _PARTS * samples * baselines)

        if n_steps is None:
            enough = Enough(own[sample] - usual[baseline], promised[sample], tolerance, largest, most)
            gradient, points = _mean_gradient(problem, x, starts[baseline], enough, rows, within)
            np.add.at(passes, sample, points)
        else:
            gradient, _ = _mean_gradient(problem, x, starts[baseline], n_steps, rows, within)
        np.add.at(total, sample, ((x - b) * gradient).double().cpu().numpy())
        problem.progress(int(pair[-1] + 1), samples * baselines)
    values = (total / max(baselines, 1)).astype(np.float32)
    gap = values.reshape(samples, -1).sum(axis=1, dtype=np.float64) - promised
    return Attribution(values, gap, columns={"passes": passes} if n_steps is None else {})


def samples_together(problem: Problem, settings: dict[str, Any]) -> int:
    """Samples that fill whole lots of pairs with the baselines."""
    return whole_lots(_rows(problem), len(problem.baselines))


def _rows(problem: Problem) -> int:
    """Rows at once: at most ``batch_size``, and no more than a processor's cache holds."""
    if problem.start is None or problem.device.type != "cpu":
        return problem.batch_size
    size = size_of(problem.start, problem.values.shape[1:], problem.device)
    return min(problem.batch_size, max(LEAST_AT_ONCE, CACHED_VALUES // size))


def _behind(problem: Problem) -> torch.Tensor:
    """The baselines behind the network's affine first part, where it has one."""
    baselines = torch.from_numpy(problem.baselines).to(problem.device)
    if problem.start is None:
        return baselines
    with torch.no_grad():
        return torch.cat([problem.start(part) for part in baselines.split(problem.batch_size)])


def _mean_gradient(
    problem: Problem, x: torch.Tensor, start: torch.Tensor, steps: int | Enough, rows: int,
    within: Callable[[float], None],
) -> tuple[torch.Tensor, np.ndarray | int]:  # fmt: skip
    """Mean gradient on the lines to the samples (pairs, ...), and on how many points of each.

    ``start`` are the baselines as ``_behind`` gives them: behind an affine first part lines are lines and the Jacobian
    is the same everywhere, so that part runs once.
    """
    if problem.start is None:
        return _on_lines(problem.output, x, start, steps, rows, within)
    x = x.detach().requires_grad_()
    with torch.enable_grad():
        end = problem.start(x)
    gradient, points = _on_lines(problem.rest or problem.output, end.detach(), start, steps, rows, within)
    return torch.autograd.grad(end, x, grad_outputs=gradient)[0], points


def _on_lines(
    output: Callable[[torch.Tensor], torch.Tensor], end: torch.Tensor, start: torch.Tensor, steps: int | Enough,
    rows: int, within: Callable[[float], None],
) -> tuple[torch.Tensor, np.ndarray | int]:  # fmt: skip
    """Mean gradient on so many points of each line, or on enough of them."""
    if isinstance(steps, Enough):
        return along_lines(output, end, start, steps, rows, within)
    return _along(output, end, start, steps, rows, within), steps


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
