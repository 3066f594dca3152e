"""catch22 is computed only where it is asked for, by the package that defines it."""

import numpy as np
import pytest

from mien.features.over_time.catch22 import NAMES
from mien.features.over_time.channels import Channel
from mien.features.over_time.series import Rules, Series
from mien.features.over_time.statistics import statistics


def test_values_are_those_of_the_package() -> None:
    package = pytest.importorskip("pycatch22")
    t = np.arange(300) / 30
    x = (np.sin(t) + np.random.default_rng(0).normal(size=300)).astype(np.float32)
    values = np.stack([x, np.zeros(300, dtype=np.float32), x])
    series = Series((Channel("yaw"), Channel("pitch"), Channel("roll")), t, values, Rules(catch22=("yaw", "pitch")))
    codebook, found = statistics(series, ("catch22",))
    theirs = package.catch22_all(x.astype(float).tolist())
    assert [measure.name for measure in codebook[:22]] == [f"yaw catch22 {name}" for name in NAMES]
    assert set(theirs["names"]) == set(NAMES)
    np.testing.assert_allclose(found[:22], [theirs["values"][theirs["names"].index(name)] for name in NAMES], rtol=1e-5)
    assert len(found) == 44 and np.isnan(found[22:]).all()
