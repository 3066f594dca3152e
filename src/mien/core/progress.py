"""How far long work is: one kind of callable everywhere, and lines now and then where nobody watches a bar."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

# (done, total) in whatever unit the work counts.
Progress = Callable[[int, int], None]

# Seconds between lines; work that is done sooner prints none. Longer work says so after its first part.
EVERY_S = 15.0
# No estimate rests on less time than this, nor a very early one: what starts slowly would look endless.
_LEAST_S, _EARLY_S, _LEAST_SHARE = 2.0, 5.0, 0.05


@dataclass
class _Task:
    what: str
    done: float
    total: float | None
    since: float
    estimated: bool = False


class Lines:
    """Stands in for Rich's progress bar; prints what is done and how long the rest may take.

    Parameters
    ----------
    write : callable (line)
    every_s : float
        Seconds between lines.
    clock : callable () -> seconds
    """

    def __init__(
        self, write: Callable[[str], None], every_s: float = EVERY_S, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._write, self._every_s, self._clock = write, every_s, clock
        self._tasks: list[_Task] = []
        self._last = clock()

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *error: object) -> None:
        return None

    def add_task(self, description: str, *, total: float | None = None, **fields: Any) -> int:
        """A new task; its number."""
        self._tasks.append(_Task(description, 0.0, total, self._clock()))
        return len(self._tasks) - 1

    def update(
        self, task: int, *, completed: float | None = None, advance: float = 0.0, total: float | None = None,
        description: str | None = None, **fields: Any,
    ) -> None:  # fmt: skip
        """How far a task is; prints a line if the last one is long enough ago, or if this is the first of long work.

        The time counts from where nothing was done.
        """
        here = self._tasks[task]
        if description is not None and description != here.what:
            here.what = description
        if completed == 0:
            here.since, here.estimated = self._clock(), False
        here.done = here.done + advance if completed is None else completed
        here.total = here.total if total is None else total
        now = self._clock()
        passed = now - here.since
        left = _left(here, passed)
        early = here.total is not None and here.done < _LEAST_SHARE * here.total
        first = not here.estimated and left > 0 and passed >= (_EARLY_S if early else _LEAST_S)
        here.estimated = here.estimated or first
        if now - self._last < self._every_s and not (first and left > self._every_s):
            return
        self._last = now
        share = f"{100 * min(here.done / here.total, 1.0):.0f} %" if here.total else f"{here.done:g} done"
        self._write(f"{here.what}: {share}{f', about {_long(left)} left' if left else ''}")


def _left(task: _Task, passed: float) -> float:
    """Seconds that the rest of a task may take; 0 where nothing says so."""
    share = min(task.done / task.total, 1.0) if task.total else 0.0
    return passed * (1 - share) / share if 0 < share < 1 else 0.0


def _long(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def progress_of(asked: Progress | bool | None, what: str) -> Progress | None:
    """The callable that was asked for; of True, one that writes lines to standard error.

    Parameters
    ----------
    asked : callable (done, total), bool or None
    what : str
        What is counted, such as ``'folds'``.
    """
    if asked is True:
        lines = Lines(to_standard_error)
        task = lines.add_task(what)
        return lambda done, total: lines.update(task, completed=done, total=total)
    return asked or None


def files_in_lines(files: int, frames: int) -> Progress:
    """Writes lines about extraction; the callable gets how many files and frames more are done."""
    lines = Lines(to_standard_error)
    task, done = lines.add_task(f"0/{files} files", total=frames), 0

    def step(more_files: int, more_frames: int) -> None:
        nonlocal done
        done += more_files
        lines.update(task, advance=more_frames, description=f"{done}/{files} files")

    return step


def to_standard_error(line: str) -> None:
    """Write a line where it does not mix with results."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
