"""What metrics score: explanations of one target as scores of units, and the model's answers to inputs with gaps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from mien.explain.problem import Problem
from mien.faithfulness.fills import Removal
from mien.faithfulness.units import Units

# Scores of all samples for changed inputs or a changed network: (inputs, number of the change) -> scores.
Again = Callable[[np.ndarray, int], np.ndarray]


@dataclass(frozen=True, eq=False)
class Explanation:
    """One explanation of every sample.

    Attributes
    ----------
    name : str
    scores : ndarray of float64, shape (samples, units)
        Signed; rows without evidence are NaN.
    rerun : callable or None
        ``(inputs, number of the change) -> scores``: explains changed inputs or a changed network. None for evidence
        that came ready-made.
    """

    name: str
    scores: np.ndarray
    rerun: Again | None = None

    @property
    def ok(self) -> np.ndarray:
        """Mask of the samples that have evidence."""
        return np.isfinite(self.scores).all(axis=1)


@dataclass(frozen=True, eq=False)
class Case:
    """One target's samples, made ready for metrics.

    Attributes
    ----------
    network : torch.nn.Module or None
        The whole network, whose layers may be randomised.
    problem : Problem
        The usable samples only; its ``seed`` is that of every random choice.
    units : Units
    fill : callable
        See ``fills.fill_of``.
    fill_name : str
    output, filled : ndarray of float64, shape (samples,)
        The explained output of each sample, and of the same with everything removed.
    cuts : ndarray of int
        How many units are in at each step of a curve, see ``curves.cuts``.
    truth : ndarray of bool, shape (samples, units), or None
    usual : float, optional
        Mean over all samples that are scored of |output - output with everything removed|; NaN: over those here.
    kept : dict
        Answers that several metrics or explanations share.
    """

    network: torch.nn.Module | None
    problem: Problem
    units: Units
    fill: Removal
    fill_name: str
    output: np.ndarray
    filled: np.ndarray
    cuts: np.ndarray
    truth: np.ndarray | None = None
    usual: float = float("nan")
    kept: dict[Any, Any] = field(default_factory=dict)

    @property
    def scale(self) -> float:
        """Mean over samples of |output - output with everything removed|: the unit of normalised curves."""
        usual = self.usual
        if usual != usual:
            usual = float(np.abs(self.output - self.filled).mean()) if len(self.output) else 0.0
        return usual if usual > 0 else float("nan")

    def rng(self, sample: int, use: int) -> np.random.Generator:
        """Random numbers that depend on the seed, the sample and what they are for, on nothing else."""
        return np.random.default_rng([self.problem.seed, sample, use])


def swept(
    problem: Problem, fill: Removal, samples: np.ndarray, steps: int, masks: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """The model's answers to inputs with gaps; never more than ``problem.batch_size`` inputs exist at once.

    Parameters
    ----------
    problem : Problem
    fill : callable
    samples : ndarray of int
        Rows of the problem.
    steps : int
        Inputs per sample.
    masks : callable
        Gets some of ``samples`` and gives what is kept of each, shape (those samples, steps, units).

    Returns
    -------
    ndarray of float64, shape (samples, steps)
    """
    at_once = problem.batch_size
    group = max(1, at_once // max(1, steps))
    result = np.full((len(samples), steps), np.nan)
    for first in range(0, len(samples), group):
        some = samples[first : first + group]
        kept = masks(some)
        kept = kept.reshape(-1, kept.shape[-1])
        rows = np.repeat(some, steps)
        answers = [
            problem.outputs(fill(rows[start : start + at_once], kept[start : start + at_once]))
            for start in range(0, len(rows), at_once)
        ]
        result[first : first + len(some)] = np.concatenate(answers).reshape(-1, steps)
    return result
