"""What is to be reduced: landmark sequences with classes and subjects, from samples or a plain array."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.features import SEQUENCE, Features
from mien.core.labels import same_labels
from mien.core.people.keys import people_of
from mien.core.people.words import SUBJECT
from mien.core.samples import Samples
from mien.core.target import Target
from mien.core.topology import NO_POINTS, subset_name, topology, topology_of_count

_KNOWN_COUNTS = (68, 468, 478)
# Above this share of what never changes, numbers are places and not movements; movements of classes that all go one way
# stay well below.
MOST_CONSTANT = 0.95
# What to do with a table of named features instead.
_OF_FEATURES = (
    "Only landmarks can be reduced: give clips or pictures whose faces were extracted ('mien extract') or imported "
    "with their landmarks. Which of several named features matter say 'mien explain' and 'mien evaluate-evidence'."
)


@dataclass(frozen=True, eq=False)
class Clips:
    """Clips that are ready to be learnt from.

    Attributes
    ----------
    values : ndarray of float32, shape (clips, frames, landmarks, coordinates)
        All finite.
    y, subjects, path : ndarray of str, shape (clips,)
    topology : str
        Points of the sequences; ``''`` where mien does not know them.
    names : tuple of str
        Names of the coordinates.
    recipe : dict
        How the values were computed; ``{"name": "given"}`` for plain arrays.
    target : str
        Column that ``y`` came from; ``''`` for plain arrays.
    contrast : Target or None
        The one class whose recognition is asked about; None for all classes alike.
    left_out : dict of str to int
        Samples without values or label, by status.
    facts : dict
        Name, licence and credit of the samples.
    notes : tuple of str
        On spellings of people and on copies, in sentences.
    learnt : dict of str to list of str
        What a model of these clips has learnt on, see ``mien.learn.copies.learnt_from``.
    unit : str
        Column that ``subjects`` are from.
    """

    values: np.ndarray
    y: np.ndarray
    subjects: np.ndarray
    path: np.ndarray
    topology: str
    names: tuple[str, ...]
    recipe: dict[str, Any]
    target: str = ""
    contrast: Target | None = None
    left_out: dict[str, int] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    learnt: dict[str, list[Any]] = field(default_factory=dict)
    unit: str = SUBJECT

    @property
    def n_points(self) -> int:
        """Number of landmarks."""
        return int(self.values.shape[2])

    @property
    def classes(self) -> tuple[str, ...]:
        """Classes, sorted."""
        return tuple(sorted(set(self.y)))

    @property
    def chance(self) -> float:
        """Share that is told right by always saying what is most frequent."""
        asked = self.y == self.contrast.name if self.contrast else self.y
        _, counts = np.unique(asked.astype(str), return_counts=True)
        return float(counts.max() / counts.sum())

    def right(self, rows: np.ndarray, predicted: np.ndarray) -> np.ndarray:
        """Whether clips were told right: their class, or with a contrast whether they are of its class.

        Parameters
        ----------
        rows : ndarray of int
        predicted : ndarray of int, same length
            Number of the predicted class among ``classes``.
        """
        names = np.array(self.classes, dtype=object)[predicted]
        if self.contrast is None:
            return np.asarray(names == self.y[rows], dtype=bool)
        return np.asarray((names == self.contrast.name) == (self.y[rows] == self.contrast.name), dtype=bool)

    def question(self, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Rows that bear on what is asked, and their classes; with a contrast those of its class and its rival."""
        y = self.y[rows]
        if self.contrast is None:
            return rows, y
        name, against = self.contrast.name, self.contrast.against
        rows = rows[np.isin(y, [name, against])] if against else rows
        return rows, np.where(self.y[rows] == name, name, against or f"not {name}").astype(object)

    def features(self, points: np.ndarray) -> Features:
        """Features of some points without rows, for those who build an estimator by name."""
        name = self.part_name(points)
        empty = np.zeros((0, self.values.shape[1], len(points), self.values.shape[3]), np.float32)
        recipe = self.recipe if self.recipe.get("name") == "given" else {**self.recipe, "points": name}
        return Features(empty, SEQUENCE, self.names, recipe, np.zeros(0, dtype=object), name)

    def part_name(self, points: np.ndarray) -> str:
        """Name of the topology of some points; ``''`` where the whole has none."""
        return subset_name(self.topology, points) if self.topology else ""

    def fingerprint(self) -> str:
        """SHA-256 of values, classes and subjects."""
        digest = hashlib.sha256(repr((self.values.shape, self.topology)).encode())
        digest.update(np.ascontiguousarray(self.values).tobytes())
        for column in (self.y, self.subjects):
            digest.update("\0".join(column).encode())
        return digest.hexdigest()


