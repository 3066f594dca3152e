"""Reading FlatBuffers (the container of TFLite files), with every offset checked: data only, nothing is executed.

Format: https://flatbuffers.dev/internals. A table starts with the signed distance back to its vtable, which holds the
place of every field; a field that is left out has its default.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from mien.core.errors import InputError


class DamagedError(InputError):
    """The bytes are not laid out as they have to be."""


@dataclass(frozen=True)
class BufferTable:
    """One table in a buffer.

    Attributes
    ----------
    data : bytes
        The whole file.
    place : int
        Where the table starts.
    """

    data: bytes
    place: int

    @classmethod
    def root(cls, data: bytes, identifier: bytes) -> BufferTable:
        """The table that holds everything.

        Raises
        ------
        DamagedError
            If the file is not of this kind.
        """
        if len(data) < 8 or data[4:8] != identifier:
            raise DamagedError(f"the file does not begin as a {identifier.decode()} file")
        return cls(data, _number(data, 0, "<I"))

    def number(self, field: int, kind: str = "i", default: int = 0) -> int:
        """A field that is a number; ``kind`` as in ``struct``."""
        place = self._field(field)
        return int(_number(self.data, place, f"<{kind}")) if place else default

    def table(self, field: int) -> BufferTable | None:
        """A field that is a table."""
        place = self._field(field)
        return BufferTable(self.data, place + _number(self.data, place, "<I")) if place else None

    def tables(self, field: int) -> Iterator[BufferTable]:
        """A field that is a list of tables."""
        start, count = self._vector(field, 4)
        for place in range(start, start + 4 * count, 4):
            yield BufferTable(self.data, place + _number(self.data, place, "<I"))

    def numbers(self, field: int, kind: str = "i") -> tuple[int, ...]:
        """A field that is a list of numbers."""
        start, count = self._vector(field, struct.calcsize(f"<{kind}"))
        return struct.unpack_from(f"<{count}{kind}", self.data, start) if count else ()

    def content(self, field: int) -> memoryview:
        """A field that is a list of bytes, or a text."""
        start, count = self._vector(field, 1)
        return memoryview(self.data)[start : start + count]

    def _field(self, field: int) -> int:
        """Where a field lies; 0 if it is left out."""
        vtable = self.place - _number(self.data, self.place, "<i")
        size = _number(self.data, vtable, "<H")
        entry = 4 + 2 * field
        if entry + 2 > size:
            return 0
        offset = _number(self.data, vtable + entry, "<H")
        return self.place + offset if offset else 0

    def _vector(self, field: int, item: int) -> tuple[int, int]:
        """Start and length of a list; (0, 0) if it is left out."""
        place = self._field(field)
        if not place:
            return 0, 0
        start = place + _number(self.data, place, "<I")
        count = _number(self.data, start, "<I")
        if start + 4 + count * item > len(self.data):
            raise DamagedError(f"a list of {count} items reaches beyond the end of the file")
        return start + 4, count


def _number(data: bytes, place: int, kind: str) -> int:
    if place < 0 or place + struct.calcsize(kind) > len(data):
        raise DamagedError(f"it points to byte {place}, but the file has {len(data)} bytes")
    value: int = struct.unpack_from(kind, data, place)[0]
    return value
