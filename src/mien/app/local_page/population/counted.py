"""Whom a study's samples show: usable faces, and people who share a copy of one as one, as training counts them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from mien.app.local_page.folders import OpenStudy
from mien.core.errors import InputError
from mien.core.faces import OK, Faces
from mien.core.samples import Samples
from mien.data.review import REVIEW
from mien.data.shards import read_faces
from mien.explain.people import people_once
from mien.features.match import choose, files_of

# Of more samples only their files are compared, so that the page answers; training looks at all faces.
MOST_COMPARED = 1000


@dataclass(frozen=True, eq=False)
class CountedSamples:
    """Samples whose people are counted once.

    Attributes
    ----------
    samples : Samples
        People who share a copy of a picture or face have one name.
    usable : ndarray of bool, shape (samples,)
        Which have a face.
    notes : tuple of str
        What has to be said of copies.
    """

    samples: Samples
    usable: np.ndarray
    notes: tuple[str, ...] = ()


def counted_once(study: OpenStudy, samples: Samples) -> CountedSamples:
    """Look for copies among a study's samples; before faces were found they are as they stand there.

    Parameters
    ----------
    study : OpenStudy
    samples : Samples
    """
    folder = study.folder / "faces"
    if not folder.is_dir() or not len(samples):
        return CountedSamples(samples, np.ones(len(samples), dtype=bool))
    paths, people = (tuple(map(str, given)) for given in (samples.path, samples.subject))
    try:
        names, usable, notes = _counted(folder, changed_of(folder), paths, people, samples.root)
    except InputError:  # a folder in which no face was written yet; the view Faces says what is wrong with others
        return CountedSamples(samples, np.ones(len(samples), dtype=bool))
    return CountedSamples(replace(samples, subject=np.array(names, dtype=object)), np.array(usable), notes)


Counted = tuple[list[str], list[bool], tuple[str, ...]]


@lru_cache(maxsize=4)
def _counted(
    folder: Path, changed_ns: tuple[int, ...], paths: tuple[str, ...], people: tuple[str, ...], root: Path | None
) -> Counted:
    """Kept, because every selection in a map asks for the same."""
    faces = faces_of_study(folder, changed_ns)
    samples = Samples(path=np.array(paths, dtype=object), subject=np.array(people, dtype=object), root=root)
    choices = choose(samples, faces)
    usable = [choice.status == OK for choice in choices]
    kept = np.flatnonzero(usable)
    if not len(kept):
        return list(people), usable, ()
    files = files_of(samples, faces, choices)
    nothing = np.zeros((len(kept), 1, 1))
    few = len(kept) <= MOST_COMPARED
    joined, notes = people_once(
        samples.subject[kept], samples.path[kept], nothing, None, [files[row] for row in kept],
        [choices[row] for row in kept] if few else (), faces if few else None,
    )  # fmt: skip
    names = list(people)
    for row, name in zip(kept, joined, strict=True):
        # Nobody known stays apart under the name of its own.
        names[row] = str(name) or names[row]
    return names, usable, tuple(notes)


@lru_cache(maxsize=2)
def faces_of_study(folder: Path, changed_ns: tuple[int, ...]) -> Faces:
    """All faces of a study, kept until they or the decisions about them change.

    Parameters
    ----------
    folder : Path
        ``faces/`` of a study.
    changed_ns : tuple of int
        From ``changed_of``.
    """
    return read_faces(folder)


def changed_of(folder: Path) -> tuple[int, ...]:
    """When faces, and what people decided about them, changed last."""
    review = folder.parent / REVIEW
    return tuple(place.stat().st_mtime_ns for place in (folder, review) if place.exists())
