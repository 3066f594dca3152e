"""Single ratings: who rated what how, before it became a mean."""

from __future__ import annotations

import gzip
import shutil
import tempfile
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.data.sets.catalogue import FOLDERS, data_root, london
from mien.data.sets.us_adult_faces import us_adult_faces_ratings
from mien.data.tables.ratings import SingleRatings, holds_single_ratings, single_ratings
from mien.data.tables.table import SUFFIXES, read_table


def read_single_ratings(spec: str) -> SingleRatings:
    """Single ratings of ``omi:``, ``london:`` or ``us-adult-faces:``, or from a table.

    Parameters
    ----------
    spec : str
        ``'omi:'``, ``'london:'``, ``'us-adult-faces:'`` (each with a path if the data lie elsewhere), or a table
        (``.csv``, ``.csv.gz``, ``.xlsx`` ...) as ``mien.data.tables.ratings.single_ratings`` takes it.

    Raises
    ------
    InputError
        If a column is missing or a rating is no number.
    """
    name, _, place = spec.partition(":")
    if name in _OF_DATA_SETS and (":" in spec or not Path(spec).exists()):
        return _OF_DATA_SETS[name](Path(place).expanduser() if place else data_root() / FOLDERS[name])
    return _of_table(Path(spec))


def has_single_ratings(spec: str) -> bool:
    """Whether samples are given as a table of single ratings."""
    path = Path(spec)
    return path.suffix.lower() in SUFFIXES and path.is_file() and holds_single_ratings(read_table(path))


def _omi(folder: Path) -> SingleRatings:
    found = _of_table(folder / "ratings_core.csv.gz")
    item = np.array([f"images/{number}.jpg" for number in found.item], dtype=object)
    return SingleRatings(item, found.attribute, found.value, found.rater)


def _london(folder: Path) -> SingleRatings:
    path = folder / "ratings_matrix.npz"
    if not path.is_file():
        raise InputError(f"{path} does not exist; the London set's single ratings come with it.")
    with np.load(path, allow_pickle=False) as stored:
        matrix = stored["ratings"]
    samples = london(folder)
    rated = samples.labels["expression"] == "neutral"
    faces, means = samples.path[rated], samples.ratings["attractiveness"][rated]
    # The columns come without names that can be read without pickle; their means say that they are the table's rows.
    total, number = matrix.sum(axis=0, dtype=np.float64), (matrix > 0).sum(axis=0)
    if len(faces) != matrix.shape[1] or np.abs(total / np.maximum(number, 1) - means).max() > 0.01:
        raise InputError(f"{path} does not fit labels.csv: the mean ratings differ.")
    rater, face = np.nonzero(matrix)
    attribute = np.full(len(face), "attractiveness", dtype=object)
    people = np.array([str(r) for r in range(len(matrix))], dtype=object)
    return SingleRatings(faces[face], attribute, matrix[rater, face].astype(np.float64), people[rater])


def _of_table(path: Path) -> SingleRatings:
    if path.suffix != ".gz":
        return single_ratings(read_table(path))
    if not path.is_file():
        raise InputError(f"{path} does not exist or is not a file.")
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.stem
        try:
            with gzip.open(path) as packed, plain.open("wb") as file:
                shutil.copyfileobj(packed, file)
        except (OSError, EOFError) as error:
            raise InputError(f"{path} is damaged or is no gzip file ({error}).") from error
        return single_ratings(read_table(plain))


_OF_DATA_SETS = {"omi": _omi, "london": _london, "us-adult-faces": us_adult_faces_ratings}
