"""Which of several columns differ, all pairs at once: paired over people, family-wise error kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.stats.subjects import subject_means

# All sign patterns are enumerated up to so many people (half of them: the other half says the same).
_EXACT = 14


def apart_p(values: Any, subjects: Any, *, n_flips: int = 9999, seed: int = 0) -> np.ndarray:
    """Corrected p of every pair of columns: do their means over people differ?

    Parameters
    ----------
    values : array_like, shape (samples, columns)
        Numbers of the same samples by each of several methods; NaN where there is none. A pair is compared over the
        samples that both have.
    subjects : sequence of str, shape (samples,)
        The subject is the unit: samples of one are averaged first.
    n_flips, seed : int
        Sign patterns drawn where there are more than 14 subjects, and their seed.

    Returns
    -------
    ndarray of float64, shape (columns, columns)
        Symmetric; 1 on the diagonal, and where nothing can be compared.

    Notes
    -----
    Signs of all of a subject's differences are flipped together; a pair's statistic is |mean| over root mean square
    (a monotone function of |t|), compared with the largest of its remaining family under each flip: the step-down
    max-T of Westfall & Young (1993, Resampling-based multiple testing, algorithm 2.8) with the flips of Romano & Wolf
    (2005, "Exact and approximate stepdown methods for multiple hypothesis testing", JASA 100). The chance that any two
    equal columns (differences symmetric about zero) are told apart is at most the level, whichever others differ.
    p is never below 2 / 2 ** subjects: see ``least_subjects``.
    """
    columns = np.asarray(values, dtype=np.float64)
    who = np.array([str(s) for s in subjects], dtype=object)
    if columns.ndim != 2 or len(columns) != len(who):
        raise InputError(f"{len(who)} subjects, but the values have shape {columns.shape}; give one row per sample.")
    one, other = np.triu_indices(columns.shape[1], 1)
    differences = _per_subject(columns[:, one] - columns[:, other], who)
    result = np.ones((columns.shape[1],) * 2)
    if differences.size:
        result[one, other] = result[other, one] = _step_down(differences, n_flips, seed)
    return result


def least_subjects(level: float) -> int:
    """Fewest people with whom sign flips can reach a level, however large a difference is: 6 for .05."""
    return int(np.ceil(np.log2(2 / level)))


def _per_subject(differences: np.ndarray, who: np.ndarray) -> np.ndarray:
    """Mean difference of each subject, shape (subjects, pairs); 0, which no flip changes, where there is none."""
    place = {name: number for number, name in enumerate(sorted(set(who.tolist())))}
    result = np.zeros((len(place), differences.shape[1]))
    for pair, column in enumerate(differences.T):
        known = np.isfinite(column)
        if known.any():
            rows = [place[name] for name in sorted(set(who[known].tolist()))]
            result[rows, pair] = subject_means(column[known], who[known])
    return result


def _step_down(differences: np.ndarray, n_flips: int, seed: int) -> np.ndarray:
    """Corrected p of every column of differences (subjects, pairs)."""
    size = np.sqrt((differences**2).sum(axis=0))
    scaled = np.divide(differences, size, out=np.zeros_like(differences), where=size > 0)
    observed = np.abs(scaled.sum(axis=0))
    order = np.argsort(-observed, kind="stable")
    flipped = np.abs(_signs(len(differences), n_flips, seed) @ scaled[:, order])
    # The largest of each statistic and all that come after it.
    largest = np.maximum.accumulate(flipped[:, ::-1], axis=1)[:, ::-1]
    # The tolerance keeps sums of the same numbers in another order from counting as smaller.
    p = (largest >= observed[order] - 1e-9).mean(axis=0)
    result = np.empty_like(p)
    result[order] = np.maximum.accumulate(p)
    return result


def _signs(subjects: int, n_flips: int, seed: int) -> np.ndarray:
    """Sign patterns, shape (patterns, subjects); the first is the observed one."""
    if subjects <= _EXACT:
        patterns = np.arange(2 ** (subjects - 1))
        return 1.0 - 2 * ((patterns[:, None] >> np.arange(subjects)) & 1)
    drawn = np.random.default_rng(seed).choice(np.array([-1.0, 1.0]), size=(n_flips, subjects))
    return np.concatenate([np.ones((1, subjects)), drawn])
