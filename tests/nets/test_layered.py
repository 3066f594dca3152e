"""The twelve networks of a paper on expressions: parameters, sizes, first weights, evidence; no large one is filled."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from mien.core.errors import InputError
from mien.explain.explain import explain
from mien.nets.first_weights import fill_body, origin_of, started
from mien.nets.layered import AlexNet, Layered, SilNet, SongNet, WeiNet
from mien.nets.names import NETWORKS
from mien.nets.zoo import plain, preprocessing, shapes_of, shapes_only

torch.set_num_threads(1)
needs_timm = pytest.mark.skipif(find_spec("timm") is None, reason="timm is not installed")
TWELVE = [name for name, row in NETWORKS.items() if row.published]
OWN = ("alexnet", "weinet", "songnet", "silnet")
# Smallest pictures that leave two cells per side.
LEAST = {"alexnet": 33, "weinet": 2, "songnet": 17, "silnet": 3}
# Table of the paper: millions of parameters, first decimal.
MILLIONS = {
    "alexnet": 88.7, "weinet": 1.7, "songnet": 0.2, "silnet": 184.9, "vgg16": 14.7, "vgg19": 20.0, "resnet50": 23.6,
    "resnet101v2": 42.6, "inceptionv3": 21.8, "xception": 20.9, "mobilenetv3-large": 3.0, "efficientnetv2-b0": 5.9,
}  # fmt: skip


def counted(name: str) -> int:
    """Parameters of the network as built, with running statistics."""
    shapes = shapes_of(name, 6, size=NETWORKS[name].size, dense_top=False)
    stored = [s for key, s in shapes.items() if key.startswith("net.") and not key.endswith("num_batches_tracked")]
    return sum(int(np.prod(shape)) for shape in stored)


@pytest.mark.parametrize("name", TWELVE)
def test_parameters_are_those_of_the_table_but_for_what_the_row_says(name: str) -> None:
    published = NETWORKS[name].published
    assert published is not None and round(published.parameters / 1e6, 1) == MILLIONS[name]
    if name not in OWN and find_spec("timm") is None:
        pytest.skip("timm is not installed")
    assert counted(name) == published.parameters + published.more
    # Never more than a difference that changes no output of a trained network.
    assert abs(published.more) <= 0.0012 * published.parameters
    assert bool(published.more) <= bool(published.why)


def test_there_are_twelve() -> None:
    assert set(TWELVE) == set(MILLIONS)
    assert [NETWORKS[name].size for name in OWN] == [224, 64, 224, 150]
    assert all(NETWORKS[name].source and NETWORKS[name].meaning for name in TWELVE)


@needs_timm
def test_without_its_dense_top_the_last_layer_sees_the_average_of_the_body() -> None:
    x = torch.rand(2, 3, 64, 64)
    for name, wide in (("mobilenetv3-large", 960), ("mobilenetv3-small", 576)):
        net = plain(name, 4, size=64, dense_top=False).eval()
        body = net.forward_features(x)  # type: ignore[operator]
        assert body.shape[1] == wide
        torch.testing.assert_close(
            net(x), functional.linear(body.mean((2, 3)), net.classifier.weight, net.classifier.bias)
        )
    with shapes_only():
        net = plain("vgg16", 4, size=224, dense_top=False)
        assert net(torch.zeros(1, 3, 224, 224)).shape == (1, 4) and net.head.fc.in_features == 512


@needs_timm
def test_a_file_of_the_whole_network_fills_one_without_its_dense_top() -> None:
    whole, body = (plain("mobilenetv3-small", 4, size=32, seed=s, dense_top=top) for s, top in ((1, True), (2, False)))
    last = body.classifier.weight.clone()
    fill_body(body, whole.state_dict(), "it does not fit")
    x = torch.rand(2, 3, 32, 32)
    torch.testing.assert_close(body.eval().forward_features(x), whole.eval().forward_features(x))
    assert torch.equal(body.classifier.weight, last)
    with pytest.raises(InputError, match=r"'conv_head\.(weight|bias)' is in the network and not in the file"):
        fill_body(whole, body.state_dict(), "it does not fit")


def of_tensorflow(x: torch.Tensor, kernel: int, stride: int, fill: float) -> torch.Tensor:
    """Padding called 'same', written out from its definition."""
    size = x.shape[-1]
    over = max(0, (-(-size // stride) - 1) * stride + kernel - size)
    return functional.pad(x, (over // 2, over - over // 2) * 2, value=fill)


@pytest.mark.parametrize("size", [64, 77])
@pytest.mark.parametrize("made", [SongNet, AlexNet, SilNet, WeiNet])
def test_maps_are_padded_as_published(made: type[Layered], size: int) -> None:
    """Against the layers one after the other, with padding that no maximum can come from."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        net = made(2, size=size).eval().requires_grad_(False)
    x = torch.rand(1, 3, size, size)
    by_hand = x
    for part in net.features:
        if isinstance(part, nn.Conv2d):
            padded = of_tensorflow(by_hand, part.kernel_size[0], part.stride[0], 0.0)
            by_hand = functional.relu(functional.conv2d(padded, part.weight, part.bias, part.stride))
        if isinstance(part, nn.MaxPool2d):
            padded = of_tensorflow(by_hand, int(part.kernel_size), int(part.stride), -torch.inf)
            by_hand = functional.max_pool2d(padded, part.kernel_size, part.stride)
    torch.testing.assert_close(net.features(x), by_hand)
    assert net(x).shape == (1, 2)


