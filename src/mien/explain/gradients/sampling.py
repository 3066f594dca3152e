"""What sampled methods share: when they are precise enough, and what noise of 1 means."""

from __future__ import annotations

import numpy as np

from mien.core.features import NAMED
from mien.explain.problem import Problem, precision_columns


def precise(values: np.ndarray, standard_error: np.ndarray, tolerance: float) -> bool:
    """Whether the root mean square standard error is below the tolerance's share of the root mean square value."""
    return float(np.sqrt(np.mean(standard_error**2))) <= tolerance * float(np.sqrt(np.mean(values**2)))


def reached(values: np.ndarray, standard_error: np.ndarray, tolerance: float | None) -> dict[str, np.ndarray]:
    """Columns that say of each sample how precise it is, and whether that is as wanted; none without a tolerance."""
    if tolerance is None:
        return {}
    axes = tuple(range(1, values.ndim))
    size, error = (np.sqrt(np.mean(part.astype(np.float64) ** 2, axis=axes)) for part in (values, standard_error))
    relative = np.divide(error, size, out=np.where(error == 0, 0.0, np.inf), where=size > 0)
    return precision_columns(relative, tolerance)


def noise_scale(problem: Problem, row: int) -> np.ndarray:
    """What noise of 1 means: the sample's range; of named features (of different units) each one's usual range."""
    x = problem.values[row]
    if problem.space == NAMED and len(problem.reference) > 1:
        return np.asarray(np.ptp(problem.reference.astype(np.float64), axis=0))
    return np.asarray(np.ptp(x.astype(np.float64)))
