"""Jobs of the page run in processes of their own: they tell how far they are, end on request, and lose nothing."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from mien.app.local_page.jobs import job as jobs
from mien.app.local_page.jobs.job import Job, JobState, jobs_in, start
from mien.core.errors import InputError
from mien.core.files import write_json


def ended(job: Job, seconds: float = 60.0) -> JobState:
    """Its state after its end."""
    end = time.monotonic() + seconds
    while (state := job.state()).status == jobs.RUNNING:
        assert time.monotonic() < end, job.log()
        time.sleep(0.05)
    return state


def pictures(folder: Path, number: int) -> Path:
    """Pictures without a face."""
    from PIL import Image

    folder.mkdir()
    for row in range(number):
        Image.new("RGB", (96, 96), (row % 255, 120, 150)).save(folder / f"wall{row:04d}.png")
    return folder


def shards(folder: Path) -> dict[str, int]:
    """Whole files of faces, and when they were written."""
    return {path.name: path.stat().st_mtime_ns for path in (folder / "study" / "faces").glob("[!.]*.parquet")}


def test_a_job_does_its_work_and_says_how_it_ended(tmp_path: Path, weights: None) -> None:
    inputs = [str(pictures(tmp_path / "in", 3))]
    job = start(tmp_path / "jobs", "extract", {"inputs": inputs, "output": str(tmp_path / "study")})
    state = ended(job)
    assert (state.status, state.done, state.total) == ("done", 3, 3), job.log()
    assert len(list((tmp_path / "study" / "faces").glob("*.parquet"))) == 3
    assert [found.folder.name for found in jobs_in(tmp_path / "jobs")] == ["0001-extract"]


def test_what_mien_refuses_is_the_jobs_last_sentence(tmp_path: Path) -> None:
    job = start(tmp_path / "jobs", "report", {"folder": str(tmp_path / "nothing")})
    state = ended(job)
    assert state.status == "failed"
    assert "nothing" in state.sentence


def test_sources_that_cannot_be_read_are_named_at_the_end(tmp_path: Path, weights: None) -> None:
    (pictures(tmp_path / "in", 1) / "torn.png").write_bytes(b"x")
    asked = {"inputs": [str(tmp_path / "in")], "output": str(tmp_path / "s")}
    state = ended(start(tmp_path / "jobs", "extract", asked))
    assert state.status == "done"
    assert "1 unreadable" in state.sentence
    assert "torn.png" in state.sentence
    assert ".." not in state.sentence and ".;" not in state.sentence


def test_a_cancelled_job_keeps_what_is_finished_and_goes_on_from_there(tmp_path: Path, weights: None) -> None:
    asked = {"inputs": [str(pictures(tmp_path / "in", 200))], "output": str(tmp_path / "study")}
    job = start(tmp_path / "jobs", "extract", asked)
    end = time.monotonic() + 60
    while not shards(tmp_path) and time.monotonic() < end:
        time.sleep(0.02)
    job.cancel()
    assert ended(job).status == "cancelled", job.log()
    kept = shards(tmp_path)
    assert 0 < len(kept) < 200
    again = start(tmp_path / "jobs", "extract", asked)
    assert ended(again).status == "done", again.log()
    now = shards(tmp_path)
    assert len(now) == 200
    assert kept.items() <= now.items()


def test_only_verbs_of_the_table_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no job 'system'"):
        start(tmp_path, "system", {"command": "true"})
    assert not list(tmp_path.iterdir())


def made_up(folder: Path, seconds_ago: float) -> Job:
    """A job without a process, that was last heard of so long ago."""
    folder.mkdir(parents=True)
    write_json(folder / jobs.ASKED, {"verb": "extract", "arguments": {}})
    write_json(folder / jobs.PROGRESS, {"done": 5, "total": 10, "unit": "files", "seconds": 2.0, "sentence": ""})
    moment = time.time() - seconds_ago
    os.utime(folder / jobs.PROGRESS, (moment, moment))
    return Job(folder)


def test_a_second_job_waits_for_the_first(tmp_path: Path) -> None:
    made_up(tmp_path / "0001-extract", 0.0)
    with pytest.raises(InputError, match="still running; wait for its end, or cancel it"):
        start(tmp_path, "report", {"folder": str(tmp_path)})


def test_a_process_that_vanished_is_lost_and_hinders_nobody(tmp_path: Path) -> None:
    job = made_up(tmp_path / "0001-extract", jobs.SILENT_S + 1)
    state = job.state()
    assert (state.status, state.done) == ("lost", 5)
    assert "Start it again" in state.sentence
    assert ended(start(tmp_path, "report", {"folder": str(tmp_path / "none")})).status == "failed"


def test_the_rate_and_the_rest_are_what_the_counts_say(tmp_path: Path) -> None:
    state = made_up(tmp_path / "0001-extract", 0.0).state()
    assert (state.share, state.rate, state.left_s) == (0.5, 2.5, 2.0)


@pytest.mark.parametrize("content", ["", "{", json.dumps([1]), '{"done": 1, "checksum": "0"}'])
def test_damaged_progress_is_no_progress(tmp_path: Path, content: str) -> None:
    job = made_up(tmp_path / "0001-extract", 0.0)
    (job.folder / jobs.PROGRESS).write_text(content)
    assert job.state() == JobState("running")
