"""What a model costs: numbers trained and frozen, time to fit, time to answer."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

AT_ONCE, REPEATS = 256, 3


def fitted_with_cost(
    make: Callable[[], Any], values: np.ndarray, y: np.ndarray, groups: np.ndarray
) -> tuple[Any, dict[str, float]]:
    """A fitted estimator and what it cost on this machine.

    Parameters
    ----------
    make : callable
        Gives an unfitted estimator.
    values : ndarray, shape (samples, ...)
    y, groups : ndarray, shape (samples,)

    Returns
    -------
    estimator
    cost : dict
        ``samples``, ``fit_seconds``, ``microseconds_per_sample`` (probabilities of up to 256 samples at once, median of
        three) and, where the estimator counts them in ``parameters_``, ``trained``, ``frozen`` and ``projection``
        parameters.
    """
    start = time.perf_counter()
    estimator = make().fit(values, y, groups=groups)
    cost: dict[str, float] = {"samples": len(values), "fit_seconds": time.perf_counter() - start}
    cost["microseconds_per_sample"] = inference_us(estimator.predict_proba, values)
    return estimator, cost | getattr(estimator, "parameters_", {})


def inference_us(answer: Callable[[np.ndarray], Any], values: np.ndarray) -> float:
    """Microseconds per sample of a function of many samples, which is asked once before the clock runs."""
    some = values[:AT_ONCE]
    answer(some)
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        answer(some)
        times.append(time.perf_counter() - start)
    return float(np.median(times)) / len(some) * 1e6
