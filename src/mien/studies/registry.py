"""The ready studies: each is a module with a list of settings and the steps that it takes.

Adding a study is one file with ``INTRO``, ``SETTINGS`` and ``steps(run)``, and one line in ``STUDIES``.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import ClassVar

from mien.core.registry import Row, row_of


@dataclass(frozen=True)
class Study(Row[Path]):
    """A study that can be asked for by name.

    The module of its home holds ``INTRO`` (text above the settings), ``SETTINGS`` (see ``mien.studies.settings``) and
    ``steps``.
    """

    kind: ClassVar[str] = "study"
    room: ClassVar[str] = "mien.studies."


STUDIES: dict[str, Study] = {
    row.name: row
    for row in (
        Study(
            "fast-landmarks", "fast_landmarks:steps",
            "Small networks on landmark clips: which landmarks move, how few are enough, what that saves.",
        ),
        Study(
            "impressions", "impressions:steps",
            "Ratings of faces: which can be read, how near to what people agree on, from where, and their structure.",
        ),
        Study(
            "populations", "populations:steps",
            "Two or more sets of people: does a model of one work on the others, and does it look at the same places.",
        ),
        Study(
            "object-nets", "object_nets:steps",
            "Networks that learnt objects: do their layers and units respond to faces, to what in them, and how early.",
        ),
        Study(
            "cohort", "cohort:steps",
            "Participants with videos and questionnaires: what goes with a score, and how well it predicts.",
        ),
        Study(
            "film", "film:steps",
            "Film or pictures with gaze, brains, annotations: what is decodable, where viewers look, what goes along.",
            "A film or pictures with gaze, brains, annotations: what is decodable, where viewers look, and links.",
        ),
    )
}  # fmt: skip


def module_of(name: str) -> ModuleType:
    """Module of the study of that name."""
    return row_of(STUDIES, name).module
