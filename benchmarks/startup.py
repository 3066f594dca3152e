"""Start-up times: ``python -m benchmarks.startup`` gives the median of 15 warm runs."""

import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.common import write


def seconds(command: list[str]) -> float:
    """Median wall time of a command."""
    times = []
    for _ in range(16):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    bare = seconds([sys.executable, "-c", "pass"])
    loaded = seconds([sys.executable, "-c", "import mien"])
    helped = seconds([str(Path(sys.executable).parent / "mien"), "--help"])
    write(
        "startup",
        {
            "python alone": round(bare, 4),
            "import mien (on top)": round(loaded - bare, 4),
            "mien --help": round(helped, 4),
        },
    )


if __name__ == "__main__":
    main()
