"""Removing units in the order of their evidence: insertion, deletion, ROAD.

Units are ordered by signed evidence, those that speak most for the target first. All curves are normalised by one
number for the whole data set: (output - output with everything removed) / the mean absolute size of that difference.
So 0 is a fully removed input, and a single sample whose output hardly changes cannot dominate.
"""

from __future__ import annotations

import numpy as np

from mien.core.errors import InputError
from mien.faithfulness.case import Case, Explanation, swept
from mien.faithfulness.fills import imputer_of

# Shares of the units that ROAD removes (Rong et al. 2022).
SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9)
_TIES, _ROAD = 1, 2


def ranks_of(case: Case, scores: np.ndarray, samples: np.ndarray) -> np.ndarray:
    """Place of each unit in the order of evidence, 0 for the largest; ties are broken at random."""
    ranks = np.empty((len(samples), scores.shape[1]), dtype=np.int64)
    for number, sample in enumerate(samples):
        lot = case.rng(int(sample), _TIES).permutation(scores.shape[1])
        ranks[number, np.lexsort((lot, -scores[sample]))] = np.arange(scores.shape[1])
    return ranks


def cuts(units: int, steps: int) -> np.ndarray:
    """How many units are in after each step, from 0 to all; the same counted from either end, each number once.

    Raises
    ------
    InputError
        If there are fewer than two steps.
    """
    if steps < 2:
        raise InputError(f"n_steps is at least 2, but got {steps}.")
    lower = np.rint(np.arange((steps + 1) // 2) * units / steps).astype(np.int64)
    middle = [units // 2] if steps % 2 == 0 and units % 2 == 0 else []
    return np.unique([*lower, *middle, *(units - lower)])


def insertion_curve(case: Case, explanation: Explanation) -> np.ndarray:
    """Normalised output while units come in, the most evident first; shape (samples, cuts)."""
    return _curve(case, explanation, inserting=True)


def deletion_curve(case: Case, explanation: Explanation) -> np.ndarray:
    """Normalised output while units go, the most evident first; shape (samples, cuts)."""
    return _curve(case, explanation, inserting=False)


def _curve(case: Case, explanation: Explanation, *, inserting: bool) -> np.ndarray:
    key = ("curve", explanation, inserting)
    if key not in case.kept:
        at = case.cuts
        samples = np.flatnonzero(explanation.ok)

        def masks(some: np.ndarray) -> np.ndarray:
            ranks = ranks_of(case, explanation.scores, some)[:, None]
            inside: np.ndarray = ranks < at[1:-1, None]
            return inside if inserting else ~inside

        first, last = (case.filled, case.output) if inserting else (case.output, case.filled)
        curve = np.full((len(explanation.scores), len(at)), np.nan)
        curve[samples, 0], curve[samples, -1] = first[samples], last[samples]
        curve[samples, 1:-1] = swept(case.problem, case.fill, samples, len(at) - 2, masks)
        case.kept[key] = (curve - case.filled[:, None]) / case.scale
    result: np.ndarray = case.kept[key]
    return result


def insertion(case: Case, explanation: Explanation) -> np.ndarray:
    """Area under the insertion curve (Petsiuk, Das & Saenko 2018)."""
    return np.trapezoid(insertion_curve(case, explanation), case.cuts / case.units.count, axis=1)


def deletion(case: Case, explanation: Explanation) -> np.ndarray:
    """Area under the deletion curve (Petsiuk, Das & Saenko 2018)."""
    return np.trapezoid(deletion_curve(case, explanation), case.cuts / case.units.count, axis=1)


def road(case: Case, explanation: Explanation) -> np.ndarray:
    """Mean normalised output after the most evident units were removed and imputed (Rong et al. 2022, MoRF)."""
    if "imputer" not in case.kept:
        case.kept["imputer"] = imputer_of(case.problem, case.units)
    count = case.units.count
    removed = np.unique(np.clip(np.rint(np.array(SHARES) * count).astype(np.int64), 1, max(1, count - 1)))
    samples = np.flatnonzero(explanation.ok)

    def masks(some: np.ndarray) -> np.ndarray:
        kept: np.ndarray = ranks_of(case, explanation.scores, some)[:, None] >= removed[:, None]
        return kept

    result = np.full(len(explanation.scores), np.nan)
    answers = swept(case.problem, case.kept["imputer"], samples, len(removed), masks)
    result[samples] = (answers.mean(axis=1) - case.filled[samples]) / case.scale
    return result
