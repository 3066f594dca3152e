"""Arrow's threads hold nothing of Python's, which they could not free while the interpreter ends."""

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mien.data.native import native_file, native_reader


def test_bytes_are_copied_into_memory_of_arrow():
    data = b"path;y\n" * 20
    reader = native_reader(data)
    whole = reader.read_buffer(len(data))
    assert whole.to_pybytes() == data
    # A buffer of Python's would point to the bytes themselves.
    assert whole.address != pa.py_buffer(data).address and reader.read() == b""


def test_files_are_read_by_arrow_itself_whatever_their_name(tmp_path):
    for name in ("a.parquet", os.fsdecode(b"b\xff.parquet")):
        with (tmp_path / name).open("wb") as file:
            pq.write_table(pa.table({"x": [1, 2]}), file)
        with native_file(tmp_path / name) as file:
            assert isinstance(file, pa.OSFile) and pq.read_table(file)["x"].to_pylist() == [1, 2]


def test_what_cannot_be_opened_is_named(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        native_file(tmp_path / "none")
    assert Path(caught.value.filename) == tmp_path / "none"
