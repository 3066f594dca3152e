"""The contract of the engine: a function over items, how it is spread, and what became of each item."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from mien.core.errors import InputError, MienError

DONE, FAILED, CRASHED = "done", "failed", "crashed"
ENGINES = ("local", "ray")
_PART = re.compile(r"\s*(\d+)\s*/\s*(\d+)\s*")
# An item that ends its worker so often is given up.
TRIES = 3
# How a worker ended that gave no sign of life.
SILENT = "silent"


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
        ``'done'``, ``'failed'`` (it raised an error) or ``'crashed'`` (its worker died ``TRIES`` times, or was silent
        for too long).
    reason : str
        Why there is no result, in a sentence.
    error : Exception, optional
        What it raised, if it failed; from another process it comes as the nearest ``MienError``.
    end : str
        How the worker of a crashed item ended the last time: the name of a signal (``'SIGKILL'``), ``'exit code 1'``,
        ``'silent'``, or ``''`` where the engine does not know.
    """

    key: str
    value: Any = None
    status: str = DONE
    reason: str = ""
    error: Exception | None = field(default=None, compare=False)
    end: str = ""

    def result(self) -> Any:
        """The value, for work that makes no sense without each of its results.

        Raises
        ------
        MienError
            If there is none.
        """
        if self.status == DONE:
            return self.value
        raise self.error or MienError(f"{self.key}: {self.reason}")


def failed(key: str, error: Exception) -> Done:
    """What becomes of an item that raised an error."""
    reason = str(error) if isinstance(error, MienError) else f"{type(error).__name__}: {error}"
    return Done(key, status=FAILED, reason=reason, error=error)


def crashed(key: str, end: str, limit_s: float) -> Done:
    """What becomes of an item that is given up, with how its worker ended."""
    if end == SILENT:
        how = f"gave no sign of life for {limit_s:g} s, so it was ended"
    elif end == "SIGKILL":
        how = "was ended by the system (SIGKILL), probably because memory ran out"
    else:
        how = f"ended by itself ({end or 'nothing is known of how'})"
    return Done(key, status=CRASHED, reason=f"the process that worked on it {how}.", end=end)


@dataclass(frozen=True)
class PartDone:
    """What a job of an array gives: a last one without ``part`` puts all parts together.

    Attributes
    ----------
    part : str
        Such as ``'3/40'``.
    here, total : int
        How many items are there by now, of how many.
    """

    part: str
    here: int
    total: int

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"part": self.part, "here": self.here, "total": self.total}


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
        Seconds without a sign of life after which an item is given up. By default none: a long fit may say nothing for
        hours, and only what reads the files of others can hang.
    ahead : int
        Results per worker that may wait for an earlier one. More keep workers busy beside an item that takes long,
        and take more memory.
    """

    engine: str = "local"
    workers: int = 1
    threads: int = 1
    part: str = ""
    address: str = ""
    isolated: bool = False
    time_limit_s: float = float("inf")
    ahead: int = 16
    _numbers: tuple[int, int] = field(default=(1, 1), init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.engine not in ENGINES:
            raise InputError(f"engine is 'local' or 'ray', but got '{self.engine}'.")
        if self.workers < 1 or self.threads < 1:
            raise InputError(f"workers and threads are 1 or more, but got {self.workers} and {self.threads}.")
        if self.address and self.engine != "ray":
            raise InputError("address names a Ray cluster and belongs to engine 'ray'.")
        if self.part:
            match = _PART.fullmatch(self.part)
            number, parts = (int(match[1]), int(match[2])) if match else (0, 0)
            if not 1 <= number <= parts:
                raise InputError(
                    f"part is written as in '3/40' (the third of forty, counted from 1), but got '{self.part}'."
                )
            object.__setattr__(self, "_numbers", (number, parts))

    @property
    def serial(self) -> bool:
        """Whether work is done in this process."""
        return self.engine == "local" and self.workers == 1 and not self.isolated

    def takes(self, key: str) -> bool:
        """Whether an item belongs to this part; that depends on its key alone, not on the other items."""
        number, parts = self._numbers
        if parts == 1:
            return True
        digest = int.from_bytes(hashlib.blake2b(key.encode("utf-8", "surrogateescape"), digest_size=8).digest(), "big")
        return digest % parts == number - 1

    def of(self, items: Iterable[Item]) -> list[Item]:
        """The items of this part, in their order."""
        return [item for item in items if self.takes(item.key)]
