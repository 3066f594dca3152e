"""``mien link``: a stream against another one over time, or the viewers of one among each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from mien.compare.timelines.correlate import NULLS, Correlated, correlate
from mien.compare.timelines.courses import CourseMoments, chosen, courses_at, moments_of, own_courses, viewers_of
from mien.compare.timelines.result import Link, LinkRow
from mien.compare.timelines.shared_course import shared_course
from mien.compare.timelines.standard import scaled_by_run
from mien.core.errors import InputError
from mien.core.numbers import checked_numbers
from mien.core.people.same_viewers import without_copies
from mien.core.streams import SAMPLED, Stream, TimeLine
from mien.core.words import percent
from mien.data.streams.store import read_time_line
from mien.stats import student
from mien.stats.jackknife import standard_error
from mien.stats.paired import subject_mean

# Of a convolved stream this share may be lost beyond its own gaps before a note says so.
_MUCH = 0.05
# With fewer possible shifts than this many times 20, p = .05 is coarse.
_COARSE = 100
_ONE = "One viewer: intervals are over runs, and nothing follows for other people."


@checked_numbers
def link(
    study: str | Path | TimeLine,
    first: str,
    second: str = "",
    *,
    columns: Sequence[str] = (),
    to: Sequence[str] = (),
    lag_s: float = 0.0,
    haemodynamic: bool = False,
    overlap: Literal["mean", "max", "sum"] = "mean",
    null: Literal["shift", "phase"] = "shift",
    detrend: bool = False,
    n_permutations: int = 999,
    seed: int = 0,
    output: str | Path | None = None,
) -> Link:
    """Correlate two streams of a time line over time; ``mien link`` does the same.

    Parameters
    ----------
    study : str, Path or TimeLine
        Study folder with ``streams/``.
    first : str
        A stream: annotation, agreement of maps and fixations, faces, a parcel.
    second : str
        A stream of samples, whose rows are the moments. Empty: the viewers of the first among each other
        (inter-subject correlation).
    columns, to : sequence of str
        Columns of the first and of the second: names, patterns, or ``'COLUMN=WORD'`` of a column of words (frames with
        faces against those without). Empty: all columns of numbers.
    lag_s : float
        Seconds by which the first is taken earlier (haemodynamic shift).
    haemodynamic : bool
        Instead: convolve the first with the canonical haemodynamic response.
    overlap : str
        Of intervals that hold at once: ``'mean'``, ``'max'`` or ``'sum'``.
    null : {'shift', 'phase'}
        Chance: the first shifted around the end of each run, or with other phases.
    detrend : bool
        Take a straight line out of each run of both.
    n_permutations, seed : int
    output : path, optional
        Folder, such as ``STUDY/link/NAME``.

    Returns
    -------
    Link

    Raises
    ------
    InputError
        If a stream or column is missing, the second is not one of samples, or both ways of delay are asked for.

    Examples
    --------
    >>> import mien, numpy as np
    >>> from mien.core.streams import Runs, Stream, TimeLine
    >>> at, run = np.tile(np.arange(40.0), 2), ["1"] * 40 + ["2"] * 40
    >>> noise = np.random.default_rng(0).normal(size=(80, 2))
    >>> cause = Stream("cause", "sampled", at, ("a",), noise[:, :1], run=run)
    >>> answer = Stream("answer", "sampled", at, ("b", "c"), noise @ [[1, 0], [0.5, 1]], run=run)
    >>> line = TimeLine(Runs(["1", "2"], [0.0, 40.0], [40.0, 80.0]), {"cause": cause, "answer": answer})
    >>> [row.second for row in mien.link(line, "cause", "answer").sure()]
    ['b']
    """
    if haemodynamic and lag_s:
        raise InputError("Either a shift (lag_s) or convolution (haemodynamic): both would shift twice.")
    if null not in NULLS:
        raise InputError(f"null is {' or '.join(NULLS)}, but got '{null}'.")
    line = study if isinstance(study, TimeLine) else read_time_line(study)
    asked: dict[str, Any] = {"detrend": detrend, "n_permutations": n_permutations, "seed": seed}
    if not second:
        found = _among_viewers(chosen(line[first], columns), asked)
    else:
        asked |= {"lag_s": lag_s, "haemodynamic": haemodynamic, "overlap": overlap, "null": null}
        found = _both(chosen(line[first], columns), chosen(line[second], to), asked)
    if output is not None:
        found = replace(found, folder=Path(output))
        found.write(output)
    return found


def _both(first: Stream, second: Stream, asked: dict[str, Any]) -> Link:
    moments = moments_of(second)
    notes: list[str] = []
    second = without_copies([second], notes)[0]
    viewers, own = _viewers(first, second, notes)
    delay = {name: asked[name] for name in ("lag_s", "haemodynamic", "overlap")}
    x = [courses_at(first, moments, viewer, **delay) for viewer in (viewers if own else [""])]
    if own and (first.viewer == "").any():
        x = _with_shared(x, courses_at(first, moments, "", **delay))
    y = [own_courses(second, moments, viewer) for viewer in viewers]
    how = {name: asked[name] for name in ("null", "detrend", "n_permutations", "seed")}
    found = correlate(x, y, **how)
    unit = "viewers" if len(viewers) > 1 else "runs"
    if unit == "runs" and viewers != [""]:
        notes.append(_ONE)
    if found.possible < _COARSE:
        notes.append(f"Only {found.possible:.0f} shifts are possible: p is coarse. More runs, or longer ones, help.")
    rows = []
    for i, column in enumerate(first.columns):
        binary = not asked["haemodynamic"] and set(np.unique(first.values[:, i])) <= {0.0, 1.0}
        differences = _differences(x, y, i) if binary else np.full(len(second.columns), np.nan)
        for j, other in enumerate(second.columns):
            r, low, high, units = _over_units(found, unit, i, j)
            rows.append(
                LinkRow(column, other, r, low, high, float(differences[j]), float(found.p[i, j]),
                        float(found.p_corrected[i, j]), units)
            )  # fmt: skip
    notes += _gaps(first, moments, x, viewers if own else [""], asked)
    still = [column for i, column in enumerate(first.columns) if not np.isfinite(found.each[:, i]).any()]
    still = [
        column
        for column in still
        if any(np.isfinite(part[:, first.columns.index(column)]).sum() > 1 for one in x for part in one)
    ]
    if still:
        notes.append(
            f"'{first.name}': {', '.join(still)} never varies where '{second.name}' has values; there is nothing to "
            "compare."
        )
    samples = sum(len(start) for start in moments.start_s)
    return Link(first.name, second.name, tuple(rows), tuple(viewers), moments.runs, unit, samples, found.each, asked,
                tuple(notes))  # fmt: skip


def _gaps(
    first: Stream, moments: CourseMoments, x: list[list[np.ndarray]], viewers: list[str], asked: dict[str, Any]
) -> list[str]:  # fmt: skip
    """How much of a stream with gaps is lost by convolution, which needs all that came before, where it is much."""
    if not asked["haemodynamic"] or first.kind != SAMPLED:
        return []
    plain = [courses_at(first, moments, viewer, lag_s=0.0, haemodynamic=False, overlap=asked["overlap"])
             for viewer in viewers]  # fmt: skip
    lost, before = _missing(x), _missing(plain)
    return [
        f"'{first.name}': {column} is missing at {percent(before[i])} of the moments, and at {percent(lost[i])} once "
        "it is convolved, as a value needs the 32 s before it; a shift in place of convolution loses none but the "
        "gaps themselves."
        for i, column in enumerate(first.columns) if lost[i] > before[i] + _MUCH
    ]  # fmt: skip


def _missing(courses: list[list[np.ndarray]]) -> np.ndarray:
    """Share of moments at which each column is missing."""
    share: np.ndarray = np.isnan(np.concatenate([part for own in courses for part in own])).mean(0)
    return share


def _viewers(first: Stream, second: Stream, notes: list[str]) -> tuple[list[str], bool]:
    """Viewers that are compared, and whether the first stream has rows of each of them."""
    ones, others = viewers_of(first), viewers_of(second)
    if ones == [""]:
        return others, False
    both = [viewer for viewer in others if viewer in ones]
    if not both:
        if others != [""]:
            notes.append(
                f"'{first.name}' and '{second.name}' are of other viewers: the first is averaged over its own."
            )
        return others, False
    lost = [viewer for viewer in others if viewer not in ones]
    if lost:
        notes.append(f"Left out, as '{first.name}' has no row of them: {', '.join(lost)}.")
    return both, True


def _with_shared(x: list[list[np.ndarray]], shared: list[np.ndarray]) -> list[list[np.ndarray]]:
    """Viewers' own courses; columns that are known of all viewers together alone are those of all."""
    known = np.any([np.isfinite(part).any(0) for own in x for part in own], axis=0)
    return [[np.where(known, part, common) for part, common in zip(own, shared, strict=True)] for own in x]


