"""Randomised layers are put back exactly, and evidence that looks at no weights does not change."""

import numpy as np
import pytest
import torch

from mien.core.errors import InputError
from mien.faithfulness.faithfulness import evaluate_evidence
from mien.faithfulness.stability import randomised, stages_of

torch.set_num_threads(1)


def network():
    torch.manual_seed(4)
    return torch.nn.Sequential(
        torch.nn.Linear(12, 10), torch.nn.Tanh(), torch.nn.Linear(10, 10), torch.nn.Tanh(), torch.nn.Linear(10, 2)
    )


def test_weights_are_other_inside_and_the_very_same_after_an_error():
    net = network()
    before = [weight.detach().clone() for weight in net.parameters()]
    with pytest.raises(KeyError), randomised([net[2], net[4]], 0):
        inside = [weight.detach().clone() for weight in net.parameters()]
        assert all(torch.equal(a, b) for a, b in zip(inside[:2], before[:2], strict=True))
        assert not any(torch.equal(a, b) for a, b in zip(inside[2:], before[2:], strict=True))
        raise KeyError
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), before, strict=True))


def test_random_weights_keep_the_spread_of_the_trained_ones():
    layer = torch.nn.Linear(100, 100)
    mean, spread = layer.weight.mean().item(), layer.weight.std().item()
    with randomised([layer], 1):
        assert layer.weight.std().item() == pytest.approx(spread, rel=0.05)
        assert layer.weight.mean().item() == pytest.approx(mean, abs=0.005)


def test_layers_go_from_the_last_to_the_first():
    net = network()
    assert stages_of(net, 3) == [[net[4]], [net[2]], [net[0]]]
    assert stages_of(net, 2) == [[net[4], net[2]], [net[0]]]
    assert len(stages_of(net, 50)) == 3
    with pytest.raises(InputError, match="n_stages is at least 1"):
        stages_of(net, 0)


def test_evidence_of_a_network_changes_with_its_weights_and_that_of_the_input_alone_does_not():
    class Echo(torch.nn.Module):
        """Its gradient does not depend on its weights' values but for their common size."""

        def __init__(self):
            super().__init__()
            self.gain = torch.nn.Parameter(torch.full((1,), 2.0))

        def forward(self, x):
            return (x**2).sum(dim=1) * self.gain

    values = np.random.default_rng(1).normal(size=(30, 12)).astype(np.float32)
    name = "parameter-randomisation"
    echo = evaluate_evidence(Echo(), values, "saliency", metrics=[name])
    assert echo.rows[0].value == pytest.approx(1)
    learnt = evaluate_evidence(
        network(), values, "saliency", metrics=[name], target=1, settings={name: {"n_stages": 3}}
    )
    assert learnt.rows[0].value < 0.6 and abs(learnt.rows[0].random) < 0.15
