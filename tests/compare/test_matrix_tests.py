"""Coefficients equal closed forms and rsatoolbox; permutation tests keep their rate, also of few categories and whole
sources; intervals cover; ceilings hold the true model."""

import numpy as np
import pytest
from scipy.stats import kendalltau, spearmanr

pytest.importorskip("rsatoolbox")

from mien.compare.matrix_correlation import correlations, curves_of, residuals, standardised
from mien.compare.matrix_intervals import bounds, matrix_intervals
from mien.compare.matrix_scores import halves_ceiling, matrix_scores, noise_ceiling
from mien.compare.matrix_tests import layer_tests
from mien.compare.pair_orders import compared_pairs, pair_orders


def distances(rng: np.random.Generator, rows: int, features: int = 6) -> np.ndarray:
    x = rng.normal(size=(rows, features))
    return np.linalg.norm(x[:, None] - x, axis=2)


def alone(rows: int) -> np.ndarray:
    return np.array([f"s{i}" for i in range(rows)], dtype=object)


def prepared(matrices: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    return np.stack([standardised(one, pairs) for one in matrices])


def test_coefficients_equal_closed_forms() -> None:
    """Three pairs, worked out by hand: 1-2 and 1-3 agree, 2-3 is a tie of the model, so tau-a is 2/3."""
    layer, model = np.zeros((3, 3)), np.zeros((3, 3))
    upper = np.triu_indices(3, 1)
    layer[upper], model[upper] = [1, 2, 3], [0, 1, 1]
    off = ~np.eye(3, dtype=bool)
    one, other = layer + layer.T, model + model.T
    assert matrix_scores(one[None], other[None], off, "tau-a")[0, 0] == pytest.approx(2 / 3)
    assert matrix_scores(one[None], other[None], off, "spearman")[0, 0] == pytest.approx(np.sqrt(3) / 2)


def test_coefficients_and_tests_equal_scipys_also_where_cells_are_empty() -> None:
    rng = np.random.default_rng(0)
    layers, reference = np.stack([distances(rng, 9) for _ in range(3)]), distances(rng, 9)[None]
    reference[0, 2, 5] = reference[0, 5, 2] = np.nan
    pairs = compared_pairs(alone(9))
    upper = np.triu_indices(9, 1)
    known = np.isfinite(reference[0][upper])
    for layer, score, tau in zip(
        layers, matrix_scores(layers, reference, pairs, "spearman"), matrix_scores(layers, reference, pairs, "tau-a"),
        strict=True,
    ):  # fmt: skip
        x, y = layer[upper][known], reference[0][upper][known]
        assert score[0] == pytest.approx(spearmanr(x, y)[0]) and tau[0] == pytest.approx(kendalltau(x, y)[0])


def test_correlations_in_every_order_are_those_of_moved_matrices() -> None:
    rng = np.random.default_rng(1)
    layers, reference = np.stack([distances(rng, 6) for _ in range(2)]), distances(rng, 6)
    pairs = compared_pairs(alone(6))
    orders, exact = pair_orders(alone(6), 719, 0)
    assert not exact and len(orders) == 720
    x, y = prepared(layers, pairs), prepared(reference[None], pairs)
    found, upper = correlations(x, y, orders[:5]), np.triu_indices(6, 1)
    for order, row in zip(orders[:5], found, strict=True):
        moved = reference[np.ix_(order, order)][upper]
        np.testing.assert_allclose(row, [spearmanr(layer[upper], moved)[0] for layer in layers], atol=1e-10)


def test_what_is_left_owes_nothing_to_the_matrix_that_is_held_constant() -> None:
    rng = np.random.default_rng(1)
    pairs, orders = compared_pairs(alone(9)), pair_orders(alone(9), 99, 0)[0]
    x, y, z = (standardised(distances(rng, 9), pairs) for _ in range(3))
    curves = curves_of(z, pairs)
    left = residuals(x, curves)
    np.testing.assert_allclose([np.nanmean(left * curve) for curve in curves], 0, atol=1e-10)
    # A matrix that is a curve of the third one has nothing left; one that is not says the same as before.
    found = correlations(np.stack([x, z**3]), (y + z**2)[None], orders, z)
    assert np.isnan(found[0, 1]) and found[0, 0] == pytest.approx(correlations(x[None], y[None], orders, z)[0, 0])


def test_all_orders_of_seven_categories_are_enumerated() -> None:
    orders, exact = pair_orders(alone(7), 5040, 0)
    assert exact and orders.shape == (5040, 7) and orders[0].tolist() == list(range(7))
    assert len({tuple(order) for order in orders.tolist()}) == 5040


def test_whole_sources_change_places_and_no_picture_is_compared_with_itself() -> None:
    sources = np.array(["a", "a", "b", "b", "b", "c", "d", "d"], dtype=object)
    pairs = compared_pairs(sources)
    assert not pairs[0, 1] and pairs[0, 2]
    for order in pair_orders(sources, 50, 0)[0]:
        assert len({(sources[i], sources[j]) for i, j in enumerate(order)}) == 4
        i, j = np.nonzero(pairs)
        assert (order[i] != order[j]).all()


def rate(repetitions: int, rows: int, sources: np.ndarray, n_permutations: int, layers: int = 4) -> tuple[float, float]:
    """Share of repetitions in which some layer is found although none is like the reference, alone and corrected."""
    rng = np.random.default_rng(3)
    pairs = compared_pairs(sources)
    orders, _ = pair_orders(sources, n_permutations, 0)
    person = np.unique(sources, return_inverse=True)[1]
    some, corrected = 0, 0
    for _ in range(repetitions):
        # Pictures of one source look alike; layers hang together.
        shared = rng.normal(size=(person.max() + 1, 5))[person] + 0.5 * rng.normal(size=(rows, 5))
        answers = [np.hstack([shared, rng.normal(size=(rows, 3))]) for _ in range(layers)]
        stack = np.stack([np.linalg.norm(x[:, None] - x, axis=2) for x in answers])
        judged = rng.normal(size=(person.max() + 1, 3))[person] + 0.5 * rng.normal(size=(rows, 3))
        reference = np.linalg.norm(judged[:, None] - judged, axis=2)
        found = layer_tests(correlations(prepared(stack, pairs), prepared(reference[None], pairs), orders))
        some += found.p[0] <= 0.05
        corrected += found.p_corrected.min() <= 0.05
    return some / repetitions, corrected / repetitions


def test_a_layer_that_is_not_alike_is_found_in_one_of_twenty_repetitions() -> None:
    """Four standard errors of 300 repetitions; benchmarks/null_rsa.py has 1,000."""
    for rows, sources, n_permutations in (
        (6, alone(6), 720),
        (16, alone(16), 199),
        (18, np.array([f"s{i // 2}" if i < 12 else f"s{i}" for i in range(18)], dtype=object), 199),
    ):
        alone_rate, corrected = rate(300, rows, sources, n_permutations)
        assert alone_rate < 0.05 + 0.05 and corrected < 0.05 + 0.05, (rows, alone_rate, corrected)
        assert corrected > 0


def test_the_planted_layer_is_found_and_the_others_are_not() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(20, 5))
    planted = np.linalg.norm(x[:, None] - x, axis=2)
    noisy = x + 0.7 * rng.normal(size=x.shape)
    reference = np.linalg.norm(noisy[:, None] - noisy, axis=2)
    pairs = compared_pairs(alone(20))
    stack = np.stack([distances(rng, 20), planted, distances(rng, 20)])
    orders, _ = pair_orders(alone(20), 499, 0)
    found = layer_tests(correlations(prepared(stack, pairs), prepared(reference[None], pairs), orders))
    assert found.p_corrected[1] == 1 / 500 and (found.p_corrected[[0, 2]] > 0.05).all()


