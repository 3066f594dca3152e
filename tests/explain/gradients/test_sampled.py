"""Expected gradients, SmoothGrad and VarGrad: unbiased, with honest errors, as Captum's; precise when asked."""

import warnings

import numpy as np
import pytest
import torch
from captum.attr import GradientShap, NoiseTunnel, Saliency
from torch import nn

from mien.core.errors import InputError
from mien.explain.explain import explain
from mien.explain.perturb.sampling import t_factor
from tests.explain.nets import Gap, linear, made, mlp

torch.set_num_threads(1)
RNG = np.random.default_rng(6)
TABLE = RNG.normal(size=(5, 4)).astype(np.float32)
BASE = RNG.normal(size=(3, 4)).astype(np.float32)
PICTURES = RNG.normal(size=(3, 3, 16, 16)).astype(np.float32)


class Square(nn.Module):
    """Sum of squares: the gradient of each value is twice the value."""

    def forward(self, x):
        return (x.flatten(1) ** 2).sum(dim=1)


def smooth():
    torch.manual_seed(3)
    return nn.Sequential(nn.Linear(4, 24), nn.Tanh(), nn.Linear(24, 1))


def test_a_linear_model_gets_exactly_weight_times_change_without_error():
    weights = RNG.normal(size=(1, 4)).astype(np.float32)
    found = explain(linear(weights), TABLE, method="gradient-shap", baselines=BASE[:2], n_samples=8)
    np.testing.assert_allclose(found.values, weights * (TABLE - BASE[:2].mean(axis=0)), atol=1e-5)
    np.testing.assert_allclose(found.gap, 0, atol=1e-5)
    one = explain(linear(weights), TABLE, method="gradient-shap", baselines="zero", n_samples=2)
    np.testing.assert_allclose(one.values, weights * TABLE, atol=1e-5)
    np.testing.assert_allclose(one.standard_error, 0, atol=1e-6)


