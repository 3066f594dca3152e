"""Reading frames of videos with their true times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.numbers import RANGES, Range, check_number
from mien.data.media.upright import UPRIGHT, of_display_matrix
from mien.data.media.video_decoding import Decoded, Health, decoded, film_of, frame_rate, opened, progressive
from mien.data.media.video_end import file_end, is_short, stated_end
from mien.data.media.video_frame import Planes, VideoFrame, equal

# A step back in time of more frames than this is a new start (a file put together from others), a smaller one a slip.
NEW_START_FRAMES = 1.5
# Flag of a frame that is the one before once more: a camera that froze, or a rate that was converted.
REPEATED = "repeated"
# What sampling takes: frames, and seconds.
FRAMES, SECONDS = Range(1, 1e9, whole=True), RANGES["start_s"]
# Pixels less than a hundredth from square are rounding; beyond the limit, the file's number is nonsense.
SQUARE_ENOUGH, MOST_STRETCHED = 0.01, 4.0
# How brightness and colours were made of red, green and blue, by the standard's numbers: those that FFmpeg converts
# back. A film that names another (a reserved one, by a fault, or a rare one) is read as one that names none.
KNOWN_MATRICES, UNNAMED_MATRIX = frozenset({0, 1, 2, 4, 5, 6, 7, 9}), 2
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
        if not (FRAMES.holds(self.every) and SECONDS.holds(self.every_s)):
            raise InputError("every: give a whole number of frames from 1 up ('5'), or seconds with an s ('0.5s').")
        check_number("start_s", self.start_s, SECONDS)
        if not self.stop_s > self.start_s:
            raise InputError(f"start ({self.start_s:g} s) must lie before stop ({self.stop_s:g} s) and not below 0.")

    @classmethod
    def parse(cls, every: str | int = 1, start_s: float = 0.0, stop_s: float | None = None) -> Sampling:
        """Read ``every`` as frames (``5`` or ``'5'``) or as seconds (``'0.5s'``)."""
        text = str(every).strip().lower()
        stop = float("inf") if stop_s is None else stop_s
        try:
            if text.endswith("s"):
                seconds = float(text[:-1])
                if not (SECONDS.holds(seconds) and seconds):
                    raise ValueError
                return cls(every_s=seconds, start_s=start_s, stop_s=stop)
            return cls(every=int(text), start_s=start_s, stop_s=stop)
        except InputError:
            raise
        except ValueError as error:
            raise InputError(
                f"every: give a whole number of frames ('5') or seconds with an s ('0.5s'), not '{every}'."
            ) from error


class DamagedVideoError(InputError):
    """Some frames of a video could not be decoded; raised after its last frame."""


class TruncatedVideoError(InputError):
    """A video ends before the end that it states; raised after its last frame."""


def video_facts(path: Path) -> dict[str, Any]:
    """Expected number of frames (0 if unknown), seconds and frames per second, as the file claims.

    Raises
    ------
    InputError
        If the file is no readable video.
    """
    with opened(path) as container:
        stream = film_of(container)
        rate = frame_rate(stream)
        seconds = container.duration / 1e6 if container.duration else 0.0
        return {"frames": stream.frames or round(seconds * rate), "seconds": seconds, "rate": rate}


def read_frames(path: Path, sampling: Sampling | None = None) -> Iterator[VideoFrame]:
    """Frames of a video in order of presentation, upright, with square pixels, whole and of one size.

    Times are those of the file, counted from its first frame; frames without a time get one from the frame rate.
    The rotation or reflection that cameras write into the file is applied; pixels that are not square are enlarged
    along their shorter side; interlaced frames are deinterlaced; frames of another size than the first are fitted
    into the first one's, with black beside them, so that all coordinates of a film mean the same place.

    Raises
    ------
    InputError
        If the file is no readable video.
    TruncatedVideoError, DamagedVideoError
        After the last frame, if there should be more, or some were damaged; not where ``sampling`` stops before.
    """
    sampling = sampling or Sampling()
    with opened(path) as container:
        stream = film_of(container)
        stream.thread_type = "SLICE"
        health = Health()
        before: np.ndarray | Planes | None = None
        clock, chosen, shape = _Clock(stream), _Chosen(sampling, frame_rate(stream) or 25), _Shape(stream)
        for number, item in enumerate(progressive(decoded(container, stream, health), stream)):
            time_s = clock(item.frame)
            if time_s >= sampling.stop_s:
                return
            if chosen(number, time_s):
                picture, resized = shape(item)
                flags = {"deinterlaced": item.joined, "resized": resized, "damaged": item.frame.is_corrupt}
                flags[REPEATED] = before is not None and equal(before, picture)
                before = picture
                yield VideoFrame(number, time_s, picture, " ".join(flag for flag, there in flags.items() if there))
        _complain(path, container, stream, health)


class _Clock:
    """Seconds from the first frame, increasing from frame to frame."""

    def __init__(self, stream: Any) -> None:
        self._step_s = 1 / (frame_rate(stream) or 25)
        self._base = stream.time_base
        self._first_s: float | None = None
        self._start_s = float(stream.start_time * stream.time_base) if stream.start_time else 0.0
        self._last_s = float("-inf")

    def __call__(self, frame: Any) -> float:
        raw_s = None if frame.pts is None else float(frame.pts * (frame.time_base or self._base))
        if self._first_s is None:
            self._first_s = self._start_s if raw_s is None else raw_s
            self._last_s = 0.0
            return 0.0
        time_s = self._last_s + self._step_s if raw_s is None else raw_s - self._first_s
        if time_s < self._last_s - NEW_START_FRAMES * self._step_s:
            self._first_s -= self._last_s + self._step_s - time_s
            time_s = self._last_s + self._step_s
        # Times that do not increase are slips of rounding: a millisecond keeps the order.
        self._last_s = max(time_s, self._last_s + 0.001)
        return self._last_s


class _Chosen:
    """Which frames the sampling takes."""

    def __init__(self, sampling: Sampling, rate: float) -> None:
        self._sampling = sampling
        # Half a frame of tolerance keeps '1s' on whole seconds in spite of rounding.
        self._tolerance_s = min(0.5 / rate, sampling.every_s / 4)
        self._next_s = sampling.start_s

    def __call__(self, number: int, time_s: float) -> bool:
        asked = self._sampling
        if time_s < asked.start_s:
            return False
        if not asked.every_s:
            return number % asked.every == 0
        if time_s < self._next_s - self._tolerance_s:
            return False
        passed = int((time_s + self._tolerance_s - asked.start_s) / asked.every_s)
        self._next_s = asked.start_s + asked.every_s * (passed + 1)
        return True


class _Shape:
    """From decoded frames to upright pictures with square pixels, all of the first one's size."""

    def __init__(self, stream: Any) -> None:
        # The container's word, unless the codec changes its mind on the way.
        self._stated = stream.sample_aspect_ratio
        self._at_first: list[Any] = []
        self._size: tuple[int, ...] | None = None
        self._upright = UPRIGHT
        self._rotation: int | None = None

    def _of_pixels(self, codec: Any) -> float:
        """Width of a pixel / its height."""
        self._at_first = self._at_first or [codec]
        shape = float((codec if codec and codec != self._at_first[0] else self._stated) or 1)
        is_odd = abs(shape - 1) < SQUARE_ENOUGH or not 1 / MOST_STRETCHED <= shape <= MOST_STRETCHED
        return 1.0 if is_odd else shape

    def __call__(self, item: Decoded) -> tuple[np.ndarray | Planes, bool]:
        """The picture, and whether it was fitted into the size of the first one."""
        frame, pixels = item.frame, self._of_pixels(item.pixel_shape)
        if int(frame.colorspace) not in KNOWN_MATRICES:
            frame.colorspace = UNNAMED_MATRIX
        # A frame and its side data hold each other: each one whose data are read stays in memory until Python looks for
        # such circles, so they are read where they may be others.
        if frame.rotation != self._rotation:
            matrix = frame.side_data.get("DISPLAYMATRIX")
            self._upright = of_display_matrix(np.frombuffer(bytes(matrix), dtype=np.int32)) if matrix else UPRIGHT
            self._rotation = frame.rotation
        if pixels == 1 and Planes.fit(frame):
            planes = Planes(frame, self._upright)
            self._size = self._size or planes.shape[:2]
            if planes.shape[:2] == self._size:
                return planes, False
        if pixels == 1:
            picture = frame.to_ndarray(format="rgb24")
        else:
            width, height = max(1.0, pixels) * frame.width, max(1.0, 1 / pixels) * frame.height
            picture = frame.to_ndarray(format="rgb24", width=round(width), height=round(height))
        picture = self._upright(picture)
        if self._size is None:
            self._size = picture.shape[:2]
        return (picture, False) if picture.shape[:2] == self._size else (_fitted(picture, self._size), True)


