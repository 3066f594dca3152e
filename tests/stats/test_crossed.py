"""Means over people and stimuli: right values, and tests that keep their level, whatever varies."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stats.crossed import crossed_mean


def test_the_variance_is_that_of_both_less_the_cells() -> None:
    table = np.array([[1.0, 2.0, 4.0], [2.0, 5.0, 6.0], [0.0, 3.0, 9.0], [5.0, 7.0, 8.0]])
    n, m = table.shape
    found = crossed_mean(table)
    stimuli, people = table.mean(1).var(ddof=1) / n, table.mean(0).var(ddof=1) / m
    cells = ((table - table.mean()) ** 2).sum() / (n * m) ** 2
    variance = max(stimuli + people - cells, stimuli, people)
    assert found.value == table.mean() and (found.stimuli, found.people) == (4, 3)
    from scipy.stats import t

    assert found.high - found.value == pytest.approx(t.ppf(0.975, found.df) * np.sqrt(variance))


def test_one_stimulus_or_one_person_leaves_an_ordinary_t() -> None:
    values = np.array([1.0, 2.0, 4.0, 3.5])
    from scipy.stats import ttest_1samp

    for table in (values[None], values[:, None]):
        found = crossed_mean(table)
        assert found.p == pytest.approx(ttest_1samp(values, 0).pvalue) and found.df == 3


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
