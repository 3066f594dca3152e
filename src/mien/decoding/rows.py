"""Rows to decode: means of blocks or single volumes of a stream, each with what held then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.streams import INTERVALS, SAMPLED, Stream, TimeLine
from mien.core.words import percent, quoted
from mien.data.streams.placing import lasting, step_of
from mien.data.streams.windows import SAME_S, Windows, longest_word, onto, share_of_time, word_shares

BLOCK, VOLUME = "block", "volume"
# So many columns are named.
_NAMED = 5
# Agreement beyond is none of shares, whatever small numbers are among it.
_SHARES_END = 10.0


@dataclass(frozen=True, eq=False)
class DecodedRows:
    """Rows of one source, with labels.

    Attributes
    ----------
    values : ndarray of float64, shape (rows, columns)
        Finite.
    observed : ndarray, shape (rows,)
        Words of classes, or numbers.
    run, viewer : ndarray of str, shape (rows,)
    time_s, duration_s : ndarray of float64, shape (rows,)
        Of the label, since the start of the run, before any shift.
    columns : tuple of str
    notes : tuple of str
    """

    __repr__ = brief

    values: np.ndarray
    observed: np.ndarray
    run: np.ndarray
    viewer: np.ndarray
    time_s: np.ndarray
    duration_s: np.ndarray
    columns: tuple[str, ...]
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.observed)

    def __getitem__(self, rows: object) -> DecodedRows:
        names = ("values", "observed", "run", "viewer", "time_s", "duration_s")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


def prepared(stream: Stream, *, detrend: bool = True, standardise: bool = True) -> tuple[Stream, tuple[str, ...]]:
    """A stream with drifts taken out and every run in its own standard deviations; nothing of other runs is used.

    Columns of a brain that are missing in some rows are left out. Those of other streams are kept (the largest face is
    missing where a frame shows none): what is missing counts as the mean of its run.

    Parameters
    ----------
    stream : Stream
        Of samples.
    detrend : bool
        Take a straight line out of every column of every run.
    standardise : bool

    Returns
    -------
    Stream
    notes : tuple of str

    Raises
    ------
    InputError
        If it is no stream of samples, or nothing of it is finite.
    """
    if stream.kind != SAMPLED:
        raise InputError(f"Decoding reads streams of samples, but '{stream.name}' is one of {stream.kind}.")
    values, notes = stream.values.copy(), []
    lost = np.isnan(values).all(axis=1)
    if lost.all():
        raise InputError(f"Stream '{stream.name}' holds no number.")
    holes = np.isnan(values[~lost]).any(axis=0)
    kept = holes & _fillable(stream, lost, means=not (detrend or standardise))
    holes &= ~kept
    if kept.any():
        notes.append(
            f"{kept.sum()} columns of '{stream.name}' are missing in some rows, where they count as the mean of their "
            "run."
        )
    empty = np.isnan(values[~lost]).all(axis=0)
    if empty.any():
        names = [name for name, one in zip(stream.columns, empty.tolist(), strict=True) if one]
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        notes.append(f"Columns of '{stream.name}' without any number, left out: {', '.join(names[:_NAMED])}{more}.")
    if some := int((holes & ~empty).sum()):
        notes.append(f"{some} columns of '{stream.name}' are missing in some rows and left out.")
    if lost.any():
        notes.append(f"{lost.sum()} rows of '{stream.name}' hold no number and are left out.")
    if holes.all():
        raise InputError(f"Every column of '{stream.name}' is missing somewhere; fill or leave out rows first.")
    values = values[:, ~holes]
    for rows in stream.parts().values():
        rows = rows[~lost[rows]]
        if not len(rows):
            continue
        part = values[rows]
        known = np.isfinite(part)
        count = np.maximum(known.sum(axis=0), 1)
        mean = np.where(known, part, 0.0).sum(axis=0) / count
        part = np.where(known, part - mean, 0.0)
        if detrend and len(rows) > 2:
            time = stream.time_s[rows] - stream.time_s[rows].mean()
            if known.all():
                part = part - np.outer(time, time @ part) / max(float(time @ time), 1e-300)
            else:
                at = np.where(known, time[:, None] - (known * time[:, None]).sum(axis=0) / count, 0.0)
                part = part - at * ((at * part).sum(axis=0) / np.maximum((at**2).sum(axis=0), 1e-300))
        if standardise:
            spread = np.sqrt((part**2).sum(axis=0) / count)
            part = part / np.where(spread > 1e-12, spread, 1.0)
        elif not detrend:
            part = part + mean
        values[rows] = part
    columns = tuple(name for name, hole in zip(stream.columns, holes, strict=True) if not hole)
    units = tuple("standard deviations of its run" if standardise else unit
                  for unit, hole in zip(stream.units, holes, strict=True) if not hole)  # fmt: skip
    return replace(stream, columns=columns, values=values, units=units, space=None), tuple(notes)


def _fillable(stream: Stream, lost: np.ndarray, *, means: bool) -> np.ndarray:
    """Which columns may be filled with the means of runs: none of a brain, nor what is missing throughout.

    ``means``: their means are kept, so that a run without any value has nothing to be filled with.
    """
    if stream.space is not None:
        return np.zeros(len(stream.columns), dtype=bool)
    known = [np.isfinite(stream.values[rows]).any(axis=0) for rows in stream.parts().values() if not lost[rows].all()]
    fillable: np.ndarray = np.all(known, axis=0) if means else np.any(known, axis=0)
    return fillable


def blocks(source: Stream, labels: Stream, target: str, *, shift_s: float, least_share: float = 0.5) -> DecodedRows:
    """The mean of a stream over every labelled interval, after a haemodynamic shift.

    Parameters
    ----------
    source : Stream
        Prepared.
    labels : Stream
        Of intervals, with a column of words ``target``.
    target : str
    shift_s : float
        Seconds that the signal comes later than what is labelled.
    least_share : float
        Share of an interval that samples have to cover; others are left out and counted.
    """
    words = labels.column(target)
    rows = np.flatnonzero((words != "") if words.dtype == object else np.isfinite(words))
    viewers = list(dict.fromkeys(source.viewer.tolist()))
    parts = source.parts()
    lasts = lasting(source)
    kept: list[tuple[int, str]] = []
    values = []
    short = 0
    for viewer in viewers:
        for row in rows.tolist():
            if labels.viewer[row] not in ("", viewer):
                continue
            own = parts.get((viewer, labels.run[row]), np.zeros(0, dtype=np.int64))
            begin = labels.time_s[row] + shift_s
            end = begin + labels.duration_s[row]
            middle = source.time_s[own] + lasts[own] / 2
            inside = own[(middle >= begin) & (middle < end)]
            inside = inside[~np.isnan(source.values[inside]).any(axis=1)]
            if not len(inside) or lasts[inside].sum() < least_share * labels.duration_s[row]:
                short += 1
                continue
            kept.append((row, viewer))
            values.append(source.values[inside].mean(axis=0))
    notes: tuple[str, ...] = ()
    if short:
        notes = (f"{short} blocks had too few samples of '{source.name}' and are left out.",)
    if shared := _overlapping(labels[rows]):
        notes += (f"{shared} of {len(rows)} blocks overlap another one of their run: their means share samples.",)
    if not kept:
        raise InputError(
            f"No interval of '{labels.name}' holds samples of '{source.name}' {shift_s:g} s later: do their runs fit?"
        )
    of = np.array([row for row, _ in kept])
    return DecodedRows(
        np.stack(values), words[of], labels.run[of], np.array([viewer for _, viewer in kept], dtype=object),
        labels.time_s[of], labels.duration_s[of], source.columns, notes,
    )  # fmt: skip


def _overlapping(labels: Stream) -> int:
    """How many intervals share time with another one of their run."""
    count = 0
    for rows in labels.parts().values():
        order = rows[np.argsort(labels.time_s[rows], kind="stable")]
        begin, end = labels.time_s[order], labels.time_s[order] + labels.duration_s[order]
        before = np.maximum.accumulate(np.concatenate([[-np.inf], end[:-1]])) > begin + SAME_S
        after = np.concatenate([begin[1:], [np.inf]]) < end - SAME_S
        count += int((before | after).sum())
    return count


def volumes(
    source: Stream,
    labels: Stream,
    target: str | Sequence[str],
    *,
    shift_s: float,
    at_least: float | None = None,
    other: str = "none",
) -> DecodedRows:
    """Every sample of a stream with the label that held before it.

    Parameters
    ----------
    source : Stream
        Prepared.
    labels : Stream
        Of intervals or samples.
    target : str or sequence of str
        A column of words: the one that holds longest in the time of the sample. A column of numbers: with ``at_least``
        the classes ``target`` and ``other``, by whether it reaches that in half of the time; else a number. Several
        columns of numbers, with ``at_least``: the largest of them, or ``other``.
    shift_s : float
    at_least : float, optional
    other : str
        What a sample is called where nothing holds.
    """
    known = ~np.isnan(source.values).any(axis=1)
    windows = Windows.of(source)
    windows = Windows(windows.run[known], windows.start_s[known], windows.width_s or step_of(source),
                      windows.viewer[known])  # fmt: skip
    names = [target] if isinstance(target, str) else list(target)
    notes: tuple[str, ...] = ()
    several = np.zeros((len(windows), 0), dtype=bool)
    if len(names) == 1 and labels.column(names[0]).dtype == object:
        words, shares = word_shares(labels, names[0], windows, lag_s=shift_s)
        observed = longest_word(words, shares)
        several = shares >= 0.5 - 1e-9
        observed = np.where(observed == "", other, observed) if labels.kind == INTERVALS else observed
    elif at_least is None:
        if len(names) > 1:
            raise InputError("Several columns of numbers need a threshold (at_least), from which one of them holds.")
        column = replace(labels, columns=(names[0],), values=labels.column(names[0])[:, None], units=("",), space=None)
        observed = onto(column, windows, lag_s=shift_s, overlap="max")[:, 0]
        if labels.kind == INTERVALS:
            observed = np.nan_to_num(observed, nan=0.0)
    else:
        holds = np.stack([labels.column(name) >= at_least for name in names], axis=1)
        shares = share_of_time(labels, holds, windows, lag_s=shift_s)
        several = shares >= 0.5 - 1e-9
        notes += _beyond_shares(labels, names, at_least)
        best = shares.argmax(axis=1)
        observed = np.array([name.removeprefix("e_") for name in names], dtype=object)[best]
        observed[shares[np.arange(len(best)), best] < 0.5 - 1e-9] = other
    given = (observed != "") if observed.dtype == object else np.isfinite(observed)
    # What lies before the shift has no label of its own run.
    given &= windows.start_s >= shift_s - 1e-9
    if (~given).any():
        notes += (f"{(~given).sum()} samples of '{source.name}' have no label and are left out.",)
    if at_least is not None and len(names) > 1:
        never = [name for name in names if name.removeprefix("e_") not in set(observed[given].tolist())]
        if never:
            notes = (
                *notes,
                f"{quoted(never)}: in no sample of '{source.name}' from {at_least:g} on and the largest of all for "
                "half of the time; what is not there is not decoded.",
            )
    if both := int((several[given].sum(axis=1) > 1).sum()):
        notes = (
            *notes,
            f"At {both} samples of '{source.name}' several of what is decoded hold at once; each counts as the one "
            "that holds longest, of equals as the first.",
        )
    width = np.full(int(given.sum()), windows.width_s)
    return DecodedRows(
        source.values[known][given], observed[given], windows.run[given], windows.viewer[given],
        windows.start_s[given] - shift_s, width, source.columns, notes,
    )  # fmt: skip


def _beyond_shares(labels: Stream, names: Sequence[str], at_least: float) -> tuple[str, ...]:
    """A sentence where a threshold of shares meets numbers of another scale, such as per cent."""
    values = np.stack([labels.column(name) for name in names])
    told = values[np.isfinite(values) & (values > 0)]
    if not 0 < at_least <= 1 or not len(told) or not told.max() > 1:
        return ()
    reached = float((told >= at_least).mean())
    if reached < 1 and told.max() <= _SHARES_END:
        return ()
    per_cent = f" If they are per cent, take {100 * at_least:g} (at_least)." if told.max() <= 100 else ""
    return (
        f"{quoted(names)} of '{labels.name}' reach up to {told.max():g}, but hold from {at_least:g} on, which "
        f"{percent(reached)} of their values above 0 reach.{per_cent}",
    )


def streams_of(line: TimeLine, sources: Sequence[str], labels: str) -> tuple[list[Stream], Stream]:
    """The streams by name.

    Raises
    ------
    InputError
        If one is missing, or the labels are not on runs.
    """
    if not sources:
        raise InputError("Say from which stream is decoded (sources), such as 'brain'.")
    return [line[name] for name in sources], line[labels]
