"""Means over people and stimuli: right values, and tests that keep their level, whatever varies."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stats.crossed import crossed_mean
from mien.stats.slow_waves import slow_waves


def test_the_variance_is_that_of_both_less_the_cells() -> None:
    table = np.array([[1.0, 2.0, 4.0], [2.0, 5.0, 6.0], [0.0, 3.0, 9.0], [5.0, 7.0, 8.0]])
    n, m = table.shape
    found = crossed_mean(table)
    stimuli, people = table.mean(1).var(ddof=1) / n, table.mean(0).var(ddof=1) / m
    single = table - table.mean(1, keepdims=True) - table.mean(0) + table.mean()
    cells = (single**2).sum() / ((n - 1) * (m - 1)) / (n * m)
    variance = max(stimuli + people - cells, stimuli, people)
    assert found.value == table.mean() and (found.stimuli, found.people) == (4, 3)
    from scipy.stats import t

    # Half the interval leaves .05 beyond it of the two distributions, weighed by what varies.
    half, share = (found.high - found.value) / np.sqrt(variance), stimuli / (stimuli + people)
    assert share * t.sf(half, n - 1) + (1 - share) * t.sf(half, m - 1) == pytest.approx(0.025)


def test_one_stimulus_or_one_person_leaves_an_ordinary_t() -> None:
    values = np.array([1.0, 2.0, 4.0, 3.5])
    from scipy.stats import ttest_1samp

    for table in (values[None], values[:, None]):
        found = crossed_mean(table)
        assert found.p == pytest.approx(ttest_1samp(values, 0).pvalue)


def test_missing_cells_and_empty_rows_are_left_out() -> None:
    table = np.array([[1.0, np.nan], [np.nan, np.nan], [3.0, 5.0]])
    found = crossed_mean(table)
    assert (found.value, found.stimuli, found.people) == (3.0, 2, 2)
    assert np.isnan(crossed_mean(np.full((2, 2), np.nan)).value)
    assert crossed_mean(np.zeros((3, 3))).p == 1 and crossed_mean(np.ones((3, 3))).p == 0
    with pytest.raises(InputError, match="two axes"):
        crossed_mean(np.zeros(3))


@pytest.mark.parametrize("spread", [(0, 0, 1), (0.7, 0, 1), (0, 0.7, 1), (0.5, 0.5, 1), (2, 0.2, 0.2)])
def test_null_keeps_its_level_whatever_varies(spread: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(3)
    of_stimuli, of_people, of_cells = spread
    p = [
        crossed_mean(
            of_stimuli * rng.normal(size=(20, 1)) + of_people * rng.normal(size=(1, 15))
            + of_cells * rng.normal(size=(20, 15))
        ).p
        for _ in range(1000)
    ]  # fmt: skip
    assert 0.015 <= np.mean(np.array(p) <= 0.05) <= 0.07


@pytest.mark.parametrize(("stimuli", "people"), [(8, 3), (100, 3), (20, 5)])
def test_null_keeps_its_level_with_few_people_and_few_stimuli(stimuli: int, people: int) -> None:
    """One t whose degrees of freedom come from the sample itself was too narrow here: .07 with three people."""
    rng = np.random.default_rng(5)
    tables = rng.normal(size=(500, stimuli, 1)) + np.sqrt(people / stimuli) * rng.normal(size=(500, 1, people))
    tables = tables + 0.1 * rng.normal(size=(500, stimuli, people))
    assert 0.01 <= np.mean([crossed_mean(table).p <= 0.05 for table in tables]) <= 0.065


def test_waves_of_all_lengths_are_the_ordinary_variance() -> None:
    table = np.random.default_rng(1).normal(size=(12, 4))
    waves = slow_waves(np.full(12, "1"), np.arange(12.0), 24 / 11)
    assert waves.shape == (12, 11)
    np.testing.assert_allclose(waves.T @ waves, np.eye(11), atol=1e-12)
    one, other = crossed_mean(table[:, :1]), crossed_mean(table[:, :1], waves=waves)
    assert (other.low, other.high, other.p) == pytest.approx((one.low, one.high, one.p))


def test_runs_are_told_apart_and_gaps_keep_waves_orthonormal() -> None:
    run = np.repeat(["1", "2"], [30, 20])
    at = np.concatenate([np.r_[0:20, 40:50], np.arange(20)]).astype(float)
    waves = slow_waves(run, at, 20.0)
    # One contrast of the two runs, five waves of 50 s and two of 20 s.
    assert waves.shape == (50, 8)
    np.testing.assert_allclose(waves.T @ waves, np.eye(8), atol=1e-12)
    np.testing.assert_allclose(waves.sum(0), 0, atol=1e-12)


def test_null_of_moments_that_resemble_their_neighbours_keeps_its_level() -> None:
    """Ordinary variances give .3 here."""
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(500, 330, 1)) + 0.5 * rng.normal(size=(500, 330, 3))
    tables = np.stack([noise[:, start : start + 300] for start in range(8)]).mean(0)
    waves = slow_waves(np.full(300, "1"), np.arange(300.0), 100.0)
    p = np.array([crossed_mean(table, waves=waves).p for table in tables])
    plain = np.array([crossed_mean(table).p for table in tables[:100]])
    assert 0.02 <= (p <= 0.05).mean() <= 0.07 < 0.2 < (plain <= 0.05).mean()


def test_too_few_waves_leave_the_mean_alone() -> None:
    table = np.random.default_rng(3).normal(size=(30, 5))
    found = crossed_mean(table, waves=slow_waves(np.full(30, "1"), np.arange(30.0), 60.0))
    assert found.value == pytest.approx(table.mean()) and np.isnan([found.low, found.high, found.p]).all()