def test_what_a_third_matrix_explains_is_nothing_when_it_is_held_constant() -> None:
    rng = np.random.default_rng(5)
    kept = np.zeros(2)
    pairs, orders = compared_pairs(alone(20)), pair_orders(alone(20), 99, 0)[0]
    for _ in range(150):
        low = rng.normal(size=(20, 4))
        near = [low + 0.5 * rng.normal(size=low.shape) for _ in range(2)]
        stack = [np.linalg.norm(x[:, None] - x, axis=2) for x in (*near, low)]
        x, y, z = (standardised(one, pairs) for one in stack)
        for number, given in enumerate((None, z)):
            kept[number] += layer_tests(correlations(x[None], y[None], orders, given)).p[0] <= 0.05
    assert kept[0] > 120 and kept[1] < 150 * (0.05 + 0.07)


def test_intervals_equal_rsatoolboxs_dual_bootstrap_and_are_withheld_of_few(monkeypatch: pytest.MonkeyPatch) -> None:
    from rsatoolbox.inference import eval_dual_bootstrap
    from rsatoolbox.model import ModelFixed
    from rsatoolbox.rdm import RDMs

    # Its ceilings take most of the time and are not compared here.
    monkeypatch.setattr("rsatoolbox.inference.evaluate.boot_noise_ceiling", lambda *given, **more: (0.0, 0.0))
    rng = np.random.default_rng(6)
    x = rng.normal(size=(24, 4))
    people = np.stack([x + 0.8 * rng.normal(size=x.shape) for _ in range(8)])
    reference = np.linalg.norm(people[:, :, None] - people[:, None], axis=3)
    layer = np.linalg.norm(x[:, None] - x, axis=2)
    pairs = compared_pairs(alone(24))
    error, freedom = matrix_intervals(prepared(layer[None], pairs), prepared(reference, pairs), alone(24), n_boot=800)
    theirs = eval_dual_bootstrap(ModelFixed("x", RDMs(layer[None])), RDMs(reference), method="spearman", N=150)
    assert error[0] == pytest.approx(np.sqrt(theirs.model_var[0]), rel=0.3) and freedom[0] == 7
    few = pairs[:9, :9]
    short = matrix_intervals(prepared(layer[None, :9, :9], few), prepared(reference[:, :9, :9], few), alone(9))
    assert np.isnan(short[0]).all()
    low, high = bounds(np.array([0.9]), error, freedom)
    assert low[0] < 0.9 <= high[0] <= 1


