"""Lesions: named units give a constant, everything else what it gave, and nothing is left behind."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from mien.core.errors import InputError  # noqa: E402
from mien.nets.lesions import silenced  # noqa: E402


def toy() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(6 * 36, 4)).eval()


PICTURES = torch.rand(5, 3, 8, 8, generator=torch.Generator().manual_seed(1))


def test_units_are_zero_everywhere_and_others_untouched() -> None:
    net = toy()
    whole = net[0](PICTURES)
    with silenced(net, "0", [1, 4]) as same:
        assert same is net
        answer = net[0](PICTURES)
    assert torch.equal(answer[:, [1, 4]], torch.zeros(5, 2, 6, 6))
    others = [0, 2, 3, 5]
    assert torch.equal(answer[:, others], whole[:, others])


def test_the_answer_is_that_of_weights_that_were_cut() -> None:
    net, cut = toy(), toy()
    with torch.no_grad():
        cut[0].weight[[1, 4]], cut[0].bias[[1, 4]] = 0.0, 0.0
        with silenced(net, "0", np.array([1, 4])):
            assert torch.equal(net(PICTURES), cut(PICTURES))


def test_a_value_of_its_own_for_each_unit() -> None:
    net = toy()
    with silenced(net, "3", [0, 2], [1.5, -2.0]):
        assert net(PICTURES)[:, [0, 2]].tolist() == [[1.5, -2.0]] * 5


def test_tokens_have_their_units_last() -> None:
    net = nn.Sequential(nn.Linear(3, 6))
    tokens = torch.rand(2, 7, 3)
    with silenced(net, "0", [5]):
        answer = net(tokens)
    assert torch.equal(answer[..., 5], torch.zeros(2, 7)) and bool((answer[..., :5] != 0).all())


def test_blocks_within_blocks_and_an_error_leave_nothing_behind() -> None:
    net = toy()
    before = net(PICTURES)
    with pytest.raises(ZeroDivisionError), silenced(net, "0", [1]), silenced(net, "0", [4]):
        assert not net[0](PICTURES)[:, [1, 4]].any()
        raise ZeroDivisionError
    assert torch.equal(net(PICTURES), before) and not any(part._forward_hooks for part in net.modules())


def test_what_listens_to_the_layer_hears_the_lesion() -> None:
    net, heard = toy(), []
    net[0].register_forward_hook(lambda module, given, answer: heard.append(answer))
    with silenced(net, "0", [2]):
        net(PICTURES)
    assert not heard[0][:, 2].any()


def test_no_units_change_nothing() -> None:
    net = toy()
    before = net(PICTURES)
    with silenced(net, "0", []):
        assert torch.equal(net(PICTURES), before)


@pytest.mark.parametrize(
    ("layer", "units", "values", "words"),
    [
        ("9", [0], 0.0, "has no layer '9'.* It has: 0, 1, 2, 3"),
        ("0", [0.5], 0.0, "units are numbers of channels"),
        ("0", [0, 1], [0.0], "one finite number, or one for each of the 2 units"),
        ("0", [0], float("nan"), "finite"),
    ],
)
def test_a_lesion_that_cannot_be_is_a_sentence(layer, units, values, words) -> None:
    with pytest.raises(InputError, match=words), silenced(toy(), layer, units, values):
        pass


def test_a_unit_that_is_not_there_is_a_sentence() -> None:
    net = toy()
    with pytest.raises(InputError, match="has the units 0 to 5"), silenced(net, "0", [6]):
        net(PICTURES)
    with pytest.raises(InputError, match="does not give one tensor"), silenced(Tuple(), "inner", [0]) as other:
        other(PICTURES)


class Tuple(nn.Module):
    """A layer that gives two tensors."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = Two()

    def forward(self, x):
        return self.inner(x)[0]


class Two(nn.Module):
    """Gives its input twice."""

    def forward(self, x):
        return x, x
