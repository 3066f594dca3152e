"""Maps: the shape of a population, and what faces that lie together have in common."""

from __future__ import annotations

from typing import Any

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.job_panel import JobPanel
from mien.app.local_page.media import written_address
from mien.app.local_page.older import say_if_older
from mien.app.local_page.parts import attempted, part, say_note, say_problem
from mien.app.local_page.population.chosen import show_chosen
from mien.app.local_page.population.drawn import drawn, latest_map, maps_of, sources_of_maps
from mien.app.local_page.population.making import making
from mien.app.local_page.population.selection import checked_rows
from mien.app.local_page.study_table.look import Look, look_at, read_or_said
from mien.manifold.embedding import cautions_of

LOOK = (
    '<link rel="stylesheet" href="/look/tables.css"><link rel="stylesheet" href="/look/scores.css">'
    '<link rel="stylesheet" href="/look/maps.css">'
    '<script src="/look/maps.js" defer></script>'
)


def maps(study: OpenStudy) -> None:
    """Fill the view."""
    from nicegui import run, ui

    ui.add_head_html(LOOK)
    looked: dict[str, Look] = {}
    with part("Make a map", "make-maps"):
        form = ui.element("div")
        panel = JobPanel(study.folder, ("embed",), lambda status: ui.timer(0, show, once=True))
    shown = ui.element("div").props('data-testid="maps"')

    async def show() -> None:
        sources = await run.io_bound(sources_of_maps, study)
        shown.clear()
        with shown:
            if not sources:
                say_note("No map was made yet.")
                return
            inner = ui.element("div")

            async def choose(event: Any) -> None:
                await _source(study, str(event.value), looked["now"], inner)

            if len(sources) > 1:
                field = ui.select(sources, value=sources[0], label="Maps of", on_change=choose)
                field.props("outlined dense").classes("which").move(target_index=0)
        await _source(study, sources[0], looked["now"], inner)

    async def begin() -> None:
        found = looked["now"] = await run.io_bound(look_at, study)
        with form:
            if read := read_or_said(found):
                making(study, *read, panel)
        await show()

    ui.timer(0, begin, once=True)


async def _source(study: OpenStudy, source: str, look: Look, inner: Any) -> None:
    """The maps of one source, with the panel of what is selected in them."""
    from nicegui import ui

    found = await attempted(lambda: maps_of(study, source))
    page = None if found is None else await attempted(lambda: drawn(study, source, found, look.samples))
    inner.clear()
    if found is None or page is None:
        return
    ids = next(iter(found.values())).ids
    cautions = cautions_of(found.values())
    address = written_address(study, page.relative_to(study.folder).as_posix())
    with inner:
        with part(f"Maps of {source}", "map"):
            say_if_older(study, latest_map(study, source))
            for sentence in cautions:
                say_problem(sentence)
            ui.link("Open in a tab of its own", address, new_tab=True)
            frame = ui.element("iframe").props("id=map-frame title=Maps data-testid=map-frame").classes("map-frame")
            frame.props["src"] = f"{address}?{page.stat().st_mtime_ns}"
        with part("What the selection has in common", "selection"):
            box = ui.element("div").props('aria-live="polite" data-testid="chosen"')
    with box:
        say_note("Select marks in a map, with the mouse or by keys; one mark shows its face, several what they share.")

    async def choose(event: Any) -> None:
        rows = await attempted(lambda: checked_rows(event.args.get("detail"), ids))
        if rows is not None and look.samples is not None:
            await show_chosen(
                study, look.samples, box, [str(ids[row]) for row in rows], [str(one) for one in ids], cautions
            )

    frame.on("chosen", choose, args=["detail"])
