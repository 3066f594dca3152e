"""Class activation maps against CAM by hand, Captum, their formulas in loops and a planted cause."""

import warnings

import numpy as np
import pytest
import torch
from captum.attr import GuidedGradCam, LayerGradCam
from torch import nn
from torch.nn.functional import interpolate

from mien.core.errors import InputError
from mien.explain.explain import explain
from mien.explain.methods import METHODS
from tests.explain.nets import Gap, Mobilenet, Resnet, Swin, Vgg, Vit, made

torch.set_num_threads(1)
RNG = np.random.default_rng(1)
PICTURES = RNG.normal(size=(4, 3, 16, 16)).astype(np.float32)
CAMS = [name for name, row in METHODS.items() if row.home.startswith("cams.")]


def enlarged(maps, size=16):
    return interpolate(torch.as_tensor(maps, dtype=torch.float32)[:, None], (size, size), mode="bilinear").numpy()


def layer_and_gradient(network, layer, target=1):
    x = torch.from_numpy(PICTURES).requires_grad_()
    kept = []
    handle = network.get_submodule(layer).register_forward_hook(lambda m, a, result: kept.append(result))
    output = network(x)[:, target].sum()
    handle.remove()
    (gradient,) = torch.autograd.grad(output, kept[0])
    return kept[0].detach().double().numpy(), gradient.double().numpy()


def test_behind_global_pooling_grad_cam_hirescam_and_xgrad_cam_are_cam():
    """CAM (Zhou et al. 2016): the map times the classifier's weights; the gradient is weight / number of places."""
    network = made(Gap)
    with torch.no_grad():
        cam = torch.einsum("nchw,c->nhw", network.body(torch.from_numpy(PICTURES)), network.head.weight[1]) / 64
    for method in ("grad-cam", "hirescam", "xgrad-cam"):
        found = explain(network, PICTURES, method=method, target=1)
        np.testing.assert_allclose(found.values, enlarged(cam), atol=1e-6)
    positive = torch.einsum(
        "nchw,c->nhw", network.body(torch.from_numpy(PICTURES)), network.head.weight[1].clamp(min=0)
    )
    layercam = explain(network, PICTURES, method="layercam", target=1)
    np.testing.assert_allclose(layercam.values, enlarged(positive.detach() / 64), atol=1e-6)


def test_hirescam_sums_to_the_output_without_its_constant():
    network = made(Gap)
    found = explain(network, PICTURES, method="hirescam", target=2)
    assert found.values.min() < 0 < found.values.max()  # raw and signed
    whole = found.output - network.head.bias[2].item()
    np.testing.assert_allclose(found.values.mean(axis=(1, 2, 3)) * 64, whole, atol=1e-4)


@pytest.mark.parametrize(
    ("build", "layer"), [(Gap, "body"), (Vgg, "features.4"), (Resnet, "layer2"), (Mobilenet, "features")]
)
def test_captum_agrees_on_grad_cam(build, layer):
    network = made(build)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Captum reads a map after what follows it in place, so it is asked about the place behind.
        expected = LayerGradCam(lambda x: network(x), network.get_submodule(layer)).attribute(
            torch.from_numpy(PICTURES), target=1
        )
    found = explain(network, PICTURES, method="grad-cam", target=1, layer=layer)
    np.testing.assert_allclose(found.values, enlarged(expected.detach()[:, 0]), atol=1e-6)


def test_captum_agrees_on_guided_grad_cam():
    network = made(Vgg)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        method = GuidedGradCam(network, network.features[4])
        expected = method.attribute(torch.from_numpy(PICTURES), target=1, interpolate_mode="bilinear")
    found = explain(network, PICTURES, method="guided-grad-cam", target=1, layer="features.4")
    np.testing.assert_allclose(found.values, expected.detach().numpy(), atol=1e-8)
    assert found.values.shape == PICTURES.shape and found.settings["relus"] == 3


def by_loops(method, a, g):
    """The published formulas, place by place."""
    maps = np.zeros((len(a), *a.shape[2:]))
    for n in range(len(a)):
        for k in range(a.shape[1]):
            A, G = a[n, k], g[n, k]
            if method == "grad-cam++":
                above, below = G**2, 2 * G**2 + A.sum() * G**3
                alpha = np.divide(above, below, out=np.zeros_like(A), where=below != 0)
                weight = (alpha * np.maximum(G, 0)).sum()
            elif method == "xgrad-cam":
                weight = (A / A.sum() * G).sum() if A.sum() else 0.0
            elif method == "layercam":
                weight = np.maximum(G, 0)
            else:
                weight = G if method == "hirescam" else G.mean()
            maps[n] += weight * A
        if method == "eigen-cam":
            u, s, _ = np.linalg.svd(a[n].reshape(a.shape[1], -1).T, full_matrices=False)
            maps[n] = (u[:, 0] * s[0]).reshape(a.shape[2:])
            maps[n] *= np.sign((maps[n] * a[n].sum(axis=0)).sum())
    return maps


