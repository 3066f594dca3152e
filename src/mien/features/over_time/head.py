"""Movement of the head as a whole."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mien.features.over_time.channels import Channel
from mien.features.over_time.level import SPEED_S
from mien.features.over_time.series import Found, Series

# A head at rest in a video turns more slowly than this.
MOVING_DEG_S = 10.0


def head_statistics(series: Series) -> Iterator[Found]:
    """Angular speed, its mean square (energy), the share of time moving, and the range of turns."""
    head = series.together(("pitch", "yaw", "roll"))
    if head is None or not head.step_s:
        return
    lag = head.lag(SPEED_S)
    if len(head.time_s) <= lag:
        return
    speed = np.linalg.norm(head.change(lag), axis=0) / (lag * head.step_s)
    if not len(speed):
        return
    low, high = np.quantile(head.values, (0.05, 0.95), axis=1)
    yield (
        (Channel("head", "deg", "head"),),
        {
            "turning speed": np.array([speed.mean()]),
            "movement energy": np.array([(speed.astype(np.float64) ** 2).mean()]),
            "share moving": np.array([(speed > MOVING_DEG_S).mean()]),
            "turning range": np.array([np.linalg.norm(high - low)]),
        },
    )
