"""What a worker judges: one explanation of a group of samples, by all metrics."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from mien.core.evidence import Evidence
from mien.core.target import Target
from mien.explain.modules import evaluating
from mien.explain.wrappers import undisturbed
from mien.faithfulness.candidates import by_method, ready_made
from mien.faithfulness.case import Case, Explanation
from mien.faithfulness.cases import ScoredSamples, cases_of, controls, samples_to_score
from mien.faithfulness.metrics import metric_of_name
from mien.faithfulness.result import CONTROLS
from mien.faithfulness.scoring import MetricValues, measure
from mien.learn.fold_work import threads_here, use_threads
from mien.models.store import Packed


@dataclass(frozen=True, eq=False)
class Judged:
    """An explanation's scores, its numbers by all metrics, and how long the method took.

    Attributes
    ----------
    scores : ndarray of float64, shape (samples, units)
    measured : MetricValues
    seconds : float
    """

    scores: np.ndarray
    measured: MetricValues
    seconds: float


@dataclass(frozen=True, eq=False)
class CandidateExplanation:
    """What is judged: a method, a control or ready evidence, on one group of samples.

    Attributes
    ----------
    place : int
        Of it among all that are judged, for progress.
    group : int
    name : str
    method : str
        ``''`` of controls and ready evidence.
    evidence : Evidence or None
    """

    place: int
    group: int
    name: str
    method: str = ""
    evidence: Evidence | None = None


@dataclass(frozen=True, eq=False)
class PreparedSamples:
    """Samples ready to be scored, in this process.

    Attributes
    ----------
    what : ScoredSamples
    cases : list of Case
    target : Target
    centres : ndarray or None
    metrics : sequence of str
    own : dict of str to dict
        Settings of methods and metrics.
    """

    what: ScoredSamples
    cases: list[Case]
    target: Target
    centres: np.ndarray | None
    metrics: Sequence[str]
    own: Mapping[str, dict[str, Any]]

    def judge(self, one: CandidateExplanation, step: Callable[[Any], None]) -> Judged:
        """Explain, where that is wanted, and measure."""
        group, case = self.what.groups[one.group], self.cases[one.group]

        def within(half: int, done: int, total: int) -> None:
            step((one.place, (half + min(1.0, done / max(1, total))) / 2))

        begun = time.perf_counter()
        with evaluating(case.problem.module):
            if one.name in CONTROLS:
                found: Explanation = controls(group, case, self.centres)[one.name]
            elif one.evidence is not None:
                found = ready_made(one.name, one.evidence, group.inquiry, self.target, case.units)
            else:
                given = group.settings(one.method, self.own.get(one.method, {}))
                found = by_method(
                    group.inquiry, one.method, given, self.target, case.units, lambda *said: within(0, *said)
                )
            seconds = time.perf_counter() - begun
            rows = [metric_of_name(name) for name in self.metrics]
            measured = measure(case, {one.name: found}, rows, dict(self.own), lambda *said: within(1, *said))
        return Judged(found.scores, measured, seconds)


@dataclass(frozen=True, eq=False)
class JudgingHere:
    """In this process, with the model and samples that are there."""

    prepared: PreparedSamples

    def start(self, threads: int) -> None:
        """Everything is there."""

    def do(self, ready: None, value: CandidateExplanation, step: Callable[[Any], None]) -> Judged:
        """Scores and numbers of one explanation."""
        return self.prepared.judge(value, step)


@dataclass(frozen=True, eq=False)
class JudgingThere:
    """In another process, which reads model and samples for itself.

    Attributes
    ----------
    model, samples : object
        As they travel.
    leading : str
        The method that inputs are prepared for.
    seed : int
    inputs : dict
    target : Target
    of_cases : tuple
        ``truth``, ``fill``, ``block`` and ``n_steps``.
    centres : ndarray or None
    metrics : sequence of str
    own : dict of str to dict
    threads : dict of str to int
        Those of the first process, so that results are its own in every other one, too.
    """

    model: Any
    samples: Any
    leading: str
    seed: int
    inputs: dict[str, Any]
    target: Target
    of_cases: tuple[Any, str | None, int | None, int]
    centres: np.ndarray | None
    metrics: Sequence[str]
    own: Mapping[str, dict[str, Any]]
    threads: dict[str, int] = field(default_factory=threads_here)
    torch_threads: int = field(default_factory=torch.get_num_threads)

    def start(self, threads: int) -> PreparedSamples:
        """Samples ready to be scored."""
        use_threads(self.threads)
        torch.set_num_threads(self.torch_threads)
        model = self.model.unpacked() if isinstance(self.model, Packed) else self.model
        what = samples_to_score(model, self.samples, self.leading, self.seed, _unheard, self.inputs)
        cases = cases_of(what, self.target, *self.of_cases)
        return PreparedSamples(what, cases, self.target, self.centres, self.metrics, self.own)

    @undisturbed()
    def do(self, ready: PreparedSamples, value: CandidateExplanation, step: Callable[[Any], None]) -> Judged:
        """Scores and numbers of one explanation."""
        return ready.judge(value, step)


def _unheard(done: int, total: int) -> None:
    """Nobody asked how far it is."""
