"""Folders that the page may read and write, and the studies that are open in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.core.files import write_text

# What the page keeps in a study's folder: what is studied, what its columns mean, when decisions about faces changed.
KEPT = "page.json"
NOTHING_KEPT: dict[str, Any] = {
    "input": "", "samples": "", "columns": {}, "labels": [], "missing": "", "subject_pattern": "", "target": "",
    "reviewed_ns": 0, "proposed": False,
}  # fmt: skip


def check_there(folder: Path) -> None:
    """Refuse what would begin an empty study where one was that was moved meanwhile.

    Raises
    ------
    InputError
    """
    if not folder.is_dir():
        raise InputError(
            f"The folder {folder} of this study is not there any more: it was moved, renamed or deleted. Put it back, "
            "or open it where it is now from the start page."
        )


@dataclass(frozen=True)
class Folders:
    """The folders that were chosen when the page was started; no path leads out of them.

    Parameters
    ----------
    roots : tuple of Path

    Raises
    ------
    InputError
        If one is no folder.
    """

    roots: tuple[Path, ...]

    @classmethod
    def of(cls, paths: Iterable[str | Path]) -> Folders:
        """Of paths as people give them."""
        roots = []
        for path in paths:
            place = Path(path).expanduser().resolve()
            if not place.is_dir():
                raise InputError(f"{path} is no folder. Name folders that the page may read and write.")
            roots.append(place)
        return cls(tuple(dict.fromkeys(roots)))

    def inside(self, path: str | Path) -> Path:
        """The path, links followed, if it lies in one of the folders.

        Raises
        ------
        InputError
        """
        try:
            place = Path(path).expanduser().resolve()
        except (OSError, ValueError, RuntimeError) as error:
            raise InputError(f"This is no path that can be used ({error}).") from error
        if not any(place.is_relative_to(root) for root in self.roots):
            raise InputError(
                f"{path} lies outside the folders that this page may use ({', '.join(map(str, self.roots))}). "
                "Start the page with --folder to add one."
            )
        return place


@dataclass(frozen=True, eq=False)
class OpenStudy:
    """One study's folder that is open in the page; its address names it, so that several do not mix.

    Attributes
    ----------
    name : str
        In addresses: made from the folder's path.
    """

    folder: Path
    folders: Folders
    name: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", hashlib.sha256(str(self.folder).encode()).hexdigest()[:12])

    @property
    def title(self) -> str:
        """For people."""
        return self.folder.name or str(self.folder)

    def path(self, view: str) -> str:
        """Address of one of its views."""
        return f"/study/{self.name}/{view}"

    def kept(self) -> dict[str, Any]:
        """What the page keeps of it; what cannot be read counts as not there."""
        try:
            found = json.loads((self.folder / KEPT).read_text("utf-8"))
        except (OSError, ValueError):
            return dict(NOTHING_KEPT)
        if not isinstance(found, dict):
            return dict(NOTHING_KEPT)
        return {
            key: found[key] if type(found.get(key)) is type(usual) else usual for key, usual in NOTHING_KEPT.items()
        }

    def keep(self, **changed: Any) -> None:
        """Keep something more of it.

        Raises
        ------
        InputError
            If its folder is not there any more.
        """
        check_there(self.folder)
        write_text(self.folder / KEPT, json.dumps({**self.kept(), **changed}, indent=1, ensure_ascii=False))

    def inside(self, path: str | Path) -> Path:
        """A path of a page's request; relative ones start at the study.

        Raises
        ------
        InputError
            If it leads out of the folders that the page may use.
        """
        return self.folders.inside(self.folder / Path(path).expanduser())


class OpenStudies:
    """The studies that this server has opened, by the names in their addresses."""

    def __init__(self, folders: Folders) -> None:
        self.folders = folders
        self._open: dict[str, OpenStudy] = {}

    def open(self, path: str | Path) -> OpenStudy:
        """Open a folder.

        Raises
        ------
        InputError
            If it is none, or lies elsewhere.
        """
        place = self.folders.inside(path)
        if not place.is_dir():
            raise InputError(f"{path} is no folder; choose the folder of a study, or make a new one.")
        study = OpenStudy(place, self.folders)
        return self._open.setdefault(study.name, study)

    def named(self, name: str) -> OpenStudy:
        """The study of an address.

        Raises
        ------
        InputError
            If it was not opened, or its folder is not there any more.
        """
        if name not in self._open:
            raise InputError("This study is not open here any more; open its folder again from the start page.")
        check_there(self._open[name].folder)
        return self._open[name]

    def __iter__(self) -> Any:
        return iter(tuple(self._open.values()))
