"""What a study folder holds, read part by part; what cannot be read is noted and does not stop the rest."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError, MienError
from mien.core.evidence import Evidence
from mien.core.faces import NO_FACE, OK, UNREADABLE
from mien.core.files import read_json, sha256_of
from mien.explain.store import find_evidence, load_evidence


@dataclass(frozen=True)
class Extraction:
    """What was found in the sources.

    Attributes
    ----------
    counts : dict of str to int
        Sources per status, as ``Faces.counts``.
    frames, rows_ok : int
        Frames looked at (over all sources) and faces found in them.
    failures : list of (source, status, reason)
    topology : str
    """

    counts: dict[str, int]
    frames: int
    rows_ok: int
    failures: list[tuple[str, str, str]]
    topology: str

    @property
    def sources(self) -> int:
        """All sources."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class ModelPart:
    """A model with how it was scored; empty dicts for what is absent."""

    name: str
    spec: dict[str, Any]
    evaluation: dict[str, Any]


@dataclass(frozen=True)
class EvidencePart:
    """Evidence with the name of the folder that its model has."""

    model: str
    evidence: Evidence
    where: str


@dataclass(frozen=True)
class StudyFolder:
    """Everything a report is written from.

    Attributes
    ----------
    problems : list of str
        Sentences about parts that could not be read.
    """

    path: Path
    asked: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    checks: dict[str, Any] = field(default_factory=dict)
    extraction: Extraction | None = None
    models: list[ModelPart] = field(default_factory=list)
    evidence: list[EvidencePart] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to report."""
        return not (self.asked or self.provenance or self.extraction or self.models or self.evidence)


def read_folder(folder: str | Path) -> StudyFolder:
    """Read a study folder: ``study.toml``, ``provenance.json``, ``faces/``, ``models/``, ``evidence/``.

    Raises
    ------
    InputError
        If the folder does not exist or holds none of these.
    """
    path = Path(folder)
    if not path.is_dir():
        raise InputError(f"{path} is not a folder; give the one that 'mien extract', 'train' and 'explain' wrote to.")
    problems: list[str] = []
    study = StudyFolder(
        path=path,
        asked=_guarded(problems, _toml, path / "study.toml") or {},
        provenance=_json(problems, path / "provenance.json"),
        checks=_json(problems, path / "checks.json"),
        extraction=_guarded(problems, _extraction, path / "faces"),
        models=_models(problems, path / "models"),
        evidence=_evidence(problems, path / "evidence"),
        problems=problems,
    )
    if study.empty and not problems:
        raise InputError(
            f"{path} holds nothing to report: no faces/, models/, evidence/, study.toml or provenance.json. "
            "Begin with: mien extract INPUT -o DIR"
        )
    return study


def _guarded(problems: list[str], read: Any, path: Path) -> Any:
    if not path.exists():
        return None
    try:
        return read(path)
    except (MienError, OSError) as error:
        problems.append(str(error))
        return None


def _json(problems: list[str], path: Path) -> dict[str, Any]:
    value = _guarded(problems, read_json, path)
    if value is not None and not isinstance(value, dict):
        problems.append(f"{path} is not a JSON object.")
    return value if isinstance(value, dict) else {}


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not readable TOML ({error}).") from error


def _extraction(folder: Path) -> Extraction | None:
    """Only the columns that are counted are read: a long video's landmarks stay on disk."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from mien.data.shards import shard_paths

    counts, failures, frames, found, kind = dict.fromkeys((OK, NO_FACE, UNREADABLE), 0), [], 0, 0, ""
    for path in shard_paths(folder):
        try:
            table = pq.read_table(path, columns=["source", "frame", "status", "reason"])
        except (pa.ArrowException, OSError) as error:
            raise InputError(f"{path} is not a readable shard of faces ({error}). Run 'mien extract' again.") from error
        source, frame, status, reason = (table[name].to_numpy() for name in table.column_names)
        kind = kind or (table.schema.metadata or {}).get(b"mien.topology", b"").decode()
        for one in dict.fromkeys(source):
            rows = source == one
            states = set(status[rows])
            state = OK if OK in states else UNREADABLE if UNREADABLE in states else NO_FACE
            counts[state] += 1
            frames += len(np.unique(frame[rows]))
            found += int((status[rows] == OK).sum())
            if state != OK:
                why = next((r for r in reason[rows] if r), "")
                failures.append((str(one), state, str(why)))
    return Extraction(counts, frames, found, failures, kind) if sum(counts.values()) else None