@pytest.mark.parametrize(("n_samples", "noise"), [(7, 0.0), (24, 0.0), (96, 0.0), (24, 0.1)])
def test_expected_gradients_are_unbiased_and_their_error_is_honest(n_samples, noise):
    network, settings = smooth(), {"method": "gradient-shap", "baselines": BASE, "noise": noise}
    exact = explain(network, TABLE, baselines=BASE, n_steps=64).values
    if noise:
        exact = explain(network, TABLE, n_samples=30000, seed=99, **settings).values
    runs = [explain(network, TABLE, n_samples=n_samples, seed=seed, **settings) for seed in range(60)]
    errors = np.stack([run.values - exact for run in runs])
    bias = errors.mean(axis=0) / (errors.std(axis=0) / np.sqrt(60))
    assert np.sqrt(np.mean(bias**2)) < 1.5  # 1 where there is none
    told = np.sqrt(np.mean(np.stack([run.standard_error for run in runs]) ** 2, axis=0))
    told /= t_factor(n_samples // 6 * 3)  # widened for few strata, so that 1.96 of them cover
    # Where four strata of a baseline bend much, that may be a jump: errors are told wider then, never smaller.
    assert (0.7 if n_samples == 24 else 0.8) < np.sqrt(np.mean(errors**2)) / np.sqrt(np.mean(told**2)) < 1.25


def test_strata_beat_captums_independent_draws_by_far():
    network = smooth()
    exact = explain(network, TABLE, baselines=BASE).values
    ours, theirs = [], []
    reference = GradientShap(network)
    for seed in range(20):
        ours.append(explain(network, TABLE, method="gradient-shap", baselines=BASE, n_samples=48, seed=seed).values)
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002  Captum draws from the global state
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = reference.attribute(torch.from_numpy(TABLE), torch.from_numpy(BASE), n_samples=48, target=0)
        theirs.append(found.detach().numpy())
    # The same mean, within four of Captum's standard errors.
    spread = np.std(theirs, axis=0) / np.sqrt(20)
    assert (np.abs(np.mean(ours, axis=0) - np.mean(theirs, axis=0)) < 4 * spread + 1e-4).all()
    assert 10 * np.sqrt(np.mean((np.stack(ours) - exact) ** 2)) < np.sqrt(np.mean((np.stack(theirs) - exact) ** 2))


@pytest.mark.parametrize("method", ["gradient-shap", "smoothgrad"])
def test_a_tolerance_is_kept_with_as_few_passes_as_it_takes(method):
    settings = {"method": method, "n_samples": 9000, **({"baselines": BASE} if method == "gradient-shap" else {})}
    coarse, fine = (explain(smooth(), TABLE, tolerance=t, **settings) for t in (0.1, 0.005))
    for found, tolerance in ((coarse, 0.1), (fine, 0.005)):
        reached = np.sqrt((found.standard_error**2).mean(axis=1) / (found.values**2).mean(axis=1))
        assert (reached <= tolerance).all() and (found.columns["passes"] < 9000).all()
    # The first look, below which no error is trusted, suffices for some rows at both tolerances.
    passes, more = coarse.columns["passes"], fine.columns["passes"]
    assert (passes <= more).all() and (passes < more).sum() >= 3
    assert (explain(smooth(), TABLE, **settings).columns["passes"] == 9000).all()


def test_smoothgrad_and_vargrad_of_a_square_are_known():
    """The gradient 2 (x + s e) has mean 2 x and variance 4 s^2, with s = noise x range of each feature."""
    spread = 0.2 * np.ptp(TABLE, axis=0)
    mean = explain(Square(), TABLE, method="smoothgrad", noise=0.2, n_samples=2000)
    assert (np.abs(mean.values - 2 * TABLE) < 4 * mean.standard_error).all()
    np.testing.assert_allclose(mean.standard_error, np.broadcast_to(2 * spread / np.sqrt(2000), (5, 4)), rtol=0.1)
    variance = explain(Square(), TABLE, method="vargrad", noise=0.2, n_samples=2000)
    expected = np.broadcast_to(4 * spread**2, (5, 4))
    assert (np.abs(variance.values - expected) < 4 * variance.standard_error).all()
    np.testing.assert_allclose(variance.standard_error, expected * np.sqrt(2 / 1999), rtol=0.2)


def test_the_noise_of_a_picture_is_a_share_of_its_own_range():
    pictures = PICTURES[:, :1] * np.float32([1, 10, 0.1]).reshape(3, 1, 1, 1)
    found = explain(Square(), pictures, method="vargrad", noise=0.1)
    ranges = np.ptp(pictures.reshape(3, -1), axis=1)
    np.testing.assert_allclose(found.values.mean(axis=(1, 2, 3)), 4 * (0.1 * ranges) ** 2, rtol=0.05)


@pytest.mark.parametrize(("method", "kind"), [("smoothgrad", "smoothgrad"), ("vargrad", "vargrad")])
def test_captums_noise_tunnel_agrees(method, kind):
    network = made(Gap)
    found = explain(network, PICTURES[:1], method=method, target=1, noise=0.1, n_samples=600)
    torch.manual_seed(0)
    spread = 0.1 * float(np.ptp(PICTURES[0]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = NoiseTunnel(Saliency(network)).attribute(
            torch.from_numpy(PICTURES[:1]), nt_type=kind, nt_samples=600, stdevs=spread, target=1, abs=False
        ).detach().numpy()  # fmt: skip
    distance = np.abs(found.values - expected) / (found.standard_error * np.sqrt(2) + 1e-30)
    assert 0.8 < np.sqrt(np.mean(distance**2)) < 1.25


def test_any_method_can_be_smoothed_with_its_own_settings():
    network = smooth()
    smoothed = explain(
        network, TABLE, method="smoothgrad", of="ig", of_settings="n_steps=16", baselines=BASE, noise=1e-6, n_samples=4
    )
    plain = explain(network, TABLE, method="integrated-gradients", n_steps=16, baselines=BASE)
    np.testing.assert_allclose(smoothed.values, plain.values, atol=1e-5)
    assert smoothed.settings["of"] == "integrated-gradients" and smoothed.settings["of_settings"]["n_steps"] == 16


def test_a_linear_model_has_variance_zero_and_that_is_an_answer():
    found = explain(linear(np.ones((1, 4))), TABLE, method="vargrad")
    assert set(found.status) == {"constant"} and (found.values == 0).all()


@pytest.mark.parametrize(
    ("method", "settings", "message"),
    [
        ("gradient-shap", {"n_samples": 1}, "at least 2"),
        ("gradient-shap", {"noise": -0.1}, "0 or more"),
        ("gradient-shap", {"tolerance": 0.0}, "above 0"),
        ("smoothgrad", {"of": "grad-cam"}, "follows gradients"),
        ("smoothgrad", {"of": "smoothgrad"}, "but got 'smoothgrad'"),
        ("smoothgrad", {"of": "integrated-gradients", "of_settings": "steps=3"}, "no setting 'steps'"),
        ("vargrad", {"noise": float("nan")}, "0 or more"),
    ],
)
def test_bad_settings_are_named(method, settings, message):
    with pytest.raises(InputError, match=message):
        explain(made(mlp, inside=4), TABLE, method=method, target=0, **settings)
