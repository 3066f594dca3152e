"""Networks by name: published sizes, weights from files and caches, pre-processing, frozen bodies, bad input.

The networks that run here are timm's smallest; of the large ones only shapes are made. Sockets are blocked.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from mien.core.errors import InputError, MissingExtra
from mien.core.files import sha256_of
from mien.explain.explain import explain
from mien.models.picture import PictureClassifier, PictureRegressor
from mien.models.store import load_model, save_model
from mien.nets import zoo
from mien.nets.bodies import Body, body_of
from mien.nets.body_cache import body_features
from mien.nets.first_weights import fill_body, origin_of, read_state, started
from mien.nets.zoo import Network, plain, preprocessing, resolved, shapes_of, shapes_only
from mien.nets.zoo_bodies import zoo_channels

if find_spec("timm") is None:
    pytest.skip("timm is not installed: pip install 'mien[zoo]'", allow_module_level=True)
safetensors = pytest.importorskip("safetensors.torch")
torch.set_num_threads(1)
RESNET, VIT = "test_resnet", "test_vit"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Caches of their own, both empty."""
    from huggingface_hub import constants

    monkeypatch.setenv("MIEN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path


def in_hub(home: Path, address: str, state: dict[str, torch.Tensor]) -> Path:
    """A file where the Hugging Face cache keeps it."""
    folder = home / "hub" / f"models--{address.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("0" * 40)
    place = folder / "snapshots" / ("0" * 40)
    place.mkdir(parents=True)
    safetensors.save_file(state, place / "model.safetensors")
    return place / "model.safetensors"


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("vgg16", 138_357_544), ("vgg19", 143_667_240), ("resnet18", 11_689_512), ("resnet50", 25_557_032),
     ("resnet101", 44_549_160), ("vit-base-patch16-224", 86_567_656), ("mobilenetv3-large", 5_483_032),
     ("efficientnet-lite0", 4_652_008)],
)  # fmt: skip
def test_networks_have_the_published_size(name: str, parameters: int) -> None:
    running = ("running_mean", "running_var", "num_batches_tracked")
    shapes = shapes_of(name, 1000, size=224)
    found = sum(int(np.prod(s)) for key, s in shapes.items() if key.startswith("net.") and not key.endswith(running))
    assert found == parameters


def test_the_small_networks_are_those_of_the_paper() -> None:
    """Convolutions 5 x 5 with 16, 32 and 64 channels, 50,176 -> 512 -> 1; 150,528 -> 1024 -> 512 -> 1."""
    cnn, mlp = shapes_of("small-cnn", 1, size=224), shapes_of("mlp", 1, size=224)
    assert [cnn[f"net.features.{i}.weight"] for i in (0, 3, 6)] == [(16, 3, 5, 5), (32, 16, 5, 5), (64, 32, 5, 5)]
    assert cnn["net.hidden.1.weight"] == (512, 50_176) and cnn["net.classifier.weight"] == (1, 512)
    assert [mlp[f"net.{k}.weight"] for k in ("hidden.1", "hidden.3", "classifier")] == [
        (1024, 150_528), (512, 1024), (1, 512)]  # fmt: skip


def test_names_are_those_of_timm_too() -> None:
    assert resolved("vit-base-patch16-224") == resolved("vit_base_patch16_224") == "vit_base_patch16_224"
    assert resolved("mobilenetv3-large") == "mobilenetv3_large_100" and resolved("resnet18.tv_in1k")
    with pytest.raises(InputError, match=r"There is no body 'resnet19'.*Did you mean resnet1"):
        resolved("resnet19")
    with pytest.raises(InputError, match="no weights 'nowhere' of resnet18"):
        resolved("resnet18.nowhere")


def test_without_timm_the_sentence_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(MissingExtra, match=r"pip install 'mien\[zoo\]'"):
        zoo.timm()


def test_pictures_are_normalised_as_the_network_expects_them() -> None:
    x = torch.rand(2, 3, 32, 32)
    seen = Network(nn.Identity(), "efficientnet-lite0", 32)(x)
    torch.testing.assert_close(seen, (x * 255 - 127) / 128)
    mean, sd = preprocessing("vit-base-patch16-224")
    assert mean == sd == (0.5, 0.5, 0.5) and preprocessing("vgg16")[0] == (0.485, 0.456, 0.406)


def test_the_seed_decides_random_weights() -> None:
    one, two, three = (plain(RESNET, 2, size=32, seed=s).state_dict()["fc.weight"] for s in (1, 1, 2))
    assert torch.equal(one, two) and not torch.equal(one, three)