def from_array(
    values: Any, y: Any, subjects: Any, *, points: str | None = None, names: tuple[str, ...] | None = None
) -> Clips:
    """Clips from a plain array.

    Parameters
    ----------
    values : array, shape (clips, frames, landmarks, coordinates)
        Displacements from a neutral reference.
    y, subjects : sequence of str, shape (clips,)
    points : str, optional
        Topology of the landmarks; by default known where there are 68, 468 or 478. ``''`` for none.

    Raises
    ------
    InputError
        For another shape, values that are not finite, places instead of displacements, other lengths, clips without
        class.
    """
    from mien.learn.copies import copies_among, learnt_from

    try:
        with np.errstate(over="ignore"):
            array = np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(f"reduce: X is not an array of numbers ({error}).") from error
    if array.ndim != 4 or 0 in array.shape:
        advice = _OF_FEATURES if array.ndim == 2 else "A still picture is a clip of one frame: X[:, None]."
        raise InputError(
            f"reduce: X must have four axes (clips, frames, landmarks, coordinates), none of them empty, but has shape "
            f"{array.shape}. {advice}"
        )
    if not np.isfinite(array).all():
        clip = int(np.flatnonzero(~np.isfinite(array).all(axis=(1, 2, 3)))[0])
        raise InputError(
            f"reduce: clip {clip} holds values that are not finite, or too large for float32; fill its gaps or leave "
            "it out."
        )
    _refuse_places(array)
    labels = _column("y", y, len(array))
    # Whoever is not known is a person of its own.
    people = _column("subjects", subjects, len(array), gaps=True)
    if points is None:
        points = topology_of_count(array.shape[2]).name if array.shape[2] in _KNOWN_COUNTS else ""
    if points and len(topology(points)) != array.shape[2]:
        raise InputError(f"reduce: '{points}' has {len(topology(points))} points, but X has {array.shape[2]}.")
    names = names or (("x", "y", "z")[: array.shape[3]] if array.shape[3] <= 3 else ())
    names = names or tuple(f"coordinate {i}" for i in range(array.shape[3]))
    path = np.array([str(i) for i in range(len(array))], dtype=object)
    labels, classes = same_labels(labels, "y")
    people, spelt = people_of(people, path)
    copies = copies_among(people, path, array)
    return Clips(
        array, labels, copies.units, path, points, tuple(names), {"name": "given"},
        notes=(*classes, *spelt, *copies.notes), learnt=learnt_from(people, copies.marks, copies.units),
    )  # fmt: skip


def _refuse_places(array: np.ndarray) -> None:
    """Networks see movement: what is the same in all clips would hide it."""
    whole = float((array.astype(np.float64) ** 2).mean())
    constant = float((array.mean(axis=(0, 1), dtype=np.float64) ** 2).mean())
    if whole > 0 and constant > MOST_CONSTANT * whole:
        raise InputError(
            f"reduce: X looks like places of landmarks, not displacements: {100 * constant / whole:.1f} % of it is the "
            "same in all clips and frames, and movement would be lost beside that. Give displacements from a neutral "
            "reference, such as X - X[:, :1] (each clip's first frame) or X minus the person's own neutral face."
        )


def from_samples(
    samples: Samples | str | Path, faces: Any, target: str, recipe: dict[str, Any], group_by: str = "subject"
) -> Clips:
    """Clips from samples and their faces, by a recipe of landmark sequences.

    Raises
    ------
    InputError
        As ``mien.learn.train.usable``, and for a recipe that gives no sequences.
    """
    from mien.data.samples import faces_of, read_samples
    from mien.learn.copies import learnt_from
    from mien.learn.table import load, usable

    samples = read_samples(samples) if isinstance(samples, (str, Path)) else samples
    result = faces_of(samples, faces)
    if result is None:
        _refuse_features(samples)
    samples, result = load(samples, result)
    if len(result) and result.topology == NO_POINTS:
        raise InputError(f"reduce: these faces hold named features of another tool and no landmarks. {_OF_FEATURES}")
    table = usable(samples, result, recipe, target, group_by)
    features = table.features
    if features.space != SEQUENCE:
        raise InputError(
            f"reduce: the recipe '{recipe.get('name')}' gives {features.space}, but landmarks can only be removed from "
            "landmark sequences; use a model such as 'landmark-rvfl' or the recipe 'displacement'."
        )
    return Clips(
        values=features.values,
        y=_texts(table.y),
        subjects=_texts(table.subjects),
        path=_texts(table.path),
        topology=features.topology,
        names=features.names,
        recipe=features.recipe,
        target=target,
        left_out=table.left_out,
        facts={"name": samples.name, "licence": samples.licence, "credit": samples.credit},
        notes=tuple(table.notes),
        learnt=learnt_from(table.people, table.marks, table.subjects if group_by == SUBJECT else None),
        unit=group_by,
    )


def _refuse_features(samples: Samples) -> None:
    """A table of numbers whose pictures or clips are nowhere is one of named features, not of faces to be extracted."""
    columns = list(samples.ratings)
    if columns and not any(path.exists() for path in samples.files()):
        shown = ", ".join(columns[:4]) + (", ..." if len(columns) > 4 else "")
        raise InputError(
            f"reduce: none of the pictures or clips that {samples.name or 'the samples'} names is there, and its table "
            f"holds numbers ({shown}). {_OF_FEATURES}"
        )


def _texts(values: Any) -> np.ndarray:
    return np.array(["" if v is None else str(v) for v in values], dtype=object)


def _column(name: str, values: Any, rows: int, gaps: bool = False) -> np.ndarray:
    if values is None:
        raise InputError(f"reduce: X is an array, so '{name}' is needed too, one per clip.")
    column = _texts(values)
    if len(column) != rows:
        raise InputError(f"reduce: X has {rows} clips, but '{name}' has {len(column)} values.")
    empty = np.flatnonzero((column == "") | (column == "nan"))
    if len(empty) and not gaps:
        raise InputError(f"reduce: clip {empty[0]} has no value in '{name}'; leave out such clips.")
    return column
