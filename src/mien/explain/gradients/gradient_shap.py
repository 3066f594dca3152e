"""Expected gradients (GradientSHAP): the gradient at random places between random baselines and the sample.

Lundberg & Lee, NeurIPS 2017; Erion et al., Nature Machine Intelligence 2021. The mean over places and baselines is
what Integrated Gradients computes with a rule of fixed steps; here it is estimated without bias, with its error.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.settings import NotNegative, Positive, Several
from mien.explain.gradients.sampling import noise_scale, precise, reached
from mien.explain.gradients.slope import batches, completeness_gap, slope
from mien.explain.perturb.sampling import t_factor
from mien.explain.problem import GAP_ERROR, Attribution, Problem

# Share of a squared jump between neighbouring strata that its stratum's mean may be off by, squared. Both draws fall
# before a jump at u (of 1) with a chance of (1 - u)^2; in 95 % of these cases u < 1 - 0.05^(1/3), which 1.96 standard
# errors are to cover.
_JUMP = ((1 - 0.05 ** (1 / 3)) / 1.96) ** 2
# With a tolerance the precision is first looked at after about this many passes; below, errors are too small by luck.
LEAST_IN_ROUND = 50


def gradient_shap(
    problem: Problem, *, n_samples: Several = 100, noise: NotNegative = 0.0, tolerance: Positive | None = None
) -> Attribution:
    """Expected gradients: mean of gradient x (sample - baseline) over random baselines and places on the way.

    Baseline and place are drawn together from strata, two draws in each: all baselines and all parts of the way get
    their share, and the mean stays unbiased. Standard errors come from the draws of each stratum and of its neighbours;
    the value +- 1.96 of them covers about 95 % with twenty draws per baseline or more, also where the gradient jumps on
    the way (of a network of three ReLUs: 95 % with twenty draws per baseline, 89 % with ten, 75 % with four).

    Parameters
    ----------
    problem : Problem
    n_samples : int
        Most passes per sample; lowered to a multiple of twice the number of baselines where it is above that.
    noise : float
        Standard deviation of normal noise on the sample, as a share of its range (maximum - minimum); for named
        features of each one's range in the reference.
    tolerance : float, optional
        Stop a sample when the root mean square of the standard errors falls below this share of the root mean
        square of the values.

    Returns
    -------
    Attribution
        ``columns['passes']`` is the number of passes of each sample, ``'gap error'`` the standard error of its sum of
        values, and with it of its gap; with a tolerance also ``'relative error'`` and
        ``'tolerance reached'`` (1 or 0).

    Raises
    ------
    InputError
        If a setting is out of its range.
    """
    sizes = _rounds(n_samples, len(problem.baselines), tolerance is not None)
    shape = problem.values.shape
    mean, variance, passes = np.zeros(shape), np.zeros(shape), np.zeros(shape[0])
    of_sum = np.zeros(shape[0])  # variance of each sample's sum of values
    # Samples whose first round goes through the network together.
    group = max(1, problem.batch_size // sizes[0])
    for part in batches(len(passes), group):
        active = np.arange(part.start, part.stop)
        draws = {row: np.random.default_rng([problem.seed, problem.first + row]) for row in active}
        weight = 0.0
        for size in sizes:
            found, spread, spread_of_sum = _round(problem, {row: draws[row] for row in active}, size, noise)
            # Weights that are fixed beforehand keep the mean unbiased; longer rounds are finer, too.
            new = weight + size**2
            mean[active] += (found - mean[active]) * size**2 / new
            variance[active] = (variance[active] * weight**2 + spread * size**4) / new**2
            of_sum[active] = (of_sum[active] * weight**2 + spread_of_sum * size**4) / new**2
            weight = new
            passes[active] += size
            if tolerance is not None:
                active = active[[not precise(mean[r], np.sqrt(variance[r]), tolerance) for r in active]]
            if not len(active):
                break
        problem.progress(part.stop, len(passes))
    result, error = mean.astype(np.float32), np.sqrt(variance).astype(np.float32)
    return Attribution(
        result,
        completeness_gap(problem, result),
        error,
        columns={"passes": passes, GAP_ERROR: np.sqrt(of_sum), **reached(result, error, tolerance)},
    )


def samples_together(problem: Problem, settings: dict[str, Any]) -> int:
    """Samples whose first round goes through the network together."""
    first = _rounds(settings["n_samples"], len(problem.baselines), settings["tolerance"] is not None)[0]
    return max(1, problem.batch_size // first)


def _rounds(n_samples: int, baselines: int, several: bool) -> list[int]:
    """Draws in each round: two per stratum, and strata that lie within one baseline wherever there are enough.

    With a tolerance each round is twice as long as the one before it.
    """
    whole = 2 * baselines if 2 * baselines <= n_samples else 2
    left, sizes = n_samples // whole * whole, []
    size = min(left, -(-LEAST_IN_ROUND // whole) * whole) if several else left
    while left:
        size = left if left < 3 * size else size  # what would be left over is done at once
        sizes.append(size)
        left, size = left - size, 2 * size
    return sizes


def _round(
    problem: Problem, draws: dict[int, np.random.Generator], size: int, noise: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean of ``size`` draws per sample in ``size / 2`` strata, the variance of that mean, and that of its sum."""
    baselines, x = problem.baselines, problem.values[list(draws)]
    shape = x.shape[1:]
    # One number in [0, 1) says both which baseline and how far from it; each stratum is hit twice.
    strata = np.repeat(np.arange(size // 2), 2)
    place = np.stack([strata + rng.random(size) for rng in draws.values()]) / (size // 2)
    baseline, way = np.divmod(place * len(baselines), 1)
    baseline = np.minimum(baseline.astype(int), len(baselines) - 1)
    mean, spread = np.zeros(x.shape), _Spread(x.shape, size // 2, len(baselines))
    of_sum = _Spread(x.shape[:1], size // 2, len(baselines))
    # Whole strata at a time, at most about a batch of them in memory; ``slope`` keeps to the batch size.
    step = max(2, problem.batch_size // len(draws) // 2 * 2)
    for start in range(0, size, step):
        part = slice(start, min(start + step, size))
        sample = np.broadcast_to(x[:, None], (len(x), part.stop - start, *shape))
        if noise:
            sample = sample + np.stack([_noise(problem, row, noise, part, rng) for row, rng in draws.items()])
        against = baselines[baseline[:, part]]
        along = way[:, part].reshape(len(x), -1, *(1,) * len(shape)).astype(np.float32)
        change = sample - against
        gradient = slope(problem, (against + along * change).reshape(-1, *shape)).reshape(change.shape)
        result = gradient * change.astype(np.float64)
        mean += result.sum(axis=1) / size
        spread.add(result)
        of_sum.add(result.reshape(*result.shape[:2], -1).sum(axis=2))
    return mean, spread.variance(), of_sum.variance()


class _Spread:
    """The variance of a mean of two draws in each of many strata, from draws that come a few strata at a time.

    The two draws of a stratum differ as they should on average, but where a gradient jumps (a ReLU that is switched on
    the way), both mostly fall on one side of the jump, and nothing shows of it. Neighbouring strata show it, as bends
    of the means along the way. So there are two estimates, of which the larger holds. Both are widened by Student's t
    for the number of strata.
    """

    def __init__(self, shape: tuple[int, ...], strata: int, baselines: int) -> None:
        of = ((np.arange(strata) + 0.5) / strata * baselines).astype(int)  # which baseline each stratum is about
        before, after = (np.concatenate([[-1], of[:-1]]), np.concatenate([of[1:], [-1]]))
        inside, first, last = (before == of) & (of == after), before != of, after != of
        # A jump in the first or last stratum bends the means at one place instead of two.
        doubled = np.concatenate([[False], first[:-1]]).astype(int) + np.concatenate([last[1:], [False]])
        self.bends = np.where(inside, 1 + doubled, 0)
        # Two strata alone have no bend: their step counts as if it were one.
        self.steps = np.where((before == of) & last & ~np.concatenate([[False], inside[:-1]]) & ~inside, 2, 0)
        self.within, self.between = np.zeros(shape), np.zeros(shape)
        self.tail: np.ndarray | None = None
        self.done = 0

    def add(self, strata: np.ndarray) -> None:
        """The next strata; ``strata`` has the shape (rows, draws, ...)."""
        one, other = strata[:, 0::2], strata[:, 1::2]
        self.within += ((one - other) ** 2).sum(axis=1)
        means = (one + other) / 2
        before = 0 if self.tail is None else self.tail.shape[1]
        known = means if self.tail is None else np.concatenate([self.tail, means], axis=1)
        start = self.done - before  # the number of the first stratum in ``known``
        self.done += means.shape[1]
        self.between += _weighted(np.diff(known, n=2, axis=1), self.bends[start + 1 :])
        new = max(0, before - 1)  # the step between the two strata of the tail was counted before
        self.between += _weighted(np.diff(known, axis=1)[:, new:], self.steps[start + 1 + new :])
        self.tail = known[:, -2:]

    def variance(self) -> np.ndarray:
        """Of the mean, shape of one row's values with the rows before."""
        strata = len(self.bends)
        return np.maximum(self.within / 4, _JUMP / 2 * self.between) / strata**2 * t_factor(strata) ** 2


def _weighted(differences: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Sum of squares over the second axis, each with its weight."""
    return np.asarray(np.einsum("rs...,s->r...", differences**2, weights[: differences.shape[1]]))


def _noise(problem: Problem, row: int, noise: float, part: slice, rng: np.random.Generator) -> np.ndarray:
    drawn = rng.standard_normal((part.stop - part.start, *problem.values.shape[1:]))
    return (noise * noise_scale(problem, row) * drawn).astype(np.float32)
