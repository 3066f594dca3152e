"""Workers without processes: each verb tests what it hands to workers, tests/engine tests processes."""

from __future__ import annotations

from multiprocessing.reduction import ForkingPickler
from typing import Any

import pytest

from mien.engine.turns import ERROR, RESULT, STEP
from mien.engine.work import Work


def copied(value: Any) -> Any:
    """A value as it arrives in another process."""
    return ForkingPickler.loads(ForkingPickler.dumps(value))


class HandedOver:
    """A crew in this process: two workers of their own, each with a copy of the work, that do the last item first.

    A part that changes what the next one finds, draws from a common generator or hangs on the order gives another
    result than in turn; what cannot travel to a process is refused as there.
    """

    done = 0

    def __init__(self, work: Work, size: int, threads: int) -> None:
        assert size > 1
        self._workers = [(one := copied(work), one.start(threads)) for _ in range(size)]
        self._waiting: list[tuple[int, Any]] = []

    def do(self, number: int, value: Any) -> None:
        self._waiting.append((number, copied(value)))

    def hear(self, limit_s: float) -> list[tuple[str, int, Any]]:
        number, value = self._waiting.pop()
        work, ready = self._workers[number % len(self._workers)]
        told: list[tuple[str, int, Any]] = []
        try:
            result = work.do(ready, value, lambda what: told.append((STEP, number, copied(what))))
        except Exception as error:
            return [*told, (ERROR, number, error)]
        HandedOver.done += 1
        return [*told, (RESULT, number, copied(result))]

    def shrink(self, size: int) -> None:
        """Nobody needs the memory."""

    def close(self) -> None:
        self._waiting = []


def hand_over(monkeypatch: pytest.MonkeyPatch) -> type[HandedOver]:
    """From now on ``workers=2`` starts no process, but hands everything over as to one; ``done`` counts the parts."""
    monkeypatch.setattr("mien.engine.local.Processes", HandedOver)
    monkeypatch.setattr(HandedOver, "done", 0)
    return HandedOver
