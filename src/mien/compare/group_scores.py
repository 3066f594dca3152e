"""The scores of one group's predictions, and the same scores as sums over people, which tests of gaps exchange."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from mien.compare.fairness_result import Curve
from mien.learn.predictions import AnyPredictions, ClassPredictions, RatingPredictions
from mien.stats.calibration_scores import (
    Stated,
    calibration_error,
    calibration_intercept,
    calibration_slope,
    equal_bins,
    logistic_rows,
    offset_rows,
    over_confidence,
)
from mien.stats.class_intervals import Answers, means_intervals
from mien.stats.class_statistics import balanced_accuracy
from mien.stats.jackknife import FEW_PEOPLE, Interval, subject_interval
from mien.stats.regression_scores import mean_scores
from mien.stats.scores import class_codes
from mien.stats.shares import mean_interval
from mien.stats.subjects import codes_of
from mien.stats.sums import Sums, bin_sums, by_person, pair_sums, value_and_slope

Key = tuple[str, str]
_NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Summed:
    """A score as sums over samples.

    Attributes
    ----------
    kind : str
        See ``mien.stats.sums.Sums``.
    rows : ndarray, shape (samples, sums)
        What each sample adds; of 'calibration' confidence less 1 or 0, shape (samples, 1).
    place : ndarray of int, shape (samples,), optional
        Bin of each sample.
    """

    kind: str
    rows: np.ndarray
    place: np.ndarray | None = None

    def of(self, chosen: np.ndarray, who: np.ndarray, people: int) -> Sums:
        """What each person's chosen samples add."""
        if self.place is not None:
            bins = int(self.place.max()) + 1
            return Sums(self.kind, bin_sums(self.rows[chosen, 0], self.place[chosen], bins, who[chosen], people))
        return Sums(self.kind, by_person(self.rows[chosen], who[chosen], people))


def part_of(p: Any, rows: np.ndarray) -> Any:
    """Some of the predictions."""
    per_sample = {name: value[rows] for name, value in vars(p).items() if isinstance(value, np.ndarray)}
    return replace(p, **per_sample)


def bins_of(p: AnyPredictions) -> list[np.ndarray]:
    """Bounds between bins of what is said, alike for all groups: of confidence, or of every rating."""
    said = p.probabilities.max(1)[:, None] if isinstance(p, ClassPredictions) else p.predicted
    return [equal_bins(column) for column in said.T]


def stated_of(p: ClassPredictions, edges: np.ndarray) -> Stated:
    """Confidence and right answers."""
    right = p.predicted.astype(str) == p.label.astype(str)
    return Stated(p.probabilities.max(1), right, p.subject, edges)


def group_scores(p: AnyPredictions, edges: list[np.ndarray], pooled: np.ndarray | None) -> dict[Key, Any]:
    """Value and interval of every measure of some predictions, by measure and class or rating.

    Parameters
    ----------
    p : ClassPredictions or RatingPredictions
        Of one group.
    edges : list of ndarray
        See ``bins_of``.
    pooled : ndarray, shape (samples, ratings), optional
        Of ratings: predictions as if one model had made them.
    """
    if isinstance(p, ClassPredictions):
        return _of_classes(p, edges[0])
    assert pooled is not None
    return _of_ratings(p, pooled)


def _of_classes(p: ClassPredictions, edges: np.ndarray) -> dict[Key, tuple[float, Interval]]:
    stated, names = stated_of(p, edges), list(p.classes)
    truth, said = class_codes(p.label, names), p.probabilities.argmax(1)
    answers = Answers(truth, said, p.probabilities, p.fold, p.subject, names)
    mean = float(balanced_accuracy(np.ones((1, len(truth))), truth, said, len(names))[0])
    found: dict[Key, tuple[float, Interval]] = {
        ("accuracy", ""): (float(stated.right.mean()), mean_interval(stated.right, p.subject)),
        ("balanced_accuracy", ""): (mean, means_intervals(answers)["balanced_accuracy"]),
    }
    for c in np.flatnonzero(answers.shows.any(0)):
        own, few = truth == c, answers.too_few(np.array([c]))
        held = mean_interval(stated.right[own], answers.who[own], of=len(answers.shows))
        value = float(stated.right[own].mean())
        found["recall", names[c]] = value, Interval(_NAN, _NAN, held.people, few) if few else held
    found["calibration_error", ""] = calibration_error(stated)
    found["over_confidence", ""] = over_confidence(stated)
    found["calibration_slope", ""] = calibration_slope(stated)
    found["calibration_intercept", ""] = calibration_intercept(stated)
    return found


