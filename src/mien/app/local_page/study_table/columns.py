"""What the columns of a table mean: one row each, with a choice of roles."""

from __future__ import annotations

from typing import Any

import numpy as np

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.parts import attempted, say_note
from mien.app.local_page.study_table.look import Look
from mien.app.local_page.study_table.reading import TableReading
from mien.app.local_page.study_table.roles import RATING, ROLES, own_name, role_of, with_role
from mien.core.samples import Samples
from mien.core.words import number
from mien.data.tables.table import FileTable

# Columns that are listed at once.
_MOST = 40
_EXAMPLES = 3


def column_table(study: OpenStudy, found: Look, show: Any) -> None:
    """List the columns; a change of role is kept, and everything is read again.

    Parameters
    ----------
    study : OpenStudy
    found : Look
        With a reading and a table.
    show : coroutine function
        Looks again.
    """
    from nicegui import ui

    assert found.table is not None
    names = list(found.table.columns)
    say_note(
        "Columns of text are labels, columns of numbers ratings, unless you say otherwise. All rows of one subject are "
        "in the same fold when models are scored."
    )
    box = ui.element("div")

    def fill(wanted: str) -> None:
        fitting = [name for name in names if wanted.lower() in name.lower()]
        box.clear()
        with box, ui.element("ul").classes("columns"):
            for name in fitting[:_MOST]:
                _column(study, found, name, show)
        if len(fitting) > _MOST:
            with box:
                say_note(f"{len(fitting) - _MOST} more columns; name a part of one's name above.")

    if len(names) > _MOST:
        ui.input("Columns whose name holds", on_change=lambda event: fill(event.value or "")).props("outlined dense")
        box.move(target_index=-1)
    fill("")


def _column(study: OpenStudy, found: Look, name: str, show: Any) -> None:
    from nicegui import ui

    assert found.reading is not None and found.table is not None
    reading, table = found.reading, found.table
    labels = tuple(found.samples.labels) if found.samples is not None else labels_by_looks(reading, table)

    async def change(event: Any) -> None:
        changed = await attempted(lambda: with_role(reading, list(table.columns), name, event.value))
        if changed is None:
            return
        await attempted(lambda: study.keep(**changed))
        if event.value == RATING and not np.isfinite(table.numbers(name)[0]).any():
            ui.notify(f"'{name}' holds no numbers, so it stays a label.", type="warning")
        await show()

    with ui.element("li").props('data-testid="column"'):
        with ui.element("div"):
            ui.label(name or "(no name)").classes("column-name")
            ui.label(_read_as(name, found)).classes("note")
        ui.select(ROLES, value=role_of(reading, name, labels), label=f"{name} is", on_change=change).props(
            "outlined dense options-dense"
        ).classes("role")


def labels_by_looks(reading: TableReading, table: FileTable) -> tuple[str, ...]:
    """Columns of text, by mien's names, of a table that cannot be read yet: what they become once it can."""
    return tuple(own_name(reading, name) for name in table.columns if not np.isfinite(table.numbers(name)[0]).any())


def _read_as(name: str, found: Look) -> str:
    """How a column was read, with a few of its cells."""
    assert found.reading is not None and found.table is not None
    read = said_of(found.samples, own_name(found.reading, name)) if found.samples is not None else ""
    return read or f"such as {', '.join(examples(found.table.columns[name]))}"


def said_of(samples: Samples, name: str) -> str:
    """What a label or a rating holds; ``''`` of other columns."""
    if name in samples.unread:
        return f"left out. {samples.unread[name]}"
    if name in samples.labels:
        classes = sorted({str(v) for v in samples.labels[name]} - {""})
        shown = ", ".join(classes[:6])
        return f"{len(classes)} class{'' if len(classes) == 1 else 'es'}: {shown}{', ...' if len(classes) > 6 else ''}"
    if name in samples.ratings:
        known = samples.ratings[name][np.isfinite(samples.ratings[name])]
        if not len(known):
            return "no number is known"
        return f"{len(known)} numbers from {number(float(known.min()))} to {number(float(known.max()))}"
    return ""


def examples(cells: np.ndarray) -> list[str]:
    """The first few different cells."""
    found: list[str] = []
    for cell in cells[:200]:
        text = str(cell).strip()
        if text and text not in found:
            found.append(text if len(text) <= 40 else f"{text[:39]}…")
        if len(found) == _EXAMPLES:
            break
    return found or ["nothing"]
