"""Which run and viewer each file is of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.core.extras import require
from mien.data.streams.volumes import entity
from mien.data.tables.table import SUFFIXES as TABLES


def paths_of(given: Any) -> list[Path]:
    """One path or several as a list."""
    if isinstance(given, str | Path):
        return [Path(given)]
    try:
        return [Path(path) for path in given]
    except TypeError as error:
        raise InputError(f"Expected a path or paths of volumes or tables, but got {given!r}.") from error


def runs_of(
    paths: Sequence[Path], run: str | Sequence[str], viewer: str | Sequence[str]
) -> tuple[list[str], list[str]]:
    """Run and viewer of each file."""
    if not paths:
        raise InputError("No file was given: name volumes (.nii.gz) or a table time x parcel.")
    of_file = ([run] * len(paths) if run else []) if isinstance(run, str) else [str(one) for one in run]
    of_viewer = [viewer] * len(paths) if isinstance(viewer, str) else [str(one) for one in viewer]
    for what, given in (("run", of_file), ("viewer", of_viewer)):
        if given and len(given) != len(paths):
            raise InputError(f"{what}: {len(paths)} files need as many names, but got {len(given)}.")
    of_viewer = [given or entity(path, "sub") for given, path in zip(of_viewer, paths, strict=True)]
    if not of_file:
        of_file = [entity(path, "run") for path in paths]
        if "" in of_file and not all(one == "" for one in of_file):
            raise InputError(f"{paths[of_file.index('')]}: its name has no run, but others have; give run.")
        if "" in of_file:
            of_file = _counted(paths, of_viewer)
    return of_file, of_viewer


def _counted(paths: Sequence[Path], viewers: Sequence[str]) -> list[str]:
    """Runs by their order: volumes of three dimensions are one, all else is one each."""
    seen: dict[str, int] = {}
    for viewer in viewers:
        seen[viewer] = seen.get(viewer, 0) + 1
    if any(count > 1 for count in seen.values()) and _are_single(paths):
        return ["1"] * len(paths)
    numbers: dict[str, int] = {}
    result = []
    for viewer in viewers:
        numbers[viewer] = numbers.get(viewer, 0) + 1
        result.append(str(numbers[viewer]))
    return result


def _are_single(paths: Sequence[Path]) -> bool:
    """Whether the files are volumes of three dimensions."""
    if paths[0].suffix.lower() in TABLES or not paths[0].is_file():
        return False
    nibabel = require("nibabel", "Reading volumes of a scanner", "brain")
    try:
        return len(nibabel.load(paths[0]).shape) == 3
    except (nibabel.filebasedimages.ImageFileError, OSError, EOFError, ValueError):
        return False
