"""Whether a video file ends where it says that it does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, BinaryIO

# A frame or two more or less is how containers round; without missing bytes, only more than this is a missing end.
SLACK_FRAMES, SLACK_SHARE = 2.5, 0.02
# Parts of a file that are walked through; a day of one-second fragments has fewer.
MOST_PARTS = 200_000


def stated_end(container: Any, stream: Any) -> tuple[float, bool]:
    """Seconds at which the video stream ends as the file states it; 0 if it does not say.

    Returns
    -------
    seconds : float
    is_length : bool
        Whether they count from the stream's first frame; else from the beginning of the file.
    """
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        # FFmpeg corrects the duration of a cut AVI by the file's size; the number of frames stays as written.
        return float(stream.frames / stream.average_rate), True
    whole = container.duration / 1e6 if container.duration else 0.0
    tag = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", stream.metadata.get("DURATION", ""))
    if tag:
        seconds = int(tag[1]) * 3600 + int(tag[2]) * 60 + float(tag[3])
        return (min(seconds, whole) if whole else seconds), False
    if stream.duration:
        return float(stream.duration * stream.time_base), True
    others = [other for other in container.streams if other.type in ("audio", "video") and other.index != stream.index]
    return (0.0 if others else whole), False


def is_short(missing_bytes: int | None, stated_s: float, end_s: float, rate: float) -> bool:
    """Whether frames are missing at the end.

    Parameters
    ----------
    missing_bytes : int or None
        By how much the file is shorter than it says (``missing_bytes``).
    stated_s, end_s : float
        Where the last frame should end (0 if unknown), and where the last one that was read ends.
    rate : float
        Frames per second.
    """
    if not stated_s:
        return bool(missing_bytes)
    slack = 0.6 / rate if missing_bytes else max(SLACK_FRAMES / rate, SLACK_SHARE * stated_s)
    return stated_s - end_s > slack


def missing_bytes(path: Path) -> int | None:
    """How many bytes a file lacks by the sizes of its own parts (MP4, MOV, Matroska, WebM, AVI).

    Returns
    -------
    int or None
        0 if it is whole; None for other formats and where the file leaves its size open.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(12)
        if start[:4] == b"RIFF":
            return _lacking(file, size, _riff)
        if start[:4] == b"\x1a\x45\xdf\xa3":
            return _lacking(file, size, _matroska)
        if start[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"):
            return _lacking(file, size, _iso)
    return None


def _lacking(file: BinaryIO, size: int, part: Any) -> int | None:
    place = 0
    for _ in range(MOST_PARTS):
        if place >= size:
            return place - size
        file.seek(place)
        length = part(file.read(32))
        if length is None:
            return None
        place += length
    return None


def _riff(head: bytes) -> int | None:
    """Length of a RIFF chunk; 0 and all ones are written by recorders that were not stopped."""
    length = int.from_bytes(head[4:8], "little")
    return None if head[:4] != b"RIFF" or length in (0, 0xFFFFFFFF) else 8 + length + length % 2


def _matroska(head: bytes) -> int | None:
    """Length of an EBML element (RFC 8794): an identifier and a size, both of variable length."""
    first = _vint_length(head[:1])
    second = _vint_length(head[first : first + 1]) if first else 0
    if not second or len(head) < first + second:
        return None
    size = int.from_bytes(head[first : first + second], "big") & ((1 << 7 * second) - 1)
    return None if size == (1 << 7 * second) - 1 else first + second + size


def _vint_length(byte: bytes) -> int:
    return 9 - byte[0].bit_length() if byte and byte[0] else 0


def _iso(head: bytes) -> int | None:
    """Length of a box (ISO/IEC 14496-12, 4.2); 0 means up to the end of the file."""
    length = int.from_bytes(head[:4], "big")
    if length == 1:
        length = int.from_bytes(head[8:16], "big")
    return length if length >= 8 and len(head) >= 8 else None
