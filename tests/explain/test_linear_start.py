"""Taking networks apart changes nothing but the time: same outputs, same evidence, and only what is affine."""

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients
from torch import nn

from mien.explain.explain import explain
from mien.explain.split import split_module
from mien.models.landmark_nets.model import LandmarkNet, SequenceModule, mirrored_projection
from mien.nets.landmarks import build_net
from mien.nets.landmarks.perceptron import RandomLinks

torch.set_num_threads(1)
RNG = np.random.default_rng(4)
CLIPS = RNG.normal(size=(4, 12, 68, 2)).astype(np.float32)


def landmark_module(mirror=True):
    torch.manual_seed(0)
    projection = RNG.normal(size=(136, 6)).astype(np.float32)
    other = torch.from_numpy(mirrored_projection(projection, "ibug-68", 2)) if mirror else None
    net = LandmarkNet(6, 3, filters=4, width=5, members=2)
    return SequenceModule(net, torch.from_numpy(projection), other).eval()


def batch_norm():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Dropout(0.5), nn.Tanh(), nn.Linear(8, 2)).eval()


@pytest.mark.parametrize("mirror", [True, False])
def test_parts_of_the_landmark_network_are_the_whole(mirror):
    module, x = landmark_module(mirror), torch.from_numpy(CLIPS)
    whole = module(x)
    first, rest = split_module(module)
    torch.testing.assert_close(rest(first(x)), whole)
    torch.testing.assert_close(first(x) + first(-x), 2 * first(0 * x))  # affine
    torch.testing.assert_close(module.outputs([2, 0])(x), whole[:, [2, 0]])


def test_evidence_of_the_landmark_network_is_that_of_a_plain_captum_loop():
    module, base = landmark_module(), CLIPS[:2]
    evidence = explain(module, CLIPS, target="1>0", classes=["0", "1", "2"], baselines=base, n_steps=16)
    plain, method = np.zeros_like(CLIPS), IntegratedGradients(lambda x: module(x)[:, 1] - module(x)[:, 0])
    for row, clip in enumerate(CLIPS):
        for one in base:
            plain[row] += (
                method.attribute(torch.from_numpy(clip[None]), torch.from_numpy(one[None]), n_steps=16)[0].numpy() / 2
            )
    assert np.abs(evidence.values - plain).max() <= 1e-4 * np.abs(plain).max()


def test_only_affine_layers_are_taken_and_evaluation_mode_counts():
    first, rest = split_module(batch_norm())
    assert [type(layer) for layer in rest] == [nn.Tanh, nn.Linear]
    x = torch.from_numpy(RNG.normal(size=(5, 4)).astype(np.float32))
    torch.testing.assert_close(rest(first(x)), batch_norm()(x))


class Doubled(nn.Linear):
    def forward(self, x):
        return super().forward(x) ** 2


@pytest.mark.parametrize(
    "module",
    [
        nn.Sequential(Doubled(4, 2), nn.Linear(2, 1)),
        nn.Sequential(nn.Tanh(), nn.Linear(4, 1)),
        nn.Sequential(nn.Flatten(), nn.ReLU(), nn.Linear(4, 1)),
        nn.Sequential(nn.BatchNorm1d(4, track_running_stats=False), nn.Linear(4, 1)),
        nn.Linear(4, 1),
    ],
)
def test_what_is_not_known_to_be_affine_stays_whole(module):
    assert split_module(module) is None


def test_a_module_with_hooks_stays_whole():
    module = batch_norm()
    module[1].register_forward_hook(lambda *a: None)
    assert split_module(module) is None


def test_a_purely_affine_network_has_nothing_left_but_is_right():
    module = nn.Sequential(nn.Flatten(), nn.Linear(12 * 68 * 2, 2))
    weights = module[1].weight[1].detach().numpy().reshape(12, 68, 2)
    evidence = explain(module, CLIPS, target=1, baselines="zero")
    np.testing.assert_allclose(evidence.values, weights * CLIPS, atol=1e-6)


def random_module(mirror=True):
    rng = np.random.default_rng(3)
    projection = torch.from_numpy(rng.normal(0, 0.1, size=(136, 6)).astype(np.float32))
    other = torch.from_numpy(mirrored_projection(projection.numpy(), "ibug-68", 2)) if mirror else None
    net = build_net(3, {"network": "rvfl", "components": 6, "units": 20, "windows": 2})
    with torch.no_grad():
        net.draw(rng, torch.from_numpy(rng.normal(size=(20, 6, 12)).astype(np.float32)))
        net.weight.copy_(torch.from_numpy(rng.normal(size=net.weight.shape)))
    return SequenceModule(net, projection, other).eval()


class Followed(nn.Module):
    """The same network, of which torch has to find the gradients."""

    def __init__(self, whole):
        super().__init__()
        self.whole = whole

    def forward(self, x):
        return self.whole(x)


@pytest.mark.parametrize("target", ["1", "1>0", "1:down"])
@pytest.mark.parametrize("settings", [{}, {"n_steps": 9}])
def test_evidence_of_a_network_that_knows_its_slope_is_that_of_torch(target, settings):
    module, asked = random_module(), {"target": target, "classes": ["0", "1", "2"], "baselines": CLIPS[:2], **settings}
    ours, theirs = explain(module, CLIPS, **asked), explain(Followed(module), CLIPS, **asked)
    if not settings:
        # Movement is judged where lines are straight, before or behind the affine part: points may differ there.
        assert np.linalg.norm(ours.values - theirs.values) <= 0.01 * np.linalg.norm(theirs.values)
    else:
        assert np.abs(ours.values - theirs.values).max() <= 1e-5 * np.abs(theirs.values).max()


def test_a_network_that_knows_its_slope_is_asked_for_nothing_else_on_the_way(monkeypatch):
    module, seen = random_module(), []
    own = RandomLinks.features_slope
    monkeypatch.setattr(RandomLinks, "features_slope", lambda net, x, given: seen.append(len(x)) or own(net, x, given))
    found = explain(module, CLIPS, target=1, baselines=CLIPS[:3], batch_size=5)
    # Both images of at most five points at once.
    assert max(seen) <= 10 and sum(seen) == 2 * found.columns["passes"].sum()
    alone = explain(module, CLIPS[:1], target=1, baselines=CLIPS[:3])
    np.testing.assert_allclose(alone.values[0], found.values[0], atol=1e-5 * np.abs(found.values).max())
    assert alone.columns["passes"][0] == found.columns["passes"][0]
