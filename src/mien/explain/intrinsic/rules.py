"""The reasons that a transparent model gives itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mien.core.errors import InputError
from mien.explain.problem import Attribution, Problem
from mien.models.rules import RulesModel


def rule_reasons(problem: Problem) -> Attribution:
    """What each rule added to the score: nothing is estimated, the values are the terms of the sum.

    Values count from a face whose every measured action is just at its threshold, whose score is 0, so they sum to
    the score. Where the rules abstain, the values are NaN. ``facts['abstained']`` says from what and why.
    """
    model = problem.model
    if not isinstance(model, RulesModel):
        raise InputError("Only the rules can give their reasons.")
    each = model.reasons(problem.values)
    values = each[:, problem.classes.index(problem.target.name)]
    if problem.target.against:
        values = values - each[:, problem.classes.index(problem.target.against)]
    values = (1.0 if problem.target.direction == "up" else -1.0) * values
    gap = values.astype(np.float32).sum(axis=1, dtype=np.float64) - problem.own_outputs()
    problem.progress(len(values), len(values))
    asked = (problem.target.name, problem.target.against)
    blind = [text for text in model.blind_spots(problem.values) if any(f"'{name}'" in text for name in asked if name)]
    result = Attribution(values.astype(np.float32), gap=gap)
    if not blind:
        return result
    return replace(result, facts={"abstained": blind}, abstained=np.any(~np.isfinite(values), axis=1))
