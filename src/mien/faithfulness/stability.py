"""Metrics that explain again: on inputs with a little noise, and on networks whose layers were randomised."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import scipy  # loads its parts when they are asked for, which is not always
import torch

from mien.core.errors import InputError
from mien.core.features import NAMED
from mien.core.settings import Count, Positive
from mien.faithfulness.case import Case, Explanation

_NOISE, _WEIGHTS = 5, 6


def max_sensitivity(case: Case, explanation: Explanation, *, radius: Positive = 0.05, n_noise: Count = 8) -> np.ndarray:
    """Largest relative change of the evidence under small noise (Yeh et al. 2019).

    max over ``n_noise`` draws of |evidence(x + noise) - evidence(x)| / |evidence(x)|, noise uniform within ``radius``
    standard deviations of the reference samples (of each feature; of all values together for pictures and sequences).
    """
    assert explanation.rerun is not None
    problem = case.problem
    spread = problem.reference.std(axis=0) if problem.space == NAMED else problem.reference.std()
    largest = np.zeros(len(problem.values))
    size = np.linalg.norm(explanation.scores, axis=1)
    for number in range(n_noise):
        noisy = np.empty_like(problem.values)
        for sample, values in enumerate(problem.values):
            noise = case.rng(sample, _NOISE + 100 * number).uniform(-radius, radius, values.shape)
            noisy[sample] = values + noise * spread
        change = np.linalg.norm(explanation.rerun(noisy, number) - explanation.scores, axis=1)
        largest = np.maximum(largest, change)  # a NaN stays
    return np.divide(largest, size, out=np.full(len(size), np.nan), where=size > 0)


def parameter_randomisation(case: Case, explanation: Explanation, *, n_stages: Count = 5) -> np.ndarray:
    """Similarity of evidence when more and more layers are random (Adebayo et al. 2018, cascading).

    From the last layer to the first, in ``n_stages`` stages, weights are replaced by normal numbers of the same mean
    and spread. Spearman correlation of the absolute evidence with that of the trained network, averaged over stages:
    evidence that stays the same does not tell what was learnt.
    """
    module = case.network
    assert explanation.rerun is not None and module is not None
    stages = stages_of(module, n_stages)
    result = []
    for number in range(len(stages)):
        layers = [layer for stage in stages[: number + 1] for layer in stage]
        with randomised(layers, case.problem.seed):
            scores = explanation.rerun(case.problem.values, 1000 + number)
        result.append(_rank_correlation(np.abs(explanation.scores), np.abs(scores)))
    # A network made of random numbers may give no evidence at all (a dead layer): nothing is left of it then.
    mean = np.mean([np.where(np.isfinite(stage), stage, 0.0) for stage in result], axis=0)
    return np.where(explanation.ok, mean, np.nan)


def stages_of(module: torch.nn.Module, n_stages: int) -> list[list[torch.nn.Module]]:
    """Layers with weights of their own, the last first, in at most ``n_stages`` groups.

    Raises
    ------
    InputError
        If there are no such layers, or ``n_stages`` is below 1.
    """
    layers = [part for part in module.modules() if next(part.parameters(recurse=False), None) is not None][::-1]
    if n_stages < 1 or not layers:
        raise InputError(f"n_stages is at least 1 for a network with weights, but got {n_stages} of {len(layers)}.")
    groups = np.array_split(np.arange(len(layers)), min(n_stages, len(layers)))
    return [[layers[i] for i in group] for group in groups]


@contextmanager
def randomised(layers: list[torch.nn.Module], seed: int) -> Iterator[None]:
    """Weights of layers replaced by normal numbers of the same mean and spread; put back exactly, on errors too."""
    weights = [weight for layer in layers for weight in layer.parameters(recurse=False)]
    before = [weight.detach().clone() for weight in weights]
    try:
        with torch.no_grad():
            for number, weight in enumerate(weights):
                rng = np.random.default_rng([seed, _WEIGHTS, number])
                values = weight.detach().double().cpu().numpy()
                drawn = rng.normal(values.mean(), values.std(), values.shape)
                weight.copy_(torch.from_numpy(drawn))
        yield
    finally:
        with torch.no_grad():
            for weight, old in zip(weights, before, strict=True):
                weight.copy_(old)


def _rank_correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Spearman correlation of rows; NaN where a row is not finite or does not vary."""
    result = np.full(len(a), np.nan)
    fine = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
    if not fine.any():
        return result
    x, y = scipy.stats.rankdata(a[fine], axis=1), scipy.stats.rankdata(b[fine], axis=1)
    x, y = x - x.mean(axis=1, keepdims=True), y - y.mean(axis=1, keepdims=True)
    power = np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
    result[fine] = np.divide((x * y).sum(axis=1), power, out=np.full(len(x), np.nan), where=power > 0)
    return result
