"""Samples from a folder with one sub-folder per class."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data import pictures, video

MEDIA = pictures.SUFFIXES | video.SUFFIXES


def read_class_folder(folder: Path, subject_pattern: str | None = None) -> Samples:
    """Samples whose label is the name of the sub-folder they lie in (at any depth below it).

    Parameters
    ----------
    folder : Path
    subject_pattern : str, optional
        Regular expression that finds the subject in the path below ``folder``, written with ``/``; see
        ``mien.data.samples.read_samples``. Without it each file is its own subject.

    Raises
    ------
    InputError
        If there are fewer than two classes with pictures or videos, if the pattern is invalid or does not
        match a file, or if classes share file names and no pattern says whether these are the same people.
    """
    try:
        classes = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
        found = [(c.name, file) for c in classes for file in _media_below(c)]
    except PermissionError as error:
        raise InputError(f"{error.filename} cannot be read: permission denied.") from error
    names = sorted({label for label, _ in found})
    if len(names) < 2:
        raise InputError(
            f"{folder} must hold samples.csv or one sub-folder of pictures or videos per class (two at least), but "
            f"{f'only the sub-folder {names[0]!r} has any' if names else 'no sub-folder has any'}."
        )
    paths = [file.relative_to(folder).as_posix() for _, file in found]
    return Samples(
        path=np.array(paths, dtype=object),
        subject=_subjects(folder, paths, subject_pattern),
        labels={"label": np.array([label for label, _ in found], dtype=object)},
        root=folder.resolve(),
        name=folder.resolve().name,
    )


def _media_below(folder: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise error

    # os.walk does not follow links to folders, so a loop of links cannot trap it.
    files = [Path(at) / name for at, _, names in os.walk(folder, onerror=refuse) for name in names]
    return sorted(f for f in files if f.suffix.lower() in MEDIA and not f.name.startswith("."))


def _subjects(folder: Path, paths: list[str], pattern: str | None) -> np.ndarray:
    if pattern is None:
        _refuse_shared_names(folder, paths)
        return np.array(paths, dtype=object)
    try:
        expression = re.compile(pattern)
    except re.error as error:
        raise InputError(f"subject_pattern '{pattern}' is not a regular expression ({error}).") from error
    subjects = []
    for path in paths:
        match = expression.search(path)
        if match is None:
            raise InputError(f"subject_pattern '{pattern}' finds no subject in '{path}' (in {folder}).")
        groups = match.groupdict()
        subjects.append(groups.get("subject") or (match.group(1) if match.groups() else match.group(0)))
        if not subjects[-1]:
            raise InputError(f"subject_pattern '{pattern}' finds an empty subject in '{path}' (in {folder}).")
    return np.array(subjects, dtype=object)


def _refuse_shared_names(folder: Path, paths: list[str]) -> None:
    # 'neutral/001.jpg' beside 'smiling/001.jpg' is most often one person; taking them for two would let the
    # same face into training and test.
    first: dict[str, str] = {}
    for path in paths:
        name, label = Path(path).stem, path.split("/")[0]
        if first.setdefault(name, label) != label:
            raise InputError(
                f"{folder}: the classes '{first[name]}' and '{label}' both have a file '{name}'. If these show one "
                r"person, say how the subject is found in the path, such as subject_pattern='([^/]+)\.[^.]+$' for "
                "the file's name; if every file shows another person, use subject_pattern='.+'."
            )
