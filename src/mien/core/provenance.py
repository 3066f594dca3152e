"""Provenance: which versions, weights, seeds and data gave a result."""

import platform
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import mien
from mien.core.errors import InputError
from mien.core.files import read_json, write_json

PACKAGES = (
    "numpy", "scipy", "pyarrow", "pillow", "opencv-python-headless", "av", "ai-edge-litert",
    "torch", "scikit-learn", "lightgbm", "pandas", "safetensors", "scikit-image", "timm", "rsatoolbox", "nibabel",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Version of mien, Python and of every package that can change a result; absent ones are left out."""
    return dict(_versions())


@cache
def _versions() -> dict[str, str]:
    result = {"mien": mien.__version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            result[package] = version(package)
        except PackageNotFoundError:
            continue
    return result


def provenance(**facts: Any) -> dict[str, Any]:
    """Facts of a run with versions, kind of machine and time (UTC); holds no user or host name."""
    return {
        **facts,
        "versions": versions(),
        "machine": f"{platform.system()} {platform.machine()}",
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def record(folder: Path, step: str, **facts: Any) -> None:
    """Write what a step did into the study folder's ``provenance.json``, beside the other steps."""
    path = Path(folder) / "provenance.json"
    try:
        steps = read_json(path) if path.exists() else {}
    except InputError:
        steps = {}
    steps = steps if isinstance(steps, dict) else {}
    write_json(path, {**steps, step: provenance(**facts)})


def record_part(folder: Path, step: str, part: str, **facts: Any) -> None:
    """Write what a part (``'3/40'``) of a step did into a file of its own: other parts write at the same time."""
    name = f"{step}-{'-of-'.join(side.strip() for side in part.split('/'))}.json"
    write_json(Path(folder) / "provenance" / name, provenance(**facts, part=part))
