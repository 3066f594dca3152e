"""Every body says what faces it has seen."""

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from mien.core.errors import InputError  # noqa: E402
from mien.data.weights import weights_state  # noqa: E402
from mien.models.network.model import NetworkScores  # noqa: E402
from mien.nets.first_weights import started  # noqa: E402
from mien.responses.frozen import frozen_body, reopened  # noqa: E402


def test_random_weights_have_seen_nothing_and_repeat_with_their_seed() -> None:
    a, b, other = (frozen_body("efficientnet-lite0", weights="random", seed=s, size=32) for s in (3, 3, 4))
    assert a.card == b.card and a.card.sha256 != other.card.sha256
    assert a.card.exposure == "none" and a.card.weights == "random, seed 3"
    assert frozen_body("untrained efficientnet-lite0", size=32, seed=3).card.sha256 == a.card.sha256
    assert reopened(a.card).card == a.card


def test_the_last_layer_of_a_body_that_nobody_trained_is_not_offered() -> None:
    body = frozen_body("efficientnet-lite0", weights="random", size=32)
    assert not [layer for layer in body.layers if "classifier" in layer.name]
    assert not any(value.requires_grad for value in body.module.parameters()) and not body.module.training


@pytest.mark.skipif(weights_state("efficientnet-lite0-57934424.pth") != "here", reason="weights were not pulled")
def test_imagenet_showed_faces_incidentally() -> None:
    card = frozen_body("efficientnet-lite0").card
    assert card.exposure == "incidental" and card.side_px == 224 and card.weights.startswith("ImageNet")


def test_a_file_of_the_users_says_what_the_user_says(tmp_path: Path, monkeypatch) -> None:
    from safetensors.torch import save_file

    net = started("songnet", 2, size=32, weights="random")[0].net
    save_file({key: value.contiguous() for key, value in net.state_dict().items()}, tmp_path / "blurred.safetensors")
    file = str(tmp_path / "blurred.safetensors")
    assert frozen_body("songnet", weights=file, size=32).card.exposure == "unknown"
    card = frozen_body("songnet", weights=file, size=32, exposure="blurred").card
    assert card.exposure == "blurred" and card.weights == "file blurred.safetensors"
    assert "blurred or masked" in card.sentence()
    # A card gives its body back, as long as the file is the same.
    monkeypatch.chdir(tmp_path)
    relative = frozen_body("songnet", weights="blurred.safetensors", size=32, exposure="blurred", name="mine").card
    monkeypatch.chdir("/")
    assert reopened(relative).card == relative
    other = started("songnet", 2, size=32, weights="random", seed=9)[0].net
    save_file({key: value.contiguous() for key, value in other.state_dict().items()}, file)
    with pytest.raises(InputError, match="mine has other weights now"):
        reopened(relative)


def test_a_model_that_mien_trained_has_seen_faces_and_says_which() -> None:
    network, _ = started("songnet", 2, size=32, weights="random")
    arrays = {key: value.numpy().copy() for key, value in network.state_dict().items()}
    settings = {"network": "songnet", "random_start": True, "dense_top": True}
    info = {"samples": {"name": "toy"}, "n_samples": 804}
    model = NetworkScores(
        name="songnet", classes=("warm", "smart"), target="warm, smart", recipe={"name": "crop"}, feature_names=(),
        input_shape=(3, 32, 32), settings=settings, arrays=arrays, info=info,
    )  # fmt: skip
    body = frozen_body(model)
    assert body.card.exposure == "trained on faces"
    assert body.card.weights == "trained by mien from random weights on toy, 804 pictures of faces"
    assert frozen_body(model, exposure="unknown").card.exposure == "unknown"
    # Its last layer was trained.
    assert any(layer.shape == (2,) for layer in body.layers)
    with pytest.raises(InputError, match="trained on pictures of 32 pixels"):
        frozen_body(model, size=64)


def test_a_module_is_what_its_owner_says_of_it() -> None:
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU())
    assert frozen_body(net, size=32).card.exposure == "unknown"
    card = frozen_body(net, size=32, exposure="blurred", name="mine").card
    assert (card.name, card.exposure, card.side_px) == ("mine", "blurred", 32)
    with pytest.raises(InputError, match=r"give it as body=\.\.\."):
        reopened(card)
    with pytest.raises(InputError, match="no layer that gives one tensor"):
        frozen_body(Bare())


class Bare(torch.nn.Module):
    """A step without parts."""

    def forward(self, x):
        return x


def test_a_model_of_landmarks_is_no_body(tmp_path: Path) -> None:
    import mien

    with pytest.raises(InputError, match="no network that sees pictures"):
        frozen_body(mien.load_model("rules"))
