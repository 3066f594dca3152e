"""From one picture or video to ``Faces``: networks, measures and rows, with decoding and measuring in parallel."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from mien.core.errors import InputError, MienError, MissingExtra
from mien.core.faces import NO_FACE, TRUNCATED, UNREADABLE, Faces
from mien.core.names import shown
from mien.core.numbers import RANGES, check_number
from mien.data.media.pictures import Picture, open_picture
from mien.data.media.video import (
    DamagedVideoError,
    Sampling,
    TruncatedVideoError,
    read_frames,
    video_facts,
)
from mien.data.media.video_frame import VideoFrame
from mien.faces.describe import describe
from mien.faces.follow import FacesOfFrame, Follower, Seer
from mien.faces.mesh import MIN_PRESENCE, Blendshapes
from mien.faces.sources import MediaSource

# Frames that wait decoded, and frames whose rows are made at once.
DECODED_AHEAD = 12
# Begins the reason of a video that is fine, but of which nothing was asked for.
NO_FRAME = "no frame lies between"
FRAMES_PER_BATCH = 48
# Ends the reason of a source that failed for what may pass: memory, time, a package that is not installed.
AGAIN = "It is tried again at the next run."
# Of OpenCV's sampling, which counts pixels in 16 bits.
LARGEST_SIDE_PX = 32_766


@dataclass(frozen=True)
class LookSettings:
    """What changes the result of looking at a source.

    Attributes
    ----------
    sampling : Sampling
        Which frames of videos.
    smallest_face_px : float or None
        Height of the smallest face to look for. None: 40 in pictures, and in videos what the full-range detector
        sees in the whole frame (about 1/14 of its longer side).
    redetect_s : float
        Seconds between looks for newcomers in a video.
    min_presence : float
        Faces of which the landmarker is less sure are left out.
    """

    sampling: Sampling = field(default_factory=Sampling)
    smallest_face_px: float | None = None
    redetect_s: float = 2.0
    min_presence: float = MIN_PRESENCE

    def __post_init__(self) -> None:
        if self.smallest_face_px is not None:
            check_number("smallest_face_px", self.smallest_face_px, RANGES["smallest_face_px"])
        check_number("redetect_s", self.redetect_s, RANGES["redetect_s"])
        if not MIN_PRESENCE <= self.min_presence < 1:
            raise InputError(
                f"min_presence lies from {MIN_PRESENCE:g} (below, the landmarker says: no face) to below 1, "
                f"but is {self.min_presence:g}."
            )


PICTURE_SMALLEST_FACE_PX = 40.0
# Larger pictures are decoded at a half of their size, or less; coordinates are those of the full size all the same.
MEGAPIXELS_AT_ONCE = 60


class Looker:
    """Holds the networks; looks at one source after the other."""

    def __init__(self, settings: LookSettings, threads: int) -> None:
        self._settings = settings
        smallest = settings.smallest_face_px
        self._picture_seer = Seer(threads, PICTURE_SMALLEST_FACE_PX if smallest is None else smallest)
        self._video_seer = Seer(threads, smallest)
        self._blendshapes = Blendshapes()

    def picture(self, source: MediaSource) -> Faces:
        """All faces of a picture, left to right; one row that says so if there are none or it is unreadable."""
        try:
            picture = open_picture(source.path, MEGAPIXELS_AT_ONCE)
        except Exception as error:  # decoders raise what they like on damaged files
            return unreadable(source.name, _sentence(error, source))
        if max(picture.pixels.shape[:2]) > LARGEST_SIDE_PX:
            return unreadable(source.name, _too_long(source, picture.height, picture.width))
        return self.opened(source.name, picture)

    def opened(self, name: str, picture: Picture) -> Faces:
        """All faces of a picture that is in memory already, as ``picture`` gives them."""
        meshes, score = self._picture_seer.find(picture.pixels, reduction=picture.reduction)
        seen = FacesOfFrame(meshes.enlarged(picture.reduction), score, np.arange(len(score)))
        flags = "first-of-several" if picture.frames > 1 else ""
        return self._rows(name, [_Looked(0, 0.0, picture.height, picture.width, seen, flags)])

    def stream(self, name: str) -> Callable[[VideoFrame], Faces]:
        """A function from each next frame of a stream to its faces, followed from frame to frame as in a video."""
        follower = Follower(self._video_seer, self._settings.redetect_s)

        def look(frame: VideoFrame) -> Faces:
            seen = follower.one(frame)
            return self._rows(name, [_Looked(frame.number, frame.time_s, *frame.size, seen, frame.flags)])

        return look

    def video(self, source: MediaSource) -> Iterator[Faces]:
        """Faces of a video in batches of frames; every frame has at least one row.

        A video that ends before the end that it states gets a last row with status ``'truncated'`` and both counts;
        one with frames that cannot be decoded, or that breaks off otherwise, one with status ``'unreadable'``.
        """
        follower = Follower(self._video_seer, self._settings.redetect_s)
        waiting: list[Future[Faces]] = []
        batch: list[_Looked] = []
        last = -1
        problem, status, place = "", UNREADABLE, 1
        # One more thread turns finished frames into rows while the landmarker works on the next ones.
        with ThreadPoolExecutor(1) as measuring:
            try:
                frames = ahead(read_frames(source.path, self._settings.sampling), DECODED_AHEAD)
                for frame, seen in follower.follow(frames):
                    batch.append(_Looked(frame.number, frame.time_s, *frame.size, seen, frame.flags))
                    last = frame.number
                    if len(batch) == FRAMES_PER_BATCH:
                        waiting.append(measuring.submit(self._rows, source.name, batch))
                        batch = []
                    while len(waiting) > 2:
                        yield waiting.pop(0).result()
            except Exception as error:  # as in pictures; the frames before are kept
                problem = _sentence(error, source)
                if last >= 0 and isinstance(error, TruncatedVideoError):
                    status = TRUNCATED
                elif isinstance(error, DamagedVideoError):
                    # Nothing is missing behind the last frame.
                    place = 0
            for future in waiting:
                yield future.result()
        if batch:
            yield self._rows(source.name, batch)
        if not problem and last < 0:
            problem = _no_frame(source, self._settings.sampling)
        if problem:
            yield unreadable(source.name, problem, frame=max(0, last + place), status=status)

    def _rows(self, name: str, frames: list[_Looked]) -> Faces:
        """Rows of some frames of one source; faces of too little presence go only here, so that tracks hold."""
        frames = [frame.of_presence(self._settings.min_presence) for frame in frames]
        with_faces = [frame for frame in frames if len(frame.seen.track)]
        counts = [len(frame.seen.track) for frame in with_faces]
        landmarks = np.concatenate([np.empty((0, 478, 3), "f4"), *(f.seen.meshes.landmarks_px for f in with_faces)])
        grey = np.concatenate([np.empty((0, 128, 128), "u1"), *(f.seen.meshes.grey for f in with_faces)])
        facts: dict[str, Any] = {
            "frame": np.repeat([f.number for f in with_faces], counts).astype("i8"),
            "time_s": np.repeat([f.time_s for f in with_faces], counts).astype("f8"),
            "width_px": np.repeat([f.width for f in with_faces], counts).astype("i8"),
            "height_px": np.repeat([f.height for f in with_faces], counts).astype("i8"),
        }
        measures = describe(landmarks, grey, facts["width_px"], facts["height_px"])
        if any(frame.flags for frame in frames):
            flags = np.repeat(np.array([f.flags for f in with_faces], dtype=object), counts)
            measures["quality"] = _joined(measures["quality"], flags)
        found = Faces.build(
            len(landmarks),
            source=np.full(len(landmarks), name, dtype=object),
            track=np.concatenate([np.empty(0, "i8"), *(f.seen.track for f in with_faces)]),
            score=np.concatenate([np.empty(0), *(f.seen.score for f in with_faces)]),
            presence=np.concatenate([np.empty(0), *(f.seen.meshes.presence for f in with_faces)]),
            landmarks_px=landmarks,
            blendshapes=self._blendshapes(landmarks),
            **facts,
            **measures,
        )
        if len(with_faces) == len(frames):
            return found
        without = [frame for frame in frames if not len(frame.seen.track)]
        nobody = Faces.build(
            len(without),
            source=np.full(len(without), name, dtype=object),
            status=np.full(len(without), NO_FACE, dtype=object),
            frame=np.array([f.number for f in without]),
            time_s=np.array([f.time_s for f in without]),
            width_px=np.array([f.width for f in without]),
            height_px=np.array([f.height for f in without]),
            quality=np.array([f.flags for f in without], dtype=object),
        )
        rows = Faces.concat([found, nobody])
        return rows[np.argsort(rows.frame, kind="stable")]


def _joined(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    pairs = zip(some, others, strict=True)
    return np.array([" ".join(part for part in pair if part) for pair in pairs], dtype=object)


@dataclass(frozen=True, eq=False)
class _Looked:
    number: int
    time_s: float
    height: int
    width: int
    seen: FacesOfFrame
    flags: str = ""

    def of_presence(self, least: float) -> _Looked:
        there = self.seen.meshes.presence >= least
        if there.all():
            return self
        seen = FacesOfFrame(self.seen.meshes[there], self.seen.score[there], self.seen.track[there])
        return replace(self, seen=seen)


def _no_frame(source: MediaSource, sampling: Sampling) -> str:
    """The sentence for a part of a video that holds no frame."""
    length = video_facts(source.path)["seconds"]
    known = f"; the video is {length:.1f} s long" if length else ""
    stop = f"{sampling.stop_s:g} s" if sampling.stop_s < float("inf") else "the end"
    return f"{source.path.name}: {NO_FRAME} {sampling.start_s:g} s and {stop}{known}."


def unreadable(name: str, reason: str, frame: int = 0, status: str = UNREADABLE) -> Faces:
    """One row that says why a source (or some of it) could not be read."""
    return Faces.build(
        1, source=np.array([name], object), status=np.array([status], object),
        reason=np.array([shown(reason)], object), frame=np.array([frame]),
    )  # fmt: skip


def _sentence(error: Exception, source: MediaSource) -> str:
    name = source.path.name
    if isinstance(error, MissingExtra):
        return f"{name}: {error}. {AGAIN}"
    if isinstance(error, MienError):
        return str(error)
    if isinstance(error, MemoryError):
        return f"{name} does not fit into memory. {AGAIN}"
    if isinstance(error, OSError):
        return f"{name} cannot be opened ({error.strerror or error})."
    return f"{name} is damaged or of an unusual kind: it cannot be read ({type(error).__name__}: {error})."


def _too_long(source: MediaSource, height: int, width: int) -> str:
    return (
        f"{source.path.name} is {width:,} x {height:,} pixels large; a side can have {LARGEST_SIDE_PX:,} at most: "
        "cut it or make it smaller."
    )


T = TypeVar("T")


def ahead(items: Iterator[T], depth: int) -> Iterator[T]:
    """The same items, fetched by another thread up to ``depth`` ahead; its errors are raised here."""
    ready: queue.Queue[tuple[str, Any]] = queue.Queue(maxsize=depth)
    stopped = threading.Event()

    def put(entry: tuple[str, Any]) -> None:
        while not stopped.is_set():
            try:
                ready.put(entry, timeout=0.1)
                return
            except queue.Full:
                continue

    def fetch() -> None:
        try:
            for item in items:
                put(("item", item))
                if stopped.is_set():
                    return
            put(("end", None))
        except BaseException as error:
            put(("error", error))

    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    try:
        while True:
            what, value = ready.get()
            if what == "end":
                return
            if what == "error":
                raise value
            yield value
    except GeneratorExit:
        # Thrown away, as when a run is ended: nobody hears of what comes while its thread is waited for.
        stopped.set()
        with suppress(BaseException):
            thread.join()
        raise
    finally:
        stopped.set()
        thread.join()
