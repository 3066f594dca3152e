"""How fast frames are read, answered and drawn, over the last seconds and the whole run."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

# Frames that a rate is taken over.
WINDOW = 60
LANDMARKS, EXPRESSION, OVERLAY = "landmarks", "expression", "overlay"


class Rates:
    """Seconds that each part of the work took, frame by frame, and when frames were finished."""

    def __init__(self) -> None:
        self._parts: dict[str, list[float]] = {LANDMARKS: [], EXPRESSION: [], OVERLAY: []}
        self._finished: deque[float] = deque(maxlen=WINDOW)
        self._count, self._first_s = 0, 0.0

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """The block is this part's work on one frame."""
        start = time.perf_counter()
        yield
        self._parts[part].append(time.perf_counter() - start)

    def frame(self) -> None:
        """One frame is finished."""
        self._finished.append(time.perf_counter())
        self._count += 1
        self._first_s = self._first_s or self._finished[0]

    def milliseconds(self, part: str, last: int = 0) -> float:
        """Median time of a part, over the last frames or all; NaN where it never ran."""
        times = self._parts[part][-last:] if last else self._parts[part]
        return float(np.median(times)) * 1e3 if times else float("nan")

    def per_second(self, *parts: str, last: int = 0) -> float:
        """Frames per second that these parts alone would allow, one after the other."""
        needed = sum(self.milliseconds(part, last) for part in parts)
        return 1e3 / needed if needed > 0 else float("nan")

    @property
    def shown(self) -> float:
        """Frames per second that were finished lately; NaN before the second frame."""
        return self._rate(len(self._finished), self._finished[0] if self._finished else 0.0)

    @property
    def overall(self) -> float:
        """The same from the first to the last."""
        return self._rate(self._count, self._first_s)

    def _rate(self, count: int, since_s: float) -> float:
        return (count - 1) / (self._finished[-1] - since_s) if count > 1 else float("nan")
