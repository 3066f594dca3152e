"""Folds of a training on disk until all are there: jobs of an array fit some each, a last run puts them together."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import mien
from mien.core.extras import require
from mien.core.files import atomic_path, remove_halves, sha256_of
from mien.stats.folds import Fold

if TYPE_CHECKING:
    from mien.learn.fold_work import FoldWork

FOLDS = "folds"
# To be raised when the same data and settings give other folds than before.
PROCEDURE = 1


class KeptFolds:
    """What was computed of folds, each in a file whose name says of which work and which samples it is.

    Parameters
    ----------
    folder : Path
        Of the model.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / FOLDS
        if self.folder.is_dir():
            remove_halves(self.folder)

    @classmethod
    def left(cls, folder: Path) -> KeptFolds | None:
        """Those that parts have left in a model's folder, if there are any."""
        return cls(folder) if (folder / FOLDS).is_dir() else None

    def of(self, work: FoldWork) -> KeptWork:
        """Those of one work."""
        return KeptWork(self.folder, _mark(work))

    def remove(self) -> None:
        """All of them: the model is stored."""
        shutil.rmtree(self.folder, ignore_errors=True)


class KeptWork:
    """Kept folds of one work.

    Parameters
    ----------
    folder : Path
    mark : str
        Which work it is.
    """

    def __init__(self, folder: Path, mark: str) -> None:
        self._folder, self._mark = folder, mark

    def has(self, fold: Fold) -> bool:
        """Whether a fold is there."""
        return self._path(fold).is_file()

    def read(self, fold: Fold) -> tuple[Any, ...] | None:
        """What was computed of a fold, if it is there and whole."""
        if not self.has(fold):
            return None
        safetensors = require("safetensors", "reading folds", "learn")
        try:
            with safetensors.safe_open(self._path(fold), framework="numpy") as file:
                said = json.loads(file.metadata()["fold"])
                return tuple(file.get_tensor(str(i)) if one is None else one for i, one in enumerate(said))
        except (safetensors.SafetensorError, OSError, TypeError, KeyError, ValueError):
            return None

    def write(self, fold: Fold, found: tuple[Any, ...]) -> None:
        """Keep what was computed: arrays, and what JSON holds."""
        numpy_io = require("safetensors.numpy", "keeping folds", "learn")
        arrays = {str(i): np.ascontiguousarray(one) for i, one in enumerate(found) if isinstance(one, np.ndarray)}
        said = json.dumps([None if isinstance(one, np.ndarray) else one for one in found])
        with atomic_path(self._path(fold)) as path:
            path.write_bytes(numpy_io.save(arrays, {"fold": said}))

    def _path(self, fold: Fold) -> Path:
        train, test = (np.asarray(rows, dtype=np.int64).tobytes() for rows in fold)
        name = hashlib.sha256(b" ".join([self._mark.encode(), train, b"/", test])).hexdigest()[:32]
        return self._folder / f"{name}.safetensors"


def _mark(work: FoldWork) -> str:
    """Which work it is: the estimator with all settings, the samples, and what is wanted of each fold."""
    facts = {
        "mien": [mien.__version__, PROCEDURE],
        "work": [type(work).__qualname__, *work.facts()],
        "estimator": _estimator(work.make),
        "samples": [_hash(array) for array in (work.values, work.y, work.subjects)],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()


def _estimator(make: Callable[[], Any]) -> list[Any]:
    """What makes an estimator, and all that it is given."""
    given: dict[str, Any] = {}
    while isinstance(make, partial):
        given = {**make.keywords, **{str(i): one for i, one in enumerate(make.args)}, **given}
        make = make.func
    return [make.__module__, make.__qualname__, {name: _plain(value) for name, value in sorted(given.items())}]


def _plain(value: Any) -> Any:
    """A setting as JSON; of a file its content, so that other first weights are another estimator."""
    if isinstance(value, np.ndarray):
        return _hash(value)
    if isinstance(value, (str, Path)) and str(value) and len(str(value)) < 1000 and Path(value).is_file():
        return [str(value), sha256_of(Path(value))]
    return value


def _hash(array: np.ndarray) -> str:
    # Names of people and classes come as objects, whose bytes are addresses.
    array = array.astype(str) if array.dtype == object else array
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest() + f"{array.shape}{array.dtype}"
