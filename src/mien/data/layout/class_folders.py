"""Samples from a folder with one sub-folder per class."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.core.people.keys import person_key
from mien.core.people.unknown import own_person
from mien.core.samples import Samples
from mien.data.layout.file_names import shared_people
from mien.data.layout.file_patterns import known_pattern, person_in
from mien.data.layout.folders import classes_of, refuse_parts
from mien.data.layout.person_names import people_before_expressions, suggested_pattern
from mien.data.media import pictures, video

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
        (``mien.data.layout.file_patterns``), else each file is its own subject, which a note says.

    Raises
    ------
    InputError
        If there are fewer than two classes with pictures or videos, if the sub-folders look like people, if the
        pattern is invalid or does not match a file, or if several files look like one person's and no pattern says
        whether they are.
    """
    try:
        tops = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith("."))
        paths = [file.relative_to(folder).as_posix() for top in tops for file in media_below(top)]
    except PermissionError as error:
        raise InputError(f"{error.filename} cannot be read: permission denied.") from error
    known = _by_known_set(paths) if subject_pattern is None else None
    labels, notes = classes_of(folder, paths, subject_pattern is not None, known is not None)
    names = sorted(set(labels))
    if len(names) < 2:
        raise InputError(
            f"{folder} must hold samples.csv or one sub-folder of pictures or videos per class (two at least), but "
            f"{f'only the sub-folder {names[0]!r} has any' if names else 'no sub-folder has any'}."
        )
    more: tuple[str, ...]
    if subject_pattern is not None:
        subjects, more = subjects_by_pattern(folder, paths, subject_pattern), ()
    else:
        subjects, more = known or _subjects_by_names(folder, paths, labels)
    return Samples(
        path=np.array(paths, dtype=object),
        subject=subjects,
        labels={"label": np.array(labels, dtype=object)},
        root=folder.resolve(),
        name=folder.resolve().name,
        notes=(*notes, *more),
    )


def media_below(folder: Path) -> list[Path]:
    """Pictures and videos at any depth, in order."""

    def refuse(error: OSError) -> None:
        raise error

    # os.walk does not follow links to folders, so a loop of links cannot trap it.
    files = [Path(at) / name for at, _, names in os.walk(folder, onerror=refuse) for name in names]
    return sorted(f for f in files if f.suffix.lower() in MEDIA and not f.name.startswith("."))


def _by_known_set(paths: list[str]) -> tuple[np.ndarray, tuple[str, ...]] | None:
    """Subjects by files' names, or by those of their folders (of pictures out of films), as a known set has them."""
    for what, at in (("files'", -1), ("folders'", -2)):
        names = [Path(path.split("/")[at]).stem if at == -1 else path.split("/")[at] for path in paths]
        pattern = known_pattern(names)
        if pattern is not None:
            subjects = [person_in(pattern, name) for name in names]
            return np.array(subjects, dtype=object), (
                _read_note(f"The {what} names are those of {pattern.name}", subjects, names),
            )
    return None


def _read_note(why: str, subjects: Sequence[str], names: Sequence[str]) -> str:
    return (
        f"{why}, so the person is read from them: '{subjects[0]}' in '{names[0]}', "
        f"{len({person_key(s) for s in subjects})} people in all. If that is wrong, say how with subject_pattern."
    )


def _subjects_by_names(folder: Path, paths: list[str], labels: list[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    stems = [Path(path).stem for path in paths]
    people = people_before_expressions(stems)
    if people is not None:
        note = _read_note(
            "The files' names begin with what comes again and end in words or codes of expressions", people, stems
        )
        return np.array(people, dtype=object), (note,)
    suggestion = suggested_pattern(paths, labels)
    said = (
        f"Say how the person is found in the path, such as subject_pattern='{suggestion}'"
        if suggestion
        else "Which part of a name is the person cannot be seen from here: say it with subject_pattern, a regular "
        "expression whose first group is the same in all files of a person and differs between people"
    )
    _refuse_shared_names(folder, paths, labels)
    shared = shared_people(stems, [*labels, *(path.split("/")[0] for path in paths)])
    if shared is not None:
        one, other = shared.names
        raise InputError(
            f"{folder}: {shared.files} of {len(paths)} files have names that look as if several showed one person, "
            f"such as '{one}' and '{other}'. {said}; if every file shows another person, use subject_pattern='.+'."
        )
    return np.array([own_person(path) for path in paths], dtype=object), (
        f"Nothing says who is shown, so every file counts as a person of its own ({len(paths)} files). Should several "
        "show one person, that person can be in training and test, and scores are too good: say with subject_pattern "
        "how the person is found in a path.",
    )


def subjects_by_pattern(folder: Path, paths: list[str], pattern: str) -> np.ndarray:
    """Who is shown in each file, by a regular expression; see ``read_class_folder``."""
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
    refuse_parts(subjects, pattern)
    return np.array(subjects, dtype=object)


def _refuse_shared_names(folder: Path, paths: list[str], labels: list[str]) -> None:
    # 'neutral/001.jpg' beside 'smiling/001.jpg' is most often one person; taking them for two would let the
    # same face into training and test.
    # A name of two parts may be a person and a number.
    whole = all(re.fullmatch(r"[^\W_]+", Path(path).stem) for path in paths)
    how = (
        r"say how the subject is found in the path, such as subject_pattern='([^/]+)\.[^.]+$' for the file's name"
        if whole
        else "say with subject_pattern how the person is found in the path: a regular expression whose first group is "
        "the same in all files of a person"
    )
    first: dict[str, str] = {}
    for path, label in zip(paths, labels, strict=True):
        name = Path(path).stem
        before = first.setdefault(person_key(name), label)
        if before != label:
            raise InputError(
                f"{folder}: the classes '{before}' and '{label}' both have a file '{name}'. If these show one person, "
                f"{how}; if every file shows another person, use subject_pattern='.+'."
            )
