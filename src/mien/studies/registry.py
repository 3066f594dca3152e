"""The ready studies: each is a module with a list of settings and the steps that it takes.

Adding a study is one file with ``INTRO``, ``SETTINGS`` and ``steps(run)``, and one line in ``STUDIES``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

from mien.core.errors import InputError
from mien.core.files import write_text
from mien.core.registry import Row, row_of
from mien.data.sets.catalogue import FOLDERS
from mien.studies.settings import STUDY_FILE, checked, read_toml, template
from mien.studies.stages import Progress, Run, Say, path_from

NEW_FOLDER = "study"


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
    )
}  # fmt: skip


def module_of(name: str) -> ModuleType:
    """Module of the study of that name."""
    return row_of(STUDIES, name).module


def new(name: str, folder: str | Path = NEW_FOLDER, changed: dict[str, dict[str, Any]] | None = None) -> Path:
    """Write a commented ``study.toml`` into a folder.

    Parameters
    ----------
    name : str
        Of ``STUDIES``.
    folder : str or Path
    changed : dict, optional
        Values by table and name, instead of the defaults.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        For an unknown study, or where there is such a file already.
    """
    module = module_of(name)
    path = Path(folder) / STUDY_FILE
    if path.exists():
        raise InputError(f"{path} is there already. Change it, or give another folder.")
    write_text(path, template(name, module.SETTINGS, module.INTRO, changed))
    return path


def filled_in(name: str, folder: str | Path, *, samples: str = "", target: str = "") -> dict[str, dict[str, Any]]:
    """Settings of ``[samples]`` as people give them on the command line, for ``new``.

    Parameters
    ----------
    name : str
        Of ``STUDIES``.
    folder : str or Path
        Of the study, which its paths start at.
    samples : str
        A data set, or a path from where we are.
    target : str
        What is studied: a column with classes, or ratings with commas (``'all'``: every one), as the study asks for.

    Raises
    ------
    InputError
        If there is nothing at the path.
    """
    asked = module_of(name).SETTINGS["samples"]
    found: dict[str, Any] = {}
    if samples:
        head, colon, rest = samples.partition(":")
        known = head in FOLDERS
        place = rest if known else samples
        if place and not Path(place).expanduser().exists():
            raise InputError(f"There is nothing at {place}; samples are a table, a folder or a known data set.")
        if place and not Path(place).expanduser().is_absolute():
            place = path_from(Path(folder), Path(place))
        found["source"] = f"{head}{colon}{place}" if known else place
    if target and "ratings" in asked:
        from mien.learn.table import ALL

        names = [part.strip() for part in target.split(",") if part.strip()]
        found["ratings"] = [] if names == [ALL] else names
    elif target:
        found["target"] = target
    return {"samples": found}


def run(
    folder: str | Path = ".", *, say: Say = lambda sentence: None, progress: Callable[[str], Progress] | None = None
) -> Path:
    """Run the study that a folder's ``study.toml`` describes.

    Steps that were finished with the same data and settings are not repeated; an interrupted step continues where it
    can.

    Parameters
    ----------
    folder : str or Path
        With ``study.toml``; everything is written there.
    say : callable
        Gets a sentence for every step.
    progress : callable, optional
        Gets the name of a step and gives its ``(done, total)`` callable.

    Returns
    -------
    Path
        The report.

    Raises
    ------
    InputError
        For settings, data or files that are not what they have to be; sentences name the key.
    """
    path = Path(folder) / STUDY_FILE
    given = read_toml(path)
    name = given.get("study")
    if not isinstance(name, str):
        raise InputError(f'{path}: the first line has to name the study, such as: study = "fast-landmarks"')
    study = row_of(STUDIES, name)
    settings = checked(given, study.module.SETTINGS, str(path))
    return study.run(Run(Path(folder), settings, say, progress))
