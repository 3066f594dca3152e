"""Calibration of stated probabilities over people: distance without what chance adds, slope and intercept."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import expit, logit, ndtri

from mien.stats.jackknife import FEW_PEOPLE, Interval, Statistic, subject_interval
from mien.stats.shares import mean_interval
from mien.stats.subjects import codes_of
from mien.stats.sums import bin_sums, calibration_and_variance

# Probabilities of exactly 0 and 1 have no logarithm of their odds.
_LEAST = 1e-6
# Slopes and intercepts that hang on the wrong answers of fewer people have intervals that are much too narrow.
LEAST_WRONG = 5
_STEPS, _DRAWS, _POINTS = 30, 2000, 201
# Newton's steps end when none of them moves anything by more.
_STILL = 1e-9
_NAN = float("nan")


@dataclass(frozen=True, eq=False)
class Stated:
    """Probabilities that were stated, and whether the answers were right.

    Attributes
    ----------
    confidence : ndarray, shape (samples,)
        Probability of the answer that was given.
    right : ndarray of bool, shape (samples,)
    subjects : ndarray of str, shape (samples,)
    edges : ndarray, shape (bins - 1,)
        Bounds between bins, see ``equal_bins``.
    """

    confidence: np.ndarray
    right: np.ndarray
    subjects: np.ndarray
    edges: np.ndarray

    @cached_property
    def place(self) -> np.ndarray:
        """Bin of each sample."""
        return np.searchsorted(self.edges, self.confidence, side="left")

    @property
    def odds(self) -> np.ndarray:
        """Logarithm of the odds of the confidence."""
        found: np.ndarray = logit(np.clip(self.confidence, _LEAST, 1 - _LEAST))
        return found


def equal_bins(confidence: np.ndarray, bins: int = 5) -> np.ndarray:
    """Bounds between bins of about equally many samples, shape (at most bins - 1,)."""
    inner = np.quantile(confidence, np.arange(1, bins) / bins)
    return np.unique(inner[inner < confidence.max()])


def calibration_error(stated: Stated, *, level: float = 0.95, seed: int = 0) -> tuple[float, Interval]:
    """Root mean square over bins of confidence less accuracy, without what chance adds; with its interval.

    Parameters
    ----------
    stated : Stated
    level : float
        Coverage, between 0 and 1.
    seed : int

    Notes
    -----
    The plain expected calibration error is never 0: of a perfectly calibrated model in few people it is as large as
    chance makes it, so smaller groups look worse calibrated. Its squares are unbiased once the variance of each bin's
    mean is taken off (Kumar, Liang & Ma 2019, "Verified uncertainty calibration", NeurIPS), here that over people. The
    interval holds those errors with which a squared distance as large, and as small, as the observed one is no
    exception, where bins stray as people do (normal, with few people as Student's t), those who were seen and two more,
    one who is right throughout and one who is wrong (after Agresti & Coull 1998, Am. Stat. 52(2)).
    """
    names, who = codes_of(stated.subjects)
    people = len(names)
    bins = len(stated.edges) + 1
    sums = bin_sums(stated.confidence - stated.right, stated.place, bins, who, people)
    value = float(np.sqrt(max(0.0, float(calibration_and_variance(sums.sum(0))[0]))))
    if people < FEW_PEOPLE:
        return value, Interval(_NAN, _NAN, people, f"{people} people" if people != 1 else "1 person")
    off, count = (sums[:, part * bins : (part + 1) * bins] for part in (0, 1))
    filled = count.sum(0) > 0
    off, count = off[:, filled], count[:, filled]
    share, away = count.sum(0) / count.sum(), off.sum(0) / count.sum(0)
    strays = (off - away * count) / count.sum(0) * np.sqrt(people / (people - 1))
    # Two more people, right and wrong throughout: where nearly all are right, people hardly differ, and that says
    # little of people who were not seen.
    said = np.bincount(stated.place, stated.confidence, bins)[filled] / count.sum(0)
    strays = np.concatenate([strays, (said - np.array([[0.0], [1.0]]) - away) / people])
    rng = np.random.default_rng(seed)
    drawn = rng.normal(size=(_DRAWS, len(strays))) @ strays
    drawn *= np.sqrt((people - 1) / rng.chisquare(people - 1, size=_DRAWS))[:, None]
    size = float(np.sqrt(share @ away**2))
    way = away / size if size > 0 else np.ones(len(away))
    most = size + 6 * float(np.sqrt((drawn**2 @ share).mean()))
    errors = np.linspace(0, most, _POINTS)
    # |error * way + drawn|^2, weighed by the bins' shares.
    along = drawn @ (share * way)
    squares = errors[:, None] ** 2 + 2 * errors[:, None] * along + drawn**2 @ share
    tail = (1 - level) / 2
    above = (squares >= size**2).mean(1)
    inside = errors[(above >= tail) & (above <= 1 - tail)]
    low, high = (float(inside.min()), float(inside.max())) if len(inside) else (0.0, 0.0)
    # An observed distance that is smaller than chance makes it does not show that there is none.
    high = max(high, value + float(ndtri(1 - tail) * along.std()))
    return value, Interval(min(low, value), max(high, value), people)


def over_confidence(stated: Stated) -> tuple[float, Interval]:
    """Mean confidence less the share of right answers, from -1 to 1."""
    off = (stated.confidence - stated.right + 1) / 2
    found = mean_interval(off, stated.subjects)
    return float(2 * off.mean() - 1), Interval(2 * found.low - 1, 2 * found.high - 1, found.people, found.withheld)


def logistic_fit(
    weights: np.ndarray, odds: np.ndarray, right: np.ndarray, start: tuple[float, float] = (0.0, 0.0)
) -> np.ndarray:
    """Intercept and slope of being right on the logarithm of the stated odds, shape (draws, 2).

    Parameters
    ----------
    weights : ndarray, shape (draws, samples)
    odds, right : ndarray, shape (samples,)
    start : (float, float)
        Intercept and slope to begin with; fits to nearly the same samples are soon there.

    Returns
    -------
    ndarray, shape (draws, 2)
        NaN where all answers with weight are right, or wrong, or one confidence parts them.
    """
    theta = np.tile(np.array(start), (len(weights), 1))
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for _ in range(_STEPS):
            p = expit(theta[:, :1] + theta[:, 1:] * odds)
            score, spread = weights * (right - p), weights * p * (1 - p)
            s1, s2 = score.sum(1), score @ odds
            i11, i12, i22 = spread.sum(1), spread @ odds, spread @ odds**2
            below = i11 * i22 - i12**2
            step = np.stack([(i22 * s1 - i12 * s2) / below, (i11 * s2 - i12 * s1) / below], axis=1)
            theta = theta + np.clip(step, -5, 5)
            # Not a number counts as ended: it stays one.
            if not (np.abs(step) > _STILL).any():
                break
    done = np.isfinite(step).all(1) & (np.abs(step) < 1e-6).all(1) & (np.abs(theta) < 100).all(1)
    return np.where(done[:, None], theta, _NAN)


def offset_fit(weights: np.ndarray, odds: np.ndarray, right: np.ndarray, near: float = 0.0) -> np.ndarray:
    """What has to be added to the stated log odds so that they are right on average, shape (draws,); begun ``near``."""
    start = np.full(len(weights), near)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for _ in range(_STEPS):
            p = expit(start[:, None] + odds)
            step = np.clip((weights * (right - p)).sum(1) / (weights * p * (1 - p)).sum(1), -3, 3)
            start = start + step
            if not (np.abs(step) > _STILL).any():
                break
    return np.where(np.abs(step) < 1e-6, start, _NAN)


def calibration_slope(stated: Stated) -> tuple[float, Interval]:
    """Slope of being right on the stated log odds (Cox 1958): 1 where they hold, below 1 where they are too extreme."""
    odds, right = stated.odds, stated.right.astype(float)
    level, value = logistic_fit(np.ones((1, len(odds))), odds, right)[0].tolist()
    return value, _interval(value, stated, lambda weights: logistic_fit(weights, odds, right, (level, value))[:, 1])


def calibration_intercept(stated: Stated) -> tuple[float, Interval]:
    """What the stated log odds lack on average, with the slope held at 1: below 0 where they are too high."""
    odds, right = stated.odds, stated.right.astype(float)
    value = float(offset_fit(np.ones((1, len(odds))), odds, right)[0])
    return value, _interval(value, stated, lambda weights: offset_fit(weights, odds, right, value))


def _interval(value: float, stated: Stated, statistic: Statistic) -> Interval:
    people = len(codes_of(stated.subjects)[0])
    if value != value:
        all_same = stated.right.all() or not stated.right.any()
        return Interval(_NAN, _NAN, people, "no answer is wrong" if all_same else "no fit")
    for side, words in ((~stated.right, "wrong"), (stated.right, "right")):
        found = len(codes_of(stated.subjects[side])[0])
        if found < LEAST_WRONG:
            return Interval(
                _NAN, _NAN, people, f"{found} {'person has' if found == 1 else 'people have'} {words} answers"
            )
    return subject_interval(statistic, stated.subjects, "plain")


def logistic_rows(stated: Stated) -> np.ndarray | None:
    """What each sample adds to a step of the slope from the common fit, (samples, 5); None where there is no fit."""
    odds, right = stated.odds, stated.right.astype(float)
    start, slope = logistic_fit(np.ones((1, len(odds))), odds, right)[0]
    if start != start:
        return None
    p = expit(start + slope * odds)
    spread = p * (1 - p)
    return np.stack([right - p, (right - p) * odds, spread, spread * odds, spread * odds**2], axis=1)


def offset_rows(stated: Stated) -> np.ndarray | None:
    """The same for the intercept, a ratio of two columns."""
    odds, right = stated.odds, stated.right.astype(float)
    start = offset_fit(np.ones((1, len(odds))), odds, right)[0]
    if start != start:
        return None
    p = expit(start + odds)
    return np.stack([right - p, p * (1 - p)], axis=1)
