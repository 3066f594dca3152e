"""The three-level map: it abstains where the sign is chance, and its certificate holds where truth can be computed."""

import numpy as np
import pytest
import torch
from scipy.stats import norm
from torch import nn

from mien.core.errors import InputError
from mien.explain.explain import explain
from tests.explain.nets import linear

torch.set_num_threads(1)
RNG = np.random.default_rng(8)
PICTURES = RNG.uniform(size=(3, 1, 8, 8)).astype(np.float32)


class Ripple(nn.Module):
    """Waves much shorter than the noise: the gradient's sign at a noisy copy is a coin."""

    def forward(self, x):
        return torch.cos(x.flatten(1) * 300).sum(dim=1)


class Square(nn.Module):
    def forward(self, x):
        return (x**2).sum(dim=1) / 2


WEIGHTS = np.where(RNG.uniform(size=64) < 0.5, -1.0, 1.0) * RNG.uniform(0.5, 2, size=64)


@pytest.mark.parametrize("of", ["saliency", "integrated-gradients", "deeplift", "gradient-shap"])
def test_nothing_is_abstained_on_a_strong_linear_model(of):
    # One baseline far outside keeps the sign of weight times change the same under all noise.
    baselines = None if of == "saliency" else np.full((1, 8, 8), -9, np.float32)
    settings = {"baselines": baselines, "noise": 0.1}
    found = explain(linear(WEIGHTS[None]), PICTURES, method="smoothed-sign", of=of, **settings)
    np.testing.assert_array_equal(found.values, np.broadcast_to(np.sign(WEIGHTS).reshape(1, 8, 8), found.values.shape))
    assert (found.columns["abstained"] == 0).all() and (found.columns["between"] == 0).all()
    # All 100 copies agree: what 100 of 100 votes certify at this alpha.
    p1 = (0.001 / 6) ** (1 / 100)
    np.testing.assert_allclose(found.columns["radius"], 0.1 / 2 * (norm.ppf(p1) - norm.ppf(1 - p1)), rtol=1e-6)


def test_nearly_everything_is_abstained_where_the_sign_is_chance():
    found = explain(Ripple(), PICTURES, method="smoothed-sign", of="saliency", threshold=0.0)
    assert (found.columns["abstained"] > 0.98).all() and np.abs(np.nan_to_num(found.values)).mean() < 0.02
    assert set(found.status) <= {"ok", "constant", "abstained"}  # an answer, not a network without slope


def known(**settings):
    """400 numbers in four features of range 1, whose gradient is the number itself."""
    x = RNG.uniform(-0.5, 0.5, size=(100, 4)).astype(np.float32)
    x[0], x[1] = -0.5, 0.5
    fixed = {"noise": 0.25, "of": "saliency"}
    return x, explain(Square(), x, method="smoothed-sign", **fixed, **settings)


def test_the_certificate_never_promises_more_than_is_true_and_comes_close():
    """The vote for + has probability Phi(x / s), so the true radius is |x|."""
    x, found = known(threshold=0.0, n_samples=4000, gives="radius", alpha=0.05)
    assert (np.abs(found.values) <= np.abs(x)).mean() >= 0.95
    far = (np.abs(x) > 0.1) & (np.abs(x) < 0.45)
    assert (np.sign(found.values) == np.sign(x))[far].all()
    assert (np.abs(found.values) > 0.8 * np.abs(x) - 0.01)[far].all()
    # At the edge of the certified ball the same vote still is the most probable one.
    edge = x - found.values
    assert (norm.cdf(np.sign(found.values) * edge / 0.25)[found.values != 0] >= 0.5 - 1e-9).mean() >= 0.95


def test_more_copies_certify_more():
    shares = [known(threshold=0.0, n_samples=n)[1].columns["abstained"].mean() for n in (30, 200, 2000)]
    assert shares[0] > shares[1] > shares[2]


def test_what_is_certified_to_be_small_is_no_abstention():
    x, found = known(threshold=0.9)
    limit = 0.9 * np.abs(x).max(axis=1, keepdims=True)
    assert found.columns["between"].mean() > 0.3
    assert (found.values[np.abs(x) < limit - 0.25] == 0).all()


def test_the_trimmed_mean_is_near_the_gradient_and_its_error_is_told():
    x, found = known(gives="mean", trim=0.1, n_samples=400)
    distance = (found.values - x) / found.standard_error
    assert np.sqrt(np.mean(distance**2)) == pytest.approx(1, abs=0.15)
    np.testing.assert_allclose(found.standard_error, 0.25 / np.sqrt(400) * np.sqrt(1 / 0.943), rtol=0.15)


def test_the_trimmed_mean_is_deaf_to_wild_copies():
    class Wild(nn.Module):
        """Slope 1, but 1000 where the input passes a line that few copies pass."""

        def forward(self, x):
            return (x + 1000 * torch.relu(x - 1.03)).sum(dim=1)

    x = np.full((1, 64), 0.5, np.float32).reshape(1, 1, 8, 8)
    x[0, 0, 0, 0], x[0, 0, 7, 7] = 0, 1
    model = nn.Sequential(nn.Flatten(), Wild())
    settings = {"method": "smoothed-sign", "of": "saliency", "gives": "mean", "n_samples": 200}
    plain, trimmed = (explain(model, x, trim=t, **settings).values[0, 0, 3, 3] for t in (0.0, 0.1))
    assert trimmed == pytest.approx(1, abs=1e-5) and plain > 5


def test_undefined_copies_are_told_not_voted_away():
    class Log(nn.Module):
        def forward(self, x):
            return torch.log(x.flatten(1)).sum(dim=1) + torch.sqrt(x.flatten(1)).sum(dim=1)

    found = explain(Log(), PICTURES, method="smoothed-sign", of="integrated-gradients")
    assert set(found.status) == {"non-finite"}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"gives": "sign"}, "'levels', 'mean' or 'radius'"),
        ({"noise": 0.0}, "noise is above 0"),
        ({"trim": 0.5}, "below 0.5"),
        ({"alpha": 0.0}, "between 0 and 1"),
        ({"threshold": 1.0}, "below 1"),
        ({"of": "occlusion"}, "follows gradients"),
    ],
)
def test_bad_settings_are_named(settings, message):
    with pytest.raises(InputError, match=message):
        explain(linear(WEIGHTS[None]), PICTURES, method="smoothed-sign", **settings)
