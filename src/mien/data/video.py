"""Reading frames of videos with their true times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError

SUFFIXES = frozenset(
    ".mp4 .m4v .mov .qt .avi .divx .mkv .webm .mpg .mpeg .mpe .m2v .vob .wmv .asf .flv .f4v .ts .mts .m2t .m2ts .3gp "
    ".3g2 .ogv .mxf .dv .gif".split()
)


@dataclass(frozen=True)
class Sampling:
    """Which frames of a video are read.

    Attributes
    ----------
    every : int
        Every so many frames, counted from the first frame of the file; 1 for all.
    every_s : float
        If positive: at most one frame in so many seconds, instead of ``every``.
    start_s, stop_s : float
        Seconds from the first frame; the frame at ``stop_s`` is not read.
    """

    every: int = 1
    every_s: float = 0.0
    start_s: float = 0.0
    stop_s: float = float("inf")

    def __post_init__(self) -> None:
        if self.every < 1 or self.every_s < 0:
            raise InputError("every: give a whole number of frames from 1 up ('5'), or seconds with an s ('0.5s').")
        if self.start_s < 0 or self.stop_s <= self.start_s:
            raise InputError(f"start ({self.start_s:g} s) must lie before stop ({self.stop_s:g} s) and not below 0.")

    @classmethod
    def parse(cls, every: str | int = 1, start_s: float = 0.0, stop_s: float | None = None) -> Sampling:
        """Read ``every`` as frames (``5`` or ``'5'``) or as seconds (``'0.5s'``)."""
        text = str(every).strip().lower()
        stop = float("inf") if stop_s is None else stop_s
        try:
            if text.endswith("s"):
                seconds = float(text[:-1])
                if seconds <= 0:
                    raise ValueError
                return cls(every_s=seconds, start_s=start_s, stop_s=stop)
            return cls(every=int(text), start_s=start_s, stop_s=stop)
        except InputError:
            raise
        except ValueError as error:
            raise InputError(
                f"every: give a whole number of frames ('5') or seconds with an s ('0.5s'), not '{every}'."
            ) from error


@dataclass(frozen=True, eq=False)
class Frame:
    """One upright frame: its number and time in the file, and its picture (height, width, 3) of uint8, RGB."""

    number: int
    time_s: float
    picture: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.picture.shape[0], self.picture.shape[1]


def video_facts(path: Path) -> dict[str, Any]:
    """Expected number of frames (0 if unknown), seconds and frames per second, as the file claims.

    Raises
    ------
    InputError
        If the file is no readable video.
    """
    with _opened(path) as container:
        stream = container.streams.video[0]
        rate = float(stream.average_rate or stream.guessed_rate or 0)
        seconds = container.duration / 1e6 if container.duration else 0.0
        return {"frames": stream.frames or round(seconds * rate), "seconds": seconds, "rate": rate}


def read_frames(path: Path, sampling: Sampling | None = None) -> Iterator[Frame]:
    """Frames of a video in order of presentation.

    Times are those of the file, counted from its first frame; frames without a time get one from the frame rate.
    The rotation that phones write into the file is applied.

    Raises
    ------
    InputError
        If the file is no readable video, or, after the last good frame, if it is damaged there.
    """
    import av

    sampling = sampling or Sampling()
    with _opened(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "SLICE"
        rate = float(stream.average_rate or stream.guessed_rate or 25)
        first_s: float | None = None
        next_s = sampling.start_s
        number = -1
        try:
            for frame in container.decode(stream):
                number += 1
                raw_s = float(frame.pts * stream.time_base) if frame.pts is not None else None
                if first_s is None:
                    first_s = raw_s if raw_s is not None else 0.0
                time_s = raw_s - first_s if raw_s is not None else number / rate
                if time_s >= sampling.stop_s:
                    return
                if time_s < sampling.start_s or (not sampling.every_s and number % sampling.every):
                    continue
                if sampling.every_s:
                    # Half a frame of tolerance keeps '1s' on whole seconds in spite of rounding.
                    if time_s < next_s - 0.5 / rate:
                        continue
                    next_s += sampling.every_s * max(1, round((time_s - next_s) / sampling.every_s) + 1)
                yield Frame(number, time_s, _upright(frame))
        except av.error.FFmpegError as error:
            where = f"after {number + 1} frames" if number >= 0 else "at its first frame"
            raise InputError(f"{path.name} is damaged: it cannot be read on {where} ({error.strerror}).") from error
    if number < 0:
        raise InputError(f"{path.name} holds no video frames.")


def _upright(frame: Any) -> np.ndarray:
    picture = frame.to_ndarray(format="rgb24")
    turns = round(getattr(frame, "rotation", 0) / 90) % 4
    return np.ascontiguousarray(np.rot90(picture, turns)) if turns else picture


def _opened(path: Path) -> Any:
    import av

    try:
        container = av.open(str(path), metadata_errors="ignore")
    except (av.error.FFmpegError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"{path.name} is not a video that can be read ({reason}).") from error
    if not container.streams.video:
        container.close()
        raise InputError(f"{path.name} holds no video stream.")
    return container
