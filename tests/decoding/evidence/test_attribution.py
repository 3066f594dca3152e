"""SHAP values of linear scores and trees are exact; patterns show where weights mislead; permutation costs skill."""

import numpy as np
import pytest

from mien.decoding.evidence.attribution import activation_pattern, linear_shap, permuted_cost, strongest_correlation
from mien.decoding.evidence.cells import PERMUTATION, SHAP, WEIGHTS, FoldDecoder, Rows, cell_maps, over_units, skills


def test_linear_values_add_up_and_are_those_of_all_coalitions() -> None:
    rng = np.random.default_rng(0)
    coef, rows, reference = rng.normal(size=(2, 3)), rng.normal(size=(4, 3)), rng.normal(size=(50, 3))
    values = linear_shap(coef, rows, reference)
    np.testing.assert_allclose(values.sum(axis=2), coef @ (rows - reference.mean(axis=0)).T)
    # Shapley's value of one column: what it brings beside every other set of columns, whose rest is as in training.
    brought = []
    for others in ([], [1], [2], [1, 2]):
        both = [np.where(np.isin(np.arange(3), [*others, *add]), rows[0], reference) @ coef[0] for add in ([0], [])]
        brought.append((both[0] - both[1]).mean())
    assert values[0, 0, 0] == pytest.approx(brought[0] / 3 + brought[1] / 6 + brought[2] / 6 + brought[3] / 3)


def test_a_suppressor_has_weight_but_no_pattern() -> None:
    rng = np.random.default_rng(1)
    signal, noise = rng.normal(size=20_000), rng.normal(size=20_000)
    rows = np.column_stack([signal + noise, noise])
    pattern = activation_pattern(np.array([[1.0, -1.0]]), rows)[0]
    assert pattern[0] == pytest.approx(1, abs=0.03) and abs(pattern[1]) < 0.03
    assert strongest_correlation(rows) == pytest.approx([0.5**0.5] * 2, abs=0.02)


def test_pattern_of_one_target_is_that_of_haufe() -> None:
    rng = np.random.default_rng(2)
    rows, coef = rng.normal(size=(300, 5)) @ rng.normal(size=(5, 5)), rng.normal(size=(1, 5))
    theirs = np.cov(rows.T) @ coef[0] / np.var(rows @ coef[0], ddof=1)
    np.testing.assert_allclose(activation_pattern(coef, rows)[0], theirs)


def test_permuting_costs_what_a_column_brings() -> None:
    rng = np.random.default_rng(3)
    y = np.repeat([0.0, 1.0], 40)[:, None]
    rows = np.column_stack([y[:, 0] + 0.01 * rng.normal(size=80), rng.normal(size=80)])
    cost = permuted_cost(lambda s: skills(s, y, True), lambda x: x[:, :1], rows, 20, rng)
    assert cost[0, 0] == pytest.approx(0.5, abs=0.07) and cost[0, 1] == 0


def test_trees_values_add_up_to_the_raw_score() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    from mien.decoding.evidence.attribution import tree_shap

    rng = np.random.default_rng(4)
    x = rng.normal(size=(120, 4))
    y = (x[:, 0] > 0).astype(int) + (x[:, 1] > 0)
    settings = {"objective": "multiclass", "num_class": 3, "verbosity": -1, "num_threads": 1, "num_leaves": 4}
    model = lightgbm.train(settings, lightgbm.Dataset(x, y), 5)
    values = tree_shap(model.model_to_string(), x[:10])
    whole = model.predict(x[:10], raw_score=True) - model.predict(x[:10], pred_contrib=True).reshape(10, 3, 5)[:, :, -1]
    np.testing.assert_allclose(values.sum(axis=2).T, whole, atol=1e-9)


def test_sampled_methods_agree_with_the_exact_one() -> None:
    pytest.importorskip("torch")
    from mien.decoding.evidence.attribution import sampled

    rng = np.random.default_rng(5)
    coef, rows, reference = rng.normal(size=(2, 4)), rng.normal(size=(3, 4)), rng.normal(size=(30, 4))
    exact = linear_shap(coef, rows, reference)
    np.testing.assert_allclose(sampled("kernel-shap", lambda x: x @ coef.T, rows, reference, 2, 0), exact, atol=1e-4)
    lime = sampled("lime", lambda x: x @ coef.T, rows, reference, 2, 0)
    assert np.corrcoef(lime.ravel(), exact.ravel())[0, 1] > 0.95


def test_cells_are_runs_of_viewers_and_each_row_counts_once() -> None:
    rng = np.random.default_rng(6)
    x, y, cell = rng.normal(size=(12, 3)), np.tile([1.0, 0, 0], 4)[:, None], np.repeat([0, 1], 6)
    coef = rng.normal(size=(1, 3))
    rows = Rows(x, y, cell, True)
    halves = [np.arange(0, 4), np.arange(4, 12)]  # the first cell is held out in two parts
    folds = [FoldDecoder(lambda v: v @ coef.T, coef, None, np.arange(12), test) for test in halves]
    maps = cell_maps(rows, folds, SHAP)
    values = coef[0] * (x - x.mean(axis=0))
    np.testing.assert_allclose(maps["amount"][0, 0], np.abs(values[:6]).mean(axis=0))
    there = y[:6, 0] > 0
    np.testing.assert_allclose(maps["difference"][0, 0], values[:6][there].mean(0) - values[:6][~there].mean(0))
    np.testing.assert_allclose(cell_maps(rows, folds, WEIGHTS)["weights"], np.broadcast_to(coef, (2, 1, 3)))
    assert cell_maps(rows, folds, PERMUTATION)["loss"].shape == (2, 1, 3)
    np.testing.assert_allclose(over_units(maps["amount"], np.array([0, 0]), 1)[0], maps["amount"].mean(axis=0))
