"""What a cross-validated or held-out test of a model found, ready for people, reports and machines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.outcome import CLASSES, RATINGS
from mien.core.people.unknown import is_own
from mien.learn.ceilings import Ceiling, ceilings_json, learnable, read_ceilings
from mien.learn.class_scores import calibration_of, cautions, class_scores, each_class
from mien.learn.constant import caution_of_constants
from mien.learn.predictions import AnyPredictions, ClassPredictions
from mien.learn.rating_scores import each_rating, rating_scores
from mien.models.store import EVALUATION_FILE, stored_evaluation
from mien.stats.jackknife import FEW_PEOPLE
from mien.stats.scores import Score, confusion

_NAN = float("nan")
_NUMBERS = ("value", "low", "high", "chance", "p")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Scores of predictions with intervals over subjects and chance levels.

    Attributes
    ----------
    predicts : str
        ``'classes'`` or ``'ratings'``.
    target, model : str
    protocol : dict
        Scheme, folds, numbers of subjects and samples, seed.
    scores : dict of str to Score
        Of classes accuracy, balanced_accuracy, macro_f1 and auc; of a rating pearson, spearman, concordance, r2 and
        rmse, of several ratings their mean, without ``rmse``, which has a unit.
    each : dict of str to dict of str to Score
        Of every class (in their order; see also ``per_class``) or rating (``per_rating``).
    left_out : dict of str to int
        Samples without values, label or rating, by status.
    noise_check : dict of str to Score, or None
        ``scores`` after training on shuffled labels or ratings; they have to be at chance.
    notes : list of str
        What has to be known with the numbers, in sentences.
    cost : dict of str to float
        Of the fit on all samples, see ``mien.learn.cost``.
    confusion : ndarray of int, shape (classes, classes), or None
        Rows are true classes.
    calibration : dict
        Of the probabilities of classes.
    ceilings : dict of str to Ceiling
        How far people agree, for the ratings where that is known.
    """

    __repr__ = brief

    predicts: str
    target: str
    model: str
    protocol: dict[str, Any]
    scores: dict[str, Score]
    each: dict[str, dict[str, Score]]
    left_out: dict[str, int]
    noise_check: dict[str, Score] | None = None
    notes: list[str] = field(default_factory=list)
    cost: dict[str, float] = field(default_factory=dict)
    confusion: np.ndarray | None = None
    calibration: dict[str, Any] = field(default_factory=dict)
    ceilings: dict[str, Ceiling] = field(default_factory=dict)

    @property
    def per_class(self) -> dict[str, dict[str, Score]]:
        """``each`` of classes; empty for ratings."""
        return self.each if self.predicts == CLASSES else {}

    @property
    def per_rating(self) -> dict[str, dict[str, Score]]:
        """``each`` of ratings; empty for classes."""
        return self.each if self.predicts == RATINGS else {}

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes."""
        return tuple(self.per_class)

    @property
    def ratings(self) -> tuple[str, ...]:
        """Names of the ratings."""
        return tuple(self.per_rating)

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not a number becomes None."""
        found: dict[str, Any] = {
            "target": self.target,
            "model": self.model,
            "protocol": self.protocol,
            "scores": _plain(self.scores),
            "noise_check": None if self.noise_check is None else _plain(self.noise_check),
            "left_out": self.left_out,
            "notes": self.notes,
            "cost": self.cost,
        }
        each = {name: _plain(scores) for name, scores in self.each.items()}
        if self.predicts == CLASSES:
            confusion = None if self.confusion is None else self.confusion.tolist()
            more = {"classes": list(self.each), "per_class": each}
            return {**found, **more, "confusion": confusion, "calibration": self.calibration}
        known = learnable(self.ceilings, self.each)
        return {
            "predicts": RATINGS,
            **found,
            "ratings": list(self.each),
            "per_rating": each,
            "ceilings": ceilings_json(self.ceilings, self.each),
            "learnable": None if known is None else {"pearson": known.statistic, "p": known.p, "n": len(self.ceilings)},
        }

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> Evaluation:
        """From what ``to_json`` gives; what earlier versions did not write is empty.

        Raises
        ------
        KeyError, TypeError, ValueError, AttributeError
            If it is something else.
        """
        rated = found.get("predicts", CLASSES) == RATINGS
        noise, confusion = found.get("noise_check"), found.get("confusion")
        per = found["per_rating" if rated else "per_class"]
        return cls(
            predicts=RATINGS if rated else CLASSES,
            target=found["target"],
            model=found["model"],
            protocol=dict(found["protocol"]),
            scores=_scores(found["scores"]),
            each={name: _scores(per[name]) for name in found["ratings" if rated else "classes"]},
            left_out=dict(found.get("left_out") or {}),
            noise_check=None if noise is None else _scores(noise),
            notes=list(found.get("notes") or []),
            cost=dict(found.get("cost") or {}),
            confusion=None if confusion is None else np.array(confusion),
            calibration=dict(found.get("calibration") or {}),
            ceilings=read_ceilings(found.get("ceilings") or {}),
        )

    @classmethod
    def read(cls, folder: str | Path) -> Evaluation:
        """Of the model in a folder.

        Parameters
        ----------
        folder : str or Path
            What ``mien train`` wrote.

        Raises
        ------
        InputError
            If there is none, or it belongs to another model or is damaged.
        """
        try:
            return cls.of_json(stored_evaluation(folder))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            place = Path(folder) / EVALUATION_FILE
            raise InputError(f"{place} is not laid out as 'mien train' writes it ({error!r}); train again.") from error


