"""Percentile intervals of bootstrap draws."""

from __future__ import annotations

import numpy as np

from mien.core.errors import InputError


def percentile_interval(draws: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of bootstrap draws; undefined draws (NaN) are left out.

    Parameters
    ----------
    draws : ndarray, shape (n_boot,)
    level : float
        Coverage, between 0 and 1.
    """
    if not 0 < level < 1:
        raise InputError(f"Bootstrap: the level lies between 0 and 1, but got {level}.")
    known = draws[np.isfinite(draws)]
    if len(known) == 0:
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
