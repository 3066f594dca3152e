"""Samples: the study's table, what is wrong in it, what its columns mean, how many there are of what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mien.app.local_page.choose import choose
from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.parts import attempted, part, say_note
from mien.app.local_page.study_table.columns import column_table
from mien.app.local_page.study_table.filling import Filling
from mien.app.local_page.study_table.look import Look, look_at
from mien.app.local_page.study_table.problems import TableFault
from mien.app.local_page.study_table.proposed import proposed_for, written_before
from mien.app.local_page.study_table.reading import TableReading
from mien.app.local_page.study_table.rows import TableRows
from mien.app.local_page.study_table.summary import counts, faces_missing
from mien.core.errors import InputError
from mien.data.tables.table import SUFFIXES

LOOK = '<link rel="stylesheet" href="/look/tables.css">'
# Beyond this nobody reads on; the first ones are mended first.
_MOST_PROBLEMS = 60


def samples(study: OpenStudy) -> None:
    """Fill the view."""
    from nicegui import run, ui

    ui.add_head_html(LOOK)
    box = ui.element("div").props('data-testid="samples" aria-live="polite"')
    with box:
        ui.label("Reading ...").classes("note")

    async def show() -> None:
        found = await run.io_bound(look_at, study)
        box.clear()
        with box:
            _fill(study, found, show)

    async def keep(**changed: Any) -> None:
        await attempted(lambda: study.keep(**changed))
        await show()

    async def browse() -> None:
        chosen = await choose(
            study.folders, "Table or folder of the samples", files=SUFFIXES, begin=place_of_samples(study)
        )
        if chosen is not None:
            await keep(samples=str(chosen), columns={}, labels=[])

    with ui.row().classes("above"):
        ui.button("Choose another table or folder", on_click=browse).props(
            'outline no-caps data-testid="choose-samples"'
        )
        ui.button("Read it again", on_click=show).props("flat no-caps")
    box.move(target_index=-1)
    ui.timer(0, show, once=True)


def place_of_samples(study: OpenStudy) -> Path:
    """Folder in which the present table lies, or that is studied; else the study's."""
    try:
        place = TableReading.of(study).place
    except InputError:
        return study.folder
    return place if place.is_dir() else place.parent


def _fill(study: OpenStudy, found: Look, show: Any) -> None:
    from nicegui import ui

    if found.reading is not None:
        ui.label(str(found.reading.table or found.reading.place)).classes("place").props('data-testid="samples-place"')
        _how(study, found, show)
    _without_table(study, found, show)
    rows = TableRows(found.table) if found.table is not None else None
    with part("What is wrong, or to be known", "problems"):
        _problems(found.problems, rows)
    if found.reading is not None and found.table is not None:
        with part("What the columns mean", "columns"):
            column_table(study, found, show)
    if rows is not None:
        with part("The table", "rows"):
            rows.draw()
    if found.samples is not None:
        with part("How many of what", "counts"):
            counts(study, found.samples)
        with part("Pictures without a face", "faceless"):
            faces_missing(study, found.samples)


def _without_table(study: OpenStudy, found: Look, show: Any) -> None:
    """Fields to fill in a table of a folder's pictures, where there is none, or one of these was written before."""
    from nicegui import ui

    if found.reading is None:
        return
    try:
        if found.samples is None and found.reading.table is None and found.reading.place.is_dir():
            with part("No table yet: fill one in", "propose"):
                Filling(study, proposed_for(study, found.reading.place), show)
        elif (table := written_before(study)) is not None:
            with ui.expansion("Fill in the table").props('dense data-testid="fill-in"').classes("settings"):
                Filling(study, table, show)
    except InputError:
        return  # What is wrong stands below.


def _how(study: OpenStudy, found: Look, show: Any) -> None:
    """Codes for no answer of a table; of a folder, how a name says who is shown."""
    from nicegui import ui

    assert found.reading is not None
    name, label, hint = (
        ("missing", "Codes for 'no answer'", "such as 999,-9")
        if found.reading.table is not None
        else ("subject_pattern", "Who is shown: a regular expression on a file's path", r"such as ([^/_]+)_")
    )

    async def change() -> None:
        await attempted(lambda: study.keep(**{name: (field.value or "").strip()}))
        await show()

    with ui.row().classes("how"):
        field = ui.input(label, value=getattr(found.reading, name)).props(
            f'outlined dense hint="{hint}" data-testid="{name}"'
        )
        field.on("keydown.enter", change)
        ui.button("Apply", on_click=change).props("outline no-caps")


def _problems(problems: tuple[TableFault, ...], rows: TableRows | None) -> None:
    from nicegui import ui

    if not problems:
        say_note("Nothing: every row was read.")
        return
    with ui.element("ul").classes("problems"):
        for problem in problems[:_MOST_PROBLEMS]:
            with ui.element("li").classes("stops" if problem.stops else ""):
                ui.label(("To be mended: " if problem.stops else "") + problem.sentence)
                if problem.column or problem.row:
                    _where(problem, rows)
    if len(problems) > _MOST_PROBLEMS:
        say_note(f"{len(problems) - _MOST_PROBLEMS} more are not listed.")


def _where(problem: TableFault, rows: TableRows | None) -> None:
    from nicegui import ui

    with ui.row().classes("where-row"):
        if problem.column:
            ui.label(f"Column: {problem.column}").classes("note")
        if problem.row and rows is not None:
            ui.button(f"Show row {problem.row}", on_click=lambda: rows.show_row(problem.row)).props(
                "flat dense no-caps"
            ).classes("show-row")
