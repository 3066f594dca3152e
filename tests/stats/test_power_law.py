"""A power law through a learning curve: it holds what comes, and refuses what the sizes do not determine."""

import numpy as np

from mien.stats.power_law import power_law

SIZES = [50, 100, 200, 500, 1000, 2000, 5000, 8000]
OWN, SHARED = 0.05 * (50 / np.array(SIZES)) ** 0.6, np.full(8, 0.008)


def true(people: object) -> np.ndarray:
    found: np.ndarray = 0.8 - 1.2 * np.asarray(people, dtype=float) ** -0.4
    return found


def drawn(means: np.ndarray, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    found: np.ndarray = means + rng.normal() * SHARED + rng.normal(size=8) * OWN
    return found


def test_the_law_is_given_back_where_there_is_no_noise() -> None:
    law = power_law(SIZES, true(SIZES), OWN / 100, SHARED / 100)
    assert abs(law.end - 0.8) < 0.01 and abs(law.exponent - 0.4) < 0.03
    assert law.beyond and abs(law.beyond[-1].value - true(law.beyond[-1].people)) < 0.002


def test_intervals_hold_the_score_of_more_people() -> None:
    held, refused = [], 0
    for seed in range(60):
        law = power_law(SIZES, drawn(true(SIZES), seed), OWN, SHARED, seed=seed)
        refused += bool(law.refused)
        held += [one.low <= true(one.people) <= one.high for one in law.beyond[-1:]]
    assert np.mean(held) >= 0.88 and refused <= 6


def test_a_flat_curve_is_not_drawn_on() -> None:
    laws = [power_law(SIZES, drawn(np.full(8, 0.5), seed), OWN, SHARED, seed=seed) for seed in range(40)]
    assert sum(bool(law.refused) for law in laws) >= 36
    assert any("not shown that the score rises" in law.refused for law in laws)


def test_few_sizes_are_refused() -> None:
    assert "too few" in power_law(SIZES[:3], true(SIZES[:3]), OWN[:3], SHARED[:3]).refused
