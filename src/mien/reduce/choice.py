"""How few are enough: rules that choose a count from the curve, and what the choice is worth on other people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np

from mien.core.errors import InputError
from mien.stats.subjects import subject_means

Rule = Literal["one-se", "best", "tolerance"]


def check_rule(rule: str, tolerance: float) -> None:
    """Refuse rules and tolerances that do not exist."""
    if rule not in get_args(Rule):
        raise InputError(f"rule is one of {', '.join(get_args(Rule))}, but got '{rule}'.")
    if not 0 <= tolerance < 1:
        raise InputError(f"tolerance is a difference in accuracy from 0 to below 1, but got {tolerance}.")


def choose_count(right: dict[int, np.ndarray], subjects: np.ndarray, rule: str, tolerance: float = 0.01) -> int:
    """The count that a rule chooses.

    Parameters
    ----------
    right : dict of int to ndarray, shape (clips,)
        By count: whether each clip was classified correctly.
    subjects : ndarray of str, shape (clips,)
    rule : {'one-se', 'best', 'tolerance'}
        ``'best'``: the highest accuracy, of equals the smallest count. ``'one-se'``: the smallest count whose accuracy
        is at most one standard error (over subjects) below the best (Breiman et al. 1984, section 3.4.3).
        ``'tolerance'``: the smallest at most ``tolerance`` below the best.
    """
    accuracy = {count: float(correct.mean()) for count, correct in right.items()}
    top = max(accuracy.values())
    best = min(count for count, value in accuracy.items() if value >= top - 1e-12)
    if rule == "best":
        return best
    slack = standard_error(right[best], subjects) if rule == "one-se" else tolerance
    return min(count for count, value in accuracy.items() if value >= top - slack - 1e-12)


def standard_error(correct: np.ndarray, subjects: np.ndarray) -> float:
    """Standard error of the mean accuracy over subjects; 0 with fewer than two."""
    means = subject_means(correct, subjects)
    return float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else 0.0


def held_out(
    right: dict[int, np.ndarray], subjects: np.ndarray, tests: Sequence[np.ndarray], rule: str, tolerance: float
) -> np.ndarray:
    """Whether each clip is classified correctly with a count chosen without its fold's test clips, shape (clips,).

    The count is chosen from the curve of all other folds' test clips, and scored on this fold's. This takes away the
    optimism of choosing on the very clips that are scored; what stays is that those other clips' networks had this
    fold's people in training, which a full nested cross-validation would avoid at as many times the cost as there are
    folds.
    """
    result = np.zeros(len(subjects))
    for test in tests:
        others = np.setdiff1d(np.arange(len(subjects)), test)
        count = choose_count({n: correct[others] for n, correct in right.items()}, subjects[others], rule, tolerance)
        result[test] = right[count][test]
    return result
