"""The smoothed three-level map: where noise on the input leaves the sign of the evidence, and how much noise.

After Xiao 2024 (arXiv 2404.18352), whose code thresholds one map, so that nothing can be refused. Here every noisy copy
votes for +1, 0 or -1 at every value, and the votes are certified as in randomised smoothing (Cohen, Rosenfeld & Kolter,
ICML 2019).
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

import numpy as np
from scipy.stats import beta, norm

from mien.core.numbers import Range
from mien.core.settings import Positive, Probability, Several
from mien.explain.gradients.noisy import Inner, copies, inner_method, values_of
from mien.explain.problem import Attribution, Problem

LEVELS: Final = "levels"
MEAN: Final = "mean"
RADIUS: Final = "radius"


def smoothed_sign(
    problem: Problem,
    *,
    of: str = "gradient-shap",
    of_settings: Any = None,
    n_samples: Several = 100,
    noise: Positive = 0.25,
    threshold: Annotated[float, Range(0, 1, below=True, words="from 0 to below 1")] = 0.03125,
    trim: Annotated[float, Range(0, 0.5, below=True, words="from 0 to below 0.5")] = 0.05,
    alpha: Probability = 0.001,
    gives: Literal["levels", "mean", "radius"] = LEVELS,
) -> Attribution:
    """Three-level map: +1 or -1 where the sign of the evidence is certified, 0 everywhere else.

    Every noisy copy x + e, e normal with standard deviation s, is given its own values by the method ``of``. At each
    value the copies' votes are counted: above t, between -t and t, below -t. Clopper-Pearson intervals that hold
    for the three shares together with probability 1 - ``alpha`` give a lower bound p1 of the most frequent vote and
    an upper bound p2 of the others. Where p1 > p2 that vote stays the most probable one for every input within
    s / 2 (Phi^-1(p1) - Phi^-1(p2)) of x; elsewhere the map abstains. The certificate holds for each value by itself,
    not for all of them together.

    Parameters
    ----------
    problem : Problem
    of, of_settings
        The method that is asked about every copy, and its settings, as in ``smoothgrad``.
    n_samples : int
        Copies per sample.
    noise : float
        s, as a share of the sample's range; for named features of each one's range in the reference. Radii are in
        the same unit: Euclidean length of the change of the input, each value as a share of its range.
    threshold : float
        t, as a share of the largest absolute value that ``of`` gives the sample itself; the default is the published
        s^2 / 2 at s = 0.25.
    trim : float
        Share of the copies that the trimmed mean leaves out at each end.
    alpha : float
        Probability that a value's certificate is wrong.
    gives : str
        What the values are: ``'levels'`` (-1, 0, 1), ``'mean'`` (trimmed mean over the copies, in the unit of the
        explained output) or ``'radius'`` (certified radius with the level's sign, 0 where the level is 0).

    Returns
    -------
    Attribution
        ``columns``: ``'abstained'`` (share of values where no vote is certified), ``'between'`` (share certified to
        lie between the thresholds), ``'radius'`` (median certified radius of the values that are not abstained;
        NaN if there are none) and ``'passes'`` (copies). ``standard_error``: of the mean vote for levels, of the
        trimmed mean (Tukey & McLaughlin 1963) for the mean, none for the radius. ``abstained``: samples where no vote
        is certified at any value; their levels and radii say nothing.

    Raises
    ------
    InputError
        If a setting is out of its range.
    """
    inner = inner_method(of, of_settings)
    shape = problem.values.shape
    values, error = np.empty(shape, np.float32), np.empty(shape, np.float32)
    columns = {name: np.full(len(values), np.nan) for name in ("abstained", "between", "radius", "passes")}
    answered, refused = np.zeros(len(values), bool), np.zeros(len(values), bool)
    for row in range(len(values)):
        votes = _votes(problem, row, inner, noise, threshold, n_samples, keep=gives == MEAN)
        level, radius, certified = _certify(votes, noise, alpha)
        if gives == MEAN:
            values[row], error[row] = _trimmed(np.concatenate(votes.kept), trim)
        else:
            values[row] = (level if gives == LEVELS else level * radius) + votes.undefined
            error[row] = _error_of_mean_vote(votes)
        answered[row] = votes.any
        # The trimmed mean is an estimate, which no vote certifies.
        refused[row] = gives != MEAN and not certified.any() and np.isfinite(votes.undefined).all()
        columns["abstained"][row] = 1 - certified.mean()
        columns["between"][row] = (certified & (level == 0)).mean()
        columns["radius"][row] = np.median(radius[certified]) if certified.any() else np.nan
        columns["passes"][row] = n_samples
        problem.progress(row + 1, len(values))
    return Attribution(values, None, None if gives == RADIUS else error, columns, inner.facts, answered, refused)


class _Votes:
    """Counts of +1, 0 and -1 per value over the copies of one sample."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.above, self.below = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        self.undefined = np.zeros(shape, np.float32)  # NaN where a copy gave no finite value
        self.count, self.any = 0, False
        self.kept: list[np.ndarray] = []

    @property
    def counts(self) -> np.ndarray:
        """Shape (3, ...): below, between, above."""
        return np.stack([self.below, self.count - self.above - self.below, self.above])


def _votes(
    problem: Problem, row: int, inner: Inner, noise: float, threshold: float, n_samples: int, *, keep: bool
) -> _Votes:
    # Fixed before any copy is drawn, so that all of them, and all inputs nearby, meet the same threshold.
    clean = values_of(problem, inner, problem.values[row : row + 1], problem.seed)
    limit = threshold * float(np.abs(clean).max())
    votes = _Votes(problem.values.shape[1:])
    votes.undefined[:] = 0 * limit  # NaN without a threshold
    for block in copies(problem, row, inner, noise, n_samples):
        votes.above += (block > limit).sum(axis=0)
        votes.below += (block < -limit).sum(axis=0)
        votes.undefined[~np.isfinite(block).all(axis=0)] = np.nan
        votes.count += len(block)
        votes.any |= bool(np.any(block != 0))
        if keep:
            votes.kept.append(block)
    return votes


def _certify(votes: _Votes, noise: float, alpha: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Level (-1, 0, 1), radius and whether there is a certificate, per value."""
    counts, n = votes.counts, votes.count
    # Few different counts, many values: the bounds are looked up.
    possible = np.arange(n + 1)
    # All three two-sided intervals hold together, so the winner may be chosen by the same votes.
    tail = alpha / 6
    lower = np.where(possible == 0, 0.0, beta.ppf(tail, np.maximum(possible, 1), n - possible + 1))
    upper = np.where(possible == n, 1.0, beta.ppf(1 - tail, possible + 1, np.maximum(n - possible, 1)))
    winner = counts.argmax(axis=0)
    won = np.arange(3).reshape(-1, *(1,) * winner.ndim) == winner
    p1 = lower[np.where(won, counts, 0).max(axis=0)]
    p2 = np.minimum(upper[np.where(won, 0, counts).max(axis=0)], 1 - p1)
    certified = (p1 > p2) & np.isfinite(votes.undefined)
    radius = np.where(certified, noise / 2 * (norm.ppf(p1) - norm.ppf(p2)), 0.0)
    return np.where(certified, winner - 1, 0), radius, certified


def _error_of_mean_vote(votes: _Votes) -> np.ndarray:
    n = votes.count
    mean = (votes.above - votes.below) / n
    return np.sqrt(np.maximum((votes.above + votes.below) / n - mean**2, 0) / (n - 1))


def _trimmed(kept: np.ndarray, trim: float) -> tuple[np.ndarray, np.ndarray]:
    """Trimmed mean over the copies and its standard error from the winsorised variance."""
    n = len(kept)
    cut = int(trim * n)
    ordered = np.sort(kept, axis=0).astype(np.float64)
    left = ordered[cut : n - cut]
    ordered[:cut], ordered[n - cut :] = left[0], left[-1]
    return left.mean(axis=0), ordered.std(axis=0, ddof=1) / ((1 - 2 * cut / n) * np.sqrt(n))
