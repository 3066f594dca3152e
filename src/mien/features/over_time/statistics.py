"""Statistics of one recording: groups by name, each a function of its channels."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from mien.core.errors import InputError
from mien.core.words import did_you_mean
from mien.data.measures import Measure
from mien.features.over_time.channels import Channel
from mien.features.over_time.codebook import lines
from mien.features.over_time.even import Even
from mien.features.over_time.level import change, level
from mien.features.over_time.series import Series

# What a group gives: channels, and for each statistic a value for each of them.
Found = tuple[tuple[Channel, ...], dict[str, np.ndarray]]


def _of_channels(function: Callable[[Even], dict[str, np.ndarray]]) -> Callable[[Series], Iterator[Found]]:
    """A group of statistics of every channel by itself."""

    def group(series: Series) -> Iterator[Found]:
        found: dict[str, np.ndarray] = {}
        for rows, part in series.parts():
            for name, values in function(part).items():
                found.setdefault(name, np.full(len(series.channels), np.nan, dtype=np.float32))[rows] = values
        yield series.channels, found

    return group


GROUPS: dict[str, Callable[[Series], Iterator[Found]]] = {
    "level": _of_channels(level),
    "change": _of_channels(change),
}


def check_groups(names: Sequence[str]) -> tuple[str, ...]:
    """The groups in the order of ``GROUPS``, each once.

    Raises
    ------
    InputError
        If there is no such group.
    """
    for name in names:
        if name not in GROUPS:
            raise InputError(
                f"There are no statistics '{name}'.{did_you_mean(name, GROUPS)} There are: {', '.join(GROUPS)}."
            )
    return tuple(name for name in GROUPS if name in names)


def statistics(series: Series, groups: Sequence[str], window: str = "") -> tuple[tuple[Measure, ...], np.ndarray]:
    """All statistics of a recording, or of a window of it: lines of the codebook and a value for each."""
    names: list[tuple[Measure, ...]] = []
    values: list[np.ndarray] = []
    for group in groups:
        for channels, found in GROUPS[group](series):
            if found and channels:
                names.append(lines(channels, tuple(found), window))
                values.append(np.stack(list(found.values()), axis=1).reshape(-1))
    if not names:
        return (), np.empty(0, dtype=np.float32)
    return tuple(one for part in names for one in part), np.concatenate(values).astype(np.float32)
