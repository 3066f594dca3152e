"""Alpha and omega: worked by hand, against a reference library, what is said of odd items, how often intervals hold."""

import numpy as np
import pytest

from mien.stats.graded_response import GradedResponse
from mien.stats.reliability import cronbach_alpha, item_rest, mcdonald_omega, one_factor, reliability

LOADINGS = np.array([0.9, 0.8, 0.7, 0.6])


def of_one_factor(loadings: np.ndarray) -> np.ndarray:
    return np.outer(loadings, loadings) + np.diag(1 - loadings**2)


def graded(people: int, seed: int, items: int = 7, loading: float = 0.7) -> np.ndarray:
    rng = np.random.default_rng(seed)
    latent = loading * rng.normal(size=(people, 1)) + np.sqrt(1 - loading**2) * rng.normal(size=(people, items))
    return np.digitize(latent, [0.0, 0.8, 1.6]).astype(float)


def test_alpha_and_omega_worked_by_hand() -> None:
    # Two items with variances 1 and covariance .5: 2 x (1 - 2 / 3).
    assert cronbach_alpha(np.array([[1.0, 0.5], [0.5, 1.0]])) == pytest.approx(2 / 3)
    # Loadings that sum to 3: the factor's variance in the sum is 9, what is each item's own adds 1.7; the covariances
    # sum to 9 less the squared loadings, 2.3.
    found = of_one_factor(LOADINGS)
    assert mcdonald_omega(found) == pytest.approx(9 / 10.7, abs=1e-6)
    assert cronbach_alpha(found) == pytest.approx(4 / 3 * 6.7 / 10.7, abs=1e-6)


def test_omega_weighs_items_by_their_spread() -> None:
    spread = np.array([1.0, 2.0, 3.0, 4.0])
    own = ((1 - LOADINGS**2) * spread**2).sum()
    common = (LOADINGS * spread).sum() ** 2
    found = mcdonald_omega(of_one_factor(LOADINGS) * np.outer(spread, spread))
    assert found == pytest.approx(common / (common + own), abs=1e-6)


def test_one_factor_is_that_of_maximum_likelihood_where_the_model_holds() -> None:
    np.testing.assert_allclose(one_factor(of_one_factor(LOADINGS)), LOADINGS, atol=1e-6)
    factor = pytest.importorskip("statsmodels.multivariate.factor").Factor
    answers = graded(3000, 0)
    reference = factor(answers, n_factor=1, method="ml").fit().loadings[:, 0]
    np.testing.assert_allclose(one_factor(np.corrcoef(answers, rowvar=False)), np.abs(reference), atol=0.01)


def test_items_that_are_not_reversed_or_constant_are_named() -> None:
    answers = graded(200, 1)
    answers[:, 2] = 3 - answers[:, 2]
    answers[:, 4] = 1
    found = reliability("mood", answers, np.arange(200).astype(str), tuple("abcdefg"))
    assert found.rest[2] < 0 < found.rest[0] and np.isnan(found.rest[4])
    assert any(said.startswith("c goes against the sum") for said in found.warnings)
    assert any("the same answer to e," in said for said in found.warnings)
    assert 0 < found.omega < 1


def test_rest_is_without_the_item_itself() -> None:
    answers = graded(300, 2)
    rest = answers[:, 1:].sum(1)
    assert item_rest(np.cov(answers, rowvar=False))[0] == pytest.approx(np.corrcoef(answers[:, 0], rest)[0, 1])


def test_few_people_have_no_interval_and_one_item_no_consistency() -> None:
    found = reliability("x", graded(20, 3), np.arange(20).astype(str), tuple("abcdefg"))
    assert np.isnan([found.alpha_low, found.omega_high]).all() and "fewer than 30" in found.warnings[0]
    # Twenty people three times each are twenty people.
    again = reliability("x", graded(60, 3), np.repeat(np.arange(20), 3).astype(str), tuple("abcdefg"))
    assert (again.people, again.rows) == (20, 60) and np.isnan(again.alpha_low)
    assert "one item" in reliability("x", graded(20, 3, 1), np.arange(20).astype(str), ("a",)).warnings[0]


def test_intervals_hold_the_value() -> None:
    true = float(cronbach_alpha(np.cov(graded(200_000, 99), rowvar=False)))
    names = np.arange(100).astype(str)
    found = [reliability("x", graded(100, seed), names, tuple("abcdefg")) for seed in range(100)]
    assert 0.9 <= np.mean([one.alpha_low <= true <= one.alpha_high for one in found]) <= 0.99
    assert 0.9 <= np.mean([one.omega_low <= true <= one.omega_high for one in found]) <= 0.99


@pytest.mark.parametrize("people", [30, 100])
def test_intervals_hold_the_value_of_items_near_their_floor(people: int) -> None:
    """A bootstrap's standard error held it .85 of the time with 30 people, .89 with 100; Feldt's F .84 and .82."""
    slopes = np.linspace(1.2, 2.4, 7)
    items = GradedResponse(slopes, np.array([[0.8, 1.8, 2.8]]) * slopes[:, None])
    true = float(cronbach_alpha(np.cov(items.draw(100_000, np.random.default_rng(10**6)), rowvar=False)))
    names, held = np.arange(people).astype(str), []
    for seed in range(120):
        one = reliability("x", items.draw(people, np.random.default_rng(seed)).astype(float), names, tuple("abcdefg"))
        held.append(one.alpha_low <= true <= one.alpha_high)
    assert 0.88 < np.mean(held) <= 0.99


def test_items_that_have_nothing_in_common_are_no_reliable_sum() -> None:
    """Of seven such items every third set had an omega up to .95, intervals of -10^15, and items 'to be reversed'."""
    names, held, told = np.arange(40).astype(str), [], 0
    for seed in range(40):
        answers = np.random.default_rng(seed).integers(0, 4, (40, 7)).astype(float)
        found = reliability("noise", answers, names, tuple("abcdefg"))
        held.append(found.omega)
        assert np.isnan(found.omega_low) or 0 <= found.omega_low <= found.omega <= found.omega_high <= 1
        assert not np.isnan(found.omega) or any("Omega is withheld" in said for said in found.warnings)
        told += any("probably to be reversed" in said for said in found.warnings)
    assert np.nanmax(held) < 0.6 and 0.1 < np.isnan(held).mean() < 0.7 and told <= 5
    assert any("by chance" in said for said in found.warnings)
