"""Methods of one backward pass against exact answers, Captum and the functions that hooks on modules miss."""

import warnings

import numpy as np
import pytest
import torch
from captum.attr import DeepLift, GuidedBackprop, InputXGradient, Saliency
from torch import nn
from torch.nn import functional

from mien.core.errors import InputError
from mien.explain.explain import explain
from tests.explain.nets import Gap, Resnet, Vgg, linear, made, mlp

torch.set_num_threads(1)
RNG = np.random.default_rng(3)
TABLE = RNG.normal(size=(7, 4)).astype(np.float32)
BASE = RNG.normal(size=(3, 4)).astype(np.float32)
PICTURES = RNG.normal(size=(4, 3, 16, 16)).astype(np.float32)
AGAINST = RNG.normal(size=(2, 3, 16, 16)).astype(np.float32)
WEIGHTS = RNG.normal(size=(3, 4)).astype(np.float32)


class Additive(nn.Module):
    """sin(a) + b^2 - exp(c) + 0 d."""

    def forward(self, x):
        return torch.sin(x[:, 0]) + x[:, 1] ** 2 - torch.exp(x[:, 2])


def parts(x):
    return np.stack([np.sin(x[:, 0]), x[:, 1] ** 2, -np.exp(x[:, 2]), 0 * x[:, 3]], axis=1)


