"""Gradients that somebody has a hand in are told: hooks, backward passes of their own, rounding."""

import numpy as np
import pytest
import torch
from torch import nn

from mien.explain.explain import explain

torch.set_num_threads(1)
PICTURES = np.random.default_rng(0).random((4, 3, 16, 16)).astype(np.float32)
HOOKS, OWN, ROUNDS = "Backward hooks change", "a backward pass of its own", "rounds numbers"


class Cut(torch.autograd.Function):
    """A ReLU with its own slope."""

    @staticmethod
    def forward(ctx, value):
        ctx.save_for_backward(value)
        return value.clamp(min=0)

    @staticmethod
    def backward(ctx, gradient):
        return gradient * (ctx.saved_tensors[0] > 0)


class Straight(Cut):
    """A ReLU whose slope is said to be 1 everywhere."""

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class Turned(torch.autograd.Function):
    """Gradient reversal, as in training against a domain."""

    @staticmethod
    def forward(ctx, value):
        return value.view_as(value)

    @staticmethod
    def backward(ctx, gradient):
        return -gradient


class Rounded(Straight):
    """Fake quantisation."""

    @staticmethod
    def forward(ctx, value):
        return (4 * value).round() / 4


def hooked(change):
    def pass_on(value):
        if value.requires_grad:
            value.register_hook(change)
        return value

    return pass_on


class Net(nn.Module):
    """A small network with something done to its input and its map."""

    def __init__(self, inside=torch.relu, before=lambda x: x):
        super().__init__()
        torch.manual_seed(0)
        self.layer, self.last, self.inside, self.before = nn.Conv2d(3, 6, 3), nn.Linear(6, 2), inside, before

    def forward(self, x):
        return self.last(self.inside(self.layer(self.before(x))).mean((2, 3)))


def with_hook(change, name="register_full_backward_hook"):
    network = Net()
    getattr(network.layer, name)(lambda module, inner, outer: change(inner))
    return network


def notes(network, method, **more):
    return " ".join(explain(network, PICTURES, method=method, target=1, **more).settings.get("notes", []))


ALTERED = {
    "module hook": (lambda: with_hook(lambda g: (-g[0],)), HOOKS),
    "older hook": (lambda: with_hook(lambda g: (-g[0], *g[1:]), "register_backward_hook"), HOOKS),
    "tensor hook": (lambda: Net(lambda v: hooked(lambda g: -g)(v.relu())), HOOKS),
    "mask": (lambda: Net(lambda v: hooked(lambda g: g * (g > 0))(v.relu())), HOOKS),
    "straight through": (lambda: Net(Straight.apply), OWN),
    "reversal": (lambda: Net(lambda v: Turned.apply(v.relu())), OWN),
    "quantised": (lambda: Net(before=Rounded.apply), OWN),
    "quantised by a copy": (lambda: Net(before=lambda x: x + ((4 * x).round() / 4 - x).detach()), "another gradient"),
    "rounded": (lambda: Net(before=lambda x: (255 * x).round() / 255), ROUNDS),
}  # fmt: skip


@pytest.mark.parametrize("method", ["saliency", "grad-cam", "integrated-gradients"])
@pytest.mark.parametrize(("build", "words"), ALTERED.values(), ids=ALTERED)
def test_gradients_that_are_not_the_slopes_are_told(build, words, method):
    network = build()
    said = notes(network, method)
    assert words in said and "inf" not in said
    # What was done to look is undone: values and notes are the same again.
    assert notes(network, method) == said


UNALTERED = {
    "plain": Net, "own slope": lambda: Net(Cut.apply),
    "smooth": lambda: Net(lambda v: Cut.apply(v.tanh() * v.sigmoid())),
    "hook that looks": lambda: with_hook(lambda g: None),
    "tensor hook that looks": lambda: Net(lambda v: hooked(lambda g: None)(v.relu())),
    "double": lambda: Net(lambda v: Cut.apply(v.double()).float()),
}  # fmt: skip


@pytest.mark.parametrize("build", UNALTERED.values(), ids=UNALTERED)
def test_hooks_that_look_and_slopes_that_are_right_are_not(build):
    for method in ("saliency", "grad-cam", "integrated-gradients"):
        assert notes(build(), method) == ""


@pytest.mark.parametrize(
    "before", [lambda x: (255 * x).round() / 255, lambda x: (x > 0.5).float() + 0 * x], ids=["rounded", "threshold"]
)
def test_why_nothing_has_a_slope_is_told(before):
    found = explain(Net(before=before), PICTURES, method="saliency", target=1)
    assert set(found.status) == {"saturated"}
    told = " ".join(found.settings["notes"])
    assert "All values of 4 of 4 samples are zero" in told and "thresholds or rounding" in told
    seen = explain(Net(before=before), PICTURES, method="occlusion", target=1)
    assert set(seen.status) == {"ok"} and "notes" not in seen.settings
