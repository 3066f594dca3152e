"""Reading that goes on: what cannot be read becomes a sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from mien.core.errors import MienError
from mien.core.files import read_json

T = TypeVar("T")


def guarded(problems: list[str], read: Callable[[Path], T], path: Path) -> T | None:
    """What ``read`` makes of a path; None where nothing is there, and where it fails, which ``problems`` then says."""
    if not path.exists():
        return None
    try:
        return read(path)
    except (MienError, OSError, ValueError) as error:
        problems.append(str(error))
        return None


def read_object(problems: list[str], path: Path) -> dict[str, Any]:
    """The object in a JSON file; empty where there is none."""
    value = guarded(problems, read_json, path)
    if value is not None and not isinstance(value, dict):
        problems.append(f"{path} is not a JSON object.")
    return value if isinstance(value, dict) else {}
