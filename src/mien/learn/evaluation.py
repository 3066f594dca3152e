"""What a cross-validated or held-out test of a model found, ready for people, reports and machines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.in_notebooks import Plotted
from mien.core.outcome import CLASSES, RATINGS, outcome_of
from mien.core.people.unknown import is_own
from mien.core.people.words import SUBJECT, unit_words
from mien.core.results import each as each_of
from mien.core.results import number, numbers, part
from mien.learn.beside import BesideCovariates
from mien.learn.ceilings import PERMUTATIONS, Ceiling, ceilings_json, learnable, read_ceilings
from mien.learn.class_scores import calibration_of, cautions, each_class
from mien.learn.constant import caution_of_constants
from mien.learn.plain_scores import plain_scores, scores_of
from mien.learn.predictions import AnyPredictions, ClassPredictions
from mien.learn.rating_scores import caution_of_levels, each_rating
from mien.learn.scoring import all_scores
from mien.learn.shared_people import SharedPeople
from mien.learn.sites import Sites
from mien.models.store import EVALUATION_FILE, stored_evaluation
from mien.stats.jackknife import FEW_PEOPLE
from mien.stats.permutation import PermutationTest
from mien.stats.scores import Score, better_than_chance, confusion


@dataclass(frozen=True, eq=False)
class Evaluation(Plotted):
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
    learnable : PermutationTest, optional
        Whether ratings that people agree on more are predicted better, see ``mien.learn.ceilings.learnable``.
    weights_sha256 : str
        Of the model that was scored; ``''`` until it is stored, and in files of earlier versions.
    shared : SharedPeople, optional
        Of the scheme ``'user-specific'``: every person's scores, and those on the same samples with people left out.
    beside : BesideCovariates, optional
        The same of covariates alone, and together with the model, where covariates were named.
    sites : Sites, optional
        Of the scheme ``'leave-one-site-out'``: every site's scores, and those of folds over people of all sites.
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
    learnable: PermutationTest | None = None
    weights_sha256: str = ""
    shared: SharedPeople | None = None
    beside: BesideCovariates | None = None
    sites: Sites | None = None

    @property
    def main_score(self) -> Score | None:
        """The score that says whether the model does better than chance."""
        return self.scores.get(outcome_of(self.predicts, ()).main)

    @property
    def beats_chance(self) -> bool:
        """Whether the model is shown to do better than chance; with sites left out by the mean over them, which has a
        test.
        """
        score = self.main_score if self.sites is None else self.sites.mean
        return score is not None and better_than_chance(score)

    def as_shown(self, score: Score) -> Score:
        """A score over all people as people are shown it: with sites left out it has no interval.

        An interval over people does not allow for levels of sites, which go with the outcome by luck; that of the mean
        within sites does.
        """
        if self.sites is None:
            return score
        return replace(score, low=float("nan"), high=float("nan"), withheld=f"{self.sites.called[1]} differ in level")

    @property
    def drawn_score(self) -> Score | None:
        """The main score as drawings have it: with sites left out the mean within them where that is the same score."""
        if self.sites is None or self.main_score is None:
            return self.main_score
        same = self.sites.name == outcome_of(self.predicts, ()).main
        return self.sites.mean if same else self.as_shown(self.main_score)

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
            "scores": plain_scores(self.scores),
            "noise_check": None if self.noise_check is None else plain_scores(self.noise_check),
            "left_out": self.left_out,
            "notes": self.notes,
            "cost": self.cost,
            **({"beside": self.beside.to_json()} if self.beside else {}),
            **({"sites": self.sites.to_json()} if self.sites else {}),
        }
        each = {name: plain_scores(scores) for name, scores in self.each.items()}
        if self.predicts == CLASSES:
            confusion = None if self.confusion is None else self.confusion.tolist()
            more: dict[str, Any] = {"classes": list(self.each), "per_class": each}
            more |= {"shared_people": self.shared.to_json()} if self.shared else {}
            return {**found, **more, "confusion": confusion, "calibration": self.calibration}
        known = self.learnable
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
        ValueError
            If a part of it is something else; the message is its name.
        """
        rated = found.get("predicts", CLASSES) == RATINGS
        per: dict[str, dict[str, Score]] = part(found, "per_rating" if rated else "per_class", _every, {})
        names = part(found, "ratings" if rated else "classes", lambda names: list(map(str, names)), list(per))
        known = found.get("learnable")
        return cls(
            predicts=RATINGS if rated else CLASSES,
            target=part(found, "target", str, ""),
            model=part(found, "model", str, ""),
            protocol=part(found, "protocol", _protocol, {}),
            scores=part(found, "scores", scores_of, {}),
            each={name: per.get(name, {}) for name in names},
            left_out=part(found, "left_out", each_of(_count), {}),
            noise_check=None if found.get("noise_check") is None else part(found, "noise_check", scores_of),
            notes=part(found, "notes", lambda notes: list(map(str, notes)), []),
            cost=part(found, "cost", dict, {}),
            confusion=None if found.get("confusion") is None else part(found, "confusion", _counts),
            calibration=part(found, "calibration", _calibration, {}),
            ceilings=part(found, "ceilings", read_ceilings, {}),
            learnable=None if known is None else part(found, "learnable", _agreement),
            weights_sha256=part(found, "weights_sha256", str, ""),
            beside=None if found.get("beside") is None else part(found, "beside", BesideCovariates.of_json),
            sites=None if found.get("sites") is None else part(found, "sites", Sites.of_json),
            shared=None if found.get("shared_people") is None else part(found, "shared_people", SharedPeople.of_json),
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
        found = stored_evaluation(folder)
        try:
            for name in ("target", "model", "protocol", "scores"):
                part(found, name, len)  # every version has written them
            return cls.of_json(found)
        except ValueError as error:
            place = Path(folder) / EVALUATION_FILE
            raise InputError(f"{place}: {error} is not laid out as 'mien train' writes it; train again.") from error


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
        each = each_class(p)
        details = {"confusion": confusion(p.label, p.predicted, p.classes), "calibration": calibration_of(p)}
        said += cautions(p)
    else:
        each = each_rating(p, seed)
        said += caution_of_levels(p, each)
    said += caution_of_constants(p, model)
    said += [
        *_cautions_of_people(p.subject, p.fold, protocol.get("group_by") or SUBJECT),
        *(note for c in ceilings.values() for note in c.notes),
    ]
    return Evaluation(
        predicts=CLASSES if isinstance(p, ClassPredictions) else RATINGS,
        target=target,
        model=model,
        protocol=protocol,
        scores=all_scores(p, seed),
        each=each,
        left_out=left_out,
        noise_check=None if noise is None else all_scores(noise, seed),
        notes=list(dict.fromkeys(said)),
        ceilings=ceilings,
        learnable=learnable(ceilings, each) if ceilings else None,
        **details,
    )


def _cautions_of_people(subject: np.ndarray, fold: np.ndarray, unit: str) -> list[str]:
    """What is to be said about intervals: too few people, and what they leave out."""
    names = set(subject.astype(str))
    people, most = len(names), "at most " if any(map(is_own, names)) else ""
    one, many = unit_words(unit)
    if people == 1:
        return [f"All samples show one {one}: there is no interval, and nothing is known about other {many}."]
    found = []
    if people < FEW_PEOPLE:
        found.append(
            f"The samples show {most}{people} {many}. Intervals over fewer than {FEW_PEOPLE} do not hold what they say "
            "and are withheld; only scores of exactly 0 or 1 have a bound."
        )
    if len(np.unique(fold)) > 1:
        found.append(
            f"Intervals hold the predictions fixed: they say how the scores vary over {many}, not how they would vary "
            f"if the models had been trained on other {many}."
        )
    return found


def _every(found: dict[str, Any]) -> dict[str, dict[str, Score]]:
    return {name: scores_of(scores) for name, scores in found.items()}


def _protocol(found: dict[str, Any]) -> dict[str, Any]:
    for name in ("n_subjects", "n_samples"):
        number(found.get(name))
    return dict(found)


def _count(value: Any) -> int:
    return int(number(value))


def _counts(rows: list[list[Any]]) -> np.ndarray:
    return np.array([[_count(value) for value in row] for row in rows], dtype=int)


def _calibration(found: dict[str, Any]) -> dict[str, Any]:
    for name in ("confidence", "accuracy", "count"):
        numbers(found.get(name, []))
    for name in ("expected_calibration_error", "brier"):
        number(found.get(name))
    return dict(found)


def _agreement(found: dict[str, Any]) -> PermutationTest:
    return PermutationTest(number(found["pearson"]), number(found["p"]), PERMUTATIONS, False)
