"""What a cross-validated or held-out test of a model found, ready for people, reports and machines."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.files import atomic_path
from mien.core.people.unknown import is_own
from mien.stats.calibration import calibration
from mien.stats.jackknife import FEW_PEOPLE
from mien.stats.scores import Score, classification_scores, confusion, per_class_scores

# Chance gives a score so good no more often than this where nothing leaks from test to training.
LEAK = 0.025
ABOVE, BELOW, AT = "above", "below", "at"


@dataclass(frozen=True, eq=False)
class Predictions:
    """Probabilities for samples that the predicting model had not seen, nor anyone shown in them.

    Attributes
    ----------
    path, subject, label : ndarray of str, shape (samples,)
    fold : ndarray of int, shape (samples,)
        Test fold of each sample; 0 where one stored model made all predictions.
    probabilities : ndarray, shape (samples, classes)
    classes : tuple of str
    """

    __repr__ = brief

    path: np.ndarray
    subject: np.ndarray
    label: np.ndarray
    fold: np.ndarray
    probabilities: np.ndarray
    classes: tuple[str, ...]

    @property
    def predicted(self) -> np.ndarray:
        """The most probable class of each sample."""
        return np.array(self.classes, dtype=object)[self.probabilities.argmax(1)]

    def write(self, path: Path) -> None:
        """Write a Parquet table: path, subject, label, fold, and ``p_<class>`` for every class."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        columns: dict[str, Any] = {
            "path": pa.array([str(v) for v in self.path], pa.string()),
            "subject": pa.array([str(v) for v in self.subject], pa.string()),
            "label": pa.array([str(v) for v in self.label], pa.string()),
            "fold": pa.array(self.fold, pa.int32()),
        }
        for i, name in enumerate(self.classes):
            columns[f"p_{name}"] = pa.array(self.probabilities[:, i], pa.float64())
        with atomic_path(path) as temporary:
            pq.write_table(pa.table(columns), temporary)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Scores of predictions with intervals over subjects and chance levels.

    Attributes
    ----------
    target, model : str
    protocol : dict
        Scheme, folds, numbers of subjects and samples, seed.
    classes : tuple of str
    scores : dict of str to Score
        accuracy, balanced_accuracy, macro_f1, auc.
    confusion : ndarray of int, shape (classes, classes)
        Rows are true classes.
    calibration : dict
    per_class : dict of str to dict of str to Score
    noise_check : dict of str to Score, or None
        The same scores after training on shuffled labels; they have to be at chance.
    left_out : dict of str to int
        Samples without values or label, by status.
    notes : list of str
        What has to be known with the numbers, in sentences.
    cost : dict of str to float
        Of the fit on all samples, see ``mien.learn.cost``.
    """

    __repr__ = brief

    target: str
    model: str
    protocol: dict[str, Any]
    classes: tuple[str, ...]
    scores: dict[str, Score]
    confusion: np.ndarray
    calibration: dict[str, Any]
    per_class: dict[str, dict[str, Score]]
    left_out: dict[str, int]
    noise_check: dict[str, Score] | None = None
    notes: list[str] = field(default_factory=list)
    cost: dict[str, float] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not a number becomes None."""
        noise = None if self.noise_check is None else scores_json(self.noise_check)
        return {
            "target": self.target,
            "model": self.model,
            "protocol": self.protocol,
            "classes": list(self.classes),
            "scores": scores_json(self.scores),
            "confusion": self.confusion.tolist(),
            "calibration": self.calibration,
            "per_class": {label: scores_json(scores) for label, scores in self.per_class.items()},
            "noise_check": noise,
            "left_out": self.left_out,
            "notes": self.notes,
            "cost": self.cost,
        }


def score(
    predictions: Predictions,
    *,
    target: str,
    model: str,
    protocol: dict[str, Any],
    left_out: dict[str, int],
    noise: Predictions | None = None,
    notes: list[str] | None = None,
    seed: int = 0,
) -> Evaluation:
    """Score predictions; ``noise`` are those of training on shuffled labels."""
    p = predictions
    given = (p.label, p.probabilities, p.classes, p.subject)
    return Evaluation(
        target=target,
        model=model,
        protocol=protocol,
        classes=p.classes,
        scores=classification_scores(*given, fold=p.fold, seed=seed),
        confusion=confusion(p.label, p.predicted, p.classes),
        calibration=calibration(p.label, p.probabilities, p.classes).to_json(),
        per_class=per_class_scores(*given, fold=p.fold),
        left_out=left_out,
        noise_check=None if noise is None else noise_scores(noise, seed),
        notes=[*(notes or []), *cautions(p)],
    )


