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
from mien.stats.calibration import calibration
from mien.stats.scores import Score, classification_scores, confusion, per_class_auc

# Drawing so few people with replacement gives intervals that are far too narrow.
FEW_PEOPLE = 5


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
        Of the fit on all samples, see ``mien.models.cost``.
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
        scores=classification_scores(*given, seed=seed),
        confusion=confusion(p.label, p.predicted, p.classes),
        calibration=calibration(p.label, p.probabilities, p.classes).to_json(),
        per_class=_per_class(p, seed),
        left_out=left_out,
        noise_check=None if noise is None else noise_scores(noise, seed),
        notes=[*(notes or []), *cautions(p)],
    )


def cautions(p: Predictions) -> list[str]:
    """What the samples cannot show, in sentences: one class only, classes that are absent, very few people."""
    found = []
    labels, people = set(p.label.astype(str)), len(set(p.subject.astype(str)))
    absent = [f"'{name}'" for name in p.classes if name not in labels]
    if len(labels) == 1:
        found.append(
            f"All {len(p.label)} samples are labelled '{next(iter(labels))}': the scores say how many of them were "
            "recognised, not whether the model tells this class from others. A model that always gives this answer "
            "would have the same accuracy, and there is no area under the ROC curve."
        )
    elif absent:
        found.append(f"No sample is labelled {', '.join(absent)}: the scores say nothing about that.")
    if people == 1:
        found.append("All samples show one person: there is no interval, and nothing is known about other people.")
    elif people < FEW_PEOPLE:
        found.append(f"The samples show {people} people. Intervals from so few are too narrow; do not rely on them.")
    return found


def noise_verdict(noise: dict[str, Score]) -> str:
    """Whether the scores after training on shuffled labels are at chance, in a sentence.

    Judged by the balanced accuracy: at chance if its interval holds chance. Below chance, which small and unbalanced
    sets can give, nothing leaks.
    """
    s = noise["balanced_accuracy"]
    where = f"{s.value:.3f}, 95 % interval {s.low:.3f} to {s.high:.3f}, chance {s.chance:.3f}"
    if not (math.isfinite(s.low) and math.isfinite(s.high)):
        return f"Shuffled labels: not judged, there is no interval (balanced accuracy {s.value:.3f})."
    if s.low > s.chance:
        return f"Shuffled labels: NOT at chance (balanced accuracy {where}): something leaks from test to training."
    if s.high < s.chance:
        return f"Shuffled labels: below chance (balanced accuracy {where}); that is no sign of a leak."
    return f"Shuffled labels: at chance (balanced accuracy {where}), as it has to be."


def noise_scores(noise: Predictions, seed: int = 0) -> dict[str, Score]:
    """Scores of predictions against the shuffled labels they were trained on."""
    return classification_scores(noise.label, noise.probabilities, noise.classes, noise.subject, seed=seed)


def _per_class(p: Predictions, seed: int) -> dict[str, dict[str, Score]]:
    areas = per_class_auc(p.label, p.probabilities, p.classes, p.subject, seed=seed)
    result: dict[str, dict[str, Score]] = {}
    for label in p.classes:
        result[label] = {"auc": areas[label]}
        own = p.label == label
        if own.any():
            # Recall: accuracy among the samples of this class; its chance level is that of an even guess.
            of_class = classification_scores(p.label[own], p.probabilities[own], p.classes, p.subject[own], seed=seed)[
                "accuracy"
            ]
            result[label]["recall"] = Score(of_class.value, of_class.low, of_class.high, 1 / len(p.classes))
    return result


def scores_json(scores: dict[str, Score]) -> dict[str, dict[str, float | None]]:
    """Scores as plain values; what is not a number becomes None."""
    return {
        name: {part: _number(getattr(s, part)) for part in ("value", "low", "high", "chance")}
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
