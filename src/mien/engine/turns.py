"""Which item is next and which result: in order, bounded, tried again. Processes and actors only do what is asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from mien.engine.work import SILENT, TRIES, Done, Item, crashed, failed

# What a crew tells of an item: how far it is, its result, its error, or how its worker ended.
STEP, RESULT, ERROR, LOST = "step", "result", "error", "lost"


class Crew(Protocol):
    """Workers of one machine or of many."""

    def do(self, number: int, value: Any) -> None:
        """Have an item done by whoever is free, or is there next."""

    def hear(self, limit_s: float) -> list[tuple[str, int, Any]]:
        """What was told meanwhile, as (what, number of the item, value); waits for it for a moment.

        A worker that is at an item and silent for ``limit_s`` is ended.
        """

    def shrink(self, size: int) -> None:
        """Send idle workers home until there are so many: what is tried for the last time gets their memory."""

    def close(self) -> None:
        """End all workers."""


@dataclass
class _Try:
    """An item, its place in the order, how often it was tried."""

    number: int
    item: Item
    tries: int = 0


@dataclass
class _Queue:
    """What is to be done next.

    An item that lost its worker comes before all others, once; the last time it is alone, when all that is under way
    is finished: there is more memory then.
    """

    items: Iterator[Item]
    size: int
    room: int
    most_tries: int
    given: int = 0
    drawn: int = 0
    over: bool = False

    def __post_init__(self) -> None:
        self.under_way: dict[int, _Try] = {}
        self._again: deque[_Try] = deque()

    def pick(self) -> _Try | None:
        """The next item; None if nothing can be begun now."""
        if len(self.under_way) >= self.size or any(map(self.alone, self.under_way.values())):
            return None
        if self._again:
            if self.alone(self._again[0]) and self.under_way:
                return None
            one = self._again.popleft()
        else:
            item = next(self.items, None) if not self.over and self.drawn - self.given < self.room else None
            if item is None:
                self.over = self.over or self.drawn - self.given < self.room
                return None
            one = _Try(self.drawn, item)
            self.drawn += 1
        one.tries += 1
        self.under_way[one.number] = one
        return one

    def alone(self, one: _Try) -> bool:
        """Whether nothing may go on beside it: the try that is its last one, or will be."""
        done = one.tries - (one.number in self.under_way)
        return self.most_tries > 1 and done == self.most_tries - 1

    def lost(self, one: _Try, end: str) -> bool:
        """Whether an item whose worker is gone is tried again."""
        if end == SILENT or one.tries >= self.most_tries:
            return False
        self._again.append(one)
        return True


def in_order(
    crew: Crew,
    items: Iterable[Item],
    size: int,
    room: int,
    limit_s: float,
    step: Callable[[Any], None],
    most_tries: int = TRIES,
) -> Iterator[Done]:
    """Results in the order of the items; ``room`` items at most are begun or wait for one before them."""
    queue = _Queue(iter(items), size, room, most_tries)
    finished: dict[int, Done] = {}
    while True:
        while (one := queue.pick()) is not None:
            if queue.alone(one):
                crew.shrink(1)
            crew.do(one.number, one.item.value)
        if not queue.under_way:
            return
        for what, number, value in crew.hear(limit_s):
            if what == STEP:
                step(value)
                continue
            one = queue.under_way.pop(number)
            if what == RESULT:
                finished[number] = Done(one.item.key, value)
            elif what == ERROR:
                finished[number] = failed(one.item.key, value)
            elif not queue.lost(one, value):
                finished[number] = crashed(one.item.key, value, limit_s)
        while queue.given in finished:
            done = finished.pop(queue.given)
            queue.given += 1
            yield done
