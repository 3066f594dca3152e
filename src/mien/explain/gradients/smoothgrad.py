"""SmoothGrad and VarGrad: mean and variance of a method's values over noisy copies of the sample."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.settings import NotNegative, Positive, Several
from mien.explain.gradients.noisy import copies, inner_method
from mien.explain.gradients.sampling import precise, reached
from mien.explain.problem import Attribution, Problem


def smoothgrad(
    problem: Problem,
    *,
    of: str = "saliency",
    of_settings: Any = None,
    n_samples: Several = 50,
    noise: NotNegative = 0.15,
    tolerance: Positive | None = None,
) -> Attribution:
    """Mean of another method's values over noisy copies (Smilkov et al. 2017).

    Parameters
    ----------
    problem : Problem
    of : str
        Any method that follows gradients and gives one value per input value.
    of_settings : str or dict, optional
        Its settings, such as ``'n_steps=16'``.
    n_samples : int
        Most copies per sample.
    noise : float
        Standard deviation of the noise as a share of the sample's range (maximum - minimum), as published; for
        named features of each one's range in the reference.
    tolerance : float, optional
        Stop a sample when the root mean square standard error falls below this share of the root mean square
        value.

    Returns
    -------
    Attribution
        ``columns['passes']`` is the number of copies; with a tolerance also ``'relative error'`` and ``'tolerance
        reached'`` (1 or 0).

    Raises
    ------
    InputError
        If a setting is out of its range or ``of`` is no such method.
    """
    return _over_copies(problem, False, of, of_settings, n_samples, noise, tolerance)


def vargrad(
    problem: Problem,
    *,
    of: str = "saliency",
    of_settings: Any = None,
    n_samples: Several = 50,
    noise: NotNegative = 0.15,
    tolerance: Positive | None = None,
) -> Attribution:
    """Variance of another method's values over noisy copies (Adebayo et al. 2018): never negative, unit squared.

    Settings and errors are those of ``smoothgrad``. A linear model has variance 0 everywhere.
    """
    return _over_copies(problem, True, of, of_settings, n_samples, noise, tolerance)


def _over_copies(
    problem: Problem, variance: bool, of: str, of_settings: Any, n_samples: int, noise: float, tolerance: float | None
) -> Attribution:
    inner = inner_method(of, of_settings)
    values = np.empty(problem.values.shape, np.float32)
    error = np.empty(problem.values.shape, np.float32)
    passes = np.zeros(len(values))
    answered = np.zeros(len(values), bool)
    for row in range(len(values)):
        moments = _Moments()
        for block in copies(problem, row, inner, noise, n_samples, few=tolerance is not None):
            moments.add(block)
            answered[row] |= bool(np.any(block != 0))
            if tolerance is not None and precise(*moments.result(variance), tolerance):
                break
        values[row], error[row] = moments.result(variance)
        passes[row] = moments.count
        problem.progress(row + 1, len(values))
    return Attribution(
        values, None, error, {"passes": passes, **reached(values, error, tolerance)}, inner.facts, answered
    )


class _Moments:
    """Power sums of deviations from the first block's mean, which keeps them small."""

    def __init__(self) -> None:
        self.count = 0
        self.sums: list[np.ndarray] = []
        self.origin = np.zeros(())

    def add(self, block: np.ndarray) -> None:
        if not self.count:
            self.origin = block.mean(axis=0, dtype=np.float64)
            self.sums = [np.zeros(block.shape[1:]) for _ in range(4)]
        deviation = block - self.origin
        power = np.ones(block.shape)
        for total in self.sums:
            power *= deviation
            total += power.sum(axis=0)
        self.count += len(block)

    def result(self, variance: bool) -> tuple[np.ndarray, np.ndarray]:
        """Mean or variance over the copies, and its standard error."""
        n = self.count
        first, second, third, fourth = (total / n for total in self.sums)
        central = np.maximum(second - first**2, 0)
        unbiased = central * n / max(1, n - 1)
        if not variance:
            return self.origin + first, np.sqrt(unbiased / n)
        kurtosis = fourth - 4 * first * third + 6 * first**2 * second - 3 * first**4
        return unbiased, np.sqrt(np.maximum(kurtosis - central**2 * (n - 3) / max(1, n - 1), 0) / n)
