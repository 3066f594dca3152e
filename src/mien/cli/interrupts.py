"""Ctrl-C, and the system's wish that the process ends, from the first moment of a command to its last.

Imports only what is part of the interpreter itself, so that it is in force before anything has to be loaded.
"""

import _signal  # type: ignore[import-not-found]
import _thread
import atexit
import os
import sys
import time

from mien.core.ended import Ended

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

# With what words a run ends by a signal; its exit code is the signal's number above 128, as in shells.
ENDS = {_signal.SIGINT: "Interrupted.", _signal.SIGTERM: "Ended from outside."}
_SHELL = 128
_IMPORTS = "<frozen importlib._bootstrap>"
# The end of an import is looked for after so many seconds.
_STEP_S = 0.01


def run_to_the_end(load: "Callable[[], Callable[[], None]]") -> None:
    """Run a program that ends with a sentence and an exit code where somebody ends it, loading included.

    Parameters
    ----------
    load : callable
        Gives the program; what it imports may be large.
    """
    # What is started in the background ignores Ctrl-C, and goes on doing so.
    numbers = [number for number in ENDS if _signal.getsignal(number) is not _signal.SIG_IGN]
    try:
        for number in numbers:
            _signal.signal(number, _unwind)
        try:
            load()()
        finally:
            # All is written. What Python does last would answer with a traceback, or as killed when it is nearly gone.
            for number in numbers:
                _signal.signal(number, _leave)
                atexit.register(_signal.signal, number, _signal.SIG_IGN)
    except Ended as ended:
        word = ENDS[ended.number]
        print(f"{word} Files that were finished are kept; run the same command again for the rest.", file=sys.stderr)
        sys.exit(_SHELL + ended.number)


def _unwind(number: int, frame: "FrameType | None") -> None:
    """Raise, but not within an import: libraries written in C answer that with tracebacks and other errors."""
    if not _importing(frame):
        raise Ended(number)
    _thread.start_new_thread(_again, (number,))


def _again(number: int) -> None:
    time.sleep(_STEP_S)
    _thread.interrupt_main(number)  # type: ignore[arg-type]


def _leave(number: int, frame: "FrameType | None") -> None:
    os._exit(_SHELL + number)


def _importing(frame: "FrameType | None") -> bool:
    while frame is not None:
        if frame.f_code.co_filename == _IMPORTS:
            return True
        frame = frame.f_back
    return False
