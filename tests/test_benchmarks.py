"""Benchmarks do not rot: what they import from mien is there and public, and quick ones run."""

import ast
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_house import HOME, from_a_clone

FILES = sorted((HOME / "benchmarks").rglob("*.py"))


@from_a_clone
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_what_a_benchmark_takes_from_mien_is_there_and_public(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    lost = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "mien":
            lost += [f"{node.module}.{one.name}" for one in node.names if not _there(node.module or "", one.name)]
    assert not lost, f"{file.name} imports what is not there, or is private: {lost}"
    # What stands in strings is run by another process and seen by no tool.
    written = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    hidden = [text for text in written if re.search(r"^(from|import) mien[. ]\S*.*\n", text, re.MULTILINE)]
    assert not [text for text in hidden if re.search(r"\w\._[a-z]", text)]


def _there(module: str, name: str) -> bool:
    if name.startswith("_"):
        return False
    home = importlib.import_module(module)
    if hasattr(home, name):
        return True
    try:
        importlib.import_module(f"{module}.{name}")
    except ImportError:
        return False
    return True


@from_a_clone
def test_the_speed_of_extraction_is_measured_on_a_made_up_clip() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.extraction_speed", "--quick"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    # Differences of so short runs may be anything on a busy machine: it is only shown that it runs.
    assert len(found["frames_per_second"]) == 4 and found["peak_memory_mb"]["1x"] > 0


@from_a_clone
def test_ways_to_a_faster_extraction_are_measured_on_a_made_up_film() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.fast_extraction", "--quick"],
        cwd=HOME,
        capture_output=True,
        text=True,
        check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    moved = [row["median of these"] for row in found["yardstick"]]
    # The further the crop, the further the points; half precision moves them less than the least of these.
    assert moved == sorted(moved) and 0 < found["half precision"]["median"] < moved[0]
    every_second = found["between frames"][0]
    assert every_second["frames without the network"] > 0.3 and every_second["99th percentile of these"] > 0
