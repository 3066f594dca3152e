"""A recording's usable frames as channels at even steps, and the rules by which things are counted in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mien.features.over_time.channels import Channel
from mien.features.over_time.even import Even, even


@dataclass(frozen=True)
class Rules:
    """How statistics are counted.

    Attributes
    ----------
    max_gap_s : float
        Longer gaps are not interpolated across.
    """

    max_gap_s: float = 0.25


class Series:
    """Usable frames of one recording or window; channels are brought to even steps when they are asked for.

    Frames in which a channel holds no number are gaps of that channel alone.
    """

    def __init__(self, channels: tuple[Channel, ...], time_s: np.ndarray, values: np.ndarray, rules: Rules) -> None:
        self.channels, self.rules = channels, rules
        self._time_s, self._values = time_s, values
        self._finite = np.isfinite(values)
        self._parts: list[tuple[np.ndarray, Even]] | None = None

    def parts(self) -> list[tuple[np.ndarray, Even]]:
        """Channels (indices) that hold numbers in the same frames, at even steps."""
        if self._parts is None:
            if self._finite.all():
                everything = np.arange(len(self.channels))
                self._parts = [(everything, even(self._time_s, self._values, self.rules.max_gap_s))]
            else:
                patterns, which = np.unique(np.packbits(self._finite, axis=1), axis=0, return_inverse=True)
                groups = [np.flatnonzero(which.reshape(-1) == one) for one in range(len(patterns))]
                self._parts = [
                    (rows, even(self._time_s[mask], self._values[np.ix_(rows, mask)], self.rules.max_gap_s))
                    for rows in sorted(groups, key=lambda rows: int(rows[0]))
                    if (mask := self._finite[rows[0]]).any()
                ]
        return self._parts

    def together(self, names: Sequence[str]) -> Even | None:
        """Some channels where all of them hold numbers; None if one is not there or they never do."""
        known = {channel.name: place for place, channel in enumerate(self.channels)}
        if any(name not in known for name in names):
            return None
        rows = np.array([known[name] for name in names], dtype=np.intp)
        if self._finite.all():
            whole = self.parts()[0][1]
            return Even(whole.values[rows], whole.time_s, whole.stretch, whole.step_s)
        mask = self._finite[rows].all(axis=0)
        if not mask.any():
            return None
        return even(self._time_s[mask], self._values[np.ix_(rows, mask)], self.rules.max_gap_s)
