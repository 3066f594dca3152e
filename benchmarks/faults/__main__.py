"""The campaign: ``python -m benchmarks.faults [PART ...] [--quick] [--count N] [--case N] [--seed 0] [--json FILE]``.

Each fault is printed with the command that repeats it. ``--json`` appends a line for every case, at once.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from benchmarks.common import arguments, write
from benchmarks.faults import damaged_tables, full_disk, killed, media, stored
from benchmarks.faults.outcomes import FAULTS, PARTS, Outcome, counted

FULL: dict[str, int | None] = {"pictures": 1000, "videos": 300, "tables": 300, "files": 300, "kills": 200, "disk": None}
# Of a quick look, and of a quicker one by the command: the test of the campaign takes the former.
QUICK: dict[str, int | None] = {"pictures": 20, "videos": 8, "tables": 20, "files": 14, "kills": 4, "disk": 4}
QUICKEST: dict[str, int | None] = {"pictures": 4, "videos": 2, "tables": 4, "files": 3, "kills": 1, "disk": 1}


def campaign(
    part: str, cases: list[int] | None, seed: int, *, quick: bool = False, every: int = 1
) -> Iterator[Outcome]:
    """Cases of one part as they are done; of the full disk None means all that there are."""
    with tempfile.TemporaryDirectory(prefix="mien-faults-") as name:
        place = Path(name)
        if part == "disk":
            yield from full_disk.cases_of(cases, seed, place, quick=quick, every=every)
            return
        assert cases is not None
        if part in ("pictures", "videos"):
            yield from media.cases_of(part, cases, seed, place)
        elif part == "tables":
            yield from damaged_tables.cases_of(cases, seed, place)
        else:
            module = {"files": stored, "kills": killed}[part]
            yield from module.cases_of(cases, seed, place, quick=quick)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--count", type=int, help="cases of each part")
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--case", type=int, help="this case alone")
    parser.add_argument("--every", type=int, default=1, help="of the disk: one write in so many")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path, help="append a line for every case")
    given = arguments(parser)
    found: list[Outcome] = []
    for part in given.parts or PARTS:
        count = given.count or (QUICKEST if given.quick else FULL)[part]
        cases = None if count is None else list(range(given.first, given.first + count))
        if part == "disk" and given.quick:
            cases = full_disk.QUICK_CASES[:count]
        chosen = cases if given.case is None else [given.case]
        for one in campaign(part, chosen, given.seed, quick=given.quick, every=given.every):
            found.append(one)
            if given.json:
                with given.json.open("a") as file:
                    file.write(json.dumps({**asdict(one), "again": one.again}) + "\n")
            if one.outcome in FAULTS:
                print(f"{one.outcome}: {one.what}, {one.mutation}: {one.said}\n  again: {one.again}", flush=True)
    name = "faults" + "".join(f"_{part}" for part in given.parts)
    write(name, {"seed": given.seed, **counted(found)})


if __name__ == "__main__":
    main()
