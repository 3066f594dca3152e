"""Models: train them, see how well they do on held-out people, and which faces stand behind the numbers."""

from __future__ import annotations

from pathlib import Path

from mien.app.local_page.folders import OpenStudy
from mien.app.local_page.job_panel import JobPanel
from mien.app.local_page.jobs.job import DONE, Job
from mien.app.local_page.parts import part
from mien.app.local_page.scores.same_samples import say_others
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
        shown: dict[str, str] = {}

        def done(status: str) -> None:
            # What was just trained is what one wants to see.
            if status == DONE and (trained := first_trained(panel.job)):
                shown["model"] = trained
            show()
            ui.timer(0, tell, once=True)

        panel = JobPanel(study.folder, ("train-models", "train", "compare-models"), done)
    others = ui.element("div").props('data-testid="other-samples"')
    results = ui.element("div").props('data-testid="results"')

    def show() -> None:
        results.clear()
        with results:
            scores(study, shown, panel)

    async def tell() -> None:
        await say_others(study, others)

    async def ask() -> None:
        found = await run.io_bound(look_at, study)
        form.clear()
        with form:
            if read := read_or_said(found):
                Form(study, *read, panel)

    ui.timer(0, ask, once=True)
    ui.timer(0, tell, once=True)
    show()


def first_trained(job: Job | None) -> str:
    """The folder's name of the first model that a job of training writes; ``''`` of other jobs."""
    if job is None or job.verb not in ("train", "train-models"):
        return ""
    asked = job.asked.get("arguments", {})
    model = asked.get("model")
    return str(model[0]) if isinstance(model, list) and model else Path(str(asked.get("output", ""))).name
