"""Actors of a Ray cluster, each with what its work needs; without an address, of a cluster on this machine alone.

Nothing is reported to anybody: Ray's usage statistics, its dashboard and its log of the workers are off.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mien.core.errors import MienError
from mien.core.extras import require
from mien.engine.local import as_error, told_of
from mien.engine.turns import ERROR, LOST, RESULT, STEP
from mien.engine.work import SILENT, Work

LOOPBACK = "127.0.0.1"
# Read by Ray while it is imported, and by all that it starts.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
# A machine that is no part of a cluster: nothing listens but on the loopback (``ray._private.services``).
# By default its workers step back behind every other process (``worker_niceness`` 15).
_ALONE = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_worker_niceness": "0"}
_OMP = "OMP_NUM_THREADS"
# Results smaller than 100 KB do not go through it.
_STORE_BYTES = 256 * 1024**2
# How often actors are asked how far they are.
_PULSE_S = 0.5
# Actors that may end one after the other before they are ready, and how long that may take.
_MOST_BAD_STARTS = 12
_START_LIMIT_S = 300.0
# A cluster answers within milliseconds.
_REACH_S = 10.0


class Actor:
    """What lives in an actor: the work, what it needs, how far it is."""

    def __init__(self, omp_threads: str | None) -> None:
        # Ray sets this in its workers; results shall not depend on where they are computed.
        os.environ.pop(_OMP, None)
        if omp_threads is not None:
            os.environ[_OMP] = omp_threads
        self._steps: list[Any] = []
        self._lock = threading.Lock()

    def begin(self, work: Work, threads: int) -> tuple[str, str] | None:
        """Make what the work needs; the error where it cannot be made."""
        self._work = work
        try:
            self._ready = work.start(threads)
        except Exception as error:
            return told_of(error)
        return None

    def do(self, value: Any) -> tuple[str, Any, list[Any]]:
        """Result or error of one item, with what it said and nobody has heard yet."""
        try:
            told: tuple[str, Any] = (RESULT, self._work.do(self._ready, value, self._step))
        except Exception as error:
            told = (ERROR, told_of(error))
        return (*told, self.pulse())

    def pulse(self) -> list[Any]:
        """What the work said since it was asked the last time."""
        with self._lock:
            steps, self._steps = self._steps, []
        return steps

    def _step(self, what: Any) -> None:
        with self._lock:
            self._steps.append(what)


@dataclass(eq=False)
class _Hired:
    """An actor, what it is asked, when it was last heard."""

    actor: Any
    begun: Any
    asked: Any = None
    pulse: Any = None
    number: int | None = None
    started: bool = False
    heard: float = field(default_factory=time.monotonic)

    @property
    def idle(self) -> bool:
        """Whether it waits to be asked."""
        return self.started and self.number is None

    def references(self) -> list[Any]:
        """What it will answer."""
        return [one for one in (self.begun, self.asked, self.pulse) if one is not None]


class Actors:
    """A crew of actors, hired when there is something to do."""

    def __init__(self, work: Work, size: int, threads: int, address: str) -> None:
        with ExitStack() as stack:
            self._signals = _Signals()
            stack.callback(self._signals.release)
            self._signals.hold()
            self._ray = stack.enter_context(_connected(address, size * threads))
            self._signals.hold()
            self._stack = stack.pop_all()
        # Steps are asked for beside the work, which stays in one thread.
        kind = self._ray.remote(num_cpus=threads, max_restarts=0, max_task_retries=0, concurrency_groups={"pulse": 1})
        self._kind = kind(Actor)
        self._work, self._size, self._threads = self._ray.put(work), size, threads
        self._hired: list[_Hired] = []
        self._waiting: deque[tuple[int, Any]] = deque()
        self._bad_starts, self._pulsed, self._since = 0, time.monotonic(), time.monotonic()

    def do(self, number: int, value: Any) -> None:
        """Have an item done by whoever is idle; actors are hired as long as there are fewer than items."""
        self._waiting.append((number, value))
        self._assign()

    def hear(self, limit_s: float) -> list[tuple[str, int, Any]]:
        """What the actors told."""
        told: list[tuple[str, int, Any]] = []
        self._signals.heed()
        self._assign()
        self._ask_for_steps()
        of = {reference: one for one in self._hired for reference in one.references()}
        ready, _ = self._ray.wait(list(of), num_returns=len(of), timeout=0)
        if not ready:
            ready, _ = self._ray.wait(list(of), num_returns=1, timeout=_PULSE_S)
        for reference in ready:
            if of[reference] in self._hired:
                self._take(of[reference], reference, told)
        for one in list(self._hired):
            if one.number is not None and time.monotonic() - one.heard > limit_s:
                self._lose(one, SILENT, told)
        if not any(one.started for one in self._hired) and time.monotonic() - self._since > _START_LIMIT_S:
            raise MienError(
                f"No worker could start in {_START_LIMIT_S:g} s. The cluster has {self._processors()} processors, and "
                f"each worker needs {self._threads} of one machine: name fewer threads, or look at 'ray status'."
            )
        return told

    def shrink(self, size: int) -> None:
        """Send idle actors home until there are so many."""
        idle = [one for one in self._hired if one.idle]
        for one in idle[: max(0, len(self._hired) - size)]:
            self._dismiss(one)

    def close(self) -> None:
        """End all actors, and the cluster if it is our own."""
        for one in list(self._hired):
            self._dismiss(one)
        self._stack.close()

    def _processors(self) -> int:
        return int(self._ray.cluster_resources().get("CPU", 0))

    def _assign(self) -> None:
        busy = sum(one.number is not None for one in self._hired)
        while len(self._hired) < min(self._size, len(self._waiting) + busy):
            actor = self._kind.remote(os.environ.get(_OMP))
            self._hired.append(_Hired(actor, actor.begin.remote(self._work, self._threads)))
        for one in self._hired:
            if self._waiting and one.idle:
                one.number, value = self._waiting.popleft()
                one.heard = time.monotonic()
                one.asked = one.actor.do.remote(value)

    def _ask_for_steps(self) -> None:
        if time.monotonic() - self._pulsed < _PULSE_S:
            return
        self._pulsed = time.monotonic()
        for one in self._hired:
            if one.asked is not None and one.pulse is None:
                one.pulse = one.actor.pulse.options(concurrency_group="pulse").remote()

    def _take(self, one: _Hired, reference: Any, told: list[tuple[str, int, Any]]) -> None:
        try:
            answer = self._ray.get(reference)
            if reference is one.begun:
                self._begin(one, answer)
            elif reference is one.pulse:
                one.pulse = None
                self._hear_steps(one, answer, told)
            elif reference is one.asked and one.number is not None:
                if one.pulse is not None:  # its steps come before the result
                    self._hear_steps(one, self._ray.get(one.pulse), told)
                what, value, steps = answer
                self._hear_steps(one, steps, told)
                told.append((what, one.number, as_error(*value) if what == ERROR else value))
                one.number = one.asked = one.pulse = None
        except self._ray.exceptions.RayTaskError as error:
            # What cannot travel: a result or an item that is no plain data.
            self._dismiss(one)
            if one.number is None:
                raise MienError(f"The work cannot start on the cluster: {_last_line(error)}") from error
            told.append((ERROR, one.number, MienError(_last_line(error))))
        except self._ray.exceptions.RayError as error:
            self._lose(one, "", told, error)

    def _begin(self, one: _Hired, refused: tuple[str, str] | None) -> None:
        if refused is not None:
            raise as_error(*refused)
        one.begun, one.started, self._bad_starts = None, True, 0

    def _hear_steps(self, one: _Hired, steps: list[Any], told: list[tuple[str, int, Any]]) -> None:
        if steps and one.number is not None:
            one.heard = time.monotonic()
            told += [(STEP, one.number, what) for what in steps]

    def _lose(self, one: _Hired, end: str, told: list[tuple[str, int, Any]], error: Exception | None = None) -> None:
        """Let go of an actor that is dead, cannot be reached or has to be ended."""
        self._dismiss(one)
        if one.number is not None:
            told.append((LOST, one.number, end))
        elif not one.started:
            self._bad_starts += 1
            if self._bad_starts >= _MOST_BAD_STARTS:
                raise MienError(
                    "The workers could not start on the cluster. Every machine needs the same Python with the same "
                    f"mien and ray. Ray says: {_last_line(error) if error else 'nothing'}"
                )

    def _dismiss(self, one: _Hired) -> None:
        self._hired.remove(one)
        with suppress(self._ray.exceptions.RayError):
            self._ray.kill(one.actor)


def _last_line(error: Exception) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1].strip() if lines else type(error).__name__


@contextmanager
def _connected(address: str, processors: int) -> Iterator[Any]:
    """Ray, connected to a cluster; to one of this machine, which goes afterwards, where no address is given."""
    near = not address or address.partition(":")[0] in (LOOPBACK, "localhost")
    os.environ.update({**_QUIET, **_ALONE} if near else _QUIET)
    ray = require("ray", "Work on a cluster", "ray")
    if ray.is_initialized():
        # A program that uses Ray itself keeps its connection.
        yield ray
        return
    # What becomes of workers is said by the engine.
    ray._private.worker._worker_logs_enabled = False
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": "error"}
    with ExitStack() as stack:
        if not address:
            # Short, for the names of sockets are.
            place = tempfile.mkdtemp(prefix="mien-ray-", dir="/tmp" if Path("/tmp").is_dir() else None)
            stack.callback(shutil.rmtree, place, ignore_errors=True)
            quiet |= {
                "num_cpus": processors, "num_gpus": 0, "include_dashboard": False, "_node_ip_address": LOOPBACK,
                "object_store_memory": _STORE_BYTES, "_temp_dir": place,
            }  # fmt: skip
        stack.callback(ray.shutdown)
        # Ray would answer the system's wish to end in a way of its own.
        theirs, ray._private.utils.set_sigterm_handler = ray._private.utils.set_sigterm_handler, _ignored
        try:
            _reach(address)
            ray.init(address=address or "local", **quiet)
        except (OSError, RuntimeError, ValueError) as error:
            raise MienError(
                f"Ray does not answer at {address or 'this machine'}: {_last_line(error)}. The address is HOST:PORT as "
                "'ray start' names it, and both sides need the same versions of Python and ray."
            ) from error
        finally:
            ray._private.utils.set_sigterm_handler = theirs
        yield ray


def _reach(address: str) -> None:
    """Refuse an address where nobody listens, for which Ray would wait for minutes."""
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit() and "/" not in host:
        socket.create_connection((host, int(port)), timeout=_REACH_S).close()


def _ignored(*_: object) -> None:
    """Nothing to do about it."""


class _Signals:
    """Ctrl-C and the system's wish to end wait until they are asked for.

    What a handler raises within Ray's own code is lost there; Ray sets handlers of its own whenever it connects.
    """

    def __init__(self) -> None:
        self._came: list[tuple[int, Any]] = []
        numbers = (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
        self._before = {int(number): signal.getsignal(number) for number in numbers}

    def hold(self) -> None:
        """From now on they wait."""
        for number, handler in self._before.items():
            if callable(handler):
                signal.signal(number, lambda *what: self._came.append(what))

    def heed(self) -> None:
        """Do what came meanwhile asks for."""
        while self._came:
            number, frame = self._came.pop()
            handler = self._before[number]
            if callable(handler):
                handler(number, frame)

    def release(self) -> None:
        """As it was before."""
        for number, handler in self._before.items():
            if callable(handler):
                signal.signal(number, handler)
        self.heed()
