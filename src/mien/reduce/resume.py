"""All folds of a reduction: finished ones are read from the folder, the others are run and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import mien
from mien.core.errors import InputError
from mien.core.files import read_json, remove_halves, write_json
from mien.core.progress import Progress
from mien.engine.spread import spread
from mien.engine.work import Item, PartDone, Spread
from mien.learn.fold_work import threads_here, use_threads
from mien.reduce.clips import Clips
from mien.reduce.fold import FoldPlan, FoldResult, Ladder, run_fold
from mien.reduce.ways import ANATOMY, EVIDENCE, RANDOM, RECURSIVE
from mien.stats.folds import Fold

# To be raised when the same data and settings give other results than before.
PROCEDURE = 3


# Number of the ranking on all clips among the folds.
_EVERYBODY = -1


@dataclass(frozen=True, eq=False)
class FoldOfClips:
    """What a worker does to a fold, and to all clips: see ``run_fold`` and ``Ladder.ranking``."""

    clips: Clips
    plan: FoldPlan
    threads: dict[str, int] = field(default_factory=threads_here)

    def start(self, threads: int) -> None:
        """As many threads as where the work was made."""
        use_threads(self.threads)

    def do(self, ready: None, value: tuple[int, Fold], step: Callable[[Any], None]) -> FoldResult | np.ndarray:
        """A fold's result, or the ranking on all clips."""
        number, (train, test) = value
        if number == _EVERYBODY:
            return Ladder(self.clips, self.plan, train, test, lambda: step(number)).ranking(
                main_method(self.plan.methods)
            )
        return run_fold(self.clips, self.plan, (train, test), lambda: step(number))


def all_folds(
    clips: Clips,
    plan: FoldPlan,
    folds: list[Fold],
    folder: Path | None,
    progress: Progress | None,
    how: Spread | None = None,
) -> tuple[list[FoldResult], np.ndarray] | PartDone:
    """Every fold's result and the ranking on all clips; those that lie in the folder already are read.

    Of a part of them only how many are there.
    """
    mark = _fingerprint(clips, plan)
    if folder is not None:
        remove_halves(folder / "folds")
    everybody = np.arange(len(clips.y))
    lots = {**dict(enumerate(folds)), _EVERYBODY: (everybody, everybody[:1])}
    most = {number: plan.n_fits if number != _EVERYBODY else len(plan.counts) + 1 for number in lots}
    marks = {
        number: hashlib.sha256(f"{mark} {fold[1].tolist()}".encode()).hexdigest() if number != _EVERYBODY else mark
        for number, fold in lots.items()
    }
    stored = {number: _stored(_path(folder, number), marks[number]) for number in lots}
    results = {number: _read(number, found) for number, found in stored.items() if found}
    fits = {number: most[number] if number in results else 0 for number in lots}

    def tell() -> None:
        if progress is not None:
            progress(sum(min(fits[number], most[number]) for number in lots), sum(most.values()))

    def step(number: int) -> None:
        fits[number] += 1
        tell()

    tell()
    items = [Item(str(number), (number, fold)) for number, fold in lots.items() if number not in results]
    for done in spread(FoldOfClips(clips, plan), items, how, step=step):
        number, result = int(done.key), done.result()
        path = _path(folder, number)
        if path is not None:
            kept = {"ranking": result.tolist()} if number == _EVERYBODY else result.to_json()
            write_json(path, {"fingerprint": marks[number], **kept})
        results[number], fits[number] = result, most[number]
        tell()
    if how is not None and how.part:
        return PartDone(how.part, len(results), len(lots))
    return [results[number] for number in range(len(folds))], results[_EVERYBODY]


def _path(folder: Path | None, number: int) -> Path | None:
    name = "everybody" if number == _EVERYBODY else f"fold-{number:03d}"
    return None if folder is None else folder / "folds" / f"{name}.json"


def _read(number: int, stored: dict[str, Any]) -> Any:
    return np.array(stored["ranking"], dtype=int) if number == _EVERYBODY else FoldResult.from_json(stored)


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
