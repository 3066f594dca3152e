"""Intervals over people cover what they should, for few people too, or are withheld."""

import numpy as np
import pytest
from scipy import stats

from mien.core.errors import InputError
from mien.stats.jackknife import FEW_PEOPLE, subject_interval
from mien.stats.regression_scores import SCALES, regression_scores


def mean_of(values):
    return lambda weights: weights @ values / weights.sum(1)


def people(count, each=1):
    return np.repeat([f"P{i}" for i in range(count)], each)


def test_the_interval_of_a_mean_is_students():
    values = np.tile([-1.0, 1.0], 30)
    found = subject_interval(mean_of(values), people(60), "plain")
    reference = stats.ttest_1samp(values, 0).confidence_interval()
    # Wider by a 60th, as all intervals of few people are.
    assert (found.low, found.high) == pytest.approx((reference.low * 61 / 60, reference.high * 61 / 60))
    assert found.people == 60


def test_fewer_people_than_an_interval_needs_have_none():
    values = np.linspace(0.2, 0.8, FEW_PEOPLE)
    assert np.isfinite(subject_interval(mean_of(values), people(FEW_PEOPLE), "plain").low)
    found = subject_interval(mean_of(values[1:]), people(FEW_PEOPLE - 1), "plain")
    assert np.isnan([found.low, found.high]).all() and found.withheld == f"{FEW_PEOPLE - 1} people"


def test_a_value_that_hangs_on_one_person_has_no_interval():
    def of_the_first(weights):
        return np.where(weights[:, 0] > 0, 0.5, np.nan)

    found = subject_interval(of_the_first, people(20), "correlation")
    assert np.isnan(found.low) and found.withheld == "it hangs on one person"


def test_predictions_that_do_not_vary_have_no_interval_of_rounding():
    y = np.random.default_rng(0).normal(size=24) + 3
    for name, score in regression_scores(y, np.full(24, y.mean()), people(24), n_permutations=0).items():
        if name in ("pearson", "spearman", "concordance"):
            assert score.value == 0 and score.between == "interval withheld: the predictions do not vary", name


def test_copies_of_everybodys_samples_say_nothing_new():
    values = np.random.default_rng(0).random(15)
    once = subject_interval(mean_of(values), people(15), "plain")
    often = subject_interval(mean_of(np.repeat(values, 9)), people(15, 9), "plain")
    assert (once.low, once.high) == pytest.approx((often.low, often.high))


def test_many_people_are_left_out_in_groups_with_the_same_result(monkeypatch):
    values = np.random.default_rng(0).random(400)
    whole = subject_interval(mean_of(values), people(400), "plain")
    monkeypatch.setattr("mien.stats.jackknife._MOST_GROUPS", 100)
    grouped = subject_interval(mean_of(values), people(400), "plain")
    assert grouped.high - grouped.low == pytest.approx(whole.high - whole.low, rel=0.2)


def test_blocks_do_not_change_the_result(monkeypatch):
    values, who = np.arange(20.0), people(10, 2)
    whole = subject_interval(mean_of(values), who, "plain")
    monkeypatch.setattr("mien.stats.jackknife._BLOCK", 35)
    assert subject_interval(mean_of(values), who, "plain") == whole


@pytest.mark.parametrize(("count", "each", "link"), [(10, 1, 0.5), (10, 4, 0.9), (20, 3, 0.0)])
def test_intervals_of_every_score_of_ratings_cover_the_true_value_for_few_people(count, each, link):
    rng = np.random.default_rng(0)

    def drawn(n):
        def part(between):
            return (
                np.sqrt(between) * rng.normal(size=(n, 1)) + np.sqrt(1 - between) * rng.normal(size=(n, each))
            ).ravel()

        y = part(0.6)
        return y, link**2 * y + (link * np.sqrt(1 - link**2) if link else 0.3) * part(0.5)

    y, p = drawn(20_000)
    true = {
        "pearson": np.corrcoef(y, p)[0, 1], "spearman": stats.spearmanr(y, p).statistic,
        "concordance": 2 * np.cov(y, p)[0, 1] / (y.var() + p.var() + (y.mean() - p.mean()) ** 2),
        "r2": 1 - ((y - p) ** 2).mean() / y.var(), "rmse": np.sqrt(((y - p) ** 2).mean()),
    }  # fmt: skip
    hits = dict.fromkeys(SCALES, 0)
    for _ in range(200):
        found = regression_scores(*drawn(count), people(count, each), n_permutations=0)
        for name, score in found.items():
            hits[name] += score.low <= true[name] <= score.high
    # .93 less two standard errors of 200 draws.
    assert min(hits.values()) / 200 >= 0.895, hits


def test_impossible_levels_are_refused():
    with pytest.raises(InputError, match="between 0 and 1"):
        subject_interval(mean_of(np.ones(3)), people(3), "plain", level=95)
