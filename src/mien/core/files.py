"""Writing without leaving halves behind, and fingerprints of what was read."""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mien.core.errors import InputError

# Temporary files carry the number of the process that writes them.
_HALF = ".part-"


@contextlib.contextmanager
def atomic_path(target: Path) -> Iterator[Path]:
    """Give a temporary path beside ``target``; on success it is flushed to disk and renamed, else removed."""
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    # The name keeps the suffix, because writers of pictures and videos choose their format by it.
    handle, name = tempfile.mkstemp(prefix=f"{_HALF}{os.getpid()}-", suffix=target.suffix, dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(target: Path, text: str) -> None:
    """Write UTF-8 text atomically."""
    with atomic_path(target) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(target: Path, value: Any) -> None:
    """Write JSON atomically, readable for people."""
    write_text(target, json.dumps(value, indent=1, ensure_ascii=False, sort_keys=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises
    ------
    InputError
        If the file is missing or is not JSON.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist.") from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not a readable JSON file ({error}).") from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, as hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove_halves(folder: Path) -> None:
    """Remove temporary files that a killed process of this machine left in ``folder``."""
    for half in Path(folder).glob(f"{_HALF}*"):
        pid = half.name.removeprefix(_HALF).split("-")[0]
        if pid.isdigit() and not _alive(int(pid)):
            half.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
