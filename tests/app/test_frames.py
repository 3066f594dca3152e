"""Frames of videos and cameras: none is lost where a file is written, none is queued where people watch."""

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from mien.app import frames as app_frames
from mien.app.frames import camera_number, every_frame, newest_frames, source_frames
from mien.core.errors import InputError
from mien.data.media.video import Sampling
from mien.data.media.video_frame import VideoFrame
from tests.media import noise, write_video

PICTURE = np.zeros((4, 4, 3), np.uint8)


def ticks(count: int, step_s: float = 0.04) -> Iterator[VideoFrame]:
    for number in range(count):
        yield VideoFrame(number, number * step_s, PICTURE)


class FakeCamera:
    """A camera of coloured pictures that ends after some."""

    opened = True
    released = 0

    def __init__(self, number: int) -> None:
        self.left = 6

    def isOpened(self) -> bool:
        return self.opened

    def read(self) -> tuple[bool, np.ndarray]:
        self.left -= 1
        time.sleep(0.005)
        return self.left >= 0, np.full((8, 8, 3), (255, 0, 10 * self.left), np.uint8)

    def release(self) -> None:
        FakeCamera.released += 1


def test_all_frames_of_a_file_come_in_order() -> None:
    assert [(frame.number, dropped) for frame, dropped in every_frame(ticks(50))] == [(n, 0) for n in range(50)]


def test_a_slow_watcher_gets_the_newest_frame_and_the_number_of_those_dropped() -> None:
    seen, dropped = [], 0
    for frame, lost in newest_frames(ticks(30, 0.02), paced=True):
        seen.append(frame.number)
        dropped += lost
        time.sleep(0.07)
    assert len(seen) + dropped == 30 and 3 <= len(seen) < 20
    assert seen == sorted(seen) and seen[-1] == 29


def test_a_quick_watcher_of_a_played_file_gets_every_frame_in_its_own_time() -> None:
    start = time.monotonic()
    assert len(list(newest_frames(ticks(6, 0.1), paced=True))) == 6
    assert time.monotonic() - start >= 0.5


def test_a_part_of_a_film_begins_at_once() -> None:
    later = (VideoFrame(frame.number, frame.time_s + 1000, PICTURE) for frame in ticks(3))
    start = time.monotonic()
    assert [frame.number for frame, _ in newest_frames(later, paced=True)][-1] == 2
    assert time.monotonic() - start < 5


def test_who_stops_watching_ends_the_reader_and_what_breaks_off_is_told() -> None:
    closed = []

    def endless() -> Iterator[VideoFrame]:
        try:
            yield from ticks(10**9, 0.001)
        finally:
            closed.append(True)

    items = newest_frames(endless(), paced=True)
    next(items)
    items.close()
    assert closed == [True]

    def broken() -> Iterator[VideoFrame]:
        yield from ticks(2)
        raise InputError("the film is damaged")

    found = []
    with pytest.raises(InputError, match="damaged"):
        for frame, _ in newest_frames(broken(), paced=True):
            found.append(frame.number)
    assert found[:1] == [0]


def test_a_camera_gives_upright_rgb_and_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", FakeCamera)
    monkeypatch.setattr(app_frames, "CAMERA_WAIT_S", 0.05)
    FakeCamera.released, found = 0, []
    with pytest.raises(InputError, match="Camera 0 gives no pictures any more"):
        for frame in source_frames("0", Sampling(every=2)):
            found.append(frame)
    assert [frame.number for frame in found] == [0, 2, 4] and FakeCamera.released == 1
    assert found[0].picture[0, 0].tolist() == [50, 0, 255]
    assert len(list(source_frames(0, Sampling(stop_s=1e-9)))) <= 1


def test_a_camera_that_is_not_there_and_files_that_are_none_are_sentences(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", FakeCamera)
    monkeypatch.setattr(FakeCamera, "opened", False)
    with pytest.raises(InputError, match=r"Camera 3 cannot be opened.*another program"):
        next(source_frames("3", Sampling()))
    with pytest.raises(InputError, match="is no file"):
        source_frames(tmp_path / "absent.mp4", Sampling())
    with pytest.raises(InputError, match="is no file but a folder"):
        source_frames(tmp_path, Sampling())
    for text in ("-1", "64", "99999999999"):
        with pytest.raises(InputError, match="number from 0"):
            camera_number(text)


def test_a_file_named_by_a_number_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_video(tmp_path / "0.mp4", [noise()] * 2).rename(tmp_path / "0")
    assert camera_number("0") is None and camera_number("1") == 1
    assert len(list(source_frames("0", Sampling()))) == 2
