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


PROVENANCE_FILE = "provenance.json"
# How the step of a study is called that its data or settings do not allow; its fact ``reason`` says why.
LEFT_OUT = " left out"


def record(folder: Path, step: str, **facts: Any) -> None:
    """Write what a step did into the study folder's ``provenance.json``, beside the other steps."""
    path = Path(folder) / PROVENANCE_FILE
    write_json(path, {**_steps(path), step: provenance(**facts)})


def forget(folder: Path, ending: str) -> None:
    """Take the steps whose name ends so out of the study folder's ``provenance.json``."""
    path = Path(folder) / PROVENANCE_FILE
    steps = _steps(path)
    kept = {step: facts for step, facts in steps.items() if not step.endswith(ending)}
    if len(kept) < len(steps):
        write_json(path, kept)


def timeless(folder: Path) -> dict[str, Any]:
    """What the study's folder says of every step, without when it was done."""
    steps = _steps(Path(folder) / PROVENANCE_FILE).items()
    return {
        step: {k: v for k, v in facts.items() if k != "written"} for step, facts in steps if isinstance(facts, dict)
    }


def _steps(path: Path) -> dict[str, Any]:
    """What a study's file holds; nothing where it is not there or damaged."""
    try:
        steps = read_json(path) if path.exists() else {}
    except InputError:
        return {}
    return steps if isinstance(steps, dict) else {}


def record_part(folder: Path, step: str, part: str, **facts: Any) -> None:
    """Write what a part (``'3/40'``) of a step did into a file of its own: other parts write at the same time."""
    name = f"{step}-{'-of-'.join(side.strip() for side in part.split('/'))}.json"
    write_json(Path(folder) / "provenance" / name, provenance(**facts, part=part))
