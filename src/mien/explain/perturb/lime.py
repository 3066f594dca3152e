"""LIME: a local linear model of the output on which segments are shown.

Ribeiro, Singh & Guestrin, "Why should I trust you?", KDD 2016; distance, kernel and ridge regression as in the
authors' package ``lime``.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Literal

import numpy as np

from mien.core.numbers import Range
from mien.core.settings import NotNegative, Positive, Precision, Probability, Several
from mien.core.words import percent
from mien.explain.fills import Fill
from mien.explain.perturb.coalitions import balanced_subsets
from mien.explain.perturb.precision import runner
from mien.explain.perturb.sampling import (
    FIRST_LOOK,
    Estimate,
    Wanted,
    estimate_from_subsets,
    probe_of,
    random_numbers,
    unit_attribution,
    unit_outputs,
)
from mien.explain.problem import Attribution, Problem
from mien.explain.units import Segmentation, units_of

# Share of the change of the output by one colour for all that the segments' own colours must reach to hide anything.
LITTLE = 0.1
_TOLD = (
    "For {some} of {all} pictures, all segments in their own mean colour change the output by less than "
    f"{percent(LITTLE)} of what one colour for all of it does: what the model looks at is not hidden so. Give "
    "fill='mean'."
)

# With a tolerance the error is looked at after so many passes per segment: with fewer the regression hides its own.
_LEAST_PER_UNIT = 4


def lime(
    problem: Problem,
    *,
    n_samples: Annotated[int, Range(10, words="at least 10")] = 1000,
    tolerance: Positive | None = None,
    stability: Probability | None = None,
    segments: Any = "auto",
    n_segments: Several = 50,
    fill: Any = "auto",
    kernel_width: Positive = 0.25,
    ridge: NotNegative = 1.0,
    sampling: Literal["balanced", "paired", "plain"] = "balanced",
    precision: Precision = "auto",
) -> Attribution:
    """LIME: weights of a ridge regression of the output on which segments are shown.

    Parameters
    ----------
    problem : Problem
    n_samples : int
        Most passes through the network per sample; the first one shows everything.
    tolerance : float, optional
        Stop a sample when the root mean square standard error falls below this share of the root mean square value.
    stability : float, optional
        Stop a sample when the correlation over segments with a second run's weights can be expected to be at least
        this. With a tolerance as well, both are needed.
    segments, n_segments
        What is covered, see ``mien.explain.units.units_of``.
    fill : str or array
        What covered places show; ``'auto'``: the segment's own mean colour, as in the authors' package, or where
        segments have under 100 pixels, which that would hardly change, the picture's; elsewhere the training mean.
    kernel_width : float
        Of the weight sqrt(exp(-d^2 / width^2)) with d the cosine distance between a subset and the whole.
    ridge : float
        Penalty of the regression.
    sampling : str
        ``'plain'``: independent subsets, as published. ``'paired'``: each with its complement, which is as likely; in
        the weights most of what is even in the subset (interactions of two segments) cancels. ``'balanced'``: so, and
        in blocks in which any three segments are shown together equally often, which takes about a third of the passes
        of ``'plain'`` for the same precision; see ``mien.explain.perturb.coalitions.balanced_subsets``.
    precision : str
        ``'auto'``, ``'float32'``, ``'float16'`` or ``'bfloat16'``; see ``mien.explain.perturb.precision``.

    Returns
    -------
    Attribution
        Column ``'r2'``: weighted share of the outputs' variance that the local model explains. A low one says that
        the weights mean little. Columns ``'stability'`` and ``'stability reached'`` (1 or 0) where one was asked for.
        ``standard_error``: of the weights over draws of subsets (sandwich estimate; of balanced subsets cautious, as it
        takes their pairs for independent).
        ``tallies``: where covering segments with their own mean colour hides hardly anything from the model.
    """
    paired, wanted = sampling != "plain", Wanted(tolerance, stability)
    units = units_of(problem, segments, n_segments)
    usual = problem.settle("fill", lambda: "mean" if units.small else "segment mean")
    covering = Fill(problem, fill, usual, units)
    result, passes = [], []
    with runner(problem, precision, n_samples * len(problem.values), probe_of(problem, units, covering)) as run:
        for sample in range(len(problem.values)):
            subsets = _subsets(random_numbers(problem, sample), n_samples, units.count(sample), sampling)
            ask = partial(unit_outputs, problem, run, units, covering, sample)
            fit = partial(local_model, kernel_width=kernel_width, ridge=ridge, paired=paired)
            first = max(FIRST_LOOK, _LEAST_PER_UNIT * units.count(sample))
            estimated, done = estimate_from_subsets(ask, subsets, fit, wanted, first)
            result.append(estimated)
            passes.append(done)
            run.steps.finished(sample + 1, len(problem.values))
    facts = {**run.facts, "fill": covering.name}
    found = unit_attribution(problem, units, result, passes, facts, None, wanted)
    return replace(found, tallies=_hides_little(problem, units, covering))


def _hides_little(problem: Problem, units: Segmentation, covering: Fill) -> dict[str, tuple[int, int]]:
    """In how many pictures the model hardly notices that all segments show their own mean colour."""
    if covering.name != "segment mean" or not len(problem.values):
        return {}
    whole = problem.own_outputs()
    own, other = (
        np.abs(problem.outputs(Fill(problem, kind, kind, units).all()) - whole) for kind in ("segment mean", "mean")
    )
    return {_TOLD: (int((own < LITTLE * other).sum()), len(whole))}


def _subsets(rng: np.random.Generator, rows: int, units: int, sampling: str) -> np.ndarray:
    """Which units are shown, (rows, units): all of them in the first row, each with probability 1/2 in the others.

    Where they come in pairs, rows 2 and 3, 4 and 5 and so on are complements.
    """
    if sampling == "balanced":
        return np.concatenate([np.ones((1, units), dtype=bool), balanced_subsets(rng, rows - 1, units)])
    kept = rng.random((rows, units)) < 0.5
    kept[0] = True
    if sampling == "paired":
        kept[2::2] = ~kept[1:-1:2]
    return kept


def local_model(kept: np.ndarray, outputs: np.ndarray, kernel_width: float, ridge: float, paired: bool) -> Estimate:
    """Weighted ridge regression of outputs (rows,) on subsets (rows, units) with an intercept without penalty.

    The standard errors are heteroscedasticity-robust (HC3): the local model is not the truth. Pairs of complements,
    rows 2 and 3 and so on, are drawn together and count as one draw.
    """
    subsets = kept.astype(np.float64)
    nearness = np.sqrt(subsets.mean(axis=1))  # cosine of the angle to the subset of all
    weight = np.sqrt(np.exp(-((1 - nearness) ** 2) / kernel_width**2))
    total = weight.sum()
    centred = subsets - weight @ subsets / total
    target = outputs - outputs[0]  # equal outputs leave exactly nothing
    target = target - weight @ target / total
    gram = (centred * weight[:, None]).T @ centred + ridge * np.eye(subsets.shape[1])
    inverse = np.linalg.pinv(gram, hermitian=True)
    coefficients = inverse @ (centred.T @ (weight * target))
    left = target - centred @ coefficients
    spread = weight @ target**2
    pull = (centred @ inverse) * weight[:, None]
    leverage = (pull * centred).sum(axis=1) + weight / total
    influence = pull * (left / (1 - leverage).clip(1e-3))[:, None]
    if paired:
        influence = np.add.reduceat(influence, np.r_[0, np.arange(1, len(influence), 2)], axis=0)
    r2 = 1 - (weight @ left**2) / spread if spread > 0 else float("nan")
    return Estimate(coefficients, np.sqrt((influence**2).sum(axis=0)), {"r2": float(r2)})
