"""Do predicted probabilities mean what they say?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.stats.scores import class_codes


@dataclass(frozen=True, eq=False)
class Calibration:
    """Confidence against accuracy in bins of equal width.

    Attributes
    ----------
    edges : ndarray, shape (bins + 1,)
        Bounds of the bins of confidence, from 0 to 1; a bin holds its upper bound.
    confidence, accuracy : ndarray, shape (bins,)
        Mean probability of the predicted class and share of right predictions; NaN in empty bins.
    count : ndarray of int, shape (bins,)
    expected_calibration_error : float
        Mean over the samples of the distance of accuracy and confidence of their bin.
    brier : float
        Mean over the samples of the squared distance of the probabilities from the truth, summed over the
        classes: 0 is perfect, 2 the worst (Brier 1950; for two classes twice the one-class form).
    """

    edges: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray
    count: np.ndarray
    expected_calibration_error: float
    brier: float

    def to_json(self) -> dict[str, Any]:
        """Plain values; NaN becomes None."""
        return {
            "edges": self.edges.tolist(),
            "confidence": [None if np.isnan(v) else float(v) for v in self.confidence],
            "accuracy": [None if np.isnan(v) else float(v) for v in self.accuracy],
            "count": self.count.tolist(),
            "expected_calibration_error": self.expected_calibration_error,
            "brier": self.brier,
        }


def calibration(y: Any, probabilities: Any, classes: Any, n_bins: int = 10) -> Calibration:
    """Calibration of the predicted class.

    Parameters
    ----------
    y : sequence of str, shape (samples,)
    probabilities : ndarray, shape (samples, classes)
        Rows sum to one.
    classes : sequence of str, shape (classes,)
    n_bins : int

    Notes
    -----
    Guo et al. (2017), "On calibration of modern neural networks", ICML; Brier (1950), Mon. Weather Rev. 78.
    """
    names = [str(c) for c in classes]
    truth = class_codes(y, names)
    p = np.asarray(probabilities, dtype=np.float64)
    if p.shape != (len(truth), len(names)) or len(truth) == 0:
        raise InputError(f"Probabilities must have shape ({len(truth)} > 0, {len(names)}), but have {p.shape}.")
    # Sums of float32 probabilities stray by about 1e-6.
    if not np.isfinite(p).all() or (p < -1e-6).any() or (np.abs(p.sum(1) - 1) > 1e-3).any():
        raise InputError("Calibration needs probabilities: from 0 to 1, and each row sums to 1.")
    if n_bins < 1:
        raise InputError(f"Calibration: at least 1 bin is needed, but got {n_bins}.")
    edges = np.linspace(0, 1, n_bins + 1)
    top = p.max(1)
    bins = np.clip(np.searchsorted(edges, top, side="left") - 1, 0, n_bins - 1)
    count = np.bincount(bins, minlength=n_bins)
    filled = np.where(count > 0, count, np.nan)
    confidence = np.bincount(bins, top, n_bins) / filled
    accuracy = np.bincount(bins, p.argmax(1) == truth, n_bins) / filled
    gap = np.where(count > 0, np.abs(accuracy - confidence) * count, 0).sum() / len(truth)
    brier = ((p - np.eye(len(names))[truth]) ** 2).sum(1).mean()
    return Calibration(edges, confidence, accuracy, count, float(gap), float(brier))
