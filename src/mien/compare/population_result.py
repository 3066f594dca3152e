"""What a comparison of populations found, written and read: scores across populations, and where models look."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from mien.compare.group_comparison import GroupComparison, groups_of_json
from mien.compare.map_contrast import MapContrast
from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import read_json, write_json
from mien.core.provenance import provenance
from mien.core.switch import settle, switched_together
from mien.learn.evaluation import Evaluation
from mien.learn.person_scores import PersonScore

SCORES_FILE, LOOKS_FILE, MAPS_FILE = "scores.json", "looks.json", "maps.safetensors"
_SCORES, _LOOKS = "mien population scores 1", "mien population looks 1"
# Kinds of comparisons: own models on own people; one model on two populations; two populations' models on one's people.
OWN, PEOPLE, MODELS = "own", "people", "models"
# What a model is trained on that learns from all populations, tested on people whom it has not seen.
POOLED = "all populations"


def all_but(population: str) -> str:
    """What a model is trained on that learns from all populations but one."""
    return f"all but {population}"


def same_people(population: str) -> str:
    """What a model is trained on that is tested on other recordings of the people whom it knows."""
    return f"the same people of {population}"


@dataclass(frozen=True)
class Population:
    """Who was compared: name, people, and samples of each class."""

    name: str
    people: int
    classes: dict[str, int]

    @property
    def samples(self) -> int:
        """All samples."""
        return sum(self.classes.values())


@dataclass(frozen=True, eq=False)
class Tested:
    """A model trained on one population and tested on one: on its own people cross-validated, else as it is.

    ``trained`` may also be ``POOLED`` (all populations, cross-validated over people), ``all_but(tested)`` or
    ``same_people(tested)``.
    """

    model: str
    trained: str
    tested: str
    evaluation: Evaluation
    people: tuple[PersonScore, ...]


@dataclass(frozen=True, eq=False)
class Shift:
    """Shares of people's samples that are right, compared between two tests of a model.

    ``kind`` is ``PEOPLE`` (one model on its own and on other people) or ``MODELS`` (on the same people, a model of
    their own population and one of another); ``a`` and ``b`` are pairs (trained, tested).
    """

    model: str
    kind: str
    a: tuple[str, str]
    b: tuple[str, str]
    groups: GroupComparison


@dataclass(frozen=True, eq=False)
class PopulationScores:
    """Does a model of one population work on another, and on each person in it."""

    target: str
    populations: tuple[Population, ...]
    tests: tuple[Tested, ...]
    shifts: tuple[Shift, ...]
    notes: tuple[str, ...] = ()

    def write(self, folder: Path) -> None:
        """Write ``scores.json``."""
        found = {
            "format": _SCORES,
            "target": self.target,
            "populations": [asdict(row) for row in self.populations],
            "tests": [
                {"model": t.model, "trained": t.trained, "tested": t.tested, "evaluation": t.evaluation.to_json(),
                 "people": [asdict(row) for row in t.people]}
                for t in self.tests
            ],
            "shifts": [
                {"model": s.model, "kind": s.kind, "a": list(s.a), "b": list(s.b), "groups": s.groups.to_json()}
                for s in self.shifts
            ],
            "notes": list(self.notes),
        }  # fmt: skip
        write_json(folder / SCORES_FILE, provenance(**found))

    @classmethod
    def read(cls, folder: Path) -> PopulationScores:
        """Read what ``write`` wrote.

        Raises
        ------
        InputError
            If the file is not what it has to be.
        """
        path = folder / SCORES_FILE
        given = read_json(path)
        try:
            if given["format"] != _SCORES:
                raise KeyError(given["format"])
            return cls(
                str(given["target"]),
                tuple(Population(**row) for row in given["populations"]),
                tuple(
                    Tested(
                        row["model"], row["trained"], row["tested"], Evaluation.of_json(row["evaluation"]),
                        tuple(PersonScore(**person) for person in row["people"]),
                    )
                    for row in given["tests"]
                ),
                tuple(
                    Shift(row["model"], row["kind"], tuple(row["a"]), tuple(row["b"]), groups_of_json(row["groups"]))
                    for row in given["shifts"]
                ),
                tuple(map(str, given["notes"])),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise _other_layout(path, error) from error


@dataclass(frozen=True, eq=False)
class LookMap:
    """Where models trained on one population look for a class in people of one population, whom they have not seen.

    Attributes
    ----------
    model, label, trained, shown, method : str
    directed : bool
        Whether + and - of the map are for and against the class.
    samples, people : int
    map : ndarray of float32, shape (rows, columns)
        Mean over people of evidence per area, 1 being all of it spread evenly over the face; NaN is missing.
    """

    model: str
    label: str
    trained: str
    shown: str
    method: str
    directed: bool
    samples: int
    people: int
    map: np.ndarray


@dataclass(frozen=True, eq=False)
class LookContrast:
    """Two looks compared: by region, and on the map (None where that was not possible).

    ``a`` and ``b`` are pairs (trained, shown); ``kind`` is ``OWN``, ``PEOPLE`` or ``MODELS``.
    """

    model: str
    label: str
    kind: str
    a: tuple[str, str]
    b: tuple[str, str]
    groups: GroupComparison
    map: MapContrast | None


@dataclass(frozen=True)
class MaskRow:
    """Agreement of a look with the places where FACS says that the expression shows, by the rank AUC.

    ``centre`` is that of a map which only knows the middle of the face, ``better`` the difference over people;
    ``p_random`` the share of smooth random maps that agree as well.
    """

    model: str
    label: str
    trained: str
    shown: str
    mask: str
    auc: float
    low: float
    high: float
    centre: float
    better: float
    better_low: float
    better_high: float
    p_random: float
    iou: float
    precision: float
    recall: float
    f1: float
    area: float
    people: int


@dataclass(frozen=True, eq=False)
class LookTree:
    """Distances between looks of a class and their dendrogram, see ``mien.compare.map_distances``."""

    label: str
    names: tuple[str, ...]
    correlation: np.ndarray
    ceiling: np.ndarray
    dendrogram: np.ndarray
    support: np.ndarray


@dataclass(frozen=True, eq=False)
class PopulationLooks:
    """What models of each population look at, where that differs, and whether it is where FACS says."""

    looks: tuple[LookMap, ...]
    contrasts: tuple[LookContrast, ...]
    masks: tuple[MaskRow, ...]
    trees: tuple[LookTree, ...]
    notes: tuple[str, ...] = ()

    def write(self, folder: Path) -> None:
        """Write ``looks.json`` and ``maps.safetensors``, which change together."""
        numpy_io = require("safetensors.numpy", "storing maps", "learn")
        arrays = {f"look {i}": np.ascontiguousarray(look.map, np.float32) for i, look in enumerate(self.looks)}
        contrasts = []
        for i, row in enumerate(self.contrasts):
            found = {"model": row.model, "label": row.label, "kind": row.kind, "a": list(row.a), "b": list(row.b),
                     "groups": row.groups.to_json(), "map": None}  # fmt: skip
            if row.map is not None:
                for name in _MAPS:
                    arrays[f"contrast {i} {name}"] = np.ascontiguousarray(getattr(row.map, name))
                found["map"] = {name: getattr(row.map, name) for name in _FACTS}
            contrasts.append(found)
        facts = {
            "format": _LOOKS,
            "looks": [
                {f.name: getattr(look, f.name) for f in fields(LookMap) if f.name != "map"} for look in self.looks
            ],
            "contrasts": contrasts,
            "masks": [{k: None if v != v else v for k, v in asdict(row).items()} for row in self.masks],
            "trees": [
                {"label": t.label, "names": list(t.names), **{k: getattr(t, k).tolist() for k in _TREE}}
                for t in self.trees
            ],
            "notes": list(self.notes),
        }
        with switched_together(folder, (LOOKS_FILE, MAPS_FILE)) as new:
            (new / MAPS_FILE).write_bytes(numpy_io.save(arrays))
            write_json(new / LOOKS_FILE, provenance(**facts))

    @classmethod
    def read(cls, folder: Path) -> PopulationLooks:
        """Read what ``write`` wrote.

        Raises
        ------
        InputError
            If a file is not what it has to be.
        """
        settle(folder)
        path = folder / LOOKS_FILE
        given = read_json(path)
        try:
            if given["format"] != _LOOKS:
                raise KeyError(given["format"])
            numpy_io = require("safetensors.numpy", "reading maps", "learn")
            arrays = numpy_io.load((folder / MAPS_FILE).read_bytes())
            return cls(
                tuple(LookMap(**row, map=arrays[f"look {i}"]) for i, row in enumerate(given["looks"])),
                tuple(_contrast(row, arrays, i) for i, row in enumerate(given["contrasts"])),
                tuple(_mask(row) for row in given["masks"]),
                tuple(LookTree(row["label"], tuple(row["names"]), *(np.array(row[k], dtype=float) for k in _TREE))
                      for row in given["trees"]),
                tuple(map(str, given["notes"])),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError, AttributeError, OSError) as error:
            raise _other_layout(path, error) from error
        except Exception as error:  # safetensors has an error of its own
            raise _other_layout(folder / MAPS_FILE, error) from error


_MAPS = ("difference", "significant", "p", "more_in_a", "places")
_FACTS = ("people", "paired", "n_permutations", "exact")
_TREE = ("correlation", "ceiling", "dendrogram", "support")


def _mask(row: dict[str, Any]) -> MaskRow:
    values: dict[str, Any] = {name: float("nan") if value is None else value for name, value in row.items()}
    return MaskRow(**values)


def _contrast(row: dict[str, Any], arrays: dict[str, np.ndarray], number: int) -> LookContrast:
    found = None
    if row["map"] is not None:
        parts: dict[str, Any] = {name: arrays[f"contrast {number} {name}"] for name in _MAPS}
        found = MapContrast(**parts, **{**row["map"], "people": tuple(row["map"]["people"])})
    return LookContrast(
        row["model"], row["label"], row["kind"], tuple(row["a"]), tuple(row["b"]), groups_of_json(row["groups"]), found
    )


def _other_layout(path: Path, error: Exception) -> InputError:
    return InputError(f"{path} is not laid out as a study of populations writes it ({error}); run the study again.")
