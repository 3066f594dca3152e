"""The ready studies: each is a module with a list of settings and the steps that it takes.

Adding a study is one file with ``INTRO``, ``SETTINGS`` and ``steps(run)``, and one line in ``STUDIES``.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from mien.core.errors import InputError


@dataclass(frozen=True)
class Study:
    """A study that can be asked for by name.

    Attributes
    ----------
    home : str
        Module with ``INTRO`` (text above the settings), ``SETTINGS`` (see ``mien.studies.settings``) and ``steps``.
    meaning : str
        One line for people.
    """

    home: str
    meaning: str


STUDIES: dict[str, Study] = {
    "fast-landmarks": Study(
        "mien.studies.fast_landmarks",
        "Small networks on landmark clips: which landmarks move, how few are enough, what that saves.",
    ),
    "impressions": Study(
        "mien.studies.impressions",
        "Ratings of faces: which can be read, how near to what people agree on, from where, and their structure.",
    ),
}


def module_of(name: str) -> Any:
    """Module of the study of that name."""
    if name not in STUDIES:
        raise InputError(f"There is no study '{name}'; mien has {', '.join(STUDIES)}.")
    return import_module(STUDIES[name].home)
