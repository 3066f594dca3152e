"""One score of the trim curve, and what the ways of leaving people out are called."""

from __future__ import annotations

from dataclasses import dataclass

HONEST, PUBLISHED, RANDOM, RANDOM_BOTH = "honest", "as published", "random", "random, both"
MODES = {
    HONEST: "only people of the training are left out, test people stay whole",
    PUBLISHED: "test people are left out as well: selects easy cases with knowledge of the questionnaire that is not "
    "there when the model is used",
    RANDOM: "as many people of the training are left out, whoever they are",
    RANDOM_BOTH: "as many people of training and test are left out, whoever they are",
}
MEASURES = {"macro_f1": "macro F1", "auc": "AUC"}


@dataclass(frozen=True)
class TrimPoint:
    """One score on the curve.

    Attributes
    ----------
    share : float
        Of the people, those left out.
    mode, score : str
        One of ``MODES``; ``'macro_f1'`` or ``'auc'``.
    value, low, high : float
        With its 95 % interval over people.
    gain, gain_low, gain_high : float
        Less the score with nobody left out, of the same people where they are in both.
    people : int
        Of the test.
    """

    share: float
    mode: str
    score: str
    value: float
    low: float
    high: float
    gain: float
    gain_low: float
    gain_high: float
    people: int
