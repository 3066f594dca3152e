"""Columns of Parquet files as text or numbers, whatever type they have."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from mien.core.errors import InputError

SUFFIX = ".parquet"
# Above this a table is no table of samples or frames; a small file can claim to hold much more.
MOST_CELLS = 300_000_000
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


def read_parquet(path: Path) -> tuple[pa.Table, dict[str, str]]:
    """The columns of a Parquet file as numbers, truth values or text, and those that are neither, with a sentence.

    Dates become text as ISO 8601 writes it, durations seconds, categories their names, decimal numbers their digits.

    Raises
    ------
    InputError
        If the file cannot be read, holds too much, a date that no calendar has, or text that is not UTF-8.
    """
    try:
        facts = parquet.read_metadata(path)
        cells = facts.num_rows * max(1, facts.num_columns)
        if cells > MOST_CELLS:
            raise InputError(f"{path} says it holds {cells:,} cells; mien reads up to {MOST_CELLS:,} of one table.")
        # Names of folders such as 'group=1' are no columns.
        table = parquet.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        said = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise InputError(f"{path} is not a readable Parquet file ({said}).") from error
    kept: dict[int, pa.ChunkedArray] = {}
    skipped: dict[str, str] = {}
    for place, (name, column) in enumerate(zip(table.column_names, table.columns, strict=True)):
        result = _plain(path, name, column)
        if result is None:
            skipped[name] = f"It holds {column.type}, neither numbers nor text."
        else:
            kept[place] = result
    return pa.Table.from_arrays(list(kept.values()), names=[table.column_names[i] for i in kept]), skipped


def _plain(path: Path, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """A column as numbers, truth values or text; None where it is neither."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        column = column.cast(kind.storage_type)
        kind = column.type
    if pa.types.is_dictionary(kind):
        return _plain(path, name, column.cast(kind.value_type))
    if pa.types.is_nested(kind):
        return None
    if pa.types.is_duration(kind):
        return pc.divide(column.cast(pa.int64()).cast(pa.float64(), safe=False), float(_PER_SECOND[kind.unit]))
    if pa.types.is_temporal(kind):
        return _dates(path, name, column)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        try:
            # Some programs write text without saying that it is text.
            return column.cast(pa.binary()).cast(pa.string())
        except pa.ArrowInvalid:
            return None
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return _text(path, name, column)
    return column


def _dates(path: Path, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    result = column.cast(pa.string())
    wrong = pc.match_substring(result, "out of range").fill_null(False).to_numpy()
    if wrong.any():
        raise InputError(
            f"{path}: the column '{name}' holds a date that no calendar has in row {int(np.flatnonzero(wrong)[0]) + 1} "
            f"({int(wrong.sum())} such rows). Mend it, or write the table without this column."
        )
    return pc.replace_substring_regex(result, r"\.0+($|Z|[+-])", r"\1")


def _text(path: Path, name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return column.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid as error:
        values = column.cast(pa.binary()).to_pylist()
        row = next(i for i, value in enumerate(values) if value is not None and not _is_utf8(value))
        raise InputError(
            f"{path}: the column '{name}' holds text that is not UTF-8 in row {row + 1}. Write the table again from "
            "text that was read in its own encoding."
        ) from error


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
