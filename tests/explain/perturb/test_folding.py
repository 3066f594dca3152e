"""Normalisation folded away for a while: the same answers, fewer steps, and the network as it was."""

import numpy as np
import pytest
import torch
from torch import nn

from mien.explain.perturb.folding import foldable, folded
from mien.nets.efficientnet import untrained

X = torch.rand(3, 3, 16, 16, generator=torch.Generator().manual_seed(0))


class Branching(nn.Module):
    """One convolution that others read too, one that is used twice, one that is normalised alone."""

    def __init__(self) -> None:
        super().__init__()
        self.shared, self.twice, self.alone = (nn.Conv2d(3, 3, 3, padding=1) for _ in range(3))
        self.one, self.two, self.three = (nn.BatchNorm2d(3) for _ in range(3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = self.shared(x)
        x = self.one(seen) + seen
        x = self.two(self.twice(x)) + self.twice(x)
        return self.three(self.alone(x))


class Deciding(nn.Module):
    """Its way depends on its input."""

    def __init__(self) -> None:
        super().__init__()
        self.part = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.part(x) if x.sum() > 0 else x


def lived(net: nn.Module) -> nn.Module:
    """With statistics and factors that are not those of the start."""
    rng = torch.Generator().manual_seed(1)
    for part in net.modules():
        if isinstance(part, nn.BatchNorm2d):
            for values, low in (
                (part.running_mean, -1.0),
                (part.running_var, 0.5),
                (part.weight, 0.5),
                (part.bias, -1.0),
            ):
                values.data.copy_(low + torch.rand(values.shape, generator=rng))
    return net.eval().requires_grad_(False)


@pytest.mark.parametrize(
    ("net", "pairs"),
    [
        (nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 2, 3)), 1),
        (Branching(), 1),
        (Deciding(), 0),
    ],
)
def test_answers_stay_and_only_what_nobody_else_reads_is_folded(net, pairs):
    net = lived(net)
    with torch.no_grad():
        before = net(X)
        with folded(net) as count:
            assert count == pairs
            torch.testing.assert_close(net(X), before, rtol=1e-4, atol=1e-4)
        assert torch.equal(net(X), before)


def test_the_network_is_as_it_was_also_after_an_error():
    net = lived(nn.Sequential(nn.Conv2d(3, 4, 3, bias=False), nn.BatchNorm2d(4)))
    weight = net[0].weight
    with pytest.raises(RuntimeError, match="stop"), folded(net):
        assert net[0].bias is not None and net[0].weight is not weight
        raise RuntimeError("stop")
    assert net[0].weight is weight and net[0].bias is None and "forward" not in net[1].__dict__
    assert [name for name, _ in net.named_parameters()] == ["0.weight", "1.weight", "1.bias"]


def test_in_training_or_where_hooks_look_on_nothing_is_folded():
    net = lived(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4)))
    assert len(foldable(net)) == 1 and foldable(net.train()) == []
    handle = net.eval()[1].register_forward_hook(lambda *seen: None)
    assert foldable(net) == []
    handle.remove()


def test_all_normalisations_of_the_usual_body_are_folded():
    net = lived(untrained("efficientnet-lite0"))
    norms = sum(isinstance(part, nn.BatchNorm2d) for part in net.modules())
    crops = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        before = net(crops)
        with folded(net) as count:
            assert count == norms == 49
            np.testing.assert_allclose(net(crops).numpy(), before.numpy(), rtol=1e-2, atol=1e-3 * float(before.std()))
