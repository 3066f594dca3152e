"""The networks against torch's own, with padding, with fewer outputs; the written-out slope against autograd."""

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch.nn import functional

from mien.core.errors import InputError
from mien.models.landmark_nets.model import SequenceModule
from mien.models.landmark_nets.randomised import RandomisedClassifier
from mien.models.landmark_nets.trained import LandmarkNetClassifier
from mien.nets.landmarks import NETWORKS, build_net
from mien.nets.landmarks.base import BETA, FLOOR, SLOW, RandomNet, motion, responses, smooth_summaries, summaries
from mien.nets.landmarks.recurrent import GatedNets, LongMemoryNets

torch.set_num_threads(1)
SIZES = {"components": 6, "filters": 7, "width": 5, "units": 5, "windows": 3, "members": 2}
RANDOM = ("rvfl", "random-tcn", "esn")


def net_of(network, labels=3):
    torch.manual_seed(0)
    net = build_net(labels, {"network": network, **SIZES}).eval()
    if isinstance(net, RandomNet):
        with torch.no_grad():
            net.draw(np.random.default_rng(0), torch.randn(20, 6, 12))
            net.weight.normal_()
    return net


def clips(count=4, frames=12):
    return torch.randn(count, 6, frames, generator=torch.Generator().manual_seed(1))


def test_recurrent_networks_are_those_of_torch():
    x = clips()
    ours = LongMemoryNets(6, 1, units=5, members=1)
    other = torch.nn.LSTM(6, 5, batch_first=True)
    order = torch.tensor([0, 1, 3, 2])  # torch: in, forget, candidate, out
    with torch.no_grad():
        other.weight_ih_l0.copy_(ours.input.weight.reshape(4, 5, 6)[order].reshape(20, 6))
        other.bias_ih_l0.copy_(ours.input.bias.reshape(4, 5)[order].flatten())
        other.bias_hh_l0.zero_()
        other.weight_hh_l0.copy_(ours.recurrent[0].T.reshape(4, 5, 5)[order].reshape(20, 5))
        seen = other(x.transpose(1, 2))[0]
        expected = torch.cat([seen.mean(1), seen[:, -1]], 1) @ ours.weight[0] + ours.bias
        torch.testing.assert_close(ours(x)[:, 0], expected)
        ours, other = GatedNets(6, 1, units=5, members=1), torch.nn.GRU(6, 5, batch_first=True)
        other.weight_ih_l0.copy_(ours.input.weight)
        other.bias_ih_l0.copy_(ours.input.bias)
        other.bias_hh_l0.zero_()
        other.weight_hh_l0.copy_(ours.recurrent[0].T)
        seen = other(x.transpose(1, 2))[0]
        expected = torch.cat([seen.mean(1), seen[:, -1]], 1) @ ours.weight[0] + ours.bias
        torch.testing.assert_close(ours(x)[:, 0], expected)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_part_of_the_outputs_is_that_part(network):
    net, x = net_of(network), clips()
    torch.testing.assert_close(net.outputs([2, 0])(x), net(x)[:, [2, 0]])


