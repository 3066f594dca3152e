"""The rows of a table of any size, a page at a time."""

from __future__ import annotations

from typing import Any

from mien.app.local_page.written_table import written_table
from mien.data.tables.table import FileTable

ROWS, COLUMNS = 25, 12
# Of one cell; the rest is cut, which an ellipsis says.
_LETTERS = 60


class TableRows:
    """Shows rows and columns of a table.

    Parameters
    ----------
    table : FileTable
    """

    def __init__(self, table: FileTable) -> None:
        self.table = table
        self.row, self.column, self.marked = 0, 0, 0
        self._box: Any = None

    def draw(self) -> None:
        """Put the first page and its buttons into the page."""
        from nicegui import ui

        with ui.element("div").props('data-testid="table-page"') as self._box:
            pass
        self._refresh()

    def show_row(self, number: int) -> None:
        """Turn to a row, by its number in the file, and mark it."""
        place = min(max(number - self.table.first_row, 0), len(self.table) - 1)
        self.row, self.marked = place // ROWS * ROWS, number
        self._refresh()
        self._box.run_method("scrollIntoView", {"block": "center"})

    def _turn(self, rows: int = 0, columns: int = 0) -> None:
        self.row = min(max(self.row + rows, 0), max(len(self.table) - 1, 0) // ROWS * ROWS)
        width = len(self.table.columns)
        self.column = min(max(self.column + columns, 0), max(width - 1, 0) // COLUMNS * COLUMNS)
        self._refresh()

    def _refresh(self) -> None:
        from nicegui import ui

        if self._box is None:
            return
        self._box.clear()
        with self._box:
            ui.html(page_of(self.table, self.row, self.column, self.marked), sanitize=False)
            with ui.row().classes("pager"):
                first = self.row + self.table.first_row
                last = min(self.row + ROWS, len(self.table)) + self.table.first_row - 1
                whole = f"{len(self.table)} rows, {len(self.table.columns)} columns"
                ui.label(f"Rows {first} to {last} of the file ({whole})").classes("note").props('role="status"')
                if len(self.table) > ROWS:
                    self._button("Rows before", rows=-ROWS, off=self.row == 0)
                    self._button("Rows after", rows=ROWS, off=self.row + ROWS >= len(self.table))
                if len(self.table.columns) > COLUMNS:
                    self._button("Columns before", columns=-COLUMNS, off=self.column == 0)
                    self._button("Columns after", columns=COLUMNS, off=self.column + COLUMNS >= len(self.table.columns))

    def _button(self, words: str, *, rows: int = 0, columns: int = 0, off: bool = False) -> None:
        from nicegui import ui

        button = ui.button(words, on_click=lambda: self._turn(rows, columns)).props("outline dense no-caps")
        button.set_enabled(not off)


def page_of(table: FileTable, row: int, column: int, marked: int = 0) -> str:
    """A page of a table as HTML.

    Parameters
    ----------
    table : FileTable
    row, column : int
        The first that are shown, counted from 0.
    marked : int
        Number in the file of the row that stands out.
    """
    names = list(table.columns)[column : column + COLUMNS]
    here = range(row, min(row + ROWS, len(table)))
    rows = [[str(place + table.first_row), *(_cut(table.columns[name][place]) for name in names)] for place in here]
    at = marked - table.first_row - row
    return written_table(
        ["row", *names], rows, caption=f"First column: number of the row in {table.path.name}",
        numbers=(0,), marked=at if 0 <= at < len(rows) else -1,
    )  # fmt: skip


def _cut(cell: Any) -> str:
    text = str(cell)
    return text if len(text) <= _LETTERS else f"{text[: _LETTERS - 1]}…"
