"""Faces behind a number: a thumbnail where there is one, who is shown, what was said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.media import SHOWN, picture_address
from mien.app.local_page.parts import say_note
from mien.app.local_page.scores.behind import Behind
from mien.app.local_page.study_table.reading import TableReading
from mien.core.errors import MienError
from mien.core.people.unknown import is_own
from mien.core.words import number

# Shown at once; the rest comes by a button.
AT_ONCE = 24
_MOST_SAID = 3


def file_of(study: OpenStudy, path: str) -> Path | None:
    """Where a sample's picture lies, if the page may show it."""
    try:
        place = TableReading.of(study).place
        file = study.inside((place if place.is_dir() else place.parent) / path)
    except MienError:
        return None
    return file if file.suffix.lower() in SHOWN and file.is_file() else None


def said_words(one: Behind) -> str:
    """``'smile 0.80, neutral 0.15, anger 0.05'``."""
    return ", ".join(f"{name} {number(value)}" for name, value in one.said[:_MOST_SAID])


def faces_behind(study: OpenStudy, found: Sequence[Behind]) -> None:
    """Draw them, some at a time."""
    from nicegui import ui

    grid = ui.element("ul").classes("face-grid")

    def more(start: int) -> None:
        with grid:
            for one in found[start : start + AT_ONCE]:
                _face(study, one)
        shown = min(start + AT_ONCE, len(found))
        rest.set_visibility(shown < len(found))
        rest.set_text(f"Show more ({len(found) - shown} left)")
        counted[0] = shown

    counted = [0]
    rest = ui.button("Show more", on_click=lambda: more(counted[0])).props("outline no-caps")
    more(0)
    if not found:
        say_note("No sample is behind this.")


def _face(study: OpenStudy, one: Behind) -> None:
    from nicegui import ui

    file = file_of(study, one.path)
    with ui.element("li").props("data-testid=face-behind"):
        if file is not None:
            with ui.element("a") as link:
                link.props["href"] = picture_address(study, file)
                link.props("target=_blank rel=noopener")
                image = ui.element("img").props("loading=lazy width=112 height=112")
                image.props["src"], image.props["alt"] = picture_address(study, file), f"Picture {one.path}"
        ui.label(one.path).classes("face-name")
        ui.label("person unknown" if is_own(one.subject) else f"person {one.subject}").classes("note")
        ui.label(said_words(one)).classes("note")
