"""What was decoded, from which streams, how well; on disk ``decoding.json``, with rows and arrays beside it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.brain_space import BrainSpace
from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.in_notebooks import Plotted
from mien.core.results import number
from mien.core.words import DASH
from mien.core.words import number as written
from mien.data.result_files import ResultFiles, texts_of
from mien.decoding.decoders import FittedDecoder
from mien.decoding.score import DecodingScore

DECODING_FILE = "decoding.json"
_FILES = ResultFiles(
    "mien decode", "mien decoding 1", DECODING_FILE, {"rows": "rows.parquet", "arrays": "arrays.safetensors"}
)


@dataclass(frozen=True, eq=False)
class DecodedSource:
    """One stream that was decoded from.

    Attributes
    ----------
    name : str
    columns : tuple of str
    values : ndarray of float32, shape (rows, columns)
        What the decoders saw, each run in its own standard deviations.
    scores : ndarray of float64, shape (rows, outputs)
        Of decoders trained without the row; NaN where no fold tested it.
    folds : tuple of FittedDecoder
        One for each of ``Decoding.folds``.
    space : BrainSpace or None
        Where the columns are.
    """

    __repr__ = brief

    name: str
    columns: tuple[str, ...]
    values: np.ndarray
    scores: np.ndarray
    folds: tuple[FittedDecoder, ...]
    space: BrainSpace | None = None


@dataclass(frozen=True)
class DecodingContrast:
    """One stream beside another one on the same rows and folds.

    Attributes
    ----------
    one, other : str
    score : str
    difference, low, high : float
        Mean of the units' differences, with its 95 % interval over them; NaN where there are fewer than four.
    p : float
        Of sign flips over them.
    p_corrected : float
        By Holm, over all pairs.
    one_mean, other_mean : float
        Means of the two sources' scores in each unit, whose difference it is. The score of all rows together (of
        ``DecodingScore``) may be another one, as a run rarely shows all classes alike.
    over : str
        ``'viewers'`` or ``'runs'``; ``''`` in files of earlier versions.
    units : int
        How many of them.
    """

    one: str
    other: str
    score: str
    difference: float
    low: float
    high: float
    p: float
    p_corrected: float
    one_mean: float = float("nan")
    other_mean: float = float("nan")
    over: str = ""
    units: int = 0

    @property
    def means(self) -> str:
        """``0.58 − 0.37 (means over 8 runs)``; a dash where that is not known."""
        if not self.units:
            return DASH
        return f"{written(self.one_mean)} − {written(self.other_mean)} (means over {self.units} {self.over})"


@dataclass(frozen=True, eq=False)
class Decoding(Plotted):
    """What is decodable from streams.

    Attributes
    ----------
    target : str
    classes : tuple of str
        Empty for a number.
    observed : ndarray, shape (rows,)
        Codes of the classes, or numbers.
    run, viewer, fold : ndarray of str, shape (rows,)
        ``fold`` is the name of the fold that tested it.
    time_s : ndarray of float64, shape (rows,)
    folds : tuple of (str, str)
        Name and viewer of each fold.
    sources : tuple of DecodedSource
    scores : tuple of DecodingScore
    contrasts : tuple of DecodingContrast
    confusion : dict of str to ndarray of int, each of shape (classes, classes)
        By source: rows are what was observed.
    settings : dict
    notes : tuple of str
    """

    __repr__ = brief

    target: str
    classes: tuple[str, ...]
    observed: np.ndarray
    run: np.ndarray
    viewer: np.ndarray
    fold: np.ndarray
    time_s: np.ndarray
    folds: tuple[tuple[str, str], ...]
    sources: tuple[DecodedSource, ...]
    scores: tuple[DecodingScore, ...]
    contrasts: tuple[DecodingContrast, ...] = ()
    confusion: dict[str, np.ndarray] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def targets(self) -> tuple[str, ...]:
        """What scores' columns are for: the classes, of two the second, of a number the target."""
        return self.classes[1:] if len(self.classes) == 2 else self.classes or (self.target,)

    def source(self, name: str = "") -> DecodedSource:
        """One source by its name; the first without one.

        Raises
        ------
        InputError
            If there is none of that name.
        """
        for one in self.sources:
            if name in ("", one.name):
                return one
        raise InputError(f"Nothing was decoded from '{name}'; there are {', '.join(s.name for s in self.sources)}.")

    def score(self, source: str, name: str = "") -> DecodingScore:
        """A source's score; the main one without a name."""
        return next(row for row in self.scores if row.source == source and name in ("", row.score))

    def rows_of(self, fold: int, *, training: bool = False) -> np.ndarray:
        """Indices of the rows that a fold tested, or (``training``) could be trained on, without regard to gaps."""
        name, viewer = self.folds[fold]
        tested = (self.fold == name) & (self.viewer == viewer)
        if not training:
            return np.flatnonzero(tested)
        own = self.viewer == viewer
        if self.settings.get("leave_out") == "viewer":
            # Of viewers who saw the same, a fold is a run of a viewer, and nobody's rows of that run were trained on.
            rest = ~own if name == viewer else ~own & (self.run != name)
        else:
            rest = own & ~tested
        return np.flatnonzero(rest)

    def write(self, folder: str | Path) -> Path:
        """Write the result into a folder, such as ``STUDY/decoding/NAME``."""
        arrays: dict[str, np.ndarray] = {}
        sources = []
        for place, source in enumerate(self.sources):
            arrays[f"{place} values"] = source.values.astype(np.float32)
            arrays[f"{place} scores"] = source.scores
            fitted = []
            for number_of, one in enumerate(source.folds):
                start = f"{place} {number_of} "
                arrays |= {start + "columns": one.columns, start + "centre": one.centre, start + "scale": one.scale}
                arrays |= {f"{start}array {name}": array for name, array in one.arrays.items()}
                fitted.append(
                    {"kind": one.kind, "arrays": list(one.arrays), "booster": one.booster, "settings": one.settings,
                     "total": one.total}
                )  # fmt: skip
            sources.append(
                {"name": source.name, "columns": list(source.columns), "folds": fitted,
                 "space": None if source.space is None else _space(source.space, f"{place} space ", arrays)}
            )  # fmt: skip
        rows = {
            "run": self.run.astype(str), "viewer": self.viewer.astype(str), "fold": self.fold.astype(str),
            "time_s": self.time_s,
            "observed": np.array([self.classes[c] for c in self.observed]) if self.classes else self.observed,
        }  # fmt: skip
        facts = {
            "target": self.target, "classes": list(self.classes), "folds": [list(one) for one in self.folds],
            "sources": sources, "scores": [asdict(row) for row in self.scores],
            "contrasts": [asdict(row) for row in self.contrasts],
            "confusion": {name: matrix.tolist() for name, matrix in self.confusion.items()},
            "settings": self.settings, "notes": list(self.notes),
        }  # fmt: skip
        return _FILES.write(folder, facts, {"rows": {name: list(v) for name, v in rows.items()}, "arrays": arrays})

    @classmethod
    def read(cls, folder: str | Path) -> Decoding:
        """Read what ``write`` wrote.

        Raises
        ------
        InputError
            If a file is missing, damaged or something else.
        """
        return _FILES.read(folder, _decoding)


