"""Predictions for samples that the predicting model had not seen, nor (as a rule) anyone in them; written and read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.files import atomic_path
from mien.core.in_notebooks import InNotebooks
from mien.core.switch import settle
from mien.data.parquet import read_parquet
from mien.models.store import EVALUATION_FILE, PREDICTIONS_FILE, stored_evaluation
from mien.stats.pooling import Frame, frame_of_folds, units

# Answers that differ by less are the same, but for rounding.
_SAME = 1e-9
# What stands before the name of a class or a rating in a table of predictions.
PROBABILITY, PREDICTED, FRAME = "p_", "predicted_", ("level_", "spread_")


@dataclass(frozen=True, eq=False)
class Predictions(InNotebooks, ABC):
    """What is the same for classes and ratings.

    Attributes
    ----------
    path, subject : ndarray of str, shape (samples,)
    fold : ndarray of int, shape (samples,)
        Test fold of each sample; 0 where one stored model made all predictions.
    """

    path: np.ndarray
    subject: np.ndarray
    fold: np.ndarray

    @property
    def shares_people(self) -> bool:
        """Whether somebody is in several test folds, and so was known to the models (``'user-specific'``)."""
        pairs = {*zip(self.subject.astype(str), self.fold.tolist(), strict=True)}
        return len(pairs) > len({person for person, _ in pairs})

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """Names of the classes or ratings."""

    @property
    @abstractmethod
    def constant(self) -> tuple[str, ...]:
        """What every predicting model answered alike for all samples: names of ratings, or of all classes."""

    @abstractmethod
    def columns(self) -> dict[str, np.ndarray]:
        """The columns of the table, in order."""

    def write(self, path: Path) -> None:
        """Write a Parquet table.

        Of classes: path, subject, label, fold, and ``p_<class>`` for every class. Of ratings: path, subject, fold, and
        for every rating its name and ``predicted_<rating>``; of several models ``level_<rating>`` and
        ``spread_<rating>``, too.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        kinds = {"f": pa.float64(), "i": pa.int32()}
        columns = {
            name: pa.array(values, kinds[values.dtype.kind])
            if values.dtype.kind in kinds
            else pa.array([str(v) for v in values], pa.string())
            for name, values in self.columns().items()
        }
        with atomic_path(path) as temporary:
            pq.write_table(pa.table(columns), temporary)


