"""All folds of a reduction: finished ones are read from the folder, the others are run and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

import mien
from mien.core.errors import InputError
from mien.core.files import read_json, remove_halves, write_json
from mien.core.progress import Progress
from mien.reduce.clips import Clips
from mien.reduce.fold import ANATOMY, EVIDENCE, RANDOM, RECURSIVE, FoldPlan, FoldResult, Ladder, run_fold
from mien.stats.folds import Fold

# To be raised when the same data and settings give other results than before.
PROCEDURE = 3


def all_folds(
    clips: Clips, plan: FoldPlan, folds: list[Fold], folder: Path | None, progress: Progress | None
) -> tuple[list[FoldResult], np.ndarray]:
    """Every fold's result and the ranking on all clips; those that lie in the folder already are read."""
    total = plan.n_fits * len(folds) + len(plan.counts) + 1
    done = 0

    def at(number: int) -> None:
        nonlocal done
        done = number
        if progress is not None:
            progress(min(done, total), total)

    mark = _fingerprint(clips, plan)
    if folder is not None:
        remove_halves(folder / "folds")
    results = []
    at(0)
    for number, fold in enumerate(folds):
        path = None if folder is None else folder / "folds" / f"fold-{number:03d}.json"
        print_ = hashlib.sha256(f"{mark} {fold[1].tolist()}".encode()).hexdigest()
        stored = _stored(path, print_)
        result = FoldResult.from_json(stored) if stored else run_fold(clips, plan, fold, lambda: at(done + 1))
        if path is not None and not stored:
            write_json(path, {"fingerprint": print_, **result.to_json()})
        results.append(result)
        at((number + 1) * plan.n_fits)
    path = None if folder is None else folder / "folds" / "everybody.json"
    stored = _stored(path, mark)
    if stored:
        return results, np.array(stored["ranking"], dtype=int)
    everybody = np.arange(len(clips.y))
    order = Ladder(clips, plan, everybody, everybody[:1], lambda: at(done + 1)).ranking(main_method(plan.methods))
    if path is not None:
        write_json(path, {"fingerprint": mark, "ranking": order.tolist()})
    at(total)
    return results, order


def _stored(path: Path | None, mark: str) -> dict[str, Any] | None:
    """A result of an earlier run with the same data and settings."""
    if path is None or not path.exists():
        return None
    try:
        stored = read_json(path)
    except InputError:
        return None
    return stored if isinstance(stored, dict) and stored.get("fingerprint") == mark else None


def _fingerprint(clips: Clips, plan: FoldPlan) -> str:
    learner, asking = plan.learner, plan.asking
    facts = {
        "mien": [mien.__version__, PROCEDURE],
        "clips": clips.fingerprint(),
        "counts": plan.counts,
        "methods": plan.methods,
        "units": [unit.tolist() for unit in plan.units.members],
        "random": {count: [points.tolist() for points in sets] for count, sets in plan.random.items()},
        "asking": [asking.method, asking.baselines, asking.n_baselines, asking.amount, asking.settings, asking.seed],
        "contrast": str(clips.contrast or ""),
        "learner": [learner.name, learner.settings, learner.seed, learner.mirror],
        "parameters": {} if isinstance(learner.model, str) else learner.model.get_params(),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def main_method(methods: Sequence[str]) -> str:
    """The method that result and choice rest on."""
    if RECURSIVE in methods:
        return RECURSIVE
    return next(name for name in (*EVIDENCE, *methods) if name in methods and name not in (RANDOM, ANATOMY))
