"""Raw samples of an eye tracker to fixations: time, memory and what is recovered of one hour at 1 kHz.

``python -m benchmarks.film.eyes [--quick]``. Made-up samples: fixations of .18 to .5 s at random places of a screen,
noise of one pixel. Quick: one minute.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import mien
from benchmarks.common import arguments, write


def samples(path: Path, many: int) -> int:
    """Write a table of samples; returns the number of fixations in it."""
    rng = np.random.default_rng(0)
    x, y, start, fixations = np.empty(many), np.empty(many), 0, 0
    while start < many:
        stop = start + int(rng.integers(180, 500))
        x[start:stop], y[start:stop] = rng.uniform(200, 1700), rng.uniform(150, 900)
        start, fixations = stop, fixations + 1
    place = {name: np.round(values + rng.normal(0, 1, many), 1) for name, values in (("x", x), ("y", y))}
    pacsv.write_csv(pa.table({"time_ms": np.arange(many), **place}), path)
    return fixations


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    minutes = 1 if arguments(parser).quick else 60
    with tempfile.TemporaryDirectory() as place:
        path = Path(place, "eyes.csv")
        planted = samples(path, minutes * 60_000)
        before, begun, clock = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time(), time.monotonic()
        found = mien.fixations(path, screen="1920x1080", screen_cm="53x30", distance_cm=60, viewer="v1")
        write(
            "film_eyes",
            {
                "minutes": minutes, "planted": planted, "fixations": len(found),
                "processor_s": round(time.process_time() - begun, 2), "wall_s": round(time.monotonic() - clock, 2),
                "peak_mb_before": before // 1024,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            },
        )  # fmt: skip


if __name__ == "__main__":
    main()
