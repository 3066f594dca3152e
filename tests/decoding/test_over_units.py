"""Means over viewers and runs: Student's interval, wider where each was tested by decoders trained on the others."""

import numpy as np
import pytest
from scipy import stats

from mien.decoding.over_units import mean_over_units


def test_of_independent_viewers_it_is_students_interval_and_sign_flips():
    each = np.array([0.61, 0.55, 0.7, 0.58, 0.66])
    found = mean_over_units(each, dependent=False)
    low, high = stats.t.interval(0.95, 4, each.mean(), stats.sem(each))
    assert (found.low, found.high) == pytest.approx((low, high))
    # All five have the same sign: two of the 32 patterns are as far from zero.
    assert found.p == pytest.approx(2 / 32) and found.units == 5


def test_of_runs_the_variance_of_nadeau_and_bengio():
    each = np.array([0.1, 0.2, 0.05, 0.15])
    found = mean_over_units(each, dependent=True)
    error = each.std(ddof=1) * np.sqrt(1 / 4 + 1 / 3)
    assert found.high - found.mean == pytest.approx(stats.t.ppf(0.975, 3) * error)
    assert found.p == pytest.approx(2 * stats.t.sf(each.mean() / error, 3))


def test_of_three_there_is_no_interval_and_missing_ones_do_not_count():
    found = mean_over_units(np.array([0.5, 0.6, 0.7, np.nan]), dependent=False)
    assert found.mean == pytest.approx(0.6) and found.units == 3
    assert np.isnan([found.low, found.high, found.p]).all()
