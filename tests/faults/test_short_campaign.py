"""A short form of the fault campaign: damaged files, killed runs, full disks; benchmarks/faults has the whole one."""

import pytest

from benchmarks.faults import full_disk
from benchmarks.faults.__main__ import QUICK, campaign
from benchmarks.faults.forked import shim
from benchmarks.faults.outcomes import PARTS, counted


@pytest.mark.parametrize("part", PARTS)
def test_no_traceback_no_hang_no_crash_and_nothing_lost(part: str, weights: None) -> None:
    if part == "disk" and shim() is None:
        pytest.skip("needs Linux and a C compiler")
    cases = full_disk.QUICK_CASES if part == "disk" else list(range(QUICK[part]))
    found = list(campaign(part, cases, seed=1, quick=True))
    assert counted(found)["faults"] == []
    # A run may end before it is killed, and a verb may write less often.
    assert len(found) >= len(cases) * (0.5 if part in ("kills", "disk") else 1)
