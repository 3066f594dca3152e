"""The study 'cohort' on a made-up cohort, step by step: processor time, time by the clock and peak of memory.

``python -m benchmarks.cohort.study [--quick] [--people 11427] [--cohort FOLDER] [-o STUDY] [--workers 2]``

``--cohort`` names a folder that ``mien synthesize cohort`` wrote; nothing is written there. With ``-o`` an interrupted
run goes on, and what was finished before is not measured again.
"""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import mien
from benchmarks.common import arguments, is_quick, write

OUTCOME = "dass_21_depression"
# What is drawn again and again is drawn less often; discrepancies take minutes, and benchmarks.cohort.scales has them.
QUICK: dict[str, dict[str, Any]] = {
    "measures": {"channels": ["mouth*", "AU*"], "statistics": ["level", "change"]}, "folds": {"n_folds": 2},
    "learning_curve": {"repeats": 1}, "evidence": {"repeats": 1}, "profiles": {"most": 2},
    "discrepancy": {"compute": False},
}  # fmt: skip
PROCESS = Path("/proc/self")


class Steps:
    """What each step of a study used, from one sentence of the study to the next."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._begun: tuple[str, float, float] | None = None

    def say(self, sentence: str) -> None:
        """A sentence that is not indented begins a step."""
        if not sentence.startswith(" "):
            self.end()
            # From here on the highest point of memory is the step's own.
            (PROCESS / "clear_refs").write_text("5")
            self._begun = (sentence.removesuffix(" ..."), _processor_s(), time.monotonic())

    def end(self) -> None:
        """The step that was begun is over."""
        if self._begun is None:
            return
        step, used, start = self._begun
        row = {
            "step": step,
            "processor_s": round(_processor_s() - used, 1),
            "wall_s": round(time.monotonic() - start, 1),
            "peak_mb": _peak_mb(),
        }
        self.rows.append(row)
        print(json.dumps(row), flush=True)
        self._begun = None


def _processor_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _peak_mb() -> int:
    lines = (PROCESS / "status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def run(cohort: Path, folder: Path, workers: int) -> dict[str, Any]:
    """Describe the study if it is not there, run it, and say what it used."""
    if not (folder / "study.toml").is_file():
        changed = {
            "samples": {"faces": str(cohort.resolve()), "outcomes": [OUTCOME]},
            "engine": {"workers": workers},
            **(QUICK if is_quick() else {}),
        }
        mien.study.new("cohort", folder, samples=str((cohort / "participants.csv").resolve()), changed=changed)
    steps = Steps()
    steps.say("start ...")
    try:
        mien.study.run(folder, say=steps.say)
    finally:
        steps.end()
    return {
        "steps": steps.rows,
        "processor_s": round(sum(row["processor_s"] for row in steps.rows)),
        "wall_s": round(sum(row["wall_s"] for row in steps.rows)),
        "peak_mb": max(row["peak_mb"] for row in steps.rows),
        "peak_mb_of_a_worker": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024,
    }


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=11427)
    parser.add_argument("--cohort", type=Path, help="made-up cohort that is there already")
    parser.add_argument("-o", "--output", type=Path, help="folder of the study")
    parser.add_argument("--workers", type=int, default=2)
    given = arguments(parser, workers=1)
    with tempfile.TemporaryDirectory() as scratch:
        cohort = given.cohort or Path(scratch, "cohort")
        if given.cohort is None:
            made = {"people": 60, "frames": 30} if given.quick else {"people": given.people}
            mien.synthesize_cohort(cohort, **made, workers=given.workers)
        found = run(cohort, given.output or Path(scratch, "study"), given.workers)
        write("cohort_study", {"workers": given.workers, **found})


if __name__ == "__main__":
    main()
