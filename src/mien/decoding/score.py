"""How well rows were decoded: scores, intervals over viewers or runs, chance by shifts or permutations within runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from mien.decoding.chance import null_labels
from mien.decoding.decoders import answers
from mien.decoding.over_units import mean_over_units
from mien.stats.chance import chance_p

BALANCED, AUC, CORRELATION, R2 = "balanced_accuracy", "auc", "pearson", "r2"
Statistic = Callable[[np.ndarray, np.ndarray], np.ndarray]


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
        Share of these that reach the value or more, the labels themselves counted in: whether anything is decodable
        in these viewers.
    over : str
        ``'viewers'`` or ``'runs'``.
    units : int
        How many of them.
    n_permutations : int
    p_viewers : float
        Two-sided, of the viewers' distances from chance: whether it holds for viewers like these. NaN of one viewer,
        or fewer than four.
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
    p_viewers: float = float("nan")


def balanced_accuracy(observed: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Mean over the classes that were observed of the share that was right.

    Parameters
    ----------
    observed : ndarray of int, shape (..., rows)
        Codes of classes; several orders of them at once, as for chance.
    said : ndarray of int, shape (rows,)

    Returns
    -------
    ndarray, shape (...)
    """
    shares = []
    for one in np.unique(observed):
        of = observed == one
        with np.errstate(invalid="ignore", divide="ignore"):
            shares.append((of & (said == one)).sum(axis=-1) / of.sum(axis=-1))
    return _mean_of(shares, observed)


def area(observed: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Area under the ROC curve of the second class, or the mean over classes of each against the rest."""
    ranks = rankdata(scores, axis=0)
    if scores.shape[1] == 1:
        return _area(observed == 1, ranks[:, 0])
    return _mean_of([_area(observed == one, ranks[:, one]) for one in range(scores.shape[1])], observed)


def _area(yes: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    n = yes.sum(axis=-1)
    pairs = n * (yes.shape[-1] - n)
    with np.errstate(invalid="ignore", divide="ignore"):
        found: np.ndarray = (yes @ ranks - n * (n + 1) / 2) / pairs
    return found


def _mean_of(parts: list[np.ndarray], observed: np.ndarray) -> np.ndarray:
    """Mean of those that are defined; NaN where none is."""
    if not parts:
        return np.full(observed.shape[:-1], np.nan)
    table = np.stack(parts)
    known = np.isfinite(table)
    count = known.sum(axis=0)
    mean: np.ndarray = np.where(count, np.where(known, table, 0).sum(axis=0) / np.maximum(count, 1), np.nan)
    return mean


def correlation(observed: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Pearson correlation; NaN where one of the two does not vary."""
    a, b = observed - observed.mean(axis=-1, keepdims=True), scores[:, 0] - scores[:, 0].mean()
    size = np.sqrt((a**2).sum(axis=-1) * (b @ b))
    found: np.ndarray = np.where(size > 1e-300, (a @ b) / np.maximum(size, 1e-300), np.nan)
    return found


def explained(observed: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Share of variance explained, below 0 where the mean would say more."""
    rest = ((observed - scores[:, 0]) ** 2).sum(axis=-1)
    total = ((observed - observed.mean(axis=-1, keepdims=True)) ** 2).sum(axis=-1)
    found: np.ndarray = np.where(total > 0, 1 - rest / np.maximum(total, 1e-300), np.nan)
    return found


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
    unit: str,
    n_permutations: int,
    seed: int,
    least_shift: int = 1,
    leave_out: str = "run",
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
    unit : str
        ``'block'``: labels are permuted within every run; ``'volume'``: shifted around within it, so that what follows
        what stays as it is.
    n_permutations : int
    seed : int
    least_shift : int
        Rows by which labels are shifted at least.
    leave_out : str
        ``'viewer'`` where decoders were trained on other viewers, who then depend on each other as runs do.

    Notes
    -----
    Each row was tested by decoders that learnt from the others, so two runs meet twice, once each way: the null is
    stretched accordingly (``mien.stats.chance.chance_p``) and intervals are widened (``mean_over_units``).
    """
    viewers = list(dict.fromkeys(viewer.tolist()))
    over = "viewers" if len(viewers) > 1 else "runs"
    unit_of = viewer if len(viewers) > 1 else run
    labels = np.stack(list(null_labels(observed, run, viewer, unit, n_permutations, seed, least_shift)))
    found = []
    for name, statistic in statistics_of(classes).items():
        value = float(_mean_over(statistic, observed, scores, viewer, viewers))
        each = np.array(
            [statistic(observed[unit_of == one], scores[unit_of == one]) for one in dict.fromkeys(unit_of.tolist())]
        )
        dependent = over == "runs" or leave_out == "viewer"
        spread = mean_over_units(each, dependent=dependent, middle=value if over == "runs" else None)
        null = _mean_over(statistic, labels, scores, viewer, viewers)
        known = null[np.isfinite(null)]
        chance = float(known.mean()) if len(known) else float("nan")
        p = chance_p(value, null, cross_validated=True)
        beyond = mean_over_units(each - chance, dependent=dependent).p if over == "viewers" else float("nan")
        found.append(
            DecodingScore(source, name, value, spread.low, spread.high, chance, p, over, spread.units, len(known),
                          beyond)
        )  # fmt: skip
    return tuple(found)


def _mean_over(
    statistic: Statistic, observed: np.ndarray, scores: np.ndarray, viewer: np.ndarray, viewers: list[str]
) -> np.ndarray:
    parts = [statistic(observed[..., viewer == one], scores[viewer == one]) for one in viewers]
    return _mean_of(parts, observed)
