"""Extraction in several processes, each with its own networks, on different sources."""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING, Any

from mien.core.errors import MienError
from mien.faces.look import Looker, LookSettings

if TYPE_CHECKING:
    from mien.faces.extract import ProgressCallback
    from mien.faces.tasks import Task

# What a worker tells when its networks are loaded.
STARTED = "started"

_looker: Looker | None = None
_events: Any = None


def run_parallel(tasks: list[Task], settings: LookSettings, workers: int, threads: int, step: ProgressCallback) -> None:
    """Compute the shards of all tasks in ``workers`` processes.

    A source that makes its process die (out of memory, a decoder's crash) is tried again alone and then reported
    as an error; the others are finished first.
    """
    survivors = _run(tasks, settings, workers, threads, step)
    deadly = [task for task in survivors if _run([task], settings, 1, threads, step)]
    if deadly:
        names = ", ".join(task.source.name for task in deadly[:5]) + (" and others" if len(deadly) > 5 else "")
        raise MienError(
            f"The process that read {names} was killed by the system, probably for memory. All other sources are "
            "done; make the file smaller or leave it out."
        )


def _run(tasks: list[Task], settings: LookSettings, workers: int, threads: int, step: ProgressCallback) -> list[Task]:
    """Run tasks; returns those whose process died."""
    # Spawned, not forked: the runtime's threads do not survive a fork.
    context = multiprocessing.get_context("spawn")
    events = context.Queue()
    pool = ProcessPoolExecutor(workers, context, _start, (settings, threads, events))
    open_tasks: dict[Future[None], Task] = {}
    try:
        open_tasks = {pool.submit(_work, task): task for task in tasks}
        died = []
        started = False
        while open_tasks:
            done, _ = wait(open_tasks, timeout=0.2, return_when=FIRST_COMPLETED)
            started = _report(events, step) or started
            for future in done:
                task = open_tasks.pop(future)
                try:
                    future.result()
                except BrokenProcessPool:
                    died.append(task)
        started = _report(events, step) or started
        if died and not started:
            raise MienError(
                "The worker processes could not start. In a script, call mien.extract below "
                "'if __name__ == \"__main__\":', or use workers=1."
            )
        return died
    finally:
        # After an error or Ctrl-C nothing new starts; running sources leave nothing half-written behind.
        processes = list((getattr(pool, "_processes", None) or {}).values())
        pool.shutdown(wait=not open_tasks, cancel_futures=True)
        if open_tasks:
            for process in processes:
                process.terminate()
                process.join(timeout=5)


def _report(events: Any, step: ProgressCallback) -> bool:
    """Pass on what the workers tell; True if one has told that it is ready."""
    started = False
    while True:
        try:
            event = events.get_nowait()
        except queue.Empty:
            return started
        if event == STARTED:
            started = True
        else:
            step(*event)


def _start(settings: LookSettings, threads: int, events: Any) -> None:
    global _looker, _events
    # Workers of a parent that was killed would go on without anybody.
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # The parent decides what Ctrl-C means; termination unwinds, so that temporary files are removed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)
    _looker, _events = Looker(settings, threads), events
    events.put(STARTED)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _leave(number: int, frame: Any) -> None:
    raise SystemExit(128 + number)


def _work(task: Task) -> None:
    from mien.faces.extract import run_task

    assert _looker is not None
    run_task(_looker, task, lambda sources, frames: _events.put((sources, frames)))
