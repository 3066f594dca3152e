"""Graded-response model of one factor: fitted by marginal maximum likelihood, and answers drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Of the factor, standard normal: enough for slopes as questionnaires have them.
_NODES = np.linspace(-4.5, 4.5, 37)
_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()
_LEAST = 1e-12
_MOST_ROUNDS, _STILL = 60, 2e-3
# Rows are worked off in blocks of about this many numbers.
_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class GradedResponse:
    """How items answer to one factor.

    Attributes
    ----------
    slopes : ndarray, shape (items,)
    thresholds : ndarray, shape (items, levels - 1)
        The answer is at least c with probability 1 / (1 + exp(-(slope * factor - threshold_c))); they rise.
    """

    slopes: np.ndarray
    thresholds: np.ndarray

    def at_least(self, factor: np.ndarray) -> np.ndarray:
        """Probability that each answer is at least 1, 2, ..., shape (people, items, levels - 1)."""
        gap = self.slopes[None, :, None] * factor[:, None, None] - self.thresholds[None]
        return 1 / (1 + np.exp(-np.clip(gap, -40, 40)))

    def draw(self, people: int, rng: np.random.Generator) -> np.ndarray:
        """Answers from 0, shape (people, items), of people whose factor is standard normal."""
        reached = self.at_least(rng.normal(size=people))
        return (rng.random(reached.shape[:2])[..., None] < reached).sum(-1)


def fit_graded_response(answers: np.ndarray) -> GradedResponse:
    """The model of answers without gaps.

    Parameters
    ----------
    answers : ndarray of int, shape (people, items)
        From 0.

    Returns
    -------
    GradedResponse

    Notes
    -----
    Samejima, F. (1969). Estimation of latent ability using a response pattern of graded scores. Psychometrika Monograph
    17. EM over a grid of the factor: Bock, R. D. & Aitkin, M. (1981), Psychometrika 46(4).
    """
    from scipy.optimize import minimize

    patterns, times = np.unique(answers.astype(int), axis=0, return_counts=True)
    levels = int(patterns.max()) + 1
    given = _start(answers, levels)
    for _ in range(_MOST_ROUNDS):
        counts = _expected(_unpacked(given), patterns, times, levels)
        found = minimize(_misfit, given.ravel(), args=(counts, given.shape), jac=True, method="L-BFGS-B",
                         options={"maxiter": 15})  # fmt: skip
        after = found.x.reshape(given.shape)
        moved = float(np.abs(after - given)[:, 0].max())
        given = after
        if moved < _STILL:
            break
    return _unpacked(given)


def _start(answers: np.ndarray, levels: int) -> np.ndarray:
    """Slope, first threshold and logarithms of the steps to the next ones, shape (items, levels)."""
    reached = np.stack([(answers >= c).mean(0) for c in range(1, levels)], axis=1)
    thresholds = -np.log(np.clip(reached, 0.002, 0.998) / np.clip(1 - reached, 0.002, 0.998)) * 1.3
    steps = np.log(np.maximum(np.diff(thresholds, axis=1), 0.05))
    return np.concatenate([np.full((len(thresholds), 1), 1.5), thresholds[:, :1], steps], axis=1)


def _unpacked(given: np.ndarray) -> GradedResponse:
    steps = np.exp(np.clip(given[:, 2:], -12, 4))
    thresholds = np.concatenate([given[:, 1:2], given[:, 1:2] + np.cumsum(steps, axis=1)], axis=1)
    return GradedResponse(given[:, 0], thresholds)


def _probabilities(reached: np.ndarray) -> np.ndarray:
    """Probability of each answer from that of at least it, shape (..., levels)."""
    ones, none = np.ones((*reached.shape[:-1], 1)), np.zeros((*reached.shape[:-1], 1))
    return -np.diff(np.concatenate([ones, reached, none], axis=-1), axis=-1)


def _expected(model: GradedResponse, patterns: np.ndarray, times: np.ndarray, levels: int) -> np.ndarray:
    """How often each answer is expected at each place of the factor, shape (items, levels, nodes)."""
    logs = np.log(np.maximum(_probabilities(model.at_least(_NODES)), _LEAST))
    items = patterns.shape[1]
    counts = np.zeros((items, levels, len(_NODES)))
    step = max(1, _BLOCK // (items * len(_NODES)))
    for start in range(0, len(patterns), step):
        block, often = patterns[start : start + step], times[start : start + step]
        fit = np.log(_WEIGHTS)[None] + sum(logs[:, item, block[:, item]].T for item in range(items))
        share = np.exp(fit - fit.max(1, keepdims=True))
        share *= (often / share.sum(1))[:, None]
        for item in range(items):
            for level in range(levels):
                counts[item, level] += share[block[:, item] == level].sum(0)
    return counts


def _misfit(flat: np.ndarray, counts: np.ndarray, shape: tuple[int, int]) -> tuple[float, np.ndarray]:
    """Negative expected logarithm of the likelihood, with its slope in every parameter."""
    given = flat.reshape(shape)
    model = _unpacked(given)
    reached = model.at_least(_NODES)
    likely = np.maximum(_probabilities(reached), _LEAST)
    often = counts.transpose(2, 0, 1)
    ratio = often / likely
    # One answer becomes less likely by what the next one gains.
    pull = reached * (1 - reached) * np.diff(ratio, axis=-1)
    slope = (pull.sum(-1) * _NODES[:, None]).sum(0)
    threshold = -pull.sum(0)
    tail = np.cumsum(threshold[:, ::-1], axis=1)[:, ::-1]
    steps = tail[:, 1:] * np.exp(np.clip(given[:, 2:], -12, 4))
    gradient = np.concatenate([slope[:, None], tail[:, :1], steps], axis=1)
    return -float((often * np.log(likely)).sum()), -gradient.ravel()
