"""Ready studies, as ``mien.study``: list them, write a new one into a folder, run it up to its report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from mien.core.errors import InputError
from mien.core.extras import need
from mien.core.files import write_text
from mien.core.names import is_copy
from mien.data.sets.catalogue import set_of
from mien.studies.registry import STUDIES, module_of
from mien.studies.settings import STUDY_FILE, checked, read_toml, template
from mien.studies.stages import Progress, Run, Say, path_from


def studies() -> list[dict[str, str]]:
    """The studies there are.

    Returns
    -------
    list of dict
        ``name`` and ``meaning`` of each.

    Examples
    --------
    >>> import mien
    >>> [row["name"] for row in mien.study.list()]
    ['fast-landmarks', 'impressions', 'populations', 'object-nets', 'cohort', 'film']
    """
    return [{"name": name, "meaning": study.meaning} for name, study in STUDIES.items()]


def new(
    name: str,
    output: str | Path = "study",
    *,
    samples: str = "",
    target: str = "",
    changed: dict[str, dict[str, Any]] | None = None,
) -> Path:
    """Write a commented ``study.toml`` into a folder.

    Parameters
    ----------
    name : str
        Of ``mien.study.list()``.
    output : str or Path
        Folder of the study.
    samples : str
        What is studied: a data set, or a path from where we are.
    target : str
        A column with classes, or ratings with commas (``'all'``: every one), as the study asks for.
    changed : dict, optional
        Any other values by table and name, instead of the defaults; paths in it start at the folder of the study.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        For an unknown study, where there is nothing at the path, or where there is such a file already.
    MissingExtra
        Without the extra [learn].

    Examples
    --------
    >>> import mien
    >>> mien.study.new("fast-landmarks", "study", target="expression").as_posix()
    'study/study.toml'
    """
    # Said before settings are filled in for what cannot be run.
    need("learn", "mien study")
    module = module_of(name)
    given = filled_in(name, output, samples=samples, target=target)
    for table, values in (changed or {}).items():
        given[table] = {**given.get(table, {}), **values}
    path = Path(output) / STUDY_FILE
    if path.exists():
        raise InputError(f"{path} is there already. Change it, or give another folder.")
    write_text(path, template(name, module.SETTINGS, module.INTRO, given))
    return path


def filled_in(name: str, folder: str | Path, *, samples: str = "", target: str = "") -> dict[str, dict[str, Any]]:
    """Settings of ``[samples]`` as people give them to ``new``.

    Parameters
    ----------
    name : str
        Of ``STUDIES``.
    folder : str or Path
        Of the study, which its paths start at.
    samples : str
        A data set, or a path from where we are.
    target : str
        What is studied, as the study asks for: a column with classes, ratings with commas (``'all'``: every one), or
        the categories that count as faces, with commas.

    Raises
    ------
    InputError
        If there is nothing at the path.
    """
    asked = module_of(name).SETTINGS["samples"]
    found: dict[str, Any] = {}
    if samples:
        known, place = set_of(samples)
        if place and not Path(place).expanduser().exists():
            raise InputError(f"There is nothing at {place}; samples are a table, a folder or a known data set.")
        if place and (not Path(place).expanduser().is_absolute() or is_copy(place)):
            place = path_from(Path(folder), Path(place))
        found["source"] = f"{known.name}{':' if ':' in samples else ''}{place}" if known else place
    if target and "ratings" in asked:
        from mien.learn.table import ALL

        names = [part.strip() for part in target.split(",") if part.strip()]
        found["ratings"] = [] if names == [ALL] else names
    elif target and "target" not in asked:
        found["faces"] = [part.strip() for part in target.split(",") if part.strip()]
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
    MissingExtra
        Without the extra [learn].

    Examples
    --------
    >>> import mien
    >>> people = mien.synthesize("people", subjects=4, expressions=("neutral", "smile"), frames=6)
    >>> less = {
    ...     "networks": {"train": ["landmark-rvfl"]},
    ...     "folds": {"n_folds": 2},
    ...     "features": {"points": "ibug-68"},
    ...     "reduction": {"counts": [17, 6], "methods": ["one-shot"]},
    ... }
    >>> _ = mien.study.new("fast-landmarks", "study", samples="people", target="expression", changed=less)
    >>> mien.study.run("study").as_posix()
    'study/report.html'
    """
    need("learn", "mien study")
    path = Path(folder) / STUDY_FILE
    module, settings = read_study(path)
    try:
        report: Path = module.steps(Run(Path(folder), settings, say, progress))
    except InputError as error:
        start = f"{STUDY_FILE}: "
        if not str(error).startswith(start):
            raise
        # Of several studies, which one.
        raise InputError(f"{path}: {str(error).removeprefix(start)}") from error
    return report


def read_study(path: Path) -> tuple[ModuleType, dict[str, dict[str, Any]]]:
    """The module of the study that a ``study.toml`` names, and every setting, given or default, by table and name.

    Raises
    ------
    InputError
        If the file is missing, is not TOML, names no study of mien, or holds a table, setting, or value that the study
        does not have; the sentence names the file.
    """
    given = read_toml(path)
    name = given.get("study")
    if not isinstance(name, str):
        raise InputError(f'{path}: the first line has to name the study, such as: study = "fast-landmarks"')
    try:
        module = module_of(name)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return module, checked(given, module.SETTINGS, str(path))
