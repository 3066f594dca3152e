"""Freed memory is used again inside the block, and given back after it."""

import resource
import subprocess
import sys
import threading

import numpy as np
import pytest

from mien.core import memory
from mien.core.memory import kept_memory

gnu = pytest.mark.skipif(memory._gnu() is None, reason="needs the GNU C library")
SIZE = 64 << 20


def faults() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def used_again(times: int = 4) -> int:
    """Page faults of taking a block and filling it again and again, after the first time."""
    np.ones(SIZE, np.uint8)
    before = faults()
    for _ in range(times):
        np.ones(SIZE, np.uint8)
    return faults() - before


@gnu
def test_inside_the_block_memory_is_used_again() -> None:
    with kept_memory():
        assert used_again() < SIZE // resource.getpagesize() / 4


@gnu
def test_what_was_kept_is_given_back() -> None:
    # In a process of its own: what other tests left on the heap would hide it.
    code = (
        "import numpy as np\nfrom mien.core.memory import kept_memory\n"
        "def mb():\n    with open('/proc/self/status') as f:\n"
        "        return next(int(l.split()[1]) for l in f if l.startswith('VmRSS')) / 1024\n"
        "start = mb()\nwith kept_memory():\n    np.ones(256 << 20, np.uint8)\n    inside = mb()\n"
        "print(round(inside - start), round(mb() - start))"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    inside, after = map(int, told)
    assert inside > 200
    assert after < 30


@gnu
def test_blocks_in_blocks_are_one_and_end_on_errors() -> None:
    @kept_memory()
    def fails() -> None:
        with kept_memory():
            raise ValueError("told")

    with kept_memory():
        with pytest.raises(ValueError, match="told"):
            fails()
        assert memory._inside == 1
    assert memory._inside == 0


@gnu
def test_other_threads_are_left_as_they_are() -> None:
    # Their heaps cannot be given back.
    seen = []

    @kept_memory()
    def work() -> None:
        seen.append(memory._inside)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [0]


@gnu
def test_a_forked_process_begins_outside() -> None:
    code = (
        "import os\nfrom mien.core import memory\n"
        "with memory.kept_memory():\n"
        "    if (child := os.fork()) == 0:\n"
        "        with memory.kept_memory():\n            inside = memory._inside\n"
        "        os._exit(10 * inside + memory._inside)\n"
        "    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), memory._inside)"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert told.split() == ["10", "1"]


def test_without_the_gnu_library_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_gnu", lambda: None)
    with kept_memory():
        assert memory._inside == 0


def test_the_signature_stays() -> None:
    import inspect

    pytest.importorskip("torch")
    from mien.explain.explain import explain

    assert "max_memory" in inspect.signature(explain).parameters
