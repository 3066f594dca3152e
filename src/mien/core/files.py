"""Writing without leaving halves behind, and fingerprints of what was read."""

import contextlib
import errno
import hashlib
import json
import math
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mien.core.errors import InputError, MienError, StorageError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

# Last name in every JSON object that is written.
CHECKSUM = "checksum"
# Temporary files carry the number of the process that writes them, for people; what counts is its lock on them.
_HALF = ".part-"
# Ending of a file whose lock holds for the folder of the same name, too.
LOCK = ".lock"
# Where a file system has no locks, a half is taken for abandoned after so many seconds.
_ABANDONED_S = 24 * 3600
_FULL = {errno.ENOSPC: "the disk is full", errno.EDQUOT: "the quota is used up", errno.EFBIG: "the file got too large"}
# What libraries say that lose the error number.
_FULL_WORDS = {"os error 28": errno.ENOSPC, "no space left": errno.ENOSPC, "errno 28": errno.ENOSPC,
               "os error 122": errno.EDQUOT, "errno 122": errno.EDQUOT, "quota exceeded": errno.EDQUOT,
               "os error 27": errno.EFBIG, "errno 27": errno.EFBIG, "file too large": errno.EFBIG,
               "requested and": errno.ENOSPC}  # NumPy: "... requested and ... written"  # fmt: skip


# Set to anything but nothing and 0: files are for their user alone.
PRIVATE = "MIEN_PRIVATE"


def is_private() -> bool:
    """Whether what is written now is for this user alone."""
    return os.environ.get(PRIVATE, "") not in ("", "0")


@contextlib.contextmanager
def private_files(wanted: bool = False) -> Iterator[None]:
    """While this lasts, new files are private to the user (0600) and new folders, too (0700), if that is wanted.

    Parameters
    ----------
    wanted : bool
        Otherwise where the environment says so (``MIEN_PRIVATE=1``). Processes that are started meanwhile do the same.
    """
    if not wanted and not is_private():
        yield
        return
    before, mask = os.environ.get(PRIVATE), os.umask(0o077)
    os.environ[PRIVATE] = "1"
    try:
        yield
    finally:
        os.umask(mask)
        if before is None:
            del os.environ[PRIVATE]
        else:
            os.environ[PRIVATE] = before


@contextlib.contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Give a temporary path beside ``target``; on success it is flushed to disk and renamed, else removed.

    Raises
    ------
    StorageError
        If the disk is full or the like; what was there before stays.
    """
    target = Path(target)
    # The name keeps the suffix, because writers of pictures and videos choose their format by it.
    with full_disk_told(target):
        with private_files():
            target.parent.mkdir(parents=True, exist_ok=True)
        with half_written(target.parent, target.suffix) as temporary:
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.replace(target)


@contextlib.contextmanager
def half_written(folder: Path, suffix: str) -> Iterator[Path]:
    """A new file, locked until it is renamed or, at the end, removed; its mode is what the umask leaves, or 0600."""
    while True:
        path = folder / f"{_HALF}{os.getpid()}-{secrets.token_hex(6)}{suffix}"
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600 if is_private() else 0o666)
        if fcntl is None:  # an open file could not be renamed there
            os.close(handle)
            break
        with contextlib.suppress(OSError):
            fcntl.flock(handle, fcntl.LOCK_EX)
        # Between creation and lock another process may have taken it for abandoned.
        if os.fstat(handle).st_nlink:
            break
        os.close(handle)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)
        if fcntl is not None:
            os.close(handle)


@contextlib.contextmanager
def full_disk_told(target: Path) -> Iterator[None]:
    """A full disk as a sentence, whatever library met it."""
    try:
        yield
    except StorageError:
        raise
    except Exception as error:
        number = full_disk(error)
        if number is None:
            raise
        raise StorageError(
            f"{target} could not be written: {_FULL[number]}. Nothing half-written is left, and what was finished "
            "before is kept; make room (or name another place) and run the same command again."
        ) from error


def full_disk(error: BaseException) -> int | None:
    """Number of the system's error if this one says, in whatever words, that nothing more can be written."""
    if isinstance(error, OSError) and error.errno in _FULL:
        return error.errno
    if isinstance(error, MienError):
        return None
    words = str(error).lower()
    return next((number for word, number in _FULL_WORDS.items() if word in words), None)


