"""Protocols beside leave-people-out: user-specific, few-shot adaptation to one person, populations together.

``python -m benchmarks.protocols null [--runs 500]``
    Made-up people (5, 10, 20) without any deviation of their own: whether the learning curve of ``mien.adapt`` (its
    draws, intervals and tests, with ridge regression as a model that is fitted in no time) stays flat, how often its
    corrected tests see a difference at .05, and how often its intervals hold the true mean (that of all runs
    together); and how often 'user-specific' seems to differ from people left out.
``python -m benchmarks.protocols planted [--runs 500]``
    The same with people who show one of two signs each in their own way.
``python -m benchmarks.protocols real [--models landmark-rvfl,...]``
    BUHMAP (11 people, 5 recordings per class): the learning curve for 0, 1, 2, 4, and 'user-specific'.
``python -m benchmarks.protocols populations --folder DIR``
    London against OMI, pooled and left out, model 'expression'; a folder of an earlier run is continued.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import arguments, is_quick, parts, write
from mien.learn.adaptation import curve
from mien.learn.adapting import split
from mien.learn.predictions import ClassPredictions
from mien.learn.shared_people import shared_people
from mien.stats.folds import subject_folds
from mien.stats.recording_folds import recording_folds
from mien.stats.scores import Score

PEOPLE, K = ((5,), (0, 1)) if is_quick() else ((5, 10, 20), (0, 1, 2, 4))
FOLDS = 2 if is_quick() else 5
CLASSES, TAKES, WEIGHT, REPEATS = ("a", "b"), 6, 10, 3


def cohort(rng: np.random.Generator, people: int, deviation: float, signal: float) -> tuple[np.ndarray, ...]:
    """Two classes in four numbers: the first shows them in everybody, the second in each person up or down."""
    y = np.tile(np.repeat([0, 1], TAKES), people)
    who = np.repeat(np.arange(people), 2 * TAKES)
    way = rng.choice((-1.0, 1.0), people)[who] * deviation
    values = rng.normal(size=(len(y), 4)) * 0.5
    values[:, 0] += signal * (2 * y - 1)
    values[:, 1] += way * (2 * y - 1)
    return values, y, who


def told(values: np.ndarray, y: np.ndarray, weight: np.ndarray, asked: np.ndarray) -> np.ndarray:
    """Classes by weighted ridge regression."""
    x = np.column_stack([values, np.ones(len(values))])
    found = np.linalg.solve(x.T @ (x * weight[:, None]) + 0.1 * np.eye(5), x.T @ (weight * (2 * y - 1)))
    return np.asarray(np.column_stack([asked, np.ones(len(asked))]) @ found > 0).astype(int)


def curve_of(values: np.ndarray, y: np.ndarray, who: np.ndarray, rng: np.random.Generator) -> Any:
    """The learning curve with the product's draws, intervals and tests, and ridge regression as the model."""
    takes = np.array([f"r{i}" for i in range(len(y))], dtype=object)
    scores = []
    for person in np.unique(who):
        rows, others = np.flatnonzero(who == person), np.flatnonzero(who != person)
        drawn = []
        for _ in range(REPEATS):
            own, test = split(takes[rows], y[rows].astype(str), K, rng)
            right = []
            for mine in own:
                learns = np.concatenate([others, rows[mine]])
                weight = np.where(who[learns] == person, float(WEIGHT), 1.0)
                right.append((told(values[learns], y[learns], weight, values[rows[test]]) == y[rows[test]]).mean())
            drawn.append(right)
        scores.append(np.mean(drawn, axis=0))
    return curve(K, np.array(scores), [f"p{i}" for i in range(len(scores))])


def shared_of(values: np.ndarray, y: np.ndarray, who: np.ndarray, seed: int) -> Any:
    """User-specific beside people left out, with the product's folds, interval and test."""
    names = np.array([f"p{i}" for i in who], dtype=object)
    takes = [f"r{i}" for i in range(len(y))]
    label = np.array(CLASSES, dtype=object)[y]
    both = []
    for folds in (recording_folds(names, takes, label, n_folds=3, seed=seed),
                  subject_folds(names, label, n_folds=3, seed=seed)):  # fmt: skip
        probabilities, fold = np.zeros((len(y), 2)), np.zeros(len(y), int)
        for number, (train, test) in enumerate(folds):
            found = told(values[train], y[train], np.ones(len(train)), values[test])
            probabilities[test, found], fold[test] = 1.0, number
        both.append(ClassPredictions(np.array(takes, dtype=object), names, fold, label, probabilities, CLASSES))
    nothing = Score(*5 * [float("nan")])
    return shared_people(both[0], both[1], (nothing, nothing), seed)