def test_no_weights_are_fetched_and_the_sentence_says_how_to_get_them() -> None:
    with pytest.raises(InputError, match=r"mien downloads none by itself: .*hf download timm/vgg16.tv_in1k"):
        started("vgg16", 1, size=32)
    with pytest.raises(InputError, match=r"hf download timm/resnet18\.tv_in1k"):
        origin_of("resnet18.tv_in1k", "pretrained")
    assert origin_of("small-cnn", "").random and origin_of("vgg16", "random").random
    with pytest.raises(InputError, match="Nobody publishes weights of 'mlp'"):
        origin_of("mlp", "pretrained")
    with pytest.raises(InputError, match=r"there is no file 'no.safetensors'"):
        origin_of("vgg16", "no.safetensors")


@pytest.mark.parametrize("way", ["hub", "safetensors", "pth", "mien"])
def test_the_body_is_taken_from_weights_and_the_last_layer_is_new(way: str, home: Path) -> None:
    trained = plain(RESNET, 1000, size=64, seed=5)
    state = {key: value.contiguous() for key, value in trained.state_dict().items()}
    if way == "hub":
        path = in_hub(home, "timm/test_resnet.r160_in1k", state)
    else:
        path = home / ("w.pth" if way == "pth" else "w.safetensors")
        if way == "pth":
            torch.save(trained.state_dict(), path, _use_new_zipfile_serialization=False)
        else:
            mine = {**{f"net.{k}": v for k, v in state.items()}, "centre": torch.zeros(1), "scale": torch.ones(1)}
            safetensors.save_file(mine if way == "mien" else state, path)
    network, origin = started(RESNET, 2, size=64, weights="" if way == "hub" else str(path), seed=0)
    assert origin.sha256 == sha256_of(path) and not origin.random
    assert origin.words == ("timm/test_resnet.r160_in1k" if way == "hub" else path.name)
    x = torch.rand(2, 3, 64, 64)
    z = (x - network.mean) / network.sd
    torch.testing.assert_close(network.net.forward_features(z), trained.eval().forward_features(z))
    assert network(x).shape == (2, 2)


def test_weights_of_torchvisions_vgg_are_understood() -> None:
    """Its wide layers are matrices, timm's convolutions; the values are the same in the same order."""
    from mien.nets.first_weights import _renamed

    file = {"features.0.weight": torch.rand(2, 3, 3, 3), "classifier.0.weight": torch.rand(4, 3 * 49),
            "classifier.0.bias": torch.rand(4), "classifier.6.weight": torch.rand(5, 4)}  # fmt: skip
    wanted = {"pre_logits.fc1.weight": torch.zeros(4, 3, 7, 7), "pre_logits.fc1.bias": torch.zeros(4)}
    found = _renamed(file, wanted)
    assert set(found) == {"features.0.weight", "pre_logits.fc1.weight", "pre_logits.fc1.bias", "head.fc.weight"}
    picture = torch.rand(1, 3, 7, 7)
    one = nn.functional.conv2d(picture, found["pre_logits.fc1.weight"]).flatten(1)
    torch.testing.assert_close(one, picture.flatten(1) @ file["classifier.0.weight"].T)


def test_position_embeddings_follow_the_size_of_the_picture() -> None:
    """Embeddings that are the same everywhere stay so; that of the class token is kept."""
    large, small = plain(VIT, 2, size=160), plain(VIT, 2, size=64)
    state = {k: v.clone() for k, v in large.state_dict().items()}
    state["pos_embed"] = torch.linspace(-1, 1, state["pos_embed"].shape[-1]).expand_as(state["pos_embed"]).clone()
    state["pos_embed"][:, 0] = 7.0
    fill_body(small, state, "it does not fit")
    found = small.state_dict()["pos_embed"]
    assert found.shape[1] == 17 and bool((found[:, 0] == 7).all())
    torch.testing.assert_close(found[0, 1:], torch.linspace(-1, 1, found.shape[-1]).expand(16, -1), atol=1e-5, rtol=0)


def test_weights_that_do_not_fit_are_refused_by_name(home: Path) -> None:
    net = plain(RESNET, 2, size=32)
    before = {k: v.clone() for k, v in net.state_dict().items()}
    body = {k: v.clone() for k, v in before.items() if not k.startswith("fc")}
    name = next(iter(body))
    with pytest.raises(InputError, match=f"'{name}' is in the network and not in the file"):
        fill_body(net, {k: v for k, v in body.items() if k != name}, "w.safetensors does not fit")
    with pytest.raises(InputError, match="'more' is in the file and not in the network"):
        fill_body(net, {**body, "more": torch.zeros(1)}, "w.safetensors does not fit")
    with pytest.raises(InputError, match=rf"w.safetensors does not fit: '{name}' is \(2,\)"):
        fill_body(net, {**body, name: torch.zeros(2)}, "w.safetensors does not fit")
    with pytest.raises(InputError, match="not finite"):
        fill_body(net, {**body, name: body[name] * torch.nan}, "w.safetensors does not fit")
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    torch.save({"state_dict": {f"module.{k}": v for k, v in before.items()}, "epoch": 3}, home / "new.pth")
    again = plain(RESNET, 2, size=32, seed=1)
    fill_body(again, read_state(home / "new.pth"), "new.pth does not fit")
    assert all(torch.equal(again.state_dict()[k], before[k]) for k in body)
    torch.save(torch.nn.Sequential(torch.nn.Flatten()), home / "module.pth")
    with pytest.raises(InputError, match=r"module.pth is not a file of weights by name.*net\.state_dict"):
        read_state(home / "module.pth")
    (home / "bad.safetensors").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"bad\.safetensors is not a readable safetensors file"):
        read_state(home / "bad.safetensors")


