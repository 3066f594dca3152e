"""Forward passes in bfloat16 where that keeps the outputs and is faster; measured, never assumed."""

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
from mien.explain.problem import Problem

PRECISIONS = ("auto", "float32", "bfloat16")
# The outputs of masked inputs in bfloat16 must correlate with those in float32 at least so much ...
LEAST_CORRELATION = 0.999
# ... and take at most this share of the time. Below so many seconds of work the comparison is not worth its cost.
MOST_TIME = 0.8
WORTH_SECONDS = 3.0
PROBES = 16


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
    """

    output: Callable[[torch.Tensor], torch.Tensor]
    batch_size: int
    device: torch.device
    facts: dict[str, Any] = field(default_factory=dict)

    def outputs(self, rows: int, batch: Callable[[int, int], torch.Tensor]) -> np.ndarray:
        """The explained output of ``rows`` inputs, which ``batch(start, stop)`` makes; float64, shape (rows,)."""
        result = np.empty(rows)
        with torch.no_grad():
            for start in range(0, rows, self.batch_size):
                stop = min(start + self.batch_size, rows)
                result[start:stop] = self.output(batch(start, stop)).double().cpu().numpy()
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
        ``'float32'``; ``'bfloat16'`` (automatic mixed precision, channels last); ``'auto'``: bfloat16 for pictures if
        the outputs of ``probe`` correlate at 0.999 with those in float32 and take at most 0.8 of the time. Functions
        that only give scores are called as they are.
    passes : int
        How many inputs are to come: where they cost less than 3 s, ``'auto'`` is float32 without a comparison.
    probe : callable, int -> tensor (rows, ...)
        Masked inputs of the kind that will come.

    Raises
    ------
    InputError
        If there is no such precision, or bfloat16 is asked for where it is not to be had.
    """
    if precision not in PRECISIONS:
        raise InputError(f"precision is {', '.join(PRECISIONS)}, but got '{precision}'.")
    possible = problem.module is not None and problem.space == PICTURE
    if precision == "bfloat16" and not possible:
        raise InputError("precision='bfloat16' is for pictures and torch modules; use 'float32' or 'auto'.")
    plain = Runner(problem.output, problem.batch_size, problem.device, {"precision": "float32"})
    if not possible or precision == "float32":
        yield plain
        return
    if precision == "bfloat16":
        with _reduced(problem) as output:
            yield Runner(output, problem.batch_size, problem.device, {"precision": "bfloat16"})
        return
    facts = {} if probe is None else _compare(problem, passes, probe)
    if facts.get("precision") != "bfloat16":
        yield Runner(problem.output, problem.batch_size, problem.device, {**plain.facts, **facts})
        return
    with _reduced(problem) as output:
        yield Runner(output, problem.batch_size, problem.device, facts)


def _compare(problem: Problem, passes: int, probe: Callable[[int], torch.Tensor]) -> dict[str, Any]:
    """Both precisions on the same masked inputs; which one is used, and on what grounds."""
    with torch.no_grad():
        inputs = probe(min(PROBES, max(2, problem.batch_size)))
        rows, repeats = len(inputs), 1
        problem.output(inputs[:1])
        full, seconds = _timed(problem.output, inputs)
        if seconds / rows * passes < WORTH_SECONDS:
            return {}
        while rows * repeats < PROBES // 2:  # small batches: several, so that the correlation means something
            repeats += 1
        try:
            with _reduced(problem) as output:
                output(inputs)
                reduced, faster = _timed(output, inputs)
                more = [probe(rows + i)[-rows:] for i in range(1, repeats)]
                reduced = np.concatenate([reduced, *(output(part).double().cpu().numpy() for part in more)])
        except RuntimeError:  # a layer without a bfloat16 form
            return {}
        full = np.concatenate([full, *(problem.output(part).double().cpu().numpy() for part in more)])
    alike = _correlation(full, reduced)
    chosen = "bfloat16" if alike >= LEAST_CORRELATION and faster <= MOST_TIME * seconds else "float32"
    return {
        "precision": chosen,
        "bfloat16_correlation": round(alike, 6),
        "bfloat16_time": round(faster / seconds, 3),
    }


def _timed(output: Callable[[torch.Tensor], torch.Tensor], inputs: torch.Tensor) -> tuple[np.ndarray, float]:
    start = perf_counter()
    found = output(inputs).double().cpu().numpy()  # on its way to the processor it is waited for
    return found, perf_counter() - start


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    if not (np.isfinite(first).all() and np.isfinite(second).all()) or first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


@contextmanager
def _reduced(problem: Problem) -> Iterator[Callable[[torch.Tensor], torch.Tensor]]:
    """The explained output under bfloat16 autocast, with weights and inputs channels last."""
    weights = [p for p in problem.network.parameters() if p.dim() == 4]
    kept = [p.data for p in weights]

    def output(values: torch.Tensor) -> torch.Tensor:
        return problem.output(values.contiguous(memory_format=torch.channels_last)).float()

    try:
        for weight in weights:
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)
        with torch.autocast(problem.device.type, dtype=torch.bfloat16):
            yield output
    finally:
        for weight, own in zip(weights, kept, strict=True):
            weight.data = own
