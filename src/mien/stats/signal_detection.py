"""Sensitivity and bias of yes-or-no answers: d' and the criterion c, with intervals over people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtri

from mien.core.errors import InputError
from mien.stats.jackknife import FEW_PEOPLE, Interval
from mien.stats.shares import person_weights
from mien.stats.subjects import codes_of

_NAN = float("nan")


@dataclass(frozen=True)
class Detection:
    """Answers "yes" to signals and to everything else.

    Attributes
    ----------
    hits, false_alarms : float
        Shares of "yes" among signals, and among the rest.
    d_prime : float
        How far the two are apart, in standard deviations of a normal distribution; 0 is no sensitivity.
    criterion : float
        Bias: above 0 "no" is said rather, below 0 "yes".
    """

    hits: float
    false_alarms: float
    d_prime: float
    criterion: float


def detection(signal: np.ndarray, yes: np.ndarray) -> Detection:
    """Hits, false alarms, d' and criterion.

    Parameters
    ----------
    signal, yes : ndarray of bool, shape (samples,)

    Raises
    ------
    InputError
        If there is no signal, or nothing else.

    Notes
    -----
    Log-linear correction, which keeps rates of 0 and 1 finite: half an answer is added to each cell (Hautus 1995,
    Behav. Res. Methods Instrum. Comput. 27(1), 46-51). d' = z(hits) - z(false alarms),
    c = -(z(hits) + z(false alarms)) / 2 (Macmillan and Creelman 2005, Detection Theory).
    """
    signal, yes = np.asarray(signal, dtype=bool), np.asarray(yes, dtype=bool)
    if signal.all() or not signal.any():
        raise InputError("d' needs signals and something else; all samples are of one kind.")
    z = [ndtri((yes[side].sum() + 0.5) / (side.sum() + 1)) for side in (signal, ~signal)]
    return Detection(
        float(yes[signal].mean()), float(yes[~signal].mean()), float(z[0] - z[1]), float(-(z[0] + z[1]) / 2)
    )


def detection_intervals(
    signal: np.ndarray, yes: np.ndarray, subjects: Any, *, level: float = 0.95
) -> tuple[Interval, Interval]:
    """Intervals of d' and of the criterion over people like those seen.

    Parameters
    ----------
    signal, yes : ndarray of bool, shape (samples,)
    subjects : sequence of str, shape (samples,)
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    (Interval, Interval)
        A bound is infinite where no answer speaks against it: d' of answers that are all right has no upper one.
        Withheld for fewer than ``FEW_PEOPLE`` people, or fewer than two who show one of the sides.

    Notes
    -----
    As for shares (``mien.stats.shares.mean_interval``): one more person of each side is thought of, who is answered
    wrongly (lower bound of d') or rightly (upper one), "yes" (lower bound of c) or "no", and all are weighed at random.
    The rates behind the bounds are those themselves, without the correction that keeps their estimates finite.
    """
    signal, yes = np.asarray(signal, dtype=bool), np.asarray(yes, dtype=bool)
    names, who = codes_of(subjects)
    people = len(names)
    shows = [np.bincount(who[side], minlength=people) > 0 for side in (signal, ~signal)]
    fewest = min(int(side.sum()) for side in shows)
    if people < FEW_PEOPLE or fewest < 2:
        why = f"{people} people" if people < FEW_PEOPLE else "fewer than 2 of one side"
        return Interval(_NAN, _NAN, people, why), Interval(_NAN, _NAN, people, why)
    # The same person shows both sides where anybody does.
    other = people if (shows[0] & shows[1]).any() else people + 1
    weights = person_weights(people + 2, people)
    counts = []
    for side, unseen in ((signal, people), (~signal, other)):
        positive, size = np.bincount(who[side], yes[side], people), np.bincount(who[side], minlength=people)
        says, silent = weights[:, :people] @ positive, weights[:, :people] @ (size - positive)
        counts.append((says, silent, weights[:, unseen] * size.sum() / (size > 0).sum()))

    def z(said_yes: tuple[bool, bool]) -> list[np.ndarray]:
        """Rates of both sides for all weightings, with people not seen to whom so is said."""
        return [
            ndtri((says + answer * added) / (says + silent + added))
            for (says, silent, added), answer in zip(counts, said_yes, strict=True)
        ]

    tail = (1 - level) / 2
    found = detection(signal, yes)
    worse, better, liberal, strict = (z(said) for said in ((False, True), (True, False), (True, True), (False, False)))
    return (
        _bounds(found.d_prime, worse[0] - worse[1], better[0] - better[1], tail, people),
        _bounds(found.criterion, -(liberal[0] + liberal[1]) / 2, -(strict[0] + strict[1]) / 2, tail, people),
    )


def _bounds(value: float, low: np.ndarray, high: np.ndarray, tail: float, people: int) -> Interval:
    ends = (_quantile(low, tail), _quantile(high, 1 - tail))
    return Interval(min(ends[0], value), max(ends[1], value), people)


def _quantile(values: np.ndarray, at: float) -> float:
    """A quantile of values that may be infinite."""
    return float(np.sort(values)[int(np.clip(round(at * (len(values) - 1)), 0, len(values) - 1))])
