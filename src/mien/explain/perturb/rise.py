"""RISE: mean output over random masks that leave a place uncovered.

Petsiuk, Das & Saenko, "RISE: Randomized input sampling for explanation of black-box models", BMVC 2018.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import numpy as np
import torch

from mien.core.errors import InputError
from mien.core.features import PICTURE
from mien.core.numbers import Range
from mien.core.settings import Positive, Precision, Probability, Several
from mien.explain.fills import Fill
from mien.explain.perturb.controlled import controlled_estimate, plain_estimate
from mien.explain.perturb.masks import GridMasks, Masks, UnitMasks
from mien.explain.perturb.precision import Runner, runner
from mien.explain.perturb.sampling import FIRST_LOOK, Estimate, Wanted, random_numbers, until_precise
from mien.explain.problem import Attribution, Problem
from mien.explain.units import fitted, spread_places, units_of


def rise(
    problem: Problem,
    *,
    n_samples: Annotated[int, Range(4, words="at least 4")] = 4000,
    tolerance: Positive | None = None,
    stability: Probability | None = None,
    grid: Several = 7,
    probability: Probability = 0.5,
    fill: Any = "auto",
    sampling: Literal["controlled", "plain"] = "controlled",
    precision: Precision = "auto",
) -> Attribution:
    """RISE: the expected output given that a place is uncovered.

    Pictures get smooth masks as published; sequences and named features random subsets of points and features.

    Parameters
    ----------
    problem : Problem
    n_samples : int
        Most passes through the network per sample.
    tolerance : float, optional
        Stop a sample when the root mean square standard error falls below this share of the root mean square value.
    stability : float, optional
        Stop a sample when the correlation over places with a second run's values can be expected to be at least this.
        With a tolerance as well, both are needed.
    grid : int
        Cells per side of the masks of pictures.
    probability : float
        That a cell, point or feature stays.
    fill : str or array
        What covered places show; ``'auto'``: zero for pictures, as published, the training mean elsewhere.
    sampling : str
        ``'plain'``: the published mean. ``'controlled'``: the same expectation with a fraction of its noise, see
        ``mien.explain.perturb.controlled``; half of the passes are of complements where ``probability`` is 0.5.
    precision : str
        ``'auto'``, ``'float32'``, ``'float16'`` or ``'bfloat16'``; see ``mien.explain.perturb.precision``.

    Returns
    -------
    Attribution
        Values in the unit of the output, all near its mean over masks; what differs between places is the evidence.
        ``standard_error`` per pixel, point or feature. Columns ``'stability'`` and ``'stability reached'`` (1 or 0)
        where one was asked for.

    Raises
    ------
    InputError
        If the grid is finer than the picture's pixels.
    """
    if problem.space == PICTURE and grid > min(problem.values.shape[2:]):
        raise InputError(
            f"grid is the number of cells per side, at most the {min(problem.values.shape[2:])} pixels of the "
            f"picture's shorter side, but got {grid}; the published masks have 7."
        )
    count = None if problem.space == PICTURE else units_of(problem).count(0)
    covering, paired = Fill(problem, fill, "zero"), sampling == "controlled" and probability == 0.5
    wanted, result = Wanted(tolerance, stability), list[Estimate]()

    def masks() -> Masks:
        if count is None:
            height, width = problem.values.shape[2:]
            return GridMasks(height, width, grid, probability, problem.device)
        return UnitMasks(count, probability, problem.device)

    def probe(rows: int) -> torch.Tensor:
        drawn = masks()
        drawn.draw(np.random.default_rng(0), rows)
        return _masked(problem, covering, 0, drawn, False)(0, rows)

    passes = []
    with runner(problem, precision, n_samples * len(problem.values), probe) as run:
        for sample in range(len(problem.values)):
            look = _Look(problem, run, covering, sample, masks(), sampling, paired)
            estimate, draws = until_precise(
                n_samples // 2 if paired else n_samples, wanted, look.draw, look.estimate,
                FIRST_LOOK // 2 if paired else FIRST_LOOK,
            )  # fmt: skip
            result.append(estimate)
            passes.append(draws * (2 if paired else 1))
            run.steps.finished(sample + 1, len(problem.values))
    space, shape = problem.space, problem.values.shape[1:]
    return Attribution(
        values=np.stack([spread_places(e.values, space, shape) for e in result]),
        standard_error=np.stack([spread_places(e.error, space, shape) for e in result]),
        columns={"passes": np.array(passes, dtype=np.float64), **wanted.columns(result)},
        facts={**run.facts, "fill": covering.name},
    )


def _masked(
    problem: Problem, fill: Fill, sample: int, masks: Masks, complement: bool
) -> Callable[[int, int], torch.Tensor]:
    """Makes the inputs with masks ``start`` to ``stop - 1``, or with one minus them."""
    shown = torch.from_numpy(problem.values[sample]).to(problem.device)
    instead = torch.from_numpy(fill.of(sample)).to(problem.device)
    blank = not bool(instead.any())

    def batch(start: int, stop: int) -> torch.Tensor:
        mask = masks.at(start, stop)
        mask = fitted(1 - mask if complement else mask, problem.space, problem.values.shape[1:])
        return shown * mask if blank else torch.lerp(instead, shown, mask)

    return batch


class _Look:
    """The masks drawn for one sample so far, with their outputs."""

    def __init__(
        self, problem: Problem, run: Runner, fill: Fill, sample: int, masks: Masks, sampling: str, paired: bool
    ) -> None:
        self.run, self.masks, self.sampling = run, masks, sampling
        self.rng = random_numbers(problem, sample)
        self.batches = [_masked(problem, fill, sample, masks, side) for side in ((False, True) if paired else (False,))]
        self.outputs: list[list[np.ndarray]] = [[] for _ in self.batches]

    def draw(self, start: int, stop: int) -> None:
        self.masks.draw(self.rng, stop - start)
        for batch, kept in zip(self.batches, self.outputs, strict=True):

            def part(first: int, last: int, batch: Callable[[int, int], torch.Tensor] = batch) -> torch.Tensor:
                return batch(start + first, start + last)

            kept.append(self.run.outputs(stop - start, part))

    def estimate(self, count: int) -> Estimate:
        outputs = [np.concatenate(kept) for kept in self.outputs]
        if self.sampling == "plain":
            return plain_estimate(self.masks, outputs[0], self.masks.probability)
        complement = outputs[1] if len(outputs) > 1 else None
        return controlled_estimate(self.masks, outputs[0], complement, self.masks.probability)
