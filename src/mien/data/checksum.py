"""A checksum inside a Parquet file, so that no damaged byte of it is taken for a number.

A Parquet file is read from its end: the footer says where every page lies. So there is room for a mark and a SHA-256 in
front of the footer that no reader looks at. It covers every other byte of the file.
"""

import hashlib
import mmap
import struct
from pathlib import Path

# In the footer's metadata, so that a damaged mark is not taken for a file without one.
KEY = b"mien.checksum"
MEANING = b"SHA-256 of all other bytes of this file, in the 32 bytes before the footer"
_MARK = b"mien sum"
_DIGEST = 32
_BLOCK = len(_MARK) + _DIGEST
# After the footer: its length and four letters.
_END = 8


def seal(path: Path) -> None:
    """Put the checksum into a complete Parquet file whose metadata hold ``KEY``."""
    with Path(path).open("rb+") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        size = file.tell()
        file.seek(size - _END)
        (footer,) = struct.unpack("<I", file.read(4))
        start = size - _END - footer
        file.seek(start)
        tail = file.read()
        file.seek(start)
        file.write(_MARK + digest + tail)


def is_intact(path: Path) -> bool | None:
    """Whether a file's content is what was written; None if it carries no checksum.

    Raises
    ------
    OSError
        If it cannot be opened.
    """
    with Path(path).open("rb") as file:
        try:
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except ValueError:  # an empty file
            return False
        with content, memoryview(content) as view:
            size = len(view)
            if size < _END + _BLOCK:
                return None
            start = size - _END - struct.unpack("<I", view[-_END:-4])[0]
            block = bytes(view[max(0, start - _BLOCK) : max(0, start)])
            if block[: len(_MARK)] != _MARK:
                return False if content.find(KEY) >= 0 or content.find(_MARK) >= 0 else None
            digest = hashlib.sha256(view[: start - _BLOCK])
            digest.update(view[start:])
            return digest.digest() == block[len(_MARK) :]


def stated(path: Path) -> str:
    """The checksum that a file carries, as hexadecimal digits, without checking it; '' for none.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with Path(path).open("rb") as file:
        size = file.seek(0, 2)
        if size < _END + _BLOCK:
            return ""
        file.seek(size - _END)
        start = size - _END - struct.unpack("<I", file.read(4))[0] - _BLOCK
        if start < 0:
            return ""
        file.seek(start)
        block = file.read(_BLOCK)
    return block[len(_MARK) :].hex() if block[: len(_MARK)] == _MARK else ""
