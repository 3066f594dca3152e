"""Pictures of things from a folder with one sub-folder per category."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.layout.class_folders import media_below, subjects_by_pattern


def read_category_folder(folder: Path, source_pattern: str = "") -> Samples:
    """Samples with the label ``category``, the name of the sub-folder of each picture.

    Parameters
    ----------
    folder : Path
    source_pattern : str
        Regular expression that finds in the path below ``folder``, written with ``/``, what a picture shows. Without it
        pictures in a folder of their own below the category's (``cup/my cup/1.png``) show one thing, and each other
        picture is a source of its own.

    Raises
    ------
    InputError
        If no sub-folder holds pictures, the folder cannot be read, or the pattern is none or finds nothing.
    """
    try:
        tops = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
        paths = [file.relative_to(folder).as_posix() for top in tops for file in media_below(top)]
    except PermissionError as error:
        raise InputError(f"{error.filename} cannot be read: permission denied.") from error
    if not paths:
        raise InputError(
            f"{folder} must hold samples.csv or one sub-folder of pictures per category, but no sub-folder has any."
        )
    notes: tuple[str, ...] = ()
    if source_pattern:
        sources = subjects_by_pattern(folder, paths, source_pattern)
    else:
        sources, notes = _by_folders(paths)
    return Samples(
        path=np.array(paths, dtype=object),
        subject=sources,
        labels={"category": np.array([path.split("/")[0] for path in paths], dtype=object)},
        root=folder.resolve(),
        name=folder.resolve().name,
        notes=notes,
        things=True,
    )


def _by_folders(paths: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    own = [path.rpartition("/")[0] if path.count("/") > 1 else path for path in paths]
    single = sum(path.count("/") == 1 for path in paths)
    notes = []
    if single:
        notes.append(
            f"Nothing says what is shown in {single} of {len(paths)} pictures, so each counts as a source of its own. "
            "Should several show one person or thing, it can be in training and test: put its pictures into a folder "
            "of its own below the category's, or say with subject_pattern how it is found in a path."
        )
    if single < len(paths):
        notes.append("Pictures in one folder below a category's show one thing (one source), by their folder.")
    return np.array(own, dtype=object), tuple(notes)
