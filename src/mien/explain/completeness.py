"""Whether values add up to the output's difference from the baselines, where the method promises that they do."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mien.core.evidence import INCOMPLETE, Evidence
from mien.explain.problem import GAP_ERROR

# A gap beyond half of the difference leaves more of it open than it explains: the rest outweighs what is told.
MOST_OPEN = 0.5
# Gaps below this share of all amounts are rounding and steps beside evidence that cancels, whatever the difference is.
_OF_AMOUNT = 0.01
# Share of the largest output that float32 may round a gap by.
_ROUNDING = 1e-5
# Standard errors of a sampled sum that its gap may be chance by.
_ERRORS = 1.96


def gap_shares(evidence: Evidence) -> np.ndarray:
    """Each sample's gap as a share of the output's difference; float64, shape (samples,), NaN where there is none.

    Beside a difference that is tiny for these samples every gap is large: the typical one is the yardstick then. Of
    sampled values only the part of the gap counts that is not chance.
    """
    result = np.full(len(evidence), np.nan)
    known = _known(evidence)
    if not known.any():
        return result
    gaps = np.abs(evidence.gap[known].astype(np.float64))
    gaps[gaps <= _ROUNDING * np.abs(evidence.output[known]).max()] = 0
    differences = np.abs(_sums(evidence.values[known]) - evidence.gap[known])
    scale = np.maximum(differences, np.median(differences))
    if GAP_ERROR in evidence.columns:
        gaps = np.maximum(0.0, gaps - _ERRORS * evidence.columns[GAP_ERROR][known])
    result[known] = np.divide(gaps, scale, out=np.zeros_like(scale), where=scale > 0)
    return result


def judged_complete(evidence: Evidence) -> Evidence:
    """The evidence with the status ``'incomplete'`` where its values miss more of the difference than they explain."""
    known, share = _known(evidence), gap_shares(evidence)
    amount = np.full(len(evidence), np.inf)
    amount[known] = _sums(np.abs(evidence.values[known]))
    with np.errstate(invalid="ignore"):
        missed = (share > MOST_OPEN) & (np.abs(evidence.gap) > _OF_AMOUNT * amount)
    if not missed.any():
        return evidence
    return replace(evidence, status=np.where(missed, INCOMPLETE, evidence.status))


def _known(evidence: Evidence) -> np.ndarray:
    """Samples with values and a gap."""
    known: np.ndarray = (evidence.ok | (evidence.status == INCOMPLETE)) & np.isfinite(evidence.gap)
    return known


def _sums(values: np.ndarray) -> np.ndarray:
    return np.asarray(values.sum(axis=tuple(range(1, values.ndim)), dtype=np.float64))