@pytest.mark.parametrize("method", ["grad-cam", "grad-cam++", "hirescam", "layercam", "xgrad-cam", "eigen-cam"])
@pytest.mark.parametrize(("build", "layer"), [(Vgg, "features.5"), (Resnet, "layer2"), (Mobilenet, "features.0")])
def test_published_formulas_in_loops_agree(method, build, layer):
    network = made(build)
    expected = by_loops(method, *layer_and_gradient(network, layer))
    found = explain(network, PICTURES, method=method, target=1, layer=layer)
    np.testing.assert_allclose(found.values, enlarged(expected), atol=2e-6 * np.abs(expected).max() + 1e-7)


@pytest.mark.parametrize("weights", ["softmax", "increase"])
def test_score_cam_in_loops_agrees(weights):
    network = made(Vgg)
    a, _ = layer_and_gradient(network, "features.4")
    expected = np.zeros((4, 8, 8))
    for n in range(4):
        increase = np.zeros(8)
        for k in range(8):
            mask = enlarged(a[n, k][None])[0, 0]
            if np.ptp(mask):
                shown = PICTURES[n] * (mask - mask.min()) / np.ptp(mask)
                with torch.no_grad():
                    increase[k] = (
                        network(torch.from_numpy(shown[None]))[0, 1] - network(torch.zeros(1, 3, 16, 16))[0, 1]
                    )
        weight = np.exp(increase) / np.exp(increase).sum() if weights == "softmax" else increase
        expected[n] = np.einsum("k,khw->hw", weight, a[n])
    found = explain(network, PICTURES, method="score-cam", target=1, weights=weights)
    np.testing.assert_allclose(found.values, enlarged(expected), atol=1e-6)


def test_ablation_cam_behind_global_pooling_is_known():
    """A channel's removal costs weight times its mean."""
    network = made(Gap)
    with torch.no_grad():
        a = network.body(torch.from_numpy(PICTURES))
        cost = network.head.weight[1] * a.mean((2, 3))
    found = explain(network, PICTURES, method="ablation-cam", target=1)
    np.testing.assert_allclose(found.values, enlarged(torch.einsum("nc,nchw->nhw", cost, a)), atol=1e-5)
    alive = (a != 0).any(dim=3).any(dim=2).sum(dim=1)
    np.testing.assert_array_equal(found.columns["passes"], alive + 2)


