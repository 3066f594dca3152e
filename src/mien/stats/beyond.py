"""Whether a prediction says something of the truth beyond what covariates say of both."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.stats import student
from mien.stats.subjects import codes_of

# In folds of fewer samples on average, levels of folds are not taken out: nothing would be left.
_LEAST_IN_FOLD = 20


def beyond_p(left: np.ndarray, said: np.ndarray, covariates: np.ndarray, subjects: Any, fold: np.ndarray) -> float:
    """One-sided probability that residuals go together so well where predictions say nothing beyond the covariates.

    Parameters
    ----------
    left : ndarray, shape (samples, outputs)
        Truth less what a model on covariates alone predicts for it with the person left out; of classes 0 or 1 less
        the probability.
    said : ndarray, shape (samples, outputs)
        Predictions with the person left out: ratings, or logits of classes.
    covariates : ndarray, shape (samples, columns)
        Finite.
    subjects : sequence of str, shape (samples,)
    fold : ndarray of int, shape (samples,)
        Which model predicted each sample.

    Returns
    -------
    float
        NaN for fewer than three people, or where nothing varies.

    Notes
    -----
    The generalised covariance measure (Shah & Peters 2020, "The hardness of conditional independence testing and the
    generalised covariance measure", Ann. Stat. 48(3)): products of what covariates leave of the truth and of the
    prediction have mean 0 where the two are independent given the covariates, if what either owes to them is
    estimated well. They are summed over each person's samples and outputs; Student's t over people.
    """
    names, who = codes_of(subjects)
    if len(names) < 3:
        return float("nan")
    base = [covariates]
    numbers = np.unique(fold, return_inverse=True)[1].reshape(-1)
    several = numbers.max() + 1
    base.append(np.eye(several)[numbers] if several * _LEAST_IN_FOLD <= len(fold) else np.ones((len(fold), 1)))
    design = np.concatenate(base, axis=1)
    size = np.sqrt((design**2).mean(0))
    design = design / np.where(size > 0, size, 1.0)
    rest = said - design @ np.linalg.lstsq(design, said, rcond=None)[0]
    units = [np.sqrt((part**2).mean(0)) for part in (left, rest)]
    if not (np.minimum(*units) > 1e-12).any():
        return float("nan")
    one, other = (part / np.where(unit > 1e-12, unit, np.inf) for part, unit in zip((left, rest), units, strict=True))
    each = np.bincount(who, (one * other).sum(1), len(names))
    error = each.std(ddof=1) / np.sqrt(len(each))
    return float(student.sf(each.mean() / error, len(each) - 1)) if error > 0 else float("nan")
