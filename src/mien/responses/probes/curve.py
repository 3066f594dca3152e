"""How many pictures a probe needs: trained on some of the sources only, tested on the same unseen ones."""

from __future__ import annotations

import numpy as np

from mien.responses.probes.linear import Design, fit_direction
from mien.responses.probes.rows import Estimated, LearningStep
from mien.stats.class_statistics import weighted_auc
from mien.stats.jackknife import subject_interval

# Sources of faces, and as many of the rest; of the last steps only those that the folds can give.
STEPS = (2, 5, 10, 20, 50, 100, 200, 500, 1000)
DRAWS = 10
# Inner folds; with fewer sources of a side than the second number generalised cross-validation chooses the penalty.
_INNER, _LEAST_INNER = 5, 3


def learning_curve(values: np.ndarray, design: Design, layer: str, seed: int) -> list[LearningStep]:
    """AUC of probes that were trained on so many sources of faces and of the rest each.

    Parameters
    ----------
    values : ndarray, shape (pictures, features)
        Of the design's pictures.
    design : Design
    layer : str
    seed : int
        Of the draws.

    Notes
    -----
    Within each fold sources are drawn from its training pictures, ``DRAWS`` times, and the fold's own pictures are
    tested. The interval is the jackknife's over sources, on Fisher's scale of 2 AUC - 1.
    """
    rng = np.random.default_rng(seed)
    most = min(
        min(len(set(design.source[train][side].tolist())) for side in (design.face[train], ~design.face[train]))
        for train, _ in design.folds
    )
    result = []
    for faces in (step for step in STEPS if step <= most):
        answers, pictures, sources = np.empty((DRAWS, len(design.rows))), [], []
        for draw in range(DRAWS):
            for train, test in design.folds:
                rows, groups = _drawn(design, train, faces, rng)
                fit = fit_direction(values[rows], design.face[rows], design.style[rows], groups)
                answers[draw, test] = fit.direction.answers(values[test])
                pictures.append(len(rows))
                sources.append(len(set(design.source[rows].tolist())))
        result.append(_step(answers, design, layer, faces, int(np.mean(pictures)), int(np.mean(sources))))
    return result


def _drawn(
    design: Design, train: np.ndarray, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray | None]:
    """Training pictures of so many sources of faces and of the rest, and inner folds by source among them."""
    chosen: dict[str, int] = {}
    for side in (True, False):
        names = np.unique(design.source[train][design.face[train] == side].astype(str))
        for number, name in enumerate(rng.permutation(names)[:count]):
            chosen.setdefault(str(name), number % min(_INNER, count))
    rows = train[[str(name) in chosen for name in design.source[train]]]
    groups = np.array([chosen[str(name)] for name in design.source[rows]])
    return rows, groups if count >= _LEAST_INNER else None


def _step(answers: np.ndarray, design: Design, layer: str, faces: int, pictures: int, sources: int) -> LearningStep:
    def gini(weights: np.ndarray) -> np.ndarray:
        areas = [weighted_auc(weights, design.face, row, design.compared) for row in answers]
        found: np.ndarray = 2 * np.mean(areas, axis=0) - 1
        return found

    ones = np.ones((1, answers.shape[1]))
    each = np.array([weighted_auc(ones, design.face, row, design.compared)[0] for row in answers])
    bound = subject_interval(gini, design.source, "correlation")
    auc = Estimated(float(each.mean()), (bound.low + 1) / 2, (bound.high + 1) / 2, withheld=bound.withheld)
    return LearningStep(layer, sources, pictures, faces, auc, float(each.std(ddof=1)), len(each))