def test_the_noise_ceiling_holds_the_true_model() -> None:
    rng = np.random.default_rng(7)
    pairs = compared_pairs(alone(16))
    inside, halves = [], []
    for _ in range(15):
        x = rng.normal(size=(16, 5))
        true = np.linalg.norm(x[:, None] - x, axis=2)
        people = true + rng.normal(size=(12, 16, 16)) * 1.5
        people = (people + people.swapaxes(1, 2)) / 2
        score = matrix_scores(true[None], people, pairs, "spearman").mean()
        low, high = noise_ceiling(people, pairs, "spearman")
        inside.append((score - low, high - score))
        orders = [rng.permutation(12) for _ in range(20)]
        parts = np.stack([[people[o[:6]].mean(axis=0), people[o[6:]].mean(axis=0)] for o in orders])
        whole = matrix_scores(true[None], people.mean(axis=0)[None], pairs, "spearman")[0, 0]
        halves.append(whole - np.array(halves_ceiling(parts, pairs, "spearman")))
    below, above = np.mean(inside, axis=0)
    assert below > 0 and above > 0
    # The root of the reliability is what the true matrix reaches; the reliability itself is less.
    assert np.mean(halves, axis=0)[0] > 0 and abs(np.mean(halves, axis=0)[1]) < 0.02
    assert np.isnan(noise_ceiling(people[:1], pairs, "spearman")).all()
