"""Faces on disk: one Parquet file per source, written atomically, readable without mien.

What a study's ``review.csv`` says of them is obeyed wherever they are read; the files stay as they are.
"""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from shlex import quote
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mien.core.errors import DamageWarning, InputError
from mien.core.faces import COLUMNS, OK, UNREADABLE, Faces, source_status
from mien.core.files import atomic_path
from mien.core.names import utf8_name
from mien.core.switch import settle
from mien.core.topology import topology
from mien.data import checksum
from mien.data.native import native_file
from mien.data.parquet import as_numpy, read_parquet
from mien.data.review import Review, read_review
from mien.data.reviewed import NEEDED, check_obeyable, obeyed

# Rows that are in memory at once while a video is written.
ROWS_PER_GROUP = 256
# Ends what is said of a damaged file.
ANEW = "Run 'mien extract' again; it computes this file anew."
# Name of a shard: beginning of the source's name, hash of that name, fingerprint.
_SHARD_NAME = re.compile(r".*-([0-9a-f]{8})-[0-9a-f]{16}")
# What pyarrow raises on damaged files, for one reason or another.
UNREADABLE_AS = (pa.ArrowException, OSError, ValueError, KeyError)


def to_table(faces: Faces) -> pa.Table:
    """Faces as an Arrow table; the topology and the meaning of every column stand in the metadata."""
    rows = len(faces)
    arrays: dict[str, pa.Array] = {}
    for name in COLUMNS:
        arrays[name] = _to_arrow(getattr(faces, name))
    arrays["landmarks_px"] = _to_arrow(faces.landmarks_px)
    for name, column in faces.extra.items():
        arrays[f"extra:{name}"] = _to_arrow(np.asarray(column))
    table = pa.Table.from_arrays(list(arrays.values()), names=list(arrays))
    assert table.num_rows == rows
    meanings = {name: {"meaning": c.meaning, "parts": list(c.parts)} for name, c in COLUMNS.items()}
    metadata = {"mien.topology": faces.topology, "mien.columns": json.dumps(meanings)}
    return table.replace_schema_metadata(metadata)


def from_table(table: pa.Table, where: str = "table") -> Faces:
    """Faces from an Arrow table that ``to_table`` made.

    Raises
    ------
    InputError
        If columns are missing; ``where`` names the file in the message.
    """
    kind = (table.schema.metadata or {}).get(b"mien.topology", b"").decode()
    lacking = [name for name in (*COLUMNS, "landmarks_px") if name not in table.column_names]
    if lacking or not kind:
        what = f"the column '{lacking[0]}'" if lacking else "the topology in its metadata"
        raise InputError(f"{where} was not written by 'mien extract': it lacks {what}.")
    points = len(topology(kind))
    columns: dict[str, Any] = {name: from_arrow(table[name], column.shape) for name, column in COLUMNS.items()}
    landmarks = from_arrow(table["landmarks_px"], (points, 3))
    extra = {n.removeprefix("extra:"): from_arrow(table[n], ()) for n in table.column_names if n.startswith("extra:")}
    return Faces(**columns, landmarks_px=landmarks, topology=kind, extra=extra)


def _to_arrow(values: np.ndarray) -> pa.Array:
    """An Arrow array over the same memory.

    ``pyarrow.array`` would import pandas where it is installed, which takes a third of a second.
    """
    if values.dtype == object:
        texts = [_utf8(str(value)) for value in values]
        offsets = np.cumsum([0, *(len(text) for text in texts)], dtype=np.int32)
        return pa.StringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(b"".join(texts)))
    flat = np.ascontiguousarray(values).reshape(-1)
    memory = np.packbits(flat, bitorder="little") if flat.dtype == bool else flat
    array = pa.Array.from_buffers(pa.from_numpy_dtype(flat.dtype), len(flat), [None, pa.py_buffer(memory)])
    if values.ndim == 1:
        return array
    if not flat.size:  # faces without points
        return pa.ListArray.from_arrays(np.zeros(len(values) + 1, dtype=np.int32), array)
    return pa.FixedSizeListArray.from_arrays(array, int(np.prod(values.shape[1:])))


