"""Queries over a cohort's shards in place: time and peak memory for a thousand people and for all.

    python benchmarks/cohort/query.py STUDY [--quick]

STUDY is what ``mien synthesize cohort --people 11427 --frames 900 -o STUDY`` wrote; ``--quick`` makes a small one.
Every measurement is a process of its own. Figures to reach: all people in under ten minutes and three gigabytes.
"""

import argparse
import json
import tempfile
from pathlib import Path

import mien
from benchmarks.common import arguments, python, write

QUERIES = {
    "means and spreads by recording": (
        "SELECT source, avg(mouthSmileLeft) AS smile, stddev(pose_yaw_deg) AS yaw, avg(AU12_r) AS au12, count(*) AS n "
        "FROM faces WHERE status = 'ok' GROUP BY source"
    ),
    "quantiles over all frames": (
        "SELECT approx_quantile(jawOpen, [.1, .5, .9]) AS jaw, avg(gaze_yaw_deg) AS gaze FROM faces"
    ),
    "all frames with a wide smile": "SELECT source, frame, mouthSmileLeft FROM faces WHERE mouthSmileLeft > .9",
}
_RUN = """
import json, sys, time
from mien.cohort.query import cohort
wall, cpu = time.time(), time.process_time()
rows = sum(len(batch) for batch in cohort(sys.argv[1], check=sys.argv[3] == "check").sql(sys.argv[2]).batches())
wall, cpu = round(time.time() - wall, 1), round(time.process_time() - cpu, 1)
# Not that of the process that started this one, which getrusage passes on.
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) // 1024
print(json.dumps({"rows": rows, "wall s": wall, "processor s": cpu, "peak MB": peak}))
"""


def measured(study: Path, sql: str, check: str) -> dict:
    """Rows, seconds and peak memory of one query in a process of its own."""
    return json.loads(python("-c", _RUN, study, sql, check).splitlines()[-1])


def first(study: Path, people: int, folder: Path) -> Path:
    """A study of the first shards of another one, by links."""
    (folder / "faces").mkdir(parents=True)
    for path in sorted((study / "faces").glob("*.parquet"))[:people]:
        (folder / "faces" / path.name).symlink_to(path.absolute())
    return folder


def main() -> None:
    """Measure and write ``benchmarks/results/cohort_query.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", nargs="?", type=Path)
    asked = arguments(parser)
    with tempfile.TemporaryDirectory() as scratch:
        study, few = asked.study, 1000
        if asked.quick or study is None:
            study, few = Path(scratch) / "made", 8
            mien.synthesize_cohort(study, people=24, frames=60)
        small = first(study, few, Path(scratch) / "few")
        result = {}
        for name, sql in QUERIES.items():
            one, every = measured(small, sql, "check"), measured(study, sql, "check")
            unchecked = measured(study, sql, "no")
            ratio = round(every["peak MB"] / one["peak MB"], 2)
            result[name] = {f"{few} recordings": one, "all": every, "all, unchecked": unchecked, "memory ratio": ratio}
        files = len(list((study / "faces").glob("*.parquet")))
        write("cohort_query", {"recordings": files, "queries": result})


if __name__ == "__main__":
    main()
