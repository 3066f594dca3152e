"""A table of text, as browsers and readers know it."""

from __future__ import annotations

from collections.abc import Sequence


def plain_table(caption: str, header: Sequence[str], rows: Sequence[Sequence[str]], test_id: str = "") -> None:
    """A table with a caption; the first cell of a row names it."""
    from nicegui import ui

    with ui.element("div").classes("scrolled").props(f'tabindex="0" role="region" aria-label="{caption}"'):
        table = ui.element("table").classes("plain").props(f'data-testid="{test_id}"' if test_id else "")
        with table:
            with ui.element("thead"), ui.element("tr"):
                for words in header:
                    with ui.element("th").props('scope="col"'):
                        ui.label(words).classes("words-only")
            with ui.element("tbody"):
                for row in rows:
                    with ui.element("tr"):
                        for number, words in enumerate(row):
                            cell = ui.element("td").classes("figure" if number else "")
                            with cell:
                                ui.label(words).classes("words-only")
