"""How well rows were decoded: scores, intervals over viewers or runs, chance by shifts or permutations within runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mien.decoding.decoders import answers
from mien.stats import student
from mien.stats.permutation import sign_flip_test

BALANCED, AUC, CORRELATION, R2 = "balanced_accuracy", "auc", "pearson", "r2"
# Below this many viewers or runs no interval is given.
FEWEST = 4
_NAN = float("nan")
Statistic = Callable[[np.ndarray, np.ndarray], float]


@dataclass(frozen=True)
class DecodingScore:
    """A score with its interval and chance.

    Attributes
    ----------
    source : str
        Stream that was decoded from.
    score : str
        ``'balanced_accuracy'``, ``'auc'``, ``'pearson'`` or ``'r2'``.
    value : float
        Mean over viewers, of one viewer over all rows.
    low, high : float
        95 % interval over viewers (of one viewer over runs); NaN where there are fewer than four.
    chance : float
        Mean of what shifted or permuted labels reach.
    p : float
        Share of these that reach the value or more, the labels themselves counted in.
    over : str
        ``'viewers'`` or ``'runs'``.
    units : int
        How many of them.
    n_permutations : int
    p_viewers : float
        Two-sided, by flips of signs, of the viewers' distances from chance: whether it holds for viewers like these.
        NaN of one viewer, of fewer than four, and where decoders were trained on other viewers (see the interval).
    """

    source: str
    score: str
    value: float
    low: float
    high: float
    chance: float
    p: float
    over: str
    units: int
    n_permutations: int
    p_viewers: float = _NAN


def balanced_accuracy(observed: np.ndarray, said: np.ndarray) -> float:
    """Mean over the classes that were observed of the share that was right."""
    shares = [float((said[observed == one] == one).mean()) for one in np.unique(observed)]
    return float(np.mean(shares)) if shares else float("nan")


def area(observed: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve of the second class, or the mean over classes of each against the rest."""
    if scores.shape[1] == 1:
        return _area(observed == 1, scores[:, 0])
    found = [_area(observed == one, scores[:, one]) for one in range(scores.shape[1])]
    known = [value for value in found if value == value]
    return float(np.mean(known)) if known else float("nan")


def _area(yes: np.ndarray, score: np.ndarray) -> float:
    from scipy.stats import rankdata

    n, m = int(yes.sum()), int((~yes).sum())
    if not n or not m:
        return float("nan")
    return float((rankdata(score)[yes].sum() - n * (n + 1) / 2) / (n * m))


def correlation(observed: np.ndarray, scores: np.ndarray) -> float:
    """Pearson correlation; NaN where one of the two does not vary."""
    a, b = observed - observed.mean(), scores[:, 0] - scores[:, 0].mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 1e-300 else float("nan")


def explained(observed: np.ndarray, scores: np.ndarray) -> float:
    """Share of variance explained, below 0 where the mean would say more."""
    rest, total = ((observed - scores[:, 0]) ** 2).sum(), ((observed - observed.mean()) ** 2).sum()
    return float(1 - rest / total) if total > 0 else float("nan")


# Of each score's scale.
ENDS = {BALANCED: (0.0, 1.0), AUC: (0.0, 1.0), CORRELATION: (-1.0, 1.0), R2: (-np.inf, 1.0)}


def statistics_of(classes: int) -> dict[str, Statistic]:
    """Scores by name, each of observed codes (or numbers) and scores; the first is the main one."""
    if not classes:
        return {CORRELATION: correlation, R2: explained}
    return {BALANCED: lambda observed, scores: balanced_accuracy(observed, answers(scores, classes)), AUC: area}


def scored(
    source: str,
    observed: np.ndarray,
    scores: np.ndarray,
    run: np.ndarray,
    viewer: np.ndarray,
    *,
    classes: int,
    null: dict[str, np.ndarray],
    overlapping: bool,
) -> tuple[DecodingScore, ...]:
    """Every score of held-out rows.

    Parameters
    ----------
    source : str
    observed : ndarray, shape (rows,)
        Codes of classes, or numbers.
    scores : ndarray, shape (rows, outputs)
        Of decoders that were trained without the row's run or viewer.
    run, viewer : ndarray of str, shape (rows,)
    classes : int
    null : dict of str to ndarray, each of shape (permutations,)
        Of every score, what decoders reach that were trained and tested on shifted or permuted labels.
    overlapping : bool
        Whether decoders of different units were trained on each other's rows, which widens intervals (Nadeau & Bengio
        2003, Machine Learning 52, 239-281).
    """
    viewers = list(dict.fromkeys(viewer.tolist()))
    over = "viewers" if len(viewers) > 1 else "runs"
    unit_of = viewer if len(viewers) > 1 else run
    found = []
    for name, statistic in statistics_of(classes).items():
        value = mean_over(statistic, observed, scores, viewer, viewers)
        each = [statistic(observed[unit_of == one], scores[unit_of == one]) for one in dict.fromkeys(unit_of.tolist())]
        known = np.array([one for one in each if one == one])
        low, high = interval_over(known, value, overlapping or over == "runs")
        least, most = ENDS[name]
        # Beyond the ends of its scale nothing is a score; NaN stays.
        low, high = (low, high) if low != low else (max(low, least), min(high, most))
        drawn = null[name][np.isfinite(null[name])]
        p = (1 + int((drawn >= value - 1e-12).sum())) / (1 + len(drawn)) if len(drawn) and value == value else _NAN
        chance = float(drawn.mean()) if len(drawn) else _NAN
        alone = over == "viewers" and not overlapping and len(known) >= FEWEST and chance == chance
        people = sign_flip_test(known - chance).p if alone else _NAN
        found.append(DecodingScore(source, name, value, low, high, chance, p, over, len(known), len(drawn), people))
    return tuple(found)


def mean_over(
    statistic: Statistic, observed: np.ndarray, scores: np.ndarray, viewer: np.ndarray, viewers: list[str]
) -> float:
    each = [statistic(observed[viewer == one], scores[viewer == one]) for one in viewers]
    known = [one for one in each if one == one]
    return float(np.mean(known)) if known else float("nan")


def interval_over(each: np.ndarray, middle: float, overlapping: bool) -> tuple[float, float]:
    """Student's 95 % interval of a mean over units, around the value that is shown; NaN of fewer than four.

    Parameters
    ----------
    each : ndarray, shape (units,)
    middle : float
    overlapping : bool
        As of ``scored``.
    """
    units = len(each)
    if units < FEWEST:
        return _NAN, _NAN
    more = 1 / (units - 1) if overlapping else 0.0
    wide = float(student.ppf(0.975, units - 1) * each.std(ddof=1) * np.sqrt(1 / units + more))
    return middle - wide, middle + wide


def interval_p(each: np.ndarray, low: float, high: float) -> float:
    """Two-sided p of a mean of zero that goes with an interval of ``interval_over``; NaN where nothing varies."""
    units = len(each)
    error = (high - low) / 2 / float(student.ppf(0.975, units - 1))
    return float(2 * student.sf(abs(each.mean()) / error, units - 1)) if error > 0 else _NAN
