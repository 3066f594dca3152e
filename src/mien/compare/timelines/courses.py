"""Two streams as time courses at the same moments: those of the second one, evenly through each run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.streams import INTERVALS, SAMPLED, Stream
from mien.core.words import did_you_mean
from mien.data.streams.haemodynamics import convolved
from mien.data.streams.placing import lasting, step_of
from mien.data.streams.windows import Windows, onto

# Runs with fewer samples say nothing about a course.
FEWEST = 8


@dataclass(frozen=True, eq=False)
class CourseMoments:
    """Even moments of every run.

    Attributes
    ----------
    runs : tuple of str
    start_s : tuple of ndarray
        Of each run, since its start.
    step_s : float
    """

    __repr__ = brief

    runs: tuple[str, ...]
    start_s: tuple[np.ndarray, ...]
    step_s: float


def chosen(stream: Stream, columns: Sequence[str]) -> Stream:
    """A stream with some of its columns, in the order that they are asked for.

    Parameters
    ----------
    stream : Stream
    columns : sequence of str
        Names or patterns (``'e_*'``) of columns of numbers, or ``'COLUMN=WORD'``: 1 where a column of words says that,
        else 0. Empty: all columns of numbers.

    Raises
    ------
    InputError
        If there is no such column or word.
    """
    found: dict[str, np.ndarray] = {}
    for asked in columns or stream.columns:
        column, _, word = asked.partition("=")
        fitting = [name for name in stream.columns if fnmatchcase(name, asked)]
        if column in stream.texts and word:
            words = stream.texts[column]
            if not (words == word).any():
                have = ", ".join(sorted(set(words))[:20])
                near = did_you_mean(word, set(words))
                raise InputError(f"Stream '{stream.name}': '{column}' never says '{word}'; it says: {have}.{near}")
            found[asked] = (words == word).astype(np.float64)
        elif fitting:
            found |= {name: stream.column(name) for name in fitting}
        else:
            hint = "; of a column of words say COLUMN=WORD" if stream.texts else ""
            have = ", ".join([*stream.columns[:20], *stream.texts])
            near = did_you_mean(column, [*stream.columns, *stream.texts])
            raise InputError(f"Stream '{stream.name}' has no column '{asked}'; it has: {have or 'none'}{hint}.{near}")
    if not found:
        raise InputError(f"Stream '{stream.name}' has no column of numbers; say COLUMN=WORD of a column of words.")
    return replace(stream, columns=tuple(found), values=np.stack(list(found.values()), 1), units=(), space=None)


def moments_of(stream: Stream) -> CourseMoments:
    """Even moments through each run of a stream of samples.

    Raises
    ------
    InputError
        If it is no stream of samples, or a run is too short.
    """
    step = step_of(stream)
    if stream.kind != SAMPLED or not step > 0:
        raise InputError(
            f"Stream '{stream.name}' is of {stream.kind}; the second stream is one of samples, as its rows are the "
            "moments at which both are compared. Name them the other way round."
        )
    runs = list(dict.fromkeys(stream.run.tolist()))
    starts = []
    for run in runs:
        times = stream.time_s[stream.run == run]
        count = int(np.floor((times.max() - times.min()) / step + 0.5)) + 1
        if count < FEWEST:
            raise InputError(f"Stream '{stream.name}': run '{run}' has {count} samples; {FEWEST} or more are needed.")
        starts.append(times.min() + np.arange(count) * step)
    return CourseMoments(tuple(runs), tuple(starts), step)


def own_courses(stream: Stream, moments: CourseMoments, viewer: str) -> list[np.ndarray]:
    """A viewer's rows of a stream at its own moments: one array (samples, columns) per run, NaN where none is."""
    parts = stream.parts()
    found = []
    for run, start in zip(moments.runs, moments.start_s, strict=True):
        values = np.full((len(start), len(stream.columns)), np.nan)
        rows = parts.get((viewer, run))
        if rows is not None:
            place = np.round((stream.time_s[rows] - start[0]) / moments.step_s).astype(int)
            values[np.clip(place, 0, len(start) - 1)] = stream.values[rows]
        found.append(values)
    return found


def courses_at(
    stream: Stream, moments: CourseMoments, viewer: str, *, lag_s: float, haemodynamic: bool, overlap: str
) -> list[np.ndarray]:
    """A stream at the moments of another one: one array (samples, columns) per run.

    Where no interval of the stimulus (an annotation) holds, it counts as 0.
    """
    found = []
    for run, start in zip(moments.runs, moments.start_s, strict=True):
        names = np.full(len(start), run, dtype=object)
        windows = Windows(names, start, moments.step_s, np.full(len(start), viewer, dtype=object))
        if haemodynamic:
            values = convolved(stream, windows, overlap=overlap)
        else:
            values = onto(stream, windows, overlap=overlap, lag_s=lag_s)
            if stream.kind == INTERVALS and not (stream.viewer != "").any() and lasting(stream).any():
                # Before the start of a run nothing is known.
                values[(start >= lag_s)[:, None] & np.isnan(values)] = 0.0
        found.append(values)
    return found


def viewers_of(stream: Stream) -> list[str]:
    """Names of a stream's viewers; ``['']`` where it has none."""
    return list(dict.fromkeys(stream.viewer.tolist()))