def _utf8(text: str) -> bytes:
    """Text as UTF-8, parts of file names that are none as ``utf8_name`` writes them."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return utf8_name(text).encode()


def from_arrow(column: pa.ChunkedArray, shape: tuple[int, ...]) -> np.ndarray:
    """A column as an array; ``shape`` is that of one row."""
    if not shape:
        chunks = [as_numpy(chunk) for chunk in column.chunks]
        return chunks[0] if len(chunks) == 1 else np.concatenate(chunks) if chunks else column.to_numpy()
    flat = [as_numpy(chunk.flatten()) for chunk in column.chunks]
    joined = np.concatenate(flat) if flat else np.zeros(0, dtype=np.float32)
    return joined.reshape(len(column), *shape)


class ShardWriter:
    """Appends faces to one Parquet file in row groups, so memory does not grow with the length of a video."""

    def __init__(self, path: Path, facts: dict[str, Any] | None = None) -> None:
        self._path = path
        # Opened here: pyarrow takes no names that are no UTF-8.
        self._file: BinaryIO | None = None
        self._facts = json.dumps(facts or {})
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[Faces] = []
        self._rows = 0

    def add(self, faces: Faces) -> None:
        """Append rows."""
        self._waiting.append(faces)
        self._rows += len(faces)
        if self._rows >= ROWS_PER_GROUP:
            self._flush()

    def _flush(self) -> None:
        table = to_table(Faces.concat(self._waiting))
        if self._writer is None:
            metadata = {
                **(table.schema.metadata or {}),
                b"mien.facts": self._facts.encode(),
                checksum.KEY: checksum.MEANING,
            }
            schema = table.schema.with_metadata(metadata)
            # Landmarks are noise in their last bits: dictionaries and heavy compression cost time and gain nothing.
            self._file = self._path.open("wb")
            self._writer = pq.ParquetWriter(
                self._file,
                schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=["source", "status"],
            )
        self._writer.write_table(table.replace_schema_metadata(self._writer.schema.metadata))
        self._waiting, self._rows = [], 0

    def close(self) -> None:
        """Write what is waiting, the file's end and its checksum."""
        if self._rows or self._writer is None:
            self._flush()
        assert self._writer is not None and self._file is not None
        self._writer.close()
        self._file.close()
        checksum.seal(self._path)

    def leave(self) -> None:
        """Close what is open, whatever has happened."""
        if self._writer is not None and self._writer.is_open:
            with suppress(Exception):  # another error is on its way already
                self._writer.close()
        if self._file is not None:
            self._file.close()


@contextmanager
def open_shard(path: Path, facts: dict[str, Any] | None = None) -> Iterator[ShardWriter]:
    """A writer whose file appears under ``path`` only when all went well."""
    with atomic_path(path) as temporary:
        writer = ShardWriter(temporary, facts)
        try:
            yield writer
            writer.close()
        finally:
            writer.leave()


def write_shard(faces: Faces, path: Path, facts: dict[str, Any] | None = None) -> None:
    """Write faces as one Parquet file, atomically."""
    with open_shard(path, facts) as writer:
        writer.add(faces)


def read_shard(path: Path, *, review: bool = True) -> Faces:
    """Read one Parquet file.

    Parameters
    ----------
    path : Path
    review : bool
        Obey the study's review. False: as extracted.

    Raises
    ------
    InputError
        If the file is damaged or was not written by mien, or the review cannot be read.
    """
    said = read_review(path) if review else None
    try:
        # Before it is read: the reader trusts what it reads.
        damaged = checksum.is_intact(path) is False
        table = None if damaged else _table(path)
    except UNREADABLE_AS as error:
        raise InputError(f"{path} is not a readable Parquet file ({error}). {ANEW}") from error
    if table is None:
        raise InputError(f"{path} is damaged: its content is not what was written (SHA-256). {ANEW}")
    faces = from_table(table, str(path))
    return faces if not said else reviewed_faces(faces, said)


def reviewed_faces(faces: Faces, review: Review) -> Faces:
    """Faces as a review leaves them."""
    if not review.about(set(faces.source.tolist())):
        return faces
    columns = {name: getattr(faces, name) for name in (*COLUMNS, "landmarks_px")}
    found = obeyed({**columns, **{f"extra:{name}": column for name, column in faces.extra.items()}}, review)
    extra = {name: found.pop(f"extra:{name}") for name in faces.extra}
    return Faces(**found, topology=faces.topology, extra=extra)


def _table(path: Path) -> pa.Table:
    with native_file(path) as file:
        return read_parquet(file)


