"""The start page: open a study, make one of a folder or a table, what works here, weights."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from mien.app.local_page.choose import choose
from mien.app.local_page.drop import DROPPED, TABLES, DroppedFiles, needed
from mien.app.local_page.folders import Folders, OpenStudies, OpenStudy
from mien.app.local_page.job_panel import JobPanel
from mien.app.local_page.parts import attempted, part, say_note
from mien.core.errors import InputError
from mien.core.output import check_folder
from mien.data.doctor import doctor
from mien.data.review import REVIEW
from mien.data.weight_facts import weights


def start(studies: OpenStudies, most_upload: int) -> None:
    """Fill the start page."""
    with part("Open a study", "open"):
        _open(studies)
    with part("New study", "new"):
        _new(studies, most_upload)
    with part("This machine", "machine"):
        _machine()


def _open(studies: OpenStudies) -> None:
    from nicegui import ui

    opened = list(studies)
    if opened:
        with ui.element("ul"):
            for study in opened:
                with ui.element("li"):
                    ui.link(str(study.folder), study.path("faces"))
    path = _path_field(studies.folders, "Folder of a study", ())

    async def open_it() -> None:
        study = await attempted(lambda: studies.open(needed(path.value, "a folder")))
        if study is not None:
            ui.navigate.to(study.path("faces"))

    ui.button("Open", on_click=open_it).props('no-caps data-testid="open-study"')


def _new(studies: OpenStudies, most_upload: int) -> None:
    from nicegui import ui

    say_note(
        "Choose a folder of pictures and videos, or a table with their paths, people and ratings; or leave it empty "
        "and drop files below. Everything that mien computes is written into the study's own folder; your files stay "
        "as they are."
    )
    folder = _path_field(studies.folders, "Folder of the new study", ())
    given = _path_field(studies.folders, "Pictures, videos, or a table", TABLES)

    def made() -> OpenStudy:
        return make_study(studies, needed(folder.value, "a folder for the study"), given.value.strip())

    dropped = DroppedFiles(studies.folders, lambda: str(folder.value or ""), most_upload)

    async def make() -> None:
        # Those that were dropped before the folder had a name are part of the study.
        if not await dropped.write():
            return
        study = await attempted(made)
        if study is not None:
            ui.navigate.to(study.path("faces"))

    ui.button("Make the study", on_click=make).props('no-caps data-testid="make-study"')


def make_study(studies: OpenStudies, folder: str, given: str) -> OpenStudy:
    """Make a study's folder over pictures, videos or a table, and open it.

    Raises
    ------
    InputError
        If there is nothing to look at, or the folder cannot be written.
    """
    place = studies.folders.inside(folder)
    source = studies.folders.inside(given) if given else place / DROPPED
    beside = place.glob("*") if not given and place.is_dir() else ()
    tables = [file for file in beside if file.suffix.lower() in TABLES and file.name != REVIEW]
    if not source.exists() and not tables:
        raise InputError(f"{source} does not exist; choose pictures, videos or a table, or drop some.")
    check_folder(place)
    place.mkdir(parents=True, exist_ok=True)
    study = studies.open(place)
    is_table = source.is_file() and source.suffix.lower() in TABLES
    table = source if is_table else (tables[0] if tables else None)
    looked_at = "" if is_table or not source.exists() else str(source)
    study.keep(input=looked_at, samples=str(table) if table else looked_at)
    return study


def _path_field(folders: Folders, label: str, files: tuple[str, ...]) -> Any:
    from nicegui import ui

    with ui.row().classes("path-row"):
        field = ui.input(label).classes("path").props("outlined dense")

        async def browse() -> None:
            chosen = await choose(folders, label, files=files)
            if chosen is not None:
                field.set_value(str(chosen))

        ui.button("Choose", on_click=browse).props("outline no-caps")
    return field


@cache
def _weights_folder() -> Path:
    """Where the jobs that belong to no study are kept: for as long as this server lives."""
    return Path(tempfile.mkdtemp(prefix="mien-page-"))


def _machine() -> None:
    from nicegui import run, ui

    known = ui.element("dl").classes("facts")
    listed = ui.element("div")

    async def show_facts() -> None:
        facts = await run.io_bound(doctor)
        with known:
            for name, value in {
                "Machine": facts["machine"],
                "Versions": ", ".join(f"{name} {number}" for name, number in facts["versions"].items() if number),
                "Network": "none, except for what the button below pulls",
                "Not installed": ", ".join(name for name, row in facts["extras"].items() if row["missing"])
                or "nothing",
            }.items():
                with ui.element("dt"):
                    ui.label(name)
                with ui.element("dd"):
                    ui.label(str(value))
        await show_weights()

    async def show_weights() -> None:
        found = await run.io_bound(weights)
        listed.clear()
        with listed:
            rows = [
                {
                    "name": row["name"],
                    "here": "yes" if row["present"] else "no",
                    "licence": row["licence"],
                    "for": row["purpose"],
                }
                for row in found
            ]
            columns = [
                {"name": key, "label": key, "field": key, "align": "left"} for key in ("name", "here", "licence", "for")
            ]
            ui.table(rows=rows, columns=columns, row_key="name", title="Weights").props("dense flat wrap-cells")

    # The page is there before this machine was looked at.
    ui.timer(0, show_facts, once=True)
    panel = JobPanel(_weights_folder(), ("pull",), lambda status: ui.timer(0, show_weights, once=True))
    ui.button("Pull the weights that faces need", on_click=lambda: panel.start("pull", {})).props("outline no-caps")
    say_note(
        "This is the only thing on this page that asks the network: the addresses that 'mien doctor' names, then pip."
    )
