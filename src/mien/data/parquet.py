"""Parquet files as tables; ``pyarrow.parquet.read_table`` takes pandas in, which costs a second at start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

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
