"""Start-up times: ``python -m benchmarks.startup`` gives the median of 15 warm runs."""

import argparse
import statistics
import subprocess
import sys
import time

from benchmarks.common import arguments, write


def seconds(command: list[str], runs: int) -> float:
    """Median wall time of a command, the first run left out."""
    times = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = arguments(parser, runs=1).runs
    bare = seconds([sys.executable, "-c", "pass"], runs)
    loaded = seconds([sys.executable, "-c", "import mien"], runs)
    helped = seconds([sys.executable, "-m", "mien", "--help"], runs)
    write(
        "startup",
        {
            "python alone": round(bare, 4),
            "import mien (on top)": round(max(0.0, loaded - bare), 4),
            "mien --help": round(helped, 4),
        },
    )


if __name__ == "__main__":
    main()
