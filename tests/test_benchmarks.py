"""Benchmarks do not rot: what they take from mien is there and public, and each runs on made-up data.

``python -m benchmarks`` runs them all, which is a step of its own in ``.ci/run``; here a few run.
"""

import ast
import importlib
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.__main__ import names
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
@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_benchmark_reaches_for_nothing_private(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    modules = {
        one.asname or one.name: f"{node.module}.{one.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("mien", "benchmarks")
        for one in node.names
        if _is_module(f"{node.module}.{one.name}")
    }
    # Of the interpreter and of itself alone.
    known = {"_exit", "_fields", "_asdict", "_replace"}
    private, lost = [], []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            if node.attr.startswith("_") and not node.attr.startswith("__") and node.attr not in known:
                private += [] if owner in ("self", "cls") else [f"{owner}.{node.attr}"]
            elif owner in modules and not _there(modules[owner], node.attr):
                lost.append(f"{owner}.{node.attr}")
    assert not private, f"{file.name} uses private names: {private}"
    assert not lost, f"{file.name} uses what is not there: {lost}"


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ModuleNotFoundError, AttributeError):
        return False


@from_a_clone
@pytest.mark.parametrize("name", names())
def test_every_benchmark_can_be_quick_by_the_shared_option(name: str) -> None:
    place = HOME / "benchmarks" / Path(*name.split("."))
    file = place / "__main__.py" if place.is_dir() else place.with_suffix(".py")
    tree = ast.parse(file.read_text(encoding="utf-8"))
    called = [node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    parsed = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "parse_args"]
    assert "arguments" in called, f"{file.name} takes its options by benchmarks.common.arguments, which adds --quick"
    assert not parsed, f"{file.name} parses its options itself"


@from_a_clone
def test_the_run_of_all_benchmarks_says_which_fail() -> None:
    asked = ["action_units.fit", "null_auc", "no_such_benchmark"]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", *asked, "--jobs", "1", "--without-data"],
        cwd=HOME, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1
    assert re.search(r"^action_units\.fit: \d.* of the processor$", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^null_auc: \d.* of the processor$", done.stdout, re.MULTILINE)
    assert done.stdout.splitlines()[-1] == "Failed: no_such_benchmark"


def quick(name: str) -> Any:
    """What a benchmark says with ``--quick``."""
    command = [sys.executable, "-m", f"benchmarks.{name}", "--quick"]
    return json.loads(subprocess.run(command, cwd=HOME, capture_output=True, text=True, check=True).stdout)


@from_a_clone
def test_the_speed_of_extraction_is_measured_on_a_made_up_clip() -> None:
    found = quick("extraction_speed")
    # Differences of so short runs may be anything on a busy machine: it is only shown that it runs.
    assert len(found["frames_per_second"]) == 2 and found["peak_memory_mb"]["1x"] > 0


@from_a_clone
def test_ways_to_a_faster_extraction_are_measured_on_a_made_up_film() -> None:
    found = quick("fast_extraction")
    moved = [row["median of these"] for row in found["yardstick"]]
    # The further the crop, the further the points; half precision moves them less than the least of these.
    assert moved == sorted(moved) and 0 < found["half precision"]["median"] < moved[0]
    every_second = found["between frames"][0]
    assert every_second["frames without the network"] > 0.3 and every_second["99th percentile of these"] > 0
