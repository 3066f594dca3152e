"""The first answer of a process that was just started: ``python -m benchmarks.first_answers [--quick]``.

On made-up people: evidence of one picture, a report of 30 models, a study that has nothing left to do, a map by
UMAP. Each command runs ``--rounds`` times in a process of its own; medians of the clock and of the processor's
seconds (what a busy machine lengthens less). Python's compiled files are there, as after the first run of an
installation.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from benchmarks.common import arguments, is_quick, python, write

MODELS = 30
FEW = ("--expressions", "neutral,smile") if is_quick() else ()
# The study's first run is not what is measured.
SMALL = {
    'target = "label"': 'target = "expression"',
    'train = ["landmark-rvfl", "landmark-net"]': 'train = ["landmark-rvfl"]',
    "n_folds = 10": "n_folds = 3",
    "n_random = 20": "n_random = 2",
    ', "recursive"': "",
    ', "variance", "mutual information", "group lasso", "anatomical"': "",
    **({'points = ""': 'points = "ibug-68"', "counts = []": "counts = [8]", "n_baselines = 5": "n_baselines = 1"}
       if is_quick() else {}),
}  # fmt: skip


def mien(*words: object, where: Path, started: bool) -> tuple[float, float]:
    """Seconds by the clock and of the processor of one command, started from nothing or in a copy of this process."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    if started:
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
        command = [sys.executable, "-m", "mien", *map(str, words)]
        done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{' '.join(command[2:])}: {done.stderr or done.stdout}")
    else:
        python("-m", "mien", *words, folder=where)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - start, used


def made(folder: Path, people: int, models: int) -> None:
    """People, their faces, models, and a study that was run."""
    here = partial(mien, where=folder, started=not is_quick())
    here("synthesize", "-o", "people", "--subjects", people, "--pictures", "--frames", 2, *FEW)
    here("extract", "people/pictures", "-o", "study")
    table = ("people/pictures.csv", "--faces", "study", "--target", "expression")
    here("train", *table, "-o", "study/models/m00")
    for number in range(1, models):
        shutil.copytree(folder / "study/models/m00", folder / f"study/models/m{number:02d}")
    lines = (folder / "people/pictures.csv").read_text().splitlines()
    (folder / "people/one.csv").write_text("\n".join(lines[:2]) + "\n")
    here("study", "new", "fast-landmarks", "-o", "run", "--samples", "synthetic:people")
    recipe = folder / "run/study.toml"
    text = recipe.read_text()
    for usual, small in SMALL.items():
        text = text.replace(usual, small)
    recipe.write_text(text)
    here("study", "run", "run")


def main() -> None:
    """Measure, print and keep."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    given = arguments(parser)
    rounds, people, models = (1, 4, 2) if given.quick else (given.rounds, 12, MODELS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made(folder, people, models)
        explain = ("explain", "study/models/m00", "people/one.csv", "--faces", "study", "--baselines", "zero")
        # UMAP is compiled first, which takes longer than all the rest.
        kind = "pca" if given.quick else "umap"
        embed = ("embed", "people/pictures.csv", "--of", "features", "--faces", "study", "--method", kind)
        asked = {
            "evidence of one picture": lambda number: (*explain, "-o", f"evidence{number}"),
            f"report of {models} models": lambda number: ("report", "study"),
            "study with nothing left to do": lambda number: ("study", "run", "run"),
            "map by UMAP": lambda number: (*embed, "-o", f"map{number}"),
        }
        found = {}
        for words, command in asked.items():
            # The first run is left out; of one that is quick there is no other.
            numbers = range(1 if given.quick else rounds + 1)
            # Every start reads the same libraries; one shows that commands start.
            started = not given.quick or words.startswith("report")
            times = [mien(*command(number), where=folder, started=started) for number in numbers][not given.quick :]
            clock, used = (round(statistics.median(one), 2) for one in zip(*times, strict=True))
            found[words] = {"clock_s": clock, "processor_s": used}
            print(words, found[words], flush=True)
    if given.quick:
        print(json.dumps(found))
    else:
        write("first_answers", {"rounds": rounds, "first_run_left_out": True, **found})


if __name__ == "__main__":
    main()
