"""A probe on disk: ``probe.json``, ``weights.safetensors`` and ``predictions.parquet``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mien.core.brief import brief
from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import read_json, sha256_of, write_json
from mien.core.in_notebooks import Plotted
from mien.core.provenance import provenance
from mien.core.results import MISFIT
from mien.core.switch import settle, switched_together
from mien.core.words import did_you_mean
from mien.data.tables.parquet import read_parquet
from mien.responses.body_card import BodyCard
from mien.responses.probes.linear import Direction
from mien.responses.probes.rows import (
    BodyDifference,
    CalledFace,
    Estimated,
    LearningStep,
    PairedEffect,
    ProbeAnswers,
    ProbeScore,
)
from mien.responses.probes.scores import CHOSEN

if TYPE_CHECKING:
    import pandas

PROBE_FILE, WEIGHTS_FILE, PREDICTIONS_FILE = "probe.json", "weights.safetensors", "predictions.parquet"
_FORMAT = "mien probe 1"
_ANSWER = "answer_"
_ROWS: dict[str, Any] = {
    "scores": ProbeScore, "differences": BodyDifference, "called": CalledFace, "effects": PairedEffect,
    "curve": LearningStep,
}  # fmt: skip
_TEXTS = ("set", "path", "source", "category", "face")


@dataclass(frozen=True, eq=False)
class Probe(Plotted):
    """Linear probes of the layers of a network: can faces be told from everything else by what a layer answers.

    Attributes
    ----------
    body : BodyCard
        The network and what faces it has seen.
    target : str
        Column of categories.
    faces, against : tuple of str
        Categories that count as faces, and those that they were told from.
    within : str
        Column of styles; pictures were compared with those of the same style only. ``''``: with all.
    directions : mapping of str to Direction
        For each layer, fitted to all training pictures.
    scores : tuple of ProbeScore
        Layers from the first on and ``'chosen'``; after them those of the bodies beside.
    best : str
        The layer that does best in inner folds over all training pictures: the one that effects are told of. Its own
        score is somewhat flattered by the choice; that of ``'chosen'`` is not.
    answers : ProbeAnswers
    beside : tuple of BodyCard
        Bodies that were scored on the same pictures, and tables of low-level statistics.
    differences : tuple of BodyDifference
    called : tuple of CalledFace
    effects : tuple of PairedEffect
    curve : tuple of LearningStep
    settings : dict
    notes : tuple of str
        What has to be known with the numbers, in sentences.
    """

    __repr__ = brief

    body: BodyCard
    target: str
    faces: tuple[str, ...]
    against: tuple[str, ...]
    within: str
    directions: Mapping[str, Direction]
    scores: tuple[ProbeScore, ...]
    best: str
    answers: ProbeAnswers
    beside: tuple[BodyCard, ...] = ()
    differences: tuple[BodyDifference, ...] = ()
    called: tuple[CalledFace, ...] = ()
    effects: tuple[PairedEffect, ...] = ()
    curve: tuple[LearningStep, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers, from the first on."""
        return tuple(self.directions)

    def direction(self, layer: str = "") -> Direction:
        """Weights and intercept on a layer's raw answers (``Activations.layer``).

        Parameters
        ----------
        layer : str
            By default ``best``.

        Returns
        -------
        Direction

        Raises
        ------
        InputError
            If there is no such layer; the sentence says which there are.
        """
        name = layer or self.best
        if name not in self.directions:
            raise InputError(
                f"The probe has no layer '{name}'.{did_you_mean(name, self.layers)} There are: "
                f"{', '.join(self.layers)}."
            )
        return self.directions[name]

    def score(self, layer: str, body: str = "") -> ProbeScore:
        """The scores of one layer.

        Parameters
        ----------
        layer : str
            Or ``'chosen'``.
        body : str
            Another body's name in ``scores``; by default the probe's own.

        Returns
        -------
        ProbeScore

        Raises
        ------
        InputError
            If there are none.
        """
        for row in self.scores:
            if (row.layer, row.body) == (layer, body):
                return row
        raise InputError(f"There are no scores of layer '{layer}'{f' of {body}' if body else ''}.")

    @property
    def own(self) -> tuple[ProbeScore, ...]:
        """Scores of the probe's own layers, from the first on, without ``'chosen'``."""
        return tuple(row for row in self.scores if not row.body and row.layer != CHOSEN)

    @property
    def table(self) -> pandas.DataFrame:
        """The scores as a DataFrame."""
        return self._table("scores")

    @property
    def called_table(self) -> pandas.DataFrame:
        """Shares called face as a DataFrame."""
        return self._table("called")

    @property
    def effect_table(self) -> pandas.DataFrame:
        """Paired effects as a DataFrame."""
        return self._table("effects")

    def _table(self, name: str) -> pandas.DataFrame:
        pandas = require("pandas", "A table of a probe", "learn")
        return pandas.json_normalize([asdict(row) for row in getattr(self, name)], sep="_")

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "format": _FORMAT, "body": asdict(self.body), "target": self.target, "faces": list(self.faces),
            "against": list(self.against), "within": self.within, "best": self.best,
            "intercepts": {name: direction.intercept for name, direction in self.directions.items()},
            "beside": [asdict(card) for card in self.beside],
            **{name: [_plain(asdict(row)) for row in getattr(self, name)] for name in _ROWS},
            "settings": self.settings, "notes": list(self.notes),
        }  # fmt: skip

    def write(self, folder: str | Path) -> Path:
        """Write ``probe.json``, ``weights.safetensors`` and ``predictions.parquet``.

        Parameters
        ----------
        folder : str or Path

        Returns
        -------
        Path
            ``folder``.
        """
        import pyarrow as pa
        import pyarrow.parquet as pq

        folder = Path(folder)
        content = require("safetensors.numpy", "Storing a probe", "learn").save(
            {name: np.ascontiguousarray(direction.weights) for name, direction in self.directions.items()}
        )
        columns: dict[str, Any] = {name: getattr(self.answers, name).astype(str) for name in _TEXTS}
        columns["fold"] = self.answers.fold
        columns |= {_ANSWER + name: self.answers.values[:, j] for j, name in enumerate(self.answers.layers)}
        with switched_together(folder, (PROBE_FILE, WEIGHTS_FILE, PREDICTIONS_FILE)) as new:
            (new / WEIGHTS_FILE).write_bytes(content)
            pq.write_table(pa.table(columns), new / PREDICTIONS_FILE)
            sums = {"weights_sha256": hashlib.sha256(content).hexdigest(),
                    "predictions_sha256": sha256_of(new / PREDICTIONS_FILE)}  # fmt: skip
            write_json(new / PROBE_FILE, provenance(**self.to_json(), **sums))
        return folder


