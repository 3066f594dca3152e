"""Processes of this machine, each with what its work needs.

What an item does to the process that works on it (a decoder's crash, the system's killer when memory runs out, an
endless loop) ends that process and costs this one item; another process takes its place.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from pickle import PicklingError
from typing import Any

from mien.core import errors
from mien.core.errors import InputError, MienError
from mien.engine.turns import ERROR, LOST, RESULT, STEP
from mien.engine.work import SILENT, Work

# What a process tells before it is at any item.
_STARTED, _REFUSED = "started", "refused"
# Processes that may end one after the other before they are ready: by themselves, or killed by somebody.
_MOST_BAD_STARTS, _MOST_KILLED_STARTS = 3, 12
# Loading networks takes seconds.
_START_LIMIT_S = 300.0


@dataclass(eq=False)
class _Worker:
    """A process, the pipe to it, the item that it is at, when it was last heard."""

    process: Any
    pipe: Any
    started: bool = False
    number: int | None = None
    heard: float = field(default_factory=time.monotonic)

    @property
    def idle(self) -> bool:
        """Whether it waits to be asked."""
        return self.started and self.number is None

    @property
    def silent_s(self) -> float:
        """Seconds since it was heard, while it is at something."""
        return 0.0 if self.idle else time.monotonic() - self.heard

    def ask(self, number: int, value: Any) -> None:
        self.number, self.heard = number, time.monotonic()
        self.pipe.send((number, value))

    def end(self, patience_s: float) -> int:
        """End the process, by force if it does not listen; its exit code."""
        self.process.terminate()
        self.process.join(patience_s)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.pipe.close()
        return int(self.process.exitcode or 0)


class Processes:
    """A crew of processes, started when there is something to do."""

    def __init__(self, work: Work, size: int, threads: int) -> None:
        # Spawned, not forked: the threads of runtimes do not survive a fork.
        self._context = multiprocessing.get_context("spawn")
        self._work, self._size, self._threads = work, size, threads
        self._workers: list[_Worker] = []
        self._waiting: deque[tuple[int, Any]] = deque()
        self._bad_starts = self._killed_starts = 0

    def do(self, number: int, value: Any) -> None:
        """Have an item done by whoever is idle; processes are started as long as there are fewer than items."""
        self._waiting.append((number, value))
        self._assign()

    def hear(self, limit_s: float) -> list[tuple[str, int, Any]]:
        """What the processes told."""
        told: list[tuple[str, int, Any]] = []
        self._assign()
        ready = wait([worker.pipe for worker in self._workers], timeout=0.5)
        for worker in list(self._workers):
            try:
                if worker.pipe in ready:
                    self._take(worker, told)
                elif worker.silent_s > (limit_s if worker.started else _START_LIMIT_S):
                    self._lose(worker, SILENT, told)
            except (EOFError, OSError):
                self._lose(worker, None, told)
        return told

    def shrink(self, size: int) -> None:
        """End idle processes until there are so many."""
        idle = [worker for worker in self._workers if worker.idle]
        for worker in idle[: max(0, len(self._workers) - size)]:
            self._workers.remove(worker)
            worker.end(5.0)

    def close(self) -> None:
        """End all processes; what they are at is stopped and leaves nothing half-written behind."""
        for worker in self._workers:
            if worker.idle:
                worker.process.kill()
            else:
                worker.process.terminate()
        for worker in self._workers:
            worker.end(5.0)
        self._workers = []

    def _assign(self) -> None:
        busy = sum(worker.number is not None for worker in self._workers)
        while len(self._workers) < min(self._size, len(self._waiting) + busy):
            self._start()
        for worker in self._workers:
            if self._waiting and worker.idle:
                number, value = self._waiting.popleft()
                with suppress(OSError):  # it died while it was idle: that is heard next
                    worker.ask(number, value)

    def _start(self) -> None:
        here, there = self._context.Pipe()
        process = self._context.Process(
            target=_serve, args=(there, self._work, self._threads), name="mien-worker", daemon=True
        )
        try:
            process.start()
        except (AttributeError, TypeError, PicklingError) as error:
            raise InputError(
                f"This cannot be handed to other processes ({error}); use workers=1, or functions and classes that "
                "stand in a module."
            ) from error
        # Only the process itself holds this end now, so that its death closes the pipe.
        there.close()
        self._workers.append(_Worker(process, here))

    def _take(self, worker: _Worker, told: list[tuple[str, int, Any]]) -> None:
        what, value = worker.pipe.recv()
        worker.heard = time.monotonic()
        if what == _STARTED:
            worker.started, self._bad_starts, self._killed_starts = True, 0, 0
        elif what == _REFUSED:
            raise as_error(*value)
        elif worker.number is not None:
            told.append((what, worker.number, as_error(*value) if what == ERROR else value))
            if what != STEP:
                worker.number = None

    def _lose(self, worker: _Worker, end: str | None, told: list[tuple[str, int, Any]]) -> None:
        """Let go of a process that is dead (how is not known yet) or has to be ended."""
        self._workers.remove(worker)
        if end is None:
            worker.process.join(5.0)
        code = worker.end(1.0)
        if worker.number is not None:
            told.append((LOST, worker.number, end or _death(code)))
        elif not worker.started:
            self._bad_starts += code >= 0
            self._killed_starts += code < 0
            if self._bad_starts >= _MOST_BAD_STARTS or self._killed_starts >= _MOST_KILLED_STARTS:
                raise MienError(
                    "The worker processes could not start. In a script, call mien below "
                    "'if __name__ == \"__main__\":', or use workers=1 without isolated=True."
                )


def _death(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def told_of(error: Exception) -> tuple[str, str]:
    """An error as it travels: the name of its class and its sentence."""
    if isinstance(error, MienError):
        return type(error).__name__, str(error)
    return MienError.__name__, f"{type(error).__name__}: {error}"


def as_error(name: str, sentence: str) -> MienError:
    """The error of another process, as the nearest that mien has."""
    kind = getattr(errors, name, MienError)
    return kind(sentence)


def _serve(pipe: Any, work: Work, threads: int) -> None:
    """What a process does: items, until the pipe closes."""
    # Workers of a parent that was killed would go on without anybody.
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # The parent decides what Ctrl-C means; termination unwinds, so that temporary files are removed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    try:
        ready = work.start(threads)
    except Exception as error:
        pipe.send((_REFUSED, told_of(error)))
        return
    pipe.send((_STARTED, None))
    while True:
        try:
            _, value = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send((RESULT, work.do(ready, value, lambda what: pipe.send((STEP, what)))))
        except Exception as error:
            pipe.send((ERROR, told_of(error)))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _leave(number: int, frame: Any) -> None:
    raise SystemExit(128 + number)
