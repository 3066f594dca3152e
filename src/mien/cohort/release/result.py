"""What was passed on of a study, and what was not."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from mien.cohort.release.cells import Cell
from mien.core.errors import InputError
from mien.core.files import read_json, write_json
from mien.core.in_notebooks import InNotebooks
from mien.core.results import MISFIT

MANIFEST = "manifest.json"
_FORMAT = "mien release 1"


@dataclass(frozen=True)
class KeptFile:
    """A file of the copy.

    Attributes
    ----------
    file : str
        From the copy's folder.
    columns_left_out : dict of str to str
        Columns of the table that are not in the copy, and why.
    keys_left_out : tuple of str
        Entries of a JSON file that are not.
    """

    file: str
    columns_left_out: dict[str, str] = field(default_factory=dict)
    keys_left_out: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """Files that are not in the copy.

    Attributes
    ----------
    what : str
        Folder and ending; names of files can be names of people.
    files : int
    why : str
    """

    what: str
    files: int
    why: str


@dataclass(frozen=True)
class Release(InNotebooks):
    """A copy of a study to be passed on.

    Attributes
    ----------
    folder : Path
    people, recordings : int
        That have new names.
    smallest_cell : int
        Combinations of fewer people are small cells.
    quasi : tuple of str
        Columns whose combinations were counted.
    small_cells : tuple of Cell
        Combinations in the copy that fewer than ``smallest_cell`` people share.
    extremes : tuple of str
        Smallest and largest values that fewer than ``smallest_cell`` people have.
    coarsened : bool
        Whether columns were made coarser.
    kept : tuple of KeptFile
    left_out : tuple of LeftOut
    notes : tuple of str
    """

    folder: Path
    people: int
    recordings: int
    smallest_cell: int
    quasi: tuple[str, ...]
    small_cells: tuple[Cell, ...]
    extremes: tuple[str, ...]
    coarsened: bool
    kept: tuple[KeptFile, ...]
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...] = ()

    def write(self, folder: Path) -> None:
        """Write ``manifest.json``."""
        facts: dict[str, Any] = {"format": _FORMAT, **asdict(self)}
        del facts["folder"]
        write_json(Path(folder) / MANIFEST, facts)

    @classmethod
    def read(cls, folder: str | Path) -> Release:
        """Read the manifest of a copy.

        Parameters
        ----------
        folder : str or Path

        Returns
        -------
        Release

        Raises
        ------
        InputError
            If the folder is no copy that ``mien.release`` wrote.
        """
        path = Path(folder) / MANIFEST
        facts = read_json(path)
        try:
            if facts.pop("format") != _FORMAT:
                raise ValueError("another format")
            kept = ({**file, "keys_left_out": tuple(file["keys_left_out"])} for file in facts.pop("kept"))
            made: dict[str, Any] = {name: tuple(facts.pop(name)) for name in ("quasi", "extremes", "notes")}
            made["small_cells"] = tuple(Cell(**cell) for cell in facts.pop("small_cells"))
            made["kept"] = tuple(KeptFile(**file) for file in kept)
            made["left_out"] = tuple(LeftOut(**files) for files in facts.pop("left_out"))
            return cls(folder=Path(folder), **made, **facts)
        except MISFIT as error:
            raise InputError(f"{path} is no manifest of this version ({error}).") from error
