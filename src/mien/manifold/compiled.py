"""UMAP's compiled code, kept from one process to the next: it takes ten seconds and more to compile."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

# The part that takes longest, by which is seen whether the others are there.
_SLOWEST = "_optimize_layout_euclidean_single_epoch"


def keep_compiled() -> None:
    """Let numba keep what it compiles of UMAP, which asks for that in some of its functions only."""
    for function in _functions():
        # Neither beside the library nor in the user's folder can be written: it is compiled every time.
        with suppress(RuntimeError):
            function.enable_caching()


def is_compiled() -> bool:
    """Whether compiled code of UMAP lies on this machine; it may be that of an older version."""
    for function in _functions():
        if function.py_func.__name__ == _SLOWEST and (place := function.stats.cache_path):
            return any(Path(place).glob(f"*{_SLOWEST}*.nbi"))
    return False


def _functions() -> Iterator[Any]:
    """Every function of UMAP that numba compiles, once."""
    from numba.core.dispatcher import Dispatcher

    seen = set()
    for name, module in list(sys.modules.items()):
        if name.startswith("umap."):
            for value in list(vars(module).values()):
                ours = isinstance(value, Dispatcher) and value.py_func.__module__.startswith("umap.")
                if ours and id(value) not in seen:
                    seen.add(id(value))
                    yield value