def _fitted(picture: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    """A picture scaled into the middle of a black one of ``size`` (height, width)."""
    import cv2

    scale = min(size[0] / picture.shape[0], size[1] / picture.shape[1])
    height, width = (max(1, min(limit, round(side * scale))) for side, limit in zip(picture.shape, size, strict=False))
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    canvas = np.zeros((*size, 3), dtype=np.uint8)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas[top : top + height, left : left + width] = cv2.resize(picture, (width, height), interpolation=how)
    return canvas


def _complain(path: Path, container: Any, stream: Any, health: Health) -> None:
    """Raise the sentence about a film that was read to its end, if there is one."""
    end = file_end(path)
    lacks = f"; the file lacks {end.missing} bytes or more" if end.missing else ""
    if not health.frames:
        if health.errors:
            raise InputError(f"{path.name} is damaged: none of its frames can be decoded ({health.reason}){lacks}.")
        raise InputError(f"{path.name} holds no video frames{lacks}.")
    rate = frame_rate(stream) or 25
    stated_s, is_length = (0.0, False) if end.in_fragments else stated_end(container, stream)
    end_s = health.end_s - health.start_s if is_length else health.end_s
    if container.format.name == "avi" and end.missing == 0:
        # Its number of frames counts moments without a frame, too.
        stated_s = 0.0
    stated = max(stream.frames, round(stated_s * rate)) if stated_s else 0
    lost = health.damaged > 0 or health.frames < (stream.frames or stated)
    if is_short(end, stated_s, end_s, rate, lost, health.only_last_is_damaged):
        of = f" of {stated}" if stated else ""
        damaged = f", {health.damaged} damaged" if health.damaged else ""
        raise TruncatedVideoError(
            f"{path.name} is damaged or cut off: {health.frames}{of} frames could be read{damaged}{lacks}."
        )
    if health.damaged:
        reason = f" ({health.reason})" if health.reason else ""
        raise DamagedVideoError(
            f"{path.name} is damaged: {health.damaged} of {health.packets} frames{reason}; the others were read."
        )