def test_a_network_that_cannot_take_the_crops_says_so() -> None:
    with pytest.raises(InputError, match=r"parts of 16 pixels; give crops of a multiple of that, not of 40 pixels\."):
        started(VIT, 2, size=40, weights="random")


def pictures(count: int = 24, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Noise with a bright lower half for every second picture."""
    x = np.random.default_rng(seed).uniform(0.3, 0.6, (count, 3, 32, 32)).astype(np.float32)
    x[1::2, :, 20:] += 0.3
    return x, np.where(np.arange(count) % 2, "smiling", "neutral")


def test_a_frozen_body_gives_the_pooled_maps_of_its_stages() -> None:
    body = Body(f"untrained {RESNET}", (1, 3), (2, 1))
    x = torch.from_numpy(pictures(3)[0])
    module = body.module(32)
    maps: list[torch.Tensor] = []
    for name in ("layer1", "layer3"):
        getattr(module.net, name).register_forward_hook(lambda part, given, found: maps.append(found))
    features = module(x)
    first, last = maps
    by_hand = [first.unflatten(2, (2, -1)).unflatten(4, (2, -1)).mean((3, 5)).flatten(1), last.mean((2, 3))]
    torch.testing.assert_close(features, torch.cat(by_hand, 1))
    assert features.shape[1] == sum(body.sizes)
    kept = body_features(x.numpy(), body)
    np.testing.assert_allclose(kept[:, 0], features.numpy(), atol=1e-5)
    assert body.weights.startswith("random ") and len(body.weights) == 7 + 64


@pytest.mark.parametrize("name", ["vgg16", "resnet50", "vit-base-patch16-224", "mobilenetv3-large", "convnext_tiny"])
def test_stages_are_those_that_the_maps_have(name: str) -> None:
    channels = zoo_channels(name)
    with shapes_only():
        net, x = plain(name, 2, size=224).eval(), torch.zeros(1, 3, 224, 224)
    maps = net.forward_intermediates(x, indices=list(range(len(channels))), intermediates_only=True)  # type: ignore[operator]
    assert tuple(found.shape[1] for found in maps) == channels and min(maps[-1].shape[2:]) >= 7


def test_a_head_on_a_zoo_body_learns_is_stored_and_explained(home: Path) -> None:
    x, y = pictures()
    new, truth = pictures(12, seed=1)
    fitted = PictureClassifier(body=RESNET, weights="random").fit(x, y)
    assert fitted.notes() == [f"The body {RESNET} has random weights: it learnt nothing from any picture."]
    model = fitted.model(recipe={"name": "crop", "size": 32})
    assert (model.predict_classes(new) == truth).mean() > 0.9
    save_model(model, home / "m")
    again = load_model(home / "m")
    assert np.array_equal(again.predict(new), model.predict(new)) and again.settings["weights"] == "random"
    assert np.isfinite(explain(again, new[:2], method="grad-cam", target="smiling").values).all()


def test_a_body_from_a_file_is_bound_to_that_file(home: Path) -> None:
    x, y = pictures()
    path = home / "w.safetensors"
    state = {k: v.contiguous() for k, v in plain(RESNET, 2, size=32, seed=3).state_dict().items()}
    safetensors.save_file(state, path)
    fitted = PictureRegressor(body=RESNET, weights=str(path)).fit(x, (y == "smiling").astype(float))
    assert fitted.notes() == [] and fitted.model().settings["body_sha256"] == sha256_of(path)
    model = fitted.model(recipe={"name": "crop", "size": 32})
    np.testing.assert_allclose(model.predict(x), fitted.predict(x), atol=1e-3)
    state["fc.bias"] = state["fc.bias"] + 1
    safetensors.save_file(state, path)
    with pytest.raises(InputError, match="was trained on other weights of test_resnet"):
        model.predict(x)


def test_wrong_bodies_are_told_in_a_sentence() -> None:
    with pytest.raises(InputError, match="stages are numbers from 0 to 4"):
        body_of(RESNET, (5,), (1,), "random", depth=2, cells=3)
    with pytest.raises(InputError, match="'small-cnn' has no trained weights"):
        PictureClassifier(body="small-cnn").fit(*pictures(4))
    with pytest.raises(InputError, match="Weights from a file are for networks of timm"):
        PictureClassifier(body="efficientnet-lite0", weights="w.safetensors").fit(*pictures(4))
    with pytest.raises(InputError, match="downloads none by itself"):
        PictureClassifier(body="resnet18").fit(*pictures(4))