def write_text(target: Path, text: str) -> None:
    r"""Write UTF-8 text atomically; what UTF-8 cannot hold (parts of file names) is written as ``\udcNN``.

    In JSON that is an escape like any other, so such names are read back as they were.
    """
    remove_halves(Path(target).parent)
    with atomic_path(target) as temporary:
        temporary.write_bytes(text.encode("utf-8", "backslashreplace"))


def write_json(target: Path, value: Any) -> None:
    """Write JSON atomically, readable for people; an object ends in a checksum of its content.

    Numbers that are NaN or infinite, which JSON lacks, become null.
    """
    value = finite(value)
    if isinstance(value, dict):
        content = {name: part for name, part in value.items() if name != CHECKSUM}
        value = {**content, CHECKSUM: _checksum(json.loads(json.dumps(content)))}
    write_text(target, json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def finite(value: Any) -> Any:
    """The same with None for numbers that are NaN or infinite, as JSON files hold them."""
    if isinstance(value, dict):
        return {key: finite(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def read_json(path: Path) -> Any:
    """Read a JSON file; the checksum that ``write_json`` puts at the end is checked and left out.

    Raises
    ------
    InputError
        If the file is missing, cannot be read, is not JSON, holds a number that is none (NaN, infinite), or its content
        is not what was written.
    """
    try:
        found = json.loads(
            Path(path).read_text(encoding="utf-8-sig"), parse_constant=_no_number, parse_float=_finite_number
        )
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist.") from error
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error}).") from error
    # JSONDecodeError and UnicodeDecodeError are among them, and whole numbers of thousands of digits.
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not a readable JSON file ({error or 'it is too deeply nested'}).") from error
    # Files of earlier versions and of people carry none.
    if isinstance(found, dict) and found.pop(CHECKSUM, None) not in (None, _checksum(found)):
        raise InputError(
            f"{path} is damaged or was changed after it was written: its content does not fit its checksum. Run the "
            f"command that wrote it again; if the change is meant, remove the line '{CHECKSUM}'."
        )
    return found


def _checksum(content: dict[str, Any]) -> str:
    """SHA-256 of a JSON object as it is read back, whatever its line breaks."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _no_number(text: str) -> float:
    raise ValueError(f"it holds {text} where a number has to be")


def _finite_number(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _no_number(text)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, as hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_halves(folder: Path) -> None:
    """Remove temporary files and folders in ``folder`` whose writers are gone, whatever their numbers."""
    for half in Path(folder).glob(f"{_HALF}*"):
        with contextlib.suppress(OSError):
            if half.is_dir():
                # Its writer's lock is the file beside it.
                if not half.with_name(half.name + LOCK).exists():
                    shutil.rmtree(half, ignore_errors=True)
            else:
                _remove_if_abandoned(half)


def _remove_if_abandoned(half: Path) -> None:
    """Remove a temporary file that nobody writes any more: its lock is free, or, without locks, it is old."""
    free = time.time() - half.stat().st_mtime > _ABANDONED_S
    with ExitStack() as stack:
        if fcntl is not None:
            handle = os.open(half, os.O_RDWR)
            stack.callback(os.close, handle)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                free = True
            except BlockingIOError:
                free = False
            except OSError:
                pass
        if free:
            if half.suffix == LOCK:
                shutil.rmtree(half.with_suffix(""), ignore_errors=True)
            # Under the lock, so that a writer that comes in between sees that it is gone.
            half.unlink(missing_ok=True)