def cautions(p: Predictions) -> list[str]:
    """What the samples cannot show, in sentences: one class only, absent classes, few people, one class per fold."""
    found = []
    labels = set(p.label.astype(str))
    absent = [f"'{name}'" for name in p.classes if name not in labels]
    if len(labels) == 1:
        found.append(
            f"All {len(p.label)} samples are labelled '{next(iter(labels))}': the scores say how many of them were "
            "recognised, not whether the model tells this class from others. A model that always gives this answer "
            "would have the same accuracy, and there is no area under the ROC curve."
        )
    elif absent:
        found.append(f"No sample is labelled {', '.join(absent)}: the scores say nothing about that.")
    folds = np.unique(p.fold)
    if len(labels) > 1 and len(folds) > 1 and all(len(set(p.label[p.fold == f].astype(str))) == 1 for f in folds):
        found.append(
            "Every fold holds one class: no two classes were judged by the same model, so there is no area under the "
            "ROC curve, and as training always lacks a person of the class asked for, guessing reaches somewhat less "
            "than the chance level. The scheme 'stratified' has neither fault."
        )
    return [*found, *cautions_of_people(p.subject, p.fold)]


def cautions_of_people(subject: np.ndarray, fold: np.ndarray) -> list[str]:
    """What is to be said about intervals: too few people, and what they leave out."""
    names = set(subject.astype(str))
    people, most = len(names), "at most " if any(map(is_own, names)) else ""
    if people == 1:
        return ["All samples show one person: there is no interval, and nothing is known about other people."]
    found = []
    if people < FEW_PEOPLE:
        found.append(
            f"The samples show {most}{people} people. Intervals over fewer than {FEW_PEOPLE} do not hold what they say "
            "and are withheld; only scores of exactly 0 or 1 have a bound."
        )
    if len(np.unique(fold)) > 1:
        found.append(
            "Intervals hold the predictions fixed: they say how the scores vary over people, not how they would vary "
            "if the models had been trained on other people."
        )
    return found


def noise_verdict(noise: dict[str, Score]) -> str:
    """Whether the scores after training on shuffled labels are at chance, in a sentence.

    Judged by the balanced accuracy and its test against chance. Below chance, which small and unbalanced sets can give,
    nothing leaks.
    """
    s = noise["balanced_accuracy"]
    where = f"balanced accuracy {s.value:.3f}, 95 % {interval_of(s)}, chance {s.chance:.3f}, p = {s.p:.3f}"
    return "Shuffled labels: " + verdict(s, where, f"balanced accuracy {s.value:.3f}")


def verdict(s: Score, where: str, value: str) -> str:
    """What a score of shuffled labels or ratings says; ``where`` and ``value`` are its words, long and short."""
    side = side_of_chance(s.low, s.high, s.chance, s.p)
    if not side:
        return f"not judged, there is neither an interval nor a test against chance ({value})."
    if side == ABOVE:
        return f"NOT at chance ({where}): something leaks from test to training."
    if side == BELOW:
        return f"below chance ({where}); that is no sign of a leak."
    return f"at chance ({where}), as it has to be."


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


def interval_of(s: Score) -> str:
    """``interval 0.412 to 0.633``, or that it is withheld."""
    return s.between if s.between.startswith("interval") else f"interval {s.between}"


def noise_scores(noise: Predictions, seed: int = 0) -> dict[str, Score]:
    """Scores of predictions against the shuffled labels they were trained on."""
    n = noise
    return classification_scores(n.label, n.probabilities, n.classes, n.subject, fold=n.fold, seed=seed)


def scores_json(scores: dict[str, Score]) -> dict[str, dict[str, float | int | None]]:
    """Scores as plain values; what is not a number becomes None."""
    return {
        name: {part: _number(getattr(s, part)) for part in ("value", "low", "high", "chance", "p")}
        | {"people": s.people}
        for name, s in scores.items()
    }


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def check_learnable(y: np.ndarray, subjects: np.ndarray, target: str) -> None:
    """Refuse one class or one subject, with the reason.

    Raises
    ------
    InputError
    """
    if len(y) == 0:
        raise InputError(f"No sample is left that has both features and a value of '{target}'.")
    if len(np.unique(y.astype(str))) < 2:
        raise InputError(
            f"All {len(y)} usable samples have '{target}' = '{y[0]}'. A model needs at least two classes to tell apart."
        )
    if len(np.unique(subjects.astype(str))) < 2:
        raise InputError(
            f"All {len(y)} usable samples show one subject ('{subjects[0]}'). A model that is to hold for other people "
            "needs samples of several subjects."
        )
