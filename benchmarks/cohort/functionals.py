"""Functionals of a made-up cohort: time, and memory with few and with many people.

``python -m benchmarks.cohort.functionals [--quick] [--people 1000 11427] [--faces FOLDER] [--workers 2]``

Each size runs in a process of its own over recordings of 900 frames; ``--faces`` names a made-up cohort that is there
already and is large enough: smaller sizes take its first shards.
"""

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import mien
from benchmarks.common import arguments, processes, write


def measured(study: str, output: str, workers: int) -> dict[str, float]:
    """Seconds and peak memory of one run, workers included."""
    start = time.monotonic()
    found = mien.functionals(study, output, workers=workers)
    wall = time.monotonic() - start
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    total = sum(found.recordings.values())
    seconds = sum(one.ru_utime + one.ru_stime for one in used)
    peaks = [one.ru_maxrss / 1024 for one in used]
    start = time.monotonic()
    again = mien.functionals(study, output, workers=workers)
    again_s = time.monotonic() - start
    return {
        "recordings": total,
        "ok": found.recordings["ok"],
        "measures": len(found.codebook),
        "wall_s": round(wall, 1),
        "processor_s": round(seconds, 1),
        "processor_ms_each": round(1000 * seconds / total, 1),
        "peak_mb": round(peaks[0] + peaks[1] * (workers if workers > 1 else 0)),
        "peak_mb_self": round(peaks[0]),
        "peak_mb_worker": round(peaks[1]),
        "again_s": round(again_s, 1),
        "again_computed": again.computed,
    }


def _in_child(words: tuple[str, str, int], sender: "multiprocessing.connection.Connection") -> None:
    sender.send(measured(*words))


def apart(study: Path, output: Path, workers: int) -> dict[str, float]:
    """The same in a fresh process, whose memory starts from nothing."""
    context = processes()
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_in_child, args=((str(study), str(output), workers), sender))
    process.start()
    result: dict[str, float] = receiver.recv()
    process.join()
    return result


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, nargs="+", default=(1000, 11427))
    parser.add_argument("--faces", type=Path, help="made-up cohort with at least so many shards")
    parser.add_argument("--workers", type=int, default=2)
    given = arguments(parser, workers=1)
    sizes = (3, 6) if given.quick else tuple(given.people)
    with tempfile.TemporaryDirectory() as scratch:
        whole = given.faces or Path(scratch, "cohort")
        if given.faces is None:
            mien.synthesize_cohort(whole, people=max(sizes), frames=60 if given.quick else 900, workers=given.workers)
        shards = sorted((whole / "faces").glob("*.parquet"))
        runs = []
        for size in sizes:
            part = Path(scratch, f"first-{size}")
            (part / "faces").mkdir(parents=True)
            for shard in shards[:size]:
                (part / "faces" / shard.name).symlink_to(shard.resolve())
            runs.append(apart(part, part / "measures", given.workers))
            print(json.dumps(runs[-1]), flush=True)
        ratio = runs[-1]["peak_mb"] / runs[0]["peak_mb"]
        write("cohort_functionals", {"workers": given.workers, "runs": runs, "peak_ratio": round(ratio, 3)})


if __name__ == "__main__":
    main()
