"""Exact Shapley values of trees."""

from __future__ import annotations

import numpy as np

from mien.explain.problem import Attribution, Problem
from mien.models.trees.model import ManyTrees, Trees, TreesModel, TreesScores, trees_of


def tree_shap(problem: Problem) -> Attribution:
    """Exact TreeSHAP: what each feature adds to the trees' mean score, for trees in polynomial time.

    Exact for what it defines: Shapley values of the game in which absent features are integrated out along the
    trees by the training samples that went each way (path-dependent), not over a set of baselines. So there are none,
    and the gap is the rounding of float32.

    Returns
    -------
    Attribution
        Unit: the model's raw score. Of a LightGBM classifier of two classes that is the log-odds of the class that is
        asked for (those of the other are the same with the sign turned), of more classes each one's own score, of
        mien's models the logit. ``columns['expected']``: the mean score that the values count from, so that values +
        expected sum to it.

    Notes
    -----
    Lundberg et al. (2020), "From local explanations to global understanding with explainable AI for trees", Nature
    Machine Intelligence 2, 56-67; computed by LightGBM (``pred_contrib``).
    """
    trees = _trees(problem)
    first = problem.classes.index(problem.target.name)
    second = problem.classes.index(problem.target.against) if problem.target.against else None
    sign = 1.0 if problem.target.direction == "up" else -1.0

    def of_target(each: np.ndarray, axis: int) -> np.ndarray:
        chosen = each.take(first, axis)
        return sign * (chosen if second is None else chosen - each.take(second, axis))

    values, gap, expected = np.zeros(problem.values.shape, np.float32), np.zeros(len(problem.values)), 0.0
    for start in range(0, len(problem.values), problem.batch_size):
        part = slice(start, start + problem.batch_size)
        contributions, mean = trees.contributions(problem.values[part])
        expected = float(of_target(mean, 0))
        values[part] = of_target(contributions, 1)
        scores = of_target(trees.scores(problem.values[part]), 1)
        gap[part] = values[part].sum(axis=1, dtype=np.float64) - (scores - expected)
        problem.progress(min(part.stop, len(values)), len(values))
    return Attribution(values, gap=gap, columns={"expected": np.full(len(values), expected)})


def _trees(problem: Problem) -> Trees | ManyTrees:
    return problem.model.trees if isinstance(problem.model, (TreesModel, TreesScores)) else trees_of(problem.model)
