"""Frames of a video or a camera: every one for a file that is written, or the newest one for people who watch."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import cv2

from mien.core.errors import InputError
from mien.data.media.kinds import is_video
from mien.data.media.video import Sampling, read_frames, video_facts
from mien.data.media.video_frame import VideoFrame
from mien.faces.reader import DECODED_AHEAD, ahead

# A camera that gives nothing for so long was unplugged.
CAMERA_WAIT_S = 5.0
MOST_CAMERAS = 64


def camera_number(source: str | int | Path) -> int | None:
    """The number of a camera, None where a file is meant.

    Raises
    ------
    InputError
        If there can be no such camera.
    """
    text = str(source).strip()
    if isinstance(source, bool) or not text.lstrip("+-").isdigit() or Path(text).exists():
        return None
    if not 0 <= int(text) < MOST_CAMERAS:
        raise InputError(f"A camera is a number from 0 (the first) to {MOST_CAMERAS - 1}, but got '{text}'.")
    return int(text)


def source_frames(source: str | int | Path, sampling: Sampling) -> Iterator[VideoFrame]:
    """Frames of a video file, or of a camera until it is closed.

    Raises
    ------
    InputError
        If there is no such file or camera, or it cannot be read.
    """
    number = camera_number(source)
    if number is not None:
        return _camera(number, sampling)
    path = Path(str(source))
    check_video(path)
    return read_frames(path, sampling)


def check_video(path: Path) -> None:
    """Refuse what is no video that can be opened.

    Raises
    ------
    InputError
    """
    if not path.is_file():
        raise InputError(
            f"{path} is no file{'' if not path.is_dir() else ' but a folder'}; give one video, or a camera by its "
            "number (0 for the first)."
        )
    if not is_video(path):
        raise InputError(
            f"{path.name} is no video. Single pictures are read by 'mien actions' and, sent to it, by 'mien serve'."
        )
    video_facts(path)


def _camera(number: int, sampling: Sampling) -> Iterator[VideoFrame]:
    """Frames of a camera as they come."""
    camera: Any = cv2.VideoCapture(number)
    try:
        if not camera.isOpened():
            raise InputError(
                f"Camera {number} cannot be opened: there is none, another program uses it, or this user may not (on "
                "Linux the group 'video' may). Cameras count from 0."
            )
        first = last = time.monotonic()
        count, next_s = 0, sampling.start_s
        while time.monotonic() - last < CAMERA_WAIT_S:
            there, picture = camera.read()
            if not there:
                time.sleep(0.01)
                continue
            last = time.monotonic()
            time_s = last - first
            if time_s >= sampling.stop_s:
                return
            count += 1
            due = time_s >= next_s if sampling.every_s else (count - 1) % sampling.every == 0
            if due and time_s >= sampling.start_s:
                next_s = time_s + sampling.every_s
                yield VideoFrame(count - 1, time_s, cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
        raise InputError(f"Camera {number} gives no pictures any more.")
    finally:
        camera.release()


def every_frame(frames: Iterator[VideoFrame]) -> Generator[tuple[VideoFrame, int]]:
    """All frames, decoded ahead by another thread; none is dropped."""
    for frame in ahead(frames, DECODED_AHEAD):
        yield frame, 0


def newest_frames(
    frames: Iterator[VideoFrame], paced: bool, clock: Callable[[], float] = time.monotonic
) -> Generator[tuple[VideoFrame, int]]:
    """The newest frame whenever the reader of this is ready for one, and how many were dropped before it.

    Parameters
    ----------
    frames : iterator of VideoFrame
        Read by a thread of its own; its errors are raised here.
    paced : bool
        Frames come at their own times, as a file is played; cameras keep time by themselves.
    clock : callable
        Seconds.
    """
    box = _Box()
    thread = threading.Thread(target=box.fill, args=(frames, paced, clock), daemon=True)
    thread.start()
    try:
        while (item := box.take()) is not None:
            yield item
    finally:
        box.stopped.set()
        thread.join(CAMERA_WAIT_S)


class _Box:
    """Room for one frame: a newer one takes the place of one that nobody fetched."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self._changed = threading.Condition()
        self._frame: VideoFrame | None = None
        self._dropped = 0
        self._error: BaseException | None = None
        self._ended = False

    def fill(self, frames: Iterator[VideoFrame], paced: bool, clock: Callable[[], float]) -> None:
        """Put frames until there are no more or nobody wants any."""
        error: BaseException | None = None
        start: float | None = None
        try:
            for frame in frames:
                # The first frame is due now, whatever part of the film it begins.
                start = clock() - frame.time_s if start is None else start
                if paced and self.stopped.wait(max(0.0, start + frame.time_s - clock())):
                    return
                if self.stopped.is_set():
                    return
                with self._changed:
                    self._dropped += self._frame is not None
                    self._frame = frame
                    self._changed.notify_all()
        except BaseException as problem:
            error = problem
        finally:
            getattr(frames, "close", lambda: None)()
            with self._changed:
                self._ended, self._error = True, error
                self._changed.notify_all()

    def take(self) -> tuple[VideoFrame, int] | None:
        """The newest frame, waited for; None at the end."""
        with self._changed:
            # Waits in short steps, so that Ctrl-C is not kept waiting.
            while self._frame is None and not self._ended:
                self._changed.wait(0.2)
            if self._frame is None:
                if self._error is not None:
                    raise self._error
                return None
            item = self._frame, self._dropped
            self._frame, self._dropped = None, 0
            return item