@dataclass(frozen=True, eq=False)
class ClassPredictions(Predictions):
    """Probabilities of classes.

    Attributes
    ----------
    label : ndarray of str, shape (samples,)
    probabilities : ndarray, shape (samples, classes)
    classes : tuple of str
    """

    __repr__ = brief

    label: np.ndarray
    probabilities: np.ndarray
    classes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes."""
        return self.classes

    @property
    def predicted(self) -> np.ndarray:
        """The most probable class of each sample."""
        return np.array(self.classes, dtype=object)[self.probabilities.argmax(1)]

    @property
    def constant(self) -> tuple[str, ...]:
        """All classes, where what is said hangs on nothing but how many of each a model was trained on; else none."""
        if (self.predicted.astype(str) == self.label.astype(str)).all():
            return ()
        said: dict[bytes, list[np.ndarray]] = {}
        for number in np.unique(self.fold):
            test = self.fold == number
            counts = [int((self.label[test].astype(str) == name).sum()) for name in self.classes]
            said.setdefault(np.array(counts).tobytes(), []).append(self.probabilities[test])
        groups = [np.concatenate(rows) for rows in said.values()]
        alike = all(np.ptp(rows, axis=0).max(initial=0.0) <= _SAME for rows in groups)
        return self.classes if alike and len(groups) < len(self.label) else ()

    def columns(self) -> dict[str, np.ndarray]:
        """See ``write``."""
        said = {f"{PROBABILITY}{name}": self.probabilities[:, j] for j, name in enumerate(self.classes)}
        return {"path": self.path, "subject": self.subject, "label": self.label, "fold": self.fold, **said}


@dataclass(frozen=True, eq=False)
class RatingPredictions(Predictions):
    """Ratings in their own units.

    Attributes
    ----------
    truth, predicted : ndarray, shape (samples, ratings)
    ratings : tuple of str
    level, spread : ndarray, shape (samples, ratings), or None
        Mean and standard deviation of the predicting model's own answers for the samples that it was trained on.
    """

    __repr__ = brief

    truth: np.ndarray
    predicted: np.ndarray
    ratings: tuple[str, ...]
    level: np.ndarray | None = None
    spread: np.ndarray | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the ratings."""
        return self.ratings

    @property
    def frame(self) -> Frame | None:
        """What the predicting models had seen; None where one model made all predictions."""
        if len(np.unique(self.fold)) < 2:
            return None
        result = frame_of_folds(self.truth, self.fold)
        if self.level is None or self.spread is None:
            return result
        return Frame(result.reference, self.level, units(self.predicted, self.level, self.spread, self.fold))

    @property
    def constant(self) -> tuple[str, ...]:
        """Ratings of which every model said one number, of the samples that it was trained on, too."""
        size = np.abs(self.predicted).max(axis=0, initial=0.0)
        if len(np.unique(self.fold)) < 2:
            alike = np.ptp(self.predicted, axis=0) <= _SAME * size
        else:
            alike = np.zeros(len(self.ratings), bool) if self.spread is None else self.spread.max(0) <= _SAME * size
        return tuple(name for name, same in zip(self.ratings, alike, strict=True) if same)

    @property
    def pooled(self) -> np.ndarray:
        """Predictions as if one model had made them, (samples, ratings); see ``Frame.pooled``."""
        frame = self.frame
        if frame is None:
            return self.predicted
        return np.stack([frame.column(j).pooled(self.predicted[:, j]) for j in range(len(self.ratings))], axis=1)

    def columns(self) -> dict[str, np.ndarray]:
        """See ``write``."""
        columns = {"path": self.path, "subject": self.subject, "fold": self.fold}
        for j, name in enumerate(self.ratings):
            columns[name] = self.truth[:, j].astype(np.float64)
            for prefix in (PREDICTED, *FRAME):
                numbers = getattr(self, prefix.rstrip("_"))
                if numbers is not None:
                    columns[prefix + name] = numbers[:, j]
        return columns


AnyPredictions: TypeAlias = ClassPredictions | RatingPredictions


def read_predictions(path: str | Path) -> AnyPredictions:
    """Predictions that a training left in its model's folder.

    Parameters
    ----------
    path : str or Path
        The model's folder, or its ``predictions.parquet``.

    Raises
    ------
    InputError
        If there are none, or they are not those that the evaluation beside them names.
    """
    import pyarrow as pa

    path = Path(path)
    settle(path)
    file = path / PREDICTIONS_FILE if path.is_dir() else path
    if not file.is_file():
        raise InputError(f"{file} does not exist; 'mien train' writes it beside the model.")
    if path.is_dir() and (path / EVALUATION_FILE).is_file():
        stored_evaluation(path)  # the predictions are those that it names
    try:
        table = read_parquet(file)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{file} is not a readable Parquet file ({error}).") from error
    names = table.column_names
    ratings = tuple(name for name in names if PREDICTED + name in names)
    classes = tuple(name.removeprefix(PROBABILITY) for name in names if name.startswith(PROBABILITY))
    if not {"path", "subject", "fold"} <= set(names) or not (ratings or ("label" in names and classes)):
        raise InputError(f"{file} holds no predictions; 'mien train' writes them beside the model.")

    def numbers(prefix: str, outputs: tuple[str, ...]) -> np.ndarray:
        return np.stack([table[prefix + name].to_numpy().astype(np.float64) for name in outputs], axis=1)

    def texts(name: str) -> np.ndarray:
        return np.array(table[name].to_pylist(), dtype=object)

    of_samples = (texts("path"), texts("subject"), table["fold"].to_numpy())
    if not ratings:
        return ClassPredictions(*of_samples, texts("label"), numbers(PROBABILITY, classes), classes)
    framed = all(prefix + name in names for prefix in FRAME for name in ratings)
    level, spread = (numbers(prefix, ratings) if framed else None for prefix in FRAME)
    return RatingPredictions(*of_samples, numbers("", ratings), numbers(PREDICTED, ratings), ratings, level, spread)
