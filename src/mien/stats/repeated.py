"""Several samples of a person by a mixed model: how much each person's mean weighs where people have unequally many.

Samples vary within people and people between each other; a person of many samples is known more exactly. The best
estimate of a group's mean weighs each person's mean by 1 / (variance between + variance within / samples), with both
variances by restricted maximum likelihood.
"""

from __future__ import annotations

import numpy as np

# Ratios of the variances between and within people that are looked at.
_LEAST, _MOST = 1e-6, 1e6
_TINY = 1e-12


def people_weights(values: np.ndarray, person: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Weights of people's means in a random-intercept model with a mean for each group.

    Parameters
    ----------
    values : ndarray, shape (samples,)
        NaN is missing.
    person : ndarray of int, shape (samples,)
    group : ndarray of int, shape (people,)
        Of each person.

    Returns
    -------
    ndarray, shape (people,)
        With a mean of 1 over those who have values, 0 for those who have none. Ones where everybody has equally many,
        or nothing is known of the variance within people.

    Notes
    -----
    Laird & Ware 1982, "Random-effects models for longitudinal data", Biometrics 38(4). The ratio of the variances is
    the only unknown that has no closed form.
    """
    count, mean, within = _cells(values, person, len(group))
    ratio = variance_ratio(count, mean, within, group)
    shown = count > 0
    with np.errstate(divide="ignore"):
        return _scaled(np.where(shown, count / (1 + ratio * count) if np.isfinite(ratio) else 1.0, 0.0))


def variance_ratio(count: np.ndarray, mean: np.ndarray, within: float, group: np.ndarray) -> float:
    """Variance between people over that within, by restricted maximum likelihood; infinite where nothing is within.

    Parameters
    ----------
    count : ndarray, shape (people,)
        Samples of each person.
    mean : ndarray, shape (people,)
    within : float
        Sum of the squared distances from the person's mean.
    group : ndarray of int, shape (people,)
    """
    shown = count > 0
    n, y, groups = count[shown], mean[shown], np.eye(int(group.max(initial=0)) + 1)[group[shown]]
    groups = groups[:, groups.any(0)]
    total, known = float(n.sum()), groups.shape[1]
    spread = float((n * (y - (n * y).sum() / total) ** 2).sum()) + within
    if total - len(n) < 1 or within <= _TINY * spread or np.ptp(n) == 0:
        return float("inf")

    from scipy.optimize import minimize_scalar

    def deviance(ratio: float) -> float:
        weight = n / (1 + ratio * n)
        each = weight @ groups
        off = y - groups @ ((weight * y) @ groups / each)
        rest = within + float((weight * off**2).sum())
        return float((total - known) * np.log(rest) + np.log1p(ratio * n).sum() + np.log(each).sum())

    found = minimize_scalar(lambda x: deviance(float(np.exp(x))), bounds=(np.log(_LEAST), np.log(_MOST)),
                            method="bounded", options={"xatol": 1e-7})  # fmt: skip
    return 0.0 if deviance(0.0) <= found.fun else float(np.exp(found.x))


def spread_of(weights: np.ndarray) -> np.ndarray | None:
    """Expected spread of people's means by what they weigh, up to a factor; none where everybody weighs the same.

    Parameters
    ----------
    weights : ndarray, shape (people, measures)
        Of ``people_weights``.
    """
    shown = weights > 0
    if not shown.any() or np.ptp(weights[shown]) <= _TINY:
        return None
    return np.where(shown, np.where(shown, weights, 1.0) ** -0.5, 1.0)


def shared_spread(values: np.ndarray, person: np.ndarray, group: np.ndarray, *, looks: int = 60) -> np.ndarray | None:
    """As ``spread_of``, of many measures that are alike, such as places of a map, by one ratio of the variances.

    Parameters
    ----------
    values : ndarray, shape (samples, measures)
        NaN is missing.
    person : ndarray of int, shape (samples,)
    group : ndarray of int, shape (people,)
    looks : int
        Measures, evenly spread, whose median ratio is taken.

    Returns
    -------
    ndarray, shape (people,), or None
    """
    count = np.bincount(person[np.isfinite(values).any(1)], minlength=len(group)).astype(float)
    if not count.any() or np.ptp(count[count > 0]) == 0:
        return None
    places = np.unique(np.linspace(0, values.shape[1] - 1, looks).astype(int))
    ratios = [variance_ratio(*_cells(values[:, j], person, len(group)), group) for j in places]
    ratio = float(np.median(ratios))
    if not np.isfinite(ratio):
        return None
    return np.where(count > 0, np.sqrt(ratio + 1 / np.maximum(count, 1)), 1.0)


def pair_weights(a: np.ndarray, b: np.ndarray, person_a: np.ndarray, person_b: np.ndarray, people: int) -> np.ndarray:
    """Weights of people's differences between two conditions, as ``people_weights``.

    Parameters
    ----------
    a, b : ndarray, shape (samples,)
        NaN is missing.
    person_a, person_b : ndarray of int, shape (samples,)
    people : int

    Notes
    -----
    A difference varies between people and with its own samples, 1 / samples of the one + 1 / samples of the other; the
    variance between people by restricted maximum likelihood, that within from all samples of a person in a condition.
    """
    (n_a, mean_a, within_a), (n_b, mean_b, within_b) = _cells(a, person_a, people), _cells(b, person_b, people)
    both = (n_a > 0) & (n_b > 0)
    freedom = float((n_a + n_b)[n_a + n_b > 0].sum() - (n_a > 0).sum() - (n_b > 0).sum())
    weights = both.astype(float)
    if not both.any() or freedom < 1:
        return weights
    own = (within_a + within_b) / freedom * (1 / n_a[both] + 1 / n_b[both])
    off = (mean_a - mean_b)[both]
    if np.ptp(own) <= _TINY * (own.max() + off.var()):
        return weights

    from scipy.optimize import minimize_scalar

    def deviance(between: float) -> float:
        weight = 1 / (between + own)
        rest = (weight * (off - (weight * off).sum() / weight.sum()) ** 2).sum()
        return float(rest - np.log(weight).sum() + np.log(weight.sum()))

    size = float(own.mean() + off.var())
    found = minimize_scalar(lambda x: deviance(size * float(np.exp(x))), bounds=(np.log(_LEAST), np.log(100.0)),
                            method="bounded", options={"xatol": 1e-7})  # fmt: skip
    weights[both] = 1 / (size * float(np.exp(found.x)) + own)
    return _scaled(weights)


def _cells(values: np.ndarray, person: np.ndarray, people: int) -> tuple[np.ndarray, np.ndarray, float]:
    """Samples and mean of each person, and the sum of squares within people."""
    known = np.isfinite(values)
    y, who = values[known], person[known]
    count = np.bincount(who, minlength=people).astype(float)
    mean = np.bincount(who, y, people) / np.maximum(count, 1)
    return count, mean, float(((y - mean[who]) ** 2).sum())


def _scaled(weights: np.ndarray) -> np.ndarray:
    shown = weights > 0
    result: np.ndarray = weights / weights[shown].mean() if shown.any() else weights
    return result
