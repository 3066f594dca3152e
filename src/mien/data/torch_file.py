"""Arrays out of a file that torch wrote, without torch and without unpickling anything."""

from __future__ import annotations

import math
import pickletools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from typing import Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile

import numpy as np

from mien.core.errors import WeightsError

# Tensors may share storages (tied weights), but not without bounds.
_MOST_SHARED = 8
_MOST_AXES = 16
# Of one pickle; a tensor takes about forty.
_MOST_OPCODES = 1_000_000
_STORAGES: dict[str, np.dtype[Any]] = {
    "FloatStorage": np.dtype("<f4"), "DoubleStorage": np.dtype("<f8"), "HalfStorage": np.dtype("<f2"),
    "LongStorage": np.dtype("<i8"), "IntStorage": np.dtype("<i4"),
}  # fmt: skip
_ZIP, _PICKLE = b"PK", "/data.pkl"
# What a damaged zip raises beside: an unknown kind of compression, a password, an end that comes too early.
_OF_ZIPS = (NotImplementedError, RuntimeError, EOFError, OverflowError)
# What optimisers keep of each weight in a checkpoint.
_OF_OPTIMISERS = ("momentum_buffer", "exp_avg", "exp_avg_sq", "max_exp_avg_sq", "square_avg", "step")


def read_tensors(content: bytes) -> dict[str, np.ndarray]:
    """Tensors of a state dictionary that ``torch.save`` wrote, by name and in its order.

    Since version 1.6 such a file is a zip of one pickle and of a file of raw little-endian values for each storage;
    before, it is five pickles (magic number, version, system, the dictionary, the keys of its storages), followed by
    every storage as a count and values. Nothing is unpickled: the pickles' opcodes are only listed, and names, types,
    keys and shapes are read off in their order. Of a checkpoint the weights are kept, not what its optimiser keeps.

    Raises
    ------
    WeightsError
        If it is no such file.
    """
    try:
        entries, storages = (_of_zip if content[:2] == _ZIP else _of_pickles)(content)
        # Before any is made: together the tensors of an honest file hold about as many values as its storages.
        for entry in entries:
            entry.check(len(storages[entry.key]))
        if sum(entry.size for entry in entries) > _MOST_SHARED * sum(len(storage) for storage in storages.values()):
            raise ValueError("its tensors hold far more values than the file")
        return {entry.name: entry.array(storages[entry.key]) for entry in entries}
    except (ValueError, KeyError, IndexError, struct.error, BadZipFile, *_OF_ZIPS) as error:
        raise WeightsError(f"The weights are not in the expected format ({error}).") from error


def _of_pickles(content: bytes) -> tuple[list[_Entry], dict[str, np.ndarray]]:
    """Tensors and their storages of the format before 1.6."""
    stream = BytesIO(content)
    pickles = [_opcodes(stream) for _ in range(5)]
    entries = list(_entries(pickles[3]))
    types = {entry.key: entry.kind for entry in entries}
    storages = {}
    for key in (str(text) for op, text, _ in pickles[4] if op.name == "BINUNICODE"):
        (count,) = struct.unpack("<q", stream.read(8))
        dtype = _STORAGES[types[key]]
        if not 0 <= count <= (len(content) - stream.tell()) // dtype.itemsize:
            raise ValueError(f"a storage of {count} values does not fit into the file")
        storages[key] = np.frombuffer(stream.read(count * dtype.itemsize), dtype)
    return entries, storages


def _of_zip(content: bytes) -> tuple[list[_Entry], dict[str, np.ndarray]]:
    """Tensors and their storages of the format since 1.6."""
    with ZipFile(BytesIO(content)) as file:
        # torch compresses nothing, so that no part can be larger than the file.
        if any(part.compress_type != ZIP_STORED or part.file_size > len(content) for part in file.infolist()):
            raise ValueError("a part of it is compressed")
        (pickle,) = [name for name in file.namelist() if name.endswith(_PICKLE) and name.count("/") == 1]
        opcodes = _opcodes(BytesIO(file.read(pickle)))
        if any(op.name == "GLOBAL" and str(text).startswith("torch.nn.") for op, text, _ in opcodes):
            raise ValueError("it holds a module, not a dictionary of its weights")
        found = [entry for entry in _entries(opcodes) if entry.name not in _OF_OPTIMISERS]
        folder = pickle.removesuffix(_PICKLE)
        types = {entry.key: entry.kind for entry in found}
        storages = {}
        for key, kind in types.items():
            raw = file.read(f"{folder}/data/{key}")
            storages[key] = np.frombuffer(
                raw[: len(raw) // _STORAGES[kind].itemsize * _STORAGES[kind].itemsize], _STORAGES[kind]
            )
    return found, storages


@dataclass(frozen=True)
class _Entry:
    """One tensor of the dictionary: its storage's type and key, and first value, sizes and strides in it."""

    name: str
    kind: str
    key: str
    numbers: tuple[int, ...]

    @property
    def layout(self) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        """First value, sizes, strides."""
        axes = len(self.numbers) // 2
        return self.numbers[0], self.numbers[1 : 1 + axes], self.numbers[1 + axes :]

    @property
    def size(self) -> int:
        """Number of values."""
        return math.prod(self.layout[1])

    def check(self, count: int) -> None:
        """Refuse a layout that does not lie inside a storage of ``count`` values."""
        first, sizes, strides = self.layout
        if len(self.numbers) % 2 == 0 or len(sizes) > _MOST_AXES or min((first, *sizes, *strides)) < 0:
            raise ValueError(f"'{self.name}' has an impossible layout")
        last = first + sum((size - 1) * stride for size, stride in zip(sizes, strides, strict=True))
        if self.size > count or (self.size and last >= count):
            raise ValueError(f"'{self.name}' holds {self.size} values, its storage {count}")

    def array(self, storage: np.ndarray) -> np.ndarray:
        first, sizes, strides = self.layout
        index = np.full(sizes, first)
        for axis, (size, stride) in enumerate(zip(sizes, strides, strict=True)):
            index += (np.arange(size) * stride).reshape([-1 if i == axis else 1 for i in range(len(sizes))])
        # Through an index, not a view, so that nothing can point outside the storage.
        result: np.ndarray = np.asarray(storage[index])
        return result


def _opcodes(stream: BytesIO) -> list[tuple[Any, Any, Any]]:
    result = list(islice(pickletools.genops(stream), _MOST_OPCODES))
    if len(result) == _MOST_OPCODES:
        raise ValueError("a pickle in it is far too long")
    return result


def _entries(opcodes: list[tuple[Any, Any, Any]]) -> Iterator[_Entry]:
    memory: dict[int, Any] = {}
    last: Any = None
    name = kind = key = ""
    numbers: list[int] | None = None
    for op, argument, _ in opcodes:
        if op.name in ("BINPUT", "LONG_BINPUT"):
            memory[argument] = last
            continue
        last = memory.get(argument) if op.name in ("BINGET", "LONG_BINGET") else argument
        if op.name == "BINPERSID":
            numbers = []
        elif op.name == "NEWFALSE" and numbers is not None:
            yield _Entry(name, kind, key, tuple(numbers))
            numbers = None
        elif isinstance(last, int) and numbers is not None:
            numbers.append(last)
        elif isinstance(last, str):
            if " " in last:  # a global: module and name
                kind = last.rpartition(" ")[2] if last.endswith("Storage") else kind
            elif last.isdigit():
                key = last
            elif last not in ("storage", "cpu"):
                name = last
