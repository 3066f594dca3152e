"""Runs that are killed at any moment, and disks that are full at any write."""

import hashlib
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from benchmarks.faults.campaign import Outcome
from benchmarks.faults.workers import FINE, HANG, LOST, SENTENCE, TRACEBACK

LIMIT_S = 120.0
# What holds clocks or the folder that it lies in; numbers are in the files beside these, which are compared whole.
CHANGING = {"provenance.json", "evaluation.json", "report.html", "evidence.json", "embedding.json"}


def verbs(place: Path) -> dict[str, list[str]]:
    """Verbs that write, in the order in which each needs what the ones before wrote."""
    people, study = place / "people", place / "study"
    train = [str(people), "--target", "expression", "--folds", "4"]
    model = str(study / "models" / "m")
    return {
        "synthesize": ["synthesize", "-o", str(people), "--subjects", "8", "--frames", "6",
                       "--expressions", "neutral,smile"],
        "train": ["train", *train, "-o", model],
        "explain": ["explain", model, str(people), "-o", str(study / "evidence" / "m"), "--target", "smile"],
        "embed": ["embed", str(people), "--of", "scores", "--model", model, "--method", "pca", "--seeds", "1",
                  "--permutations", "99", "-o", str(study / "maps" / "m")],
        "report": ["report", str(study)],
    }  # fmt: skip


def _start(words: list[str], limit: int | None = None) -> subprocess.Popen:
    def limited() -> None:
        # Writing beyond the limit fails as on a full disk; the signal that comes with it is ignored.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.Popen(
        [sys.executable, "-m", "mien", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        preexec_fn=limited if limit is not None else None,
    )  # fmt: skip


def _finished(words: list[str], limit: int | None = None) -> tuple[int, str, float]:
    begun = time.monotonic()
    process = _start(words, limit)
    try:
        said = process.communicate(timeout=LIMIT_S)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        return -999, "", LIMIT_S
    return process.returncode, said, time.monotonic() - begun


def contents(place: Path) -> dict[str, str]:
    """Every file with a hash of what is in it; of files with clocks in them only that they are there."""
    found = {}
    for path in sorted(place.rglob("*")):
        if path.is_file():
            whole = hashlib.sha256(path.read_bytes()).hexdigest()
            found[str(path.relative_to(place))] = "" if path.name in CHANGING else whole
    return found


def kills(count: int, seed: int, place: Path) -> list[Outcome]:
    """Kill verbs in turn after a random time, in a folder without earlier results, and compare what a rerun gives."""
    rng = np.random.default_rng([seed, 7])
    quiet, times = place / "quiet", {}
    for name, words in verbs(quiet).items():
        code, said, times[name] = _finished(words)
        if code:
            return [Outcome("kills", name, TRACEBACK, f"without a kill: {said[-500:]}", seed)]
    wanted = contents(quiet)
    found, number = [], 0
    while len(found) < count:
        here, number = place / f"killed{number}", number + 1
        said, killed = "", []
        for name, words in verbs(here).items():
            if len(found) + len(killed) < count:
                process = _start(words)
                time.sleep(float(rng.uniform(0.05, max(0.1, times[name]))))
                process.kill()
                process.communicate()
                killed.append(name)
            code, told, _ = _finished(words)
            if code:
                said = f"{name} ended with {code} after a kill: {told[-500:]}"
                break
        now = contents(here)
        if not said and now != wanted:
            odd = sorted(name for name in now.keys() | wanted.keys() if now.get(name) != wanted.get(name))
            said = f"differs from an undisturbed run: {', '.join(odd[:5])}"
        found += [Outcome("kills", name, LOST if said else FINE, said, seed) for name in killed]
    return found


def full_disks(count: int, seed: int, place: Path) -> list[Outcome]:
    """Verbs whose files may not grow beyond a random size; what was stored before stays, and the rerun completes."""
    rng = np.random.default_rng([seed, 8])
    found: list[Outcome] = []
    number = 0
    while len(found) < count:
        here, number = place / f"full{number}", number + 1
        for name, words in verbs(here).items():
            before = contents(here)
            limit = int(2 ** rng.uniform(0, 17))
            code, said, _ = _finished(words, limit)
            outcome = FINE if code == 0 else SENTENCE
            if code == -999:
                outcome = HANG
            elif "Traceback" in said or code < 0:
                outcome = TRACEBACK
            elif any(contents(here).get(file) != mark for file, mark in before.items() if mark):
                outcome, said = LOST, "a file that was stored before has changed"
            again, told, _ = _finished(words)
            if again:
                outcome, said = LOST, f"the next run ended with {again}: {told[-500:]}"
            found.append(Outcome("disk", f"{name}, {limit} bytes", outcome, said[-800:], seed))
            if len(found) >= count:
                break
    return found
