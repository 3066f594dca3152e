"""Is the heterogeneity behind equal totals more than expected: nulls of the Symptom Discrepancy Index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from mien.cohort.item_patterns import discrepancy_index
from mien.engine.spread import Spreading, spread
from mien.engine.work import Item
from mien.stats.graded_response import chance, fit_graded_response

_NAN = float("nan")
# Fewer people with an index say nothing of a set.
LEAST_PEOPLE = 20
# People whose answers say what a model expects at each total.
_DRAWN = 20_000
PERMUTED, ONE_FACTOR = "items permuted", "one factor"
MEANINGS = {
    PERMUTED: "everybody's answers change places between the items, so that totals stay and which items they are in is "
    "chance",
    ONE_FACTOR: "answers of a graded-response model of one factor with the items' own slopes and thresholds",
}


@dataclass(frozen=True)
class DiscrepancyNull:
    """A set's index beside what is expected.

    Attributes
    ----------
    name : str
        ``'items permuted'`` or ``'one factor'``.
    expected, low, high : float
        Mean index of the sets drawn, and the middle 95 % of them.
    p_more, p_less : float
        Share of sets, the one seen among them, that are at least (at most) as heterogeneous.
    draws : int
    """

    name: str
    expected: float
    low: float
    high: float
    p_more: float
    p_less: float
    draws: int


def set_index(index: np.ndarray) -> float:
    """The mean over the people who have one; NaN for none."""
    known = index[np.isfinite(index)]
    return float(known.mean()) if len(known) else _NAN


def nulls_of(
    answers: np.ndarray, *, distance: str = "city-block", neighbours: int = 0, n_null: int = 199, seed: int = 0,
    spreading: Spreading | None = None,
) -> tuple[list[DiscrepancyNull], np.ndarray]:  # fmt: skip
    """Both nulls of a set, and what one factor expects at each person's total.

    Parameters
    ----------
    answers : ndarray of int, shape (people, items)
        From 0; turned already; without gaps.
    distance, neighbours
        See ``mien.cohort.item_patterns.discrepancy_index``.
    n_null : int
        Sets drawn of each kind.
    seed : int
    spreading : callable, optional
        Workers that do ``SetsBeyond``; by default this process does.

    Returns
    -------
    nulls : list of DiscrepancyNull
    expected : ndarray, shape (people,)
        NaN where nobody of that total was drawn.

    Notes
    -----
    Of one factor: the indices that the fitted model expects at each total are subtracted, and so they are in every set
    that is drawn from it, to which the model is fitted anew (a parametric bootstrap). p has its level:
    ``benchmarks/cohort/scales.py``.
    """
    rng, work = np.random.default_rng(seed), SetsBeyond(distance, neighbours)
    seen = set_index(work.measured(answers))
    permuted = np.array([set_index(work.measured(rng.permuted(answers, axis=1))) for _ in range(n_null)])
    beyond, expected = _beyond_one_factor(answers, work.measured)
    model = fit_graded_response(answers)
    # Drawn here one after the other, so that each set is the same wherever it is fitted.
    items = (Item(f"set {number + 1}", model.draw(len(answers), rng)) for number in range(n_null))
    drawn = np.array([done.result() for done in (spreading(items) if spreading else spread(work, items))])
    return [_null(PERMUTED, seen, permuted), _null(ONE_FACTOR, seen, seen - beyond + drawn)], expected


@dataclass(frozen=True)
class SetsBeyond:
    """What a worker does to a set drawn: how much its index is above that of one factor fitted to it.

    Attributes
    ----------
    distance : str
    neighbours : int
    """

    distance: str
    neighbours: int

    def start(self, threads: int) -> None:
        """Nothing is needed."""

    def do(self, ready: None, value: np.ndarray, step: Callable[[Any], None]) -> float:
        """Of answers, shape (people, items)."""
        return _beyond_one_factor(value, self.measured)[0]

    def measured(self, answers: np.ndarray) -> np.ndarray:
        """Everybody's index."""
        return discrepancy_index(answers, distance=self.distance, neighbours=self.neighbours)[0]


def _beyond_one_factor(answers: np.ndarray, measured: Callable[[np.ndarray], np.ndarray]) -> tuple[float, np.ndarray]:
    """How much a set's index is above that of one factor fitted to it; and the one expected at each person's total."""
    drawn = fit_graded_response(answers).answers(*_same_chance(max(_DRAWN, len(answers)), answers.shape[1]))
    totals, most = answers.sum(1), int(max(answers.sum(1).max(initial=0), drawn.sum(1).max(initial=0))) + 1
    own, people = _by_total(totals, measured(answers), most)
    mean, many = _by_total(drawn.sum(1), measured(drawn), most)
    both = (people > 0) & (many > 0)
    if not both.any():
        return _NAN, np.full(len(answers), _NAN)
    weight = people[both] / people[both].sum()
    return float(weight @ (own - mean)[both]), np.where(many > 0, mean, _NAN)[totals]


@lru_cache(maxsize=1)
def _same_chance(people: int, items: int) -> tuple[np.ndarray, np.ndarray]:
    """The same random numbers for every model, so that what differs between sets is the sets."""
    return chance(people, items, np.random.default_rng(0))


def _by_total(totals: np.ndarray, index: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean index and number of people with one, by total."""
    known = np.isfinite(index)
    many = np.bincount(totals[known], minlength=most)
    return np.bincount(totals[known], index[known], most) / np.maximum(many, 1), many


def _null(name: str, seen: float, drawn: np.ndarray) -> DiscrepancyNull:
    known = drawn[np.isfinite(drawn)]
    if not len(known) or seen != seen:
        return DiscrepancyNull(name, _NAN, _NAN, _NAN, _NAN, _NAN, len(known))
    low, high = np.quantile(known, [0.025, 0.975])
    # Rounding must not part what is equal.
    more, less = (known >= seen - 1e-9).sum(), (known <= seen + 1e-9).sum()
    return DiscrepancyNull(
        name, float(known.mean()), float(low), float(high), float((more + 1) / (len(known) + 1)),
        float((less + 1) / (len(known) + 1)), len(known),
    )  # fmt: skip
