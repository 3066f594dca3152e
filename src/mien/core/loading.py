"""Loading of large libraries, which makes very many objects and nearly no garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Imports within the block are not searched for garbage, over and over, while they grow; nor is it later.

    For programs alone: what is frozen stays as long as the process.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was:
            gc.enable()
