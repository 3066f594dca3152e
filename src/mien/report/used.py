"""Which of a folder's sources the results rest on: an earlier run's faces do not stand beside this one's scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mien.core.errors import InputError
from mien.core.faces import EXCLUDED, NO_FACE, OK, UNREADABLE
from mien.core.paths import Tails
from mien.core.people.unknown import is_own
from mien.data.review import MARK, MERGE, SWAP
from mien.report.privacy import SHOW_NAMES, Privacy
from mien.report.study_folder import ExtractionRecord, Source, StudyFolder

MOST_FAILURES = 200
# Tables with a row per session or person, and their column with the recording.
_TABLES = (
    ("participants/participants.parquet", "source"),
    ("questionnaires/*/scores.parquet", "path"),
    ("discrepancy/*/people.parquet", "path"),
)


def sample_names(study: StudyFolder) -> list[str]:
    """Samples that the scores and the evidence of the folder rest on, each once; rows of plain arrays have no name."""
    found = list(dict.fromkeys(name for part in study.models for name in part.samples))
    for part in study.evidence:
        recipe = part.evidence.settings.get("recipe")
        if not (isinstance(recipe, dict) and recipe.get("name") == "given"):
            found += unmatched(dict.fromkeys(part.evidence.sample), found)
    return found


def spellings(study: StudyFolder, names: Iterable[str]) -> dict[str, str]:
    """Samples of evidence that the folder's other parts call differently, with the name among the given ones."""
    known = list(names)
    tails = Tails(known, "samples")
    every = dict.fromkeys(str(name) for part in study.evidence for name in part.evidence.sample)
    found = {name: _found(tails, name) for name in every if name not in set(known)}
    return {name: other for name, other in found.items() if other}


def listed_people(study: StudyFolder) -> tuple[list[str], list[str]]:
    """Recordings and people of a cohort's tables: notes name people whose rows no model has seen."""
    paths: list[str] = []
    people: list[str] = []
    for pattern, path in _TABLES:
        for file in sorted(study.path.glob(pattern)):
            try:
                table = pq.read_table(file, columns=[path, "subject"])
            except (pa.ArrowException, OSError):
                continue  # damaged or of another form: the section that shows it says so
            for found, name in ((paths, path), (people, "subject")):
                found += [str(value) for value in table[name].to_pylist() if value and not is_own(str(value))]
    return list(dict.fromkeys(paths)), list(dict.fromkeys(people))


def unmatched(names: Iterable[str], known: Iterable[str]) -> list[str]:
    """Those of the names that none of the known ones is, whichever folder they are seen from."""
    every = set(known)
    tails = Tails(every, "samples")
    return [name for name in names if name not in every and _found(tails, str(name)) is None]


def _found(tails: Tails, name: str) -> str | None:
    try:
        return tails.find(name)
    except InputError:
        return ""  # it fits several: it is one of them


def faces_block(study: StudyFolder, privacy: Privacy) -> dict[str, Any]:
    """What was found in the sources that the results rest on, and what else lies in the folder; empty without faces."""
    found = study.extraction
    if found is None:
        return {}
    names, every = sample_names(study), [source.name for source in found.sources]
    lost = set(unmatched(every, names)) if names else set()
    others = [source for source in found.sources if source.name in lost]
    found = replace(found, sources=[source for source in found.sources if source.name not in lost])
    absent = len(unmatched(names, [source.name for source in found.sources]))
    failures = [*found.failures, *(source for source in others if source.status != OK)]
    called = privacy.sample if privacy.names else lambda name: f"source {every.index(name) + 1} of {len(every)}"
    return {
        "tiles": _tiles(found, len(names)),
        "words": _words(found, len(names), absent),
        "others": _other_words(others),
        "review": _review_words(study.extraction) if study.extraction else "",
        "failures": [(called(source.name), source.status, source.reason) for source in failures[:MOST_FAILURES]],
        "more": max(0, len(failures) - MOST_FAILURES),
        "unnamed": "" if privacy.names or not failures else f"Files are named with {SHOW_NAMES}.",
    }


def _tiles(found: ExtractionRecord, used: int) -> list[tuple[str, int]]:
    counts = found.counts
    if used:
        return [("samples in the results", used), ("with their faces here", counts[OK])]
    return [("sources", len(found.sources)), ("with a face", counts[OK]), ("without a face", counts[NO_FACE]),
            ("unreadable", counts[UNREADABLE]), *[("excluded", counts[EXCLUDED])] * bool(counts[EXCLUDED])]  # fmt: skip


def _words(found: ExtractionRecord, used: int, absent: int) -> str:
    faces, frames = sum(s.faces for s in found.sources), sum(s.frames for s in found.sources)
    points = f", described by the points of {found.topology}" if found.topology else ""
    text = f"{faces} faces in {frames} frames{points}."
    if used and absent == used:
        return (
            "None of the samples in the results below has its faces in this folder: they were extracted elsewhere or "
            "removed, and what is here says nothing about the results."
        )
    if absent:
        whose = "one sample" if absent == 1 else f"{absent} samples"
        text += (
            f" The faces of {whose} in the results are not in faces/: they are elsewhere, were removed, or never were "
            "pictures, as of made-up samples."
        )
    return text


def _review_words(found: ExtractionRecord) -> str:
    """What people decided about the faces after they looked at them; '' without a review."""
    if not found.review:
        return ""
    faces, whole = sum(source.excluded for source in found.sources), found.counts[EXCLUDED]
    left = f" ({whole} of the sources are left without a face)" if whole else ""
    parts = [f"{faces} face{'s' * (faces != 1)} excluded{left}"]
    for action, one, several in (
        (MERGE, "track merged into another", "tracks merged into others"),
        (SWAP, "pair of tracks swapped", "pairs of tracks swapped"),
        (MARK, "mark set", "marks set"),
    ):
        count = found.review.get(action, 0)
        parts += [f"{count} {one if count == 1 else several}"] * bool(count)
    return f"By review, kept in review.csv: {', '.join(parts)}. What was computed since then obeys it."


def _other_words(others: list[Source]) -> str:
    if not others:
        return ""
    counts = Counter(source.status for source in others)
    kinds = {OK: "with a face", NO_FACE: "without a face", UNREADABLE: "unreadable", EXCLUDED: "excluded by review"}
    listed = ", ".join(f"{counts[status]} {words}" for status, words in kinds.items() if counts[status])
    more = "1 more source" if len(others) == 1 else f"{len(others)} more sources"
    return (
        f"The folder holds faces of {more} ({listed}). None of the results below rests on them: "
        "they were left out, or are of another run."
    )
