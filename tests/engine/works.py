"""Work for the tests of the engine; it stands in a module of its own, so that workers can import it."""

import os
import signal
import time
from pathlib import Path

from mien.core.errors import InputError


class Halves:
    """Half of every even number; odd ones are refused."""

    def start(self, threads):
        return 2

    def do(self, ready, value, step):
        if value % ready:
            raise ValueError(f"{value} is odd")
        step(value)
        return value // ready


class Deadly:
    """Halves, but some numbers end their process: always, or so many times (counted in a folder); one is silent."""

    def __init__(self, folder: Path, deadly: dict[int, int], silent: int | None = None) -> None:
        self.folder, self.deadly, self.silent = Path(folder), deadly, silent

    def start(self, threads):
        return None

    def do(self, ready, value, step):
        before = len(list(self.folder.glob(f"{value}-*")))
        others = len(list(self.folder.glob("busy-*")))
        mark = self.folder / f"busy-{os.getpid()}-{value}"
        (self.folder / f"{value}-{before}-{os.getpid()}-beside{others}").touch()
        mark.touch()
        time.sleep(0.02)
        mark.unlink()
        if before < self.deadly.get(value, 0):
            os.kill(os.getpid(), signal.SIGKILL)
        if value == self.silent:
            time.sleep(60)
        return value / 2


class Sleepy:
    """Says how far it is now and then, but for the item that is silent."""

    def start(self, threads):
        return os.getpid()

    def do(self, ready, value, step):
        for _ in range(4 if value != "silent" else 1):
            time.sleep(0.5 if value != "silent" else 60)
            step(value)
        return value


class Refusing:
    """Cannot start."""

    def start(self, threads):
        raise InputError("There is nothing to start with.")

    def do(self, ready, value, step):
        return value


class Uneven:
    """Takes so many seconds."""

    def start(self, threads):
        return None

    def do(self, ready, value, step):
        time.sleep(value)
        return value


class Loud:
    """Fails in several ways."""

    def start(self, threads):
        return None

    def do(self, ready, value, step):
        if value == "input":
            raise InputError("Not this one.")
        if value == "other":
            raise ZeroDivisionError("by nothing")
        return lambda: None


class Marking:
    """Leaves its process's number and takes its time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self, threads):
        (self.folder / f"pid-{os.getpid()}").touch()

    def do(self, ready, value, step):
        time.sleep(0.3)


class Where:
    """Leaves a mark per worker and takes its time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def start(self, threads):
        (self.folder / f"at-{os.getpid()}").touch()

    def do(self, ready, value, step):
        time.sleep(0.5)
        return value


class Listening:
    """On which addresses the processes of this user listen that belong to the same Ray; and its usage statistics."""

    def start(self, threads):
        return None

    def do(self, ready, value, step):
        # Ray brings it.
        import psutil

        family = [psutil.Process(value), *psutil.Process(value).children(recursive=True)]
        listening = {
            one.laddr.ip.removeprefix("::ffff:")
            for process in family
            for one in process.net_connections("inet")
            if one.status == psutil.CONN_LISTEN
        }
        return f"{os.environ['RAY_USAGE_STATS_ENABLED']} {sorted(listening)}"