def captum(method, network, pictures=PICTURES, *, baselines=None, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        x = torch.from_numpy(pictures).requires_grad_()
        given = (x,) if baselines is None else (x, torch.from_numpy(baselines).expand_as(x))
        return method(network).attribute(*given, **settings).detach().numpy()


def test_linear_models_get_weight_weight_times_value_and_weight_times_change():
    model = linear(WEIGHTS, bias=2.0)
    found = {m: explain(model, TABLE, method=m, target=1) for m in ("saliency", "input-x-gradient")}
    np.testing.assert_allclose(found["saliency"].values, np.broadcast_to(WEIGHTS[1], (7, 4)), rtol=1e-6)
    np.testing.assert_allclose(found["input-x-gradient"].values, WEIGHTS[1] * TABLE, rtol=1e-6)
    deep = explain(model, TABLE, method="deeplift", target="1>0", baselines=BASE)
    np.testing.assert_allclose(deep.values, (WEIGHTS[1] - WEIGHTS[0]) * (TABLE - BASE.mean(axis=0)), atol=1e-5)
    np.testing.assert_allclose(deep.gap, 0, atol=1e-5)


def test_additive_models_get_the_derivative_or_the_change_of_each_part():
    slope = np.stack([np.cos(TABLE[:, 0]), 2 * TABLE[:, 1], -np.exp(TABLE[:, 2]), 0 * TABLE[:, 3]], axis=1)
    np.testing.assert_allclose(explain(Additive(), TABLE, method="saliency").values, slope, rtol=1e-5)
    np.testing.assert_allclose(
        explain(Additive(), TABLE, method="input-x-gradient").values, slope * TABLE, rtol=1e-5, atol=1e-7
    )
    deep = explain(Additive(), TABLE, method="deeplift", baselines=BASE)
    np.testing.assert_allclose(deep.values, parts(TABLE) - parts(BASE).mean(axis=0), atol=1e-5)


@pytest.mark.parametrize("build", [Gap, Vgg])
@pytest.mark.parametrize(
    ("method", "reference", "settings"),
    [
        ("saliency", Saliency, {"abs": False}),
        ("input-x-gradient", InputXGradient, {}),
        ("guided-backprop", GuidedBackprop, {}),
    ],
)
def test_captum_agrees(build, method, reference, settings):
    network = made(build)
    expected = captum(reference, network, target=2, **settings)
    np.testing.assert_allclose(explain(network, PICTURES, method=method, target=2).values, expected, atol=1e-7)


@pytest.mark.parametrize("activation", [nn.ReLU, nn.Sigmoid, nn.Tanh, nn.ELU, nn.Softplus, nn.LeakyReLU])
def test_captum_agrees_on_deeplift_where_it_is_complete(activation):
    torch.manual_seed(4)
    network = nn.Sequential(
        nn.Conv2d(3, 6, 3, padding=1), activation(), nn.AvgPool2d(2), nn.Conv2d(6, 8, 3), activation(),
        nn.Flatten(), nn.Linear(8 * 36, 12), activation(), nn.Linear(12, 3),
    )  # fmt: skip
    expected = np.mean([captum(DeepLift, network, baselines=AGAINST[[k]], target=1) for k in range(2)], axis=0)
    found = explain(network, PICTURES, method="deeplift", target=1, baselines=AGAINST)
    np.testing.assert_allclose(found.values, expected, atol=2e-6)
    np.testing.assert_allclose(found.gap, 0, atol=1e-5)


@pytest.mark.parametrize("build", [Vgg, Resnet])
def test_deeplift_is_complete_through_maximum_pooling_and_reused_modules(build):
    found = explain(made(build), PICTURES, method="deeplift", target=1, baselines=AGAINST)
    assert np.abs(found.gap).max() < 1e-5 < np.abs(found.values).sum(axis=(1, 2, 3)).min()


def test_deeplift_through_a_maximum_by_hand():
    """max(a, b) from (1, 0) to (0, 3): a held the old maximum 1, b brings the rise from 1 to 3 and takes its place."""

    class Maximum(nn.Module):
        def forward(self, x):
            return functional.max_pool1d(x[:, None], 2).flatten()

    found = explain(
        Maximum(), np.float32([[0, 3], [2, 0]]), method="deeplift", baselines=np.float32([[1, 0]]), names=["a", "b"]
    )
    np.testing.assert_allclose(found.values, [[0, 2], [1, 0]], atol=1e-6)


def test_deeplift_goes_the_same_way_or_says_so():
    class Turning(nn.Module):
        def forward(self, x):
            return (torch.tanh(x) if x.sum() > 0 else torch.sigmoid(x)).sum(dim=1)

    with pytest.raises(InputError, match="another way"):
        explain(Turning(), np.ones((1, 3), np.float32), method="deeplift", baselines=-np.ones(3, np.float32))


class Functional(nn.Module):
    """The same function as ``mlp`` of ReLUs, without a module for them; in place, clamped, twice through one layer."""

    def __init__(self, kind):
        super().__init__()
        torch.manual_seed(1)
        self.first, self.second, self.kind = nn.Linear(4, 6), nn.Linear(6, 1), kind
        self.relu = nn.ReLU()

    def forward(self, x):
        x = self.first(x)
        x = {
            "module": self.relu, "function": functional.relu, "in place": lambda v: functional.relu(v, True),
            "method": torch.Tensor.relu, "clamp": lambda v: v.clamp(min=0), "six": functional.relu6,
        }[self.kind](x)  # fmt: skip
        return self.second(x)


@pytest.mark.parametrize("kind", ["function", "in place", "method", "clamp", "six"])
@pytest.mark.parametrize("method", ["guided-backprop", "deeplift"])
def test_functions_count_as_modules_do(kind, method):
    module, other = (
        explain(Functional(k), TABLE, method=method, **({"baselines": BASE} if method == "deeplift" else {}))
        for k in ("module", kind)
    )
    np.testing.assert_allclose(other.values, module.values, atol=1e-6)
    plain = explain(Functional(kind), TABLE, method="saliency").values
    if method == "guided-backprop":
        assert other.settings["relus"] == 1 and np.abs(other.values - plain).max() > 0.01


def test_guided_backprop_without_a_relu_says_that_it_is_the_gradient():
    network = nn.Sequential(nn.Linear(4, 5), nn.GELU(), nn.Linear(5, 1))
    guided = explain(network, TABLE, method="guided-backprop")
    np.testing.assert_array_equal(guided.values, explain(network, TABLE, method="saliency").values)
    assert guided.settings["relus"] == 0 and "no ReLU" in guided.settings["note"]
    assert guided.settings["notes"] == [guided.settings["note"]]
    smooth = explain(network, TABLE, method="smoothgrad", of="guided-backprop", n_samples=2)
    assert smooth.settings["notes"] == guided.settings["notes"]
    assert "note" not in explain(mlp(4, 1), TABLE, method="guided-backprop").settings


@pytest.mark.parametrize("method", ["saliency", "input-x-gradient", "gradient-shap", "integrated-gradients"])
def test_two_networks_with_one_function_get_the_same_values(method):
    """Implementation invariance: hidden units reordered and split in two halves, one of them turned twice."""
    one = made(mlp, inside=4, outputs=1)
    first, second = one[0], one[2]
    wide = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 12), one[3], one[4])
    order = torch.randperm(16)
    with torch.no_grad():
        wide[0].weight.copy_(torch.cat([first.weight[order], 2 * first.weight]))
        wide[0].bias.copy_(torch.cat([first.bias[order], 2 * first.bias]))
        wide[2].weight.copy_(torch.cat([0.25 * second.weight[:, order], 0.375 * second.weight], dim=1))
        wide[2].bias.copy_(second.bias)
    arguments = {"method": method, **({} if method in ("saliency", "input-x-gradient") else {"baselines": BASE})}
    np.testing.assert_allclose(
        explain(wide, TABLE, **arguments).values, explain(one, TABLE, **arguments).values, atol=2e-6
    )


@pytest.mark.parametrize("method", ["deeplift", "gradient-shap", "integrated-gradients"])
def test_sensitivity_and_symmetry(method):
    """What never matters gets 0; what differs and matters alone gets all; what plays the same role gets the same."""

    class Symmetric(nn.Module):
        def forward(self, x):
            return functional.relu(x[:, 0] + x[:, 1]) + torch.tanh(x[:, 2] * 2)

    rows, base = TABLE.copy(), np.zeros((1, 4), np.float32)
    rows[:, 1] = rows[:, 0]
    found = explain(Symmetric(), rows, method=method, baselines=base, n_samples=400, **{}) if (
        method == "gradient-shap"
    ) else explain(Symmetric(), rows, method=method, baselines=base)  # fmt: skip
    assert (found.values[:, 3] == 0).all()
    np.testing.assert_allclose(found.values[:, 0], found.values[:, 1], atol=1e-6)
    np.testing.assert_allclose(found.values[:, 2], np.tanh(2 * rows[:, 2]), atol=1e-3)


