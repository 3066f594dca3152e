"""Forward passes made faster where that keeps the outputs: measured, never assumed.

Channels last, normalisation folded into the convolutions before it, and half precision. bfloat16 has the fastest
kernels but only 8 binary digits, which deep networks feel; float16 has 11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

import numpy as np
import torch

from mien.core.errors import InputError
from mien.core.features import PICTURE
from mien.core.progress import Progress
from mien.explain.perturb.folding import folded
from mien.explain.problem import Problem, silent

HALF = {"bfloat16": torch.bfloat16, "float16": torch.float16}
KINDS = {"float32": torch.float32, **HALF}
PRECISIONS = ("auto", *KINDS)
# The outputs of masked inputs in half precision must correlate with those in float32 at least so much ...
LEAST_CORRELATION = 0.999
# ... and take at most this share of the time. Below so many seconds of work the comparison is not worth its cost.
MOST_TIME = 0.8
WORTH_SECONDS = 3.0
PROBES = 16
_CONVERTED = (torch.nn.Conv1d, torch.nn.Conv2d, torch.nn.Linear)


@dataclass
class Steps:
    """How far a perturbation method is: after every batch, and exactly where a sample is done.

    Attributes
    ----------
    report : callable (done, total)
    passes : int
        How many inputs are to come; a sample may need fewer or more.
    """

    report: Progress
    passes: int
    _rows: float = 0.0
    _most: float = float("inf")
    _shown: float = 0.0

    def passed(self, rows: int) -> None:
        """So many inputs more went through the network."""
        self._rows = min(self._rows + rows, self._most, self.passes)
        self._tell(int(self._rows), self.passes)

    def finished(self, samples: int, of: int) -> None:
        """So many samples are done; the next one's inputs lead to no more than the next sample."""
        self._rows, self._most = self.passes * samples / of, self.passes * (samples + 1) / of
        self._tell(samples, of)

    def _tell(self, done: int, of: int) -> None:
        if of and done >= self._shown * of:
            self._shown = done / of
            self.report(done, of)


@dataclass(frozen=True, eq=False)
class Runner:
    """How masked inputs go through the network.

    Attributes
    ----------
    output : callable, tensor (rows, ...) -> tensor (rows,)
    batch_size : int
    device : torch.device
    facts : dict
        The precision that is used, and what it was chosen on.
    steps : Steps
        Who hears how far the work is.
    """

    output: Callable[[torch.Tensor], torch.Tensor]
    batch_size: int
    device: torch.device
    facts: dict[str, Any] = field(default_factory=dict)
    steps: Steps = field(default_factory=lambda: Steps(silent, 0))

    def outputs(self, rows: int, batch: Callable[[int, int], torch.Tensor]) -> np.ndarray:
        """The explained output of ``rows`` inputs, which ``batch(start, stop)`` makes; float64, shape (rows,)."""
        result = np.empty(rows)
        with torch.no_grad():
            for start in range(0, rows, self.batch_size):
                stop = min(start + self.batch_size, rows)
                result[start:stop] = self.output(batch(start, stop)).double().cpu().numpy()
                self.steps.passed(stop - start)
        return result


