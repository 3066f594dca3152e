"""Shapley values against enumeration of orders, Captum and the axioms."""

from itertools import permutations

import numpy as np
import pytest
import torch
from captum.attr import KernelShap

from mien.core.errors import InputError
from mien.explain.explain import explain
from mien.explain.perturb.coalitions import balanced_subsets, hadamard_rows, kernel_subsets, regression

torch.set_num_threads(1)
RNG = np.random.default_rng(11)
TABLE = RNG.normal(size=(3, 5)).astype(np.float32)
WIDE = RNG.normal(size=(2, 13)).astype(np.float32)
MATRIX = RNG.normal(size=(13, 13))
BOTH = pytest.mark.parametrize("method", ["kernel-shap", "permutation-shap"])


def game(values):
    return values[:, 0] * values[:, 1] - np.exp(values[:, 2]) * values[:, 3] + 0 * values[:, 4]


def wide_game(values):
    return np.einsum("ni,ij,nj->n", values, MATRIX, values) + 4 * np.tanh(values.sum(axis=1))


def by_orders(function, row, instead):
    """The definition: mean change over all orders."""
    values, orders = np.zeros(len(row)), list(permutations(range(len(row))))
    for order in orders:
        shown = instead.copy()
        before = function(shown[None])[0]
        for unit in order:
            shown[unit] = row[unit]
            after = function(shown[None])[0]
            values[unit] += (after - before) / len(orders)
            before = after
    return values


@BOTH
def test_few_units_get_their_exact_values(method):
    found = explain(game, TABLE, method=method, batch_size=11)
    for row, values in zip(TABLE.astype(float), found.values, strict=True):
        np.testing.assert_allclose(values, by_orders(game, row, TABLE.mean(axis=0, dtype=float)), atol=1e-5)
    np.testing.assert_allclose(found.values[:, 4], 0, atol=1e-6)  # a dummy gets nothing
    assert (found.standard_error == 0).all()
    np.testing.assert_allclose(found.gap, 0, atol=1e-6)
    assert (found.columns["passes"] == 32).all()


@BOTH
def test_additive_models_are_exact_from_few_passes(method):
    weight = RNG.normal(size=(4, 68, 2))
    clips = RNG.normal(size=(2, 4, 68, 2)).astype(np.float32)

    def additive(values):
        return (np.sin(values) * weight).sum(axis=(1, 2, 3))

    found = explain(additive, clips, method=method, n_samples=300, fill="zero")
    np.testing.assert_allclose(found.values.sum(axis=(1, 3)), (np.sin(clips) * weight).sum(axis=(1, 3)), atol=2e-5)
    np.testing.assert_allclose(found.standard_error, 0, atol=1e-5)
    np.testing.assert_allclose(found.gap, 0, atol=1e-4)


@BOTH
def test_sampled_values_are_right_within_true_standard_errors(method):
    exact = explain(wide_game, WIDE, method=method, n_samples=2**13, fill="zero")
    assert (exact.columns["passes"] == 2**13).all()
    runs = [explain(wide_game, WIDE, method=method, n_samples=400, fill="zero", seed=s) for s in range(60)]
    values = np.stack([run.values for run in runs])
    spread = values.std(axis=0, ddof=1)
    reported = np.sqrt(np.mean([run.standard_error**2 for run in runs], axis=0))
    assert np.sqrt((reported**2).mean()) == pytest.approx(np.sqrt((spread**2).mean()), rel=0.15)
    z = (values.mean(axis=0) - exact.values) / (spread / 60**0.5)
    assert np.abs(z).max() < 4.5
    for run in runs[:3]:
        np.testing.assert_allclose(run.gap, 0, atol=1e-5)


def test_both_methods_agree_on_segments_of_pictures():
    pictures = RNG.random((2, 3, 12, 12)).astype(np.float32)
    segments = np.arange(144).reshape(12, 12) // 18  # 8 stripes

    def model(values):
        return np.tanh(values[:, :, :6].mean((1, 2, 3))) * values[:, :, 6:].mean((1, 2, 3))

    kernel, orders = (
        explain(model, pictures, method=m, segments=segments) for m in ("kernel-shap", "permutation-shap")
    )
    np.testing.assert_allclose(kernel.values, orders.values, atol=1e-6)
    one_each = [kernel.values[0, 0][segments == s][0] for s in range(8)]
    filled = np.broadcast_to(pictures.mean((2, 3), keepdims=True), pictures.shape)
    assert sum(one_each) == pytest.approx(float(model(pictures)[0] - model(filled)[0]), abs=1e-6)


