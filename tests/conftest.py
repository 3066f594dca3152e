"""Shared fixtures: no network, the real data where they are, the weights where they were pulled."""

import gc
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

# Fixtures that make people up, and servers of object storage.
pytest_plugins = ["tests.made_up_people", "tests.object_storage"]

# The suite runs in several processes: each gets one thread, or they fight over the cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: the garbage collector need not look at it again and again."""
    gc.freeze()


_LOCAL = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> None:
    """Sockets to anywhere but this machine fail, in every test."""
    connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def guarded(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX and address[0] not in _LOCAL:  # type: ignore[index]
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    def lookup(host: object, *rest: object, **named: object) -> object:
        if host not in _LOCAL and host is not None:
            raise AssertionError(f"a test tried to look up {host}")
        return getaddrinfo(host, *rest, **named)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    socket.getaddrinfo = lookup


@pytest.fixture(autouse=True, scope="session")
def _no_wait_for_the_disk() -> None:
    """What is written need not outlive a loss of power: thousands of files that tests write are not waited for."""
    os.fsync = lambda file: None  # type: ignore[assignment]


def data_root() -> Path:
    """Folder of the shared data sets: ``MIEN_DATA``, by default ``../shared/data`` beside the checkout."""
    default = Path(__file__).resolve().parents[1].parent / "shared" / "data"
    return Path(os.environ.get("MIEN_DATA") or default)


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Path of one shared data set; skips where it is absent."""

    def find(name: str) -> Path:
        folder = data_root() / name
        if not folder.is_dir():
            pytest.skip(f"the data set '{name}' is not in {data_root()} (set MIEN_DATA)")
        return folder

    return find


@pytest.fixture(scope="session")
def weights() -> None:
    """Skips where the weights were not pulled; ``make test`` pulls them."""
    from mien.data.weights import FILES, is_present

    absent = [file for file, entry in FILES.items() if not entry.on_request and not is_present(file)]
    if absent:
        pytest.skip(f"{absent[0]} is not in the cache; run: mien models pull")
