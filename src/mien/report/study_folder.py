"""What a study folder holds, read part by part; what cannot be read is noted and does not stop the rest."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.evidence import Evidence
from mien.core.faces import EXCLUDED, NO_FACE, OK, UNREADABLE
from mien.core.switch import settle_below
from mien.explain.store import find_evidence, load_evidence
from mien.report.asked import ALONE, NAMED, Parts, only_asked, read_parts
from mien.report.guarded import guarded, read_object
from mien.report.models_folder import ModelPart, read_models
from mien.report.sections.faithfulness import FaithfulnessPart, read_faithfulness
from mien.report.sections.reduction import ReductionPart, read_reductions


@dataclass(frozen=True)
class Source:
    """One picture or video: its status, as ``Faces.counts`` has it, why, how much was looked at, found, excluded."""

    name: str
    status: str
    reason: str
    frames: int
    faces: int
    excluded: int = 0


@dataclass(frozen=True)
class ExtractionRecord:
    """What was found in the sources; ``topology`` names the points that faces are described by.

    ``review``: how many rows of each action the study's review has.
    """

    sources: list[Source]
    topology: str
    review: dict[str, int] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Sources per status."""
        kinds = (OK, NO_FACE, UNREADABLE, EXCLUDED)
        return {status: sum(s.status == status for s in self.sources) for status in kinds}

    @property
    def failures(self) -> list[Source]:
        """Sources without a usable face."""
        return [source for source in self.sources if source.status != OK]


@dataclass(frozen=True)
class EvidencePart:
    """Evidence with the name of the folder that its model has; ``outdated`` if that model was trained again since."""

    model: str
    evidence: Evidence
    where: str
    outdated: bool = False


@dataclass(frozen=True)
class StudyFolder:
    """Everything a report is written from.

    Attributes
    ----------
    problems : list of str
        Sentences about parts that could not be read.
    parts : Parts, optional
        What the settings asked for, where a study has run to its end.
    earlier : list of str
        Folders that the settings did not ask for; they are in none of the other lists.
    """

    path: Path
    asked: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    checks: dict[str, Any] = field(default_factory=dict)
    extraction: ExtractionRecord | None = None
    models: list[ModelPart] = field(default_factory=list)
    evidence: list[EvidencePart] = field(default_factory=list)
    faithfulness: list[FaithfulnessPart] = field(default_factory=list)
    reductions: list[ReductionPart] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    parts: Parts | None = None
    earlier: list[str] = field(default_factory=list)

    def shows(self, place: str) -> bool:
        """Whether a folder, relative to the study, belongs to what was asked for."""
        return self.parts is None or self.parts.shows(place)

    def places(self, kind: str, file: str) -> list[Path]:
        """Folders ``KIND/NAME`` that hold a file and were asked for, in the order in which they were, or by name."""
        found = sorted(path.parent for path in self.path.glob(f"{kind}/*/{file}"))
        if self.parts is None:
            return found
        order = {shown: number for number, shown in enumerate(self.parts.shown)}
        asked = [place for place in found if self.shows(f"{kind}/{place.name}")]
        return sorted(asked, key=lambda place: order.get(f"{kind}/{place.name}", len(order)))

    @property
    def empty(self) -> bool:
        """Whether there is nothing to report."""
        found = (self.asked, self.provenance, self.extraction, self.models, self.evidence, self.faithfulness)
        beside = any((self.path / name).is_dir() for name in (*ALONE, *NAMED))
        return not any((*found, self.reductions, beside))


