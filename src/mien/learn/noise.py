"""The check with shuffled labels or ratings: the shuffling, and what its scores say."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from mien.core.outcome import Classes, Outcome, Ratings
from mien.stats.folds import Fold
from mien.stats.permutation import exchanged_rows
from mien.stats.scores import Score

# Chance gives a score so good no more often than this where nothing leaks from test to training.
LEAK = 0.025
ABOVE, BELOW, AT = "above", "below", "at"
# Shufflings that are tried before one is taken that leaves a training fold without a class.
_DRAWS = 100
_WORDS = {"balanced_accuracy": "balanced accuracy", "pearson": "Pearson"}


def shuffled(
    outcome: Outcome, y: np.ndarray, subjects: np.ndarray, seed: int, folds: Sequence[Fold] = ()
) -> np.ndarray:
    """Labels or ratings that say nothing about the samples but keep the design; of the shape of ``y``.

    People change places with all that is known of their samples, see ``mien.stats.permutation.exchanged_rows``.

    Parameters
    ----------
    outcome : Outcome
    y : ndarray, shape (samples,) or (samples, ratings)
    subjects : ndarray of str, shape (samples,)
    seed : int
    folds : sequence of (train, test), optional
        Drawn again, some times, until every training fold holds all classes, or no rating is constant in one.
    """
    rng = np.random.default_rng(seed)
    for _ in range(_DRAWS):
        drawn: np.ndarray = y[exchanged_rows(subjects, rng)]
        if all(outcome.varies(drawn, train) for train, _ in folds):
            break
    return drawn


def noise_verdict(noise: dict[str, Score]) -> str:
    """Whether the scores after training on shuffled labels or ratings are at chance, in a sentence.

    Judged by the balanced accuracy or the correlation, and its test against chance. Below chance, which small and
    unbalanced sets can give, nothing leaks.
    """
    outcome = Ratings if Ratings.main in noise else Classes
    s = noise[outcome.main]
    value = f"{_WORDS[outcome.main]} {s.value:.3f}".replace("-", "−")
    interval = s.between if s.between.startswith("interval") else f"interval {s.between}"
    chance = f"{s.chance:.3f}" if s.chance else "0"
    where = f"{value}, 95 % {interval}, chance {chance}, p = {s.p:.3f}"
    said = {
        "": f"not judged, there is neither an interval nor a test against chance ({value}).",
        ABOVE: f"NOT at chance ({where}): something leaks from test to training.",
        BELOW: f"below chance ({where}); that is no sign of a leak.",
        AT: f"at chance ({where}), as it has to be.",
    }
    what = "ratings" if outcome is Ratings else "labels"
    return f"Shuffled {what}: {said[side_of_chance(s.low, s.high, s.chance, s.p)]}"


def side_of_chance(low: float | None, high: float | None, chance: float | None, p: float | None) -> str:
    """``ABOVE``, ``BELOW`` or ``AT`` chance: by the test where there is one, else by the interval; ``''`` for neither.

    One rule for the command line and the report. None and NaN are numbers that are not known.
    """
    low, high, chance, p = (float("nan") if one is None else float(one) for one in (low, high, chance, p))
    if math.isnan(chance) or (math.isnan(p) and math.isnan(low)):
        return ""
    if p <= LEAK or (math.isnan(p) and low > chance):
        return ABOVE
    return BELOW if high < chance else AT
