"""Which layer is found in the families people use, and what a wrong name is answered."""

from importlib.util import find_spec

import numpy as np
import pytest
import torch
from torch import nn

from mien.core.errors import InputError
from mien.explain.cams.probe import Layout, layout_of
from mien.explain.explain import explain
from tests.explain.nets import (
    Densenet,
    Gap,
    Mobilenet,
    Resnet,
    Squeezenet,
    Swin,
    TorchVit,
    Vgg,
    Vit,
    made,
    mlp,
)

torch.set_num_threads(1)
PICTURES = np.random.default_rng(0).normal(size=(3, 3, 16, 16)).astype(np.float32)

FAMILIES = [
    (Gap, {}, "body", [8, 8, 8]),
    (Vgg, {}, "features.4", [8, 8, 8]),  # before the last maximum pooling: its finest map
    (Resnet, {}, "layer2", [10, 4, 4]),
    (Densenet, {}, "features", [8, 8, 8]),
    (Mobilenet, {}, "features", [10, 8, 8]),
    (Squeezenet, {}, "features", [8, 8, 8]),  # not the map of classes behind it
    (Swin, {}, "norm", [10, 4, 4]),
    (Vit, {}, "blocks.1.norm1", [8, 4, 4]),  # behind it only the class token is read
    (Vit, {"prefix": 5}, "blocks.1.norm1", [8, 4, 4]),
    (Vit, {"pooled": True, "prefix": 0}, "norm", [8, 4, 4]),
    (TorchVit, {}, "encoder.layers.1.norm1", [8, 4, 4]),
]


@pytest.mark.parametrize(("build", "settings", "layer", "shape"), FAMILIES, ids=lambda v: getattr(v, "__name__", None))
def test_the_layer_of_each_family(build, settings, layer, shape):
    found = explain(made(build, **settings), PICTURES, method="grad-cam", target=1)
    assert (found.settings["layer"], found.settings["layer_shape"]) == (layer, shape)
    assert set(found.status) == {"ok"} and found.values.shape == (3, 1, 16, 16)


@pytest.mark.parametrize("method", ["grad-cam", "ablation-cam"])
@pytest.mark.parametrize(("build", "settings", "layer", "shape"), FAMILIES, ids=lambda v: getattr(v, "__name__", None))
def test_a_named_layer_is_the_found_one(build, settings, layer, shape, method):
    network = made(build, **settings)
    found, named = (explain(network, PICTURES[:1], method=method, target=1, layer=name) for name in ("", layer))
    np.testing.assert_array_equal(found.values, named.values)


# Of the twelve networks of Gaya-Morey et al. those that are small or quick: without their makers' dense top.
NAMED = [
    ("weinet", 16, "features.7", [64, 16, 16]),
    ("songnet", 32, "features.11", [32, 4, 4]),
    ("silnet", 16, "features.11", [64, 8, 8]),
    ("mobilenetv3-large", 64, "blocks", [960, 2, 2]),
    ("efficientnetv2-b0", 64, "bn2", [1280, 2, 2]),
]


@pytest.mark.parametrize(("name", "size", "layer", "shape"), NAMED)
def test_the_layer_of_networks_by_name(name, size, layer, shape):
    from mien.nets.names import NETWORKS
    from mien.nets.zoo import plain

    if not NETWORKS[name].home and find_spec("timm") is None:
        pytest.skip("timm is not installed")
    picture = np.random.default_rng(0).uniform(size=(1, 3, size, size)).astype(np.float32)
    found = explain(plain(name, 3, size=size, dense_top=False).eval(), picture, method="grad-cam", target=1)
    assert (found.settings["layer"], found.settings["layer_shape"]) == (layer, shape)
    assert set(found.status) == {"ok"}


def test_the_branch_that_the_target_reads_is_taken():
    class Two(nn.Module):
        def __init__(self):
            super().__init__()
            self.left, self.right = nn.Conv2d(3, 5, 3, 2), nn.Conv2d(3, 6, 3, 2)
            self.a, self.b = nn.Linear(5, 1), nn.Linear(6, 1)

        def forward(self, x):
            left, right = torch.tanh(self.left(x)).mean((2, 3)), torch.tanh(self.right(x)).mean((2, 3))
            return torch.cat([self.a(left), self.b(right)], dim=1)

    network = made(Two)
    layers = [explain(network, PICTURES, method="hirescam", target=t).settings["layer"] for t in (0, 1)]
    assert layers == ["left", "right"]


def test_a_network_that_is_narrowed_to_its_target_shows_what_its_last_map_is_made_of():
    from mien.nets.attention import Efdnn

    for target in ("happy", "happy>sad"):
        found = explain(
            made(Efdnn, classes=3), PICTURES, method="grad-cam", target=target, classes=["happy", "sad", "calm"]
        )
        assert found.settings["layer"] == "body" and set(found.status) == {"ok"}


def test_the_choice_does_not_depend_on_the_pictures():
    network = made(Vit)
    for pictures in (PICTURES, 0 * PICTURES, PICTURES[:1] * 100):
        assert explain(network, pictures, method="grad-cam", target=0).settings["layer"] == "blocks.1.norm1"


