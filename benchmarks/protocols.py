"""Protocols beside leave-people-out: user-specific, few-shot adaptation to one person, populations together.

``python -m benchmarks.protocols null [--runs 100]``
    Made-up people (5, 10, 20) without any deviation of their own: whether the learning curve of ``mien.adapt`` stays
    flat, how often its corrected tests see a difference at .05, and how often its intervals hold the true mean (that
    of all runs together); and how often 'user-specific' seems better than people left out.
``python -m benchmarks.protocols planted [--runs 100]``
    The same with people who show one of two signs each in their own way.
``python -m benchmarks.protocols real [--models landmark-rvfl,...]``
    BUHMAP (11 people, 5 recordings per class): the learning curve for 0, 1, 2, 4, and 'user-specific'.
``python -m benchmarks.protocols populations --folder DIR``
    London against OMI, pooled and left out, model 'expression'; a folder of an earlier run is continued.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.common import write

PEOPLE, K = (5, 10, 20), (0, 1, 2, 4)
CLASSES, TAKES = ("a", "b"), 6
# As quick as a linear model gets: its regularisation is not chosen anew in each of some thousand fits.
FAST: dict[str, Any] = {"model": "expression", "settings": {"strengths": (10.0,)}, "features": "n*"}


def cohort(rng: np.random.Generator, people: int, deviation: float, signal: float) -> Any:
    """Two classes in four numbers: the first shows them in everybody, the second in each person up or down."""
    import mien

    rows, subject, label = [], [], []
    for person in range(people):
        way = rng.choice((-1.0, 1.0)) * deviation
        for j, name in enumerate(CLASSES):
            for _ in range(TAKES):
                rows.append(rng.normal(size=4) * 0.5 + np.array([signal, way, 0, 0]) * (2 * j - 1))
                subject.append(f"p{person}")
                label.append(name)
    return mien.Samples(
        path=[f"r{i}" for i in range(len(rows))], subject=subject, labels={"class": label},
        ratings={f"n{i}": column for i, column in enumerate(np.array(rows).T)},
    )  # fmt: skip


def simulated(runs: int, deviation: float, signal: float) -> list[dict[str, Any]]:
    """Curves and user-specific scores of cohorts."""
    import mien

    rows = []
    for people in PEOPLE:
        curves, shared = [], []
        for run in range(runs):
            samples = cohort(np.random.default_rng([people, run]), people, deviation, signal)
            asked: dict[str, Any] = {"target": "class", "recordings": "path", "seed": run, **FAST}
            curves.append(mien.adapt(samples, k=K, repeats=2, **asked).points)
            if people > min(PEOPLE):
                shared.append(mien.train(samples, scheme="user-specific", n_folds=3, **asked).evaluation.shared)
        numbers = {
            name: np.array([[getattr(point, name) for point in curve] for curve in curves])
            for name in ("value", "low", "high", "difference", "difference_low", "difference_high", "p", "p_corrected")
        }
        truth, mean = numbers["difference"].mean(0), numbers["value"].mean(0)
        held = (numbers["difference_low"] <= truth) & (truth <= numbers["difference_high"])
        level = (numbers["low"] <= mean) & (mean <= numbers["high"])
        known = np.isfinite(numbers["low"]).all(1)
        row = {
            "people": people, "k": K, "mean": mean.round(3).tolist(), "difference": truth.round(3).tolist(),
            "p of a k <= .05": (numbers["p"][:, 1:] <= 0.05).mean(0).round(3).tolist(),
            "any corrected p <= .05": float((numbers["p_corrected"][:, 1:] <= 0.05).any(1).mean()),
            "any, and better": float(((numbers["p_corrected"] <= 0.05) & (numbers["difference"] > 0)).any(1).mean()),
            "interval of the difference holds it": held[:, 1:].mean(0).round(3).tolist(),
            "interval of the mean holds it": level[known].mean(0).round(3).tolist() if known.any() else "withheld",
        }  # fmt: skip
        if shared:
            difference = np.array([one.difference for one in shared])
            row |= {
                "user-specific minus left out": float(difference.mean().round(3)),
                "its p <= .05": float(np.mean([one.p <= 0.05 for one in shared])),
                "its interval holds it": float(np.mean([o.low <= difference.mean() <= o.high for o in shared])),
            }
        rows.append(row)
        print(row, flush=True)
    return rows


def real(models: list[str]) -> list[dict[str, Any]]:
    """BUHMAP."""
    import mien

    rows = []
    for model in models:
        found = mien.adapt("buhmap", target="label", model=model, k=K)
        known = mien.train("buhmap", target="label", model=model, scheme="user-specific", n_folds=5).evaluation.shared
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
    parser.add_argument("what", choices=("null", "planted", "real", "populations"))
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--models", default="landmark-rvfl")
    parser.add_argument("--folder", type=Path, default=Path("populations-study"))
    given = parser.parse_args()
    begin = time.process_time()
    work: dict[str, Callable[[], list[dict[str, Any]]]] = {
        "null": lambda: simulated(given.runs, 0.0, 0.5),
        "planted": lambda: simulated(given.runs, 1.0, 0.3),
        "real": lambda: real(given.models.split(",")),
        "populations": lambda: populations(given.folder),
    }
    result = work[given.what]()
    write(f"protocols_{given.what}", {"result": result, "processor_s": time.process_time() - begin})


if __name__ == "__main__":
    main()
