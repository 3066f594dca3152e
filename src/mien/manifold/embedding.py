"""A map, and maps on disk: ``embedding.parquet`` holds a row per sample, ``embedding.json`` everything else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.in_notebooks import Plotted
from mien.data.result_files import ResultFiles, columns_as, texts_of
from mien.manifold.attribute_tests import AttributeTest
from mien.manifold.quality import Quality
from mien.manifold.sources import MapRows

if TYPE_CHECKING:
    import pandas as pd

_FORMAT = "mien embedding 1"
TABLE, FACTS = "embedding.parquet", "embedding.json"
_FILES = ResultFiles("mien embed", _FORMAT, FACTS, {"table": TABLE}, ("*.svg",), optional=("table",))


@dataclass(frozen=True, eq=False)
class Embedding(Plotted):
    """A map.

    Attributes
    ----------
    coordinates : ndarray of float64, shape (samples, dimensions)
        One row per row that was given; NaN where it was left out because a value was missing.
    measures : list of Quality
    tests : list of AttributeTest
    method : str
    settings : dict
    ids, subjects : ndarray of str, shape (samples,)
    attributes : dict of str to ndarray of float64, shape (samples,)
        What was tested, in the order of the rows.
    facts : dict
        What the method says about itself, such as the variance explained, ``notes`` on the rows, and
        ``cautions``.
    rows : MapRows or None
        What is known of the rows beside their numbers (pictures, attributes, credit); None for plain arrays and maps
        that were read from disk.
    """

    __repr__ = brief

    coordinates: np.ndarray
    measures: list[Quality]
    tests: list[AttributeTest]
    method: str
    settings: dict[str, Any]
    ids: np.ndarray
    subjects: np.ndarray
    attributes: dict[str, np.ndarray]
    facts: dict[str, Any] = field(default_factory=dict)
    rows: MapRows | None = None
    _place: Callable[[Any], np.ndarray] | None = None

    def __len__(self) -> int:
        return len(self.coordinates)

    @property
    def cautions(self) -> tuple[str, ...]:
        """Of a map of a model's answers: that it is not shown to predict, and that it was fitted to these faces."""
        return tuple(map(str, self.facts.get("cautions", ())))

    @property
    def quality(self) -> pd.DataFrame:
        """One row per measure with its chance level."""
        return require("pandas", "Tables", "learn").DataFrame([asdict(m) for m in self.measures])

    @property
    def attribute_tests(self) -> pd.DataFrame:
        """One row per attribute: share explained, chance, p, corrected p."""
        names = list(AttributeTest.__dataclass_fields__)
        return require("pandas", "Tables", "learn").DataFrame([asdict(t) for t in self.tests], columns=names)

    def transform(self, x: Any) -> np.ndarray:
        """Places of new rows on the map, shape (rows, dimensions); the map itself does not change.

        A row that the map was made of is put exactly where it is; a new one by the method's own extension, whose error
        is among ``measures``.

        Parameters
        ----------
        x : array, DataFrame, Features, Evidence or Samples
            Tables and ratings by the names of their columns, all else by their order.

        Raises
        ------
        InputError
            If the rows have other columns, or values that are not finite, or the map was read from disk.
        """
        if self._place is None:
            raise InputError("A map that was read from disk cannot place new rows; draw it again with mien.embed.")
        return self._place(x)


def cautions_of(embeddings: Iterable[Embedding]) -> list[str]:
    """What has to be said beside maps of a model, each sentence once."""
    return list(dict.fromkeys(sentence for found in embeddings for sentence in found.cautions))


def save_embedding(embedding: Embedding, folder: str | Path) -> Path:
    """Write a map: both files change together, and the JSON names the hash of the table.

    Returns
    -------
    Path
        ``folder``.
    """
    columns: dict[str, Any] = {"id": embedding.ids.tolist(), "subject": embedding.subjects.tolist()}
    columns |= {f"dimension {i + 1}": column for i, column in enumerate(embedding.coordinates.T)}
    columns |= {f"attribute {name}": column for name, column in embedding.attributes.items()}
    facts = {
        "method": embedding.method,
        "settings": embedding.settings,
        "facts": embedding.facts,
        "quality": [_plain(asdict(m)) for m in embedding.measures],
        "attribute_tests": [_plain(asdict(t)) for t in embedding.tests],
    }
    return _FILES.write(folder, facts, {"table": columns})


def load_embedding(folder: str | Path) -> Embedding:
    """Read what ``save_embedding`` wrote; the map can be looked at, but cannot place new points.

    Raises
    ------
    InputError
        If a file is missing or damaged.
    """
    return _FILES.read(folder, _result)


def _result(facts: dict[str, Any], parts: dict[str, Any]) -> Embedding:
    table = parts["table"]
    names = table.column_names
    return Embedding(
        coordinates=columns_as(table, [name for name in names if name.startswith("dimension ")]),
        measures=[Quality(**_numbers(m)) for m in facts["quality"]],
        tests=[AttributeTest(**{**_numbers(t), "left_out": tuple(t["left_out"])}) for t in facts["attribute_tests"]],
        method=facts["method"],
        settings=facts["settings"],
        ids=texts_of(table, "id"),
        subjects=texts_of(table, "subject"),
        attributes={
            name.removeprefix("attribute "): table[name].to_numpy() for name in names if name.startswith("attribute ")
        },
        facts=facts["facts"],
    )


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {k: None if isinstance(v, float) and not np.isfinite(v) else v for k, v in row.items()}


def _numbers(row: dict[str, Any]) -> dict[str, Any]:
    return {k: float("nan") if v is None else v for k, v in row.items()}
