"""How far long work is: one kind of callable everywhere; a bar in notebooks, and lines now and then elsewhere.

Where nothing was asked for, the logger ``mien`` gets the lines at the level INFO; it is silent until somebody sets it
up.
"""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

LOGGER = logging.getLogger("mien")
LOGGER.addHandler(logging.NullHandler())

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
    """The callable that was asked for; of True, one that shows a bar in a notebook and else lines on standard error.

    Parameters
    ----------
    asked : callable (done, total), bool or None
        None: nothing, but for lines to the logger ``mien`` where its level is INFO.
    what : str
        What is counted, such as ``'folds'``.
    """
    if asked is True and (show := _notebook()) is not None:
        return _bar(what, show)
    if asked is True or (asked is None and LOGGER.isEnabledFor(logging.INFO)):
        lines = Lines(to_standard_error if asked is True else LOGGER.info)
        task = lines.add_task(what)
        return lambda done, total: lines.update(task, completed=done, total=total)
    return asked or None


class _Html:
    """A piece of HTML that a notebook shows; plain text elsewhere."""

    def __init__(self, html: str, text: str) -> None:
        self._html, self._text = html, text

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return self._text


def _notebook() -> Callable[..., Any] | None:
    """IPython's ``display`` where this runs in a notebook; IPython is not imported for it."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    # A terminal has a shell, too, but shows no HTML.
    if shell is None or type(shell).__name__ != "ZMQInteractiveShell":
        return None
    shown: Callable[..., Any] = sys.modules["IPython.display"].display
    return shown


def _bar(what: str, show: Callable[..., Any], clock: Callable[[], float] = time.monotonic) -> Progress:
    """A bar that is drawn anew four times a second at most, and at the end."""
    begin, handle, last = clock(), None, float("-inf")

    def update(done: int, total: int) -> None:
        nonlocal handle, last
        now = clock()
        if now - last < 0.25 and done < total:
            return
        last = now
        task = _Task(what, done, total, begin)
        left = _left(task, now - begin)
        # Larger numbers are frames, or thousandths of something.
        far = f"{done} of {total}" if total < 1000 else f"{100 * done // total} %"
        text = f"{what}: {far}{f', about {_long(left)} left' if left else ''}"
        shown = _Html(f'<progress value="{done}" max="{total}"></progress> {escape(text)}', text)
        if handle is None:
            handle = show(shown, display_id=True)
        else:
            handle.update(shown)

    return update


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
