"""Measures of recordings: written and read, chosen, beside other rows."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.data.measures import Measure, Measures

CODEBOOK = (Measure("AU12 mean", "AU12", "mean"), Measure("yaw speed", "yaw", "speed", "deg/s", group="head"))


def made():
    return Measures(
        ["b.mp4", "a.mp4"], [[1, 2], [np.nan, 4]], CODEBOOK, ["ok", "ok"], {"duration_s": [30, 31]}, {"fps": 30}
    )


def test_what_is_written_is_read(tmp_path):
    made().write(tmp_path / "measures")
    read = Measures.read(tmp_path)
    assert read.source.tolist() == ["b.mp4", "a.mp4"] and read.codebook == CODEBOOK and read.settings == {"fps": 30}
    np.testing.assert_array_equal(read.values, made().values)
    np.testing.assert_array_equal(read.quality["duration_s"], [30, 31])


def test_beside_follows_the_order_asked_for_and_leaves_absent_rows_empty():
    beside = made().beside(["a.mp4", "c.mp4", "b.mp4"])
    assert beside.status.tolist() == ["ok", "not measured", "ok"]
    np.testing.assert_array_equal(beside.values, np.float32([[np.nan, 4], [np.nan, np.nan], [1, 2]]))
    np.testing.assert_array_equal(beside.quality["duration_s"], [31, np.nan, 30])
    assert len(made()[:0].beside(["x"])) == 1


def test_a_name_twice_is_refused():
    with pytest.raises(InputError, match="twice"):
        Measures(["a"], [[1, 2]], (CODEBOOK[0], CODEBOOK[0]), ["ok"])
