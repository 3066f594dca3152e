"""Memory and processor time of a process and of its children."""

import os
import time
from pathlib import Path

from benchmarks.faults.outcomes import HANG, LIMIT_MB, LIMIT_S, MEMORY

_TICKS = os.sysconf("SC_CLK_TCK")


class Watched:
    """A process with its limits: it may take 60 s of processor time, stand still for 60 s, and take 3 GB.

    The clock alone says nothing on a machine that is shared with other work.

    Attributes
    ----------
    peak_mb : float
        Sum of the peaks (VmHWM) of the process and of everything that it started.
    """

    def __init__(self, pid: int) -> None:
        self._pid, self.peak_mb = pid, 0.0
        self.begin()

    def begin(self) -> None:
        """A new task: time counts from here."""
        self._first = self._last = _seconds(self._pid)
        self._moved = time.monotonic()

    def trouble(self) -> str:
        """Which limit is passed; empty if none is."""
        self.peak_mb = max(self.peak_mb, peak_mb(self._pid))
        used, now = _seconds(self._pid), time.monotonic()
        if used > self._last:
            self._last, self._moved = used, now
        if self.peak_mb > LIMIT_MB:
            return MEMORY
        return HANG if self._last - self._first > LIMIT_S or now - self._moved > LIMIT_S else ""


def peak_mb(pid: int) -> float:
    """Sum of the peaks (VmHWM) of a process and of everything that it started, in MB; 0 if it is gone."""
    return sum(_peak(one) for one in _family(pid))


def _family(pid: int) -> list[int]:
    found = [pid]
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += _family(int(child))
    except OSError:
        pass
    return found


def _peak(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


def _seconds(pid: int) -> float:
    """Processor time of a process and its children, those that have ended included."""
    total = 0
    for one in _family(pid):
        try:
            # Behind the name, which may hold anything, in brackets.
            facts = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += sum(int(facts[place]) for place in (11, 12, 13, 14))
    return total / _TICKS
