"""Bootstrap over subjects: people are drawn anew, with all of their samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.stats.subjects import codes_of

# Draws are worked off in blocks of about this many weights, so memory does not grow with their number.
_BLOCK = 4_000_000


def subject_draws(n_subjects: int, n_boot: int, seed: int) -> np.ndarray:
    """How often each subject is in each bootstrap draw, shape (n_boot, subjects); rows sum to ``n_subjects``."""
    if n_boot < 1:
        raise InputError(f"Bootstrap: at least 1 draw is needed, but got {n_boot}.")
    share = np.full(n_subjects, 1 / n_subjects)
    return np.random.default_rng(seed).multinomial(n_subjects, share, size=n_boot)


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


def bootstrap_interval(
    statistic: Callable[[np.ndarray], np.ndarray],
    subjects: Any,
    *,
    n_boot: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> tuple[float, float]:
    """Percentile interval of a statistic under resampling of whole subjects (cluster bootstrap).

    Parameters
    ----------
    statistic : callable
        Gets weights of shape (draws, samples), how often each sample counts, and gives one value per draw,
        shape (draws,), NaN where undefined.
    subjects : sequence of str, shape (samples,)
    n_boot, level, seed
        Number of draws, coverage, seed of the draws.

    Returns
    -------
    (low, high) : float
        NaN with fewer than two subjects: one person says nothing about people.

    Notes
    -----
    Field and Welsh (2007), "Bootstrapping clustered data", J. R. Stat. Soc. B 69(3), 369-390.
    """
    names, codes = codes_of(subjects)
    if len(names) < 2:
        return float("nan"), float("nan")
    draws = subject_draws(len(names), n_boot, seed)
    step = max(1, _BLOCK // max(1, len(codes)))
    blocks = [statistic(draws[i : i + step][:, codes]) for i in range(0, n_boot, step)]
    return percentile_interval(np.concatenate(blocks), level)
