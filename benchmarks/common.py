"""What the benchmarks share: their options, the peer's environment, the machine's name, results on disk."""

import argparse
import functools
import json
import multiprocessing
import os
import platform
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

import platformdirs

from benchmarks.made_up import made_up_data
from mien.core.provenance import versions
from mien.data.sets.catalogue import data_root as data_root

MEDIAPIPE = "mediapipe==1.2.2"
RESULTS = Path(__file__).parent / "results"
QUICK = "--quick"


def arguments(parser: argparse.ArgumentParser, *, data: Iterable[str] = (), **quick: Any) -> argparse.Namespace:
    """What the command line asks for; with ``--quick`` smaller sizes, and made-up data in place of the sets ``data``.

    Parameters
    ----------
    parser : ArgumentParser
    data : iterable of str
        Names of ``benchmarks.made_up.SETS`` that the benchmark reads.
    **quick
        What options are by default when it has to be quick; sizes that are no option are read from here, too.
    """
    parser.add_argument(QUICK, action="store_true", help="some seconds on made-up data: that it runs; nothing is kept")
    if is_quick():
        parser.set_defaults(**quick)
    given = parser.parse_args()
    if given.quick and data:
        # Processes that are started read the same.
        os.environ["MIEN_DATA"] = str(made_up_data(data))
    return given


def is_quick() -> bool:
    """Whether the command line asks to be quick."""
    return QUICK in sys.argv[1:]


def parts(chosen: str | None, every: Iterable[str]) -> list[str]:
    """The figures to measure: the one that was chosen; all of them where that need only run."""
    names = list(every)
    if chosen is None and not is_quick():
        raise SystemExit(f"Which figure? One of: {', '.join(names)} ({QUICK} tries all).")
    return [chosen] if chosen else names


def processes() -> BaseContext:
    """How processes of their own are made: from nothing; where they need only run, as copies of this one."""
    return multiprocessing.get_context("fork" if is_quick() else "spawn")


def python(*words: object, folder: str | Path = ".") -> str:
    """Output of ``python WORDS`` (``-m MODULE ...`` or ``-c CODE ...``), a process that starts from nothing.

    Where it need only run, of a copy of this process, which spares reading the libraries: the same code on the same
    words, without a memory and a start of its own.

    Parameters
    ----------
    *words
        Of the command line; a quick benchmark that is to start itself as quick passes ``QUICK`` on.
    folder : str or Path
        Where it runs.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails; ``output`` is what it said before.
    """
    asked = [str(word) for word in words]
    if not is_quick():
        command = [sys.executable, *asked]
        return subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout
    with tempfile.TemporaryDirectory() as place:
        said = Path(place) / "said.txt"
        copy = multiprocessing.get_context("fork").Process(target=_copied, args=(asked, said, folder))
        copy.start()
        copy.join()
        text = said.read_text(errors="replace")
    if copy.exitcode:
        raise subprocess.CalledProcessError(copy.exitcode, asked, text)
    return text


def _copied(words: list[str], said: Path, folder: str | Path) -> None:
    how, what, *rest = words
    with said.open("w") as out:
        os.dup2(out.fileno(), 1)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    os.chdir(folder)
    sys.argv = [what, *rest]
    if how == "-m":
        runpy.run_module(what, run_name="__main__", alter_sys=True)
    else:
        code = said.with_name("code.py")
        code.write_text(what, encoding="utf-8")
        runpy.run_path(str(code), run_name="__main__")


def peer_python() -> str:
    """Python of an environment that holds MediaPipe and not mien; made once, in the cache."""
    home = Path(os.environ.get("MIEN_HOME") or platformdirs.user_cache_dir("mien"))
    place = home / "benchmarks" / MEDIAPIPE.replace("==", "-")
    python = place / "bin" / "python"
    if not (place / "ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", MEDIAPIPE], check=True)
        (place / "ready").touch()
    return str(python)


def peer(*words: object) -> str:
    """Output of one run of ``peer.py``."""
    command = [peer_python(), str(Path(__file__).parent / "peer.py"), *(str(word) for word in words)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def machine() -> str:
    """Processor and number of cores."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        name = names[0] if names else name
    return f"{name}, {os.cpu_count()} cores, {platform.system()}"


@functools.cache
def commit() -> str:
    """The commit that is measured, with a plus where the code differs from it; empty outside of a clone."""
    words = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty=+", "--exclude", "*"]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    return found.stdout.strip()


def write(name: str, result: dict) -> None:
    """Keep a result with machine, commit and versions in ``benchmarks/results`` and print it."""
    full = {**result, "machine": machine(), "commit": commit(), "versions": versions()}
    write_table(f"{name}.json", json.dumps(full, indent=1) + "\n")
    print(json.dumps(full, indent=1))


def write_table(name: str, text: str) -> None:
    """Keep a text in ``benchmarks/results``; figures of made-up data are not kept."""
    if not is_quick():
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / name).write_text(text)
