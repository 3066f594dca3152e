"""The process of one job: ``python -m mien.app.local_page.jobs.process FOLDER``."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from mien.app.local_page.jobs.job import (
    ASKED,
    BEAT_S,
    CANCEL,
    CANCELLED,
    DONE,
    END,
    FAILED,
    PROGRESS,
)
from mien.app.local_page.jobs.verbs import JOB_VERBS
from mien.core.ended import Ended
from mien.core.errors import MienError
from mien.core.files import read_json, write_json

# Between looks for the wish to end.
LOOK_S = 0.2


class Beats:
    """Writes how far a job is, and that it is alive, until its end; passes on the wish to end it."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._since = folder, time.monotonic()
        self._known: dict[str, Any] = {"done": 0, "total": 0, "unit": "", "sentence": ""}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._since

    def report(self, done: int, total: int, unit: str) -> None:
        """How far it is; written at the next beat."""
        self._known.update(done=int(done), total=int(total or 0), unit=unit)

    def say(self, sentence: str) -> None:
        """The last sentence; all of them stand in the log."""
        print(sentence, flush=True)
        self._known["sentence"] = str(sentence)

    def end(self, status: str, sentence: str = "") -> None:
        """How it ended."""
        self._ended.set()
        self._thread.join()
        self._write()
        write_json(self._folder / END, {"status": status, "seconds": self.seconds, "sentence": sentence})

    def _run(self) -> None:
        last = 0.0
        while not self._ended.wait(LOOK_S):
            if time.monotonic() - last >= BEAT_S:
                self._write()
                last = time.monotonic()
            if (self._folder / CANCEL).exists():
                (self._folder / CANCEL).unlink(missing_ok=True)
                os.kill(os.getpid(), signal.SIGINT)

    def _write(self) -> None:
        write_json(self._folder / PROGRESS, {**self._known, "seconds": self.seconds})


def main(folder: Path) -> int:
    """Run what the folder asks for."""
    signal.signal(signal.SIGINT, _end)
    signal.signal(signal.SIGTERM, _end)
    beats = Beats(folder)
    try:
        asked = read_json(folder / ASKED)
        sentence = JOB_VERBS[asked["verb"]].call(asked["arguments"], beats.report, beats.say)
    except (KeyboardInterrupt, Ended):
        beats.end(CANCELLED, "Cancelled. What was finished is kept; start it again for the rest.")
        return 1
    except MienError as error:
        beats.end(FAILED, str(error))
        return 1
    except Exception as error:
        import traceback

        traceback.print_exc()
        beats.end(FAILED, f"This is a fault of mien's: {type(error).__name__}: {error}. The job's log says where.")
        return 1
    beats.end(DONE, sentence)
    return 0


def _end(number: int, frame: object) -> None:
    raise Ended(number)


if __name__ == "__main__":
    # The session ends here; another signal has nobody to tell.
    sys.exit(main(Path(sys.argv[1])))
