"""Leaving out sites: which samples can be used for it, and the scores of every site."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from mien.core.samples import Samples
from mien.learn.predictions import AnyPredictions, ClassPredictions, RatingPredictions
from mien.learn.scoring import all_scores, differences, statistics_of
from mien.learn.sites import Site, Sites
from mien.learn.table import Table
from mien.stats import student
from mien.stats.class_statistics import row_mean
from mien.stats.jackknife import Interval, Statistic, subject_interval
from mien.stats.people_p import BOTH_WAYS, people_p
from mien.stats.scores import Score
from mien.stats.site_folds import roaming

NO_SITE, SEVERAL_SITES = "no site", "person at several sites"
_MOST_NAMES = 5


def with_sites(table: Table, samples: Samples, column: str) -> tuple[Table, np.ndarray]:
    """The samples that leaving out sites can use, and the site of each; who is at several sites is left out, noted.

    Raises
    ------
    InputError
        If there is no such column.
    """
    sites = texts_of(table, samples, column)
    known = sites != ""
    away = np.zeros(len(sites), dtype=bool)
    away[known] = roaming(table.subjects[known], sites[known])
    left_out, notes = dict(table.left_out), list(table.notes)
    if not known.all():
        left_out[NO_SITE] = int((~known).sum())
    if away.any():
        left_out[SEVERAL_SITES] = int(away.sum())
        names = list(dict.fromkeys(table.subjects[away].astype(str)))
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        shown = ", ".join(f"'{name}'" for name in names[:_MOST_NAMES])
        notes.append(
            f"{len(names)} {'person is' if len(names) == 1 else 'people are'} at several sites ({shown}{more}) and "
            "left out: leaving out one of the sites would test on somebody who is known from another."
        )
    keep = np.flatnonzero(known & ~away)
    if len(keep) == len(sites):
        return table, sites
    return replace(table.part(keep), left_out=left_out, notes=notes), sites[keep]


def texts_of(table: Table, samples: Samples, column: str) -> np.ndarray:
    """A column of the samples that can be used, as text; ``''`` where it says nothing.

    Raises
    ------
    InputError
        If there is no such column.
    """
    return np.array([_text(value) for value in samples.target(column)[table.rows]], dtype=object)


def _text(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:g}"
    return str(value)


def site_scores(
    column: str, sites: np.ndarray, left_out: AnyPredictions, known: AnyPredictions, seed: int = 0
) -> Sites:
    """Score every site.

    Parameters
    ----------
    column : str
    sites : ndarray of str, shape (samples,)
    left_out, known : ClassPredictions or RatingPredictions
        Of the same samples: with the site left out, and of folds over people of all sites.
    seed : int
    """
    name, chance = ("pearson", 0.0) if isinstance(left_out, RatingPredictions) else ("auc", 0.5)
    names = np.unique(sites.astype(str))
    rows = []
    for site in names:
        own = np.flatnonzero(sites.astype(str) == site)
        scores = [_score(part_of(p, own), name, chance) for p in (left_out, known)]
        rows.append(Site(str(site), len(np.unique(left_out.subject[own].astype(str))), len(own), *scores))
    return Sites(
        column,
        name,
        tuple(rows),
        mean_within(sites, left_out),
        *over_sites(np.array([row.score.value for row in rows]), name),
        known=all_scores(known, seed)[name],
        fall=differences(known, left_out),
    )


def mean_within(sites: np.ndarray, p: AnyPredictions) -> Score:
    """Mean over sites of the correlation (of classes: the area under the curve) of the people of each.

    Without an effect it is at chance on average, whatever the levels of the sites. What two sites have in common by
    chance counts in both, so interval and test allow for twice the variance of fixed predictions
    (``benchmarks/null_sites.py``).

    Parameters
    ----------
    sites : ndarray of str, shape (samples,)
    p : ClassPredictions or RatingPredictions
        With the site left out.
    """
    name, chance = ("pearson", 0.0) if isinstance(p, RatingPredictions) else ("auc", 0.5)
    where = sites.astype(str)
    mean = partial(_mean_over, [_within(p, np.flatnonzero(where == site), name) for site in np.unique(where)])
    value = float(mean(np.ones((1, len(sites))))[0])
    found = _interval(mean, p.subject, name, BOTH_WAYS)
    tested = people_p(mean, p.subject, chance, stretch=BOTH_WAYS)
    return Score(value, found.low, found.high, chance, tested, found.people, found.withheld)


def part_of(p: AnyPredictions, rows: np.ndarray) -> AnyPredictions:
    """Some of the samples, as if one model had predicted them."""
    one = {"path": p.path[rows], "subject": p.subject[rows], "fold": np.zeros(len(rows), dtype=int)}
    if isinstance(p, ClassPredictions):
        return replace(p, **one, label=p.label[rows], probabilities=p.probabilities[rows])
    return replace(p, **one, truth=p.truth[rows], predicted=p.pooled[rows], level=None, spread=None)


def _within(p: AnyPredictions, rows: np.ndarray, name: str) -> tuple[np.ndarray, Statistic]:
    return rows, statistics_of(part_of(p, rows))[name]


def _score(p: AnyPredictions, name: str, chance: float) -> Score:
    statistic = statistics_of(p)[name]
    value = float(statistic(np.ones((1, len(p.path))))[0])
    interval = _interval(statistic, p.subject, name)
    return Score(value, interval.low, interval.high, chance, people=interval.people, withheld=interval.withheld)


def _interval(statistic: Statistic, subjects: np.ndarray, name: str, stretch: float = 1.0) -> Interval:
    """Bounds that stay within those of the score: an area under the curve is half a correlation and a half."""
    if name == "pearson":
        return subject_interval(statistic, subjects, "correlation", stretch=stretch)
    found = subject_interval(lambda weights: 2 * statistic(weights) - 1, subjects, "correlation", stretch=stretch)
    return replace(found, low=(found.low + 1) / 2, high=(found.high + 1) / 2)


def _mean_over(each: list[tuple[np.ndarray, Statistic]], weights: np.ndarray) -> np.ndarray:
    """Mean over sites of their scores, those left out where a site shows one class only."""
    return row_mean(np.stack([statistic(weights[:, rows]) for rows, statistic in each], axis=1))


def over_sites(values: np.ndarray, name: str) -> tuple[float, float]:
    """95 % interval of the mean over sites: Student's t on the scale of Fisher's z, within the bounds of the score.

    Parameters
    ----------
    values : ndarray, shape (sites,)
    name : {'pearson', 'auc'}
    """
    known = values[np.isfinite(values)] if name == "pearson" else 2 * values[np.isfinite(values)] - 1
    mean = float(known.mean()) if len(known) else float("nan")
    if len(known) < 3 or not np.ptp(known) > 0:
        return float("nan"), float("nan")
    half = float(student.ppf(0.975, len(known) - 1) * known.std(ddof=1) / np.sqrt(len(known))) / (1 - mean**2)
    low, high = np.tanh(np.arctanh(mean) - half), np.tanh(np.arctanh(mean) + half)
    return (float(low), float(high)) if name == "pearson" else (float(low + 1) / 2, float(high + 1) / 2)
