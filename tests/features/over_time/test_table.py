"""Measures beside samples."""

import numpy as np
import pytest

import mien
from mien.data.measures import Measure, Measures
from mien.features.over_time.table import with_measures

CODEBOOK = (Measure("yaw mean", "yaw", "mean"), Measure("yaw sd", "yaw", "sd"))


def measures() -> Measures:
    values = np.arange(6, dtype=np.float32).reshape(3, 2)
    source = np.array(["clips/a.mp4", "clips/b.mp4", "clips/c.mp4"], dtype=object)
    return Measures(source, values, CODEBOOK, np.array(["ok", "ok", "ok"], dtype=object))


def test_recordings_are_matched_as_faces_are() -> None:
    samples = mien.Samples(path=["B.MOV", "a.mp4", "new.mp4"], subject=["b", "a", "d"], ratings={"age": [1, 2, 3]})
    found = with_measures(samples, measures(), ["* mean"])
    assert list(found.ratings) == ["age", "yaw mean"]
    np.testing.assert_array_equal(found.ratings["yaw mean"], [2, 0, np.nan])


def test_what_does_not_fit_is_refused_in_a_sentence() -> None:
    samples = mien.Samples(path=["a.mp4"], subject=["a"], ratings={"yaw sd": [1.0]})
    with pytest.raises(mien.MienError, match="have a column 'yaw sd', and so have the measures"):
        with_measures(samples, measures())
    with pytest.raises(mien.MienError, match="None of the 1 recordings was measured"):
        with_measures(mien.Samples(path=["z.mp4"], subject=["z"]), measures())
    with pytest.raises(mien.MienError, match="called 'pitch"):
        with_measures(samples, measures(), ["pitch*"])
