"""Results on disk: facts as JSON beside tables (Parquet) and arrays (safetensors), whose hashes the facts name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import read_json, sha256_of, write_json, write_text
from mien.core.provenance import provenance
from mien.core.results import MISFIT
from mien.core.switch import settle, switched_together
from mien.data.native import native_file
from mien.data.parquet import read_parquet

T = TypeVar("T")
ARRAYS = ".safetensors"


@dataclass(frozen=True)
class ResultFiles:
    """The files of one kind of result; they change together and are read together.

    Attributes
    ----------
    verb : str
        What writes them, as ``'mien profiles'``.
    format : str
        Name and number of the layout, as ``'mien profiles 1'``.
    facts : str
        The JSON file.
    parts : dict of str to str
        Names of the Parquet and safetensors files, by what the facts call their hashes (``NAME_sha256``).
    beside : tuple of str
        Patterns of further files that go with an earlier result, as drawings of it.
    optional : tuple of str
        Parts whose hash the facts need not name: those of earlier versions, and of copies that lack the file.
    compression : str
        Of Parquet files.
    """

    verb: str
    format: str
    facts: str
    parts: Mapping[str, str]
    beside: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    compression: str = "snappy"

    def write(self, folder: str | Path, facts: Mapping[str, Any], parts: Mapping[str, Any],
              beside: Mapping[str, str | bytes] | None = None) -> Path:  # fmt: skip
        """Write a result.

        Parameters
        ----------
        folder : str or Path
        facts : mapping
            Plain values for the JSON file.
        parts : mapping
            By the names of the parts: columns by name or a table of Arrow for Parquet, arrays by name for safetensors.
        beside : mapping of str to str or bytes, optional
            Further files and what they hold.

        Returns
        -------
        Path
            ``folder``.
        """
        folder, beside = Path(folder), beside or {}
        earlier = {path.name for pattern in self.beside for path in folder.glob(pattern)}
        with switched_together(folder, {self.facts, *self.parts.values(), *beside, *earlier}) as new:
            for name, values in parts.items():
                self._write_part(new / self.parts[name], values)
            for file, content in beside.items():
                if isinstance(content, str):
                    write_text(new / file, content)
                else:
                    (new / file).write_bytes(content)
            sums = {f"{name}_sha256": sha256_of(new / self.parts[name]) for name in parts}
            write_json(new / self.facts, provenance(**{"format": self.format, **facts, **sums}))
        return folder

    def read(self, folder: str | Path, make: Callable[[Any, dict[str, Any]], T]) -> T:
        """Read a result.

        Parameters
        ----------
        folder : str or Path
        make : callable
            From the facts and, by their names, the parts (tables of Arrow, arrays by name) to the result. What it
            raises over facts that are not laid out so becomes a sentence.

        Returns
        -------
        what ``make`` gives

        Raises
        ------
        InputError
            If a file is missing, damaged or something else.
        """
        import pyarrow as pa

        folder = Path(folder)
        settle(folder)
        if not (folder / self.facts).is_file():
            raise InputError(f"{folder} holds no {self.facts}; '{self.verb}' writes it.")
        found = read_json(folder / self.facts)
        if not isinstance(found, dict) or found.get("format") != self.format:
            raise InputError(f"{folder / self.facts} was not written by '{self.verb}' of this version; run it again.")
        for name, file in self.parts.items():
            self._check_part(folder / file, name, found)
        try:
            there = {name: folder / file for name, file in self.parts.items()}
            return make(found, {name: _read_part(path) if path.is_file() else {} for name, path in there.items()})
        except (*MISFIT, OSError, pa.ArrowException) as error:
            raise InputError(f"{folder} does not hold what '{self.verb}' wrote ({error}); run it again.") from error

    def _write_part(self, path: Path, values: Any) -> None:
        if path.suffix == ARRAYS:
            arrays = {name: np.ascontiguousarray(array) for name, array in values.items()}
            path.write_bytes(require("safetensors.numpy", "Storing results", "learn").save(arrays))
            return
        import pyarrow as pa
        import pyarrow.parquet as pq

        with path.open("wb") as file:
            pq.write_table(values if isinstance(values, pa.Table) else pa.table(values), file,
                           compression=self.compression)  # fmt: skip

    def _check_part(self, path: Path, name: str, found: Mapping[str, Any]) -> None:
        """Refuse a file that is not the one that the facts name."""
        named = found.get(f"{name}_sha256")
        if named is None and name in self.optional and not path.is_file():
            return
        if not path.is_file() or (named != sha256_of(path) and not (named is None and name in self.optional)):
            raise InputError(f"{path} is missing or is not the file that {self.facts} names; run '{self.verb}' again.")


def _read_part(path: Path) -> Any:
    """A table, or arrays by name."""
    if path.suffix == ARRAYS:
        numpy_io = require("safetensors.numpy", "Reading results", "learn")
        try:
            return numpy_io.load(path.read_bytes())
        except Exception as error:  # safetensors has an error of its own
            raise ValueError(error) from error

    with native_file(path) as file:
        return read_parquet(file)


def texts_of(table: Any, name: str) -> np.ndarray:
    """A column of text, shape (rows,)."""
    return np.array(table[name].to_pylist(), dtype=object)


def columns_as(table: Any, names: Iterable[str]) -> np.ndarray:
    """Columns of numbers side by side, shape (rows, names)."""
    columns = [table[name].to_numpy() for name in names]
    return np.stack(columns, axis=1) if columns else np.empty((table.num_rows, 0))