def _over_units(found: Correlated, unit: str, i: int, j: int) -> tuple[float, float, float, int]:
    values = found.each[:, i, j] if unit == "viewers" else found.by_run[0, :, i, j]
    z = np.arctanh(np.clip(values, -0.999999, 0.999999))
    mean = subject_mean(z, [str(place) for place in range(len(z))])
    # Of one viewer the correlation over all runs, with the interval of what runs say.
    middle = np.tanh(mean.value) if unit == "viewers" else found.each[0, i, j]
    return float(middle), float(np.tanh(mean.low)), float(np.tanh(mean.high)), mean.subjects


def _differences(x: list[list[np.ndarray]], y: list[list[np.ndarray]], i: int) -> np.ndarray:
    """Mean over viewers of how much the second is higher while the first holds, in its runs' standard deviations."""
    each = []
    for viewer, own in enumerate(y):
        on = np.concatenate([part[:, i] for part in x[viewer if len(x) > 1 else 0]])
        values = np.concatenate(scaled_by_run(own))
        yes, no = on >= 0.5, on < 0.5
        if yes.any() and no.any():
            known = np.isfinite(values)
            filled = np.where(known, values, 0.0)
            counts = [np.maximum(known[rows].sum(0), 1) for rows in (yes, no)]
            each.append(filled[yes].sum(0) / counts[0] - filled[no].sum(0) / counts[1])
    return np.mean(each, 0) if each else np.full(y[0][0].shape[1], np.nan)