class Planted(nn.Module):
    """Looks for a bright square with a dark middle; channels of noise and of the background beside it."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.conv = nn.Conv2d(1, 4, 5, padding=2)
        kernel = torch.full((5, 5), 1.0)
        kernel[1:4, 1:4] = -16 / 9
        with torch.no_grad():
            self.conv.weight.mul_(0.05)
            self.conv.weight[0, 0] = kernel
            self.conv.bias.zero_()
            self.conv.bias[0] = -6.0
        self.relu, self.head = nn.ReLU(), nn.Linear(4, 2)
        with torch.no_grad():
            self.head.weight.copy_(torch.tensor([[-1.0, 0.02, -0.02, 0.02], [1.0, -0.02, 0.02, -0.02]]))

    def forward(self, x):
        return self.head(self.relu(self.conv(x)).mean((2, 3)) * 16)


def planted(rng):
    picture = rng.normal(0, 0.3, size=(1, 32, 32)).astype(np.float32)
    row, column = rng.integers(3, 24, size=2)
    picture[0, row : row + 5, column : column + 5] += 1
    picture[0, row + 1 : row + 4, column + 1 : column + 4] -= 2
    return picture, (row, column)


@pytest.mark.parametrize("method", CAMS)
def test_every_map_finds_the_planted_square(method):
    rng = np.random.default_rng(7)
    pictures, places = zip(*(planted(rng) for _ in range(12)), strict=True)
    found = explain(Planted().eval(), np.stack(pictures), method=method, target=1, space="pixels")
    maps = found.values.sum(axis=1)
    for one, (row, column) in zip(maps, places, strict=True):
        top, left = np.unravel_index(one.argmax(), one.shape)
        assert row - 2 <= top < row + 7 and column - 2 <= left < column + 7
        inside = np.abs(one[row - 1 : row + 6, column - 1 : column + 6]).sum() / np.abs(one).sum()
        assert inside > 0.5  # of the picture's 1024 pixels 49


def test_the_other_class_gets_the_other_sign():
    rng = np.random.default_rng(7)
    pictures = np.stack([planted(rng)[0] for _ in range(3)])
    for method in ("grad-cam", "hirescam", "xgrad-cam", "ablation-cam"):
        for_it, against = (explain(Planted().eval(), pictures, method=method, target=t).values for t in (1, 0))
        np.testing.assert_allclose(for_it, -against, atol=1e-4)


@pytest.mark.parametrize("method", ["grad-cam", "hirescam", "ablation-cam", "eigen-cam"])
@pytest.mark.parametrize("build", [Vit, Swin])
def test_tokens_and_channels_last_give_the_map_of_their_grid(method, build):
    """Pictures whose patches are permuted get the permuted map: the network without places sees a set of patches."""
    network = made(build)
    if build is Vit:
        with torch.no_grad():
            network.place.zero_()
    order = RNG.permutation(16)
    patches = PICTURES.reshape(4, 3, 4, 4, 4, 4).transpose(0, 2, 4, 1, 3, 5).reshape(4, 16, 3, 4, 4)
    moved = patches[:, order].reshape(4, 4, 4, 3, 4, 4).transpose(0, 3, 1, 4, 2, 5).reshape(4, 3, 16, 16)
    coarse = []
    for pictures in (PICTURES, np.ascontiguousarray(moved)):
        found = explain(network, pictures, method=method, target=1).values[:, 0]
        # Back from the enlarged map to its 16 values.
        coarse.append(np.linalg.lstsq(_upsampling(), found.reshape(4, -1).T, rcond=None)[0].T)
    np.testing.assert_allclose(coarse[1], coarse[0][:, order], atol=1e-4 * np.abs(coarse[0]).max())


def _upsampling():
    """Matrix of bilinear enlargement from 4 x 4 to 16 x 16."""
    return enlarged(np.eye(16).reshape(16, 4, 4)).reshape(16, 256).T


def test_a_map_that_a_later_function_changes_in_place_is_the_layers_own():
    """Behind a convolution that a ReLU overwrites, the map still holds negative values."""
    network = made(Gap)
    found = explain(network, PICTURES, method="grad-cam", target=1, layer="body.3")
    kept = {}
    body = nn.Sequential(*[nn.ReLU() if isinstance(part, nn.ReLU) else part for part in network.body])
    body[3].register_forward_hook(lambda m, a, result: kept.update(a=result))
    output = network.head(body(torch.from_numpy(PICTURES)).mean((2, 3)))[:, 1].sum()
    (gradient,) = torch.autograd.grad(output, kept["a"])
    expected = (gradient.mean((2, 3), keepdim=True) * kept["a"]).sum(dim=1)
    body[3]._forward_hooks.clear()
    np.testing.assert_allclose(found.values, enlarged(expected.detach()), atol=1e-7)
    assert (kept["a"] < 0).any()


def test_score_cam_without_any_difference_is_an_empty_map_with_a_status():
    class Flat(Gap):
        def forward(self, x):
            return super().forward(x) * 0 + 3

    found = explain(made(Flat), PICTURES, method="score-cam", target=1)
    assert set(found.status) == {"constant"} and (found.values == 0).all()
    with pytest.raises(InputError, match="'softmax' or 'increase'"):
        explain(made(Gap), PICTURES, method="score-cam", target=1, weights="none")


class Narrow(nn.Module):
    """A network that computes in another precision, and takes and gives single precision."""

    def __init__(self, network, kind):
        super().__init__()
        self.network, self.kind = network.to(kind), kind

    def forward(self, x):
        return self.network(x.to(self.kind)).float()


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float64])
@pytest.mark.parametrize("method", CAMS)
def test_maps_of_networks_in_other_precisions_are_those_of_single_precision(method, kind):
    plain = explain(made(Gap), PICTURES, method=method, target=1).values
    found = explain(Narrow(made(Gap), kind), PICTURES, method=method, target=1)
    assert set(found.status) == {"ok"} and "notes" not in found.settings
    rounding = 0.05 if kind is torch.bfloat16 else 1e-4
    np.testing.assert_allclose(found.values, plain, atol=rounding * np.abs(plain).max())
