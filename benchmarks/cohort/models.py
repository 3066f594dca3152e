"""Models of cohorts where nothing is to be found: increments over covariates, sites left out, learning curves.

``python -m benchmarks.cohort.models [--quick] [--part increment|sites|recordings|curve|cohort] [--cohorts N] [--people
N]``. Made-up people whose outcome goes with age and site alone, which their measures show as well. Of every data set:
is the face said to add to age and site, is it said to hold at sites left out (also of made-up recordings, ``--part
recordings``), and does the interval of the gain lie above 0; then how much the best of several candidates flatters sets
of each size, on numbers and on made-up recordings (``cohort``).
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

import mien
from benchmarks.common import arguments, is_quick
from mien.cohort.learning_curve_result import LearningCurve
from mien.core.outcome import Classes, Outcome, Ratings
from mien.learn.against_covariates import said_of
from mien.learn.crossval import cross_predictions
from mien.learn.scoring import differences
from mien.learn.site_scores import site_scores
from mien.models.named import NamedClassifier, NamedRegressor
from mien.stats.beyond import beyond_p
from mien.stats.folds import subject_folds
from mien.stats.site_folds import site_folds

SITES, FRAMES = 5, 40 if is_quick() else 300


def people(n: int, measures: int, seed: int, *, by_age: bool = True) -> dict[str, np.ndarray]:
    """Age, site, measures that show both, and an outcome that goes with them alone (or with the site alone)."""
    rng = np.random.default_rng(seed)
    site, age = rng.integers(0, SITES, n), rng.normal(size=n)
    risk = rng.normal(size=SITES)[site] + by_age * age
    x = rng.normal(size=(n, measures)) + rng.normal(size=(SITES, measures))[site]
    if by_age:
        x[:, : measures // 3] += 0.7 * age[:, None]
    return {
        "x": x, "site": site.astype(str), "z": np.column_stack([age, np.eye(SITES)[site]]),
        "score": (risk + rng.normal(size=n))[:, None], "low": np.where(risk + rng.logistic(size=n) > 0, "yes", "no"),
        "ids": np.array([f"P{i:04d}" for i in range(n)]),
    }  # fmt: skip


def increment(n: int, measures: int, seed: int, classes: bool) -> tuple[float, bool]:
    """Probability of the test of what the face adds to age and site, and whether its lead is said to be above 0."""
    found = people(n, measures, seed)
    y = found["low"] if classes else found["score"]
    outcome: Outcome = Classes(("low",)) if classes else Ratings(("score",))
    make: Any = NamedClassifier if classes else NamedRegressor
    table: Any = SimpleNamespace(path=found["ids"], subjects=found["ids"])
    scheme: Any = "stratified" if classes else "grouped"
    folds = subject_folds(found["ids"], y if classes else None, scheme=scheme, n_folds=5, seed=seed)
    face = cross_predictions(make, found["x"], y, table, outcome, folds)
    plain: Any = (lambda: NamedClassifier(balanced=False)) if classes else make
    alone: Any = cross_predictions(plain, found["z"], y, table, outcome, folds)
    left = (y == "yes")[:, None] - alone.probabilities[:, 1:] if classes else y - alone.predicted
    p = beyond_p(left, said_of(face), found["z"], found["ids"], face.fold)
    return p, next(iter(differences(face, alone).values())).low > 0


def left_out(n: int, measures: int, seed: int) -> tuple[float, float, float]:
    """Probability over people, and the mean correlation with sites left out and with all sites in training."""
    found = people(n, measures, seed, by_age=False)
    table: Any = SimpleNamespace(path=found["ids"], subjects=found["ids"])
    outcome = Ratings(("score",))
    both = [
        cross_predictions(NamedRegressor, found["x"], found["score"], table, outcome, folds)
        for folds in (
            site_folds(found["ids"], found["site"]),
            subject_folds(found["ids"], scheme="grouped", n_folds=5, seed=seed),
        )
    ]
    sites = site_scores("site", found["site"], *both)
    return sites.mean.p, sites.mean.value, sites.known.value


def curve(effect: float, seed: int, n: int) -> LearningCurve:
    """A learning curve with seven candidates."""
    rng = np.random.default_rng(seed)
    own, x = rng.normal(size=n), rng.normal(size=(n, 60))
    x[:, :12] += effect * own[:, None]
    ids = [f"P{i:05d}" for i in range(n)]
    ratings = {"score": own + rng.normal(size=n), **{f"m{i // 10}_{i}": x[:, i] for i in range(60)}}
    samples = mien.Samples(path=ids, subject=ids, ratings=ratings)
    return mien.learning_curve(
        samples, target="score", model="logistic", features="m*", also=[f"m{i}_*" for i in range(6)], seed=seed
    )


def made_up_curve(effect: float, seed: int, n: int) -> LearningCurve:
    """A learning curve of the score of depression of a made-up cohort, with a choice among seven sets of channels."""
    with tempfile.TemporaryDirectory() as place:
        made = mien.synthesize_cohort(place, people=n, frames=FRAMES, effect=effect, seed=seed)
        mien.functionals(place, channels="mouth*,brow*,jaw*,cheek*,AU*", statistics="level")
        scored = mien.questionnaire(Path(place) / "participants.csv", scale="dass-21").beside(made.samples)
        return mien.learning_curve(
            scored, target="dass_21_depression", model="logistic", faces=place, features="functionals:*",
            also=["mouth*", "brow*", "jaw*", "cheek*", "AU0*", "AU1*,AU2*,AU45*"],
            seed=seed,
        )  # fmt: skip


def made_up_sites(n: int, seed: int) -> dict[str, float]:
    """Correlation at sites left out and on people of known sites, where sites alone shift levels and trait."""
    with tempfile.TemporaryDirectory() as place:
        made = mien.synthesize_cohort(
            place, people=n, frames=FRAMES, sites=5, effect=0.0, site_shift=1.0, confounding=1.0, seed=seed
        )
        mien.functionals(place, statistics="level,change")
        scored = mien.questionnaire(Path(place) / "participants.csv", scale="dass-21").beside(made.samples)
        asked: Any = {"target": "dass_21_depression", "model": "logistic", "faces": place, "features": "functionals:*"}
        found = mien.train(scored, **asked, scheme="leave-one-site-out").evaluation.sites
    assert found is not None
    return {"left out": found.mean.value, "p": found.mean.p, "known": found.known.value, "known p": found.known.p}


def say(title: str, curve_: LearningCurve) -> None:
    """Print a curve as a table."""
    print(f"{title}: {curve_.words()}")
    print("people | sets | held out | within, one model | single sets | the best of all looks better by")
    for size in curve_.sizes:
        assert size.chosen is not None
        best, said, own = size.chosen.optimism, size.held_out, size.within
        print(
            f"{size.people} | {size.repeats} | {said.value:.3f} ({said.low:.3f} to {said.high:.3f}) | {own.value:.3f} "
            f"({own.low:.3f} to {own.high:.3f}) | {size.spread[0]:.2f} to {size.spread[1]:.2f} | "
            f"{best.value:+.3f} ({best.low:+.3f} to {best.high:+.3f})",
            flush=True,
        )


def increments(repeats: int) -> None:
    """Print what is said of faces that add nothing to age and site."""
    print("outcome by age and site alone | p <= .05 | p <= .5 | lead of the face said to be above 0")
    for n in (60,) if is_quick() else (60, 200):
        for classes in (False, True):
            found = [increment(n, 20, seed, classes) for seed in range(repeats)]
            p = np.array([one for one, _ in found])
            shares = f"{(p <= 0.05).mean():.3f} | {(p <= 0.5).mean():.2f} | {np.mean([b for _, b in found]):.3f}"
            print(f"{n} people, {'classes' if classes else 'scores'} | {shares}", flush=True)


def sites(repeats: int) -> None:
    """Print what sites that shift levels do to scores, with and without the site left out."""
    print("site shifts level and outcome | p <= .05 | mean correlation, site left out | all sites in training")
    rows = np.array([left_out(200, 20, seed) for seed in range(repeats)])
    print(f"200 people | {(rows[:, 0] <= 0.05).mean():.3f} | {rows[:, 1].mean():.3f} | {rows[:, 2].mean():.3f}")


def recordings(cohorts: int, people: int) -> None:
    """Print the same of made-up recordings."""
    found = [made_up_sites(people, seed) for seed in range(cohorts)]
    for key in found[0]:
        print(f"{cohorts} made-up cohorts of {people}, {key}: {', '.join(f'{o[key]:.3f}' for o in found)}", flush=True)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parts = ("increment", "sites", "recordings", "curve", "cohort")
    parser.add_argument("--part", choices=parts, help="By default all.")
    parser.add_argument("--cohorts", type=int, help="Of made-up recordings; by default 5, with --quick 1.")
    parser.add_argument("--people", type=int, help="In each of them; by default 600, with --quick 60.")
    given = arguments(parser)
    repeats, n_curve = (1, 60) if given.quick else (1000, 8000)
    if given.part in (None, "increment"):
        increments(repeats)
    if given.part in (None, "sites"):
        sites(repeats)
    if given.part in (None, "recordings"):
        recordings(given.cohorts or (1 if given.quick else 5), given.people or (60 if given.quick else 600))
    for effect in (0.0, 0.3)[given.quick :] if given.part in (None, "curve") else ():
        say(f"learning curve, effect {effect}", curve(effect, 0, n_curve))
    for effect in (0.0, 0.4)[given.quick :] if given.part in (None, "cohort") else ():
        say(f"made-up cohort, planted correlation {effect}", made_up_curve(effect, 0, n_curve))


if __name__ == "__main__":
    main()
