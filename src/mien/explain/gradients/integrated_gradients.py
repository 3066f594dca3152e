"""Integrated Gradients with several baselines, in large batches of samples x baselines x steps.

Sundararajan, Taly & Yan, "Axiomatic attribution for deep networks", ICML 2017. Averaging over several typical
samples as baselines instead of one blank input follows Di Luzio, Rosato & Panella, arXiv 2407.14865.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from mien.core.settings import Count, Positive
from mien.explain.gradients.lines import (
    Enough,
    Slopes,
    along_lines,
    kept_together,
    lines_between,
    most_points,
    slopes_at,
    weighed,
)
from mien.explain.gradients.slope import batches, input_gradient
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
        A line has enough points when its values moved by at most five times this share of their absolute sum since the
        rule before, and miss its difference of outputs by at most this share of the difference between the sample and
        all baselines; or when all lines of its sample have moved so little and their mean misses so little. A gap may
        also be small by luck, so it is not enough by itself. Without ``n_steps`` only.

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
    starts, slopes = _behind(problem), _slopes(problem)
    rows, most = _rows(problem), most_points(problem.space)
    together = _together(starts)
    for part, against in _lots(samples, baselines, rows, together > 1):
        x = torch.from_numpy(problem.values[part]).to(problem.device)
        sample, baseline = (one.ravel() for one in np.meshgrid(np.r_[part], np.r_[against], indexing="ij"))
        first = part.start * baselines + against.start * len(x)

        def within(share: float, first: int = first, pairs: int = len(sample)) -> None:
            problem.progress(int(_PARTS * (first + share * pairs)), _PARTS * samples * baselines)

        x, end = _ends(problem, x)
        between = end.detach(), starts[against]
        if n_steps is None:
            enough = Enough(own[sample] - usual[baseline], promised[sample], tolerance, largest, most, together)
            gradient, points = along_lines(slopes, *between, enough, rows, within)
            np.add.at(passes, sample, points)
        else:
            gradient = _along(slopes, *between, n_steps, rows, within)
        gradient = gradient.reshape(len(x), -1, *end.shape[1:])
        for number, one in enumerate(problem.baselines[against]):
            carried = _carried(gradient[:, number], x, end)
            total[part] += ((x.detach() - torch.from_numpy(one).to(x)) * carried).cpu().numpy()
        problem.progress(first + len(sample), samples * baselines)
    values = (total / max(baselines, 1)).astype(np.float32)
    gap = values.reshape(samples, -1).sum(axis=1, dtype=np.float64) - promised
    return Attribution(values, gap, columns={"passes": passes} if n_steps is None else {})


def samples_together(problem: Problem, settings: dict[str, Any]) -> int:
    """Samples whose lines from all baselines go together."""
    return max(1, _rows(problem) // max(1, len(problem.baselines)))


def _lots(samples: int, baselines: int, rows: int, whole: bool) -> Iterator[tuple[slice, slice]]:
    """Samples and baselines whose lines go together: few samples with all baselines, at most ``rows`` lines.

    ``whole``: with all baselines even if there are more of them.
    """
    for part in batches(samples, max(1, rows // max(1, baselines))):
        for against in batches(baselines, max(1, baselines) if whole else rows):
            yield part, against


def _together(starts: torch.Tensor) -> int:
    """How many lines are judged together: those from all baselines, unless their gradients would take much memory.

    It depends on what is asked alone, so that no number depends on the size of batches.
    """
    return len(starts) if 0 < len(starts) <= kept_together(starts[0].numel()) else 1


def _rows(problem: Problem) -> int:
    """Rows at once: at most ``batch_size``, and no more than a processor's cache holds."""
    if problem.start is None or problem.device.type != "cpu":
        return problem.batch_size
    size = size_of(problem.start, problem.values.shape[1:], problem.device)
    return min(problem.batch_size, max(LEAST_AT_ONCE, CACHED_VALUES // size))


def _slopes(problem: Problem) -> Slopes:
    """The gradient of the explained output at many rows behind the affine first part, where there is one."""
    if problem.slopes is not None:
        return problem.slopes
    output = problem.output if problem.start is None else problem.rest or problem.output

    def followed(rows: torch.Tensor) -> torch.Tensor:
        rows = rows.detach().requires_grad_()
        with torch.enable_grad():
            answers = output(rows)
        return input_gradient(answers, rows)

    return followed


def _behind(problem: Problem) -> torch.Tensor:
    """The baselines behind the network's affine first part, where it has one."""
    baselines = torch.from_numpy(problem.baselines).to(problem.device)
    if problem.start is None:
        return baselines
    with torch.no_grad():
        return torch.cat([problem.start(part) for part in baselines.split(problem.batch_size)])


def _ends(problem: Problem, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Samples as they are and behind the affine first part, which runs once for the lines from all baselines."""
    if problem.start is None:
        return x, x
    x = x.detach().requires_grad_()
    with torch.enable_grad():
        return x, problem.start(x)


def _carried(gradient: torch.Tensor, x: torch.Tensor, end: torch.Tensor) -> torch.Tensor:
    """A mean gradient behind the affine first part, whose Jacobian is the same everywhere, at its input."""
    return gradient if end is x else torch.autograd.grad(end, x, grad_outputs=gradient, retain_graph=True)[0]


def _along(
    slopes: Slopes, ends: torch.Tensor, starts: torch.Tensor, n_steps: int, rows: int, within: Callable[[float], None]
) -> torch.Tensor:
    """Gauss-Legendre mean of the gradient on the lines to each end, one from every start.

    At most ``rows`` rows go together; ``within`` hears after every batch which share is done.
    """
    places, weights = np.polynomial.legendre.leggauss(n_steps)
    place, weights = torch.from_numpy((places + 1) / 2).to(ends), weights / 2
    count, shape, mean = len(ends) * len(starts), ends.shape[1:], []
    pairs = max(1, rows // n_steps)
    for start in range(0, count, pairs):
        lines = lines_between(ends, starts, slice(start, min(start + pairs, count)))
        total = torch.zeros_like(lines[:, 0])
        for step in range(0, n_steps, rows):
            few = slice(step, step + rows)
            total += weighed(slopes_at(slopes, lines, place[few], shape, rows), weights[few])
            within((start + min(n_steps, step + rows) / n_steps * len(lines)) / count)
        mean.append(total)
    return torch.cat(mean).reshape(-1, *shape)