def score(
    predictions: AnyPredictions,
    *,
    target: str,
    model: str,
    protocol: dict[str, Any],
    left_out: dict[str, int],
    noise: AnyPredictions | None = None,
    notes: Sequence[str] = (),
    ceilings: dict[str, Ceiling] | None = None,
    seed: int = 0,
) -> Evaluation:
    """Score predictions.

    Parameters
    ----------
    predictions : ClassPredictions or RatingPredictions
    target, model, protocol, left_out
        See ``Evaluation``.
    noise : the same, optional
        Those of training on shuffled labels or ratings.
    notes : sequence of str
        What is known of the samples, before what their scores cannot show.
    ceilings : dict of str to Ceiling, optional
        Of ratings.
    seed : int
        Of the tests against chance.
    """
    p, ceilings = predictions, ceilings or {}
    details: dict[str, Any] = {}
    said = list(notes)
    if isinstance(p, ClassPredictions):
        details = {"confusion": confusion(p.label, p.predicted, p.classes), "calibration": calibration_of(p)}
        said += cautions(p)
    said += caution_of_constants(p, model)
    said += [*_cautions_of_people(p.subject, p.fold), *(note for c in ceilings.values() for note in c.notes)]
    return Evaluation(
        predicts=CLASSES if isinstance(p, ClassPredictions) else RATINGS,
        target=target,
        model=model,
        protocol=protocol,
        scores=_scored(p, seed),
        each=each_class(p) if isinstance(p, ClassPredictions) else each_rating(p, seed),
        left_out=left_out,
        noise_check=None if noise is None else _scored(noise, seed),
        notes=list(dict.fromkeys(said)),
        ceilings=ceilings,
        **details,
    )


def _scored(p: AnyPredictions, seed: int) -> dict[str, Score]:
    return class_scores(p, seed) if isinstance(p, ClassPredictions) else rating_scores(p, seed)


def _cautions_of_people(subject: np.ndarray, fold: np.ndarray) -> list[str]:
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


def _plain(scores: dict[str, Score]) -> dict[str, dict[str, float | int | None]]:
    return {
        name: {part: float(v) if math.isfinite(v := getattr(s, part)) else None for part in _NUMBERS}
        | {"people": s.people}
        for name, s in scores.items()
    }


def _scores(found: dict[str, Any]) -> dict[str, Score]:
    def number(value: float | None) -> float:
        return _NAN if value is None else float(value)

    return {
        name: Score(**{part: number(row.get(part)) for part in _NUMBERS}, people=int(row.get("people", 0)))
        for name, row in found.items()
    }
