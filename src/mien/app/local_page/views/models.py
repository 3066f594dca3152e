"""Models: train them, see how well they do on held-out people, and which faces stand behind the numbers."""

from __future__ import annotations

from typing import Any

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.job_panel import JobPanel
from mien.app.local_page.parts import part
from mien.app.local_page.scores.shown import scores
from mien.app.local_page.scores.training import Form
from mien.app.local_page.study_table.look import look_at, read_or_said

LOOK = '<link rel="stylesheet" href="/look/tables.css"><link rel="stylesheet" href="/look/scores.css">'


def models(study: OpenStudy) -> None:
    """Fill the view."""
    from nicegui import run, ui

    ui.add_head_html(LOOK)
    with part("Train", "train"):
        form = ui.element("div")
        shown: dict[str, Any] = {}

        def done(status: str) -> None:
            show()

        panel = JobPanel(study.folder, ("train-models", "train", "compare-models"), done)
    results = ui.element("div").props('data-testid="results"')

    def show() -> None:
        results.clear()
        with results:
            scores(study, str(shown.get("model", "")), panel)

    async def ask() -> None:
        found = await run.io_bound(look_at, study)
        form.clear()
        with form:
            if read := read_or_said(found):
                Form(study, *read, panel)

    ui.timer(0, ask, once=True)
    show()
