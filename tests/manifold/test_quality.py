"""Measures of maps against scikit-learn and against answers by hand."""

import numpy as np
from sklearn.manifold import trustworthiness

from mien.manifold.quality import map_quality, stability

RNG = np.random.default_rng(1)
X, MAP = RNG.normal(size=(60, 5)), RNG.normal(size=(60, 2))


def values(x, coordinates, **settings):
    return {q.name: q.value for q in map_quality(x, coordinates, **settings)}


def test_trustworthiness_and_continuity_are_scikit_learns():
    found = values(X, MAP, n_neighbors=7)
    np.testing.assert_allclose(found["trustworthiness"], trustworthiness(X, MAP, n_neighbors=7))
    np.testing.assert_allclose(found["continuity"], trustworthiness(MAP, X, n_neighbors=7))


def test_a_turned_and_stretched_copy_is_perfect():
    turn = np.linalg.qr(RNG.normal(size=(2, 2)))[0]
    found = values(MAP, 3 * MAP @ turn + 1)
    assert found.pop("stress") < 1e-6
    np.testing.assert_allclose(list(found.values()), 1, atol=1e-9)


def test_a_shuffled_map_is_at_chance():
    found = map_quality(X, X[RNG.permutation(60)], n_shuffles=20)
    for measure in found:
        assert abs(measure.value - measure.chance) < 0.1


def test_stability_sees_through_turns_but_not_through_shuffles():
    turn = np.linalg.qr(RNG.normal(size=(2, 2)))[0]
    np.testing.assert_allclose(stability([MAP, 2 * MAP @ turn - 3, -MAP]).value, 1)
    assert stability([MAP, MAP[RNG.permutation(60)]]).value < 0.2
