"""Memory that the process keeps while it computes.

The C library gives a large block back to the system as soon as it is free and asks for a new one a moment later; the
system hands it out page by page, each wiped first. Networks do this at every layer of every pass: a fifth of the
time of EfficientNet-Lite0 in batches of 8, more in larger ones (``benchmarks/memory.py``).
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from threading import current_thread, main_thread
from typing import Any

# malloc.h of the GNU C library.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4
_USUAL_BLOCKS = 65536
# Where the library's own rule ends up once blocks of that size were freed.
_USUAL_THRESHOLD = 32 << 20
# Free memory at the end of the heap that is kept.
KEPT_BYTES = (1 << 31) - 1

_inside = 0


@contextmanager
def kept_memory() -> Iterator[None]:
    """Inside the block, or the function that it decorates, freed memory is used again instead of being given back.

    Afterwards it is given back at once. Blocks within blocks are one. Only the main thread does this: the heaps of
    other threads cannot be given back. Only Linux with the GNU C library knows this; elsewhere nothing happens. Results
    are the same.
    """
    global _inside
    library = _gnu()
    if library is None or current_thread() is not main_thread():
        yield
        return
    _inside += 1
    if _inside == 1:
        library.mallopt(_MMAP_MAX, 0)
        library.mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
    try:
        yield
    finally:
        _inside = max(0, _inside - 1)  # a forked process has begun at none
        if _inside == 0:
            _as_usual(library)


def _as_usual(library: Any) -> None:
    library.mallopt(_MMAP_MAX, _USUAL_BLOCKS)
    library.mallopt(_MMAP_THRESHOLD, _USUAL_THRESHOLD)
    library.mallopt(_TRIM_THRESHOLD, 2 * _USUAL_THRESHOLD)
    library.malloc_trim(0)


def _in_child() -> None:
    """A process that is forked inside a block may never leave it."""
    global _inside
    if _inside:
        _inside = 0
        _as_usual(_gnu())


@cache
def _gnu() -> Any:
    """The C library of this process if it is GNU's, else None."""
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018  # an attribute that only it has
        known = all(hasattr(library, name) for name in ("mallopt", "malloc_trim"))
    except (OSError, AttributeError, TypeError):
        return None
    return library if known else None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
