"""Files that are dropped on the start page: written into the new study's folder, and kept until that has a name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from mien.app.local_page.folders import Folders
from mien.app.local_page.parts import attempted, say_refused, warn
from mien.core.errors import InputError
from mien.core.words import listed
from mien.data.media import pictures, video

TABLES = (".csv", ".tsv", ".xlsx", ".parquet")
DROPPED = "media"
# Of files that were refused.
MOST_NAMED = 5
TAKEN = (*sorted(pictures.SUFFIXES | video.SUFFIXES), *TABLES)


class DroppedFiles:
    """The field for files, with what became of each.

    Parameters
    ----------
    folders : Folders
    folder : callable
        The folder of the new study, as it is named now.
    most_upload : int
        Bytes of one file.
    """

    def __init__(self, folders: Folders, folder: Callable[[], str], most_upload: int) -> None:
        from nicegui import ui

        self._folders, self._folder = folders, folder
        # Files that the page's visitor has sent, which end with the visit.
        self._waiting: list[Any] = []
        self._one_at_a_time = asyncio.Lock()
        self._taken: list[str] = []
        self._refused: list[str] = []
        drop = ui.upload(
            on_upload=lambda upload: self.take(upload.file), multiple=True, auto_upload=True,
            max_file_size=most_upload, label="Drop pictures, videos or a table",
        ).props(f'accept="{",".join(TAKEN)}" data-testid="drop"')  # fmt: skip
        drop.on(
            "rejected",
            lambda event: warn(rejected_sentence(event.args, most_upload)),
            js_handler="(files) => emit(files.map((one) => [one.failedPropValidation, one.file.name]))",
        )
        # Quasar's own button has no name that is read aloud; the style hides it.
        pick = f"() => getElement({drop.id}).pickFiles()"
        ui.button("Choose files").props("outline no-caps").on("click", js_handler=pick)
        self._said = ui.label().classes("note").props('data-testid="dropped" role="status"')

    async def take(self, file: Any) -> None:
        """One more file: written at once where the study's folder is named."""
        self._waiting.append(file)
        if self._folder().strip():
            await self.write()
        self._said.set_text(self.words())

    async def write(self) -> bool:
        """Write all that wait; whether there is a folder for them, without which they go on waiting."""
        # Several arrive at once, and the study is made of all.
        async with self._one_at_a_time:
            if not self._waiting:
                return True
            folder: Path | None = await attempted(
                lambda: self._folders.inside(needed(self._folder(), "a folder for the study"))
            )
            if folder is None:
                return False
            while self._waiting:
                file = self._waiting.pop(0)
                name = await _written(folder, file)
                (self._taken if name else self._refused).append(name or str(file.name))
            self._said.set_text(self.words())
            return True

    def words(self) -> str:
        """What became of the files."""
        waiting = [str(file.name) for file in self._waiting]
        parts = {
            "In the study's folder": self._taken,
            "Kept until the folder of the new study is named above": waiting,
            "Not taken": self._refused,
        }
        return " ".join(f"{what}: {_first(names)}." for what, names in parts.items() if names)


async def _written(folder: Path, file: Any) -> str:
    """Write an uploaded file into the study's folder; its name there, empty if it was refused."""
    target: Path | None = await attempted(lambda: dropped_path(folder, file.name))
    if target is None:
        return ""
    try:
        await file.save(target)
    except OSError as error:
        with suppress(OSError):
            target.unlink(missing_ok=True)
        say_refused(error)
        return ""
    return target.name


def dropped_path(folder: Path, name: str) -> Path:
    """Where an uploaded file goes: by its bare name, and never over another one.

    Raises
    ------
    InputError
        If its kind is not read, or there is one of this name.
    """
    bare = Path(name.replace("\\", "/")).name
    if bare.startswith("."):
        raise InputError(f"{bare} begins with a dot: mien does not read hidden files. Rename it.")
    if not bare or Path(bare).suffix.lower() not in TAKEN:
        raise InputError(f"{name} is of a kind that mien does not read; it reads {', '.join(TAKEN)}.")
    place = folder / (DROPPED if Path(bare).suffix.lower() not in TABLES else "") / bare
    if place.exists():
        raise InputError(f"There is a file {bare} in {place.parent} already; rename the new one.")
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


def rejected_sentence(given: Any, most_upload: int) -> str:
    """Which files the browser did not send, and why.

    Parameters
    ----------
    given : Any
        What the browser says: pairs of the rule that was broken and the file's name.
    most_upload : int
        Bytes.
    """
    named = [(str(rule), str(name)) for rule, name in given]
    large = [name for rule, name in named if rule.startswith("max-")]
    other = [name for rule, name in named if rule == "accept"]
    said = []
    if large:
        said.append(
            f"Larger than the {most_upload / 1e6:g} MB that this page takes: {_first(large)}. Choose the folder that "
            "holds them instead, or start the page with a larger --max-mb."
        )
    if other:
        said.append(f"Of a kind that mien does not read: {_first(other)}. It reads {', '.join(TAKEN)}.")
    return " ".join(said) or f"Chosen twice: {_first([name for _, name in named])}."


def _first(names: list[str]) -> str:
    shown = names[:MOST_NAMED]
    return listed([*shown, f"{len(names) - len(shown)} more"] if len(names) > len(shown) else shown)


def needed(text: str | None, what: str) -> str:
    """What a field holds.

    Raises
    ------
    InputError
        If it is empty.
    """
    if not (text or "").strip():
        raise InputError(f"Name {what} first.")
    return str(text).strip()
