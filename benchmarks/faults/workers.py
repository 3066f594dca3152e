"""Runs one task at a time in a process that may crash, hang or take too much memory, and says which it was."""

import traceback
from collections.abc import Callable
from typing import Any

from benchmarks.faults.forked import context
from benchmarks.faults.memory import Watched
from benchmarks.faults.outcomes import CRASH, LOST, SENTENCE, TRACEBACK, Lost


def _serve(pipe: Any, work: Callable[[Any], Any]) -> None:
    from mien.core.errors import MienError

    while True:
        task = pipe.recv()
        try:
            answer = (work(task), "")
        except MienError as error:
            answer = (SENTENCE, str(error))
        except Lost as error:
            answer = (LOST, str(error))
        except BaseException:
            answer = (TRACEBACK, traceback.format_exc()[-2000:])
        pipe.send(answer)


class Worker:
    """A process that does tasks; it is started anew after a crash, a hang or too much memory.

    Attributes
    ----------
    peak_mb : float
        Most memory that the process that runs now and its children took at once or one after another.
    """

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self._work, self._process, self._pipe, self._watched = work, None, None, None
        self.peak_mb = 0.0

    def do(self, task: Any) -> tuple[Any, str]:
        """What the work gave, which may be an outcome, and what was said."""
        if self._process is None:
            self._pipe, other = context().Pipe()
            self._process = context().Process(target=_serve, args=(other, self._work))
            self._process.start()
            other.close()
            self._watched = Watched(self._process.pid)
        self._watched.begin()
        self._pipe.send(task)
        while True:
            try:
                answered = self._pipe.poll(0.05)
                trouble = self._watched.trouble()
                self.peak_mb = self._watched.peak_mb
                if trouble:
                    return self._stop(trouble)
                if answered:
                    return self._pipe.recv()
            except (EOFError, ConnectionResetError):
                return self._gone()
            if not self._process.is_alive() and not self._pipe.poll(0):
                return self._gone()

    def _gone(self) -> tuple[str, str]:
        self._process.join()
        code, self._process = self._process.exitcode, None
        return CRASH, f"exit code {code}"

    def _stop(self, outcome: str) -> tuple[str, str]:
        self._process.kill()
        self._process.join()
        self._process = None
        return outcome, f"{self.peak_mb:.0f} MB"

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._stop("")
