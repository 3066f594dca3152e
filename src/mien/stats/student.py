"""Student's t distribution as ``scipy.stats.t`` has it, without the second that importing ``scipy.stats`` takes."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy  # loads its parts when they are asked for, which is not always


def ppf(share: Any, df: Any) -> Any:
    """The value below which that share lies; NaN where there are no degrees of freedom.

    Parameters
    ----------
    share : float or ndarray
        Between 0 and 1.
    df : float or ndarray
        Degrees of freedom; infinite for the normal distribution.
    """
    share, df = np.asarray(share, dtype=np.float64), np.asarray(df, dtype=np.float64)
    return _of(df, scipy.special.stdtrit(_finite(df), share), scipy.special.ndtri(share))


def sf(t: Any, df: Any) -> Any:
    """The share above ``t``; see ``ppf``."""
    t, df = np.asarray(t, dtype=np.float64), np.asarray(df, dtype=np.float64)
    return _of(df, scipy.special.stdtr(_finite(df), -t), scipy.special.ndtr(-t))


def isf(share: Any, df: Any) -> Any:
    """The value above which that share lies; see ``ppf``."""
    return -ppf(share, df)


def _finite(df: np.ndarray) -> np.ndarray:
    return np.where(np.isinf(df) | ~(df > 0), 1.0, df)


def _of(df: np.ndarray, finite: np.ndarray, normal: np.ndarray) -> Any:
    result = np.where(np.isinf(df), normal, np.where(df > 0, finite, np.nan))
    return result if result.ndim else float(result)
