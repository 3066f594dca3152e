"""Explanation by several workers: blocks of samples are given out, kept where there is a folder, and joined."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch

from mien.core.evidence import Evidence
from mien.core.features import PICTURE
from mien.core.target import Target
from mien.engine.spread import Spreading, spread, workers_for
from mien.engine.work import CRASHED, Done, Item, Spread, Work
from mien.explain.blocks import block_of, blocks_of, joined
from mien.explain.estimators import fed_table
from mien.explain.kept import Kept, KeptBlocks, mark_of
from mien.explain.methods import Method
from mien.explain.modules import evaluating
from mien.explain.networks import network_of
from mien.explain.problem import Attribution, Problem, Progress
from mien.explain.question import Inquiry
from mien.explain.store import slug
from mien.explain.wrappers import undisturbed
from mien.learn.fold_work import threads_here, use_threads
from mien.models.base import Model
from mien.models.store import Packed, packed

OTHER_PART = "other part"
_STEPS = 100_000
K = TypeVar("K", bound="Kept[Any]")


@dataclass(frozen=True, eq=False)
class Lot:
    """A block as it travels: the samples, what is known of them, and what was decided for all."""

    target: Target
    values: np.ndarray
    scores: np.ndarray
    first: int
    whole: int
    batch_size: int
    settled: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Explaining:
    """What workers do to blocks; the model travels as its files, or where they are.

    Attributes
    ----------
    model : object
        Folder of a stored model, the files of one of mien's, or what the user gave.
    inquiry : Inquiry
        Without model and samples.
    device : str
        Where the first process's network is, such as ``'cpu'``: each worker has its own there.
    threads : dict of str to int
        Those of the first process, so that results are its own in every other one, too.
    """

    model: Any
    inquiry: Inquiry
    device: str
    threads: dict[str, int] = field(default_factory=threads_here)
    torch_threads: int = field(default_factory=torch.get_num_threads)

    def start(self, threads: int) -> tuple[Inquiry, dict[str, Problem]]:
        """The question with its model, and problems by their targets."""
        use_threads(self.threads)
        torch.set_num_threads(self.torch_threads)
        asked = self.inquiry
        model = self.model.unpacked() if isinstance(self.model, Packed) else self.model
        network = network_of(model, asked.classes)
        network = network if network.module is None else network.on(self.device)
        if asked.network.columns:
            assert network.scores is not None
            network = replace(network, scores=fed_table(network.scores, asked.network.columns))
        return replace(asked, network=replace(network, facts=asked.network.facts)), {}

    @undisturbed()
    def do(self, ready: tuple[Inquiry, dict[str, Problem]], value: Lot, step: Callable[[Any], None]) -> Attribution:
        """What the method gives for a block."""
        inquiry, problems = ready
        name = str(value.target)
        if name not in problems:
            problems[name] = inquiry.problem(value.target, value.values)
        problem = replace(
            problems[name],
            values=value.values,
            scores=value.scores,
            first=value.first,
            whole=value.whole,
            batch_size=value.batch_size,
            settled=dict(value.settled),
            progress=lambda done, of: step((value.first, done / max(1, of))),
        )
        with evaluating(problem.module):
            return inquiry.method.run(problem, **inquiry.settings)


@dataclass(frozen=True, eq=False)
class _Here:
    """The same in this process, with the model that is there."""

    problem: Problem
    method: Method
    settings: Mapping[str, Any]

    def start(self, threads: int) -> None:
        """Everything is there."""

    def do(self, ready: None, value: Lot, step: Callable[[Any], None]) -> Attribution:
        """What the method gives for a block."""
        problem = replace(
            self.problem, values=value.values, scores=value.scores, first=value.first, whole=value.whole,
            progress=lambda done, of: step((value.first, done / max(1, of))),
        )  # fmt: skip
        return self.method.run(problem, **self.settings)


class Workers:
    """Explains the samples of an inquiry, whichever the target; for a ``with``.

    Parameters
    ----------
    model : object
        As ``mien.explain`` was given it.
    how : Spread
    folder : str or Path, optional
        Where blocks are kept until the evidence is stored.
    """

    def __init__(self, model: Any, how: Spread, folder: str | Path | None) -> None:
        self.how, self.folder = how, None if folder is None else Path(folder)
        # Workers of other machines may stand elsewhere.
        self._named = _name_of(model)
        self._stack = ExitStack()
        self._spreading: Spreading | None = None
        self._kept: Kept[Any] | None = None

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *why: Any) -> None:
        self._stack.close()

    def __call__(self, inquiry: Inquiry, problem: Problem, scores: np.ndarray) -> Attribution:
        """What the inquiry's method gives for all samples of a problem; blocks that were kept are read."""
        method, settings = inquiry.method, inquiry.settings
        blocks = {rows.start: rows for rows in blocks_of(problem, method, settings)}
        if len(blocks) == 1 and not self.how.part:
            self._kept = None
            return method.run(problem, **settings)
        kept = self.kept(method.name, problem.target, mark_of(inquiry, problem, scores), KeptBlocks)
        if kept is not None:
            problem.settled.update(kept.settled())
        before: dict[int, Attribution] = {}
        if _decides(problem, method) and not problem.settled and not (self.how.serial and kept is None):
            # What it decides on the first samples holds for all others, so they wait for it.
            first = None if kept is None else kept.read(0)
            if first is None:
                first = method.run(block_of(problem, blocks[0], scores), **settings)
                decided = dict(problem.settled)
                if kept is not None:
                    problem.settled.update(kept.settle(decided))
                # A job beside this one may have decided otherwise in between: then the block is computed anew.
                first = first if problem.settled == decided else None
            if first is not None:
                before[0] = first
                if kept is not None:
                    kept.write(0, first)

        def lot(rows: slice) -> Lot:
            return Lot(
                problem.target, problem.values[rows], scores[rows], rows.start, len(problem.values),
                problem.batch_size, problem.settled,
            )  # fmt: skip

        total = len(problem.values)
        found = self.gather(
            _Here(problem, method, settings),
            lambda: Explaining(self.travelling(inquiry.network.model), hollow(inquiry), str(problem.device)),
            str(problem.target),
            {first: partial(lot, rows) for first, rows in blocks.items() if first not in before},
            {first: (rows.stop - rows.start) / total for first, rows in blocks.items()},
            kept,
            problem.progress,
        )
        return joined([(rows, {**found, **before}[first]) for first, rows in blocks.items()], problem)

    def kept(self, method: str, target: Target, mark: str, kind: type[K]) -> K | None:
        """What is there of a question in the folder, if there is one."""
        kept = None
        if self.folder is not None:
            kept = kind(self.folder / method / f".{slug(str(target))}-{mark[:16]}")
            kept.clean()
        self._kept = kept
        return kept

    def gather(
        self,
        here: Work,
        there: Callable[[], Work],
        name: str,
        values: Mapping[int, Callable[[], Any]],
        shares: Mapping[int, float],
        kept: Kept[Any] | None,
        progress: Progress,
    ) -> dict[int, Any]:
        """The results of numbered lots: those that were kept, and the others from the workers.

        Parameters
        ----------
        here, there : Work, callable that gives one
            What is done to a lot in this process, and in others.
        name : str
            Of what all lots are about.
        values : mapping of int to callable
            Give the lots as they travel.
        shares : mapping of int to float
            Of all the work.
        kept : KeptBlocks or None
        progress : callable (done, total)

        Returns
        -------
        dict of int
            By number the result, or (status, reason) where there is none.
        """
        result: dict[int, Any] = {}
        for number in values:
            result[number] = None if kept is None else kept.read(number)
        left = [number for number, there_already in result.items() if there_already is None]
        done = {number: float(number not in left) for number in shares}

        def step(told: tuple[int, float]) -> None:
            done[told[0]] = told[1]
            progress(round(_STEPS * sum(done[number] * share for number, share in shares.items())), _STEPS)

        items = (Item(f"{name} {number}", values[number]()) for number in left)
        result |= dict.fromkeys(left, (OTHER_PART, f"it belongs to another part than {self.how.part}"))
        for one in self._given_out(here, there, items, step):
            number = int(one.key.rpartition(" ")[2])
            if one.status == CRASHED:
                result[number] = (CRASHED, one.reason)
            else:
                result[number] = one.result()
                if kept is not None:
                    kept.write(number, result[number])
            step((number, 1.0))
        return result

    def travelling(self, model: Any) -> Any:
        """A model as it goes to workers: where it lies or its name, its files, or as the user gave it."""
        if self._named is not None:
            return self._named
        return packed(model) if isinstance(model, Model) else model

    def stored(self, evidence: Evidence) -> None:
        """The evidence is where it belongs: blocks are not needed any more, unless some of it may come another time."""
        if self._kept is not None and not (evidence.status == CRASHED).any():
            self._kept.remove()

    def _given_out(
        self, here: Work, there: Callable[[], Work], items: Iterator[Item], step: Callable[[Any], None]
    ) -> Iterator[Done]:
        if self.how.serial:
            yield from spread(here, items, self.how, step=step)
            return
        if self._spreading is None:
            self._spreading = self._stack.enter_context(workers_for(there(), self.how))
        yield from self._spreading(items, step=step)


def hollow(inquiry: Inquiry) -> Inquiry:
    """The question without the model and the samples."""
    inputs, nothing = inquiry.inputs, np.zeros(0, dtype=int)
    # Of pictures only a mean is ever needed of the reference.
    shown = inputs.features.space != PICTURE or inquiry.settings.get("fill") == "training mean"
    empty = inputs.sample[nothing]
    return replace(
        inquiry,
        network=replace(inquiry.network, module=None, scores=None, model=None),
        inputs=replace(inputs, features=inputs.features[nothing], sample=empty, subject=empty, label=empty, places={}),
        reference=inquiry.reference if shown else inquiry.reference[:0],
    )


def _name_of(model: Any) -> str | None:
    """Where a stored model lies, or the word for one that is built in or read off the face."""
    if not isinstance(model, (str, Path)):
        return None
    return str(Path(model).absolute()) if Path(model).is_dir() else str(model)


def _decides(problem: Problem, method: Method) -> bool:
    """Whether a method decides something on its first samples: a precision, what covered places show."""
    return problem.space == PICTURE and method.home.startswith("perturb.")
