"""``mien`` run in processes that are copied from one that has read its modules already: a run takes its work only.

A run may be killed after some time or at the n-th call by which it writes, and such calls may fail as on a full disk
(``shim.c``, which needs a C compiler and LD_PRELOAD).
"""

import ctypes
import functools
import json
import multiprocessing as mp
import os
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

from benchmarks.faults.memory import Watched

PRELOADED = (
    "benchmarks.faults.forked",
    "mien.cli.main", "mien.cli.extract", "mien.cli.importing", "mien.cli.train", "mien.cli.evaluate",
    "mien.cli.compare_models", "mien.cli.explain", "mien.cli.evaluate_evidence", "mien.cli.reduce", "mien.cli.embed",
    "mien.cli.study", "mien.cli.report", "mien.cli.synthesize", "mien.faces.extract", "mien.engine.local",
    "mien.faces.networks", "mien.data.samples", "mien.data.tables.workbooks", "mien.data.synthetic.render",
    "mien.learn.train", "mien.learn.evaluation", "mien.nets.zoo", "mien.explain.explain", "mien.explain.store",
    "mien.reduce.reduce", "mien.manifold.embed", "mien.manifold.embedding", "mien.report.report",
    "mien.studies.fast_landmarks", "mien.studies.impressions", "torch", "lightgbm", "pandas", "sklearn.linear_model",
    "sklearn.decomposition", "scipy.stats", "cv2", "av", "ai_edge_litert.interpreter", "PIL.Image", "openpyxl",
    "pyarrow.parquet", "safetensors.numpy", "rich.console", "rich.progress",
)  # fmt: skip

# What the shim does at the n-th call.
COUNT, ONCE, ONWARDS, KILL = range(4)


@dataclass(frozen=True)
class Interruption:
    """What happens to a run: a number of calls that write below a folder, and what becomes of that call."""

    below: str
    call: int = 0
    kind: int = COUNT


@dataclass(frozen=True)
class Ended:
    """How a run ended.

    Attributes
    ----------
    code : int
        As of ``subprocess``: -9 if it was killed.
    said : str
        Standard output and error.
    seconds, peak_mb : float
        Memory is that of the process and its children.
    calls : int
        By which it wrote, where they were counted.
    what : str
        The first call that failed.
    trouble : str
        ``'HANG'`` or ``'MEMORY'`` if it was stopped for that.
    """

    code: int
    said: str
    seconds: float
    peak_mb: float
    calls: int = 0
    what: str = ""
    trouble: str = ""


@functools.cache
def shim() -> Path | None:
    """The compiled shim, or None where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        return None
    made = Path(tempfile.mkdtemp(prefix="mien-faults-")) / "shim.so"
    source = Path(__file__).with_name("shim.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", str(made), str(source), "-ldl"], check=True)
    return made


@functools.cache
def context() -> Any:
    """Processes that start with everything read, the shim among it."""
    found = mp.get_context("forkserver")
    found.set_forkserver_preload(list(PRELOADED))
    before = {name: os.environ.get(name) for name in ("LD_PRELOAD", "OMP_NUM_THREADS")}
    os.environ["OMP_NUM_THREADS"] = "1"
    if shim() is not None:
        os.environ["LD_PRELOAD"] = str(shim())
    try:
        forkserver.ensure_running()
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
    return found


def _run(words: list[str], log: str, facts: str, loaded: str, interruption: Interruption | None) -> None:
    """In the process: the verb, with its output in a file and its exit code as the process's own."""
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(file, 1)
    os.dup2(file, 2)
    sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
    sys.argv = ["mien", *words]
    from mien.cli.main import run

    library = ctypes.CDLL(loaded) if loaded and interruption is not None else None
    code = 0
    if library is not None:
        assert interruption is not None
        library.faults_arm(os.fsencode(interruption.below), ctypes.c_long(interruption.call), interruption.kind)
    try:
        run()
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        traceback.print_exc()
        code = 1
    if library is not None:
        library.faults_count.restype, library.faults_what.restype = ctypes.c_long, ctypes.c_char_p
        calls = int(library.faults_count())
        Path(facts).write_text(json.dumps([calls, os.fsdecode(library.faults_what())]))
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def mien(words: list[str], *, kill_after: float | None = None, interruption: Interruption | None = None) -> Ended:
    """Run ``mien`` with these words; ``kill_after`` counts seconds."""
    with tempfile.TemporaryDirectory() as place:
        log, facts = Path(place) / "log", Path(place) / "facts"
        process = context().Process(target=_run, args=(words, str(log), str(facts), str(shim() or ""), interruption))
        begun, trouble = time.monotonic(), ""
        process.start()
        watched = Watched(process.pid)
        while process.is_alive() and not trouble:
            left = 0.05 if kill_after is None else begun + kill_after - time.monotonic()
            if left <= 0:
                process.kill()
                break
            trouble = watched.trouble()
            process.join(min(0.05, left))
        if trouble:
            process.kill()
        process.join()
        seconds = time.monotonic() - begun
        calls, what = json.loads(facts.read_text()) if process.exitcode >= 0 and facts.exists() else (0, "")
        said = log.read_text(errors="replace") if log.exists() else ""
        return Ended(process.exitcode, said, seconds, watched.peak_mb, calls, what, trouble)