@contextmanager
def runner(
    problem: Problem, precision: str, passes: int, probe: Callable[[int], torch.Tensor] | None = None
) -> Iterator[Runner]:
    """The network in the wanted precision; it is as it was again afterwards.

    Parameters
    ----------
    problem : Problem
    precision : str
        ``'float32'``: the network as it is; ``'bfloat16'`` or ``'float16'`` (mixed precision, channels last, folded);
        ``'auto'``: for pictures the fastest one whose outputs of ``probe`` correlate at 0.999 with those in float32 and
        that takes at most 0.8 of the time, or else float32 with channels last and folded, if that is faster. Functions
        that only give scores are called as they are.
    passes : int
        How many inputs are to come: where they cost less than 3 s, ``'auto'`` is float32 without a comparison.
    probe : callable, int -> tensor (rows, ...)
        Masked inputs of the kind that will come.

    Raises
    ------
    InputError
        If there is no such precision, or half precision is asked for where it is not to be had.
    """
    if precision not in PRECISIONS:
        raise InputError(f"precision is {', '.join(PRECISIONS)}, but got '{precision}'.")
    possible = problem.module is not None and problem.space == PICTURE
    if precision in HALF and not possible:
        raise InputError(f"precision='{precision}' is for pictures and torch modules; use 'float32' or 'auto'.")
    facts: dict[str, Any] = {"precision": precision}
    if precision == "auto":
        facts = {"precision": "float32"}
        if possible and probe is not None:
            of_all = passes * problem.total // max(1, len(problem.values))
            facts = dict(problem.settle("precision", lambda: _compared(problem, of_all, probe)))
    chosen, steps = facts["precision"], Steps(problem.progress, passes)
    # The comparison is no part of what the rest is estimated from.
    steps.passed(0)
    if chosen == "float32" and not facts.get("folded"):
        yield Runner(problem.output, problem.batch_size, problem.device, facts, steps)
        return
    with _arranged(problem, KINDS[chosen]) as output:
        yield Runner(output, problem.batch_size, problem.device, facts, steps)


def _compared(problem: Problem, passes: int, probe: Callable[[int], torch.Tensor]) -> dict[str, Any]:
    """The precision to be used, with what it was chosen on: all of them on the same masked inputs."""
    facts: dict[str, Any] = {"precision": "float32"}
    with torch.no_grad():
        inputs = probe(PROBES)
        plain = Runner(problem.output, min(PROBES, problem.batch_size), problem.device)
        full, seconds = _timed(plain, inputs)
        if seconds / PROBES * passes < WORTH_SECONDS:
            return facts
        fastest = 1.0
        for name, kind in KINDS.items():
            try:
                with _arranged(problem, kind) as output:
                    run = Runner(output, plain.batch_size, problem.device)
                    output(inputs[:1])
                    result, taken = _timed(run, inputs)
            except (RuntimeError, InputError):  # a layer without such a form
                continue
            alike, share = _correlation(full, result), taken / seconds
            facts |= {f"{name}_correlation": round(alike, 6), f"{name}_time": round(share, 3)}
            if alike >= LEAST_CORRELATION and share <= (min(fastest, MOST_TIME) if name in HALF else fastest):
                facts |= {"precision": name, "folded": True}
                fastest = share
    return facts


def _timed(run: Runner, inputs: torch.Tensor) -> tuple[np.ndarray, float]:
    start = perf_counter()
    result = run.outputs(len(inputs), lambda a, b: inputs[a:b])  # arrays: on their way the device is waited for
    return result, perf_counter() - start


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    if not (np.isfinite(first).all() and np.isfinite(second).all()) or first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


@contextmanager
def _arranged(problem: Problem, kind: torch.dtype) -> Iterator[Callable[[torch.Tensor], torch.Tensor]]:
    """The explained output with channels last and normalisation folded away, under autocast for half precision.

    Weights of convolutions and linear layers are converted once: autocast itself converts those of frozen networks
    again in every pass.
    """

    half = kind != torch.float32

    def output(values: torch.Tensor) -> torch.Tensor:
        # The network alone: masks stay as exact as they are taken for where the outputs are put together.
        with torch.autocast(problem.device.type, dtype=kind if half else HALF["bfloat16"], enabled=half):
            return problem.output(values.contiguous(memory_format=torch.channels_last)).float()

    with folded(problem.network), _converted(problem.network, kind):
        yield output


@contextmanager
def _converted(network: torch.nn.Module, kind: torch.dtype) -> Iterator[None]:
    """Weights of another type, channels last; afterwards as they were."""
    layers = [part for part in network.modules() if isinstance(part, _CONVERTED)]
    weights = list({id(part.weight): part.weight for part in layers}.values())
    kept = [weight.data for weight in weights]
    try:
        for weight in weights:
            layout = torch.channels_last if weight.dim() == 4 else torch.preserve_format
            weight.data = weight.data.to(kind, memory_format=layout)
        yield
    finally:
        for weight, own in zip(weights, kept, strict=True):
            weight.data = own
