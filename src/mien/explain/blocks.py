"""Samples explained a few at a time: the same numbers as all at once, whoever computes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.features import PICTURE
from mien.explain.methods import ALL_SAMPLES, BATCH, SAMPLE, Method
from mien.explain.problem import Attribution, Problem

if TYPE_CHECKING:
    from mien.explain.question import Inquiry

# Samples that a method takes one by one go together up to so many, or up to so many values.
MOST_TOGETHER, VALUES_TOGETHER = 16, 2**18

# Explains all samples of a problem, whose outputs are known.
Run = Callable[["Inquiry", Problem, np.ndarray], Attribution]


def blocks_of(problem: Problem, method: Method, settings: Mapping[str, Any]) -> list[slice]:
    """Which samples are explained together; that depends on the question alone, not on who computes it.

    Blocks hold whole batches of the method's, so that no number depends on where they end.
    """
    total = len(problem.values)
    if not total or method.block == ALL_SAMPLES or _by_sample(problem, settings.get("segments")):
        return [slice(0, total)]
    if method.block in (BATCH, SAMPLE):
        unit = problem.batch_size if method.block == BATCH else 1
    else:
        unit = method.code_at(method.block)(problem, settings)
    least = max(1, min(MOST_TOGETHER, VALUES_TOGETHER // max(1, problem.values[0].size)))
    size = -(-least // unit) * unit
    return [slice(start, min(start + size, total)) for start in range(0, total, size)]


def _by_sample(problem: Problem, segments: Any) -> bool:
    """Whether every sample has segments of its own, as given."""
    return not isinstance(segments, str) and np.ndim(segments) == (3 if problem.space == PICTURE else 2)


def in_blocks(inquiry: Inquiry, problem: Problem, scores: np.ndarray) -> Attribution:
    """What an inquiry's method gives for all samples of a problem, block by block, in this process."""
    method, settings = inquiry.method, inquiry.settings
    blocks = blocks_of(problem, method, settings)
    if len(blocks) == 1:
        return method.run(problem, **settings)
    return joined([(rows, method.run(block_of(problem, rows, scores), **settings)) for rows in blocks], problem)


def block_of(problem: Problem, rows: slice, scores: np.ndarray) -> Problem:
    """The problem of some of the samples."""
    total = len(problem.values)

    def report(done: int, of: int) -> None:
        problem.progress(_STEPS * rows.start + _STEPS * (rows.stop - rows.start) * done // max(1, of), _STEPS * total)

    return replace(
        problem, values=problem.values[rows], scores=scores[rows], first=rows.start, whole=total, progress=report
    )


# Steps of progress that a sample counts.
_STEPS = 1000


def joined(parts: Sequence[tuple[slice, Attribution | tuple[str, str]]], problem: Problem) -> Attribution:
    """All blocks as one; of those that were not computed the status and the reason stand for each sample.

    Parameters
    ----------
    parts : sequence of (rows, Attribution or (status, reason))
        In the order of the samples.
    problem : Problem
        Of all of them.
    """
    found = [(rows, part) for rows, part in parts if isinstance(part, Attribution)]
    missing = {row: part for rows, part in parts if isinstance(part, tuple) for row in range(rows.start, rows.stop)}
    if len(found) == len(parts) == 1:
        return found[0][1]
    total = len(problem.values)
    if not found:
        return Attribution(np.full(problem.values.shape, np.nan, np.float32), missing=missing)

    def whole(name: str) -> np.ndarray | None:
        given = [(rows, getattr(part, name)) for rows, part in found if getattr(part, name) is not None]
        return _filled(given, total) if given else None

    names = dict.fromkeys(name for _, part in found for name in part.columns)
    columns = {
        # What a block has no column of did not happen in it.
        name: _filled([(rows, part.columns.get(name, np.zeros(len(part.values)))) for rows, part in found], total)
        for name in names
    }
    tallies: dict[str, tuple[int, int]] = {}
    for _, part in found:
        for told, (some, of) in part.tallies.items():
            before = tallies.get(told, (0, 0))
            tallies[told] = (before[0] + some, before[1] + of)
    values = whole("values")
    assert values is not None
    return Attribution(
        values,
        whole("gap"),
        whole("standard_error"),
        columns,
        {name: fact for _, part in found for name, fact in part.facts.items()},
        whole("answered"),
        whole("abstained"),
        tallies,
        missing,
    )


def _filled(parts: Sequence[tuple[slice, np.ndarray]], total: int) -> np.ndarray:
    """Rows of all parts in their places; the others are NaN, or False."""
    first = parts[0][1]
    nothing: Any = False if first.dtype == bool else np.nan
    result = np.full((total, *first.shape[1:]), nothing, dtype=first.dtype)
    for rows, array in parts:
        result[rows] = array
    return result
