"""The report: build it, look at it, save it."""

from __future__ import annotations

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.job_panel import JobPanel
from mien.app.local_page.media import written_address
from mien.app.local_page.older import say_if_older
from mien.app.local_page.parts import say_note
from mien.app.local_page.scores.same_samples import say_others
from mien.app.local_page.study_table.look import look_at, read_or_said

REPORT = "report.html"


def report(study: OpenStudy) -> None:
    """Fill the view."""
    from nicegui import run, ui

    say_note("One file that opens without a network. It shows no pictures and no file names unless you say so.")
    with ui.row():
        faces = ui.checkbox("Show pictures of faces: their licence, and the people on them, allow it")
        names = ui.checkbox("Show names of files")

    async def build() -> None:
        asked = {"folder": str(study.folder), "show_faces": bool(faces.value), "show_names": bool(names.value)}
        await panel.start("report", asked)

    ui.button("Build the report", on_click=build).props('no-caps data-testid="build-report"')
    panel = JobPanel(study.folder, ("report",), lambda status: show())
    others = ui.element("div").props('data-testid="other-samples"')
    shown = ui.element("div")

    def show() -> None:
        shown.clear()
        if not (study.folder / REPORT).is_file():
            return
        address = written_address(study, REPORT)
        with shown:
            say_if_older(study, study.folder / REPORT)
            with ui.row():
                ui.link("Open in a tab of its own", address, new_tab=True)
                ui.element("a").props(f'href="{address}" download="{study.title}-report.html"').classes(
                    "save"
                ).add_slot("default", "Save")
            ui.element("iframe").props(f'src="{address}" title="Report" data-testid="report"').classes("report")

    async def tell() -> None:
        found = await run.io_bound(look_at, study)
        await say_others(study, others)
        # A study that was made by commands may have no table, and needs none here.
        if found.reading is not None:
            with others:
                read_or_said(found)

    ui.timer(0, tell, once=True)
    show()
