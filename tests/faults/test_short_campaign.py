"""A short form of the fault campaign: damaged files, killed runs, full disks; benchmarks/faults has the whole one."""

import pytest
from benchmarks.faults.campaign import table_of

from benchmarks.faults.__main__ import SHORT, campaign


@pytest.mark.parametrize("part", SHORT)
def test_no_traceback_no_hang_no_crash_and_nothing_lost(part: str, weights: None) -> None:
    found = campaign({part: SHORT[part]}, seed=1)
    assert len(found) == SHORT[part]
    assert table_of(found)["faults"] == []
