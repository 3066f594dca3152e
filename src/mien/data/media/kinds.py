"""Whether a file is a video, by its ending or, where that says nothing, by its first bytes."""

from __future__ import annotations

from pathlib import Path

from mien.data.media import pictures, video

# First bytes of containers, after the specifications of each.
_STARTS = (
    b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3",  # MPEG program stream (VOB), MPEG video
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF
    b"\x1a\x45\xdf\xa3",  # Matroska, WebM
    b"\x06\x0e\x2b\x34\x02\x05\x01\x01",  # MXF
    b"\x1f\x07\x00",  # DV
    b"FLV\x01", b"OggS", b".RMF", b"YUV4MPEG2", b"DKIF", b"GIF8",
    b"\x00\x00\x00\x01\x67", b"\x00\x00\x00\x01\x40\x01",  # bare H.264 and H.265
)  # fmt: skip
# Boxes that QuickTime and MP4 files begin with; of 'ftyp' the brands of pictures are none.
_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")
_PICTURE_BRANDS = (b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"crx ")
# Endings that text files share: transport streams and TypeScript.
SHARED_ENDINGS = frozenset({".ts"})
# Transport streams have packets of 188 bytes, on discs with four bytes before each.
_PACKETS = ((0, 188), (4, 192))


def is_video(path: Path) -> bool:
    """Whether a file is a video; files that cannot be opened are as their ending says."""
    ending = path.suffix.lower()
    if ending not in SHARED_ENDINGS and (ending in video.SUFFIXES or ending in pictures.SUFFIXES):
        return ending in video.SUFFIXES
    try:
        # Opening a pipe could wait for ever.
        if not path.is_file():
            return False
        with path.open("rb") as file:
            start = file.read(600)
    except OSError:
        return False
    if start.startswith(_STARTS) or (start.startswith(b"RIFF") and start[8:12] == b"AVI "):
        return True
    if start[4:8] in _BOXES:
        return start[4:8] != b"ftyp" or start[8:12] not in _PICTURE_BRANDS
    return any(len(start) > first + 2 * step and set(start[first::step]) == {0x47} for first, step in _PACKETS)
