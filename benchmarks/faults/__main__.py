"""The campaign: ``python -m benchmarks.faults [--short] [--seed 0] [--part PART]``; parts are the keys of ``FULL``."""

import argparse
import tempfile
from pathlib import Path

from benchmarks.common import write
from benchmarks.faults.campaign import Outcome, run, table_of
from benchmarks.faults.interrupted import full_disks, kills

FULL = {"pictures": 1000, "videos": 300, "tables": 300, "models": 300, "kills": 200, "disk": 40}
SHORT = {"pictures": 40, "videos": 20, "tables": 40, "models": 12, "kills": 2, "disk": 2}


def campaign(counts: dict[str, int], seed: int) -> list[Outcome]:
    """Every part of the campaign that has a count."""
    found: list[Outcome] = []
    for part, count in counts.items():
        with tempfile.TemporaryDirectory() as place:
            work = {"kills": kills, "disk": full_disks}.get(part)
            found += work(count, seed, Path(place)) if work else run(part, count, seed, Path(place))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--part", choices=tuple(FULL), action="append")
    parser.add_argument("--count", type=int, help="of the part")
    given = parser.parse_args()
    counts = {p: n for p, n in (SHORT if given.short else FULL).items() if not given.part or p in given.part}
    if given.count:
        counts = dict.fromkeys(counts, given.count)
    write(
        "faults" + "".join(f"_{p}" for p in given.part or ()),
        {"seed": given.seed, **table_of(campaign(counts, given.seed))},
    )


if __name__ == "__main__":
    main()
