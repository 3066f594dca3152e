"""What a file does to the process that reads it costs this one file."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from mien.data.shards import read_faces
from mien.faces.extract import extract
from tests.media import astronaut, noise, save, write_video

pytestmark = [
    pytest.mark.usefixtures("weights"),
    pytest.mark.skipif(os.name != "posix", reason="signals of POSIX"),
]
SLOW = {"redetect_s": 0.001, "threads": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("media") / "set"
    save(noise(), place / "a.png")
    # Detecting in every frame makes it last long enough to be met.
    write_video(place / "b.mp4", [astronaut()] * 90)
    save(noise(seed=1), place / "c.png")
    return place


def killing(faces: Path, done: threading.Event) -> None:
    """Kill every process that has been at one file for a while."""
    since: dict[Path, float] = {}
    while not done.is_set():
        for part in faces.glob(".part-*"):
            if time.monotonic() - since.setdefault(part, time.monotonic()) > 0.6:
                os.kill(int(part.name.split("-")[1]), signal.SIGKILL)
                since[part] = float("inf")
        time.sleep(0.02)


def test_a_process_that_dies_costs_its_source_and_the_next_run_tries_it_again(folder: Path, tmp_path: Path) -> None:
    done = threading.Event()
    killer = threading.Thread(target=killing, args=(tmp_path / "faces", done))
    killer.start()
    try:
        result = extract(folder, tmp_path, isolated=True, **SLOW)
    finally:
        done.set()
        killer.join()
    assert result.counts == {"ok": 0, "no face": 2, "unreadable": 1}
    assert result.problems[0][0] == "set/b.mp4" and "SIGKILL" in result.problems[0][1]
    assert not list((tmp_path / "faces").glob(".part-*")), "nothing half-written stays"
    again = extract(folder, tmp_path, threads=1)
    assert again.computed == 1 and again.counts["ok"] == 1
    assert len(read_faces(tmp_path)) == 92


def test_a_source_that_stands_still_is_given_up(folder: Path, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    totals: list[tuple[int, int]] = []

    def progress(sources: int, frames: int):
        totals.append((sources, frames))
        return lambda *step: steps.append(step)

    result = extract(folder, tmp_path, isolated=True, time_limit_s=0.01, progress=progress, **SLOW)
    assert "no frame was finished in 0.01 s, so it was given up" in dict(result.problems)["set/b.mp4"]
    assert totals == [(3, 92)] and sum(sources for sources, _ in steps) == 3
