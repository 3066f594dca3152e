"""Opening video files, and their frames as FFmpeg decodes them: one stream, damage counted, fields joined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from mien.core.errors import InputError
from mien.data.media.video_end import file_end

# Cover art and thumbnails are streams, too, but no film.
THUMBNAILS = ("attached_pic", "timed_thumbnails", "still_image")

# A frame and those that refer to it before they are shown.
LAST_PACKETS = 5


@dataclass(frozen=True, eq=False)
class Decoded:
    """One frame as FFmpeg gives it.

    Attributes
    ----------
    frame : av.VideoFrame
    pixel_shape : Fraction or None
        Width of a pixel / its height as the codec says (not the container).
    joined : bool
        Whether it was made of two fields.
    """

    frame: Any
    pixel_shape: Fraction | None
    joined: bool = False


@dataclass
class Health:
    """What decoding one stream came upon; filled while frames are read.

    Attributes
    ----------
    frames, packets : int
        Frames that were decoded, and packets that were read for them.
    errors, corrupt_packets, corrupt_frames : int
        Packets that could not be decoded, packets and frames that FFmpeg calls corrupt.
    reason : str
        FFmpeg's words about the first error.
    intact_packets : int or None
        Packets that were read when the first damage showed, without the one that showed it; None without damage.
    start_s, end_s : float
        Where the first decoded frame begins and the last one ends, as the file counts.
    """

    frames: int = 0
    packets: int = 0
    errors: int = 0
    corrupt_packets: int = 0
    corrupt_frames: int = 0
    reason: str = ""
    intact_packets: int | None = None
    start_s: float = float("inf")
    end_s: float = float("-inf")

    @property
    def damaged(self) -> int:
        """Frames that are damaged or could not be decoded."""
        broken = max(self.errors + self.corrupt_frames, self.corrupt_packets)
        # Some codecs have packets without a frame of their own: those count only where there is an error at all.
        return max(broken, self.packets - self.frames) if broken else 0

    @property
    def only_last_is_damaged(self) -> bool:
        """Whether nothing was damaged before the last packets; frames of the end refer to each other."""
        return self.intact_packets is not None and self.intact_packets >= self.packets - LAST_PACKETS

    def note_damage(self, error: Any = None) -> None:
        """Something is damaged; an error is one of FFmpeg's."""
        if self.intact_packets is None:
            self.intact_packets = self.packets - 1
        if error is not None:
            self.errors += 1
            self.reason = self.reason or str(error.strerror)


def opened(path: Path) -> Any:
    """A PyAV container with at least one film.

    Raises
    ------
    InputError
        If the file is no readable video or holds none.
    """
    import av

    # PyAV 19 has no such argument any more and never stops at metadata that are not UTF-8.
    lenient: Any = {"metadata_errors": "ignore"} if int(av.__version__.split(".")[0]) < 19 else {}
    try:
        # Playlists must not make FFmpeg open anything but files.
        container = av.open(str(path), container_options={"protocol_whitelist": "file"}, **lenient)
    except (av.error.FFmpegError, ValueError) as error:
        empty = path.is_file() and not path.stat().st_size
        reason = "it is empty" if empty else getattr(error, "strerror", None) or error
        raise InputError(f"{path.name} is not a video that can be read ({reason}){_cut_off(path)}.") from error
    if not container.streams.video:
        container.close()
        raise InputError(f"{path.name} holds no video stream{_cut_off(path)}.")
    if any(stream.codec_context is None for stream in container.streams.video):
        container.close()
        raise InputError(f"{path.name} holds a video stream of an unknown kind{_cut_off(path)}.")
    if all(_is_thumbnail(stream) for stream in container.streams.video):
        container.close()
        raise InputError(f"{path.name} holds a cover picture, but no video stream.")
    return container


def _cut_off(path: Path) -> str:
    """That a file lacks its end, where that shows; a clause."""
    try:
        end = file_end(path)
    except OSError:
        return ""
    if not end.has_index:
        return ": it is cut off, or its recording was not ended; the index of its frames, which comes last, is missing"
    return f": it is cut off and lacks {end.missing} bytes or more" if end.missing else ""


def film_of(container: Any) -> Any:
    """The stream that is the film: no cover or thumbnail, else the default one, the longest, the largest, the first."""

    def rank(stream: Any) -> tuple[Any, ...]:
        seconds = float(stream.duration * stream.time_base) if stream.duration else 0.0
        area = (stream.codec_context.width or 0) * (stream.codec_context.height or 0)
        is_default = "default" in _dispositions(stream)
        return not _is_thumbnail(stream), stream.frames != 1, is_default, round(seconds), area, -stream.index

    return max(container.streams.video, key=rank)


