"""The light form of Student's t is scipy's."""

import numpy as np
import pytest
from scipy import stats

from mien.stats import student

FREEDOM = [0.3, 1, 2.5, 9, 40, 1e6, np.inf]


@pytest.mark.parametrize("df", FREEDOM)
def test_quantiles_and_tails_are_those_of_scipy(df):
    share, t = np.array([1e-6, 0.025, 0.5, 0.975, 1 - 1e-6]), np.array([-30.0, -2, 0, 1.5, 8])
    np.testing.assert_allclose(student.ppf(share, df), stats.t.ppf(share, df), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(student.sf(t, df), stats.t.sf(t, df), rtol=1e-9)
    np.testing.assert_allclose(student.isf(share, df), stats.t.isf(share, df), rtol=1e-6, atol=1e-9)


def test_without_degrees_of_freedom_there_is_no_number():
    assert np.isnan(student.ppf(0.975, 0)) and np.isnan(student.sf(1.0, np.nan))
    found = student.ppf(0.975, np.array([0.0, 5.0, np.inf]))
    assert np.isnan(found[0]) and found[1:] == pytest.approx([stats.t.ppf(0.975, 5), 1.959964])
