"""How many samples and people a study has, by label and group; which pictures have no face."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mien.core.errors import MienError
from mien.core.faces import OK
from mien.core.people.unknown import is_own
from mien.core.people.words import people_facts, who_words
from mien.core.samples import Samples
from mien.core.words import number
from mien.features.match import NOT_EXTRACTED, sources_of
from mien.report.study_folder import read_extraction


@dataclass(frozen=True)
class Without:
    """A sample without a face."""

    path: str
    file: Path
    status: str
    reason: str


def people_sentence(samples: Samples) -> str:
    """How many samples of how many people, and how many each has."""
    known = [str(name) for name in samples.subject if not is_own(name)]
    sentence = who_words(people_facts(samples.subject, len(samples)))
    if not known:
        return f"{sentence}."
    each = np.unique(np.array(known), return_counts=True)[1]
    low, high = int(each.min()), int(each.max())
    return f"{sentence}; {low if low == high else f'{low} to {high}'} of each person."


def class_rows(samples: Samples, values: np.ndarray) -> list[tuple[str, int, int]]:
    """Class, samples, people; the unknown last."""
    found = []
    for name in sorted({str(v) for v in values}, key=lambda name: (name == "", name)):
        rows = values == name
        found.append((name or "unknown", int(rows.sum()), len({str(s) for s in samples.subject[rows]})))
    return found


def rating_row(values: np.ndarray) -> tuple[str, ...]:
    """Known values, mean, standard deviation, smallest, largest."""
    known = values[np.isfinite(values)]
    if not len(known):
        return ("0", "–", "–", "–", "–")
    spread = float(known.std(ddof=1)) if len(known) > 1 else float("nan")
    return (str(len(known)), *(number(float(v)) for v in (known.mean(), spread, known.min(), known.max())))


def without_face(samples: Samples, faces: Path) -> tuple[list[Without], list[str]]:
    """Samples in which no face was found, or that were not looked at yet.

    Parameters
    ----------
    samples : Samples
    faces : Path
        ``faces/`` of the study.

    Returns
    -------
    list of Without
    list of str
        What could not be read.
    """
    problems: list[str] = []
    record = read_extraction(problems, faces) if faces.is_dir() else None
    known = {source.name: source for source in record.sources} if record else {}
    files = samples.files()
    doubts: dict[int, str] = {}
    try:
        sources: Sequence[str | None] = sources_of(samples.path.tolist(), [str(f) for f in files], known, (), doubts)
    except MienError as error:
        return [], [*problems, str(error)]
    found = []
    for row, (path, file, name) in enumerate(zip(samples.path, files, sources, strict=True)):
        if name is None:
            found.append(Without(str(path), file, NOT_EXTRACTED, doubts.get(row, "")))
        elif known[name].status != OK:
            found.append(Without(str(path), file, known[name].status, known[name].reason))
    return found, problems
