"""Files and memory for Arrow that belong to no Python object.

Arrow reads ahead on threads of its own. What such a thread lets go of last it also frees, and for memory or a file of
Python's it has to ask the interpreter for that: if that is ending, as after a short run, the whole process is aborted
("terminate called without an active exception"; https://github.com/apache/arrow/issues/49942).
"""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa


def native_file(path: Path) -> pa.NativeFile:
    """A file to read, to be closed by ``with``; the name may be no UTF-8.

    Raises
    ------
    OSError
        If it cannot be opened.
    """
    with Path(path).open("rb"):
        pass  # errors of Python name the file
    return pa.OSFile(os.fsencode(path), mode="rb")


def native_reader(data: bytes) -> pa.NativeFile:
    """A copy of some bytes as a file."""
    memory = pa.BufferOutputStream()
    memory.write(data)
    return pa.BufferReader(memory.getvalue())