def test_captums_kernel_shap_agrees():
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(5, 8), torch.nn.Tanh(), torch.nn.Linear(8, 1)).eval()
    ours = explain(net, TABLE[:1], method="kernel-shap", fill="zero")
    theirs = KernelShap(net).attribute(torch.from_numpy(TABLE[:1]), n_samples=3000)
    np.testing.assert_allclose(ours.values, theirs.detach(), atol=0.02)


@pytest.mark.parametrize(("units", "pairs"), [(7, 20), (8, 500), (12, 60), (60, 400)])
def test_kernel_subsets_have_the_kernels_mass(units, pairs):
    subsets, complete, weights, rest = kernel_subsets(np.random.default_rng(0), units, pairs)
    assert len(np.unique(subsets[:complete], axis=0)) == complete
    assert weights.sum() + rest == pytest.approx(1)
    size = subsets[:complete].sum(axis=1)
    kernel = 1 / (np.arange(1, units) * (units - np.arange(1, units)))
    for own in np.unique(size):
        share = kernel[own - 1] * (1 if 2 * own == units else 2) / kernel.sum()
        assert weights[size == own].sum() == pytest.approx(share)
    assert ((subsets.sum(axis=1) > 0) & (subsets.sum(axis=1) <= units // 2)).all()


def test_the_constrained_regression_is_the_textbooks():
    """Against the solution with a Lagrange multiplier."""
    subsets, outputs, weight, change = RNG.random((40, 6)) < 0.5, RNG.normal(size=40), RNG.random(40), 1.7
    a = (subsets * weight[:, None]).T @ subsets.astype(float)
    system = np.block([[a, np.ones((6, 1))], [np.ones((1, 6)), np.zeros((1, 1))]])
    wanted = np.linalg.solve(system, np.append(subsets.T @ (weight * outputs), change))[:6]
    np.testing.assert_allclose(regression(subsets, outputs, weight, change, 0).values, wanted, atol=1e-9)


@BOTH
def test_batch_is_single_seeds_decide_and_tolerance_is_honoured(method):
    settings = {"method": method, "n_samples": 300, "fill": "zero"}
    whole = explain(wide_game, WIDE, batch_size=7, **settings)
    np.testing.assert_allclose(whole.values[:1], explain(wide_game, WIDE[:1], **settings).values, atol=1e-5)
    assert not np.allclose(whole.values, explain(wide_game, WIDE, seed=1, **settings).values)
    early = explain(wide_game, WIDE, method=method, n_samples=8000, fill="zero", tolerance=0.1)
    relative = np.sqrt((early.standard_error**2).mean(axis=1) / (early.values**2).mean(axis=1))
    assert (relative <= 0.1).all()
    assert (early.columns["passes"] < 8000).all()


@BOTH
def test_too_few_passes_and_odd_models(method):
    with pytest.raises(InputError, match="13 units need n_samples of at least"):
        explain(wide_game, WIDE, method=method, n_samples=20, fill="zero")
    flat = explain(lambda v: np.ones(len(v)), WIDE, method=method, n_samples=200, fill="zero")
    assert list(flat.status) == ["constant"] * 2
    broken = explain(lambda v: np.where(v[:, 0] == 0, np.nan, 1.0), TABLE, method=method, fill="zero")
    assert list(broken.status) == ["non-finite"] * 3


def test_values_that_stop_at_a_tolerance_cover_the_truth_within_their_error():
    """The first look was after few orders, when one in five intervals missed; rows are independent draws."""
    rows = np.repeat(WIDE[:1], 60, axis=0)
    settings = {"method": "permutation-shap", "fill": "zero"}
    truth = explain(wide_game, rows[:1], n_samples=30_000, **settings).values[0]
    found = explain(wide_game, rows, tolerance=0.9, **settings)
    assert (found.columns["passes"] == 10 * 24 + 2).all()
    assert (np.abs(found.values - truth) <= 1.96 * found.standard_error).mean() > 0.92


@pytest.mark.parametrize("units", [1, 2, 3, 5, 12, 25, 44, 101])
def test_balanced_subsets_show_any_three_units_together_equally_often(units):
    columns = 2.0 * hadamard_rows(units) - 1
    np.testing.assert_array_equal(columns.T @ columns, len(columns) * np.eye(columns.shape[1]))
    block = 2 * len(columns)
    kept = balanced_subsets(np.random.default_rng(3), 2 * block + 5, units)
    assert kept.shape == (2 * block + 5, units)
    np.testing.assert_array_equal(kept[0 : 2 * block : 2], ~kept[1 : 2 * block : 2])
    for part in (kept[:block], kept[block : 2 * block]):
        assert (part.sum(axis=0) * 2 == block).all()
        for some in ([0, 1], [0, 1, 2]):
            if units > some[-1]:
                together = 2.0 ** len(some) * part[:, some].all(axis=1).mean()
                assert together == 1.0
