"""What the page shows of jobs: also those that another tab or the command of a colleague has started."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nicegui")

from mien.app.local_page.job_panel import OTHERS_EVERY, JobPanel
from mien.app.local_page.jobs.job import ASKED, END
from mien.core.files import write_json


@pytest.fixture
def client() -> Iterator[Any]:
    """A page's visitor without a browser, in which elements can be made."""
    from nicegui import Client
    from nicegui.page import page

    with Client(page("")) as visitor:
        yield visitor


def started(study: Path, number: int = 1, verb: str = "extract") -> Path:
    """A job that runs, as another tab starts it."""
    place = study / "jobs" / f"{number:04d}-{verb}"
    place.mkdir(parents=True)
    write_json(place / ASKED, {"verb": verb, "arguments": {}})
    return place


def looked(panel: JobPanel) -> None:
    """Some time passes."""
    for _ in range(OTHERS_EVERY):
        panel._look()


def test_a_job_of_another_tab_is_shown_with_its_end(client: Any, tmp_path: Path) -> None:
    ends: list[str] = []
    panel = JobPanel(tmp_path, ("extract",), ends.append)
    place = started(tmp_path)
    looked(panel)
    assert panel.running and panel._box.visible and panel._cancel.visible
    write_json(place / END, {"status": "done", "seconds": 1.0, "sentence": "Sources: 2 ok."})
    looked(panel)
    assert ends == ["done"] and "Sources: 2 ok." in panel._how.text and not panel._cancel.visible


def test_a_job_that_began_and_ended_elsewhere_between_two_looks_is_told_of_once(client: Any, tmp_path: Path) -> None:
    ends: list[str] = []
    panel = JobPanel(tmp_path, ("extract",), ends.append)
    write_json(started(tmp_path) / END, {"status": "failed", "seconds": 1.0, "sentence": "No."})
    looked(panel)
    looked(panel)
    assert ends == ["failed"]
    started(tmp_path, 2, "embed")
    looked(panel)
    assert ends == ["failed"] and not panel.running
