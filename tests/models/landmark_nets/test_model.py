"""The landmark net: learns what moves, is the same each time, and treats mirror images alike where told to."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import torch

from mien.core.errors import InputError
from mien.features import compute
from mien.features.geometry import mirrored
from mien.models.landmark_nets.estimator import principal_projection
from mien.models.landmark_nets.model import LandmarkNet, one_vs_rest
from mien.models.landmark_nets.trained import LandmarkNetClassifier

RECIPE = {"name": "displacement", "frames": 12, "align": "clip"}
SMALL = {"topology": "ibug-68", "components": 16, "filters": 4, "members": 1, "epochs": 40, "batch_size": 16}


def test_it_learns_a_planted_movement_of_people_it_has_not_seen(make_clips) -> None:
    samples, faces = make_clips()
    values, y = compute(RECIPE, samples, faces).values, samples.labels["expression"]
    test = np.isin(samples.subject.astype(str), ["s0", "s1"])
    fitted = LandmarkNetClassifier(**SMALL).fit(values[~test], y[~test])
    assert (fitted.predict(values[test]) == y[test]).mean() >= 0.9


def test_the_same_seed_gives_the_same_network_whatever_the_threads_and_the_global_seed(make_clips) -> None:
    samples, faces = make_clips(n_subjects=3, repetitions=2)
    values, y = compute(RECIPE, samples, faces).values, samples.labels["expression"]
    torch.manual_seed(1)
    one = LandmarkNetClassifier(**SMALL, seed=3).fit(values, y).arrays_
    threads = torch.get_num_threads()
    torch.manual_seed(2)
    state = torch.random.get_rng_state()
    two = LandmarkNetClassifier(**SMALL, seed=3).fit(values, y).arrays_
    other = LandmarkNetClassifier(**SMALL, seed=4).fit(values, y).arrays_
    assert all(np.array_equal(one[key], two[key]) for key in one)
    assert not np.array_equal(one["weight"], other["weight"])
    # Training leaves the caller's random state and threads as they were.
    assert torch.equal(state, torch.random.get_rng_state()) and torch.get_num_threads() == threads


@pytest.mark.parametrize("coordinates", [2, 3])
def test_mirror_images_get_the_same_answer_only_with_mirror(coordinates: int) -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(0, 0.1, (24, 8, 68, coordinates)).astype(np.float32)
    y = np.tile(["a", "b"], 12)
    for mirror in (True, False):
        fitted = LandmarkNetClassifier(**{**SMALL, "epochs": 2}, mirror=mirror).fit(values, y)
        same = fitted.decision_function(mirrored(values, "ibug-68"))
        assert np.allclose(fitted.decision_function(values), same, atol=1e-5) == mirror


def test_networks_of_labels_do_not_touch_each_other() -> None:
    net = LandmarkNet(6, 3, filters=4, width=3, members=2).eval()
    x = torch.randn(5, 6, 10, generator=torch.Generator().manual_seed(0))
    net.nets(x)[:, 1, 2].sum().backward()
    used = net.convolution.weight.grad.abs().sum((1, 2)).reshape(6, 4) > 0
    assert used.any(1).tolist() == [False] * 5 + [True]
    assert (net.weight.grad.abs().sum(1) > 0).tolist() == [False] * 5 + [True]


def test_all_labels_together_are_what_each_would_be_alone() -> None:
    """The joint module is a bookkeeping device: one network computes the same from the same numbers."""
    joint = LandmarkNet(6, 3, filters=4, width=3, members=1).eval()
    alone = LandmarkNet(6, 1, filters=4, width=3, members=1).eval()
    state = joint.state_dict()
    alone.load_state_dict({key: value[4:8] if "conv" in key else value[1:2] for key, value in state.items()})
    x = torch.randn(5, 6, 10)
    with torch.no_grad():
        assert torch.allclose(joint(x)[:, 1], alone(x)[:, 0], atol=1e-6)


def test_the_module_is_smooth_also_where_nothing_moves(make_clips) -> None:
    samples, faces = make_clips(n_subjects=3, repetitions=2)
    values, y = compute(RECIPE, samples, faces).values, samples.labels["expression"]
    module = LandmarkNetClassifier(**{**SMALL, "epochs": 3}).fit(values, y).model().module().double()
    x = torch.from_numpy(values[:1]).double()
    direction = torch.randn(x.shape, generator=torch.Generator().manual_seed(0), dtype=torch.double)

    def along(step: torch.Tensor) -> torch.Tensor:
        return module(x + step * direction)

    # The analytic gradient, and its own gradient, equal numerical ones: no kinks.
    start = torch.zeros((), dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(along, (start,)) and torch.autograd.gradgradcheck(along, (start,))
    still = torch.zeros(1, *values.shape[1:], dtype=torch.double, requires_grad=True)
    module(still).sum().backward()
    assert torch.isfinite(still.grad).all()


def test_projection_keeps_variance_and_the_origin() -> None:
    rng = np.random.default_rng(0)
    latent = rng.normal(size=(40, 10, 3)) * [5, 2, 1]
    values = (latent @ rng.normal(size=(3, 136))).reshape(40, 10, 68, 2).astype(np.float32)
    projection = principal_projection(values, 3, gain=6.0)
    projected = values.reshape(-1, 136) @ projection
    covariance = projected.T @ projected / len(projected)
    assert np.sqrt(covariance[0, 0]) == pytest.approx(6.0, rel=1e-3)
    assert np.abs(covariance - np.diag(np.diag(covariance))).max() < 1e-2
    # Three directions made the data, so three components lose nothing.
    assert principal_projection(values, 9).shape == (136, 9)
    restored = projected @ np.linalg.lstsq(projected, values.reshape(-1, 136), rcond=None)[0]
    assert np.allclose(restored, values.reshape(-1, 136), atol=1e-3)


def test_probabilities_are_those_of_one_vs_rest() -> None:
    logits = np.array([[0.0, 0.0], [2.0, -1.0], [-800.0, -801.0]])
    p = one_vs_rest(logits)
    single = 1 / (1 + np.exp(-logits[1]))
    assert np.allclose(p[1], single / single.sum())
    assert np.allclose(p.sum(1), 1) and p[2, 0] > p[2, 1]


def test_wrong_input_gets_a_sentence() -> None:
    with pytest.raises(InputError, match="samples, frames, points, coordinates"):
        LandmarkNetClassifier(**SMALL).fit(np.zeros((4, 5)), np.array(["a", "b"] * 2))
    with pytest.raises(InputError, match="All samples have the class 'a'"):
        LandmarkNetClassifier(**SMALL).fit(np.zeros((4, 5, 68, 2)), np.full(4, "a"))
    with pytest.raises(InputError, match="Nothing moves"):
        LandmarkNetClassifier(**SMALL).fit(np.zeros((4, 5, 68, 2)), np.array(["a", "b"] * 2))