def load_probe(folder: str | Path) -> Probe:
    """Read a stored probe.

    Parameters
    ----------
    folder : str or Path
        That ``mien.probe`` was given as ``output``.

    Returns
    -------
    Probe

    Raises
    ------
    InputError
        If a file is missing, damaged, or they do not belong together.
    """
    folder = Path(folder)
    settle(folder)
    if not (folder / PROBE_FILE).is_file():
        raise InputError(f"{folder} holds no probe: there is no {PROBE_FILE}. 'mien probe' writes it.")
    found = read_json(folder / PROBE_FILE)
    for file, name in ((WEIGHTS_FILE, "weights_sha256"), (PREDICTIONS_FILE, "predictions_sha256")):
        if not (folder / file).is_file() or sha256_of(folder / file) != found.get(name):
            raise InputError(
                f"{folder / file} is missing or is not the file that {PROBE_FILE} names; run 'mien probe' again."
            )
    arrays = require("safetensors.numpy", "Reading a probe", "learn").load_file(folder / WEIGHTS_FILE)
    try:
        if found["format"] != _FORMAT:
            raise KeyError(found["format"])
        directions = {
            name: Direction(arrays[name], float(intercept)) for name, intercept in found["intercepts"].items()
        }
        rows: dict[str, Any] = {name: tuple(_row(kind, row) for row in found[name]) for name, kind in _ROWS.items()}
        lists: dict[str, Any] = {name: tuple(map(str, found[name])) for name in ("faces", "against", "notes")}
        texts: dict[str, Any] = {name: str(found[name]) for name in ("target", "within", "best")}
        beside = tuple(BodyCard(**card) for card in found["beside"])
        answers = _answers(folder / PREDICTIONS_FILE, tuple(directions))
        return Probe(
            body=BodyCard(**found["body"]), directions=directions, answers=answers, beside=beside,
            settings=dict(found["settings"]), **rows, **lists, **texts,
        )  # fmt: skip
    except MISFIT as error:
        raise InputError(f"{folder / PROBE_FILE} was not written by 'mien probe' ({error}); run it again.") from error


def _answers(path: Path, layers: tuple[str, ...]) -> ProbeAnswers:
    table = read_parquet(path)[0]
    texts = {name: np.array(table[name].to_pylist(), dtype=object) for name in _TEXTS}
    values = np.stack([table[_ANSWER + name].to_numpy().astype(np.float64) for name in layers], axis=1)
    return ProbeAnswers(**texts, fold=table["fold"].to_numpy(), values=values, layers=layers)


def _plain(value: Any) -> Any:
    """Infinite numbers as text, which JSON has no number for."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    return str(value) if isinstance(value, float) and np.isinf(value) else value


def _row(kind: Any, row: dict[str, Any]) -> Any:
    hints = {part.name: str(part.type) for part in fields(kind)}
    return kind(**{name: _cell(hints[name], value) for name, value in row.items()})


def _cell(hint: str, given: Any) -> Any:
    if hint == "Estimated":
        value, low, high, p = (_number(given[name]) for name in ("value", "low", "high", "p"))
        return Estimated(value, low, high, p, str(given["withheld"]))
    return _number(given) if hint == "float" else given


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)
