"""Correction of p-values for several tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.errors import InputError


def holm(p: Any) -> np.ndarray:
    """P-values that keep the family-wise error rate, shape (tests,).

    Holm 1979, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6(2). Needs no
    independence. NaN (no test) stays NaN and does not count.
    """
    return _adjusted(p, lambda ordered: np.maximum.accumulate(ordered * np.arange(len(ordered), 0, -1)))


def benjamini_hochberg(p: Any) -> np.ndarray:
    """P-values that keep the false-discovery rate, shape (tests,).

    Benjamini & Hochberg 1995, J. R. Stat. Soc. B 57(1); for tests that are independent or positively dependent. NaN
    (no test) stays NaN and does not count.
    """

    def adjust(ordered: np.ndarray) -> np.ndarray:
        raised = ordered * len(ordered) / np.arange(1, len(ordered) + 1)
        return np.minimum.accumulate(raised[::-1])[::-1]

    return _adjusted(p, adjust)


CORRECTIONS = {"holm": holm, "benjamini-hochberg": benjamini_hochberg}


def _adjusted(p: Any, adjust: Any) -> np.ndarray:
    values = np.asarray(p, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(values))
    if values.ndim != 1 or (values[known] < 0).any() or (values[known] > 1).any():
        raise InputError("P-values are one row of numbers from 0 to 1.")
    result = np.full(len(values), np.nan)
    order = known[np.argsort(values[known], kind="stable")]
    if len(order):
        result[order] = np.minimum(adjust(values[order]), 1.0)
    return result
