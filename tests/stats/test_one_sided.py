"""One-sided permutation tests of very many measures hold for any distribution."""

import numpy as np
import pytest

from mien.stats.one_sided import one_sided_p


def test_all_arrangements_of_few_people_give_the_exact_share() -> None:
    first = np.arange(8) < 4
    values = np.stack([first + 0.01 * np.arange(8), ~first + 0.01 * np.arange(8), np.full(8, 3.0)], axis=1)
    p = one_sided_p(values, first, n_permutations=20_000)
    # One of the 70 ways to choose four of eight puts the four largest first.
    assert p[0] == pytest.approx(1 / 70, abs=0.003) and p[1] == pytest.approx(1.0, abs=0.01) and p[2] == 1


@pytest.mark.parametrize("kind", ["normal", "mostly zero", "heavy tails"])
def test_chance_alone_passes_no_more_often_than_it_should(kind: str) -> None:
    rng, first = np.random.default_rng(1), np.arange(70) < 15
    values = rng.standard_t(2, size=(70, 4000)) if kind == "heavy tails" else rng.normal(size=(70, 4000))
    if kind == "mostly zero":
        values = np.maximum(values - 1.3, 0)
    p = one_sided_p(values, first, n_permutations=2000)
    assert (p <= 0.05).mean() < 0.06 and (p <= 0.01).mean() < 0.015


def test_a_difference_between_groups_is_seen_and_the_seed_decides_the_rest() -> None:
    rng, first = np.random.default_rng(0), np.arange(60) < 20
    values = rng.normal(size=(60, 50)) + first[:, None] * (np.arange(50) < 10) * 1.5
    p = one_sided_p(values, first, seed=3)
    assert (p[:10] < 0.01).all() and np.array_equal(p, one_sided_p(values, first, seed=3))
