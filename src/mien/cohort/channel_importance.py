"""What fitted models rest on, over held-out people: shares of SHAP values, grouped permutation, accumulated effects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage

from mien.cohort.channels_result import Accumulated
from mien.stats import student

_DRAWS, _BINS, _LEAST_BIN = 500, 16, 5


class HeldOut(Protocol):
    """A model, and the people that it has not seen."""

    @property
    def test(self) -> np.ndarray:
        """Numbers of these people."""

    @property
    def constant(self) -> float:
        """What a constant would predict, as a score."""

    def score(self, values: np.ndarray) -> np.ndarray:
        """Of (people, measures): log-odds, or the outcome in its unit."""


def loss(score: np.ndarray, y: np.ndarray, classes: bool) -> np.ndarray:
    """Of each person: log loss in nats, or the squared error."""
    if not classes:
        return np.asarray((score - y) ** 2)
    return np.logaddexp(0.0, np.where(y > 0, -score, score))


def bootstrap_weights(people: int, seed: int) -> np.ndarray:
    """How often each person is drawn, shape (draws, people)."""
    return np.random.default_rng(seed).multinomial(people, np.full(people, 1 / people), size=_DRAWS).astype(np.float32)


def ends(draws: np.ndarray) -> tuple[Any, Any]:
    """95 % interval of bootstrap draws, over the first axis."""
    low, high = np.nanpercentile(draws, [2.5, 97.5], axis=0)
    return low, high


def skill(models: Sequence[HeldOut], x: np.ndarray, y: np.ndarray, classes: bool, weights: np.ndarray) -> Any:
    """Share of a constant's loss that the models save on people left out, with its interval."""
    own, constant = np.empty(len(y)), np.empty(len(y))
    for model in models:
        own[model.test] = loss(model.score(x[model.test]), y[model.test], classes)
        constant[model.test] = loss(np.full(len(model.test), model.constant), y[model.test], classes)
    low, high = ends(1 - (weights @ own) / (weights @ constant))
    return float(1 - own.mean() / constant.mean()), float(low), float(high), own


def grouped(shap: np.ndarray, groups: np.ndarray, count: int) -> np.ndarray:
    """Absolute SHAP values after those of each group were summed, shape (people, groups)."""
    result = np.empty((len(shap), count), dtype=np.float32)
    for number in range(count):
        result[:, number] = np.abs(shap[:, groups == number].sum(axis=1, dtype=np.float64))
    return result


def shares(amounts: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share of each group in the mean amounts, with 95 % intervals over people."""
    whole = amounts.mean(axis=0, dtype=np.float64)
    total = whole.sum()
    if total <= 0:
        # Trees that could not be split rest on nothing.
        return whole, whole, whole
    drawn = weights @ amounts
    low, high = ends(drawn / np.maximum(drawn.sum(axis=1, keepdims=True), 1e-12))
    return whole / total, low, high


def bundles(x: np.ndarray, channel: np.ndarray, statistic: np.ndarray, least: float) -> np.ndarray:
    """Channels that say the same: number of the bundle of each, shape (channels,).

    Parameters
    ----------
    x : ndarray, shape (people, measures)
    channel, statistic : ndarray of int, shape (measures,)
        Of each measure.
    least : float
        Mean correlation of two channels over their statistics, whatever its sign, that joins them (average linkage).
    """
    count = int(channel.max()) + 1
    if count < 2:
        return np.zeros(count, dtype=int)
    alike, both = np.zeros((count, count)), np.zeros((count, count))
    for number in range(int(statistic.max()) + 1):
        columns = np.flatnonzero(statistic == number)
        values = x[:, columns]
        known = np.isfinite(values)
        counts = known.sum(axis=0)
        values = np.where(known, values - np.where(known, values, 0).sum(axis=0) / np.maximum(counts, 1), 0)
        length = np.sqrt((values**2).sum(axis=0))
        unit = values / np.where(length > 0, length, 1)
        here = np.ix_(channel[columns], channel[columns])
        alike[here] += np.minimum(np.abs(unit.T @ unit), 1.0)
        both[here] += np.outer(length > 0, length > 0)
    apart = 1 - alike / np.maximum(both, 1)
    upper = np.triu_indices(count, 1)
    return np.asarray(fcluster(linkage(apart[upper], "average"), 1 - least + 1e-9, "distance") - 1)


def permuted(
    models: Sequence[HeldOut], x: np.ndarray, y: np.ndarray, own: np.ndarray, columns: np.ndarray, *,
    classes: bool, repeats: int, generator: np.random.Generator,
) -> np.ndarray:  # fmt: skip
    """By how much the loss of each held-out person grows with some measures of another one, shape (people,)."""
    growth = np.zeros(len(y))
    for model in models:
        test = model.test
        changed = x[test]
        given = changed[:, columns].copy()
        for _ in range(repeats):
            changed[:, columns] = given[generator.permutation(len(test))]
            growth[test] += loss(model.score(changed), y[test], classes) - own[test]
    return growth / repeats


def mean_above(values: np.ndarray) -> tuple[float, float, float, float]:
    """Mean over people, its 95 % interval and the one-sided p of Student's t; no p where people do not differ."""
    mean, error = float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
    if error <= 0:
        # A model that never looks at them loses nothing.
        return mean, mean, mean, 1.0
    half = float(student.ppf(0.975, len(values) - 1)) * error
    return mean, mean - half, mean + half, float(student.sf(mean / error, len(values) - 1))


def accumulated(
    models: Sequence[HeldOut], x: np.ndarray, column: int, name: str, weights: np.ndarray
) -> Accumulated | None:  # fmt: skip
    """Accumulated local effects (Apley & Zhu, 2020) of one measure; None where it hardly varies."""
    values = x[:, column]
    known = np.isfinite(values)
    most = max(2, min(_BINS, int(known.sum()) // _LEAST_BIN))
    edges = np.unique(np.quantile(values[known], np.linspace(0, 1, most + 1))) if known.any() else np.zeros(0)
    if len(edges) < 3:
        return None
    place = np.clip(np.searchsorted(edges, values, side="left") - 1, 0, len(edges) - 2)
    step = np.zeros(len(values))
    for model in models:
        here = model.test[known[model.test]]
        if not len(here):
            continue
        below, above = x[here], x[here]
        below[:, column], above[:, column] = edges[place[here]], edges[place[here] + 1]
        step[here] = model.score(above) - model.score(below)
    inside = (place[:, None] == np.arange(len(edges) - 1)) & known[:, None]
    middle = _course(np.ones((1, len(values)), np.float32), inside, step)[0]
    low, high = ends(_course(weights, inside, step))
    return Accumulated(name, edges, middle, low, high)


def _course(weights: np.ndarray, inside: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Accumulated mean steps of the bins with mean 0 over people, shape (draws, edges)."""
    counts = weights @ inside.astype(np.float32)
    mean = (weights @ (inside * step[:, None]).astype(np.float32)) / np.maximum(counts, 1e-9)
    course = np.concatenate([np.zeros((len(weights), 1)), np.cumsum(mean, axis=1)], axis=1)
    people = counts.sum(axis=1)
    # A draw of people may hold nobody with a value.
    centre = ((course[:, :-1] + course[:, 1:]) / 2 * counts).sum(axis=1) / np.where(people > 0, people, np.nan)
    return np.asarray(course - centre[:, None])
