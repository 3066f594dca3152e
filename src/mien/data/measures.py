"""Measures: what faces did over time in numbers, one row per recording, with a codebook."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from shlex import quote
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.files import atomic_path, read_json, write_json, write_text
from mien.core.patterns import chosen
from mien.data.native import native_file
from mien.data.parquet import read_parquet

# In a folder MEASURES/: blocks of rows, facts, and the codebook for people.
BLOCKS, FACTS, CODEBOOK = "block-*.parquet", "measures.json", "codebook.csv"
_FORMAT = "mien measures 1"
OK = "ok"


@dataclass(frozen=True)
class Measure:
    """One line of the codebook.

    Attributes
    ----------
    name : str
        Column, such as ``'mouthSmileLeft mean'`` or, of a window, ``'reading: mouthSmileLeft mean'``.
    channel : str
        What was measured in every frame: ``'mouthSmileLeft'``, ``'AU12_r'``, ``'yaw'``.
    statistic : str
        What became of it over time: ``'mean'``, ``'bouts per minute'``.
    unit : str
        ``'1'`` for numbers without one.
    meaning : str
        In a sentence.
    group : str
        Kind of channel: ``'blendshapes'``, ``'action units'``, ``'head'``, ``'gaze'``, ``'eyelids'``, ``'irises'``,
        ``'distances'``, ``'other'``.
    window : str
        Task or event; ``''`` for the whole recording.
    """

    name: str
    channel: str
    statistic: str
    unit: str = "1"
    meaning: str = ""
    group: str = "other"
    window: str = ""


@dataclass(frozen=True, eq=False)
class Measures:
    """Numbers of recordings, one row each.

    Attributes
    ----------
    source : ndarray of str, shape (recordings,)
        As ``Faces.source``.
    values : ndarray of float32, shape (recordings, measures)
        NaN where a recording has none.
    codebook : tuple of Measure
        One for each column.
    status : ndarray of str, shape (recordings,)
        ``'ok'`` or why there are no values.
    quality : dict of str to ndarray of float64, each of shape (recordings,)
        About the recording, not the face: ``'frames'``, ``'duration_s'``, ``'usable share'`` and others. They are
        beside the measures, so that a model of recording quality alone can be compared with.
    settings : dict
        What they were computed with; JSON-like.
    """

    __repr__ = brief

    source: np.ndarray
    values: np.ndarray
    codebook: tuple[Measure, ...]
    status: np.ndarray
    quality: dict[str, np.ndarray] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=np.float32)
        rows = len(self.source)
        if values.shape != (rows, len(self.codebook)):
            raise InputError(
                f"Measures: {rows} recordings and {len(self.codebook)} lines of the codebook need values of that "
                f"shape, but got {values.shape}."
            )
        names = self.names
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError(f"Measures: the codebook names '{twice}' twice.")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "source", np.array([str(s) for s in self.source], dtype=object))
        object.__setattr__(self, "status", np.array([str(s) for s in self.status], dtype=object))
        quality = {name: np.asarray(column, dtype=np.float64) for name, column in self.quality.items()}
        object.__setattr__(self, "quality", quality)
        for name, column in {"status": self.status, **quality}.items():
            if column.shape != (rows,):
                raise InputError(f"Measures: '{name}' must have {rows} values, but has shape {column.shape}.")

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, rows: Any) -> Measures:
        """Recordings by slice, mask or array of indices."""
        quality = {name: column[rows] for name, column in self.quality.items()}
        return replace(
            self, source=self.source[rows], values=self.values[rows], status=self.status[rows], quality=quality
        )

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return [measure.name for measure in self.codebook]

    @property
    def ok(self) -> np.ndarray:
        """Mask of the recordings that have values, shape (recordings,)."""
        return self.status == OK

    @property
    def why(self) -> np.ndarray:
        """Why recordings have no values, without the numbers of each: ``'too short'``; ``''`` where they have some."""
        return np.array(["" if text == OK else text.partition(":")[0] for text in self.status], dtype=object)

    def select(self, patterns: Sequence[str]) -> Measures:
        """Some of the columns, by names or patterns such as ``'mouthSmile*'``; ``'!'`` in front leaves out."""
        names = self.names
        kept = chosen(names, patterns, "the codebook")
        places = [names.index(name) for name in kept]
        return replace(self, values=self.values[:, places], codebook=tuple(self.codebook[i] for i in places))

    def beside(self, source: Sequence[str], absent: str = "not measured") -> Measures:
        """Rows in the order of other sources; those that are not there are NaN with the status ``absent``."""
        place = {name: row for row, name in enumerate(self.source)}
        rows = np.array([place.get(str(name), -1) for name in source], dtype=int)
        known = rows >= 0
        values = np.full((len(known), len(self.codebook)), np.nan, dtype=np.float32)
        status = np.full(len(known), absent, dtype=object)
        quality = {name: np.full(len(known), np.nan) for name in self.quality}
        taken = self[rows[known]]
        values[known], status[known] = taken.values, taken.status
        for name, column in quality.items():
            column[known] = taken.quality[name]
        return replace(self, source=np.array(list(source), dtype=object), values=values, status=status, quality=quality)

    def write_block(self, folder: Path, name: str, facts: dict[str, Any] | None = None) -> Path:
        """Write these rows as ``block-NAME.parquet``, atomically; ``write_facts`` completes the folder.

        ``facts`` stand in the file's metadata, where ``mien.data.shards.read_facts`` reads them.
        """
        columns: dict[str, Any] = {"source": pa.array(self.source.tolist()), "status": pa.array(self.status.tolist())}
        columns |= {f"quality:{key}": pa.array(column) for key, column in self.quality.items()}
        columns |= {name: pa.array(self.values[:, i]) for i, name in enumerate(self.names)}
        path = Path(folder) / f"block-{name}.parquet"
        with atomic_path(path) as temporary, temporary.open("wb") as file:
            table = pa.table(columns).replace_schema_metadata({"mien.facts": json.dumps(facts or {})})
            pq.write_table(table, file, compression="zstd", use_dictionary=False, write_statistics=False)
        return path

    def write_facts(self, folder: Path) -> None:
        """Write codebook and settings beside the blocks."""
        lines = io.StringIO()
        writer = csv.DictWriter(lines, list(Measure.__dataclass_fields__), lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(measure) for measure in self.codebook)
        write_text(Path(folder) / CODEBOOK, lines.getvalue())
        facts = {"format": _FORMAT, "settings": self.settings, "codebook": [asdict(m) for m in self.codebook]}
        write_json(Path(folder) / FACTS, json.loads(json.dumps(facts)))

    def write(self, folder: str | Path) -> None:
        """Write all rows as one block, with codebook and settings.

        Parameters
        ----------
        folder : str or Path
        """
        self.write_block(Path(folder), "0")
        self.write_facts(Path(folder))

    @classmethod
    def read(cls, folder: str | Path) -> Measures:
        """Read all blocks of a folder, or of the ``measures/`` in a study.

        Parameters
        ----------
        folder : str or Path

        Returns
        -------
        Measures

        Raises
        ------
        InputError
            If there are none or they were edited.
        """
        place = Path(folder) if (Path(folder) / FACTS).is_file() else Path(folder) / "measures"
        if not (place / FACTS).is_file():
            raise InputError(f"{folder} holds no measures; compute them with: mien functionals {quote(str(folder))}")
        facts = read_json(place / FACTS)
        if not isinstance(facts, dict) or facts.get("format") != _FORMAT:
            raise InputError(f"{place / FACTS} was not written by this version of mien; compute the measures again.")
        try:
            codebook = tuple(Measure(**line) for line in facts["codebook"])
            tables = [_table(path) for path in sorted(place.glob(BLOCKS))]
            # A block holds the columns that its recordings have.
            table = pa.concat_tables(tables, promote_options="default")
            names = [name for name in table.column_names if name.startswith("quality:")]
            empty = np.empty((len(table), 0), dtype=np.float32)
            values = [table[measure.name].to_numpy() for measure in codebook]
            return cls(
                np.array(table["source"].to_pylist(), dtype=object),
                np.stack(values, axis=1) if values else empty,
                codebook,
                np.array(table["status"].to_pylist(), dtype=object),
                {name.removeprefix("quality:"): table[name].to_numpy() for name in names},
                facts["settings"],
            )
        except (KeyError, TypeError, ValueError, OSError, pa.ArrowException) as error:
            raise InputError(f"{place} does not hold what its {FACTS} says ({error}); compute it again.") from error


def read_quality(folder: str | Path) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Status of all recordings and the numbers about them, without the measures, which are many.

    Parameters
    ----------
    folder : str or Path
        That holds the blocks.

    Raises
    ------
    InputError
        If a block cannot be read.
    """
    try:
        tables = []
        for path in sorted(Path(folder).glob(BLOCKS)):
            with native_file(path) as file, pq.ParquetFile(file) as opened:
                names = [name for name in opened.schema_arrow.names if name.startswith("quality:")]
                tables.append(opened.read(columns=["status", *names]))
        table = pa.concat_tables(tables, promote_options="default")
    except (OSError, ValueError, pa.ArrowException) as error:
        raise InputError(f"{folder} does not hold whole blocks of measures ({error}); compute them again.") from error
    quality = {name.removeprefix("quality:"): table[name].to_numpy() for name in table.column_names if name != "status"}
    return np.array(table["status"].to_pylist(), dtype=object), quality


def _table(path: Path) -> pa.Table:
    with native_file(path) as file:
        return read_parquet(file)
