"""Faces: find them in pictures and videos, look at each, decide which count."""

from __future__ import annotations

from typing import Any

from mien.app.local_page.choose import choose
from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.gallery.index import index_of
from mien.app.local_page.job_panel import JobPanel
from mien.app.local_page.parts import attempted, part, say_note
from mien.app.local_page.study_table.reading import TableReading
from mien.core.errors import InputError

TABLES = (".csv", ".tsv", ".xlsx", ".parquet")
HEAD = '<link rel="stylesheet" href="/look/faces.css">' + "".join(
    f'<script src="/look/{name}.js" defer></script>'
    for name in ("faces_parts", "faces_film", "faces_player", "faces_face", "faces")
)


def faces(study: OpenStudy) -> None:
    """Fill the view."""
    from nicegui import ui

    ui.add_head_html(HEAD)
    with part("Find faces", "find-faces"):
        _extraction(study)
    with part("Gallery", "gallery-part"):
        ui.element("div").props(f'id="gallery" data-study="{study.name}"')


def _extraction(study: OpenStudy) -> None:
    from nicegui import ui

    kept = study.kept()
    with ui.row().classes("path-row"):
        given = ui.input("Pictures, videos, folder or table", value=kept["input"] or kept["samples"])
        given.classes("path").props('outlined dense data-testid="faces-input"')

        async def browse() -> None:
            chosen = await choose(study.folders, "Pictures and videos", files=TABLES)
            if chosen is not None:
                given.set_value(str(chosen))

        ui.button("Choose", on_click=browse).props("outline no-caps")
    with ui.expansion("Settings").props("dense"), ui.row():
        every = ui.input("Of videos, every", value="1")
        every.props("outlined dense").props('hint="so many frames: 5; or seconds: 0.5s"')
        workers = ui.number("Processes", value=1, min=1, max=64, format="%d").props("outlined dense")
        smallest = ui.number("Smallest face, pixels", min=1)
        smallest.props('outlined dense clearable hint="empty: as usual"')

    def changed(status: str) -> None:
        index_of(study).look_again()
        ui.run_javascript("window.mienFaces && window.mienFaces.reload()")

    panel = JobPanel(study.folder, ("extract",), changed)

    async def find() -> None:
        asked = await attempted(lambda: extraction(study, given.value, every.value, workers.value, smallest.value))
        if asked is not None:
            await panel.start("extract", asked)

    ui.button("Find faces", on_click=find).props('no-caps data-testid="find"')
    say_note("What was computed before and has not changed is kept. Nothing leaves this machine.")


def extraction(study: OpenStudy, given: str | None, every: str | None, workers: Any, smallest: Any) -> dict[str, Any]:
    """What the job is asked for, and what the page keeps of it.

    Raises
    ------
    InputError
        If nothing is named, it lies outside the page's folders, or a table cannot be read.
    """
    if not (given or "").strip():
        raise InputError("Name pictures, videos, a folder of them, or a table with their paths first.")
    place = study.inside(str(given).strip())
    inputs = [str(place)]
    if place.suffix.lower() in TABLES and place.is_file():
        reading = TableReading.at(study, place)
        # Before it is read: what its columns mean is said in Samples, which shows the table that is kept.
        study.keep(samples=str(place), columns=dict(reading.columns), labels=list(reading.labels))
        files = [study.inside(file) for file in reading.samples().files()]
        inputs = [str(file) for file in dict.fromkeys(files)]
    else:
        study.keep(input=str(place))
    asked: dict[str, Any] = {"inputs": inputs, "output": str(study.folder), "every": (every or "1").strip()}
    asked["workers"] = int(workers or 1)
    if smallest:
        asked["smallest_face_px"] = float(smallest)
    return asked
