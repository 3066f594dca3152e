"""What needs no model: how concentrated evidence is, and whether it lies where the cause is known to lie."""

from __future__ import annotations

import numpy as np
import scipy  # loads its parts when they are asked for, which is not always

from mien.faithfulness.case import Case, Explanation


def gini(case: Case, explanation: Explanation) -> np.ndarray:
    """Gini index of absolute evidence (Chalasani et al. 2020): 0 for an even spread, 1 - 1/units for a single unit."""
    size = np.sort(np.abs(explanation.scores), axis=1)
    total, count = size.sum(axis=1), size.shape[1]
    weighted = ((2 * np.arange(1, count + 1) - count - 1) * size).sum(axis=1)
    # Evidence that is zero everywhere is as even as it can be.
    index = np.divide(weighted, count * total, out=np.zeros(len(size)), where=total > 0)
    return np.where(explanation.ok, index, np.nan)


def region_mass(case: Case, explanation: Explanation) -> np.ndarray:
    """Share of the absolute evidence inside the true cause (Arras, Osman & Samek 2022, relevance mass accuracy)."""
    truth, size = _truth(case), np.abs(explanation.scores)
    total = size.sum(axis=1)
    share = np.divide((size * truth).sum(axis=1), total, out=np.full(len(size), np.nan), where=total > 0)
    return np.where(explanation.ok & truth.any(axis=1), share, np.nan)


def pointing(case: Case, explanation: Explanation) -> np.ndarray:
    """1 where the unit with the most absolute evidence lies in the true cause (pointing game, Zhang et al. 2018).

    Several units with the same largest evidence count by the share of them that lies inside.
    """
    truth, size = _truth(case), np.abs(explanation.scores)
    top = size == size.max(axis=1, keepdims=True)
    hit = (top & truth).sum(axis=1) / np.maximum(1, top.sum(axis=1))
    return np.where(explanation.ok & truth.any(axis=1), hit, np.nan)


def region_auc(case: Case, explanation: Explanation) -> np.ndarray:
    """Probability that a unit of the true cause has more absolute evidence than one outside; ties count half."""
    truth, size = _truth(case), np.abs(explanation.scores)
    inside = truth.sum(axis=1)
    outside = truth.shape[1] - inside
    usable = explanation.ok & (inside > 0) & (outside > 0)
    result = np.full(len(size), np.nan)
    ranks = scipy.stats.rankdata(size[usable], axis=1) if usable.any() else size[usable]
    above = (ranks * truth[usable]).sum(axis=1) - inside[usable] * (inside[usable] + 1) / 2
    result[usable] = above / (inside[usable] * outside[usable])
    return result


def turned_around(scores: np.ndarray) -> np.ndarray:
    """The same sizes in the reverse order: the unit with the most evidence gets the least."""
    size = np.abs(scores)
    order = np.argsort(size, axis=1, kind="stable")
    result = np.empty_like(size)
    np.put_along_axis(result, order, np.take_along_axis(size, order[:, ::-1], axis=1), axis=1)
    return np.where(np.isfinite(scores).all(axis=1, keepdims=True), result, np.nan)


def _truth(case: Case) -> np.ndarray:
    assert case.truth is not None
    return case.truth