def read_folder(folder: str | Path) -> StudyFolder:
    """Read a study folder: its TOML and JSON files and what is in ``faces/``, ``models/`` and ``evidence/``.

    ``study.toml`` says what was asked. All of it is shown as a table under "What was asked", nested names joined
    (``folds › scheme``); only two of its names mean something to the report: ``title``, or else ``name``, at the top or
    in the table ``[study]``, is the page's title. It is optional, and people may write it by hand::

        title = "Neutral and smiling faces"

        [study]
        question = "Which parts of a face make it look smiling?"
        people = "Volunteers of one laboratory, 18 to 54 years"

    Raises
    ------
    InputError
        If the folder does not exist or holds none of these.
    """
    path = Path(folder)
    if not path.is_dir():
        raise InputError(f"{path} is not a folder; give the one that 'mien extract', 'train' and 'explain' wrote to.")
    # What a killed run had finished, but not put into its place yet.
    settle_below(path)
    problems: list[str] = []
    models = read_models(problems, path / "models")
    study = StudyFolder(
        path=path,
        asked=guarded(problems, _toml, path / "study.toml") or {},
        provenance=read_object(problems, path / "provenance.json"),
        checks=read_object(problems, path / "checks.json"),
        extraction=guarded(problems, lambda folder: read_extraction(problems, folder), path / "faces"),
        models=models,
        evidence=_evidence(problems, path / "evidence", models),
        faithfulness=read_faithfulness(problems, path / "faithfulness"),
        reductions=read_reductions(path / "reduction", problems),
        problems=problems,
    )
    if study.empty and not problems:
        raise InputError(
            f"{path} holds nothing to report: no faces/, models/, evidence/, study.toml or provenance.json. "
            "Begin with: mien extract INPUT -o DIR"
        )
    parts = guarded(problems, read_parts, path)
    return study if parts is None else only_asked(study, parts)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not readable TOML ({error}).") from error


def read_extraction(problems: list[str], folder: Path) -> ExtractionRecord | None:
    """What was found in the sources of ``faces/``; a long video's landmarks stay on disk. Damaged shards are told."""
    import pyarrow.parquet as pq

    from mien.data.review import read_review
    from mien.data.shard_parts import TOPOLOGY, read_columns
    from mien.data.shards import shard_paths

    sources: list[Source] = []
    kind = ""
    for path in shard_paths(folder):
        try:
            source, frame, status, reason = read_columns(
                path, ["source", "frame", "status", "reason"], check=False
            ).values()
        except InputError as error:
            problems.append(
                f"{path} is not a readable shard of faces ({error}); it is missing from everything below. Run 'mien "
                "extract' again."
            )
            continue
        kind = kind or (pq.read_schema(path).metadata or {}).get(TOPOLOGY, b"").decode()
        for one in dict.fromkeys(source):
            rows = source == one
            states = set(status[rows])
            state = next((one for one in (OK, EXCLUDED, UNREADABLE) if one in states), NO_FACE)
            why = "" if state == OK else next((str(r) for r in reason[rows] if r), "")
            frames, faces = len(np.unique(frame[rows])), int((status[rows] == OK).sum())
            sources.append(Source(str(one), state, why, frames, faces, int((status[rows] == EXCLUDED).sum())))
    return ExtractionRecord(sources, kind, read_review(folder).counts()) if sources else None


def _evidence(problems: list[str], folder: Path, models: list[ModelPart]) -> list[EvidencePart]:
    if not folder.is_dir():
        return []
    stored = {part.name: part.weights_sha256 for part in models}
    parts = []
    for place in find_evidence(folder):
        evidence = guarded(problems, load_evidence, place)
        inside = place.relative_to(folder)
        if evidence is None:
            continue
        name = inside.parts[0] if inside.parts else ""
        explained = str(evidence.model.get("weights_sha256") or "")
        if explained and stored.get(name) != explained:
            # The folder may be called otherwise than the model: the weights say whose evidence it is.
            name = next((model for model, weights in stored.items() if weights == explained), name)
        now = stored.get(name, "")
        outdated = bool(explained and now and explained != now)
        if outdated:
            problems.append(
                f"{place}: this evidence explains an earlier model. '{name}' was trained again since (its weights are "
                f"{now[:12]}..., the explained ones {explained[:12]}...). Run 'mien explain' again."
            )
        parts.append(EvidencePart(name, evidence, inside.as_posix(), outdated))
    return parts
