"""The jobs of a study in the page: how far, how fast, cancel, what was said."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mien.app.local_page.jobs.job import CANCELLED, DONE, RUNNING, Job, JobState, jobs_in, start
from mien.app.local_page.parts import attempted

# Between looks at the job's folder.
LOOK_S = 0.5
# So many looks between looks for jobs that another tab or window has started.
OTHERS_EVERY = 4
JOBS = "jobs"


class JobPanel:
    """Shows the latest job of one or several verbs, also one that another tab has started, and starts new ones.

    Parameters
    ----------
    folder : Path
        Whose ``jobs`` these are.
    verbs : tuple of str
        Which are shown here.
    when_done : callable, optional
        Called each time that one ends, with its status.
    """

    def __init__(self, folder: Path, verbs: tuple[str, ...], when_done: Callable[[str], Any] | None = None) -> None:
        from nicegui import ui

        self._jobs, self._verbs, self._when_done = folder / JOBS, verbs, when_done
        self._job = self._latest()
        self._last: JobState | None = None
        self._looks = 0
        with ui.element("div").classes("job").props('data-testid="job"') as self._box:
            self._what = ui.label().props('role="status"')
            self._bar = ui.linear_progress(show_value=False, size="0.5rem").props('aria-label="How far the work is"')
            self._how = ui.label().classes("note")
            with ui.row():
                self._cancel = ui.button("Cancel", on_click=self._ask_to_end).props("outline no-caps")
                self._log_button = ui.button("What it said", on_click=self._show_log).props("flat no-caps")
            self._log = ui.element("pre").classes("log").props('tabindex="0" aria-label="What the job said"')
            with self._log:
                self._log_text = ui.label()
            self._log.set_visibility(False)
        ui.timer(LOOK_S, self._look)
        self._look()

    async def start(self, verb: str, arguments: Mapping[str, Any]) -> None:
        """Start a job; a refusal is shown."""
        job = await attempted(lambda: start(self._jobs, verb, arguments))
        # It goes on where the page was left meanwhile.
        if job is not None and not self._box.is_deleted:
            self._job, self._last = job, None
            self._log.set_visibility(False)
            self._look()

    @property
    def job(self) -> Job | None:
        """The one that is shown."""
        return self._job

    @property
    def running(self) -> bool:
        """Whether the job that is shown runs."""
        return self._last is not None and self._last.status == RUNNING

    def _latest(self) -> Job | None:
        return next((job for job in jobs_in(self._jobs) if job.verb in self._verbs), None)

    def _look(self) -> None:
        found = self._of_others()
        if found is not None:
            self._job, self._last = found, None
            self._log.set_visibility(False)
        self._box.set_visibility(self._job is not None)
        if self._job is None or (self._last is not None and self._last.status != RUNNING):
            return
        before, state = self._last, self._job.state()
        self._last = state
        self._what.set_text(f"{self._job.title}: {state.status}")
        self._bar.set_value(1.0 if state.status == DONE else state.share)
        self._how.set_text(in_words(state))
        self._cancel.set_visibility(state.status == RUNNING)
        self._box.classes(
            remove="running done failed", add={RUNNING: "running", DONE: "done"}.get(state.status, "failed")
        )
        # One that another tab started may have ended before it was seen here.
        if (before is not None or found is not None) and state.status != RUNNING and self._when_done is not None:
            self._when_done(state.status)

    def _of_others(self) -> Job | None:
        """A later job than the one that is shown; None where there is none, or it is not time to look."""
        self._looks += 1
        if self.running or self._looks % OTHERS_EVERY:
            return None
        latest = self._latest()
        return latest if latest is not None and latest != self._job else None

    def _ask_to_end(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._how.set_text("It ends as soon as what it works on is written ...")

    def _show_log(self) -> None:
        if self._job is not None:
            self._log_text.set_text(self._job.log() or "It has said nothing.")
            self._log.set_visibility(not self._log.visible)


def in_words(state: JobState) -> str:
    """How far a job is, how fast, how long the rest may take."""
    if state.status == RUNNING and state.total:
        left = state.left_s
        rate = f", {state.rate:.3g} per second" if state.rate else ""
        rest = f", about {left:.0f} s left" if left is not None else ""
        return f"{state.done} of {state.total} {state.unit}{rate}{rest}"
    if state.status == RUNNING:
        return state.sentence or f"running for {state.seconds:.0f} s"
    if state.status == DONE:
        return f"{state.sentence + ' ' if state.sentence else ''}Done in {state.seconds:.1f} s."
    if state.status == CANCELLED and not state.sentence:
        return "Cancelled; what was finished is kept."
    return state.sentence
