"""Single ratings: who rated what how, before it became a mean."""

from __future__ import annotations

import gzip
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.core.errors import InputError
from mien.data.datasets import FOLDERS, data_root, london
from mien.data.tables import Table, read_table


@dataclass(frozen=True, eq=False)
class SingleRatings:
    """One row per rating.

    Attributes
    ----------
    item : ndarray of str, shape (ratings,)
        Path or id of what was rated, as in ``Samples.path``.
    attribute : ndarray of str, shape (ratings,)
    value : ndarray of float64, shape (ratings,)
    rater : ndarray of str, shape (ratings,), or None
        None where it was not recorded.
    """

    item: np.ndarray
    attribute: np.ndarray
    value: np.ndarray
    rater: np.ndarray | None = None

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of what was rated."""
        return tuple(sorted(set(self.attribute)))

    def of(self, attribute: str) -> SingleRatings:
        """The ratings of one attribute.

        Raises
        ------
        InputError
            If there are none.
        """
        rows = self.attribute == attribute
        if not rows.any():
            raise InputError(f"There are no single ratings of '{attribute}'; there are: {', '.join(self.attributes)}.")
        rater = None if self.rater is None else self.rater[rows]
        return SingleRatings(self.item[rows], self.attribute[rows], self.value[rows], rater)


def read_single_ratings(spec: str) -> SingleRatings:
    """Single ratings of ``omi:`` or ``london:``, or from a CSV file (also .csv.gz).

    Parameters
    ----------
    spec : str
        ``'omi:'``, ``'london:'`` (each with a path if the data lie elsewhere), or a CSV file with the columns ``path``
        (or ``item`` or ``stimulus``), ``attribute`` and ``rating``; ``rater`` where it is known. A column
        ``rating_type`` other than ``normal`` (a rating given again by the same person) is left out.

    Raises
    ------
    InputError
        If a column is missing or a rating is no number.
    """
    name, _, place = spec.partition(":")
    if name in ("omi", "london") and ":" in spec:
        folder = Path(place) if place else data_root() / FOLDERS[name]
        return _london(folder) if name == "london" else _omi(folder)
    return _of_table(Path(spec))


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
        return _columns(read_table(path))
    if not path.is_file():
        raise InputError(f"{path} does not exist or is not a file.")
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.stem
        try:
            with gzip.open(path) as packed, plain.open("wb") as file:
                shutil.copyfileobj(packed, file)
        except (OSError, EOFError) as error:
            raise InputError(f"{path} is damaged or is no gzip file ({error}).") from error
        return _columns(read_table(plain))


def _columns(table: Table) -> SingleRatings:
    name = next((name for name in ("path", "item", "stimulus", "clip") if name in table.columns), "path")
    item = table.need(name, "what was rated", ("picture", "file", "face"))
    attribute = table.need("attribute", "what was judged", ("scale", "trait"))
    table.need("rating", "the rating", ("value", "score"))
    value, wrong = table.numbers("rating")
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        text = table.columns["rating"][row]
        raise InputError(f"{table.path.name}, row {row + table.first_row}: the rating '{text}' is no number.")
    kept = np.isfinite(value)
    if "rating_type" in table.columns:
        kept &= table.columns["rating_type"] == "normal"
    rater = table.columns["rater"][kept] if "rater" in table.columns else None
    return SingleRatings(item[kept], attribute[kept], value[kept], rater)
