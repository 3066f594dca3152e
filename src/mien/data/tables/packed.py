"""Tables that are packed with gzip, and those that are not."""

from __future__ import annotations

import gzip
import shutil
import tempfile
from pathlib import Path

from mien.core.errors import InputError
from mien.data.tables.table import FileTable, read_table


def read_packed_table(path: Path, *, numbers: bool = False) -> FileTable:
    """A table, packed with gzip (``.csv.gz``) or not; see ``read_table``.

    Raises
    ------
    InputError
        If the file is not there or is damaged, or as ``read_table``.
    """
    if path.suffix != ".gz":
        return read_table(path, numbers=numbers)
    if not path.is_file():
        raise InputError(f"{path} does not exist or is not a file.")
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.stem
        try:
            with gzip.open(path) as packed, plain.open("wb") as file:
                shutil.copyfileobj(packed, file)
        except (OSError, EOFError) as error:
            raise InputError(f"{path} is damaged or is no gzip file ({error}).") from error
        return read_table(plain, numbers=numbers)
