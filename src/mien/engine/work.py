"""The contract of the engine: a function over items, how it is spread, and what became of each item."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from mien.core.errors import InputError

DONE, FAILED, CRASHED = "done", "failed", "crashed"
Engine = Literal["local", "ray"]
_PART = re.compile(r"\s*(\d+)\s*/\s*(\d+)\s*")
# An item that ends its worker so often is given up.
TRIES = 3


class Work(Protocol):
    """What is done to items; it travels to workers, so it holds settings and no networks, files or locks."""

    def start(self, threads: int) -> Any:
        """What a worker needs for all of its items (networks, tables), made once in it."""

    def do(self, ready: Any, value: Any, step: Callable[[Any], None]) -> Any:
        """The result of one item; ``step`` may be called with whatever says how far it is."""


@dataclass(frozen=True)
class Item:
    """One thing to be done.

    Attributes
    ----------
    key : str
        Names it among all items; the same in every run and on every machine.
    value : object
        What ``Work.do`` gets; it travels to the worker.
    """

    key: str
    value: Any = None


@dataclass(frozen=True)
class Done:
    """What became of an item.

    Attributes
    ----------
    key : str
    value : object
        The result; None unless the status is ``'done'``.
    status : str
        ``'done'``, ``'failed'`` (it raised an error) or ``'crashed'`` (its worker died or was silent for too long,
        ``TRIES`` times).
    reason : str
        Why there is no result, in a sentence.
    """

    key: str
    value: Any = None
    status: str = DONE
    reason: str = ""


@dataclass(frozen=True)
class Spread:
    """How work is spread.

    Attributes
    ----------
    engine : str
        ``'local'`` (processes of this machine) or ``'ray'`` (a cluster).
    workers : int
        Processes or actors. With one, ``'local'`` works in this process unless ``isolated``.
    threads : int
        Threads of each worker.
    part : str
        ``'3/40'``: the third of forty parts of the items, for job arrays of a batch system; ``''``: all of them.
    address : str
        Of a Ray cluster; ``''`` starts one on this machine for the time of the work.
    isolated : bool
        Work in a process of its own even with one worker, so that an item that kills it costs itself alone.
    time_limit_s : float
        Seconds without a sign of life after which an item is given up.
    """

    engine: Engine = "local"
    workers: int = 1
    threads: int = 1
    part: str = ""
    address: str = ""
    isolated: bool = False
    time_limit_s: float = 600.0
    _numbers: tuple[int, int] = field(default=(1, 1), init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.engine not in ("local", "ray"):
            raise InputError(f"engine is 'local' or 'ray', but got '{self.engine}'.")
        if self.workers < 1 or self.threads < 1:
            raise InputError(f"workers and threads are 1 or more, but got {self.workers} and {self.threads}.")
        if self.part:
            match = _PART.fullmatch(self.part)
            number, parts = (int(match[1]), int(match[2])) if match else (0, 0)
            if not 1 <= number <= parts:
                raise InputError(
                    f"part is written as in '3/40' (the third of forty, counted from 1), but got '{self.part}'."
                )
            object.__setattr__(self, "_numbers", (number, parts))

    def takes(self, key: str) -> bool:
        """Whether an item belongs to this part; that depends on its key alone, not on the other items."""
        number, parts = self._numbers
        digest = int.from_bytes(hashlib.blake2b(key.encode("utf-8", "surrogateescape"), digest_size=8).digest(), "big")
        return digest % parts == number - 1

    def of(self, items: Iterable[Item]) -> list[Item]:
        """The items of this part, in their order."""
        return [item for item in items if self.takes(item.key)]
