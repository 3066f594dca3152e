"""Occlusion against exact answers, Captum's and planted regions."""

import numpy as np
import pytest
import torch
from captum.attr import FeatureAblation, Occlusion

from mien.core.errors import InputError
from mien.explain.explain import explain

torch.set_num_threads(1)
RNG = np.random.default_rng(6)
PICTURES = RNG.random((2, 3, 18, 22)).astype(np.float32)
CLIPS = RNG.normal(size=(3, 4, 68, 2)).astype(np.float32)


def net() -> torch.nn.Module:
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.Tanh(), torch.nn.Flatten(), torch.nn.Linear(4 * 320, 2)
    ).eval()


@pytest.mark.parametrize(("window", "stride"), [(6, 6), (5, 3), (7, 2), (1, 1)])
def test_windows_are_captums(window, stride):
    model = net()
    ours = explain(model, PICTURES, target=1, method="occlusion", window=window, stride=stride, fill="zero")
    theirs = Occlusion(model).attribute(
        torch.from_numpy(PICTURES), (3, window, window), (3, stride, stride), target=1, baselines=0
    )
    np.testing.assert_allclose(ours.values[:, 0], theirs[:, 0].detach(), atol=2e-5)


def test_leaving_regions_out_is_captums_feature_ablation():
    model, segments = net(), RNG.integers(0, 4, size=(2, 18, 22))
    ours = explain(model, PICTURES, target=0, method="leave-one-region-out", segments=segments, fill="zero")
    theirs = FeatureAblation(model).attribute(
        torch.from_numpy(PICTURES), target=0, feature_mask=torch.from_numpy(segments)[:, None].expand(-1, 3, -1, -1)
    )
    np.testing.assert_allclose(ours.values[:, 0], theirs[:, 0].detach(), atol=2e-5)


def test_a_linear_model_of_landmarks_gets_weight_times_change_summed_per_point():
    weight = RNG.normal(size=CLIPS.shape[1:])

    def linear(values):
        return (values * weight).sum(axis=(1, 2, 3))

    found = explain(linear, CLIPS, method="occlusion")
    exact = (weight * (CLIPS - CLIPS.mean(axis=0))).sum(axis=(1, 3))
    np.testing.assert_allclose(found.values.sum(axis=(1, 3)), exact, atol=1e-4)
    assert np.ptp(found.values, axis=(1, 3)).max() == 0  # shared equally among a point's elements
    regions = explain(linear, CLIPS, method="leave-one-region-out")
    np.testing.assert_allclose(regions.values.sum(axis=(1, 2, 3)), exact.sum(axis=1), atol=1e-4)
    assert (regions.columns["passes"] < 20).all()


def test_features_of_an_additive_model_are_exact_for_any_batch():
    table = RNG.normal(size=(9, 3)).astype(np.float32)

    def additive(values):
        return np.sin(values[:, 0]) + values[:, 1] ** 2

    found = explain(additive, table, method="occlusion", fill="zero", batch_size=4)
    np.testing.assert_allclose(
        found.values, np.stack([np.sin(table[:, 0]), table[:, 1] ** 2, 0 * table[:, 2]], 1), atol=1e-6
    )
    np.testing.assert_array_equal(found.values, explain(additive, table, method="occlusion", fill="zero").values)
    np.testing.assert_allclose(
        found.values[:1], explain(additive, table[:1], method="occlusion", fill="zero").values, atol=1e-6
    )


@pytest.mark.parametrize("fill", ["zero", "mean", "blur", "inpaint", "segment mean", "training mean"])
def test_only_the_planted_square_has_evidence(fill):
    pictures = RNG.random((2, 1, 24, 24)).astype(np.float32)

    def square(values):
        return 3 * (values[:, 0, 8:12, 8:12] ** 2).mean(axis=(1, 2))

    found = explain(square, pictures, method="occlusion", window=4, stride=4, fill=fill)
    inside = np.zeros((24, 24), bool)
    inside[8:12, 8:12] = True
    assert (found.values[:, 0, ~inside] == 0).all()
    assert (np.abs(found.values[:, 0, inside]) > 1e-4).all()
    assert found.settings["fill"] == fill


def test_odd_models_get_a_status():
    table = RNG.normal(size=(3, 2)).astype(np.float32)
    flat = explain(lambda v: np.zeros(len(v)), table, method="occlusion", fill="zero")
    assert list(flat.status) == ["constant"] * 3
    broken = explain(lambda v: np.where(v[:, 0] == 0, np.nan, 1.0), table, method="occlusion", fill="zero")
    assert list(broken.status) == ["non-finite"] * 3


def test_settings_are_checked():
    with pytest.raises(InputError, match="stride 1 to the window"):
        explain(net(), PICTURES, target=0, method="occlusion", window=4, stride=5)
    with pytest.raises(InputError, match="window and stride are for pictures"):
        explain(lambda v: v[:, 0], RNG.normal(size=(3, 2)), method="occlusion", window=2)
    with pytest.raises(InputError, match="given as an array"):
        explain(net(), PICTURES, target=0, method="leave-one-region-out")
