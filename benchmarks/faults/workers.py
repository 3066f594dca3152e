"""Runs one task at a time in a process that may crash, hang or take too much memory, and says which it was."""

import multiprocessing as mp
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

LIMIT_S, LIMIT_MB = 60.0, 3000
FINE, SENTENCE = "fine", "a sentence"
TRACEBACK, HANG, CRASH, MEMORY, LOST = "TRACEBACK", "HANG", "CRASH", "MEMORY", "LOST"
FAULTS = (TRACEBACK, HANG, CRASH, MEMORY, LOST)


class Lost(Exception):
    """What was there before, or an undamaged neighbour, is not there any more."""


def _serve(pipe: Any, work: Callable[[Any], str]) -> None:
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
    """A process that does tasks; it is started anew after a crash, a hang or too much memory."""

    def __init__(self, work: Callable[[Any], str]) -> None:
        self._work, self._process, self._pipe = work, None, None

    def do(self, task: Any) -> tuple[str, str]:
        """Outcome and what was said."""
        if self._process is None:
            context = mp.get_context("spawn")
            self._pipe, other = context.Pipe()
            self._process = context.Process(target=_serve, args=(other, self._work), daemon=True)
            self._process.start()
            other.close()
        self._pipe.send(task)
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            try:
                if self._pipe.poll(0.05):
                    return self._pipe.recv()
            except (EOFError, ConnectionResetError):
                return self._gone()
            if _resident_mb(self._process.pid) > LIMIT_MB:
                return self._stop(MEMORY)
            if not self._process.is_alive() and not self._pipe.poll(0):
                return self._gone()
        return self._stop(HANG)

    def _gone(self) -> tuple[str, str]:
        self._process.join()
        code, self._process = self._process.exitcode, None
        return CRASH, f"exit code {code}"

    def _stop(self, outcome: str) -> tuple[str, str]:
        self._process.kill()
        self._process.join()
        self._process = None
        return outcome, ""

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._stop("")


def _resident_mb(pid: int | None) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0.0)
