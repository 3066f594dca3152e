"""Intervals over people: leave one person out at a time, with Student's t on a scale where scores are symmetric."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mien.core.errors import InputError
from mien.stats import student
from mien.stats.subjects import codes_of

Statistic = Callable[[np.ndarray], np.ndarray]
Scale = Literal["correlation", "agreement", "error", "skill", "plain"]
# Simulated intervals over fewer people do not hold the true value as often as they say.
FEW_PEOPLE = 10
# Why predictions that are the same for everybody have no interval: their correlation is 0 whoever is seen.
ALIKE = "the predictions do not vary"
_ROUNDING = 1e-6
# Beyond this, people are left out in groups: time would grow with the square of their number.
_MOST_GROUPS = 1000
# Weights are worked off in blocks of about this many numbers.
_BLOCK = 4_000_000
_NAN = float("nan")


@dataclass(frozen=True)
class Interval:
    """Bounds over people.

    Attributes
    ----------
    low, high : float
        NaN where the interval is withheld.
    people : int
        How many people carry it.
    withheld : str
        Why there are no bounds; ``''`` where there are.
    """

    low: float
    high: float
    people: int
    withheld: str = ""


@dataclass(frozen=True)
class _Shape:
    """To the scale, the slope of that, and back; how much wider small samples have to be (1 + wider / people).

    The factors were set by the simulations of ``benchmarks/null_scores.py``. ``bent``: the scale's mean lies off the
    value's, and the jackknife's estimate of that is taken out.
    """

    to: Callable[[Any], Any]
    slope: Callable[[float], float]
    back: Callable[[Any], Any]
    wider: float = 1.0
    bent: bool = False


_FISHER = (np.arctanh, lambda v: 1 / (1 - v * v), np.tanh)
_SHAPES: dict[str, _Shape] = {
    "correlation": _Shape(*_FISHER),
    "agreement": _Shape(*_FISHER, wider=2.5),
    "error": _Shape(np.log, lambda v: 1 / v, np.exp, wider=4.0, bent=True),
    "skill": _Shape(lambda v: -np.log(1 - v), lambda v: 1 / (1 - v), lambda g: 1 - np.exp(-g), wider=2.5, bent=True),
    "plain": _Shape(lambda v: v, lambda v: 1.0, lambda g: g),
}
# Scales of scores that are 0 where the predictions do not vary.
_OF_SPREAD = ("correlation", "agreement", "skill")


def subject_interval(
    statistic: Statistic, subjects: Any, scale: Scale, *, level: float = 0.95, stretch: float = 1.0
) -> Interval:
    """Interval of a statistic of fixed predictions over people like those in the data.

    Parameters
    ----------
    statistic : callable
        Gets weights of shape (draws, samples), how often each sample counts, and gives one value per draw, shape
        (draws,), NaN where undefined.
    subjects : sequence of str, shape (samples,)
        Whole people are left out, with all of their samples.
    scale : {'correlation', 'agreement', 'error', 'skill', 'plain'}
        Where the statistic lies: -1 to 1 (Fisher's z; 'agreement' for Lin's coefficient), above 0 (logarithm), up to 1
        (logarithm of the distance from 1), or anywhere. Shares have intervals of their own: ``mien.stats.shares``.
    level : float
        Coverage, between 0 and 1.
    stretch : float
        How much wider than for fixed predictions, see ``mien.stats.people_p.BOTH_WAYS``.

    Returns
    -------
    Interval
        Withheld (NaN) for fewer than ``FEW_PEOPLE`` people, and where the value without one of them is undefined.
        A correlation of exactly 1 or -1 has its exact bound over any two people or more.

    Notes
    -----
    The jackknife's standard error, carried to the scale by the delta method, and Student's t. The degrees of freedom
    follow from the spread of the people's influences (Satterthwaite's way: few influential people are few people).
    People who are all in order leave no spread: their bound is that of a share of 1 (``mien.stats.shares.within``).
    Efron (1982), The jackknife, the bootstrap and other resampling plans, chapters 3 and 4.
    """
    if not 0 < level < 1:
        raise InputError(f"Interval: the level lies between 0 and 1, but got {level}.")
    names, codes = codes_of(subjects)
    people = len(names)
    value = float(statistic(np.ones((1, len(codes))))[0]) if people else _NAN
    if people < 2 or not np.isfinite(value):
        return Interval(_NAN, _NAN, people, "1 person" if people == 1 else "")
    end = _at_the_end(value, scale, people, level)
    if end is not None:
        return end
    if people < FEW_PEOPLE:
        return Interval(_NAN, _NAN, people, f"{people} people")
    without = without_each(statistic, subjects)
    if not np.isfinite(without).all():
        return Interval(_NAN, _NAN, people, "it hangs on one person")
    error, freedom = standard_error(without)
    if scale in _OF_SPREAD and max(abs(value), error) < _ROUNDING:
        return Interval(_NAN, _NAN, people, ALIKE)
    shape = _SHAPES[scale]
    half = float(student.ppf(0.5 + level / 2, freedom)) * error * stretch * shape.slope(value)
    half *= 1 + shape.wider / people
    centre = float(shape.to(value))
    if shape.bent:
        centre -= (len(without) - 1) * (float(shape.to(without).mean()) - centre)
    return Interval(float(shape.back(centre - half)), float(shape.back(centre + half)), people)


def _at_the_end(value: float, scale: Scale, people: int, level: float) -> Interval | None:
    """Bounds where the value is the best or the worst there is; None elsewhere."""
    bound = ((1 - level) / 2) ** (1 / max(people, 1))
    if scale in ("correlation", "agreement") and 1 - abs(value) < 1e-12:
        # A share of pairs in order, as a correlation: twice the share, less one.
        return Interval(2 * bound - 1, 1.0, people) if value > 0 else Interval(-1.0, 1 - 2 * bound, people)
    if (scale == "error" and value <= 0) or (scale == "skill" and value >= 1):
        return Interval(_NAN, _NAN, people, "no prediction is off")
    return None


def standard_error(without: np.ndarray) -> tuple[float, float]:
    """Jackknife standard error and its degrees of freedom, from the values without each person."""
    count = len(without)
    squares = (without - without.mean()) ** 2
    total = float(squares.sum())
    if total <= 1e-24:
        return 0.0, count - 1.0
    # Three times this ratio is the number of people if influences are normal.
    freedom = 3 * total**2 / float((squares**2).sum()) - 1
    return float(np.sqrt((count - 1) / count * total)), float(np.clip(freedom, 2.0, count - 1))


def without_each(statistic: Statistic, subjects: Any) -> np.ndarray:
    """Values without each person, or, of more than 1000 people, without each of 1000 groups of them.

    Parameters
    ----------
    statistic : callable
        As for ``subject_interval``; may give an array per draw.
    subjects : sequence of str, shape (samples,)

    Returns
    -------
    ndarray, shape (groups, ...)
    """
    names, codes = codes_of(subjects)
    group = np.arange(len(names))
    if len(names) > _MOST_GROUPS:
        group = np.random.default_rng(0).permutation(len(names)) % _MOST_GROUPS
    count, own = int(group.max()) + 1, group[codes]
    step = max(1, _BLOCK // max(1, len(codes)))
    blocks = [np.arange(i, min(i + step, count))[:, None] for i in range(0, count, step)]
    return np.concatenate([statistic((own != block).astype(np.float64)) for block in blocks])