def simulated(runs: int, deviation: float, signal: float) -> list[dict[str, Any]]:
    """Curves and user-specific scores of cohorts."""
    rows = []
    for people in PEOPLE:
        curves, shared = [], []
        for run in range(runs):
            rng = np.random.default_rng([people, run])
            made = cohort(rng, people, deviation, signal)
            curves.append(curve_of(*made, rng))
            shared.append(shared_of(*made, run))
        numbers = {
            name: np.array([[getattr(point, name) for point in curve] for curve in curves])
            for name in ("value", "low", "high", "difference", "difference_low", "difference_high", "p", "p_corrected")
        }
        truth, mean = numbers["difference"].mean(0), numbers["value"].mean(0)
        low, high = numbers["difference_low"], numbers["difference_high"]
        held = (low <= truth) & (truth <= high) | np.isnan(low)
        level = (numbers["low"] <= mean) & (mean <= numbers["high"])
        known = np.isfinite(numbers["low"]).all(1)
        small = numbers["p_corrected"][:, 1:] <= 0.05
        difference = np.array([one.difference for one in shared])
        rows.append({
            "people": people, "k": K, "mean": mean.round(3).tolist(), "difference": truth.round(3).tolist(),
            "p <= .05": (numbers["p"][:, 1:] <= 0.05).mean(0).round(3).tolist(),
            "any corrected p <= .05": float(small.any(1).mean().round(3)),
            "any, and better": float((small & (numbers["difference"][:, 1:] > 0)).any(1).mean().round(3)),
            "interval of the difference holds it": held[:, 1:].mean(0).round(3).tolist(),
            "no interval": np.isnan(low[:, 1:]).mean(0).round(3).tolist(),
            "interval of the mean holds it": level[known].mean(0).round(3).tolist() if known.any() else "withheld",
            "user-specific minus left out": float(difference.mean().round(3)),
            "its p <= .05": float(np.mean([one.p <= 0.05 for one in shared]).round(3)),
            "its interval holds it": float(
                np.mean([not (o.low > difference.mean() or o.high < difference.mean()) for o in shared]).round(3)
            ),
        })  # fmt: skip
        print(rows[-1], flush=True)
    return rows


def real(models: list[str]) -> list[dict[str, Any]]:
    """BUHMAP."""
    import mien

    rows = []
    for model in models:
        found = mien.adapt("buhmap", target="label", model=model, k=K)
        known = mien.train(
            "buhmap", target="label", model=model, scheme="user-specific", n_folds=FOLDS
        ).evaluation.shared
        print(model, *found.words(), known.words(), sep="\n", flush=True)
        rows.append({"model": model, "curve": found.to_json()["points"], "user-specific": known.to_json()})
    return rows


def populations(folder: Path) -> list[dict[str, Any]]:
    """London and OMI."""
    import mien
    from mien.compare.population_result import MODELS, PopulationScores

    if not (folder / "study.toml").exists():
        mien.study.new("populations", folder, target="expression", changed={
            "populations": {
                "sources": {"London": "london", "OMI": "omi"}, "people_in_several": "other people",
                "same": {"smiling": "smile", "happy > 65": "smile", "happy < 30": "neutral"},
            },
            "models": {"train": ["expression"]}, "evidence": {"n_samples": 20},
        })  # fmt: skip
    mien.study.run(folder, say=print)
    found = PopulationScores.read(folder / "populations")
    rows: list[dict[str, Any]] = []
    for test in found.tests:
        score = test.evaluation.scores["balanced_accuracy"]
        drop = next((s.groups.rows[0] for s in found.shifts
                     if s.kind == MODELS and s.b == (test.trained, test.tested)), None)  # fmt: skip
        rows.append({
            "trained": test.trained, "tested": test.tested, "people": len(test.people), "value": score.value,
            "low": score.low, "high": score.high, "p": score.p,
            "drop": None if drop is None else [drop.difference, drop.difference_low, drop.difference_high, drop.p],
        })  # fmt: skip
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    """Simulate or run, print, and keep in ``benchmarks/results``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=("null", "planted", "real", "populations"))
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--models", default="landmark-rvfl")
    parser.add_argument("--folder", type=Path, default=Path("populations-study"))
    given = arguments(parser, data=("buhmap", "london", "omi"), runs=1)
    scratch = tempfile.TemporaryDirectory()
    folder = Path(scratch.name) if given.quick else given.folder
    work: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "null": lambda: simulated(given.runs, 0.0, 0.5),
        "planted": lambda: simulated(given.runs, 1.0, 0.3),
        "real": lambda: real(given.models.split(",")),
        "populations": lambda: populations(folder),
    }
    # 'populations' runs a whole study, which takes a minute and more.
    for what in parts(given.what, list(work)[: 3 if given.quick and given.what is None else None]):
        begin = time.process_time()
        write(f"protocols_{what}", {"result": work[what](), "processor_s": time.process_time() - begin})
    scratch.cleanup()


if __name__ == "__main__":
    main()
