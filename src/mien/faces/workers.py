"""Extraction in processes of their own, each with its networks, on different sources.

What a file does to the process that reads it (a decoder's crash, the system's killer when memory runs out, an endless
loop) ends that process and costs this one source; another process takes its place.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from mien.core.errors import MienError
from mien.faces.reader import Looker, LookSettings
from mien.faces.run import ProgressCallback, give_up, run_task
from mien.faces.sources import VIDEO
from mien.faces.tasks import counted

if TYPE_CHECKING:
    from mien.faces.tasks import Task

# What a process is asked to do, and what it tells.
COUNT, RUN = "count", "run"
STARTED, STEP, FINISHED, FAILED = "started", "step", "finished", "failed"
# Processes that may die one after the other before they are ready.
_MOST_BAD_STARTS = 3
# Loading the networks takes seconds.
_START_LIMIT_S = 300.0
# Counting the frames of a video takes milliseconds.
_COUNT_LIMIT_S = 60.0


@dataclass(eq=False)
class _Worker:
    """A process, the pipe to it, what it is at, when it was last heard."""

    process: Any
    pipe: Any
    started: bool = False
    task: Task | None = None
    heard: float = field(default_factory=time.monotonic)

    @property
    def idle(self) -> bool:
        """Whether it waits to be asked."""
        return self.started and self.task is None

    @property
    def silent_s(self) -> float:
        """Seconds since it was heard, while it is at something."""
        return 0.0 if self.idle else time.monotonic() - self.heard

    def ask(self, what: str, task: Task) -> None:
        self.task, self.heard = task, time.monotonic()
        self.pipe.send((what, task))

    def end(self, patience_s: float) -> int:
        """End the process, by force if it does not listen; its exit code."""
        self.process.terminate()
        self.process.join(patience_s)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.pipe.close()
        return int(self.process.exitcode or 0)


@dataclass(frozen=True)
class Loss:
    """Why a source was not done: a sentence, and whether another try makes sense."""

    reason: str
    may_pass: bool


class Team:
    """Processes that read sources; to be used in a ``with``."""

    def __init__(self, settings: LookSettings, size: int, threads: int, time_limit_s: float) -> None:
        # Spawned, not forked: the runtime's threads do not survive a fork.
        self._context = multiprocessing.get_context("spawn")
        self._settings, self._size, self._threads, self._limit_s = settings, size, threads, time_limit_s
        self._workers: list[_Worker] = []
        self._bad_starts = 0

    def __enter__(self) -> Team:
        return self

    def __exit__(self, *error: object) -> None:
        # After an error or Ctrl-C nothing new starts; running sources leave nothing half-written behind.
        for worker in self._workers:
            if worker.idle:
                worker.process.kill()
            else:
                worker.process.terminate()
        for worker in self._workers:
            worker.end(5.0)
        self._workers = []

    def counted(self, tasks: list[Task]) -> list[Task]:
        """The tasks with the numbers of frames of their videos, where they can be known."""
        found = {task.shard: task for task in tasks}
        videos = [task for task in tasks if task.source.kind == VIDEO]
        self._work(COUNT, videos, _COUNT_LIMIT_S, lambda task: found.update({task.shard: task}), _ignored, _ignored)
        return list(found.values())

    def run(self, tasks: list[Task], step: ProgressCallback) -> None:
        """Compute the shards of all tasks.

        A source whose process dies is tried once more, alone, when all others are finished: there is more memory then.

        Raises
        ------
        MienError
            If the processes do not start, or what was computed cannot be written.
        """
        again: list[Task] = []

        def lost(task: Task, loss: Loss) -> None:
            if loss.may_pass:
                again.append(task)
            else:
                give_up(task, loss.reason, step)

        self._work(RUN, tasks, self._limit_s, _ignored, lost, step)
        self._size = 1
        self._work(RUN, again, self._limit_s, _ignored, lambda task, loss: give_up(task, loss.reason, step), step)

    def _work(
        self,
        what: str,
        tasks: list[Task],
        limit_s: float,
        finished: Callable[[Task], None],
        lost: Callable[[Task, Loss], None],
        step: Callable[[int, int], None],
    ) -> None:
        waiting = deque(tasks)
        while waiting or self._busy():
            self._staff(len(waiting))
            for worker in self._workers:
                if waiting and worker.idle:
                    worker.ask(what, waiting.popleft())
            ready = wait([worker.pipe for worker in self._workers], timeout=0.5)
            for worker in list(self._workers):
                try:
                    if worker.pipe in ready:
                        self._hear(worker, finished, step)
                    elif worker.silent_s > (limit_s if worker.started else _START_LIMIT_S):
                        self._lose(
                            worker, Loss(f"no frame was finished in {limit_s:g} s, so it was given up.", False), lost
                        )
                except (EOFError, OSError):
                    self._lose(worker, None, lost)

    def _busy(self) -> list[_Worker]:
        return [worker for worker in self._workers if worker.task is not None]

    def _staff(self, waiting: int) -> None:
        """As many processes as there is work for."""
        while len(self._workers) < min(self._size, waiting + len(self._busy())):
            here, there = self._context.Pipe()
            process = self._context.Process(
                target=_serve, args=(there, self._settings, self._threads), name="mien-reader", daemon=True
            )
            process.start()
            # Only the process itself holds this end now, so that its death closes the pipe.
            there.close()
            self._workers.append(_Worker(process, here))
        for worker in [worker for worker in self._workers if worker.idle][self._size :]:
            self._workers.remove(worker)
            worker.end(5.0)

    def _hear(self, worker: _Worker, finished: Callable[[Task], None], step: Callable[[int, int], None]) -> None:
        told, value = worker.pipe.recv()
        worker.heard = time.monotonic()
        if told == STARTED:
            worker.started, self._bad_starts = True, 0
        elif told == STEP:
            step(*value)
        elif told == FAILED:
            raise value
        else:
            worker.task = None
            finished(value)

    def _lose(self, worker: _Worker, loss: Loss | None, lost: Callable[[Task, Loss], None]) -> None:
        """Let go of a process that is dead (no ``loss`` is known yet) or has to be ended."""
        self._workers.remove(worker)
        if loss is None:
            worker.process.join(5.0)
        code = worker.end(1.0)
        if worker.task is not None:
            lost(worker.task, loss or _death(code))
        elif not worker.started:
            self._bad_starts += 1
            if self._bad_starts >= _MOST_BAD_STARTS:
                raise MienError(
                    "The worker processes could not start. In a script, call mien.extract below "
                    "'if __name__ == \"__main__\":', or use workers=1 without isolated=True."
                )


def _death(code: int) -> Loss:
    if code == -getattr(signal, "SIGKILL", 9):
        how = "was ended by the system (SIGKILL), probably because memory ran out: make the file smaller"
    elif code < 0:
        how = f"crashed ({signal.Signals(-code).name}), probably by a fault of the decoder: convert the file"
    else:
        how = f"ended by itself (exit code {code}): convert the file"
    return Loss(f"the process that read it {how}, or leave it out.", True)


def _ignored(*_: object) -> None:
    """Nothing to do about it."""


def _serve(pipe: Any, settings: LookSettings, threads: int) -> None:
    """What a process does: answer requests until the pipe closes."""
    # Workers of a parent that was killed would go on without anybody.
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # The parent decides what Ctrl-C means; termination unwinds, so that temporary files are removed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    looker = Looker(settings, threads)
    pipe.send((STARTED, None))
    while True:
        try:
            what, task = pipe.recv()
        except EOFError:
            return
        try:
            if what == COUNT:
                task = counted(task)
            else:
                run_task(looker, task, lambda sources, frames: pipe.send((STEP, (sources, frames))))
        except Exception as error:
            pipe.send((FAILED, error if isinstance(error, MienError) else MienError(repr(error))))
        else:
            pipe.send((FINISHED, task))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _leave(number: int, frame: Any) -> None:
    raise SystemExit(128 + number)
