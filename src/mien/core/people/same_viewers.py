"""Viewers who are one person under several names: what was recorded of them is the same to the last bit."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from itertools import combinations

import numpy as np

from mien.core.fixations import Fixations
from mien.core.streams import SAMPLED, Stream
from mien.core.words import quoted

# Fewer different rows may be the same by chance: a course of on and off, fixations on one cross.
_LEAST_ROWS = 8


def copied_series(stream: Stream) -> dict[str, str]:
    """Viewers whose series in a run is another viewer's, each with the first who has it.

    Parameters
    ----------
    stream : Stream
        Without viewers there are none.

    Returns
    -------
    dict of str to str
        ``{copy: first}``; empty where all are themselves.
    """
    if len(set(stream.viewer.tolist())) < 2:
        return {}
    # Samples are all as long as each other; fixations are not.
    values = stream.values if stream.kind == SAMPLED else np.column_stack([stream.values, stream.duration_s])
    return _copies(stream.viewer, stream.run, values, least_share=0.0)


def fixations_once(fixations: Fixations, notes: list[str]) -> Fixations:
    """Fixations on pictures without the viewers who have another one's on half or more of the pictures that both saw.

    Parameters
    ----------
    fixations : Fixations
    notes : list of str
        Takes a sentence that names the copies.
    """
    values = np.column_stack([fixations.x_px, fixations.y_px, fixations.duration_s])
    copies = _copies(fixations.viewer, fixations.picture, values, least_share=0.5)
    if not copies:
        return fixations
    kept = fixations[~np.isin(fixations.viewer, list(copies))]
    notes.append(_words(copies, len(set(kept.viewer.tolist()))))
    return kept


def _words(copies: dict[str, str], left: int) -> str:
    """Names of the copies; ``left`` viewers remain."""
    groups: dict[str, list[str]] = {}
    for copy, first in copies.items():
        groups.setdefault(first, [first]).append(copy)
    said = "; ".join(quoted(names) for names in groups.values())
    were = left + len(copies)
    return (
        f"Viewers whose recordings are copies (the same to the last bit): {said}. They count as one, in folds, "
        f"intervals, tests and averages: {left} instead of {were} viewers. The rows of {quoted(copies)} are left out; "
        "if they are other people, their files hold the wrong recording."
    )


def without_copies(streams: Sequence[Stream], notes: list[str]) -> list[Stream]:
    """Streams of viewers in which each person is there once.

    Parameters
    ----------
    streams : sequence of Stream
        Of one time line. Where there are several, one that is the same for all viewers belongs to the stimulus and
        says nothing.
    notes : list of str
        Takes a sentence that names the copies.
    """
    copies: dict[str, str] = {}
    for stream in streams:
        found = copied_series(stream)
        if len(streams) > 1 and len(found) == len(set(stream.viewer.tolist()) - {""}) - 1:
            continue
        copies |= {copy: first for copy, first in found.items() if copy not in copies}
    if not copies:
        return list(streams)
    everyone = {viewer for stream in streams for viewer in stream.viewer.tolist() if viewer}
    notes.append(_words(copies, len(everyone - set(copies))))
    return [stream[~np.isin(stream.viewer, list(copies))] if len(stream) else stream for stream in streams]


def _copies(viewer: np.ndarray, part: np.ndarray, values: np.ndarray, least_share: float) -> dict[str, str]:
    """Viewers with the same rows in the same order in a part, or in ``least_share`` of the parts that both have."""
    keys: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(viewer.tolist(), part.tolist(), strict=True)):
        keys.setdefault(key, []).append(row)
    by_content: dict[tuple[str, bytes], list[str]] = {}
    parts: dict[str, set[str]] = {}
    for (who, which), rows in keys.items():
        if who:
            # Not -0.0 beside 0.0.
            content = blake2b((values[rows] + 0.0).tobytes()).digest()
            by_content.setdefault((which, content), []).append(who)
            parts.setdefault(who, set()).add(which)
    shared: dict[tuple[str, str], list[str]] = {}
    for (which, _), names in by_content.items():
        for pair in combinations(names, 2):
            shared.setdefault(pair, []).append(which)
    order = {name: place for place, name in enumerate(parts)}
    first = {name: name for name in parts}
    for pair, same in shared.items():
        one, other = sorted(pair, key=order.__getitem__)
        if len(same) < least_share * len(parts[one] & parts[other]):
            continue
        alike = values[[row for which in same for row in keys[one, which]]]
        told = alike[np.isfinite(alike).any(axis=1)]
        # Durations that nobody knows make no rows different.
        if len(np.unique(np.nan_to_num(told), axis=0)) >= _LEAST_ROWS:
            low, high = sorted((first[one], first[other]), key=order.__getitem__)
            first = {name: low if leads == high else leads for name, leads in first.items()}
    return {name: leads for name, leads in first.items() if name != leads}