def _dispositions(stream: Any) -> list[str]:
    kinds = type(stream.disposition)
    return [kind.name for kind in kinds if stream.disposition & kind]


def _is_thumbnail(stream: Any) -> bool:
    return any(name in THUMBNAILS for name in _dispositions(stream))


def frame_rate(stream: Any) -> float:
    """Mean frames per second as the file claims; 0 if unknown."""
    return float(stream.average_rate or stream.guessed_rate or 0)


def decoded(container: Any, stream: Any, health: Health) -> Iterator[Decoded]:
    """Frames in order of presentation; packets that cannot be decoded are counted and left out."""
    import av

    codec = stream.codec_context
    before, of_before = codec.sample_aspect_ratio, 0
    last: tuple[int | None, int | None] = (None, None)
    rate = frame_rate(stream) or 25
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.error.FFmpegError as error:
            health.note_damage(error)
            return
        if packet.size and not packet.is_discard:
            health.packets += 1
            if packet.is_corrupt:
                health.note_damage()
                health.corrupt_packets += 1
            if packet.pts is not None and (last[0] is None or packet.pts >= last[0]):
                last = packet.pts, packet.duration
        now = codec.sample_aspect_ratio
        waiting = health.packets - health.errors - health.frames - 1
        try:
            frames = packet.decode()
        except av.error.FFmpegError as error:
            health.note_damage(error)
            continue
        if codec.sample_aspect_ratio != now:
            # The codec speaks of the packet that it got; frames that it holds back are still of the old shape.
            before, of_before = now, max(0, waiting)
        for frame in frames:
            health.frames += 1
            if frame.is_corrupt:
                health.note_damage()
                health.corrupt_frames += 1
            start_s = float(frame.pts * stream.time_base) if frame.pts is not None else (health.frames - 1) / rate
            # The last frame of a film with a variable rate may stay for long.
            stays = last[1] if last[1] and frame.pts == last[0] else None
            length_s = float(stays * stream.time_base) if stays else 1 / rate
            health.start_s = min(health.start_s, start_s)
            health.end_s = max(health.end_s, start_s + length_s)
            yield Decoded(frame, before if of_before > 0 else codec.sample_aspect_ratio)
            of_before -= 1


def progressive(frames: Iterable[Decoded], stream: Any) -> Iterator[Decoded]:
    """Whole frames out of interlaced ones (bwdif), others as they are.

    The filter starts at the first frame that says that it is interlaced. It keeps number and times of the frames.
    """
    graph: _Deinterlacer | None = None
    for item in frames:
        if graph is not None and not graph.fits(item.frame):
            yield from graph.rest()
            graph = None
        if graph is None and item.frame.interlaced_frame:
            graph = _Deinterlacer(item.frame, stream.time_base)
        if graph is None:
            yield item
        else:
            yield from graph(item)
    if graph is not None:
        yield from graph.rest()


class _Deinterlacer:
    """FFmpeg's bwdif filter (Weston three-field and yadif) for frames of one size and pixel format."""

    def __init__(self, frame: Any, time_base: Fraction) -> None:
        import av

        self._like = frame.width, frame.height, frame.format.name
        self._time_base = time_base
        self._graph = av.filter.Graph()
        source = self._graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=time_base
        )
        # One frame for two fields; frames of mixed films that are whole already pass unchanged.
        filter_ = self._graph.add("bwdif", "mode=send_frame:parity=auto:deint=interlaced")
        source.link_to(filter_)
        filter_.link_to(self._graph.add("buffersink"))
        self._graph.configure()
        self._waiting: list[Decoded] = []

    def fits(self, frame: Any) -> bool:
        return (frame.width, frame.height, frame.format.name) == self._like

    def __call__(self, item: Decoded) -> Iterator[Decoded]:
        self._waiting.append(replace(item, joined=bool(item.frame.interlaced_frame)))
        self._graph.push(item.frame)
        yield from self._ready()

    def rest(self) -> Iterator[Decoded]:
        self._graph.push(None)
        yield from self._ready()

    def _ready(self) -> Iterator[Decoded]:
        import av

        # The filter gives as many frames as it gets, one later.
        while self._waiting:
            try:
                frame = self._graph.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            yield replace(self._waiting.pop(0), frame=frame)
