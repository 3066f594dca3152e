"""The fields in which a proposed table is filled in, a page of pictures at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.media import picture_address
from mien.app.local_page.parts import attempted, say_note
from mien.app.local_page.study_table.proposed import SUBJECT, ProposedTable

ROWS = 20


class Filling:
    """Pictures with two fields each: who is shown, and the label.

    Parameters
    ----------
    study : OpenStudy
    table : ProposedTable
    show : coroutine function
        Looks again, once the table was written.
    """

    def __init__(self, study: OpenStudy, table: ProposedTable, show: Callable[[], Any]) -> None:
        from nicegui import ui

        self._study, self._table, self._show, self._first = study, table, show, 0
        say_note(
            f"{len(table.paths)} pictures and videos. Say who is shown on each and what it is labelled with; a part of "
            f"the files' names can fill a column at once. Written as samples.csv into the study's folder; your files "
            "stay as they are."
        )
        with ui.row():
            self._label = ui.input("Name of the label", value=table.label, on_change=self._renamed)
            self._label.props('outlined dense data-testid="label-name"')
            self._column = ui.select({SUBJECT: "who is shown", "label": "the label"}, value=SUBJECT, label="Fill")
            self._column.props("outlined dense")
            self._pattern = ui.input("by the part of the name", value="^([^_-]+)[_-]").props(
                'outlined dense data-testid="name-pattern"'
            )
            ui.button("Fill it", on_click=self._fill).props('outline no-caps data-testid="fill-names"')
        self._rows = ui.element("div").props('data-testid="filling"')
        with ui.row().classes("pager"):
            self._where = ui.label().classes("note").props('role="status"')
            ui.button("Pictures before", on_click=lambda: self._turn(-ROWS)).props("outline dense no-caps")
            ui.button("Pictures after", on_click=lambda: self._turn(ROWS)).props("outline dense no-caps")
        ui.button("Write the table", on_click=self._write).props('no-caps data-testid="write-table"')
        self._draw()

    def _draw(self) -> None:
        from nicegui import ui

        table, last = self._table, min(self._first + ROWS, len(self._table.paths))
        self._rows.clear()
        with self._rows, ui.element("ul").classes("filling"):
            for row in range(self._first, last):
                with ui.element("li"):
                    image = ui.element("img").props('alt="" loading="lazy" width="64" height="64"')
                    image.props["src"] = picture_address(self._study, table.paths[row])
                    ui.label(table.paths[row].rsplit("/", 1)[-1]).classes("file-name")
                    self._field("Who", table.subjects, row)
                    self._field(table.label or "label", table.labels, row)
        said = sum(bool(one) for one in table.labels)
        self._where.set_text(f"{self._first + 1} to {last} of {len(table.paths)}; {said} have a label.")

    def _field(self, name: str, values: list[str], row: int) -> None:
        from nicegui import ui

        def keep(event: Any) -> None:
            values[row] = str(event.value or "").strip()

        field = ui.input(name, value=values[row], on_change=keep).props("outlined dense")
        field.props["aria-label"] = f"{name} of {self._table.paths[row]}"

    def _turn(self, by: int) -> None:
        self._first = min(max(0, self._first + by), max(0, len(self._table.paths) - 1) // ROWS * ROWS)
        self._draw()

    def _renamed(self, event: Any) -> None:
        self._table.label = str(event.value or "").strip()

    async def _fill(self) -> None:
        from nicegui import ui

        fitting = await attempted(lambda: self._table.fill(str(self._column.value), str(self._pattern.value or "")))
        if fitting is not None:
            ui.notify(f"Filled from {fitting} of {len(self._table.paths)} names.")
            self._draw()

    async def _write(self) -> None:
        if await attempted(lambda: self._table.write(self._study)) is not None:
            await self._show()
