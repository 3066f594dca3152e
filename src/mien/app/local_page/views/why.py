"""Why: what a model's answer about a face rests on, seen by methods side by side, and tried by hand."""

from __future__ import annotations

from typing import Any

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.parts import say_note
from mien.app.local_page.study_table.look import Look, look_at, read_or_said
from mien.app.local_page.why.stored_models import models_of

HEAD = '<link rel="stylesheet" href="/look/why.css"><script src="/look/why.js" defer></script>'


def why(study: OpenStudy) -> None:
    """Fill the view."""
    from nicegui import run, ui

    ui.add_head_html(HEAD)
    names = models_of(study)
    if not names:
        say_note("There is no model in this study yet; train one in the view 'Models'.")
        return
    others = ui.element("div").props('data-testid="other-samples"')
    place = ui.element("div")
    with place:
        say_note("Loading what models need ...")

    async def fill_it() -> None:
        fill, found = await run.io_bound(_loaded, study)
        if place.is_deleted:  # the page was left meanwhile
            return
        place.clear()
        with place:
            read = read_or_said(found)
            if read is None:
                return
            fill(study, names, read[1])
        # Scores load what the report needs: after the page's own parts.
        from mien.app.local_page.scores.same_samples import say_others

        await say_others(study, others)

    ui.timer(0.01, fill_it, once=True)


def _loaded(study: OpenStudy) -> tuple[Any, Look]:
    # Networks take seconds to load: beside the server's loop, which goes on answering.
    from mien.app.local_page.why.panels import fill

    return fill, look_at(study)
