"""Graded-response model of one factor: fitted by marginal maximum likelihood, and answers drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logit

# Of the factor, standard normal: enough for slopes as questionnaires have them.
_NODES = np.linspace(-4.5, 4.5, 37)
_WEIGHTS = np.exp(-(_NODES**2) / 2) / np.exp(-(_NODES**2) / 2).sum()
_LEAST = 1e-12
_MOST_ROUNDS, _STILL = 60, 2e-3
# Of a step: what part of the mean information keeps it finite where a level has no answers, how long, how often halved.
_RIDGE, _LONGEST, _MOST_HALVES = 1e-6, 1.0, 8
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
        return self.answers(*chance(people, len(self.slopes), rng))

    def answers(self, factor: np.ndarray, odds: np.ndarray) -> np.ndarray:
        """Answers from 0, shape (people, items), of people whose ``chance`` is known."""
        # A number drawn is below the probability where its own logarithm of the odds is below what is exponentiated.
        gap = factor[:, None] * self.slopes - odds
        found = np.zeros(gap.shape, dtype=int)
        for threshold in self.thresholds.T:
            found += gap > threshold
        return found


def chance(people: int, items: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """What chance decides of answers: factors, shape (people,), and logarithms of odds, shape (people, items)."""
    return rng.normal(size=people), logit(rng.random((people, items)))


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
    17. EM over a grid of the factor: Bock, R. D. & Aitkin, M. (1981), Psychometrika 46(4), with
    one step of Fisher scoring in each round: Lange, K. (1995). A gradient algorithm locally equivalent to the EM
    algorithm. Journal of the Royal Statistical Society B 57(2).
    """
    patterns, times = np.unique(answers.astype(int), axis=0, return_counts=True)
    levels = int(patterns.max()) + 1
    given = _start(answers, levels)
    for _ in range(_MOST_ROUNDS):
        before, given = given, _scored(given, _expected(_unpacked(given), patterns, times, levels))
        if float(np.abs(given - before)[:, 0].max()) < _STILL:
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
        answered = block[:, :, None] == np.arange(levels)
        counts += np.tensordot(answered.astype(float), share, axes=(0, 0))
    return counts


def _scored(given: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Parameters after a step of Fisher scoring of every item, halved where its answers would become less likely."""
    often = counts.transpose(2, 0, 1)
    likelihood, gradient, information = _curvature(given, often)
    ridge = _RIDGE * (np.einsum("ijj->ij", information).mean(1) + _LEAST)
    solved = np.linalg.solve(information + ridge[:, None, None] * np.eye(given.shape[1]), gradient[..., None])
    step = np.clip(solved[..., 0], -_LONGEST, _LONGEST)
    for _ in range(_MOST_HALVES):
        after = given + step
        less = _likelihoods(_likely(_unpacked(after).at_least(_NODES)), often) < likelihood
        if not less.any():
            return after
        step[less] /= 2
    return np.where(less[:, None], given, after)


def _likely(reached: np.ndarray) -> np.ndarray:
    return np.maximum(_probabilities(reached), _LEAST)


def _likelihoods(likely: np.ndarray, often: np.ndarray) -> np.ndarray:
    """Expected logarithm of the likelihood, shape (items,)."""
    return np.asarray((often * np.log(likely)).sum((0, 2)))


def _curvature(given: np.ndarray, often: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same, with its slope in every parameter, shape (items, parameters), and their Fisher information."""
    reached = _unpacked(given).at_least(_NODES)
    likely, density = _likely(reached), reached * (1 - reached)
    # Of what is exponentiated: one answer becomes less likely by what the next one gains.
    pull = density * np.diff(often / likely, axis=-1)
    per_answer = often.sum(-1)[..., None] / likely
    beside = -per_answer[..., 1:-1] * density[..., :-1] * density[..., 1:]
    between = np.zeros((*density.shape, density.shape[-1]))
    at = np.arange(density.shape[-1])
    between[..., at, at] = (per_answer[..., :-1] + per_answer[..., 1:]) * density**2
    between[..., at[:-1], at[1:]] = between[..., at[1:], at[:-1]] = beside
    plain, once, twice = (np.tensordot(_NODES**power, between, axes=1) for power in range(3))
    # How thresholds follow from the first one and the logarithms of the steps.
    follow = np.tril(np.ones(plain.shape[1:]))[None] * np.exp(np.clip(given[:, None, 1:], -12, 4))
    follow[..., 0] = 1
    first = np.einsum("ikl,ikp->ip", once, follow)
    information = np.empty((len(given), given.shape[1], given.shape[1]))
    information[:, 0, 0] = twice.sum((1, 2))
    information[:, 0, 1:] = information[:, 1:, 0] = -first
    information[:, 1:, 1:] = follow.transpose(0, 2, 1) @ plain @ follow
    slope = np.einsum("nik,n->i", pull, _NODES)
    thresholds = -np.einsum("nik,ikp->ip", pull, follow)
    return _likelihoods(likely, often), np.concatenate([slope[:, None], thresholds], axis=1), information
