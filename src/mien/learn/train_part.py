"""``train_part``: the folds of one job of an array, kept until ``train`` puts those of all jobs together."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.core.memory import kept_memory
from mien.core.output import check_folder
from mien.core.progress import Progress, progress_of
from mien.core.samples import Samples
from mien.engine.spread import spread
from mien.engine.work import Done, Item, PartDone, Spread
from mien.learn.against_covariates import halves_of
from mien.learn.crossval import fold_items, work_of
from mien.learn.fold_work import FoldWork
from mien.learn.kept_folds import KeptFolds
from mien.learn.noise import shuffled
from mien.learn.train import train
from mien.learn.training_plan import TrainingPlan, training_plan
from mien.stats.folds import Fold

# What is said to a job and not to its training.
_OF_RUN = ("output", "noise_check", "workers", "engine", "address", "progress")
# What tells the folds of covariates and face from the others.
_HALVES = "halves: "


@kept_memory()
def train_part(
    samples: Samples | str | Path,
    *,
    part: str,
    output: str | Path,
    workers: int = 1,
    engine: str = "local",
    address: str = "",
    progress: Progress | bool | None = None,
    **asked: Any,
) -> PartDone:
    """Fit one part of the folds of a training, for job arrays of a batch system.

    They are kept in ``output / 'folds'``. Every job is asked the same; afterwards ``train``, asked the same without
    ``part``, computes what is missing, puts all together as if it had run alone, and removes the kept folds.

    Parameters
    ----------
    samples : Samples, str or Path
    part : str
        ``'3/40'``: the third of forty parts.
    output : str or Path
        Folder of the model, which all jobs see.
    workers, engine, address, progress
        As in ``train``; progress counts the folds of this part.
    **asked
        All others of ``train``.

    Returns
    -------
    PartDone
        How many folds are there by now: those of the scores, and of shuffled labels, of people left out beside
        others, and of covariates where these are asked for.

    Raises
    ------
    InputError
        As ``train``; and without an evaluation, which is what has folds.

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=6, expressions=("neutral", "smile"), frames=8)
    >>> asked = dict(target="expression", n_folds=3, output="study/models/parted")
    >>> jobs = [mien.train_part("people", part=f"{number}/2", **asked) for number in (1, 2)]
    >>> jobs[-1].here, jobs[-1].total
    (3, 3)
    >>> mien.train("people", **asked).evaluation.scores["accuracy"].value
    1.0
    """
    how = Spread(engine, workers, part=part, address=address)
    if not part:
        raise InputError("part is one of several, such as '3/40'; all of them at once are what train does.")
    check_folder(output)
    given = inspect.signature(train).bind(samples, output=output, **asked)
    given.apply_defaults()
    plan = training_plan(**{name: value for name, value in given.arguments.items() if name not in _OF_RUN})
    if not plan.folds:
        raise InputError("part computes some of the folds of the evaluation, so leave evaluate=False away.")
    told, kept = progress_of(progress, "folds") or (lambda done, total: None), KeptFolds(Path(output))
    lots = [_Lot(*lot, kept) for lot in _lots(plan, given.arguments["noise_check"], given.arguments["seed"])]
    missing = [how.of(lot.missing()) for lot in lots]
    finished, total = 0, sum(map(len, missing))
    for lot, items in zip(lots, missing, strict=True):
        for item, done in zip(items, spread(lot.work, items, how) if items else (), strict=True):
            lot.keep(item, done)
            finished += 1
            told(finished, total)
    return PartDone(part, sum(len(lot.folds) - len(lot.missing()) for lot in lots), sum(len(lot.folds) for lot in lots))


class _Lot:
    """One work over all folds, and those that are kept of it."""

    def __init__(self, about: str, work: FoldWork, folds: list[Fold], kept: KeptFolds) -> None:
        self.about, self.work, self.folds, self._kept = about, work, folds, kept.of(work)

    def missing(self) -> list[Item]:
        """Folds that nobody has computed so far."""
        items = fold_items(self.folds, self.about)
        return [item for item, fold in zip(items, self.folds, strict=True) if not self._kept.has(fold)]

    def keep(self, item: Item, done: Done) -> None:
        """Keep what was computed."""
        # Too few people for two halves: ``train`` says so beside the scores.
        if self.about == _HALVES and isinstance(done.error, InputError):
            return
        self._kept.write((item.value[1], item.value[2]), done.result())


def _lots(plan: TrainingPlan, noise_check: bool, seed: int) -> Iterator[tuple[str, FoldWork, list[Fold]]]:
    """Everything that ``train`` fits in folds, with the words that tell it from the others."""
    table, outcome, folds = plan.table, plan.outcome, plan.folds

    def work(y: Any) -> FoldWork:
        return work_of(plan.make, plan.values, y, table.subjects, outcome)

    yield "", work(table.y), folds
    if noise_check:
        yield "shuffled: ", work(shuffled(outcome, table.y, table.subjects, seed, folds)), folds
    if plan.apart:
        yield "beside: ", work(table.y), plan.apart
    if plan.covariates:
        classes = () if plan.rated else outcome.names(table.y)
        yield _HALVES, halves_of(plan.make, plan.values, table, outcome, classes, seed), folds