@pytest.mark.parametrize("network", ["cnn", "gru", "lstm", "random-tcn", "esn"])
def test_longer_padding_changes_nothing(network):
    net = net_of(network)
    module = SequenceModule(net, torch.randn(20, 6, generator=torch.Generator().manual_seed(2)), masked=True)
    x = torch.randn(3, 12, 10, 3, generator=torch.Generator().manual_seed(3))
    x[..., 2] = 1
    longer = torch.cat([x, torch.zeros(3, 7, 10, 3)], 1)
    torch.testing.assert_close(module(longer), module(x), atol=1e-5, rtol=1e-5)
    bare = SequenceModule(net, module.projection)
    torch.testing.assert_close(module(x), bare(x[..., :2]), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("kind", [LandmarkNetClassifier, RandomisedClassifier])
def test_networks_that_see_all_frames_at_once_refuse_padding(kind):
    values = np.random.default_rng(0).normal(size=(6, 8, 10, 3))
    values[..., 2] = 1
    small = {"network": "mlp", "epochs": 1} if kind is LandmarkNetClassifier else {"network": "rvfl"}
    with pytest.raises(InputError, match="cannot leave out padding"):
        kind(feature_names=("x", "y", "present"), **small).fit(values, np.array(["a", "b"] * 3))


@pytest.mark.parametrize(
    ("quick", "plain"),
    [
        (smooth_summaries, lambda x: summaries(functional.silu(x))),
        (responses, lambda x: responses(x, fused=False)),
    ],
    ids=["summaries", "responses"],
)
def test_the_slope_that_is_written_out_is_that_of_autograd_also_twice(quick, plain):
    x = (2 * torch.randn(3, 4, 9, dtype=torch.double, generator=torch.Generator().manual_seed(0))).requires_grad_()
    torch.testing.assert_close(quick(x), plain(x))
    weights = torch.randn(3, 4, 3, dtype=torch.double)
    (ours,) = torch.autograd.grad((quick(x) * weights).sum(), x)
    (theirs,) = torch.autograd.grad((plain(x) * weights).sum(), x)
    torch.testing.assert_close(ours, theirs)
    assert torch.autograd.gradgradcheck(quick, (x[:1, :2],))


def test_only_the_read_out_of_randomised_networks_is_trained(make_clips):
    rng = np.random.default_rng(0)
    values, y = rng.normal(0, 0.1, (24, 8, 68, 2)).astype(np.float32), np.tile(["a", "b"], 12)
    for network in RANDOM:
        small = {"topology": "ibug-68", "components": 6, "units": 5, "filters": 6, "network": network}
        one, two = (RandomisedClassifier(**small).fit(values, labels) for labels in (y, y[::-1]))
        same = {key for key in one.arrays_ if np.array_equal(one.arrays_[key], two.arrays_[key])}
        assert set(one.arrays_) - same == {"weight", "bias"}
        assert one.parameters_["trained"] == one.arrays_["weight"].size + 2
        assert one.parameters_["frozen"] == sum(one.arrays_[key].size for key in same)


def test_responses_are_the_mean_and_spread_of_tanh_and_the_share_of_time_above_zero():
    x = torch.linspace(-3, 3, 8).reshape(1, 1, 8)
    found = responses(x)[0, 0].numpy()
    active = np.tanh(x.numpy().ravel())
    share = (1 / (1 + np.exp(-BETA * x.numpy()))).mean()
    np.testing.assert_allclose(found, [active.mean(), np.sqrt(active.var() + FLOOR), share], atol=1e-6)
    # Half of these frames are above zero, and so says the smoothed share.
    assert found[2] == pytest.approx(0.5, abs=1e-6)


def test_responses_do_not_see_padding():
    x = clips(3)
    present = torch.zeros(3, 12)
    present[:, :7] = 1
    torch.testing.assert_close(responses(x, present), responses(x[:, :, :7]))


def test_motion_is_mean_spread_and_change_and_does_not_see_padding():
    x = clips(3)
    there = x.numpy()
    expected = np.stack(
        [there.mean(2), np.sqrt(there.var(2) + FLOOR), np.sqrt((np.diff(there) ** 2).mean(2) + SLOW)], -1
    )
    np.testing.assert_allclose(motion(x).numpy(), expected, rtol=1e-5, atol=1e-6)
    present = torch.zeros(3, 12)
    present[:, :7] = 1
    torch.testing.assert_close(motion(x, present), motion(x[:, :, :7]))


@pytest.mark.parametrize("network", NETWORKS)
def test_a_clip_of_one_frame_is_a_clip(network):
    """Pictures and peaks have one frame: random links were left without a change to look at."""
    net = net_of(network)
    one = clips(3, frames=1).requires_grad_()
    found = net(one)
    assert found.shape == (3, 3) and torch.isfinite(found).all()
    (slope,) = torch.autograd.grad(found.sum(), one)
    assert torch.isfinite(slope).all() and slope.abs().sum() > 0


@pytest.mark.parametrize("frames", [1, 2, 7, 12])
@pytest.mark.parametrize("network", ["mlp", *RANDOM])
def test_the_slope_that_a_network_knows_is_that_of_autograd(network, frames):
    """Also where windows of time overlap (7 frames, 3 windows) and where there is no change to look at."""
    net, weights = net_of(network).double(), torch.tensor([1.0, -2.0, 0.5], dtype=torch.double)
    with torch.no_grad():
        first = net.first(2 * clips(3, frames).double())
    # The clip and its mirror image are parts of one tensor: strides are not those of a clip alone.
    first = torch.stack([first, -first], 1)[:, 0].requires_grad_()
    (expected,) = torch.autograd.grad((net.read_out(first).mean(1) @ weights).sum(), first)
    torch.testing.assert_close(net.slope(first.detach(), weights), expected, rtol=1e-9, atol=1e-12)


def test_known_slopes_of_many_clips_do_not_depend_on_how_many_go_together(monkeypatch):
    net, x = net_of("random-tcn"), clips(9)
    with torch.no_grad():
        whole = net.slope(net.first(x), torch.ones(3))
        monkeypatch.setattr("mien.nets.landmarks.slopes._CACHED", 200)
        torch.testing.assert_close(net.slope(net.first(x), torch.ones(3)), whole)
