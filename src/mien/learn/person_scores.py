"""How a model does on each person: the share of a person's samples that it gets right, with its exact interval."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from mien.learn.predictions import ClassPredictions


@dataclass(frozen=True)
class PersonScore:
    """One person's samples.

    Attributes
    ----------
    person : str
    right, samples : int
    low, high : float
        95 % interval of the share that is right (Clopper and Pearson, Biometrika 26, 1934), as if the person's samples
        were drawn one by one.
    always : float
        Share that one answer given every time would get right: that of the person's commonest class.
    """

    person: str
    right: int
    samples: int
    low: float
    high: float
    always: float

    @property
    def share(self) -> float:
        """Share of samples that is right."""
        return self.right / self.samples

    @property
    def works(self) -> bool:
        """Whether even the low end is better than one answer given every time."""
        return self.low > self.always


def person_scores(predictions: ClassPredictions) -> tuple[PersonScore, ...]:
    """Every person's score, the worst first.

    Parameters
    ----------
    predictions : ClassPredictions
    """
    from scipy.stats import binomtest

    right = predictions.predicted.astype(str) == predictions.label.astype(str)
    found = []
    for person in dict.fromkeys(predictions.subject.astype(str)):
        mine = np.flatnonzero(predictions.subject.astype(str) == person)
        hits = int(right[mine].sum())
        interval = binomtest(hits, len(mine)).proportion_ci(method="exact")
        most = max(Counter(predictions.label[mine].astype(str)).values())
        found.append(PersonScore(person, hits, len(mine), float(interval.low), float(interval.high), most / len(mine)))
    return tuple(sorted(found, key=lambda row: (row.share, -row.samples)))
