"""Parquet files as tables; ``pyarrow.parquet.read_table`` takes pandas in, which costs a second at start."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq


def read_parquet(file: str | Path | Any, columns: Sequence[str] | None = None) -> pa.Table:
    """One Parquet file.

    Parameters
    ----------
    file : path or open binary file
    columns : sequence of str, optional
        Only these.

    Raises
    ------
    pyarrow.ArrowInvalid, OSError
        If it is no Parquet file, or cannot be read.
    """
    with pq.ParquetFile(file) as opened:
        return opened.read(columns=None if columns is None else list(columns))


_DTYPES = {pa.from_numpy_dtype(name): np.dtype(name) for name in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u4")}
# Texts are decoded one by one; for more of them it is quicker to take pandas in.
_MOST_TEXTS = 50_000


def as_numpy(array: pa.Array) -> np.ndarray:
    """Values of an Arrow array: what its ``to_numpy`` gives, which takes pandas in, a third of a second at start.

    Parameters
    ----------
    array : pyarrow.Array

    Returns
    -------
    ndarray, shape (len(array),)
        Texts as objects.
    """
    if array.null_count == 0 and "pandas" not in sys.modules:
        dtype, first, last = _DTYPES.get(array.type), array.offset, array.offset + len(array)
        memory = array.buffers()[1] if len(array) else None
        if dtype is not None and memory is not None:
            return np.frombuffer(memory, dtype, last)[first:]
        if pa.types.is_boolean(array.type) and memory is not None:
            return np.unpackbits(np.frombuffer(memory, np.uint8), count=last, bitorder="little")[first:].astype(bool)
        if pa.types.is_string(array.type) and len(array) <= _MOST_TEXTS:
            found = np.empty(len(array), dtype=object)
            found[:] = array.to_pylist()
            return found
    values: np.ndarray = array.to_numpy(zero_copy_only=False)
    return values
