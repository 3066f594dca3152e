"""Left beside right: channels that are a pair by their names."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np

from mien.features.over_time.channels import Channel
from mien.features.over_time.series import Found, Series


@cache
def side_pairs(channels: tuple[Channel, ...]) -> tuple[tuple[Channel, int, int], ...]:
    """Pairs: the channel they make together, and the places of the left and the right one."""
    known = {channel.name: place for place, channel in enumerate(channels)}
    found = []
    for name, left in known.items():
        for one, other in (("Left", "Right"), ("left", "right")):
            right = known.get(name.replace(one, other)) if one in name else None
            if right is not None:
                shared = " ".join(name.replace(one, "").split())
                known_one = channels[left]
                found.append((Channel(shared, known_one.unit, known_one.group, known_one.range), left, right))
    return tuple(found)


def asymmetry_statistics(series: Series) -> Iterator[Found]:
    """Mean of left minus right, and of its absolute value."""
    pairs = side_pairs(series.channels)
    signed, absolute = np.full(len(pairs), np.nan), np.full(len(pairs), np.nan)
    for rows, part in series.parts():
        place = {int(row): i for i, row in enumerate(rows)}
        here = [i for i, (_, left, right) in enumerate(pairs) if left in place and right in place]
        if here:
            left = part.values[[place[pairs[i][1]] for i in here]]
            difference = left - part.values[[place[pairs[i][2]] for i in here]]
            signed[here], absolute[here] = difference.mean(axis=1), np.abs(difference).mean(axis=1)
    yield tuple(channel for channel, _, _ in pairs), {"left minus right": signed, "asymmetry": absolute}