def name_hash(source: str) -> str:
    """What a shard's name holds of its source's name."""
    return hashlib.sha256(source.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def hash_of_nameless(source: str) -> str | None:
    """The hash of the source's name where a damaged shard's own name stands for it; None for other names."""
    match = _SHARD_NAME.fullmatch(source)
    return match[1] if match else None


def shard_paths(folder: Path) -> list[Path]:
    """Shards of a study folder (in its ``faces/``) or of a faces folder, sorted by name; its review is checked.

    Raises
    ------
    InputError
        If there is no such folder, or its review cannot be obeyed.
    """
    paths = stored_shards(folder)
    review = read_review(Path(folder))
    if review:
        check_review(review, tuple(paths))
    return paths


def stored_shards(folder: Path) -> list[Path]:
    """Shards as ``shard_paths`` has them, whatever a review says."""
    folder = Path(folder)
    # Of a made-up cohort shards and tables belong together.
    settle(folder.parent if folder.name == "faces" else folder)
    inner = folder / "faces"
    place = inner if inner.is_dir() else folder
    if not place.is_dir():
        raise InputError(f"{folder} does not exist; give the folder that 'mien extract' wrote.")
    return sorted(path for path in place.glob("*.parquet") if not path.name.startswith("."))


@lru_cache(maxsize=8)
def check_review(review: Review, paths: tuple[Path, ...]) -> None:
    """Refuse a review that these shards cannot obey; only those of sources that it names are read.

    Raises
    ------
    InputError
        With file and row.
    """
    named = set(review.sources)
    # None: of shards whose names do not say whose they are.
    hashes = {None, *(name_hash(name) for name in named)} if named else set()
    parts: list[dict[str, np.ndarray]] = []
    known: list[str] = []
    for path in paths:
        if hash_of_nameless(path.stem) not in hashes:
            continue
        try:
            with native_file(path) as opened, pq.ParquetFile(opened) as file:
                table = file.read(columns=list(NEEDED), use_threads=False)
        except UNREADABLE_AS:  # whoever reads its faces says so
            lost = hash_of_nameless(path.stem)
            review = review.about(name for name in review.sources if name_hash(name) != lost)
            continue
        columns = {name: from_arrow(table[name], ()) for name in NEEDED}
        known += set(columns["source"].tolist())
        parts.append(columns)
    there = [{name: part[name][np.isin(part["source"], list(named))] for name in NEEDED} for part in parts]
    joined = {name: np.concatenate([np.empty(0, object), *(part[name] for part in there)]) for name in NEEDED}
    check_obeyable(review, joined, known)


def read_faces(folder: str | Path) -> Faces:
    """All faces of a study folder.

    A damaged shard becomes a row with status ``'unreadable'`` and the reason, and a ``DamageWarning``. What the study's
    ``review.csv`` says is obeyed; faces that it excludes are rows with status ``'excluded'``.

    Parameters
    ----------
    folder : str or Path
        That ``mien.extract``, ``mien.import_`` or ``mien.synthesize`` wrote; or its ``faces/``.

    Returns
    -------
    Faces
        Rows of all shards, in the order of their names.

    Raises
    ------
    InputError
        If there are no shards, none can be read, or the review cannot be obeyed.
    """
    paths = shard_paths(Path(folder))
    if not paths:
        raise InputError(f"{folder} holds no faces; fill it with: mien extract INPUT -o {quote(str(folder))}")
    found: dict[Path, Faces] = {}
    problems: dict[Path, InputError] = {}
    for path in paths:
        try:
            found[path] = read_shard(path)
        except InputError as error:
            problems[path] = error
    if not found:
        raise problems[paths[0]]
    kind = next(iter(found.values())).topology
    for path, problem in problems.items():
        warnings.warn(str(problem), DamageWarning, stacklevel=2)
        name = str(read_facts(path).get("source") or path.stem)
        found[path] = Faces.build(
            1, topology=kind, source=np.array([name], object), status=np.array([UNREADABLE], object),
            reason=np.array([str(problem)], object),
        )  # fmt: skip
    return Faces.concat([found[path] for path in paths])


def is_whole(path: Path) -> bool:
    """Whether a shard is there and its content is what was written; one without a checksum is read to the end."""
    try:
        intact = checksum.is_intact(path)
        if intact is None:
            _table(path)
    except UNREADABLE_AS:
        return False
    return intact is not False


def read_facts(path: Path) -> dict[str, Any]:
    """What the writer noted about a shard's source; empty if that cannot be read."""
    try:
        with native_file(path) as file:
            metadata = pq.read_metadata(file).metadata or {}
        facts = json.loads(metadata.get(b"mien.facts", b"{}"))
    except UNREADABLE_AS:
        return {}
    return facts if isinstance(facts, dict) else {}


def read_status(path: Path) -> tuple[str, str]:
    """Status of a source as a whole, and the reason if (part of) it was unreadable; reads two columns only."""
    with native_file(path) as opened, pq.ParquetFile(opened) as file:
        table = file.read(columns=["status", "reason"])
    statuses = table["status"].to_pylist()
    reasons = [reason for reason in table["reason"].to_pylist() if reason]
    return source_status(set(statuses)), reasons[0] if reasons else ""


def count_flagged(path: Path, flag: str) -> tuple[int, int]:
    """Frames of a shard whose column ``quality`` holds a flag, and all its frames; reads two columns only."""
    with native_file(path) as opened, pq.ParquetFile(opened) as file:
        table = file.read(columns=["frame", "quality"])
    frames = table["frame"].to_numpy()
    flagged = np.array([flag in text.split() for text in table["quality"].to_pylist()], dtype=bool)
    return len(np.unique(frames[flagged])), len(np.unique(frames))


def count_below(path: Path, presence: float) -> tuple[int, int]:
    """Faces of a shard whose presence is below the given one, and all its faces; reads two columns only."""
    with native_file(path) as opened, pq.ParquetFile(opened) as file:
        table = file.read(columns=["status", "presence"])
    ok = np.array(table["status"].to_pylist(), dtype=object) == OK
    return int((table["presence"].to_numpy()[ok] < presence).sum()), int(ok.sum())
