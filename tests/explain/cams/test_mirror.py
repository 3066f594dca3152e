"""Networks that answer for a picture and its mirror image together: the layer runs twice, the map is one."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import interpolate

from mien.core.errors import InputError
from mien.explain.explain import explain
from mien.explain.methods import METHODS
from mien.models.picture import PictureModule
from mien.nets.bodies import Body
from tests.explain.nets import Gap, Resnet, Vit, made

torch.set_num_threads(1)
RNG = np.random.default_rng(21)
PICTURES = RNG.normal(size=(3, 3, 16, 16)).astype(np.float32)
MIRRORED = np.ascontiguousarray(PICTURES[..., ::-1])
CAMS = [name for name, row in METHODS.items() if row.home.startswith("cams.")]


class Both(nn.Module):
    """Mean of a network's answers to a picture and to its mirror image."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return (self.network(x) + self.network(x.flip(3))) / 2


class Body2(nn.Module):
    """A body whose features are averaged before the head, as in the picture model."""

    def __init__(self):
        super().__init__()
        self.gap = made(Gap, channels=8)

    def forward(self, x):
        features = (self.gap.body(x) + self.gap.body(x.flip(3))).mean((2, 3)) / 2
        return self.gap.head(features)


@pytest.mark.parametrize("build", [Gap, Resnet, Vit])
@pytest.mark.parametrize("method", CAMS)
def test_the_map_of_the_mirror_image_is_the_mirrored_map(method, build):
    network = Both(made(build))
    if method == "guided-grad-cam" and build is Vit:
        with pytest.raises(InputError, match="at ReLUs, but the network has none"):
            explain(network, PICTURES, method=method, target=1)
        return
    found, turned = (explain(network, given, method=method, target=1) for given in (PICTURES, MIRRORED))
    assert found.settings["layer_sees"] == ["picture", "mirror image"]
    scale = np.abs(found.values).max()
    assert scale > 0
    np.testing.assert_allclose(turned.values[..., ::-1], found.values, atol=1e-5 * scale)
    again = explain(network, PICTURES, method=method, target=1, batch_size=1)
    np.testing.assert_allclose(again.values, found.values, atol=1e-5 * scale)


@pytest.mark.parametrize("method", ["grad-cam", "hirescam", "layercam", "xgrad-cam"])
def test_the_map_is_the_mean_of_those_of_the_two_passes(method):
    """By the chain rule each pass has half of the gradient, so the parts add up to the mean of two networks' maps."""
    alone = made(Gap)
    one, other = (explain(alone, given, method=method, target=1).values for given in (PICTURES, MIRRORED))
    found = explain(Both(alone), PICTURES, method=method, target=1)
    np.testing.assert_allclose(found.values, (one + other[..., ::-1]) / 2, atol=1e-6)


@pytest.mark.parametrize("method", ["hirescam", "grad-cam", "xgrad-cam"])
@pytest.mark.parametrize("network", [Both(made(Gap)), Body2()], ids=["answers", "features"])
def test_the_map_sums_to_the_output_without_its_constant(network, method):
    """Behind pooling and a linear head all of these are complete, and stay so for both passes together."""
    head = network.network.head if isinstance(network, Both) else network.gap.head
    found = explain(network, PICTURES, method=method, target=2)
    np.testing.assert_allclose(found.values.mean(axis=(1, 2, 3)) * 64, found.output - head.bias[2].item(), atol=1e-4)


def test_ablation_cam_removes_a_channel_from_both_passes():
    """Behind pooling and a linear head a channel costs its weight times the mean of both maps."""
    network = made(Gap)
    with torch.no_grad():
        one, other = (network.body(torch.from_numpy(given)) for given in (PICTURES, MIRRORED))
        both = (one + other.flip(3)) / 2
        cost = network.head.weight[1] * both.mean((2, 3))
        expected = interpolate(torch.einsum("nc,nchw->nhw", cost, both)[:, None], (16, 16), mode="bilinear")
    found = explain(Both(network), PICTURES, method="ablation-cam", target=1)
    np.testing.assert_allclose(found.values, expected.numpy(), atol=1e-6)


def test_the_picture_model_with_mirror_images_is_explained():
    """Its body runs twice. The last stage alone decides here, so HiResCAM is complete."""
    torch.manual_seed(0)
    body = Body("untrained efficientnet-lite0", (5,), (2,)).module()
    x = RNG.uniform(size=(2, 3, 64, 64)).astype(np.float32)
    with torch.no_grad():
        features = body(torch.from_numpy(x))
    module = PictureModule(body, features.mean(0), torch.ones(features.shape[1]), 2, symmetric=True).eval()
    with torch.no_grad():
        constant = module.linear(-module.centre[None] / module.scale)[0, 1].item()
    for method in ("grad-cam", "hirescam", "eigen-cam", "guided-grad-cam"):
        found = explain(module, x, method=method, target=1)
        turned = explain(module, np.ascontiguousarray(x[..., ::-1]), method=method, target=1)
        assert found.settings["layer_sees"] == ["picture", "mirror image"] and found.settings["layer"].startswith(
            "body"
        )
        scale = np.abs(found.values).max() or 1.0
        np.testing.assert_allclose(turned.values[..., ::-1], found.values, atol=2e-4 * scale)
        if method == "hirescam":
            rows, columns = found.settings["layer_shape"][1:]
            whole = found.values.mean(axis=(1, 2, 3)) * rows * columns
            np.testing.assert_allclose(whole, found.output - constant, rtol=2e-3, atol=2e-4)


def test_a_layer_that_sees_something_else_each_time_has_no_one_map():
    with pytest.raises(InputError, match="4 times in one pass on different things"):
        explain(Both(made(Resnet)), PICTURES, method="grad-cam", target=1, layer="network.layer2.0.relu")

    class Stacked(nn.Module):
        """Picture and mirror image as two rows of one batch."""

        def __init__(self):
            super().__init__()
            self.network = made(Gap)

        def forward(self, x):
            return self.network(torch.cat([x, x.flip(3)])).unflatten(0, (2, len(x))).mean(0)

    with pytest.raises(InputError, match="use integrated-gradients"):
        explain(Stacked(), PICTURES, method="grad-cam", target=1)


def test_no_hook_stays_after_the_second_look():
    network = Both(made(Gap))
    explain(network, PICTURES, method="ablation-cam", target=1)
    assert not any(part._forward_hooks for part in network.modules())