def _models(problems: list[str], folder: Path) -> list[ModelPart]:
    if not folder.is_dir():
        return []
    parts = []
    for place in sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")):
        spec, evaluation = _json(problems, place / "model.json"), _json(problems, place / "evaluation.json")
        wrong = _misfit(evaluation)
        if wrong:
            problems.append(f"{place / 'evaluation.json'}: '{wrong}' is not laid out as 'mien train' writes it.")
            evaluation = {}
        if spec:
            problems += _weights_problem(place, spec)
        if spec or evaluation:
            parts.append(ModelPart(place.name, spec, evaluation))
    return parts


def _weights_problem(place: Path, spec: dict[str, Any]) -> list[str]:
    """A sentence if the model's weights are gone or are other ones than its description says."""
    weights, expected = place / "weights.safetensors", spec.get("weights_sha256")
    if not weights.is_file():
        return [f"{weights} is missing: the scores below cannot be computed again from this folder."]
    if expected and sha256_of(weights) != expected:
        return [f"{weights} is not the file that model.json describes; train the model again."]
    return []


def _misfit(evaluation: dict[str, Any]) -> str:
    """Name of the first part that is not what the page can show; ``''`` if all are."""

    def is_number(value: Any) -> bool:
        return value is None or (isinstance(value, (int, float)) and not isinstance(value, bool))

    def is_scores(value: Any) -> bool:
        return isinstance(value, dict) and all(
            isinstance(score, dict) and all(is_number(score.get(key)) for key in ("value", "low", "high", "chance"))
            for score in value.values()
        )

    def is_row(value: Any) -> bool:
        return isinstance(value, list) and all(is_number(item) for item in value)

    def is_confusion(value: Any) -> bool:
        return isinstance(value, list) and all(is_row(row) and None not in row for row in value)

    def is_protocol(value: Any) -> bool:
        return isinstance(value, dict) and all(is_number(value.get(key)) for key in ("n_subjects", "n_samples"))

    def is_calibration(value: Any) -> bool:
        lists, numbers = ("confidence", "accuracy", "count"), ("expected_calibration_error", "brier")
        return (
            isinstance(value, dict)
            and all(is_row(value.get(key, [])) for key in lists)
            and all(is_number(value.get(key)) for key in numbers)
        )

    rules = {
        "protocol": is_protocol,
        "classes": lambda value: isinstance(value, list),
        "scores": is_scores,
        "confusion": is_confusion,
        "calibration": is_calibration,
        "per_class": lambda value: isinstance(value, dict) and all(is_scores(scores) for scores in value.values()),
        "noise_check": is_scores,
        "notes": lambda value: isinstance(value, list),
        "left_out": lambda value: isinstance(value, dict) and all(is_number(count) for count in value.values()),
    }
    found = ((name, evaluation.get(name)) for name in rules)
    return next((name for name, value in found if value is not None and not rules[name](value)), "")


def _evidence(problems: list[str], folder: Path) -> list[EvidencePart]:
    if not folder.is_dir():
        return []
    parts = []
    for place in find_evidence(folder):
        evidence = _guarded(problems, load_evidence, place)
        inside = place.relative_to(folder)
        if evidence is not None:
            parts.append(EvidencePart(inside.parts[0] if inside.parts else "", evidence, inside.as_posix()))
    return parts
