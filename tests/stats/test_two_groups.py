"""Permutation tests and effects of two groups against SciPy, clusters against a map whose difference is planted."""

import numpy as np
import pytest
from scipy import stats
from scipy.ndimage import gaussian_filter

from mien.stats.clusters import cluster_test, grid_neighbours
from mien.stats.two_groups import Contrast, effects, permutation_tests


def groups(seed: int, n_a: int, n_b: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    return draw.normal(size=(n_a, 3)), 2 * draw.normal(size=(n_b, 3)) + [0, 1, 3]


def test_t_and_intervals_are_welchs() -> None:
    a, b = groups(0, 9, 6)
    known, found = stats.ttest_ind(a, b, equal_var=False), effects(Contrast(a, b, False))
    np.testing.assert_allclose(permutation_tests(Contrast(a, b, False), n_permutations=20).t, known.statistic)
    low, high = known.confidence_interval()
    np.testing.assert_allclose([found.difference_low, found.difference_high], [low, high])


def test_paired_t_and_intervals_are_students() -> None:
    a, b = groups(1, 8, 8)
    known, found = stats.ttest_rel(a, b), effects(Contrast(a, b, True))
    np.testing.assert_allclose(permutation_tests(Contrast(a, b, True)).t, known.statistic)
    np.testing.assert_allclose([found.difference_low, found.difference_high], known.confidence_interval())


def test_all_arrangements_give_the_exact_p() -> None:
    a, b = groups(2, 5, 4)

    def t(x: np.ndarray, y: np.ndarray, axis: int = -1) -> np.ndarray:
        return np.abs(stats.ttest_ind(x, y, axis=axis, equal_var=False).statistic)

    found = permutation_tests(Contrast(a, b, False))
    wanted = [
        stats.permutation_test((a[:, j], b[:, j]), t, alternative="greater", vectorized=True, n_resamples=np.inf).pvalue
        for j in range(3)
    ]
    assert found.exact and found.n_permutations == 126
    np.testing.assert_allclose(found.p, wanted)
    assert (found.p_largest >= found.p).all()


def test_drawn_arrangements_come_near_the_exact_p() -> None:
    a, b = groups(3, 6, 6)
    exact = permutation_tests(Contrast(a, b, False))
    drawn = permutation_tests(Contrast(np.repeat(a, 1, 0), b, False), n_permutations=900, seed=1)
    assert exact.exact and not drawn.exact
    np.testing.assert_allclose(drawn.p, exact.p, atol=0.05)


def test_constant_and_separated_measures_have_an_answer() -> None:
    a, b = np.tile([1.0, 0.0], (5, 1)), np.tile([1.0, 4.0], (5, 1))
    found = permutation_tests(Contrast(a, b, False))
    assert found.t[0] == 0 and found.p[0] == 1
    assert found.p[1] == pytest.approx(2 / 252)


@pytest.mark.parametrize("paired", [False, True])
def test_intervals_of_effects_hold_the_true_effect(paired: bool) -> None:
    draw, inside = np.random.default_rng(4), []
    for _ in range(300):
        shared = draw.normal(size=(8, 1)) if paired else 0.0
        a, b = draw.normal(size=(8, 20)) + shared, draw.normal(size=(8, 20)) + shared
        size = np.sqrt(2) if paired else 1.0
        found = effects(Contrast(a + 0.8 * size, b, paired))
        inside.append(((found.low <= 0.8) & (found.high >= 0.8)).mean())
    assert 0.94 <= np.mean(inside) <= 1.0


def test_equal_groups_are_equivalent_only_with_many_people() -> None:
    draw = np.random.default_rng(5)
    few, many = (effects(Contrast(draw.normal(size=(n, 50)), draw.normal(size=(n, 50)), False)) for n in (8, 200))
    assert (few.p_equivalent <= 0.05).mean() <= 0.05
    assert (many.p_equivalent <= 0.05).mean() > 0.9


def smooth(draw: np.random.Generator, people: int) -> np.ndarray:
    return gaussian_filter(draw.normal(size=(people, 24, 20)), (0, 2, 2)).reshape(people, -1)


def test_clusters_are_where_the_difference_is_planted() -> None:
    draw = np.random.default_rng(6)
    a, b = smooth(draw, 9), smooth(draw, 10)
    place = np.zeros((24, 20), dtype=bool)
    place[14:20, 5:12] = True
    a[:, place.ravel()] += 0.6
    found = cluster_test(Contrast(a, b, False), grid_neighbours(np.ones((24, 20), dtype=bool)), n_permutations=300)
    seen = found.significant().reshape(24, 20)
    assert seen[place].mean() > 0.9 and seen[~place].mean() < 0.15
    assert found.mass[0] > 0 and found.p[0] <= 0.01
    assert (np.diff(np.abs(found.mass)) <= 0).all()


def test_smooth_noise_has_a_cluster_in_one_map_of_twenty() -> None:
    near, seen = grid_neighbours(np.ones((24, 20), dtype=bool)), []
    for seed in range(60):
        draw = np.random.default_rng(100 + seed)
        found = cluster_test(Contrast(smooth(draw, 7), smooth(draw, 7), False), near, n_permutations=99, seed=seed)
        seen.append(found.p.min(initial=1.0) <= 0.05)
    assert np.mean(seen) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 60)


def test_touching_places_of_two_signs_are_two_clusters() -> None:
    draw = np.random.default_rng(7)
    a, b = draw.normal(size=(12, 4)), draw.normal(size=(12, 4))
    a += [5, 5, -5, -5]
    found = cluster_test(Contrast(a, b, False), np.array([[0, 1], [1, 2], [2, 3]]), n_permutations=50)
    assert len(set(found.label[:2])) == 1 and len(set(found.label[2:])) == 1 and found.label[0] != found.label[3]
    assert sorted(np.sign(found.mass)) == [-1, 1]


@pytest.mark.parametrize("correlation", [0.0, 0.9, 0.99])
def test_a_difference_as_large_as_the_margin_is_called_equivalent_in_one_of_twenty(correlation: float) -> None:
    draw, seen = np.random.default_rng(8), []
    for _ in range(60):
        shared = np.sqrt(correlation) * draw.normal(size=(20, 20))
        a, b = (shared + np.sqrt(1 - correlation) * draw.normal(size=(20, 20)) for _ in range(2))
        seen.append((effects(Contrast(a + 0.5, b, True), margin=0.5).p_equivalent <= 0.05).mean())
    assert np.mean(seen) <= 0.065