@pytest.mark.parametrize("name", OWN)
def test_smaller_pictures_are_taken_down_to_two_cells(name: str) -> None:
    least = LEAST[name]
    with shapes_only():
        for size in (least, least + 1, NETWORKS[name].size):
            net = plain(name, 3, size=size)
            assert net(torch.zeros(2, 3, size, size)).shape == (2, 3)
            assert net.features(torch.zeros(1, 3, size, size)).shape[-1] >= 2
    with pytest.raises(InputError, match=rf"of {least - 1} pixels are too small .*Give size={least} or more"):
        plain(name, 3, size=least - 1)


def test_first_weights_are_glorots_and_the_seed_decides_them() -> None:
    one, same, other = (plain("songnet", 6, size=32, seed=s).state_dict() for s in (1, 1, 2))
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert not torch.equal(one["features.0.weight"], other["features.0.weight"])
    weight = one["features.0.weight"]
    limit = (6 / (25 * (3 + 64))) ** 0.5
    assert 0.98 * limit < float(weight.abs().max()) <= limit and not one["features.0.bias"].any()
    normal = plain("silnet", 6, size=8).state_dict()["features.0.weight"]
    sd = (2 / (121 * (3 + 32))) ** 0.5
    assert float(normal.std()) == pytest.approx(sd, rel=0.05) and normal.abs().max() > 3 * sd


def test_colours_go_in_as_published() -> None:
    assert all(preprocessing(name) == ((0.0,) * 3, (1.0,) * 3) for name in OWN)
    assert preprocessing("small-cnn")[0] == (0.485, 0.456, 0.406)


def test_weights_may_lie_in_one_folder_by_the_names_of_networks(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    state = {key: value.contiguous() for key, value in plain("songnet", 6, size=32, seed=3).state_dict().items()}
    safetensors.save_file(state, tmp_path / "songnet.safetensors")
    network, origin = started("songnet", 2, size=32, weights=str(tmp_path))
    assert origin.words == "songnet.safetensors"
    assert torch.equal(network.net.features[0].weight, state["features.0.weight"])
    # Nobody publishes any: from nothing, as in the paper.
    assert origin_of("weinet", str(tmp_path)).random
    with pytest.raises(InputError, match=r"no file '.*vgg16\.safetensors'"):
        if find_spec("timm") is None:
            pytest.skip("timm is not installed")
        origin_of("vgg16", str(tmp_path))


@cache
def small(name: str) -> tuple[Layered, np.ndarray]:
    """A network of random weights for pictures near its smallest size, and three of them."""
    size = 34 if name == "alexnet" else 24
    net = plain(name, 3, size=size).eval()
    assert isinstance(net, Layered)
    return net, np.random.default_rng(0).uniform(size=(3, 3, size, size)).astype(np.float32)


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("method", ["grad-cam", "hirescam", "guided-backprop", "deeplift"])
def test_evidence_of_each_is_that_of_the_picture_alone(name: str, method: str) -> None:
    net, x = small(name)
    given = {"baselines": "zero"} if method == "deeplift" else {}
    found = explain(net, x, method=method, target=1, **given)
    assert set(found.status) == {"ok"} and np.isfinite(found.values).all() and found.values.any()
    if method in ("grad-cam", "hirescam"):
        # The last map before it is pooled, without padding.
        cells = {"alexnet": 3, "songnet": 3, "weinet": 24, "silnet": 12}[name]
        assert found.settings["layer_shape"] == [net.features(torch.from_numpy(x)).shape[1], cells, cells]
    alone = explain(net, x[1:2], method=method, target=1, **given)
    np.testing.assert_allclose(alone.values[0], found.values[1], atol=1e-5 * np.abs(found.values).max())
