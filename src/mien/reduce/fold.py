"""One fold: rank on its training clips, keep fewer and fewer landmarks, fit anew, ask about its test clips."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.reduce.clips import Clips
from mien.reduce.filters import RANKERS
from mien.reduce.importance import Asking, importance
from mien.reduce.learner import Fitted, Learner, fit
from mien.reduce.sets import LandmarkUnits
from mien.reduce.ways import ALL, ANATOMY, EVIDENCE, ONE_SHOT, RANDOM
from mien.stats.folds import Fold


@dataclass(frozen=True, eq=False)
class FoldPlan:
    """What is done in every fold.

    Attributes
    ----------
    counts : tuple of int
        Falling; without the count of all landmarks.
    methods : tuple of str
        Of ``mien.reduce.ways.METHODS``.
    units : LandmarkUnits
    random : dict of int to list of ndarray
        Random sets by count: the same sets in every fold, as if somebody had chosen them once.
    anatomical : dict of str to ndarray
    asking : Asking
    learner : Learner
    """

    counts: tuple[int, ...]
    methods: tuple[str, ...]
    units: LandmarkUnits
    random: dict[int, list[np.ndarray]]
    anatomical: dict[str, np.ndarray]
    asking: Asking
    learner: Learner

    @property
    def n_fits(self) -> int:
        """Most fits in one fold, for progress."""
        rankings = len(set(self.methods) - {RANDOM, ANATOMY})
        drawn = sum(map(len, self.random.values()))
        return 1 + rankings * len(self.counts) + drawn + len(self.anatomical)


@dataclass(frozen=True, eq=False)
class Rung:
    """One set of landmarks in one fold.

    Attributes
    ----------
    method : str
        ``'all landmarks'``, one of ``mien.reduce.ways.METHODS``, or the name of an anatomical set.
    draw : int
        Number of a random set, else 0.
    points : ndarray of int
        Ascending.
    predicted : ndarray of int, shape (test clips,)
    fit_seconds, inference_seconds : float
        Per fit; per clip (NaN where not timed).
    trained, frozen : int
        Parameters.
    """

    method: str
    draw: int
    points: np.ndarray
    predicted: np.ndarray
    fit_seconds: float
    inference_seconds: float
    trained: int
    frozen: int

    @property
    def count(self) -> int:
        """Number of landmarks."""
        return len(self.points)


@dataclass(frozen=True, eq=False)
class FoldResult:
    """What one fold gave.

    Attributes
    ----------
    test : ndarray of int
        Rows of the test clips.
    rankings : dict of str to ndarray of int
        By method: landmarks from most to least important, from the training clips alone.
    rungs : list of Rung
    """

    test: np.ndarray
    rankings: dict[str, np.ndarray]
    rungs: list[Rung]

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        rungs = [
            {
                **{key: getattr(rung, key) for key in ("method", "draw", "fit_seconds", "trained", "frozen")},
                "inference_seconds": None if np.isnan(rung.inference_seconds) else rung.inference_seconds,
                "points": rung.points.tolist(),
                "predicted": rung.predicted.tolist(),
            }
            for rung in self.rungs
        ]
        rankings = {name: order.tolist() for name, order in self.rankings.items()}
        return {"test": self.test.tolist(), "rankings": rankings, "rungs": rungs}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> FoldResult:
        """What ``to_json`` gave."""
        rungs = [
            Rung(
                **{key: rung[key] for key in ("method", "draw", "fit_seconds", "trained", "frozen")},
                inference_seconds=float("nan") if rung["inference_seconds"] is None else rung["inference_seconds"],
                points=np.array(rung["points"], dtype=int),
                predicted=np.array(rung["predicted"], dtype=int),
            )
            for rung in stored["rungs"]
        ]
        rankings = {name: np.array(order, dtype=int) for name, order in stored["rankings"].items()}
        return cls(np.array(stored["test"], dtype=int), rankings, rungs)


class Ladder:
    """Fits on the training clips of one fold (or on all clips); every set of landmarks is fitted once."""

    def __init__(
        self, clips: Clips, plan: FoldPlan, train: np.ndarray, test: np.ndarray, tick: Callable[[], None]
    ) -> None:
        self.clips, self.plan, self.tick = clips, plan, tick
        self.train, self.test = train, clips.values[test]
        self.training = plan.learner.training(clips, train)
        self._done: dict[bytes, Fitted] = {}
        self._importance: dict[bytes, np.ndarray] = {}

    def fitted(self, points: np.ndarray, *, timed: bool = True) -> Fitted:
        """What the network on these landmarks said and cost; the network itself is not kept."""
        key = points.tobytes()
        if key not in self._done:
            self._done[key] = replace(self._fit(points, timed), estimator=None)
        return self._done[key]

    def _fit(self, points: np.ndarray, timed: bool) -> Fitted:
        make = self.plan.learner.maker(self.clips, points)
        return fit(make, self.training, self.test, points, self.clips.classes, timed=timed)

    def evidence(self, points: np.ndarray) -> np.ndarray:
        """Importance of every landmark for every class, zero for those left out; shape (classes, landmarks)."""
        key = points.tobytes()
        if key not in self._importance:
            result = self._fit(points, True)
            self._importance[key] = self._evidence_of(result.estimator, points)
            self._done[key] = replace(result, estimator=None)
        return self._importance[key]

    def _evidence_of(self, estimator: Any, points: np.ndarray) -> np.ndarray:
        if not hasattr(estimator, "model") or not estimator.model().differentiable:
            raise InputError(
                f"'{self.plan.learner.name}' has no gradients, so its evidence cannot rank landmarks; choose a network "
                "(see 'mien train --help'), or leave 'one-shot' and 'recursive' out of methods."
            )
        clips, rows = self.clips, self.train
        values = np.ascontiguousarray(clips.values[rows][:, :, points])
        result = importance(
            estimator.model(), values, clips.y[rows], clips.subjects[rows], self.plan.asking, clips.contrast
        )
        whole = np.zeros((len(result), clips.n_points))
        whole[:, points] = result
        return whole

    def ranking(self, method: str) -> np.ndarray:
        """Landmarks from most to least important by a method that ranks."""
        plan, everything = self.plan, np.arange(self.clips.n_points)
        if method in RANKERS:
            rows, y = self.clips.question(self.train)
            return plan.units.order(RANKERS[method](self.clips.values[rows], y))
        order = plan.units.order(self.evidence(everything))
        if method == ONE_SHOT:
            return order
        # Recursive elimination: who leaves at a rung ranks behind all who stay, and is ordered by that rung's evidence.
        for count in plan.counts:
            kept = plan.units.take(order, count)
            again = plan.units.order(self.evidence(kept))
            self.tick()
            order = np.concatenate([again[np.isin(again, kept)], order[~np.isin(order, kept)]])
        return order


def run_fold(clips: Clips, plan: FoldPlan, fold: Fold, tick: Callable[[], None]) -> FoldResult:
    """Everything that one fold has to say; nothing in it looks at the test clips before they are predicted."""
    train, test = fold
    ladder = Ladder(clips, plan, train, test, tick)
    rungs: list[Rung] = []

    def add(method: str, points: np.ndarray, draw: int = 0) -> None:
        result = ladder.fitted(points, timed=draw == 0)
        costs = (result.fit_seconds, result.inference_seconds, result.trained, result.frozen)
        rungs.append(Rung(method, draw, points, result.predicted, *costs))
        tick()

    add(ALL, np.arange(clips.n_points))
    rankings = {name: ladder.ranking(name) for name in plan.methods if name in EVIDENCE or name in RANKERS}
    for name, order in rankings.items():
        for count in plan.counts:
            add(name, plan.units.take(order, count))
    if RANDOM in plan.methods:
        for sets in plan.random.values():
            for draw, points in enumerate(sets):
                add(RANDOM, points, draw)
    if ANATOMY in plan.methods:
        for name, points in plan.anatomical.items():
            add(name, points)
    return FoldResult(test, rankings, rungs)
