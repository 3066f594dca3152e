"""Leaving out sites where there is no effect: ``python -m benchmarks.null_sites [--studies 300]``

The model 'logistic' (ridge regression, penalty chosen) on made-up measures with three factors in common, at sites that
are left out one after the other. Mean over studies of the correlation of all predictions as they are, of those that
mien pools, of the mean over sites (that which mien tests; 0 is right), and of that mean with Fisher's z and sites
weighed by their people; how often an interval lies above / below 0 (.025 is right) and p <= .05. "Levels": sites differ
in measures and outcome. ``--link .6``: one factor in the outcome.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, write
from mien.learn.predictions import RatingPredictions
from mien.learn.site_scores import mean_within, part_of
from mien.models.named import NamedRegressor
from mien.stats.jackknife import subject_interval
from mien.stats.people_p import people_p
from mien.stats.regression_scores import rating_statistics
from mien.stats.site_folds import site_folds

SITES = ((15, 15, 15, 15), (25, 16, 12, 7), (6,) * 10, (30, 30), (50, 50, 50, 50))
DESIGNS = ((8, 0.0), (200, 0.0), (8, 1.0))
SHARES = ("pooled above", "pooled below", "mean above", "mean below", "fixed above", "fixed below", "p", "p fixed")


def predicted(
    rng: np.random.Generator, size: tuple[int, ...], width: int, levels: float, link: float
) -> tuple[np.ndarray, RatingPredictions]:
    """Sites and predictions of a made-up study, each site by a model that was trained at the others."""
    site, people = np.repeat(np.arange(len(size)), size), sum(size)
    factors = rng.normal(size=(people, 3))
    load = rng.normal(size=(3, width)) * np.array([2.0, 1.0, 0.5])[:, None]
    x = factors @ load + 1.5 * rng.normal(size=(people, width)) + levels * rng.normal(size=(len(size), width))[site]
    y = rng.normal(size=people) + link * factors[:, 1] + levels * rng.normal(size=len(size))[site]
    who, y = np.array([f"p{i:03d}" for i in range(people)]), y[:, None]
    said, level, spread = (np.empty((people, 1)) for _ in range(3))
    fold = np.empty(people, dtype=int)
    for number, (train, test) in enumerate(site_folds(who, site.astype(str))):
        model = NamedRegressor(feature_names=tuple(map(str, range(width)))).fit(x[train], y[train], who[train])
        known = model.predict(x[train])
        said[test], level[test], spread[test], fold[test] = model.predict(x[test]), known.mean(0), known.std(0), number
    return site.astype(str), RatingPredictions(who, who, fold, y, said, ("y",), level, spread)


def study(rng: np.random.Generator, size: tuple[int, ...], width: int, levels: float, link: float) -> list[float]:
    """Values and verdicts of one study."""
    site, p = predicted(rng, size, width, levels, link)
    ones = np.ones((1, len(site)))
    pooled = rating_statistics(p.truth, p.predicted, p.subject, p.frame)["pearson"]
    own = [np.flatnonzero(site == name) for name in np.unique(site)]
    parts = [part_of(p, rows) for rows in own]
    each = [rating_statistics(q.truth, q.predicted, q.subject)["pearson"] for q in parts]

    def mean(weights: np.ndarray) -> np.ndarray:
        return np.nanmean([one(weights[:, rows]) for one, rows in zip(each, own, strict=True)], axis=0)

    values = np.array([float(one(np.ones((1, len(rows))))[0]) for one, rows in zip(each, own, strict=True)])
    weight = np.array([len(rows) - 3.0 for rows in own])
    found, whole = mean_within(site, p), subject_interval(pooled, p.subject, "correlation")
    fixed = subject_interval(mean, p.subject, "correlation")
    return [
        float(np.corrcoef(p.predicted[:, 0], p.truth[:, 0])[0, 1]), float(pooled(ones)[0]), found.value,
        float(np.tanh(weight @ np.arctanh(np.clip(values, -0.999, 0.999)) / weight.sum())),
        whole.low > 0, whole.high < 0, found.low > 0, found.high < 0, fixed.low > 0, fixed.high < 0,
        found.p <= 0.05, people_p(mean, p.subject, 0.0) <= 0.05,
    ]  # fmt: skip


def main() -> None:
    """Print a table and keep it in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=300)
    parser.add_argument("--link", type=float, default=0.0)
    given = arguments(parser, studies=2)
    rows = []
    print(
        "| people at the sites | measures | levels | as they are | pooled | mean over sites (spread) | "
        "Fisher's weights | pooled above / below 0 | mean | mean, predictions fixed | p <= .05 | p, fixed |"
    )
    print("| --- | ---: | ---: |" + " ---: |" * 9)
    for size in SITES:
        for width, levels in DESIGNS:
            rng = np.random.default_rng(5)
            found = np.array([study(rng, size, width, levels, given.link) for _ in range(given.studies)], dtype=float)
            m, spread = np.nanmean(found, axis=0), float(np.nanstd(found[:, 2]))
            names = ("as they are", "pooled", "mean", "fisher", *SHARES)
            rows.append({"sites": size, "measures": width, "levels": levels, "spread": spread,
                         **dict(zip(names, m.tolist(), strict=True))})  # fmt: skip
            who = f"{len(size)} x {size[0]}" if len(set(size)) == 1 else ", ".join(map(str, size))
            print(
                f"| {who} | {width} | {levels:g} | {m[0]:+.3f} | {m[1]:+.3f} | {m[2]:+.3f} ({spread:.2f}) | "
                f"{m[3]:+.3f} | {m[4]:.3f} / {m[5]:.3f} | {m[6]:.3f} / {m[7]:.3f} | {m[8]:.3f} / {m[9]:.3f} | "
                f"{m[10]:.3f} | {m[11]:.3f} |",
                flush=True,
            )
    write("null_sites", {"link": given.link, "studies": given.studies, "rows": rows})


if __name__ == "__main__":
    main()