@pytest.mark.parametrize(
    ("build", "layer", "message"),
    [
        (Resnet, "layer2.0.conv3", r"no layer 'layer2.0.conv3'. Close to it: layer2.0.conv2"),
        (Resnet, "layer2.0.relu", "runs 2 times in one pass on different things"),
        (Resnet, "fc", r"holds no map of the picture; such maps have, for example: .*layer2"),
        (TorchVit, "encoder.layers.1.self_attn", "gives tuple, not one tensor"),
    ],
)
def test_a_wrong_layer_is_named_with_what_would_do(build, layer, message):
    with pytest.raises(InputError, match=message):
        explain(made(build), PICTURES, method="grad-cam", target=0, layer=layer)


def test_a_layer_that_does_not_run_is_named():
    network = made(Gap)
    network.spare = nn.Conv2d(3, 3, 1)
    with pytest.raises(InputError, match="'spare' does not run"):
        explain(network, PICTURES, method="grad-cam", target=0, layer="spare")


def test_networks_without_a_map_and_functions_are_refused_with_other_methods():
    flat = nn.Sequential(nn.Flatten(), mlp(768))
    with pytest.raises(InputError, match=r"no layer that runs once .*and holds a map.*integrated-gradients"):
        explain(flat, PICTURES, method="grad-cam", target=0)
    with pytest.raises(InputError, match=r"needs a torch module.*occlusion"):
        explain(lambda x: x.mean(axis=(1, 2, 3)), PICTURES, method="grad-cam")


@pytest.mark.parametrize(
    ("shape", "picture", "expected"),
    [
        ((1, 512, 14, 14), (224, 224), Layout("channels first", 0, (14, 14))),
        ((1, 14, 14, 512), (224, 224), Layout("channels last", 0, (14, 14))),
        ((1, 7, 14, 512), (112, 224), Layout("channels last", 0, (7, 14))),
        ((1, 197, 768), (224, 224), Layout("tokens", 1, (14, 14))),
        ((1, 261, 768), (224, 224), Layout("tokens", 5, (16, 16))),
        ((1, 198, 192), (224, 224), Layout("tokens", 2, (14, 14))),
        ((1, 1 + 8 * 16, 64), (64, 128), Layout("tokens", 1, (8, 16))),
        ((1, 12, 197, 64), (224, 224), None),
        ((1, 512, 1, 1), (224, 224), None),
        ((1, 50, 64), (64, 128), Layout("tokens", 0, (5, 10))),
        ((1, 23, 64), (224, 224), Layout("tokens", 7, (4, 4))),
        ((1, 1000), (224, 224), None),
    ],
)
def test_layouts(shape, picture, expected):
    assert layout_of(shape, picture) == expected


def test_a_layout_is_a_view():
    for layout, shape in (
        (Layout("channels last", 0, (3, 4)), (2, 3, 4, 5)),
        (Layout("tokens", 2, (3, 4)), (2, 14, 5)),
    ):
        values = torch.randn(shape)
        grid = layout.grid(values)
        assert grid.shape == (2, 5, 3, 4)
        assert grid[1, 4, 2, 3] == values[1].flatten()[-1]
        grid[0] = 7
        assert (values[0] == 7).sum() == 60


@pytest.mark.parametrize("size", [(16, 32), (32, 16)])
def test_pictures_need_not_be_square(size):
    """The map of a wide or tall picture lies as the picture does."""
    pictures = np.full((1, 3, *size), -1, np.float32)
    pictures[0, :, : size[0] // 2, size[1] // 2 :] = 1  # upper right

    class Bright(nn.Module):
        def __init__(self):
            super().__init__()
            self.patch, self.norm = nn.Conv2d(3, 4, 4, 4), nn.Identity()
            self.mix = nn.Sequential(nn.LayerNorm(4, elementwise_affine=False), nn.ReLU())
            with torch.no_grad():
                self.patch.weight.fill_(0.02)
                self.patch.weight[1:].neg_()

        def forward(self, x):
            tokens = self.mix(self.patch(x).flatten(2).transpose(1, 2))
            return tokens[:, :, 0].mean(dim=1)

    found = explain(made(Bright), pictures, method="hirescam", layer="mix")
    assert found.settings["layout"] == "tokens" and found.settings["layer_shape"] == [4, size[0] // 4, size[1] // 4]
    top, left = np.unravel_index(found.values[0, 0].argmax(), size)
    assert top < size[0] // 2 and left >= size[1] // 2
    assert found.values[0, 0, -3:, :3].max() < 0.1 * found.values.max()


def test_a_layer_that_does_not_run_is_not_offered_itself_and_exported_networks_say_why():
    network = made(Gap)
    with pytest.raises(InputError) as skipped:
        explain(Skipping(network), PICTURES, method="grad-cam", target=1, layer="network.body.0")
    assert "does not run" in str(skipped.value) and "network.body.0" not in str(skipped.value).split("Close to it")[-1]
    some = torch.from_numpy(PICTURES[:2])
    exported = torch.export.export(network, (some,), dynamic_shapes=({0: torch.export.Dim("rows")},)).module()
    with pytest.raises(InputError, match="No layer of it does, as in exported networks"):
        explain(exported, PICTURES, method="grad-cam", target=1, layer="body.0")


class Skipping(torch.nn.Module):
    """Uses the weights of a layer, not the layer."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        first, *rest = self.network.body
        x = torch.nn.functional.conv2d(x, first.weight, first.bias, padding=1)
        for layer in rest:
            x = layer(x)
        return self.network.head(x.mean((2, 3)))
