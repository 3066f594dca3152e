"""How a study's samples are read: the table or folder, and what was said of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from mien.app.local_page.folders import OpenStudy
from mien.core.errors import ColumnError, InputError
from mien.core.samples import Samples
from mien.data.samples import read_samples, table_in
from mien.data.tables.table import SUFFIXES, FileTable, read_table

# Tables that stay in memory between looks at their pages.
_KEPT_TABLES = 4


@dataclass(frozen=True)
class TableReading:
    """What ``mien.read_samples`` is asked for.

    Attributes
    ----------
    place : Path
        A table, or a folder of pictures.
    columns : mapping of str to str
        What the table calls those that mien knows.
    labels : tuple of str
        Columns of numbers that are classes.
    missing : str
        Codes for "no answer", with commas.
    subject_pattern : str
        For a folder of class folders.
    """

    place: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    missing: str = ""
    subject_pattern: str = ""

    @classmethod
    def of(cls, study: OpenStudy) -> TableReading:
        """Of what the page keeps of a study.

        Raises
        ------
        InputError
            If nothing was chosen yet, or it lies elsewhere.
        """
        kept = study.kept()
        found = kept["samples"] or kept["input"] or str(table_in(study.folder) or "")
        if not found:
            raise InputError(
                "Nothing was chosen yet: choose a table with the paths of pictures, people and labels or ratings, or a "
                "folder with one sub-folder of pictures per class."
            )
        columns = {str(ours): str(theirs) for ours, theirs in kept["columns"].items()}
        labels = tuple(str(name) for name in kept["labels"])
        return cls(study.inside(found), columns, labels, kept["missing"], kept["subject_pattern"])

    @classmethod
    def at(cls, study: OpenStudy, place: Path) -> TableReading:
        """Of a table that is named anew: as it was said before, where it is the one that is studied."""
        kept = study.kept()["samples"]
        return cls.of(study) if kept and (study.folder / kept).resolve() == place else cls(place)

    @property
    def table(self) -> Path | None:
        """The table, where there is one."""
        return table_in(self.place) if self.place.is_dir() else self.place

    def how(self) -> dict[str, Any]:
        """The keyword arguments that say how; only those that were given, and fit a table or a folder."""
        said: dict[str, Any]
        if self.table is None:
            said = {"subject_pattern": self.subject_pattern}
        else:
            said = {"columns": dict(self.columns), "labels": list(self.labels), "missing": self.missing}
        return {name: value for name, value in said.items() if value}

    def samples(self) -> Samples:
        """Read them.

        Raises
        ------
        InputError
            As ``mien.read_samples``; or if the table is not there any more.
        """
        self._check_there()
        try:
            return read_samples(self.place, **self.how())
        except ColumnError as error:
            raise InputError(_in_page(error)) from error

    def file_table(self) -> FileTable | None:
        """The table as it is written, without the meaning of its columns; None of a folder of class folders.

        Raises
        ------
        InputError
            If it cannot be read.
        """
        table = self.table
        if table is None:
            return None
        self._check_there()
        if table.suffix.lower() not in SUFFIXES:
            raise InputError(f"{table} is no table that mien reads ({', '.join(SUFFIXES)}).")
        state = table.stat()
        return _read(table, state.st_mtime_ns, state.st_size)

    def _check_there(self) -> None:
        table = self.table
        if table is not None and not table.is_file():
            raise InputError(
                f"{table} is not there (any more): it was moved, renamed or deleted. Put it back, or choose it where "
                "it is now."
            )


def _in_page(error: ColumnError) -> str:
    """The sentence with what can be clicked in the place of what would be typed."""
    said, typed = str(error), f"say so: {error.option}"
    if error.option and typed in said:
        return said.replace(typed, "say in the view Samples what its columns mean")
    return f"{said} Say in the view Samples which column it is."


@lru_cache(maxsize=_KEPT_TABLES)
def _read(path: Path, changed_ns: int, size: int) -> FileTable:
    return read_table(path)
