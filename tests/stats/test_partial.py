"""Promise: effects agree with known answers; without effects few are seen, with few people and skewed measures too."""

import numpy as np
import pytest
from scipy import stats

from mien.core.errors import InputError
from mien.stats.correction import benjamini_hochberg
from mien.stats.partial import CORRELATION, DIFFERENCE, partial


def without(people: int) -> np.ndarray:
    return np.zeros((people, 0))


def test_without_covariates_it_is_pearsons_correlation_and_hedges_g() -> None:
    generator = np.random.default_rng(0)
    x, y = generator.normal(size=(1500, 3)), generator.normal(size=1500)
    x[:, 0] += 0.1 * y
    found = partial(x, y, without(1500), kind=CORRELATION)
    for column in range(3):
        known = stats.pearsonr(x[:, column], y)
        assert found.effect[column] == pytest.approx(known.statistic) and found.p[column] == pytest.approx(known.pvalue)
        ends = known.confidence_interval()
        assert (found.low[column], found.high[column]) == pytest.approx((ends.low, ends.high), abs=1e-3)
    group = (y > 0.5).astype(float)
    found = partial(x, group, without(1500), kind=DIFFERENCE)
    one, other = x[group == 1], x[group == 0]
    pooled = np.sqrt((one.var(0, ddof=1) * (len(one) - 1) + other.var(0, ddof=1) * (len(other) - 1)) / 1498)
    np.testing.assert_allclose(found.effect, (one.mean(0) - other.mean(0)) / pooled * (1 - 3 / (4 * 1498 - 1)))
    np.testing.assert_allclose(found.p, stats.ttest_ind(one, other).pvalue, rtol=1e-6)


def test_covariates_are_held_constant_as_in_a_regression() -> None:
    generator = np.random.default_rng(1)
    z = generator.normal(size=(1200, 2))
    y = z @ [1.0, -0.5] + generator.normal(size=1200)
    x = (z @ [0.8, 0.3])[:, None] + generator.normal(size=(1200, 2)) + np.outer(y, [0.0, 0.2])
    found = partial(x, y, z, kind=CORRELATION)
    design = np.column_stack([np.ones(1200), z, y])
    for column in range(2):
        beta, rest, *_ = np.linalg.lstsq(design, x[:, column], rcond=None)
        free = 1200 - 4
        error = np.sqrt(rest[0] / free * np.linalg.inv(design.T @ design)[3, 3])
        t = beta[3] / error
        assert found.effect[column] == pytest.approx(t / np.sqrt(t**2 + free))
        assert found.p[column] == pytest.approx(2 * stats.t.sf(abs(t), free), rel=1e-6)


def test_each_measure_is_about_the_people_that_have_it() -> None:
    generator = np.random.default_rng(2)
    x, y, z = generator.normal(size=(300, 4)), generator.normal(size=300), generator.normal(size=(300, 1))
    x[::3, 1], x[:, 2], x[:, 3] = np.nan, 7.0, np.nan
    found = partial(x, y, z, kind=CORRELATION)
    alone = partial(x[np.isfinite(x[:, 1]), 1:2], y[np.isfinite(x[:, 1])], z[np.isfinite(x[:, 1])], kind=CORRELATION)
    assert found.people.tolist() == [300, 200, 300, 0]
    assert found.effect[1] == alone.effect[0] and found.p[1] == alone.p[0]
    assert np.isnan(found.effect[2:]).all() and np.isnan(found.p[2:]).all()


def test_too_few_people_and_an_outcome_that_a_covariate_says_are_told() -> None:
    y = np.arange(6.0)
    with pytest.raises(InputError, match="6 people are too few to hold 3 covariates constant"):
        partial(np.ones((6, 1)), y, np.random.default_rng(0).normal(size=(6, 3)), kind=CORRELATION)
    site = np.repeat([0.0, 1.0], 20)
    with pytest.raises(InputError, match="nothing of the outcome is left"):
        partial(np.random.default_rng(0).normal(size=(40, 2)), site, site[:, None], kind=DIFFERENCE)


def measures(kind: str, people: int, columns: int, generator: np.random.Generator) -> np.ndarray:
    x = generator.normal(size=(people, columns))
    if kind == "skewed":
        return np.exp(x)
    return np.where(generator.random(x.shape) < 0.7, 0, np.exp(x)) if kind == "mostly zero" else x


@pytest.mark.parametrize("kind", ["normal", "skewed", "mostly zero"])
@pytest.mark.parametrize("people", [12, 25, 40])
def test_without_effects_few_people_show_few(kind: str, people: int) -> None:
    """5 % at .05 and not more than 5 % of the families, with covariates, a skewed score or a rare group."""
    generator = np.random.default_rng([people, len(kind)])
    rejected, families, held = [], [], []
    for rep in range(24):
        z = np.column_stack([generator.normal(size=people), generator.integers(0, 2, people)])
        score = np.exp(generator.normal(size=people))
        y = score if rep % 2 else (np.argsort(np.argsort(score)) >= people - max(3, people // 8)).astype(float)
        found = partial(
            measures(kind, people, 100, generator), y, z, kind=CORRELATION if rep % 2 else DIFFERENCE, seed=rep
        )
        known = np.isfinite(found.p)
        rejected.append((found.p[known] < 0.05).mean())
        families.append((benjamini_hochberg(found.p) < 0.05).any())
        held.append(((found.low <= 0) & (found.high >= 0))[known].mean())
    assert 0.025 <= np.mean(rejected) <= 0.06
    assert np.sum(families) <= 4  # of 24 at 5 %: more than 4 has a chance of less than 1 %
    assert 0.925 <= np.mean(held) <= 0.995


def test_tails_of_skewed_measures_stay_honest_with_many_people() -> None:
    """Student's t shows something in most such families."""
    generator = np.random.default_rng(7)
    families, plain, rejected = [], [], []
    for _ in range(20):
        x, y = measures("skewed", 1500, 150, generator), np.exp(generator.normal(size=1500))
        p = partial(x, y, without(1500), kind=CORRELATION).p
        families.append((benjamini_hochberg(p) < 0.05).any())
        ps = np.array([stats.pearsonr(column, y).pvalue for column in x.T])
        plain.append((benjamini_hochberg(ps) < 0.05).any())
        rejected.append((p < 0.05).mean())
    assert 0.03 < np.mean(rejected) < 0.06
    assert np.sum(families) <= 3 < np.sum(plain)


def test_the_same_seed_gives_the_same_p() -> None:
    generator = np.random.default_rng(3)
    x, y = generator.normal(size=(30, 5)), generator.normal(size=30)
    x[:, 0] += y
    one, other = (partial(x, y, without(30), kind=CORRELATION, seed=4).p for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert one[0] < 0.001
