"""What a model costs: numbers trained and frozen, time to fit, time to answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from mien.learn.crossval import Progress, fitted

AT_ONCE, REPEATS = 256, 3
# Slower answers are not asked for again only to be timed.
LONG_S = 5.0


def fitted_with_cost(
    make: Callable[[], Any],
    values: np.ndarray,
    y: np.ndarray,
    groups: np.ndarray,
    answer: str,
    progress: Progress | None = None,
) -> tuple[Any, dict[str, float]]:
    """A fitted estimator and what it cost on this machine.

    Parameters
    ----------
    make : callable
        Gives an unfitted estimator.
    values : ndarray, shape (samples, ...)
    y, groups : ndarray, shape (samples,)
    answer : str
        Name of the estimator's function that is timed, ``mien.core.outcome.Outcome.answer``.
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
    cost["microseconds_per_sample"] = inference_us(getattr(estimator, answer), values)
    return estimator, cost | getattr(estimator, "parameters_", {})


def inference_us(answer: Callable[[np.ndarray], Any], values: np.ndarray) -> float:
    """Microseconds per sample of a function of many samples, which is asked once before it counts unless it is slow."""
    some = values[:AT_ONCE]
    start = time.perf_counter()
    answer(some)
    first = time.perf_counter() - start
    if first > LONG_S:
        return first / len(some) * 1e6
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        answer(some)
        times.append(time.perf_counter() - start)
    return float(np.median(times)) / len(some) * 1e6
