"""``spread``: the results of a function over items, in their order, wherever they are computed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from mien.engine.work import FAILED, Done, Item, Spread, Work


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
    how = how or Spread()
    ready: Any = None
    begun = False
    for item in items:
        if not how.takes(item.key):
            continue
        if not begun:
            ready, begun = work.start(how.threads), True
        try:
            value = work.do(ready, item.value, step or _unheard)
        except Exception as error:  # one item's fault is its own
            yield Done(item.key, status=FAILED, reason=f"{type(error).__name__}: {error}")
        else:
            yield Done(item.key, value)


def _unheard(what: Any) -> None:
    """Nobody asked how far it is."""
