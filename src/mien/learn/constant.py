"""Models that have one answer for everybody: what their scores can say, and what has to be said of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mien.core.words import listed
from mien.learn.predictions import AnyPredictions
from mien.stats.scores import Score

# Probabilities that differ by less are equally high (trees weigh classes in single precision). Which of them rounding
# makes higher hangs on the classes' shares in training and so, where a person is left out, on that person's own class.
_TIE = 1e-6
# Intervals narrower than this hold no variation over people.
_NARROW = 1e-6


def level_ties(probabilities: np.ndarray) -> np.ndarray:
    """Probabilities (samples, classes) in which the highest ones are equal where only rounding tells them apart."""
    tied = probabilities >= probabilities.max(axis=1, keepdims=True) - _TIE
    mean = (probabilities * tied).sum(axis=1, keepdims=True) / tied.sum(axis=1, keepdims=True)
    levelled: np.ndarray = np.where(tied & (tied.sum(axis=1, keepdims=True) > 1), mean, probabilities)
    return levelled


def without_empty_bounds(scores: dict[str, Score]) -> dict[str, Score]:
    """Scores of constant predictions; intervals of those that are the same for all people are withheld."""
    return {
        name: replace(s, low=float("nan"), high=float("nan"), people=0) if s.high - s.low <= _NARROW else s
        for name, s in scores.items()
    }


def caution_of_constants(p: AnyPredictions, model: str) -> list[str]:
    """A sentence on a model that gave all samples the same answer, or the same rating."""
    if not p.constant:
        return []
    what = "" if p.constant == p.names else " for " + listed([f"'{name}'" for name in p.constant])
    return [
        f"The model '{model}' gave all samples the same answer{what}: it told none from another, as trees that few "
        "samples do not let split, or a penalty that leaves no weight. So the scores are those of a constant and say "
        "nothing about the features; another model, or more samples, may."
    ]
