"""A place: a folder or file on object storage, to be listed, read, and written so that no half is ever seen."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa

from mien.core.errors import PlaceError
from mien.core.files import atomic_path
from mien.data.places.address import FILE, address, is_place, local_path
from mien.data.places.refusals import MISSING, refusals_told
from mien.data.places.systems import system_of

# One request each; large enough that their number does not count.
CHUNK = 8 << 20
# Beginning of the names of what is being written.
HALF = ".part-"


@dataclass(frozen=True)
class State:
    """What a file at a place is at a moment.

    Attributes
    ----------
    size : int
        In bytes.
    tag : str
        Its ETag, where the server gives one; else the time of its last change.
    changed_s : int
        When it was changed, in seconds since 1970; two states that differ in nothing else are the same.
    """

    size: int
    tag: str
    changed_s: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Listed:
    """One file of a listing: place, bytes, and the second of its last change, as the server says."""

    place: Place
    size: int
    changed_s: int


@dataclass(frozen=True, order=True)
class Place:
    """A folder or file at a URI.

    Parameters
    ----------
    uri : str
        Such as ``'s3://bucket/study'``; keys, passwords and options in it are refused.
    """

    uri: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "uri", address(self.uri))

    def __str__(self) -> str:
        return self.uri

    def __fspath__(self) -> str:
        return self.uri

    def __truediv__(self, name: str) -> Place:
        return Place(f"{self.uri}/{name}")

    @property
    def name(self) -> str:
        """Last part of the address."""
        return self.uri.rpartition("/")[2]

    @property
    def parent(self) -> Place:
        """The folder that holds it."""
        return Place(self.uri.rpartition("/")[0])

    @property
    def bucket(self) -> str:
        """Bucket or machine."""
        return urlsplit(self.uri).netloc

    @property
    def key(self) -> str:
        """What stands behind the bucket."""
        return self.uri.partition("://")[2].partition("/")[2]

    @property
    def scheme(self) -> str:
        """What stands before ``://``."""
        return self.uri.partition("://")[0]

    @property
    def filesystem(self) -> Any:
        """The ``pyarrow.fs.FileSystem``; keys and endpoint are those of the environment."""
        with refusals_told(self.uri, "cannot be opened"):
            return system_of(self.scheme, self.bucket)

    @property
    def path(self) -> str:
        """What that file system calls it."""
        inner = f"{self.bucket}/{self.key}" if self.bucket else self.key
        return f"/{self.key}" if self.scheme in (FILE, "memory") and not self.bucket else inner.rstrip("/")

    def below(self, folder: Place) -> str:
        """Its name counted from a folder."""
        return self.uri.removeprefix(f"{folder.uri.rstrip('/')}/")

    def entries(self, deep: bool = True) -> list[Listed]:
        """Files below this folder, sorted by name; what is being written is no file yet.

        Raises
        ------
        PlaceError
            If the bucket does not exist, or the server does not answer or refuses.
        """
        from pyarrow import fs

        filesystem = self.filesystem
        with refusals_told(self.uri, "cannot be listed"):
            try:  # to allow that there is none would hide that there is no bucket
                found = filesystem.get_file_info(fs.FileSelector(self.path, recursive=deep))
            except FileNotFoundError:
                return []
        start = len(self.path) + 1 if self.path != "/" else 1
        files = [
            Listed(self / name, info.size or 0, _second(info))
            for info in found
            if info.type == fs.FileType.File and (name := info.path[start:]) and not info.base_name.startswith(HALF)
        ]
        return sorted(files, key=lambda entry: entry.place.uri)

    def exists(self) -> bool:
        """Whether there is such a file."""
        return self.size() is not None

    def size(self) -> int | None:
        """Bytes of this file; None where there is none."""
        from pyarrow import fs

        filesystem = self.filesystem
        with refusals_told(self.uri):
            info = filesystem.get_file_info(self.path)
        return info.size if info.type == fs.FileType.File else None

    def state(self) -> State | None:
        """Size and ETag of this file; None where there is none."""
        from pyarrow import fs

        filesystem = self.filesystem
        with refusals_told(self.uri):
            info = filesystem.get_file_info(self.path)
            if info.type != fs.FileType.File:
                return None
            if self.scheme != "s3":
                return State(info.size, str(info.mtime_ns), _second(info))
            try:
                with filesystem.open_input_stream(self.path) as stream:
                    return State(info.size, _tag(stream), _second(info))
            except FileNotFoundError:
                return None

    def open(self) -> pa.NativeFile:
        """The file for reading here and there, so that of a Parquet file only what is needed travels."""
        filesystem = self.filesystem
        with refusals_told(self.uri):
            return filesystem.open_input_file(self.path)

    def read(self) -> bytes:
        """All bytes of this file."""
        filesystem = self.filesystem
        with refusals_told(self.uri), filesystem.open_input_stream(self.path) as stream:
            return bytes(stream.read())

    def fetch(self, target: Path) -> tuple[State, str]:
        """Bring this file to the disk; it appears there when it is complete.

        Parameters
        ----------
        target : Path
            Local file.

        Returns
        -------
        state : State
            Of what was fetched.
        content : str
            Its SHA-256.

        Raises
        ------
        PlaceError
            If it is not there, the connection breaks, or somebody changes it meanwhile.
        StorageError
            If the disk is full.
        """
        digest = hashlib.sha256()
        before = self.state()
        if before is None:
            raise PlaceError(f"{self.uri} cannot be read: {MISSING}.")
        filesystem = self.filesystem
        with atomic_path(target) as temporary, temporary.open("wb") as file:
            with refusals_told(self.uri, "cannot be fetched"):
                stream = filesystem.open_input_stream(self.path)
            with stream:
                while True:
                    with refusals_told(self.uri, "cannot be fetched"):
                        chunk = stream.read(CHUNK)
                    if not chunk:
                        break
                    digest.update(chunk)
                    file.write(chunk)
            if file.tell() != before.size or self.state() != before:
                raise PlaceError(f"{self.uri} was changed while it was fetched; run the same command again.")
        return before, digest.hexdigest()

    def write(self, content: bytes) -> None:
        """Write a file; see ``put``."""
        self._finish(lambda stream: stream.write(content), len(content))

    def put(self, source: Path) -> None:
        """Write a local file here; others see the old one or the new one, never a part.

        It travels under another name and gets its own when its size is what it has to be. An upload that is broken off
        is ended and removed; of a process that is killed nothing is ever seen.

        Raises
        ------
        PlaceError
            If the server does not answer or refuses.
        """

        def send(stream: Any) -> None:
            with Path(source).open("rb") as file:
                while chunk := file.read(CHUNK):
                    stream.write(chunk)

        self._finish(send, Path(source).stat().st_size)

    def _finish(self, send: Any, size: int) -> None:
        filesystem = self.filesystem
        half = self.parent / f"{HALF}{os.getpid()}-{secrets.token_hex(6)}-{self.name}"
        if self.scheme in (FILE, "sftp", "ssh", "smb", "hdfs", "memory"):  # object storage has no folders
            with refusals_told(self.parent.uri, "cannot be made"):
                filesystem.create_dir(self.parent.path, recursive=True)
        try:
            with refusals_told(self.uri, "cannot be written"):
                # However this ends, the library completes the upload: under the name that is no file's.
                with filesystem.open_output_stream(half.path) as stream:
                    send(stream)
                if half.size() != size:
                    raise PlaceError(f"{self.uri} cannot be written: the server holds less than was sent.")
                filesystem.move(half.path, self.path)
        except BaseException:
            with contextlib.suppress(OSError, pa.ArrowException):
                filesystem.delete_file(half.path)
            raise

    def remove(self) -> None:
        """Remove this file, if it is there."""
        filesystem = self.filesystem
        with refusals_told(self.uri, "cannot be removed"), contextlib.suppress(FileNotFoundError):
            filesystem.delete_file(self.path)

    def remove_halves(self, older_s: float = 24 * 3600) -> None:
        """Remove from this folder what processes left that were killed while they wrote, a day ago or longer."""
        from pyarrow import fs

        filesystem = self.filesystem
        with refusals_told(self.uri, "cannot be listed"):
            found = filesystem.get_file_info(fs.FileSelector(self.path, allow_not_found=True))
        for info in found:
            if info.base_name.startswith(HALF) and time.time() - _second(info) > older_s:
                with contextlib.suppress(OSError):
                    filesystem.delete_file(info.path)


def place_or_path(given: str | os.PathLike[str] | Place) -> Place | Path:
    """A place where a URI is given, a local path otherwise and for ``file://``.

    Parameters
    ----------
    given : str, path or Place

    Returns
    -------
    Place or Path

    Raises
    ------
    InputError
        If the address is wrong, or holds a key or a password.
    """
    if isinstance(given, Place):
        return given
    if not is_place(given):
        return Path(given)
    uri = address(given)
    return local_path(uri) if uri.startswith(f"{FILE}://") else Place(uri)


def _second(info: Any) -> int:
    """Servers say fractions in a listing that they do not say of one file."""
    return (info.mtime_ns or 0) // 1_000_000_000


def _tag(stream: pa.NativeFile) -> str:
    metadata = stream.metadata() or {}
    return (metadata.get("ETag") or metadata.get(b"ETag") or b"").decode().strip('"')
