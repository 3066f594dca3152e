"""What is compared: explanations by a method, evidence that is there already, and the controls beside them."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.evidence import INCOMPLETE, Evidence
from mien.core.features import PICTURE
from mien.core.target import Target
from mien.explain.modules import evaluating
from mien.explain.problem import Progress
from mien.explain.question import Inquiry
from mien.faithfulness.case import Case, Explanation
from mien.faithfulness.result import CENTRE, RANDOM
from mien.faithfulness.units import Units, face_centre_prior

_RANDOM = 7


def random_numbers(case: Case) -> Explanation:
    """Normal numbers for every unit; others each time they are asked for again."""

    def rerun(values: np.ndarray, number: int) -> np.ndarray:
        drawn = [
            case.rng(i, _RANDOM + 100 * (number + 1)).standard_normal(case.units.count) for i in range(len(values))
        ]
        return np.array(drawn).reshape(len(values), case.units.count)

    return Explanation(RANDOM, rerun(case.problem.values, -1), rerun)


def centre_prior(case: Case, centre_px: np.ndarray | None) -> Explanation:
    """A Gaussian around the face's centre, whatever the network or its input."""
    scores = face_centre_prior(case.units, centre_px, len(case.problem.values))
    return Explanation(CENTRE, scores, lambda values, number: scores)


def by_method(
    inquiry: Inquiry, name: str, settings: dict[str, Any], target: Target, units: Units, progress: Progress
) -> Explanation:
    """Explanations by a method of the registry, which can be asked again."""
    asked = inquiry.by(name, settings)
    evidence = asked.evidence(target, progress)

    def rerun(values: np.ndarray, number: int) -> np.ndarray:
        problem = asked.problem(target, values)
        with evaluating(problem.module):
            return units.scores(asked.method.run(problem, **asked.settings).values)

    return Explanation(name, _scores(evidence, inquiry, units), rerun)


def ready_made(name: str, evidence: Evidence, inquiry: Inquiry, target: Target, units: Units) -> Explanation:
    """Evidence that somebody computed before.

    Raises
    ------
    InputError
        If it is of another shape, of other samples or for another target.
    """
    features, inputs = inquiry.inputs.features, inquiry.inputs
    shape = features.values.shape
    allowed = [shape, (shape[0], 1, *shape[2:])] if features.space == PICTURE else [shape]
    if evidence.space != features.space or evidence.values.shape not in allowed:
        raise InputError(
            f"The evidence '{name}' is about {evidence.space} of shape {evidence.values.shape}, "
            f"but the model's inputs are {features.space} of shape {shape}; explain the same samples."
        )
    if list(evidence.sample) != list(inputs.sample):
        row = next(i for i, (a, b) in enumerate(zip(evidence.sample, inputs.sample, strict=True)) if a != b)
        raise InputError(
            f"The evidence '{name}' is of other samples: row {row + 1} is '{evidence.sample[row]}', "
            f"but that of the samples is '{inputs.sample[row]}'."
        )
    if str(evidence.target) != str(target):
        raise InputError(f"The evidence '{name}' is for '{evidence.target}', but the target here is '{target}'.")
    if "explained" in evidence.settings:  # written by mien.explain, so its outputs are the model's own
        _check_outputs(name, evidence, inquiry, target)
    return Explanation(name, _scores(evidence, inquiry, units))


def _check_outputs(name: str, evidence: Evidence, inquiry: Inquiry, target: Target) -> None:
    features, inputs = inquiry.inputs.features, inquiry.inputs
    problem = inquiry.problem(target, np.ascontiguousarray(features.values[inputs.usable]))
    with evaluating(problem.module):
        now = problem.outputs(problem.values)
    then = evidence.output[inputs.usable].astype(np.float64)
    known = np.isfinite(then) & np.isfinite(now)
    if (np.abs(then - now)[known] > 1e-3 * np.maximum(1.0, np.abs(now[known]))).any():
        raise InputError(
            f"The evidence '{name}' is of another model or of other inputs: the outputs that it explains are not those "
            "that the model gives for these samples. Explain them again."
        )


def _scores(evidence: Evidence, inquiry: Inquiry, units: Units) -> np.ndarray:
    """Scores of the usable samples; NaN where there is no evidence. What is incomplete is scored like all other."""
    usable = inquiry.inputs.usable
    scores = units.scores(evidence.values[usable])
    scores[~(evidence.ok | (evidence.status == INCOMPLETE))[usable]] = np.nan
    return scores
