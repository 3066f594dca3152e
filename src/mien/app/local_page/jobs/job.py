"""A job on disk: what it runs, how far it is, how it ended. Its folder is all that page and process share."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mien.app.local_page.folders import check_there
from mien.app.local_page.jobs.verbs import JOB_VERBS
from mien.core.errors import InputError
from mien.core.files import read_json, write_json
from mien.core.registry import row_of

# In the folder of a job.
ASKED, PROGRESS, END, LOG, CANCEL = "job.json", "progress.json", "end.json", "log.txt", "cancel"
RUNNING, DONE, FAILED, CANCELLED, LOST = "running", "done", "failed", "cancelled", "lost"
# A process writes at least so often; one that is silent for so long is gone.
BEAT_S, SILENT_S = 1.0, 20.0
GONE = (
    "Its process is gone without a word, as when a machine is switched off. Start it again: what was finished is kept."
)
_NUMBERED = re.compile(r"(\d{4,9})-[a-z-]+")


@dataclass(frozen=True)
class JobState:
    """What is known of a job at one moment.

    Attributes
    ----------
    status : str
        ``'running'``, ``'done'``, ``'failed'``, ``'cancelled'``, or ``'lost'`` if its process is gone without a word.
    done, total : int
        ``total`` 0 while nothing is counted.
    sentence : str
        Last sentence of the process, or how it ended.
    """

    status: str
    done: int = 0
    total: int = 0
    unit: str = ""
    seconds: float = 0.0
    sentence: str = ""

    @property
    def rate(self) -> float:
        """Per second."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def left_s(self) -> float | None:
        """Seconds that the rest may take, where something says so."""
        return (self.total - self.done) / self.rate if self.rate > 0 and self.total > self.done else None


@dataclass(frozen=True)
class Job:
    """One job, by its folder."""

    folder: Path

    @property
    def asked(self) -> dict[str, Any]:
        """``verb`` and ``arguments``."""
        found: dict[str, Any] = read_json(self.folder / ASKED)
        return found

    @property
    def verb(self) -> str:
        """Which verb it runs."""
        return self.folder.name.partition("-")[2]

    @property
    def title(self) -> str:
        """For people."""
        return JOB_VERBS[self.verb].meaning if self.verb in JOB_VERBS else self.verb

    def state(self) -> JobState:
        """What is known of it now."""
        end, beat = _read(self.folder / END), _read(self.folder / PROGRESS)
        known = ("done", "total", "unit", "seconds", "sentence")
        found: dict[str, Any] = {name: beat[name] for name in known if name in beat}
        if end:
            found |= {name: end[name] for name in ("status", "seconds", "sentence") if name in end}
            return JobState(**found)
        status = RUNNING if time.time() - self._last_s() < SILENT_S else LOST
        if status == LOST:
            found["sentence"] = GONE
        return JobState(status, **found)

    def _last_s(self) -> float:
        for name in (PROGRESS, ASKED):
            try:
                return (self.folder / name).stat().st_mtime
            except OSError:
                continue
        return 0.0

    def cancel(self) -> None:
        """Ask its process to end; what is finished stays."""
        (self.folder / CANCEL).touch()

    def log(self, most: int = 20_000) -> str:
        """The end of what it said."""
        try:
            with (self.folder / LOG).open("rb") as file:
                file.seek(max(0, (self.folder / LOG).stat().st_size - most))
                return file.read().decode("utf-8", "replace")
        except OSError:
            return ""


def jobs_in(folder: Path) -> list[Job]:
    """Jobs of a folder, the latest first."""
    if not folder.is_dir():
        return []
    named = [(found, path) for path in folder.iterdir() if (found := _NUMBERED.fullmatch(path.name))]
    return [Job(path) for _, path in sorted(named, key=lambda pair: -int(pair[0][1])) if (path / ASKED).is_file()]


def start(folder: Path, verb: str, arguments: Mapping[str, Any]) -> Job:
    """Start a job in a process of its own.

    Parameters
    ----------
    folder : Path
        Of all jobs of one study.
    verb : str
        Of ``JOB_VERBS``.
    arguments : mapping
        What JSON holds.

    Raises
    ------
    InputError
        If another one is running there: two that write the same folders would take each other's time; or if the study
        is not there any more: its job would begin an empty one in its place.
    """
    check_there(folder.parent)
    row = row_of(JOB_VERBS, verb)
    earlier = jobs_in(folder)
    running = next((job for job in earlier if job.state().status == RUNNING), None)
    if running is not None:
        raise InputError(f"'{running.title}' is still running; wait for its end, or cancel it.")
    number = 1 + max((int(job.folder.name.partition("-")[0]) for job in earlier), default=0)
    place = folder / f"{number:04d}-{row.name}"
    place.mkdir(parents=True)
    write_json(place / ASKED, {"verb": row.name, "arguments": dict(arguments)})
    command = [sys.executable, "-m", "mien.app.local_page.jobs.process", str(place)]
    with (place / LOG).open("ab") as log:
        # In a session of its own: Ctrl-C that ends the server leaves the work alone.
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    # Who ends while the server lives is buried, and does not stay in the list of processes.
    threading.Thread(target=process.wait, daemon=True).start()
    return Job(place)


def _read(path: Path) -> dict[str, Any]:
    try:
        found = read_json(path)
    except (InputError, OSError):
        return {}
    return found if isinstance(found, dict) else {}
