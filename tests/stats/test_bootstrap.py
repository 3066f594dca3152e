"""Percentile intervals of draws."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stats.bootstrap import percentile_interval


def test_undefined_draws_are_left_out():
    assert percentile_interval(np.array([np.nan, 1.0, 1.0])) == (1, 1)
    assert np.isnan(percentile_interval(np.array([np.nan]))).all()


def test_impossible_settings_are_refused():
    with pytest.raises(InputError, match="between 0 and 1"):
        percentile_interval(np.ones(3), 95)
