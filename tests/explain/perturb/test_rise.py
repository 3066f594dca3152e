"""RISE against its published definition, written out literally; the same expectation from fewer passes."""

import cv2
import numpy as np
import pytest
import torch

from mien.core.errors import InputError
from mien.explain.explain import explain
from mien.explain.perturb.controlled import CHUNK, _over_folds, controlled_estimate, cross_fitted
from mien.explain.perturb.masks import GridMasks, UnitMasks

torch.set_num_threads(1)
SIDE = 24
PICTURES = np.random.default_rng(3).random((2, 3, SIDE, SIDE)).astype(np.float32)
CPU = torch.device("cpu")


def small_net() -> torch.nn.Module:
    torch.manual_seed(4)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 6, 5, stride=2), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.Linear(6 * 10 * 10, 2)
    )


def planted(values):
    """Only the square of rows 4-9 and columns 12-17 counts, and it has to be bright as a whole."""
    return np.tanh(4 * values[:, :, 4:10, 12:18].mean(axis=(1, 2, 3)))


def literal_masks(grids, shifts, height, width, cells):
    """As in the paper: enlarge to (cells + 1) cells of ceil(side / cells) pixels, crop at the shift."""
    cell = -(-height // cells), -(-width // cells)
    masks = []
    for grid, (y, x) in zip(grids, shifts, strict=True):
        large = cv2.resize(
            grid.astype(np.float32), ((cells + 1) * cell[1], (cells + 1) * cell[0]), interpolation=cv2.INTER_LINEAR
        )
        masks.append(large[y : y + height, x : x + width])
    return np.stack(masks)


@pytest.mark.parametrize(("height", "width", "cells"), [(24, 24, 7), (28, 17, 4), (9, 30, 3)])
def test_masks_are_the_published_ones(height, width, cells):
    masks = GridMasks(height, width, cells, 0.5, CPU)
    masks.draw(np.random.default_rng(1), 30)
    wanted = literal_masks(masks.grids, masks.shifts, height, width, cells)
    np.testing.assert_allclose(masks.at(0, 30).numpy(), wanted.reshape(30, -1), atol=1e-5)
    assert masks.shifts.min() >= 0
    assert (masks.shifts < masks.cell).all()


def test_plain_rise_is_the_published_mean_on_the_same_masks():
    count, cells, p = 300, 5, 0.4
    found = explain(planted, PICTURES, method="rise", sampling="plain", n_samples=count, grid=cells, probability=p)
    for sample, picture in enumerate(PICTURES):
        masks = GridMasks(SIDE, SIDE, cells, p, CPU)
        masks.draw(np.random.default_rng([0, sample]), count)
        total = np.zeros((SIDE, SIDE))
        for mask in literal_masks(masks.grids, masks.shifts, SIDE, SIDE, cells):
            total += planted(picture[None] * mask)[0] * mask
        np.testing.assert_allclose(found.values[sample, 0], total / count / p, atol=1e-5)


def test_covariance_of_masks_is_exact():
    masks = GridMasks(12, 15, 3, 0.5, CPU)
    masks.draw(np.random.default_rng(0), 40_000)
    weights = np.random.default_rng(1).normal(size=masks.features(1).shape[1])
    inner = masks.features(40_000) @ weights
    sampled = (masks.at(0, 40_000).numpy() - 0.5).T @ inner / 40_000
    np.testing.assert_allclose(sampled, masks.carried(weights), atol=6 * inner.std() * 0.5 / 200)


def test_a_model_that_is_linear_in_the_mask_is_known_almost_without_noise():
    weight = np.random.default_rng(5).normal(size=(SIDE, SIDE))

    def linear(values):
        return (values * weight).sum(axis=(1, 2, 3)) + 2

    plain = explain(linear, PICTURES, method="rise", sampling="plain", n_samples=1000)
    ours = explain(linear, PICTURES, method="rise", n_samples=1000)
    # What is left is that the regression sees a lattice, not every pixel.
    assert ours.standard_error.mean() < 0.06 * plain.standard_error.mean()
    for sample, picture in enumerate(PICTURES):
        masks = GridMasks(SIDE, SIDE, 7, 0.5, CPU)
        rows, columns = (
            np.mean([e[s : s + SIDE] @ e[s : s + SIDE].T for s in range(4)], axis=0) for e in masks.enlarge
        )
        through = (picture.sum(axis=0) * weight).astype(np.float64)
        exact = 2 + through.sum() / 2 + 0.25 * (rows @ through @ columns.T) / 0.5
        error = np.sqrt(np.mean((ours.values[sample, 0] - exact) ** 2))
        assert error < 3 * ours.standard_error[sample].mean()


@pytest.mark.parametrize("settings", [{}, {"sampling": "plain"}, {"probability": 0.3}])
def test_both_forms_agree_and_their_standard_errors_are_true(settings):
    """Spread over seeds matches the reported error; the mean over seeds matches many plain passes."""
    net, seeds = small_net(), 24
    runs = [
        explain(net, PICTURES[:1], target=1, method="rise", n_samples=240, seed=s, **settings) for s in range(seeds)
    ]
    values = np.stack([run.values for run in runs])
    reported = np.sqrt(np.mean([run.standard_error**2 for run in runs]))
    assert np.sqrt(values.var(axis=0, ddof=1).mean()) == pytest.approx(reported, rel=0.25)
    many = {"probability": settings.get("probability", 0.5), "sampling": "plain"}
    reference = explain(net, PICTURES[:1], target=1, method="rise", n_samples=20_000, seed=99, **many)
    error = np.sqrt(np.mean((values.mean(axis=0) - reference.values) ** 2))
    assert error < 2.5 * np.sqrt(reported**2 / seeds + (reference.standard_error**2).mean())


def test_complements_and_control_variate_save_most_of_the_passes():
    net = small_net()
    plain = explain(net, PICTURES, target=1, method="rise", sampling="plain", n_samples=3000)
    ours = explain(net, PICTURES, target=1, method="rise", n_samples=1000)
    assert (ours.standard_error**2).mean() < (plain.standard_error**2).mean()


def test_without_a_regression_the_estimate_is_the_paired_mean():
    masks, p = UnitMasks(3, 0.5, CPU), 0.5
    masks.draw(np.random.default_rng(0), 12)  # too few to fit anything
    rng = np.random.default_rng(1)
    outputs, complement = rng.normal(size=12), rng.normal(size=12)
    found = controlled_estimate(masks, outputs, complement, p)
    odd, even = (outputs - complement) / 2, (outputs + complement) / 2
    rest = odd - (odd.sum() - odd) / 11
    terms = even[:, None] + rest[:, None] * (masks.kept - p) / p
    np.testing.assert_allclose(found.values, terms.mean(axis=0), atol=1e-6)
    np.testing.assert_allclose(found.error, terms.std(axis=0, ddof=1) / 12**0.5, rtol=1e-5)


def test_folds_apply_what_they_were_not_fitted_on():
    rng = np.random.default_rng(2)
    features = rng.normal(size=(40, 30))
    noise = rng.normal(size=40)
    weights, rest = cross_fitted(features, noise)
    assert rest.var() > 0.8 * noise.var()  # nothing there to learn, so nothing is explained
    changed = noise.copy()
    changed[0] += 100.0
    _, moved = cross_fitted(features, changed)
    own = np.arange(40) % 5 == 0
    np.testing.assert_allclose((moved - rest)[own][1:], 0, atol=1e-9)
    assert weights.shape == (30,)


@pytest.mark.parametrize("shape", [(3, 5), (2, 4, 6, 2)])
def test_points_and_features_get_the_exact_expectation_of_an_additive_model(shape):
    rng = np.random.default_rng(8)
    values = rng.normal(size=shape).astype(np.float32)
    weight = rng.normal(size=shape[1:])

    def additive(rows):
        return (rows * weight).reshape(len(rows), -1).sum(axis=1)

    found = explain(additive, values, method="rise", fill="zero", n_samples=4000)
    parts = values * weight
    each = parts.sum(axis=(1, 3)) if parts.ndim == 4 else parts
    wanted = each.sum(axis=1, keepdims=True) / 2 + each / 2  # E[f | shown]
    got = found.values.sum(axis=(1, 3)) if parts.ndim == 4 else found.values
    se = found.standard_error.sum(axis=(1, 3)) if parts.ndim == 4 else found.standard_error
    assert (np.abs(got - wanted) < 5 * se + 1e-5).all()


def test_the_planted_square_is_found():
    found = explain(planted, PICTURES, method="rise", n_samples=1000)
    inside = found.values[:, 0, 4:10, 12:18].mean(axis=(1, 2))
    assert (inside > found.values.max(axis=(1, 2, 3)) - 0.5 * np.ptp(found.values, axis=(1, 2, 3))).all()
    assert np.unravel_index(found.values[0, 0].argmax(), (SIDE, SIDE))[1] in range(10, 20)


def test_batch_is_single_and_seeds_decide():
    net = small_net()
    settings = {"target": 0, "method": "rise", "n_samples": 200}
    whole = explain(net, PICTURES, batch_size=7, **settings)
    alone = explain(net, PICTURES[:1], batch_size=200, **settings)
    np.testing.assert_allclose(whole.values[:1], alone.values, atol=1e-5)
    np.testing.assert_array_equal(whole.values, explain(net, PICTURES, batch_size=7, **settings).values)
    assert not np.allclose(whole.values, explain(net, PICTURES, seed=1, **settings).values)


@pytest.mark.parametrize("sampling", ["plain", "controlled"])
def test_stops_at_the_wanted_precision(sampling):
    found = explain(planted, PICTURES, method="rise", sampling=sampling, tolerance=0.05, n_samples=20_000)
    relative = np.sqrt((found.standard_error**2).mean(axis=(1, 2, 3)) / (found.values**2).mean(axis=(1, 2, 3)))
    assert (relative <= 0.05).all()
    assert (found.columns["passes"] < 20_000).all()
    tight = explain(planted, PICTURES, method="rise", sampling=sampling, tolerance=1e-9, n_samples=300)
    assert (tight.columns["passes"] == 300).all()


def test_masks_are_never_all_in_memory(monkeypatch):
    largest = []
    at = GridMasks.at

    def watched(self, start, stop):
        largest.append(stop - start)
        return at(self, start, stop)

    monkeypatch.setattr(GridMasks, "at", watched)
    explain(planted, PICTURES[:1], method="rise", n_samples=2000, batch_size=50)
    assert max(largest) <= max(50, CHUNK)


def test_settings_are_checked():
    with pytest.raises(InputError, match="sampling is 'controlled' or 'plain'"):
        explain(planted, PICTURES, method="rise", sampling="other")
    with pytest.raises(InputError, match="grid is at least 2"):
        explain(planted, PICTURES, method="rise", grid=1)
    with pytest.raises(InputError, match="probability is between 0 and 1"):
        explain(planted, PICTURES, method="rise", probability=1.0)
    with pytest.raises(InputError, match="fill is zero, mean, blur"):
        explain(planted, PICTURES, method="rise", fill="inpaint")
    with pytest.raises(InputError, match="n_samples is at least 4"):
        explain(planted, PICTURES, method="rise", n_samples=3)
    with pytest.raises(InputError, match="tolerance is above 0"):
        explain(planted, PICTURES, method="rise", tolerance=0)


def test_fewer_masks_than_cells_are_fitted_in_their_own_span_with_the_same_answer():
    features, values = (np.random.default_rng(8).normal(size=s) for s in ((30, 80), 30))
    weights, rest = cross_fitted(features, values)
    # The long way: decompositions of features x features.
    direct_weights, direct_rest = _over_folds(features, values, 80)
    np.testing.assert_allclose(weights, direct_weights, atol=1e-8)
    np.testing.assert_allclose(rest, direct_rest, atol=1e-8)
    zero = cross_fitted(np.zeros((30, 80)), values)
    np.testing.assert_array_equal(zero[0], np.zeros(80))


def test_a_grid_finer_than_the_pixels_is_refused():
    picture = np.zeros((1, 3, 8, 12), np.float32)
    with pytest.raises(InputError, match=r"at most the 8 pixels .* but got 9"):
        explain(lambda v: v.reshape(len(v), -1).sum(1), picture, method="rise", grid=9, n_samples=10)