def _of_ratings(p: RatingPredictions, pooled: np.ndarray) -> dict[Key, tuple[float, Interval]]:
    found: dict[Key, tuple[float, Interval]] = {}
    for j, name in enumerate(p.ratings):
        truth, said = p.truth[:, j], p.predicted[:, j]
        off = said - truth
        ones = np.ones((1, len(off)))
        pairs = truth[:, None], pooled[:, [j]]
        r = mean_scores(*pairs, p.subject, names=("pearson",), n_permutations=0)["pearson"]
        found["pearson", name] = r.value, Interval(r.low, r.high, r.people, r.withheld)
        error = partial(_root_mean_square, off=off)
        found["rmse", name] = float(error(ones)[0]), subject_interval(error, p.subject, "error")
        mean = partial(_weighted_mean, values=off)
        found["bias", name] = float(off.mean()), subject_interval(mean, p.subject, "plain")
        rows = pair_sums(said - said.mean(), truth - truth.mean())
        slope = partial(_weighted_slope, rows=rows)
        value = float(slope(ones)[0])
        found["calibration_slope", name] = value, subject_interval(slope, p.subject, "plain")
    return found


def _weighted_mean(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    found: np.ndarray = weights @ values / weights.sum(1)
    return found


def _root_mean_square(weights: np.ndarray, off: np.ndarray) -> np.ndarray:
    found: np.ndarray = np.sqrt(_weighted_mean(weights, off**2))
    return found


def _weighted_slope(weights: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return value_and_slope("slope", weights @ rows)[0]


def summed(p: AnyPredictions, edges: list[np.ndarray], pooled: np.ndarray | None) -> dict[Key, Summed]:
    """Every measure of two groups' predictions together, as sums; measures without a common fit are left out."""
    if isinstance(p, ClassPredictions):
        return _sums_of_classes(p, edges[0])
    assert pooled is not None
    found: dict[Key, Summed] = {}
    ones = np.ones(len(p.truth))
    for j, name in enumerate(p.ratings):
        truth, said = p.truth[:, j], p.predicted[:, j]
        middle = truth.mean()
        found["pearson", name] = Summed("correlation", pair_sums(pooled[:, j] - pooled[:, j].mean(), truth - middle))
        found["rmse", name] = Summed("error", np.stack([(said - truth) ** 2, ones], axis=1))
        found["bias", name] = Summed("ratio", np.stack([said - truth, ones], axis=1))
        found["calibration_slope", name] = Summed("slope", pair_sums(said - said.mean(), truth - middle))
    return found


def _sums_of_classes(p: ClassPredictions, edges: np.ndarray) -> dict[Key, Summed]:
    stated = stated_of(p, edges)
    right, ones = stated.right.astype(float), np.ones(len(p.label))
    names = [name for name in p.classes if (p.label.astype(str) == name).any()]
    of_class = np.eye(len(p.classes))[class_codes(p.label, list(p.classes))][:, [p.classes.index(n) for n in names]]
    off = stated.confidence - right
    found: dict[Key, Summed] = {
        ("accuracy", ""): Summed("ratio", np.stack([right, ones], axis=1)),
        ("balanced_accuracy", ""): Summed("ratio", np.concatenate([of_class * right[:, None], of_class], axis=1)),
    }
    for c, name in enumerate(names):
        found["recall", name] = Summed("ratio", np.stack([of_class[:, c] * right, of_class[:, c]], axis=1))
    found["calibration_error", ""] = Summed("calibration", off[:, None], stated.place)
    found["over_confidence", ""] = Summed("ratio", np.stack([off, ones], axis=1))
    for name, kind, rows in (("slope", "logistic", logistic_rows), ("intercept", "ratio", offset_rows)):
        values = rows(stated)
        if values is not None:
            found[f"calibration_{name}", ""] = Summed(kind, values)
    return found


def curves_of(p: AnyPredictions, edges: list[np.ndarray], column: str, group: str) -> list[Curve]:
    """Reliability curves of one group: of the answers, or of every rating."""
    people = len(codes_of(p.subject)[0])
    if isinstance(p, ClassPredictions):
        stated = stated_of(p, edges[0])
        return [_curve(stated.confidence, stated.right.astype(float), p.subject, edges[0], (column, group, ""), people)]
    return [
        _curve(p.predicted[:, j], p.truth[:, j], p.subject, edges[j], (column, group, name), None)
        for j, name in enumerate(p.ratings)
    ]


def _curve(
    said: np.ndarray, was: np.ndarray, subject: np.ndarray, edges: np.ndarray, of: tuple[str, str, str],
    share_of: int | None,
) -> Curve:  # fmt: skip
    place = np.searchsorted(edges, said, side="left")
    cells: list[tuple[float, float, float, float, int]] = []
    for number in np.unique(place):
        rows = place == number
        if share_of is not None:
            bounds = mean_interval(was[rows], subject[rows], of=share_of)
        else:
            mean = partial(_weighted_mean, values=was[rows])
            bounds = subject_interval(mean, subject[rows], "plain")
        low, high = bounds.low, bounds.high
        if bounds.people < FEW_PEOPLE and share_of is None:
            low = high = _NAN
        cells.append((float(said[rows].mean()), float(was[rows].mean()), low, high, int(rows.sum())))
    columns: Any = zip(*cells, strict=True)
    return Curve(*of, *(tuple(column) for column in columns))
