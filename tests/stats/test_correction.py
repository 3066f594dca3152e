"""Corrected p-values against hand-made answers and SciPy."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control

from mien.core.errors import InputError
from mien.stats.correction import benjamini_hochberg, holm

P = np.random.default_rng(0).uniform(0, 0.2, 25)


def test_holm_by_hand():
    # Sorted .01 .02 .04 times 3, 2, 1 and never falling: .03 .04 .04.
    np.testing.assert_allclose(holm([0.04, 0.01, 0.02]), [0.04, 0.03, 0.04])


def test_benjamini_hochberg_is_scipys():
    np.testing.assert_allclose(benjamini_hochberg(P), false_discovery_control(P))


@pytest.mark.parametrize("correct", [holm, benjamini_hochberg])
def test_order_is_kept_nothing_falls_and_one_test_stays_as_it_is(correct):
    found = correct(P)
    assert (found >= P).all() and (found <= 1).all()
    assert (np.diff(found[np.argsort(P)]) >= 0).all()
    np.testing.assert_allclose(correct([0.03]), [0.03])
    assert len(correct([])) == 0


def test_a_test_that_could_not_be_made_does_not_count():
    found = holm([0.01, np.nan, 0.02])
    np.testing.assert_allclose(found, [0.02, np.nan, 0.02])


def test_what_is_no_p_value_is_refused():
    with pytest.raises(InputError, match="0 to 1"):
        holm([0.5, 1.2])
