"""Shapley values of segments, points or features: by weighted regression or over random orders; exact where few.

A unit's Shapley value is the mean change of the output when it is shown in addition to those before it, over all
orders. Values sum to the output of the whole input minus the output with every unit covered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.features import PICTURE
from mien.core.settings import Positive, Precision, Several
from mien.explain.fills import Fill
from mien.explain.perturb.coalitions import (
    all_subsets,
    exact_values,
    kernel_subsets,
    mean_changes,
    orders,
    regression,
    walks,
)
from mien.explain.perturb.precision import Runner, runner
from mien.explain.perturb.sampling import (
    FIRST_LOOK,
    Estimate,
    Wanted,
    estimate_from_subsets,
    many_outputs,
    probe_of,
    random_numbers,
    t_factor,
    unit_attribution,
    unit_outputs,
    until_precise,
)
from mien.explain.problem import Attribution, Problem
from mien.explain.units import Segmentation, units_of

# Outputs of subsets of one sample -> estimate and passes: how one sample's values are sampled.
_Play = Callable[[Callable[[np.ndarray], np.ndarray], np.random.Generator, int], tuple[Estimate, int]]
# Rows of subsets of all samples that are in memory at once where every subset is asked about.
_ROWS = 2**16
# Orders before the error is looked at: a spread over two or three is small by luck too often to stop at.
_LEAST_ORDERS = 10
# With a tolerance the values are exact where so many passes suffice for it.
_EXACT = 2000


def kernel_shap(
    problem: Problem,
    *,
    n_samples: Several = 2000,
    tolerance: Positive | None = None,
    segments: Any = "auto",
    n_segments: Several = 50,
    fill: Any = "auto",
    precision: Precision = "auto",
) -> Attribution:
    """KernelSHAP: Shapley values by weighted regression on subsets and their complements.

    Lundberg & Lee, "A unified approach to interpreting model predictions", NeurIPS 2017; complements as in Covert &
    Lee, "Improving KernelSHAP", AISTATS 2021. Sizes of subsets that the passes suffice for are asked about
    completely. With at most ``n_samples`` subsets in all, the values are exact.

    Parameters
    ----------
    problem : Problem
    n_samples : int
        Most passes through the network per sample.
    tolerance : float, optional
        Stop a sample when the root mean square standard error falls below this share of the root mean square value.
    segments, n_segments
        What is covered, see ``mien.explain.units.units_of``.
    fill : str or array
        What covered places show; ``'auto'``: the picture's mean colour, elsewhere the training mean.
    precision : str
        ``'auto'``, ``'float32'``, ``'float16'`` or ``'bfloat16'``; see ``mien.explain.perturb.precision``.

    Raises
    ------
    InputError
        If there are too few passes for so many units.
    """

    def play(
        outputs_of: Callable[[np.ndarray], np.ndarray], rng: np.random.Generator, count: int
    ) -> tuple[Estimate, int]:
        ends = outputs_of(np.stack([np.zeros(count, bool), np.ones(count, bool)]))
        subsets, complete, weights, rest = kernel_subsets(
            rng, count, (n_samples - 2) // 2, (_most_exact(n_samples, tolerance) - 2) // 2
        )

        def pair_outputs(some: np.ndarray) -> np.ndarray:
            result = outputs_of(np.concatenate([some, ~some]))
            # With the constraint on the sum a complement tells the same unknowns: one equation with the mean answer.
            return (result[: len(some)] + (ends[1] + ends[0] - result[len(some) :])) / 2

        def fit(some: np.ndarray, outputs: np.ndarray) -> Estimate:
            weight = np.full(len(some), rest / max(1, len(some) - complete))
            weight[:complete] = weights
            return regression(some, outputs - ends[0], weight, ends[1] - ends[0], complete)

        first = max(complete + FIRST_LOOK // 2, count)
        result, pairs = estimate_from_subsets(pair_outputs, subsets, fit, Wanted(tolerance), first)
        return result, 2 * pairs + 2

    def least(count: int) -> int:
        return 2 * count + 2

    return _shapley(problem, play, least, n_samples, tolerance, segments, n_segments, fill, precision)


def permutation_shap(
    problem: Problem,
    *,
    n_samples: Several = 2000,
    tolerance: Positive | None = None,
    segments: Any = "auto",
    n_segments: Several = 50,
    fill: Any = "auto",
    precision: Precision = "auto",
) -> Attribution:
    """Shapley values as mean changes over random orders, each walked forwards and backwards.

    Strumbelj & Kononenko, "Explaining prediction models and individual predictions with feature contributions",
    2014; orders with their reverse: Mitchell et al., "Sampling permutations for Shapley value estimation", JMLR 2022.
    An additive model gets its exact values from the first order. Settings as for ``kernel_shap``; one order and its
    reverse take 2 (units - 1) passes, and two of them are the least that have a standard error. Standard errors are
    widened by Student's t for the number of orders, so that the value +- 1.96 of them covers 95 %; with a tolerance
    they are looked at from ten orders on.

    Raises
    ------
    InputError
        If there are too few passes for so many units.
    """

    def play(
        outputs_of: Callable[[np.ndarray], np.ndarray], rng: np.random.Generator, count: int
    ) -> tuple[Estimate, int]:
        ends = outputs_of(np.stack([np.zeros(count, bool), np.ones(count, bool)]))
        each = 2 * (count - 1)
        drawn = orders(rng, count, (n_samples - 2) // each)

        def changes(some: np.ndarray) -> np.ndarray:
            outputs = outputs_of(np.concatenate([walks(order) for order in some])).reshape(len(some), 2, count - 1)
            return mean_changes(some, outputs, ends)

        values = np.empty(drawn.shape)

        def take(start: int, stop: int) -> None:
            values[start:stop] = changes(drawn[start:stop])

        def estimate(done: int) -> Estimate:
            return Estimate(
                values[:done].mean(axis=0),
                values[:done].std(axis=0, ddof=1) / done**0.5 * t_factor(done - 1),
                {"change": float(ends[1] - ends[0])},
            )

        result, done = until_precise(
            len(drawn), Wanted(tolerance), take, estimate, max(_LEAST_ORDERS, FIRST_LOOK // each)
        )
        return result, done * each + 2

    def least(count: int) -> int:
        return 4 * (count - 1) + 2

    return _shapley(problem, play, least, n_samples, tolerance, segments, n_segments, fill, precision)


def _shapley(
    problem: Problem,
    play: _Play,
    least: Callable[[int], int],
    n_samples: int,
    tolerance: float | None,
    segments: Any,
    n_segments: int,
    fill: Any,
    precision: str,
) -> Attribution:
    """Both methods: exact where every subset can be asked about, else as ``play`` samples one sample's values."""
    units = units_of(problem, segments, n_segments)
    covering = Fill(problem, fill, "mean", units)
    counts = [units.count(sample) for sample in range(len(problem.values))]
    most = _most_exact(n_samples, tolerance)
    needed = max((least(count) for count in counts if 2.0**count > most), default=0)
    if n_samples < needed:
        raise InputError(f"{max(counts)} units need n_samples of at least {needed}, but got {n_samples}.")
    result: list[Estimate] = []
    passes: list[int] = []
    with runner(problem, precision, n_samples * len(counts), probe_of(problem, units, covering)) as run:
        if len(units.labels) == 1 and 2.0 ** counts[0] <= most:
            result = _exact(problem, run, units, covering, counts[0])
            passes = [2 ** counts[0]] * len(counts)
        for sample in range(len(result), len(counts)):

            def outputs_of(kept: np.ndarray, sample: int = sample) -> np.ndarray:
                return unit_outputs(problem, run, units, covering, sample, kept)

            if 2.0 ** counts[sample] <= most:
                table = outputs_of(all_subsets(counts[sample]))
                estimate, done = _certain(exact_values(table[None])[0], table[-1] - table[0]), len(table)
            else:
                estimate, done = play(outputs_of, random_numbers(problem, sample), counts[sample])
            result.append(estimate)
            passes.append(done)
            run.steps.finished(sample + 1, len(counts))
    gap = np.array([estimate.values.sum() - estimate.columns.pop("change") for estimate in result])
    facts = {**run.facts, "fill": covering.name}
    return unit_attribution(problem, units, result, passes, facts, gap, Wanted(tolerance))


