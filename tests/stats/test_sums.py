"""Slopes of scores are those of their values; permutations keep people whole; known gaps come out."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stats.group_gaps import GapTest, corrected, gap_interval, gap_test, permuted_groups
from mien.stats.sums import Sums, bin_sums, by_person, calibration_and_variance, pair_sums, value_and_slope

DRAW = np.random.default_rng(0)
X, Y = DRAW.normal(size=(2, 40))
TOTALS = {
    "ratio": np.array([3.0, 2.0, 7.0, 5.0]),
    "error": np.array([4.0, 9.0]),
    "correlation": pair_sums(X, X + Y).sum(0),
    "slope": pair_sums(X, X + Y).sum(0),
    "logistic": np.array([0.4, -0.3, 5.0, 1.0, 4.0]),
}


@pytest.mark.parametrize("kind", TOTALS)
def test_the_slope_is_the_change_of_the_value(kind: str) -> None:
    totals = TOTALS[kind]
    slope = value_and_slope(kind, totals)[1]
    steps = 1e-6 * np.eye(len(totals))
    changed = value_and_slope(kind, totals + steps)[0] - value_and_slope(kind, totals - steps)[0]
    np.testing.assert_allclose(slope, changed / 2e-6, rtol=1e-5, atol=1e-7)


def test_correlation_and_slope_of_sums_are_those_of_the_columns() -> None:
    assert np.tanh(value_and_slope("correlation", TOTALS["correlation"])[0]) == pytest.approx(
        np.corrcoef(X, X + Y)[0, 1]
    )
    assert value_and_slope("slope", TOTALS["slope"])[0] == pytest.approx(np.polyfit(X, X + Y, 1)[0])


def test_squared_calibration_error_without_chance_is_unbiased() -> None:
    """Of a model that means what it says it is 0 on average, of one that is .2 too sure .04."""
    rng = np.random.default_rng(1)
    who = np.repeat(np.arange(12), 4)
    for off, true in ((0.0, 0.0), (0.2, 0.04)):
        found = []
        for _ in range(4000):
            said = np.full(48, 0.8)
            right = rng.random(48) < said - off
            found.append(calibration_and_variance(bin_sums(said - right, who * 0, 1, who, 12).sum(0))[0])
        assert np.mean(found) == pytest.approx(true, abs=0.003)


def test_people_change_groups_as_a_whole_and_groups_keep_their_size() -> None:
    one = np.array([1, 1, 1, 0, 0, 1], bool)
    other = np.array([0, 0, 1, 1, 1, 0], bool)
    kept = permuted_groups(one, other, 500, np.random.default_rng(0))
    assert kept.shape == (501, 6) and (kept[0] == 1).all()
    single = ~(one & other)
    in_one = np.where(kept[:, single] == 1, one[single], other[single])
    assert (in_one.sum(1) == 3).all()
    assert 0.4 < kept[1:, 2].mean() < 0.6


def test_a_large_gap_is_seen_and_none_where_there_is_none() -> None:
    rng = np.random.default_rng(2)
    who, first = np.repeat(np.arange(40), 3), np.repeat(np.arange(40) < 20, 3)
    kept = permuted_groups(np.arange(40) < 20, np.arange(40) >= 20, 999, rng)
    for gap in (0.0, 0.4):
        right = rng.random(120) < np.where(first, 0.9 - gap, 0.9)
        rows = np.stack([right, np.ones(120)], axis=1).astype(float)
        one, other = (Sums("ratio", by_person(rows * side[:, None], who, 40)) for side in (first, ~first))
        p = gap_test(one, other, kept).p
        assert (p < 0.01) == (gap > 0)
        swapped = gap_test(other, one, kept)
        assert swapped.p == p


def test_what_is_not_defined_in_a_group_is_not_tested() -> None:
    nobody = Sums("ratio", np.zeros((12, 2)))
    kept = permuted_groups(np.arange(12) < 6, np.arange(12) >= 6, 99, np.random.default_rng(0))
    assert np.isnan(gap_test(nobody, Sums("ratio", np.ones((12, 2))), kept).p)
    with pytest.raises(InputError, match="one kind"):
        gap_test(nobody, Sums("error", np.ones((12, 2))), kept)


def test_the_interval_of_a_difference_of_shares_is_newcombes() -> None:
    """Newcombe 1998, Stat. Med. 17(8), table II, method 10: 56/70 - 48/80."""
    wilson = ((0.8, 0.6924, 0.8770), (0.6, 0.4905, 0.7004))
    low, high = gap_interval(*wilson)
    assert (low, high) == (pytest.approx(0.0524, abs=1e-3), pytest.approx(0.3339, abs=1e-3))


def test_scores_that_go_together_cost_less_than_others_and_the_family_keeps_its_level() -> None:
    rng = np.random.default_rng(4)
    same = np.abs(rng.normal(size=1000))
    alone = GapTest(0.02, 0.0, np.r_[2.3, same])
    p = (1 + (same >= 2.3).sum()) / 1001
    np.testing.assert_allclose(corrected([alone, alone, GapTest(np.nan, 0.0, np.empty(0))]), [p, p, np.nan])
    assert corrected([alone], pairs=3)[0] == pytest.approx(3 * p)
    other = GapTest(0.02, 0.0, np.r_[2.3, np.abs(rng.normal(size=1000))])
    assert 1.2 * p < corrected([alone, other])[0] < 2.4 * p
    seen = []
    for _ in range(400):
        sizes = np.abs(rng.normal(size=(6, 200)) + rng.normal(size=200))
        seen.append((corrected([GapTest(1.0, 0.0, row) for row in sizes]) <= 0.05).any())
    assert np.mean(seen) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)
