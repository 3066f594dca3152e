"""Choose a folder or a file on this machine, within the folders that the page may use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from mien.app.local_page.folders import Folders
from mien.core.errors import MienError

# Of one folder; who has more types the path.
MOST_SHOWN = 500


async def choose(
    folders: Folders, title: str, *, files: tuple[str, ...] = (), begin: Path | None = None
) -> Path | None:
    """Ask for a folder, or for a file with one of these endings; None if nothing was chosen.

    Parameters
    ----------
    folders : Folders
    title : str
    files : tuple of str
        Endings, such as ``('.csv',)``; none: folders only.
    begin : Path, optional
        Where to begin.
    """
    from nicegui import ui

    here = begin if begin is not None and begin.is_dir() else folders.roots[0]
    with ui.dialog() as dialog, ui.card().classes("chooser").props(f'role="dialog" aria-label="{title}"'):
        ui.label(title).classes("chooser-title")
        listing = ui.element("div").classes("chooser-list")

        def show(place: Path) -> None:
            listing.clear()
            with listing:
                _listing(folders, place, files, show, dialog.submit)

        show(here)
        ui.button("Close", on_click=lambda: dialog.submit(None)).props("flat no-caps")
    chosen = await dialog
    # Who left the page with the dialog open took it along.
    if not dialog.is_deleted:
        dialog.delete()
    return chosen if isinstance(chosen, Path) else None


def _listing(
    folders: Folders, here: Path, files: tuple[str, ...], go: Callable[[Path], None], take: Callable[[Any], None]
) -> None:
    from nicegui import ui

    ui.label(str(here)).classes("note").props('data-testid="chooser-here"')
    with ui.row():
        if here not in folders.roots:
            ui.button("Up", on_click=lambda: go(here.parent)).props("outline no-caps")
        for root in folders.roots:
            if root != here:
                ui.button(root.name or str(root), on_click=lambda root=root: go(root)).props("flat no-caps")
        ui.button("Take this folder", on_click=lambda: take(here)).props("no-caps")
    inner, shown, more = entries(folders, here, files)
    with ui.element("ul"):
        for place in inner:
            with ui.element("li"):
                ui.button(f"{place.name}/", on_click=lambda place=place: go(place)).props("flat no-caps align=left")
        for place in shown:
            with ui.element("li"):
                ui.button(place.name, on_click=lambda place=place: take(place)).props("flat no-caps align=left")
    if more:
        ui.label(f"{more} more are not listed; type the path instead.").classes("note")


def entries(folders: Folders, here: Path, files: tuple[str, ...]) -> tuple[list[Path], list[Path], int]:
    """Folders and files of a folder, hidden ones left out, and how many are too many to list."""
    try:
        found = sorted(folders.inside(here).iterdir(), key=lambda place: place.name.lower())
    except (OSError, MienError):
        return [], [], 0
    seen = [place for place in found if not place.name.startswith(".")]
    inner = [place for place in seen if place.is_dir()]
    fitting = [place for place in seen if files and place.suffix.lower() in files and place.is_file()]
    more = max(0, len(inner) - MOST_SHOWN) + max(0, len(fitting) - MOST_SHOWN)
    return inner[:MOST_SHOWN], fitting[:MOST_SHOWN], more