def samples_together(problem: Problem, settings: dict[str, Any]) -> int:
    """Samples whose inputs go through the network together: several only where all their subsets are asked about."""
    if problem.space == PICTURE:
        return 1
    count = units_of(problem, settings["segments"], settings["n_segments"]).count(0)
    exact = 2.0**count <= _most_exact(settings["n_samples"], settings["tolerance"])
    return max(1, _ROWS // 2**count) if exact else 1


def _most_exact(n_samples: int, tolerance: float | None) -> int:
    """Passes up to which every subset is asked about: where a precision is wanted, draws may stop long before."""
    return n_samples if tolerance is None else min(n_samples, _EXACT)


def _exact(problem: Problem, run: Runner, units: Segmentation, fill: Fill, count: int) -> list[Estimate]:
    """Exact values of all samples, which share their units, in batches across samples."""
    subsets, total = all_subsets(count), len(problem.values)
    together = max(1, _ROWS // len(subsets))
    result = []
    for start in range(0, total, together):
        rows = np.arange(start, min(start + together, total))
        outputs = many_outputs(
            problem, run, units, fill, np.repeat(rows, len(subsets)), np.tile(subsets, (len(rows), 1))
        )
        table = outputs.reshape(len(rows), len(subsets))
        result += [_certain(v, row[-1] - row[0]) for v, row in zip(exact_values(table), table, strict=True)]
        run.steps.finished(int(rows[-1]) + 1, total)
    return result


def _certain(values: np.ndarray, change: float) -> Estimate:
    return Estimate(values, np.zeros_like(values), {"change": float(change)})
