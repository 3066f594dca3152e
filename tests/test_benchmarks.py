"""Benchmarks do not rot: what they take from mien is there and public, and each runs on made-up data.

``python -m benchmarks`` runs them all, which is a step of its own in ``.ci/run``; here the rules and the runner are
tried, on tiny benchmarks made for it.
"""

import ast
import importlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

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


TAKES = "import time\nbegin = time.process_time()\nwhile time.process_time() - begin < {}:\n    pass"
MADE_UP = {
    "fine": "print('seen')",
    "copying": (
        "from subprocess import CalledProcessError\n"
        "from benchmarks.common import python\n"
        "assert python('-c', 'import sys; print(sys.argv[1:])', 'a', 1) == str(['a', '1']) + chr(10)\n"
        "try:\n    python('-m', 'benchmarks.broken')\n"
        "except CalledProcessError as error:\n    assert error.output == 'before' + chr(10)\n"
        "else:\n    raise AssertionError('that did not fail')\n"
    ),
    "broken": "print('before')\nfrom mien import no_such_name",
    "absent": "raise SystemExit('This needs Chromium.')",
    "slow": TAKES.format(0.7),
    "long": TAKES.format(0.25),
}
RUN = (
    "import sys, benchmarks.__main__ as run; run.LOADED, run.MOST_S, run.FAIL_S = (), {}; "
    f"run.names = lambda: {list(MADE_UP)}; sys.exit(run.main())"
)


def run_of(folder: Path, *asked: str, seconds: str) -> subprocess.CompletedProcess[str]:
    """The runner on benchmarks that lie in another folder beside the real ones."""
    (folder / "benchmarks").mkdir(parents=True)
    for name, text in MADE_UP.items():
        (folder / "benchmarks" / f"{name}.py").write_text(text)
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-c", RUN.format(seconds), *asked, "--jobs", "1", "--without-data"],
        cwd=HOME, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True,
    )  # fmt: skip


@from_a_clone
def test_the_run_of_all_benchmarks_says_which_fail(tmp_path: Path) -> None:
    done = run_of(tmp_path, "fine", "copying", "broken", "absent", seconds="20, 30")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    for name in ("fine", "copying"):
        assert re.search(rf"^{name}: \d.* of the processor$", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^broken: .*: failed$", done.stdout, re.MULTILINE) and "no_such_name" in done.stdout
    assert any(line.startswith("absent: ") and line.endswith("passed over: This needs Chromium.") for line in lines)
    assert lines[-1] == "Failed: broken"


@from_a_clone
def test_a_benchmark_that_is_not_there_is_named_before_any_runs(tmp_path: Path) -> None:
    done = run_of(tmp_path, "fine", "brocken", seconds="20, 30")
    assert done.returncode == 2 and not done.stdout
    assert "there is no benchmark 'brocken'. Did you mean 'broken'?" in done.stderr


@from_a_clone
def test_a_benchmark_that_takes_too_long_fails_and_one_that_takes_long_is_named(tmp_path: Path) -> None:
    done = run_of(tmp_path, "slow", "long", seconds="0.1, 0.5")
    assert done.returncode == 1 and done.stdout.splitlines()[-1] == "Failed: slow"
    assert re.search(r"^slow: .* of the processor: more than 0\.5 s$", done.stdout, re.MULTILINE), done.stdout
    assert re.search(r"^long: .* of the processor: more than 0\.1 s$", done.stdout, re.MULTILINE)
