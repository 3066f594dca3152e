"""Does every benchmark still run? ``python -m benchmarks [NAME ...] [--jobs 2] [--exclude NAME ...]``

Each with ``--quick``: small sizes of the same code on made-up data, and nothing is kept. Every one has a process of its
own that is forked from one that has loaded the libraries, which takes as long as most of them. Said are the seconds of
the clock and of the processor. More than 20 of these are said, more than 30 are a failure (a slower machine may take
half as long again); the exit status is 1 where one fails. What needs something that is not on this machine (weights, a
package) says so and is passed over.
"""

import argparse
import importlib
import multiprocessing
import os
import re
import resource
import runpy
import sys
import tempfile
import time
import traceback
from multiprocessing import connection
from pathlib import Path

# One thread each, or threads of several processes wait for each other; NumPy looks at this when it is loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from benchmarks.common import QUICK
from benchmarks.made_up import READY, SETS
from mien.core.words import did_you_mean

HERE = Path(__file__).parent
# Processor seconds that a benchmark should take and may take; after twice as many, or after so many by the clock, it is
# ended.
MOST_S, FAIL_S, LIMIT_S = 20, 30, 900
LOADED = ("mien", "numpy", "pandas", "scipy.stats", "scipy.optimize", "scipy.ndimage", "sklearn.linear_model", "torch",
          "cv2", "pyarrow.parquet", "mien.learn.train", "mien.explain.explain", "mien.faces.extract",
          "mien.data.synthetic")  # fmt: skip
ABSENT = re.compile(r"mien models pull|pip install 'mien\[|No module named '(?!mien|benchmarks)|needs Chromium")


def names() -> list[str]:
    """Modules of ``benchmarks`` that are commands, but this one."""
    found = []
    for file in sorted(HERE.rglob("*.py")):
        place = file.relative_to(HERE)
        if place.name == "__main__.py":
            if place.parts[:-1]:
                found.append(".".join(place.parts[:-1]))
        elif 'if __name__ == "__main__":' in file.read_text(encoding="utf-8") and place.name != "peer.py":
            found.append(".".join(place.with_suffix("").parts))
    return found


def _one(name: str, said: Path, seconds: Path) -> None:
    """What a process of its own does."""
    with said.open("w") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    resource.setrlimit(resource.RLIMIT_CPU, (int(2 * FAIL_S) + 1, int(3 * FAIL_S) + 1))
    begin, status = _spent(), 0
    sys.argv = [f"benchmarks.{name}", QUICK]
    try:
        runpy.run_module(f"benchmarks.{name}", run_name="__main__", alter_sys=True)
    except SystemExit as stopped:
        status = stopped.code if isinstance(stopped.code, int) else int(stopped.code is not None)
        if isinstance(stopped.code, str):
            print(stopped.code)
    except BaseException:
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    seconds.write_text(f"{_spent() - begin:.1f}")
    # Threads of libraries do not keep the process.
    os._exit(status)


def _spent() -> float:
    """Processor seconds of this process and of those that it started."""
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in both) + _running_s()


def _running_s() -> float:
    """Those of processes that it started and that still run, with theirs that ended: servers that copy themselves."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            facts = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile, and has been counted or is nobody's
            continue
        if int(facts[1]) == os.getpid():
            ticks += sum(map(int, facts[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _make(folder: Path) -> None:
    for made in SETS.values():
        made(folder)
    os._exit(0)


def main() -> int:
    """Run them all, a few at a time."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="all without one")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--exclude", nargs="*", default=[])
    parser.add_argument("--list", action="store_true", help="only say their names")
    parser.add_argument(QUICK, action="store_true", help="as they run here in any case")
    parser.add_argument("--without-data", action="store_true", help="each makes up what it reads itself")
    given = parser.parse_args()
    known = names()
    for name in (name for name in (*given.names, *given.exclude) if name not in known):
        parser.error(f"there is no benchmark '{name}'.{did_you_mean(name, known)} --list says which there are.")
    waiting = [name for name in given.names or known if name not in given.exclude]
    if given.list:
        print("\n".join(waiting))
        return 0
    for module in LOADED:
        importlib.import_module(module)
    fork = multiprocessing.get_context("fork")
    begin, running, failed, spent = time.monotonic(), {}, [], 0.0
    with tempfile.TemporaryDirectory() as place:
        if not given.without_data:
            made = Path(place) / "data"
            first = fork.Process(target=_make, args=(made,))
            first.start()
            first.join()
            os.environ[READY] = str(made)
            spent += resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        while waiting or running:
            while waiting and len(running) < given.jobs:
                name = waiting.pop(0)
                files = Path(place) / f"{name}.txt", Path(place) / f"{name}.seconds"
                process = fork.Process(target=_one, args=(name, *files))
                process.start()
                running[process.sentinel] = (name, process, time.monotonic(), files)
            for sentinel in connection.wait(list(running), timeout=5):
                name, process, start, files = running.pop(sentinel)
                process.join()
                used, wrong = _say(name, process.exitcode, time.monotonic() - start, *files)
                spent += used
                failed += [name] if wrong else []
            for _, process, start, _ in running.values():
                if time.monotonic() - start > LIMIT_S:
                    process.kill()
    # Of servers that a benchmark started only the benchmark knows.
    spent += time.process_time()
    print(f"{time.monotonic() - begin:.0f} s in all, {spent:.0f} s of the processor")
    if failed:
        print("Failed: " + ", ".join(failed))
    return int(bool(failed))


def _say(name: str, status: int | None, clock: float, said: Path, seconds: Path) -> tuple[float, bool]:
    """One line, and of one that failed the end of what it said; seconds of the processor, and whether it failed."""
    text = said.read_text(errors="replace") if said.exists() else ""
    used = float(seconds.read_text()) if seconds.exists() else clock
    what = f"{name}: {clock:.1f} s, {used:.1f} s of the processor"
    if status and (absent := [line for line in text.splitlines() if ABSENT.search(line)]):
        print(f"{what}; passed over: {absent[-1]}", flush=True)
        return used, False
    if status:
        print(f"{what}: failed\n{text[-3000:]}", flush=True)
        return used, True
    limit = FAIL_S if used > FAIL_S else MOST_S
    print(f"{what}{f': more than {limit} s' if used > limit else ''}", flush=True)
    return used, used > FAIL_S


if __name__ == "__main__":
    sys.exit(main())
