"""Whether a video file ends where it says that it does."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

# A frame or two more or less is how containers round; without missing bytes, only more than this is a missing end.
SLACK_FRAMES, SLACK_SHARE = 2.5, 0.02
# Parts of a file that are walked through; ten hours of single frames with sound have fewer.
MOST_PARTS = 4_000_000
# Formats whose length FFmpeg takes from what is there, or (ASF) from other things than the film.
STATES_NO_END = frozenset({"mpegts", "mpeg", "asf", "gif", "h264", "hevc", "m4v", "mpegvideo", "dv"})
# EBML elements of Matroska that may leave their size open: segment and cluster. What is inside follows.
_OPEN_ELEMENTS = (b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75")
# Packets of MPEG transport streams begin with this byte, after none or (M2TS) four bytes of time.
_SYNC, _PACKETS = 0x47, ((188, 0), (192, 4), (204, 0))
# Of ASF's file properties: the file's size stands 40 bytes, flags 88 bytes behind the first; flag 1: a broadcast.
_KLV = b"\x06\x0e\x2b\x34"
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")


@dataclass(frozen=True)
class FileEnd:
    """How a file ends by the sizes of its own parts.

    Attributes
    ----------
    missing : int or None
        How many bytes it lacks (at least; 0 if it is whole); None for other formats and where it leaves that open.
    in_fragments : bool
        Whether its index stands in many parts (MP4), so that its length is that of the parts that are there.
    has_index : bool
        Whether there is an index at all (MP4); True for other formats.
    """

    missing: int | None
    in_fragments: bool = False
    has_index: bool = True


def stated_end(container: Any, stream: Any) -> tuple[float, bool]:
    """Seconds at which the video stream ends as the file states it; 0 if it does not say.

    Returns
    -------
    seconds : float
    is_length : bool
        Whether they count from the stream's first frame; else from the beginning of the file.
    """
    if container.format.name in STATES_NO_END:
        return 0.0, False
    if container.format.name == "avi" and stream.frames and stream.average_rate:
        # FFmpeg corrects the duration of a cut AVI by the file's size; the number of frames stays as written.
        return float(stream.frames / stream.average_rate), False
    whole = container.duration / 1e6 if container.duration else 0.0
    tag = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", stream.metadata.get("DURATION", ""))
    if tag:
        seconds = int(tag[1]) * 3600 + int(tag[2]) * 60 + float(tag[3])
        return (min(seconds, whole) if whole else seconds), False
    if stream.duration:
        return float(stream.duration * stream.time_base), True
    others = [other for other in container.streams if other.type in ("audio", "video") and other.index != stream.index]
    return (0.0 if others else whole), False


def is_short(end: FileEnd, stated_s: float, end_s: float, rate: float, lost: bool, only_last: bool) -> bool:
    """Whether frames are missing at the end.

    Parameters
    ----------
    end : FileEnd
    stated_s, end_s : float
        Where the last frame should end (0 if unknown), and where the last one that was read ends.
    rate : float
        Frames per second.
    lost, only_last : bool
        Whether any frame is damaged or missing by its number, and whether only the last ones are damaged.
    """
    if end.missing and (lost or end.in_fragments or not stated_s):
        return True
    if not stated_s:
        # Where sizes say nothing, a file that ends within a frame has lost its end.
        return end.missing is None and only_last
    slack = 0.6 / rate if end.missing else max(SLACK_FRAMES / rate, SLACK_SHARE * stated_s)
    return stated_s - end_s > slack


def file_end(path: Path) -> FileEnd:
    """How a file ends (MP4, MOV, Matroska, WebM, AVI, FLV, MXF, ASF, MPEG streams, GIF)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(1024)
        if start[:4] == b"RIFF":
            missing = _lacking(file, size, _riff)
            file.seek(max(0, size - 32))
            # Room that a download was to fill is no end; the end of an AVI is its index.
            return FileEnd(missing if missing or any(file.read()) else None)
        if start[:4] == b"\x1a\x45\xdf\xa3":
            return FileEnd(_lacking(file, size, _matroska))
        if start[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"):
            kinds: set[bytes] = set()
            missing = _lacking(file, size, lambda head: _iso(head, kinds))
            return FileEnd(missing, b"moof" in kinds, b"moov" in kinds)
        if start[:3] == b"FLV":
            return FileEnd(_lacking(file, size, _flv))
        if start[:4] == b"\0\0\1\xba":
            return FileEnd(_lacking(file, size, _mpeg))
        if start[:4] == _KLV:
            return FileEnd(_lacking(file, size, _mxf))
        if start[:16] == _ASF:
            return FileEnd(_asf_lacks(start, size))
        if start[:4] == b"GIF8":
            file.seek(max(0, size - 1024))
            return FileEnd(0 if file.read().rstrip(b"\0").endswith(b";") else 1)
    for length, place in _PACKETS:
        if len(start) > 3 * length and all(start[place + length * number] == _SYNC for number in range(3)):
            # Whole packets are no whole film.
            return FileEnd(-size % length or None)
    return FileEnd(None)


def _lacking(file: BinaryIO, size: int, part: Callable[[bytes], int | None]) -> int | None:
    """Bytes between the end of a file and that of its last part; None where a part does not say how long it is."""
    place = 0
    for _ in range(MOST_PARTS):
        if place >= size:
            return place - size
        file.seek(place)
        head = file.read(32)
        length = part(head)
        if length is None:
            # The end of a file can fall into the sizes themselves; zeros are what some programs fill up with.
            return 1 if place and len(head) < 8 and any(head) else None
        place += length
    return None


def _riff(head: bytes) -> int | None:
    """Length of a RIFF chunk; 0 and all ones are written by recorders that were not stopped."""
    length = int.from_bytes(head[4:8], "little")
    return None if head[:4] != b"RIFF" or length in (0, 0xFFFFFFFF) else 8 + length + length % 2


def _matroska(head: bytes) -> int | None:
    """Length of an EBML element (RFC 8794): an identifier and a size, both of variable length.

    Of a segment or cluster that leaves its size open (a live recording) only the head counts.
    """
    first = _vint_length(head[:1])
    second = _vint_length(head[first : first + 1]) if first else 0
    if not second or len(head) < first + second:
        return None
    size = int.from_bytes(head[first : first + second], "big") & ((1 << 7 * second) - 1)
    if size == (1 << 7 * second) - 1:
        return first + second if head[:first] in _OPEN_ELEMENTS else None
    return first + second + size


def _vint_length(byte: bytes) -> int:
    return 9 - byte[0].bit_length() if byte and byte[0] else 0


def _iso(head: bytes, kinds: set[bytes]) -> int | None:
    """Length of a box (ISO/IEC 14496-12, 4.2), whose kind is noted; 0 means up to the end of the file."""
    length = int.from_bytes(head[:4], "big")
    if length == 1:
        length = int.from_bytes(head[8:16], "big")
    if length < 8 or len(head) < 8:
        return None
    kinds.add(head[4:8])
    return length


def _flv(head: bytes) -> int | None:
    """Length of the head of a Flash video, or of a tag with the four bytes before it (Adobe's specification, E.3)."""
    if head[:3] == b"FLV":
        return int.from_bytes(head[5:9], "big") or None
    if len(head) <= 4:
        return 4
    return 15 + int.from_bytes(head[5:8], "big") if len(head) >= 15 else 15


def _mpeg(head: bytes) -> int | None:
    """Length of a pack's head or of a packet of an MPEG program stream (ISO/IEC 13818-1, 2.5.3; 11172-1)."""
    if head[:3] != b"\0\0\1" or len(head) < 6:
        return 4 if head[:4] == b"\0\0\1\xb9" else None
    if head[3] == 0xBA:
        return 12 if head[4] >> 6 == 0 else 14 + (head[13] & 7 if len(head) > 13 else 0)
    return 6 + int.from_bytes(head[4:6], "big") or None


def _mxf(head: bytes) -> int | None:
    """Length of a KLV triplet (SMPTE 336M): a key of 16 bytes and a length of one byte, or of as many as that says."""
    if len(head) < 17 or head[:4] != _KLV:
        return 17 if len(head) < 17 else None
    more = head[16] & 0x7F if head[16] & 0x80 else 0
    return 17 + more + (int.from_bytes(head[17 : 17 + more], "big") if more else head[16])


def _asf_lacks(start: bytes, size: int) -> int | None:
    place = start.find(_ASF_PROPERTIES)
    stated = int.from_bytes(start[place + 40 : place + 48], "little")
    is_open = place < 0 or len(start) < place + 92 or start[place + 88] & 1
    return None if is_open or not stated else max(0, stated - size)
