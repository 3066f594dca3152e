"""Several sources on the same rows: samples brought to the same volumes, rows that all have, viewers for all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mien.core.brain_space import BrainSpace
from mien.core.errors import InputError
from mien.core.streams import Stream
from mien.data.streams.placing import lasting, step_of
from mien.data.streams.windows import Windows, onto
from mien.decoding.folds import DecodingFold
from mien.decoding.rows import BLOCK, DecodedRows


def of_viewers(stream: Stream) -> bool:
    """Whether a stream is somebody's, whose brain answers late, not the stimulus' own."""
    return stream.space is not None or bool((stream.viewer != "").any())


def on_same_samples(
    streams: Sequence[Stream], shift_s: float, unit: str, notes: list[str]
) -> list[tuple[Stream, float]]:  # fmt: skip
    """Streams on the samples of the one with the longest steps, that of viewers where there is one.

    Parameters
    ----------
    streams : sequence of Stream
        Of samples.
    shift_s : float
        Seconds that a viewer's signal comes after what is shown.
    unit : str
        Of blocks, which are means anyway, streams keep their own steps.
    notes : list of str
        Takes a sentence for each stream that was brought to other steps.

    Returns
    -------
    list of (Stream, float)
        Each with the seconds that it now comes after what is shown: a frame that was brought to a volume is the one
        that was shown ``shift_s`` before it.
    """
    late = [shift_s if of_viewers(stream) else 0.0 for stream in streams]
    given = list(zip(streams, late, strict=True))
    if unit == BLOCK or len(given) < 2:
        return given
    # The longest steps; what is of the stimulus is brought to viewers' samples, never the other way around.
    goal, goal_late = max(given, key=lambda one: (of_viewers(one[0]), step_of(one[0])))
    result = []
    for stream, own in given:
        if stream is goal or _same_samples(stream, goal, own == goal_late):
            result.append((stream, own))
            continue
        windows = replace(Windows.of(goal), width_s=step_of(goal))
        values = onto(stream, windows, lag_s=goal_late - own)
        result.append(
            (replace(stream, time_s=goal.time_s, values=values, duration_s=lasting(goal), run=goal.run,
                     viewer=goal.viewer, texts={}), goal_late)
        )  # fmt: skip
        earlier = f", {goal_late - own:g} s earlier" if goal_late > own else ""
        notes.append(f"'{stream.name}' is brought to the volumes of '{goal.name}' (means over them{earlier}).")
    return result


def _same_samples(one: Stream, other: Stream, same_shift: bool) -> bool:
    """Whether rows are those of the same viewers, runs and times already."""
    return same_shift and len(one) == len(other) and all(
        (getattr(one, name) == getattr(other, name)).all() for name in ("time_s", "run", "viewer")
    )  # fmt: skip


def common_rows(parts: dict[str, tuple[DecodedRows, BrainSpace | None]], notes: list[str]) -> dict[str, DecodedRows]:
    """The rows that all sources have; a source without viewers goes with every viewer of the others.

    Raises
    ------
    InputError
        If there is none.
    """
    viewers = dict.fromkeys(v for rows, _ in parts.values() for v in rows.viewer.tolist() if v)
    full = {name: _for_viewers(rows, list(viewers)) for name, (rows, _) in parts.items()}
    if len(full) == 1:
        return full
    keys = {
        name: [
            (v, r, round(t, 3)) for v, r, t in zip(p.viewer.tolist(), p.run.tolist(), p.time_s.tolist(), strict=True)
        ]
        for name, p in full.items()
    }
    shared = set.intersection(*(set(found) for found in keys.values()))
    if not shared:
        raise InputError(f"The streams {', '.join(full)} have no row in common: do their runs and times fit?")
    result = {}
    for name, part in full.items():
        place = {key: row for row, key in enumerate(keys[name])}
        rows = [place[key] for key in sorted(shared)]
        if len(rows) < len(part):
            notes.append(f"{len(part) - len(rows)} rows of '{name}' are not in all streams and are left out.")
        result[name] = part[np.array(rows)]
    return result


def _for_viewers(rows: DecodedRows, viewers: list[str]) -> DecodedRows:
    if not viewers or (rows.viewer != "").all():
        return rows
    many = len(rows)
    again = rows[np.tile(np.arange(many), len(viewers))]
    return replace(again, viewer=np.repeat(np.array(viewers, dtype=object), many))


def folds_once(folds: Sequence[DecodingFold], rows: DecodedRows) -> list[int]:
    """Of a source that is the same for all viewers, the folds that test it once: those of the viewer with most rows.

    Viewers would else count as so many confirmations of one and the same. Folds that leave out viewers whole, who saw
    things of their own, stay as they are.
    """
    if any(fold.name == fold.viewer for fold in folds):
        return list(range(len(folds)))
    most = Counter(rows.viewer.tolist()).most_common(1)[0][0]
    return [number for number, fold in enumerate(folds) if fold.viewer == most]
