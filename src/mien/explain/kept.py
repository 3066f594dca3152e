"""Blocks of an explanation on disk until all are there: what was interrupted goes on, and parts come together."""

from __future__ import annotations

import hashlib
import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

import mien
from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.extras import require
from mien.core.files import atomic_path, read_json, remove_halves, write_json
from mien.explain.problem import Attribution, Problem
from mien.explain.store import load_evidence, save_evidence

if TYPE_CHECKING:
    from mien.explain.question import Inquiry

# To be raised when the same question has other answers than before.
PROCEDURE = 1
T = TypeVar("T")
_ARRAYS = ("values", "gap", "standard_error", "answered", "abstained")
_COLUMN = "column "
_SETTLED = "settled.json"


class Kept(ABC, Generic[T]):
    """Lots of one question, by their numbers.

    Parameters
    ----------
    folder : Path
        Its name says which question: of another one nothing is read.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    def read(self, first: int) -> T | None:
        """A lot, if it is there and whole."""

    @abstractmethod
    def write(self, first: int, found: T) -> None:
        """Keep a lot; it is there when it is whole."""

    def settled(self) -> dict[str, Any]:
        """What the method decided on its first samples; nothing if it has not."""
        path = self.folder / _SETTLED
        if not path.is_file():
            return {}
        try:
            found = read_json(path)
        except InputError:
            return {}
        return dict(found) if isinstance(found, dict) else {}

    def settle(self, decided: Mapping[str, Any]) -> dict[str, Any]:
        """Keep what was decided; whoever came first is right, also for others who compute parts."""
        before = self.settled()
        if not before and decided:
            write_json(self.folder / _SETTLED, dict(decided))
        return before or dict(decided)

    def remove(self) -> None:
        """All of them: the evidence itself is stored."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def clean(self) -> None:
        """Remove what ended processes left half-written."""
        if self.folder.is_dir():
            remove_halves(self.folder)


class KeptPhotos(Kept[Evidence]):
    """Evidence of one photo each."""

    def read(self, first: int) -> Evidence | None:
        """The photo's evidence."""
        try:
            return load_evidence(self.folder / f"{first:08d}")
        except InputError:
            return None

    def write(self, first: int, found: Evidence) -> None:
        """Its files change together."""
        save_evidence(found, self.folder / f"{first:08d}")


class KeptBlocks(Kept[Attribution]):
    """What a method gave for some samples each, by the place of their first one."""

    def read(self, first: int) -> Attribution | None:
        """The block's arrays and what was said of them."""
        path = self._path(first)
        if not path.is_file():
            return None
        safetensors = require("safetensors", "reading evidence", "learn")
        try:
            with safetensors.safe_open(path, framework="numpy") as file:
                said = json.loads(file.metadata()["block"])
                arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no dict)
        except (safetensors.SafetensorError, OSError, TypeError, KeyError, ValueError):
            return None
        columns = {name[len(_COLUMN) :]: array for name, array in arrays.items() if name.startswith(_COLUMN)}
        tallies = {told: (int(some), int(of)) for told, (some, of) in said["tallies"].items()}
        given = {name: arrays[name] for name in _ARRAYS if name in arrays}
        return Attribution(**given, columns=columns, facts=said["facts"], tallies=tallies)

    def write(self, first: int, found: Attribution) -> None:
        """One file, which is there when it is whole."""
        numpy_io = require("safetensors.numpy", "storing evidence", "learn")
        arrays = {name: getattr(found, name) for name in _ARRAYS if getattr(found, name) is not None}
        arrays |= {_COLUMN + name: column for name, column in found.columns.items()}
        said = json.dumps({"facts": found.facts, "tallies": found.tallies})
        content = numpy_io.save({name: np.ascontiguousarray(a) for name, a in arrays.items()}, {"block": said})
        with atomic_path(self._path(first)) as path:
            path.write_bytes(content)

    def _path(self, first: int) -> Path:
        return self.folder / f"{first:08d}.safetensors"


def mark_of(inquiry: Inquiry, problem: Problem, scores: np.ndarray, *more: Any) -> str:
    """Which question this is: the model, the inputs and all settings; and what else it depends on."""
    model, arrays = inquiry.network.facts, getattr(inquiry.network.model, "arrays", {})
    facts = {
        "mien": [mien.__version__, PROCEDURE],
        "model": model,
        # Of a model whose weights are not known its answers say which it is.
        "weights": {name: _hash(array) for name, array in sorted(arrays.items())} or _hash(scores),
        "inputs": [_hash(array) for array in (problem.values, problem.baselines, problem.reference)],
        "names": [problem.space, problem.topology, *problem.names],
        "method": [inquiry.method.name, {name: _plain(value) for name, value in inquiry.settings.items()}],
        "question": [str(problem.target), inquiry.seed, problem.batch_size, str(problem.device), *more],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def _hash(array: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest() + str(array.shape)


def _plain(value: Any) -> Any:
    return _hash(np.asarray(value)) if isinstance(value, (np.ndarray, list)) else value
