"""What a model costs: trainable and frozen parameters, time to fit, time to answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mien.learn.crossval import Progress
from mien.learn.fold_work import fitted

AT_ONCE, REPEATS = 256, 3
# Slower answers are not asked for again only to be timed.
LONG_S = 5.0


def fitted_with_cost(
    make: Callable[[], Any],
    values: np.ndarray,
    y: np.ndarray,
    groups: np.ndarray,
    progress: Progress | None = None,
) -> tuple[Any, dict[str, float]]:
    """A fitted estimator and what it cost on this machine.

    Parameters
    ----------
    make : callable
        Gives an unfitted estimator.
    values : ndarray, shape (samples, ...)
    y, groups : ndarray, shape (samples,)
    progress : callable (done, total), optional
        Of the fit, for estimators that take it.

    Returns
    -------
    estimator
    cost : dict
        ``samples``, ``fit_seconds``, ``microseconds_per_sample`` (predictions for up to 256 samples at once, median of
        three) and, where the estimator counts them in ``parameters_``, ``trained``, ``frozen`` and ``projection``
        parameters.
    """
    start = time.perf_counter()
    estimator = fitted(make(), values, y, groups, progress)
    cost: dict[str, float] = {"samples": len(values), "fit_seconds": time.perf_counter() - start}
    cost["microseconds_per_sample"] = inference_us(estimator.outputs, values)
    return estimator, cost | estimator.parameters_


def inference_us(answer: Callable[[np.ndarray], Any], values: np.ndarray) -> float:
    """Microseconds per sample of a function of many samples, which is asked once before it counts unless it is slow."""
    some = values[:AT_ONCE]
    return float(np.median(answer_seconds([lambda: answer(some)], REPEATS))) / len(some) * 1e6


def answer_seconds(answers: Sequence[Callable[[], Any]], rounds: int) -> np.ndarray:
    """Seconds that each answer takes, in turns, shape (rounds, answers).

    A round before them does not count, unless an answer in it is so slow that it is not asked for again.
    """
    taken: list[list[float]] = []
    while len(taken) <= rounds and not (taken and max(taken[0]) > LONG_S):
        taken.append([])
        for answer in answers:
            start = time.perf_counter()
            answer()
            taken[-1].append(time.perf_counter() - start)
    return np.array(taken[1:] or taken)