def _decoding(facts: Any, parts: dict[str, Any]) -> Decoding:
    rows, arrays = parts["rows"], parts["arrays"]
    classes = tuple(str(name) for name in facts["classes"])
    observed = rows["observed"].to_numpy(zero_copy_only=False)
    codes = {name: code for code, name in enumerate(classes)}
    sources = []
    for place, source in enumerate(facts["sources"]):
        folds = []
        for number_of, one in enumerate(source["folds"]):
            start = f"{place} {number_of} "
            folds.append(
                FittedDecoder(
                    one["kind"], arrays[start + "columns"], arrays[start + "centre"], arrays[start + "scale"],
                    {name: arrays[f"{start}array {name}"] for name in one["arrays"]}, one["booster"], one["settings"],
                    int(one["total"]),
                )
            )  # fmt: skip
        space = None if source["space"] is None else _read_space(source["space"], f"{place} space ", arrays)
        sources.append(
            DecodedSource(source["name"], tuple(source["columns"]), arrays[f"{place} values"],
                          arrays[f"{place} scores"], tuple(folds), space)
        )  # fmt: skip
    numbers = ("value", "low", "high", "chance", "p", "difference", "p_corrected", "p_viewers", "one_mean",
               "other_mean")  # fmt: skip

    def row(kind: Any, found: dict[str, Any]) -> Any:
        return kind(**{name: number(value) if name in numbers else value for name, value in found.items()})

    return Decoding(
        target=facts["target"], classes=classes,
        observed=np.array([codes[str(word)] for word in observed]) if classes else observed.astype(np.float64),
        run=texts_of(rows, "run"), viewer=texts_of(rows, "viewer"), fold=texts_of(rows, "fold"),
        time_s=rows["time_s"].to_numpy(), folds=tuple((str(a), str(b)) for a, b in facts["folds"]),
        sources=tuple(sources), scores=tuple(row(DecodingScore, one) for one in facts["scores"]),
        contrasts=tuple(row(DecodingContrast, one) for one in facts["contrasts"]),
        confusion={name: np.array(matrix) for name, matrix in facts["confusion"].items()},
        settings=facts["settings"], notes=tuple(facts["notes"]),
    )  # fmt: skip


def _space(space: BrainSpace, start: str, arrays: dict[str, np.ndarray]) -> dict[str, Any]:
    for name in ("affine", "voxels", "column", "centres_mm"):
        arrays[start + name] = getattr(space, name)
    return {"names": space.names.tolist(), "unit": space.unit, "shape": list(space.shape)}


def _read_space(facts: dict[str, Any], start: str, arrays: dict[str, np.ndarray]) -> BrainSpace:
    a, b, c = (int(size) for size in facts["shape"])
    return BrainSpace(
        np.array(facts["names"], dtype=object), facts["unit"], (a, b, c), arrays[start + "affine"],
        arrays[start + "voxels"], arrays[start + "column"], arrays[start + "centres_mm"],
    )  # fmt: skip