def _among_viewers(stream: Stream, asked: dict[str, Any]) -> Link:
    notes: list[str] = []
    stream = without_copies([stream], notes)[0]
    viewers = viewers_of(stream)
    if len(viewers) < 2:
        why = " ".join(["", *notes])
        raise InputError(
            f"Stream '{stream.name}' has {len(viewers)} viewer; what viewers have in common needs two or more. Name a "
            f"second stream to compare it with.{why}"
        )
    moments: CourseMoments = moments_of(stream)
    found = shared_course([own_courses(stream, moments, viewer) for viewer in viewers], **asked)
    notes += ["Two viewers: there is no interval over viewers."] if len(viewers) == 2 else []
    rows = []
    for j, column in enumerate(stream.columns):
        known = found.each[np.isfinite(found.each[:, j]), j]
        middle = float(known.mean()) if len(known) else float("nan")
        low = high = float("nan")
        if len(viewers) > 2 and len(known) and np.isfinite(found.without[:, j]).all():
            z = np.arctanh(np.clip(found.without[:, j], -0.999999, 0.999999))
            error, freedom = standard_error(z)
            half = float(student.ppf(0.975, freedom)) * error
            low, high = (
                np.tanh(np.arctanh(min(middle, 0.999999)) - half),
                np.tanh(np.arctanh(min(middle, 0.999999)) + half),
            )
        rows.append(
            LinkRow(column, column, middle, float(low), float(high), float("nan"), float(found.p[j]),
                    float(found.p_corrected[j]), len(known))
        )  # fmt: skip
    samples = sum(len(start) for start in moments.start_s)
    return Link(stream.name, "", tuple(rows), tuple(viewers), moments.runs, "viewers", samples, found.each[:, None],
                asked, tuple(notes))  # fmt: skip
