"""Layers by name: each is listed once, the usual ones lie over the whole depth, a wrong name says which there are."""

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from mien.core.errors import InputError  # noqa: E402
from mien.nets.efficientnet import untrained  # noqa: E402
from mien.nets.layers import layers_of, listening, named, spread  # noqa: E402

PICTURE = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))


class Shared(nn.Module):
    """A rectifier that two steps share, a residual sum, and tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.act = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1), nn.ReLU()
        self.tokens = nn.LayerNorm(4)

    def forward(self, x):
        x = self.act(self.first(x))
        x = self.act(x + self.second(x))
        return self.tokens(x.flatten(2).transpose(1, 2))


def test_a_part_that_hands_an_answer_on_is_the_same_layer() -> None:
    net = untrained("efficientnet-lite0")
    layers = {layer.name: layer for layer in layers_of(net, PICTURE)}
    assert "stages.1" in layers and "stages.1.0" in layers["stages.1"].also
    # The container of the whole body is none of its own.
    assert "stages" in layers["stages.8"].also
    assert len({name for layer in layers.values() for name in (layer.name, *layer.also)}) == sum(
        1 + len(layer.also) for layer in layers.values()
    )


def test_the_usual_layers_are_the_ends_of_stages_and_then_blocks_between() -> None:
    net = untrained("efficientnet-lite0")
    names = [layer.name for layer in spread(net, layers_of(net, PICTURE)[:-1], 12)]
    assert len(names) == 12 and [f"stages.{i}" for i in range(9)] == [n for n in names if n.count(".") == 1]
    every = spread(net, layers_of(net, PICTURE), 10_000)
    assert not any(layer.name.endswith(("layers.0", "layers.1")) for layer in every), "what is only begun is no end"


def test_shared_steps_are_no_layer_and_tokens_have_their_channels_last() -> None:
    layers = layers_of(Shared(), PICTURE)
    assert [layer.name for layer in layers] == ["first", "second", "tokens"]
    assert layers[-1].channels == 4 and layers[-1].shape == (64 * 64, 4)
    answer = torch.rand(2, 5, 4)
    assert torch.equal(layers[-1].averaged(answer), answer.mean(1))


def test_a_layer_that_is_not_there_says_which_are() -> None:
    layers = layers_of(Shared(), PICTURE)
    with pytest.raises(InputError, match=r"toy has no layer 'secnd'. Did you mean 'second'\? It has: first, second"):
        named(layers, ["secnd"], "toy")
    many = layers_of(untrained("efficientnet-lite0"), PICTURE)
    with pytest.raises(
        InputError, match=r"It has: stages.0.0, .*stages.8.1, stages.8, classifier and 109 within these"
    ):
        named(many, ["stages.9"], "lite")
    with pytest.raises(InputError, match="cannot take a picture of"):
        layers_of(Shared(), PICTURE[:, :1])


def test_listening_gives_what_the_layers_give_and_leaves_nothing_behind() -> None:
    net = Shared().eval()
    layers = named(layers_of(net, PICTURE), ["second", "first"], "toy")
    passed: list[int] = []
    handle = net.tokens.register_forward_hook(lambda *_: passed.append(1))
    with listening(net, layers, net) as ask:
        answers = ask(PICTURE)
    handle.remove()
    first = net.first(PICTURE)
    assert torch.equal(answers["first"], first) and torch.equal(answers["second"], net.second(first.relu()))
    assert not passed, "what comes behind the last layer was computed"
    assert not any(part._forward_hooks for part in net.modules())


class Tokens(nn.Module):
    """Blocks that normalise first, as transformers do, behind a convolution; maps have their channels last."""

    output_fmt = "NHWC"

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Conv2d(3, 8, 4, 4)
        self.blocks = nn.Sequential(*(Normed() for _ in range(4)))
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        x = self.blocks(self.embed(x).permute(0, 2, 3, 1))
        return self.pool(x.permute(0, 3, 1, 2)).flatten(1)


class Normed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm, self.dense = nn.LayerNorm(8), nn.Linear(8, 8)

    def forward(self, x):
        return x + self.dense(self.norm(x))


def test_blocks_that_normalise_first_are_ends_and_convolutions_keep_their_channels_first() -> None:
    net = Tokens().eval()
    layers = {layer.name: layer for layer in layers_of(net, PICTURE)}
    assert layers["embed"].channels == 8 and layers["embed"].shape == (8, 16, 16)
    assert layers["blocks.2"].channels == 8 and layers["blocks.2"].shape == (16, 16, 8)
    names = [layer.name for layer in spread(net, list(layers.values()), 6)]
    assert names == ["embed", "blocks.0", "blocks.1", "blocks.2", "blocks.3", "pool"]


def test_an_answer_that_is_only_laid_flat_is_no_other_layer() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 62 * 62, 5)).eval()
    layers = layers_of(net, PICTURE)
    assert [layer.name for layer in layers] == ["0", "1", "3"] and layers[1].also == ("2",)
    assert layers[1].shape == (4, 62, 62)
