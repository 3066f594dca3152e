"""Samples from a folder with one sub-folder per class."""

from __future__ import annotations

import os
import re
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.people import person_key
from mien.core.samples import Samples
from mien.data import pictures, video
from mien.data.file_names import shared_people
from mien.data.file_patterns import known_pattern, person_in
from mien.data.folder_layout import classes_of

MEDIA = pictures.SUFFIXES | video.SUFFIXES


def read_class_folder(folder: Path, subject_pattern: str | None = None) -> Samples:
    """Samples whose label is the name of the sub-folder they lie in (at any depth below it).

    Parameters
    ----------
    folder : Path
        Where its sub-folders are parts of the data (``train``, ``test``), the folders below are the classes.
    subject_pattern : str, optional
        Regular expression that finds the subject in the path below ``folder``, written with ``/``; see
        ``mien.data.samples.read_samples``. Without it the subject is read from names as those of a known set
        (``mien.data.file_patterns``), else each file is its own subject, which a note says.

    Raises
    ------
    InputError
        If there are fewer than two classes with pictures or videos, if the sub-folders look like people, if the
        pattern is invalid or does not match a file, or if several files look like one person's and no pattern says
        whether they are.
    """
    try:
        tops = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
        paths = [file.relative_to(folder).as_posix() for top in tops for file in _media_below(top)]
    except PermissionError as error:
        raise InputError(f"{error.filename} cannot be read: permission denied.") from error
    labels, notes = classes_of(folder, paths, subject_pattern is not None)
    names = sorted(set(labels))
    if len(names) < 2:
        raise InputError(
            f"{folder} must hold samples.csv or one sub-folder of pictures or videos per class (two at least), but "
            f"{f'only the sub-folder {names[0]!r} has any' if names else 'no sub-folder has any'}."
        )
    if subject_pattern is None:
        subjects, more = _subjects_by_names(folder, paths, labels)
    else:
        subjects, more = _subjects(folder, paths, subject_pattern), ()
    return Samples(
        path=np.array(paths, dtype=object),
        subject=subjects,
        labels={"label": np.array(labels, dtype=object)},
        root=folder.resolve(),
        name=folder.resolve().name,
        notes=(*notes, *more),
    )


def _media_below(folder: Path) -> list[Path]:
    def refuse(error: OSError) -> None:
        raise error

    # os.walk does not follow links to folders, so a loop of links cannot trap it.
    files = [Path(at) / name for at, _, names in os.walk(folder, onerror=refuse) for name in names]
    return sorted(f for f in files if f.suffix.lower() in MEDIA and not f.name.startswith("."))


def _subjects_by_names(folder: Path, paths: list[str], labels: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    stems = [Path(path).stem for path in paths]
    pattern = known_pattern(stems)
    if pattern is not None:
        subjects = np.array([person_in(pattern, stem) for stem in stems], dtype=object)
        return subjects, (
            f"The files' names are those of {pattern.name}, so the person is read from them: '{subjects[0]}' in "
            f"'{stems[0]}', {len({person_key(s) for s in subjects})} people in all. If that is wrong, say how with "
            "subject_pattern.",
        )
    _refuse_shared_names(folder, paths, labels)
    shared = shared_people(stems, [*labels, *(path.split("/")[0] for path in paths)])
    if shared is not None:
        one, other = shared.names
        same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0) or 3
        raise InputError(
            f"{folder}: {shared.files} of {len(paths)} files have names that look as if several showed one person, "
            f"such as '{one}' and '{other}'. Say how the person is found in the path, such as "
            f"subject_pattern='([^/]{{{same}}})[^/]*$' for the first {same} characters of a name; if every file shows "
            "another person, use subject_pattern='.+'."
        )
    return np.array(paths, dtype=object), (
        f"Nothing says who is shown, so every file counts as a person of its own ({len(paths)} files). Should several "
        "show one person, scores are too good: say with subject_pattern how the person is found in a path.",
    )


def _subjects(folder: Path, paths: list[str], pattern: str) -> np.ndarray:
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


def _refuse_shared_names(folder: Path, paths: list[str], labels: list[str]) -> None:
    # 'neutral/001.jpg' beside 'smiling/001.jpg' is most often one person; taking them for two would let the
    # same face into training and test.
    first: dict[str, str] = {}
    for path, label in zip(paths, labels, strict=True):
        name = Path(path).stem
        before = first.setdefault(person_key(name), label)
        if before != label:
            raise InputError(
                f"{folder}: the classes '{before}' and '{label}' both have a file '{name}'. If these show one person, "
                r"say how the subject is found in the path, such as subject_pattern='([^/]+)\.[^.]+$' for the file's "
                "name; if every file shows another person, use subject_pattern='.+'."
            )
