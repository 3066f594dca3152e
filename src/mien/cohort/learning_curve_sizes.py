"""Means and intervals of a learning curve's runs: over drawn people, whose sets overlap, and over those held out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mien.cohort.learning_curve_result import BestOfSet, CurveEstimate, CurveRun, CurveSize
from mien.stats import student
from mien.stats.power_law import PowerLaw, power_law

# Fewer repeats than this have no spread of their own: that of the sizes before them is taken, smaller by the root of
# the number of people.
_LEAST_REPEATS = 4


class _Spread:
    """Errors of means over sets drawn from one pool, size after size."""

    def __init__(self, pool: int) -> None:
        self.pool = pool
        self.known: dict[str, tuple[float, int, int]] = {}

    def error(self, kind: str, values: np.ndarray, size: int) -> tuple[float, int]:
        """Standard error of the mean over repeats, and its degrees of freedom (0 where nothing is known).

        Sets of ``size`` people from a pool share ``size / pool`` of their people on average; so far they are too good
        or too bad together, which their spread does not show.
        """
        share = min(size / self.pool, 1.0)
        if len(values) >= _LEAST_REPEATS and share < 1:
            spread = float(values.std(ddof=1)) / np.sqrt(1 - share)
            self.known[kind] = (spread, size, len(values) - 1)
        if kind not in self.known:
            return float("nan"), 0
        spread, of, freedom = self.known[kind]
        spread *= np.sqrt(of / size)
        return float(spread * np.sqrt((1 - share) / len(values) + share)), freedom


def sizes_of(
    plan: Sequence[tuple[int, int]], runs: Sequence[CurveRun], candidates: Sequence[str], errors: Sequence[float],
    pool: int, seed: int, lowest: float,
) -> tuple[tuple[CurveSize, ...], PowerLaw]:  # fmt: skip
    """Every size, and the power law through them.

    Parameters
    ----------
    plan : sequence of (people, repeats)
    runs : sequence of CurveRun
    candidates : sequence of str
    errors : sequence of float, shape (sizes,)
        Standard errors of the scores from the people held out.
    pool : int
        People that the sets are drawn from.
    seed : int
    lowest : float
        What the score can be at least; at most it is 1. Intervals end there.
    """
    spread = _Spread(pool)
    sizes, drawn = [], []
    for (size, count), error in zip(plan, errors, strict=True):
        here = [run for run in runs if run.people == size]
        mine = [run for run in here if run.candidate == candidates[0]]
        outside, inside = (np.array([getattr(run, key) for run in mine]) for key in ("held_out", "within"))

        def estimate(kind: str, values: np.ndarray, other: float, people: int = size) -> CurveEstimate:
            own, freedom = spread.error(kind, values, people)
            mean = float(values.mean())
            if not freedom:
                return CurveEstimate(mean)
            half = float(student.ppf(0.975, freedom)) * float(np.hypot(own, other))
            # Intervals of few sets are wide; no score lies beyond its range, and no difference beyond its width.
            least, most = (lowest - 1, 1 - lowest) if "optimism" in kind else (lowest, 1.0)
            return CurveEstimate(mean, max(mean - half, least), min(mean + half, most))

        held = estimate("held out", outside, error)
        within, optimism = estimate("within", inside, 0.0), estimate("optimism", inside - outside, error)
        low, high = (float(bound) for bound in np.quantile(inside, (0.05, 0.95)))
        chosen = None
        if len(candidates) > 1:
            best = [max((r for r in here if r.repeat == k), key=lambda run: run.within) for k in range(count)]
            found, said = (np.array([getattr(run, key) for run in best]) for key in ("held_out", "within"))
            chosen = BestOfSet(
                len(candidates), estimate("best within", said, 0.0), estimate("best held out", found, error),
                estimate("best optimism", said - found, error),
            )  # fmt: skip
        sizes.append(CurveSize(size, count, held, within, (low, high), optimism, chosen))
        drawn.append(np.nan_to_num(spread.error("held out", outside, size)[0]))
    people, scores = [size.people for size in sizes], [size.held_out.value for size in sizes]
    return tuple(sizes), power_law(people, scores, drawn, errors, seed=seed)
