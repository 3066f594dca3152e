"""Activations in blocks of pictures: one safetensors file each, named by what it was computed from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mien.core.errors import InputError
from mien.core.extras import require
from mien.core.files import atomic_path

BLOCKS = "blocks"
# Part of every block's name: other numbers of the same pictures are other blocks.
PIPELINE = 1
# A block holds no more than so many pictures and bytes.
MOST_ROWS, MOST_BYTES = 64, 64 << 20
_PURPOSE = "Activations on disk"


@dataclass(frozen=True, eq=False)
class AnswerBlock:
    """Answers to a few pictures.

    Attributes
    ----------
    values : dict of str to ndarray
        By layer, (pictures, ...).
    status : tuple of str
        Of each picture.
    clipped : dict of str to int
        By layer, values that were beyond float16 and stand at its end.
    """

    values: dict[str, np.ndarray]
    status: tuple[str, ...]
    clipped: dict[str, int]


def fingerprint(settings: Mapping[str, Any], contents: Sequence[str]) -> str:
    """Name of the block of these files, by their SHA-256, under these settings."""
    facts = {"pipeline": PIPELINE, **settings, "contents": list(contents)}
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def rows_at_once(bytes_per_picture: int) -> int:
    """Pictures in a block."""
    return max(1, min(MOST_ROWS, MOST_BYTES // max(1, bytes_per_picture)))


def place_of(folder: Path, name: str) -> Path:
    """File of a block."""
    return folder / BLOCKS / f"{name}.safetensors"


def write_block(path: Path, block: AnswerBlock) -> None:
    """Write a block, whole or not at all; each layer's digest lies beside it."""
    numpy_format = require("safetensors.numpy", _PURPOSE, "learn")
    facts = {
        "status": list(block.status),
        "clipped": block.clipped,
        "sha256": {name: _digest(values) for name, values in block.values.items()},
    }
    values = {name: np.ascontiguousarray(values) for name, values in block.values.items()}
    content = numpy_format.save(values, metadata={"mien": json.dumps(facts)})
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def facts_of(path: Path, layers: Mapping[str, tuple[int, ...]], rows: int) -> dict[str, Any] | None:
    """What a block says of itself, if it is whole: every layer is there as it was written. Else None."""
    try:
        with _open(path) as file:
            facts: dict[str, Any] = json.loads(file.metadata()["mien"])
            whole = len(facts["status"]) == rows and set(file.keys()) == set(layers)
            for name, shape in layers.items() if whole else ():
                values = file.get_tensor(name)
                whole = whole and values.shape == (rows, *shape) and _digest(values) == facts["sha256"][name]
        return facts if whole else None
    except Exception:  # whatever a damaged file makes its reader say
        return None


class BlockValues(Mapping[str, np.ndarray]):
    """Layers of a folder of blocks, each read when it is asked for.

    Parameters
    ----------
    folder : Path
    layers : mapping of str to tuple of int
        Shape of each layer's answer to one picture, from the first on.
    blocks : sequence of (str, int)
        Name and number of pictures of each block, in order.
    dtype : str
        ``'float16'`` or ``'float32'``.
    """

    def __init__(
        self, folder: Path, layers: Mapping[str, tuple[int, ...]], blocks: Sequence[tuple[str, int]], dtype: str
    ) -> None:
        self.folder, self.shapes = Path(folder), {name: tuple(shape) for name, shape in layers.items()}
        self._blocks, self._dtype = list(blocks), dtype

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)

    def __getitem__(self, name: str) -> np.ndarray:
        """One layer, (pictures, ...).

        Raises
        ------
        KeyError
            If there is no such layer.
        InputError
            If a block is missing or damaged.
        """
        shape = self.shapes[name]
        found = np.empty((sum(rows for _, rows in self._blocks), *shape), dtype=self._dtype)
        start = 0
        for block, rows in self._blocks:
            found[start : start + rows] = self._part(block, name, (rows, *shape))
            start += rows
        return found

    def _part(self, block: str, name: str, shape: tuple[int, ...]) -> np.ndarray:
        path = place_of(self.folder, block)
        try:
            with _open(path) as file:
                values: np.ndarray = file.get_tensor(name)
                digest = json.loads(file.metadata()["mien"])["sha256"][name]
        except Exception as error:  # safetensors has its own errors, of a class that is not always public
            raise InputError(f"{path} is missing or damaged ({error}); run 'mien activations' again.") from error
        if values.shape != shape or _digest(values) != digest:
            raise InputError(f"{path} is damaged: '{name}' is not as it was written; run 'mien activations' again.")
        return values


def _open(path: Path) -> Any:
    if not path.is_file():
        raise FileNotFoundError("there is no such file")
    return require("safetensors", _PURPOSE, "learn").safe_open(str(path), framework="numpy")


def _digest(values: np.ndarray) -> str:
    return hashlib.blake2b(np.ascontiguousarray(values).tobytes(), digest_size=16).hexdigest()
