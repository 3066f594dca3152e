"""Memory and time of joining long recordings. ``python -m benchmarks.film.joining [--quick]``.

Gaze at 1 kHz (x, y, pupil) of several viewers who watched two hours in eight runs, joined at volumes of 2 s: does the
peak of the memory stay where it is with more viewers? Each size runs in a process of its own. ``--quick``: two minutes.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.common import arguments, python, write
from mien.core.streams import Runs, Stream
from mien.data.streams.store import write_runs, write_stream

RUNS, RATE_HZ, VOLUME_S = 8, 1000, 2.0
_JOIN = """
import json, resource, sys, time
import mien
begin = time.process_time()
found = mien.streams.join(sys.argv[1], streams=["gaze"], every_s=float(sys.argv[2]), output=sys.argv[3])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"windows": found.rows, "peak_mb": round(peak), "cpu_s": round(time.process_time() - begin, 1)}))
"""


def write_gaze(study: Path, viewers: int, minutes: float) -> int:
    """A stream of samples, written run by run as its file is laid out; how many rows."""
    length = minutes * 60 / RUNS
    write_runs(
        Runs([str(i + 1) for i in range(RUNS)], np.arange(RUNS) * length, np.arange(1, RUNS + 1) * length), study
    )
    rng = np.random.default_rng(0)
    many = int(length * RATE_HZ)
    writer, rows = None, 0
    for viewer in range(viewers):
        for run in range(RUNS):
            values = np.round(np.cumsum(rng.normal(size=(many, 3)), axis=0))
            part = Stream(
                "gaze", "sampled", np.arange(many) / RATE_HZ, ("x", "y", "pupil"), values,
                run=np.full(many, str(run + 1), object), viewer=np.full(many, f"v{viewer + 1:02d}", object),
            )  # fmt: skip
            table = pq.read_table(write_stream(part, study / "part"))
            writer = writer or pq.ParquetWriter(study / "streams" / "gaze.parquet", table.schema, compression="zstd")
            writer.write_table(table, row_group_size=131_072)
            rows += many
    if writer is not None:
        writer.close()
    return rows


def measure(viewers: int, minutes: float) -> dict:
    """Peak memory and time of one size."""
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder)
        rows = write_gaze(study, viewers, minutes)
        start = time.perf_counter()
        found = json.loads(python("-c", _JOIN, folder, VOLUME_S, study / "joined.parquet"))
        wall = round(time.perf_counter() - start, 1)
        return {"viewers": viewers, "minutes": minutes, "rows": rows, **found, "wall_s": wall}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--viewers", type=int, nargs="*", default=[1, 5, 15])
    given = arguments(parser)
    sizes = [(2, 2.0)] if given.quick else [(viewers, 120.0) for viewers in given.viewers]
    write("film_joining", {"sizes": [measure(*size) for size in sizes]})
