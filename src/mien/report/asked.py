"""What a study asked for last: the report shows this, and names the rest of the folder in one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, TypeVar

from mien.core.errors import InputError
from mien.core.files import read_json, sha256_of, write_json

if TYPE_CHECKING:
    from mien.report.study_folder import StudyFolder

T = TypeVar("T")
PARTS_FILE, STUDY_FILE, REPORT_FILE = "parts.json", "study.toml", "report.html"
_FORMAT = "mien study parts 1"
_MOST_NAMED = 12
# Folders of results that are read when their section is written: those that hold one result, and those with one each.
ALONE = (
    "comparison",
    "fairness",
    "groups",
    "measures",
    "participants",
    "populations",
    "streams",
    "structure",
)
NAMED = (
    "adaptation",
    "brain",
    "channels",
    "decoding",
    "discrepancy",
    "effects",
    "gaze",
    "learning_curve",
    "link",
    "probes",
    "profiles",
    "questionnaires",
    "rsa",
    "stimuli",
    "units",
)


@dataclass(frozen=True)
class Parts:
    """Folders that belong to a study's settings.

    Attributes
    ----------
    shown : tuple of str
        Relative to the study, such as ``models/landmark-net``; what lies below them belongs to it.
    study_sha256 : str
        Of the settings that asked for them.
    """

    shown: tuple[str, ...]
    study_sha256: str = ""

    def shows(self, path: str) -> bool:
        """Whether a folder was asked for, or lies in one that was."""
        return any(path == part or path.startswith(f"{part}/") for part in self.shown)

    def leads_to(self, path: str) -> bool:
        """Whether anything that was asked for lies in a folder."""
        return any(part.startswith(f"{path}/") for part in self.shown)


def write_parts(folder: Path, shown: Iterable[str]) -> None:
    """Keep what the settings in ``study.toml`` asked for."""
    facts = {"format": _FORMAT, "study_sha256": sha256_of(folder / STUDY_FILE), "shown": list(dict.fromkeys(shown))}
    write_json(folder / PARTS_FILE, facts)


def read_parts(folder: Path) -> Parts | None:
    """What ``write_parts`` kept; None where no study has finished.

    Raises
    ------
    InputError
        If the file is not laid out as it was written.
    """
    path = folder / PARTS_FILE
    if not path.exists():
        return None
    facts = read_json(path)
    shown = facts.get("shown") if isinstance(facts, dict) and facts.get("format") == _FORMAT else None
    if not isinstance(shown, list) or not all(isinstance(part, str) for part in shown):
        raise InputError(f"{path} is not laid out as 'mien study run' writes it; run it again, or remove the file.")
    return Parts(tuple(shown), str(facts.get("study_sha256", "")))


def only_asked(study: StudyFolder, parts: Parts) -> StudyFolder:
    """The study without what its settings did not ask for, which is named in ``earlier``."""
    stale = [part for part in study.evidence if part.outdated or not parts.shows(f"evidence/{part.where}")]
    models, other_models = _split(study.models, lambda part: parts.shows(f"models/{part.name}"))
    hidden = {part.name for part in other_models}
    reductions, other_reductions = _split(study.reductions, lambda part: parts.shows(f"reduction/{part.name}"))
    scored, other_scored = _split(study.faithfulness, lambda part: part.name.split("/")[0] not in hidden)
    earlier = [
        *(f"models/{name}" for name in sorted(hidden)),
        *(_shortest(f"evidence/{part.where}", parts) for part in stale),
        *(f"reduction/{part.name}" for part in other_reductions),
        *(f"faithfulness/{part.name}" for part in other_scored),
        *(_shortest(place, parts) for place in _places_beside(study.path) if not parts.shows(place)),
    ]
    return replace(
        study,
        models=models,
        evidence=[part for part in study.evidence if not any(part is old for old in stale)],
        reductions=reductions,
        faithfulness=scored,
        problems=_problems(study, parts, [part.where for part in stale]),
        parts=parts,
        earlier=list(dict.fromkeys(earlier)),
    )


def _split(found: list[T], asked: Callable[[T], bool]) -> tuple[list[T], list[T]]:
    """What was asked for, and the rest."""
    return [part for part in found if asked(part)], [part for part in found if not asked(part)]


def _places_beside(folder: Path) -> list[str]:
    """Results that are read when their section is written."""
    named = [place for name in NAMED for place in sorted(folder.glob(f"{name}/*/"))]
    places = [*(folder / name for name in ALONE), *sorted(folder.glob("maps/*/*/")), *named]
    return [place.relative_to(folder).as_posix() for place in places if place.is_dir()]


def _problems(study: StudyFolder, parts: Parts, stale: list[str]) -> list[str]:
    """Those of what was asked for; old evidence is named once, as old, and is no problem."""
    old = tuple(f"{study.path / 'evidence' / where}:" for where in stale)
    problems = [text for text in study.problems if not (old and text.startswith(old))]
    settings = study.path / STUDY_FILE
    if parts.study_sha256 and settings.is_file() and sha256_of(settings) != parts.study_sha256:
        problems.append(
            f"{settings} was changed since the study last ran to its end: what is shown was asked for by the earlier "
            f"settings. Run: mien study run {quote(str(study.path))}"
        )
    return problems


def earlier_words(earlier: list[str]) -> str:
    """One sentence on what lies in the folder and is not shown; empty where there is nothing."""
    if not earlier:
        return ""
    more = f" and {len(earlier) - _MOST_NAMED} more" if len(earlier) > _MOST_NAMED else ""
    return (
        f"Also in this folder, from earlier settings or other commands, and not shown here: "
        f"{', '.join(earlier[:_MOST_NAMED])}{more}. (Remove {PARTS_FILE} and write the report again to see everything.)"
    )


def _shortest(path: str, parts: Parts) -> str:
    """The highest folder on the way to ``path`` that holds nothing that was asked for."""
    steps = path.split("/")
    for length in range(2, len(steps)):
        place = "/".join(steps[:length])
        if not parts.leads_to(place) and not parts.shows(place):
            return place
    return path
