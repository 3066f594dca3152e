"""``spread``: the results of a function over items, in their order, wherever they are computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from mien.engine.turns import Crew, in_order
from mien.engine.work import TRIES, Done, Item, Spread, Work, failed


class Spreading(Protocol):
    """Gives items to workers that stay for the next ones."""

    def __call__(
        self,
        items: Iterable[Item],
        *,
        step: Callable[[Any], None] | None = None,
        tries: int = TRIES,
        time_limit_s: float | None = None,
    ) -> Iterator[Done]: ...


def spread(
    work: Work, items: Iterable[Item], how: Spread | None = None, *, step: Callable[[Any], None] | None = None
) -> Iterator[Done]:
    """Results in the order of the items, each as soon as it and all before it are there.

    No more items are on their way than the workers need, so memory does not grow with their number.

    Parameters
    ----------
    work : Work
    items : iterable of Item
        Of other parts than ``how.part`` says, none is done and none is given back.
    how : Spread, optional
        By default one after the other, in this process.
    step : callable, optional
        Gets what ``Work.do`` says of how far it is.

    Yields
    ------
    Done
    """
    with workers_for(work, how or Spread()) as spreading:
        yield from spreading(items, step=step)


@contextmanager
def workers_for(work: Work, how: Spread) -> Iterator[Spreading]:
    """Workers that stay for several lots of items, for a ``with``.

    Each lot may have its own number of tries for an item whose worker dies, and its own limit of silence.
    """
    if how.serial:
        yield _Here(work, how)
        return
    crew = _crew(work, how)

    def spreading(
        items: Iterable[Item],
        *,
        step: Callable[[Any], None] | None = None,
        tries: int = TRIES,
        time_limit_s: float | None = None,
    ) -> Iterator[Done]:
        mine = (item for item in items if how.takes(item.key))
        limit_s = time_limit_s or how.time_limit_s
        return in_order(crew, mine, how.workers, how.workers * how.ahead, limit_s, step or _unheard, tries)

    try:
        yield spreading
    finally:
        crew.close()


def _crew(work: Work, how: Spread) -> Crew:
    if how.engine == "ray":
        from mien.engine.ray import Actors

        return Actors(work, how.workers, how.threads, how.address)
    from mien.engine.local import Processes

    return Processes(work, how.workers, how.threads)


class _Here:
    """One item after the other, in this process."""

    def __init__(self, work: Work, how: Spread) -> None:
        self._work, self._how, self._ready = work, how, _NOTHING

    def __call__(
        self,
        items: Iterable[Item],
        *,
        step: Callable[[Any], None] | None = None,
        tries: int = TRIES,
        time_limit_s: float | None = None,
    ) -> Iterator[Done]:
        for item in items:
            if not self._how.takes(item.key):
                continue
            if self._ready is _NOTHING:
                self._ready = self._work.start(self._how.threads)
            try:
                value = self._work.do(self._ready, item.value, step or _unheard)
            except Exception as error:  # one item's fault is its own
                yield failed(item.key, error)
            else:
                yield Done(item.key, value)


_NOTHING: Any = object()


def _unheard(what: Any) -> None:
    """Nobody asked how far it is."""
