"""Scores of ratings against SciPy, scikit-learn and worked examples."""

import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr

from mien.core.errors import InputError
from mien.stats.regression_scores import mean_scores, regression_scores

RNG = np.random.default_rng(3)
Y = RNG.normal(50, 12, 80).round()
P = 0.6 * Y + 25 + RNG.normal(0, 6, 80)
WHO = np.array([f"s{i // 2}" for i in range(80)])


def test_against_reference_libraries() -> None:
    r2_score = pytest.importorskip("sklearn.metrics").r2_score
    found = regression_scores(Y, P, WHO, n_permutations=0)
    assert found["pearson"].value == pytest.approx(pearsonr(Y, P).statistic, abs=1e-12)
    assert found["spearman"].value == pytest.approx(spearmanr(Y, P).statistic, abs=1e-12)
    assert found["r2"].value == pytest.approx(r2_score(Y, P), abs=1e-12)
    assert found["rmse"].value == pytest.approx(np.sqrt(np.mean((Y - P) ** 2)), abs=1e-12)
    assert found["rmse"].chance == pytest.approx(Y.std())
    covariance = np.cov(Y, P, bias=True)
    lin = 2 * covariance[0, 1] / (covariance[0, 0] + covariance[1, 1] + (Y.mean() - P.mean()) ** 2)
    assert found["concordance"].value == pytest.approx(lin, abs=1e-12)


def test_a_draw_of_the_bootstrap_is_the_score_of_the_drawn_samples() -> None:
    from mien.stats.regression_scores import _Column

    counts = RNG.multinomial(80, np.full(80, 1 / 80), size=3)
    for name, statistic in _Column.of(Y, P, WHO, None).statistics().items():
        for weights, value in zip(counts, statistic(counts), strict=True):
            rows = np.repeat(np.arange(80), weights)
            assert value == pytest.approx(
                regression_scores(Y[rows], P[rows], rows, n_permutations=0)[name].value, abs=1e-9
            )


def test_constant_predictions_have_no_correlation_and_no_skill() -> None:
    found = regression_scores(Y, np.full(80, Y.mean()), WHO, n_permutations=99)
    assert found["pearson"].value == found["spearman"].value == 0
    assert found["pearson"].p == found["spearman"].p == 1
    assert found["r2"].value == pytest.approx(0) and found["concordance"].value == pytest.approx(0)


def test_shift_and_scale_cost_concordance_but_not_correlation() -> None:
    found = regression_scores(Y, 3 * Y + 1e6, WHO, n_permutations=99)
    assert found["pearson"].value == pytest.approx(1) and found["concordance"].value < 0.01 and found["r2"].value < 0


def test_the_mean_over_ratings_is_the_mean_of_the_scores() -> None:
    both = mean_scores(np.stack([Y, P], 1), np.stack([P, Y[::-1]], 1), WHO, n_permutations=0)
    each = [regression_scores(a, b, WHO, n_permutations=0)["spearman"].value for a, b in ((Y, P), (P, Y[::-1]))]
    assert both["spearman"].value == pytest.approx(np.mean(each))
    assert both["spearman"].low < both["spearman"].value < both["spearman"].high and "rmse" not in both


def test_bad_input_is_told() -> None:
    with pytest.raises(InputError, match="Sample 3 has no rating"):
        regression_scores(np.where(np.arange(80) == 2, np.nan, Y), P, WHO)
    with pytest.raises(InputError, match="one of each"):
        regression_scores(Y, P, WHO[:-1])
    with pytest.raises(InputError, match="the same shape"):
        regression_scores(Y[:-1], P, WHO)


def test_the_chance_scores_are_those_of_ratings_that_changed_hands() -> None:
    from mien.stats.chance import permuted_rows
    from mien.stats.regression_scores import SCALES, _Column, _null

    null = _null([_Column.of(Y, P, WHO, None)], tuple(SCALES), WHO, 5, 0)
    for i, rows in enumerate(next(permuted_rows(WHO, 5, 0))):
        found = regression_scores(Y[rows], P, WHO, n_permutations=0)
        assert {name: values[i] for name, values in null.items()} == pytest.approx(
            {name: score.value for name, score in found.items()}
        )


def test_chance_is_chance_for_predictions_that_do_not_look() -> None:
    rng = np.random.default_rng(0)
    who = np.repeat(np.arange(12), 3).astype(str)
    p = [
        regression_scores(np.repeat(rng.normal(size=12), 3), np.repeat(rng.normal(size=12), 3), who, n_permutations=99)
        for _ in range(200)
    ]
    for name in ("pearson", "spearman", "rmse"):
        assert np.mean([found[name].p <= 0.05 for found in p]) < 0.09


def test_people_exchange_their_ratings_whole() -> None:
    from mien.stats.chance import permuted_rows

    who = np.array([f"s{i // 2}" for i in range(20)])
    for rows in next(permuted_rows(who, 50, 1)):
        givers = who[rows].reshape(10, 2)
        assert (givers[:, 0] == givers[:, 1]).all() and sorted(rows) == list(range(20))