@pytest.mark.parametrize("build", [nn.GRU, nn.LSTM, nn.RNN])
@pytest.mark.parametrize("method", ["deeplift", "smoothgrad"])
def test_deeplift_refuses_recurrent_layers_by_name(build, method):
    """All gates and steps are one function to torch: what came out was the gradient times the change, gap and all."""

    class Recurrent(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = build(4, 5, batch_first=True)

        def forward(self, x):
            return self.net(x.flatten(2))[0][:, -1]

    clips = np.random.default_rng(0).normal(size=(3, 6, 2, 2)).astype(np.float32)
    settings = {} if method == "deeplift" else {"of": "deeplift", "n_samples": 2}
    with pytest.raises(
        InputError, match=f"gates of recurrent layers.*\\({build.__name__}\\); use integrated-gradients"
    ):
        explain(Recurrent(), clips, method=method, target=0, baselines="zero", **settings)
    assert explain(Recurrent(), clips, target=0, baselines="zero").ok.all()


class Written(nn.Module):
    """A layer, something that cuts off what is below 0, and a layer behind a ReLU."""

    def __init__(self, cut):
        super().__init__()
        torch.manual_seed(1)
        self.layers, self.cut = nn.ModuleList([nn.Linear(4, 20), nn.Linear(20, 20), nn.Linear(20, 3)]), cut

    def forward(self, x):
        return self.layers[2](torch.relu(self.layers[1](self.cut(self.layers[0](x)))))


def forgotten(value):
    """In place, and only what was written over is used."""
    functional.relu(value, inplace=True)
    return value


def half(value):
    """In place in a view of a part."""
    value = value * 1
    value[:, :7].relu_()
    return torch.cat([value[:, :7], value[:, 7:].clamp(min=0)], dim=1)


RELUS = {
    "relu_": torch.Tensor.relu_, "torch.relu_": torch.relu_, "clamp_": lambda v: v.clamp_(min=0),
    "clip": lambda v: v.clip(0), "tensor as bound": lambda v: v.clamp(min=torch.zeros(1)),
    "maximum": lambda v: torch.maximum(v, torch.zeros_like(v)), "turned": lambda v: torch.maximum(torch.zeros(1), v),
    "max": lambda v: torch.max(v, torch.zeros(())), "fmax": lambda v: v.fmax(torch.zeros(1)),
    "threshold": nn.Threshold(0.0, 0.0), "threshold_": nn.Threshold(0.0, 0.0, inplace=True),
    "hardtanh_": lambda v: functional.hardtanh_(v, 0.0, 1e6), "module in place": nn.ReLU(inplace=True),
    "leaky without a leak": lambda v: functional.leaky_relu(v, 0.0), "by name": lambda v: functional.relu(input=v),
    "operator": lambda v: torch.ops.aten.relu_.default(v), "forgotten": forgotten, "half": half,
}  # fmt: skip


@pytest.mark.parametrize("cut", RELUS.values(), ids=RELUS)
@pytest.mark.parametrize("method", ["guided-backprop", "deeplift"])
def test_every_way_to_write_a_relu_gives_the_values_of_torch_relu(cut, method):
    more = {"baselines": BASE} if method == "deeplift" else {}
    expected, found = (explain(Written(c), TABLE, method=method, target=1, **more) for c in (torch.relu, cut))
    np.testing.assert_allclose(found.values, expected.values, atol=1e-6)
    assert "note" not in found.settings
    if method == "deeplift":
        np.testing.assert_allclose(found.gap, 0, atol=1e-6)


class Secret(torch.autograd.Function):
    """A ReLU with a backward pass of its own."""

    @staticmethod
    def forward(ctx, value):
        ctx.save_for_backward(value)
        return value.clamp(min=0)

    @staticmethod
    def backward(ctx, gradient):
        return gradient * (ctx.saved_tensors[0] > 0)


@pytest.mark.parametrize(
    "cut", [lambda v: torch.where(v > 0, v, 0.0), lambda v: v * (v > 0), Secret.apply], ids=["where", "mask", "own"]
)
def test_what_may_be_a_relu_but_is_not_met_is_noted(cut):
    guided = explain(Written(cut), TABLE, method="guided-backprop", target=1)
    assert guided.settings["relus"] == 1 and "the plain gradient passes" in guided.settings["note"]
    deep = explain(Written(cut), TABLE, method="deeplift", target=1, baselines=BASE)
    assert deep.settings["rules"] == 1 and "plain gradient" in deep.settings["note"]


@torch.jit.script
def scripted(value):
    return torch.relu(value)


@pytest.mark.parametrize("method", ["guided-backprop", "deeplift"])
def test_relus_that_cannot_be_reached_are_refused(method):
    with pytest.raises(InputError, match="TorchScript"):
        explain(Written(scripted), TABLE, method=method, target=1, **({} if method[0] == "g" else {"baselines": BASE}))
