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
from mien.models.landmark_nets.model import SequenceModule
from mien.models.landmark_nets.randomised import RandomisedClassifier
from mien.nets.landmarks.base import BETA, FLOOR
from mien.nets.landmarks.convolution import LandmarkNet
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


class One(nn.Module):
    """A function of one number as a module, which is what Captum meets."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Silu(One): ...


class Exp(One): ...


class Log(One): ...


class Square(One): ...


class Root(One): ...


class Twin(nn.Module):
    """A landmark network of one label written out in modules of one function each."""

    def __init__(self, net):
        super().__init__()
        self.net, self.silu, self.exp = net, Silu(functional.silu), Exp(torch.exp)
        self.log, self.square, self.root = Log(torch.log), Square(torch.square), Root(torch.sqrt)

    def forward(self, x):
        active = self.silu(self.net.convolution(x))
        mean = active.mean(2)
        peak = self.log(self.exp(active * BETA).mean(2)) / BETA
        spread = self.root(self.square(active - mean[..., None]).mean(2) + FLOOR)
        return torch.stack([mean, peak, spread], -1).flatten(1) @ self.net.weight[0] + self.net.bias


def test_deeplift_goes_through_miens_own_landmark_networks_as_captum_does(monkeypatch):
    from captum.attr._core import deep_lift

    rule = deep_lift.SUPPORTED_NON_LINEAR[nn.ReLU]
    monkeypatch.setattr(
        deep_lift, "SUPPORTED_NON_LINEAR",
        deep_lift.SUPPORTED_NON_LINEAR | dict.fromkeys([Silu, Exp, Log, Square, Root], rule),
    )  # fmt: skip
    torch.manual_seed(2)
    net = LandmarkNet(4, 1, filters=3, width=3, members=1).double().eval()
    clips, against = torch.randn(3, 4, 9).double(), torch.randn(1, 4, 9).double()
    torch.testing.assert_close(net(clips)[:, 0], Twin(net)(clips))
    expected = DeepLift(Twin(net)).attribute(clips, against.expand_as(clips)).detach().numpy()
    with torch.no_grad():
        module = SequenceModule(net.float(), torch.eye(4))
    inputs, base = (one.float().transpose(1, 2)[..., None].numpy() for one in (clips, against))
    found = explain(module, inputs, method="deeplift", baselines=base, space="landmarks x time")
    np.testing.assert_allclose(found.values[..., 0].transpose(0, 2, 1), expected, atol=1e-5)
    np.testing.assert_allclose(found.gap, 0, atol=1e-5)
    assert "notes" not in found.settings and np.abs(found.values).max() > 0.01


@pytest.mark.parametrize("network", ["rvfl", "random-tcn", "esn"])
def test_deeplift_is_complete_on_miens_random_networks_and_no_relu_is_sought_there(network):
    values = RNG.normal(0, 0.1, (12, 8, 68, 2)).astype(np.float32)
    fitted = RandomisedClassifier(network=network, topology="ibug-68", components=6, units=5, filters=6)
    model = fitted.fit(values, np.tile(["a", "b"], 6)).model()
    deep = explain(model, values[:3], method="deeplift", target="a", baselines=values[3:5])
    assert "notes" not in deep.settings and set(deep.status) == {"ok"}
    np.testing.assert_allclose(deep.gap, 0, atol=1e-4 * np.abs(deep.output).max())
    if network == "rvfl":
        guided = explain(model, values[:3], method="guided-backprop", target="a")
        assert set(guided.status) == {"ok"} and "torch.relu" not in " ".join(guided.settings.get("notes", []))
    else:
        with pytest.raises(InputError, match="the network has none: only the plain gradient"):
            explain(model, values[:3], method="guided-backprop", target="a")


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


def test_guided_backprop_refuses_a_network_whose_relus_are_written_otherwise():
    class Masked(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first, self.last = nn.Linear(4, 5), nn.Linear(5, 1)

        def forward(self, x):
            hidden = self.first(x)
            return self.last(hidden * (hidden > 0))

    with pytest.raises(InputError, match=r"has none \(it has .*only the plain gradient would pass"):
        explain(Masked(), TABLE, method="guided-backprop")


class Sine(nn.Module):
    def forward(self, x):
        return torch.sin(x)


@pytest.mark.parametrize(
    "activation", [nn.GELU, nn.SiLU, nn.Softplus, nn.PReLU, nn.ELU, nn.LeakyReLU, Sine, nn.Identity]
)
def test_guided_backprop_never_gives_the_plain_gradient_under_its_name(activation):
    network = nn.Sequential(nn.Linear(4, 5), activation(), nn.Linear(5, 1))
    for more in ({"method": "guided-backprop"}, {"method": "smoothgrad", "of": "guided-backprop", "n_samples": 2}):
        with pytest.raises(InputError, match=r"at ReLUs, but the network has none.*'saliency', 'smoothgrad'"):
            explain(network, TABLE, **more)
    mixed = nn.Sequential(nn.Linear(4, 5), activation(), nn.Linear(5, 5), nn.ReLU(), nn.Linear(5, 1))
    assert explain(mixed, TABLE, method="guided-backprop").settings["relus"] == 1
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


def assigned(value):
    value = value.clone()
    value[value < 0] = 0
    return value


# A ReLU in other words, and what the note has to name.
WRITTEN_OUT = {
    "where": (lambda v: torch.where(v > 0, v, 0.0), "Where"), "mask": (lambda v: v * (v > 0), "gt"),
    "own": (Secret.apply, "Secret"), "larger of a stack": (lambda v: torch.stack([v, 0 * v]).max(0).values, "Max"),
    "amax": (lambda v: torch.stack([v, 0 * v]).amax(0), "Amax"), "amount": (lambda v: (v + v.abs()) / 2, "Abs"),
    "root of a square": (lambda v: (v + v.square().sqrt()) / 2, "Sqrt"), "fill": (
        lambda v: v.masked_fill(v < 0, 0), "MaskedFill"),
    "assigned": (assigned, "IndexPut"), "detached mask": (lambda v: v * (v.detach() > 0), "detach"),
    "data": (lambda v: v * (v.data > 0), "data"), "sorted": (lambda v: torch.stack([v, 0 * v]).sort(0)[0][1], "Sort"),
    "sign": (lambda v: v * (1 + v.sign()) / 2, "Sign"), "interpolated": (
        lambda v: torch.lerp(torch.zeros_like(v), v, (v > 0).float()), "gt"),
    "one by one": (lambda v: torch.stack([a if a.item() > 0 else 0 * a for a in v.flatten()]).view_as(v), "item"),
    "leaky": (lambda v: functional.leaky_relu(v, 0.1), "LeakyRelu"), "rounded": (functional.gelu, "Gelu"),
}  # fmt: skip


@pytest.mark.parametrize(("cut", "name"), WRITTEN_OUT.values(), ids=WRITTEN_OUT)
def test_what_may_be_a_relu_but_is_not_met_is_noted(cut, name):
    guided = explain(Written(cut), TABLE, method="guided-backprop", target=1)
    assert guided.settings["relus"] == 1 and "the plain gradient passes" in guided.settings["note"]
    assert name in guided.settings["note"]


# These are functions of one number, where DeepLIFT's rule holds.
MET = ("amount", "root of a square", "leaky", "rounded")


@pytest.mark.parametrize("which", [w for w in WRITTEN_OUT if w not in MET])
def test_steps_without_a_rule_are_named_by_deeplift_and_refused_where_there_is_no_other(which):
    cut, name = WRITTEN_OUT[which]
    deep = explain(Written(cut), TABLE, method="deeplift", target=1, baselines=BASE)
    assert deep.settings["rules"] == 1 and "plain gradient" in deep.settings["note"] and name in deep.settings["note"]
    torch.manual_seed(1)
    first, last = nn.Linear(4, 8), nn.Linear(8, 1)

    class Alone(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.last = first, last

        def forward(self, x):
            return self.last(cut(self.first(x)))

    with pytest.raises(InputError, match=f"no rule for any nonlinear step.*{name}.*integrated-gradients"):
        explain(Alone(), TABLE, method="deeplift", baselines=BASE)


@pytest.mark.parametrize("method", ["guided-backprop", "deeplift"])
def test_linear_steps_smooth_ones_and_how_weights_are_computed_are_no_relus(method):
    """Weights of amounts, masks that hang on no input, places, poolings, norms: nothing of it cuts off below 0."""

    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            torch.manual_seed(1)
            self.first, self.norm = nn.utils.parametrizations.weight_norm(nn.Linear(4, 8)), nn.BatchNorm1d(8)
            self.scale, self.last = nn.Parameter(torch.randn(8)), nn.Linear(4, 1)

        def forward(self, x):
            h = torch.relu(self.norm(self.first(x)))
            h = h.masked_fill(torch.arange(8) > 6, 0.0) * self.scale.abs() + torch.zeros_like(h)
            h = torch.cat([h[:, 2:], h[:, :2]], dim=1).unflatten(1, (4, 2)).mean(dim=2)
            return self.last(h.flip(1))

    more = {"baselines": BASE} if method == "deeplift" else {}
    assert "note" not in explain(Plain(), TABLE, method=method, **more).settings
    if method == "guided-backprop":
        smooth = Written(lambda v: functional.layer_norm(v, (20,)).tanh() * v.sigmoid())
        assert "note" not in explain(smooth, TABLE, method=method, target=1).settings


class Detaching(nn.Module):
    """A way of which torch takes the gradients, and a little one beside it."""

    def __init__(self, cut):
        super().__init__()
        torch.manual_seed(2)
        self.real, self.little, self.cut = nn.Conv2d(3, 5, 3), nn.Conv2d(3, 5, 3), cut

    def forward(self, x):
        a, b = (torch.relu(layer(x)).mean(dim=(2, 3)).sum(dim=1) for layer in (self.real, self.little))
        return self.cut(a) + 0.01 * b


def without(value):
    with torch.no_grad():
        return value * 1


@pytest.mark.parametrize("method", ["saliency", "grad-cam", "layercam", "integrated-gradients"])
@pytest.mark.parametrize("cut", [torch.Tensor.detach, lambda v: v.data, without, lambda v: v.detach_()])
def test_what_a_network_detaches_is_told_by_every_method_of_gradients(cut, method):
    found = explain(Detaching(cut), PICTURES, method=method)
    assert "takes numbers out of torch's gradients" in " ".join(found.settings["notes"])


def test_what_goes_to_numpy_is_told_and_a_detached_number_that_cancels_is_not():
    far = explain(Detaching(lambda v: torch.from_numpy(v.detach().numpy())), PICTURES, method="saliency")
    assert "hands numbers to NumPy" in " ".join(far.settings["notes"])

    def steady(value):
        top = value.max().detach() * 0 + value.detach()
        return (value - top).exp().log() + top

    for cut in (steady, lambda v: v):
        assert "notes" not in explain(Detaching(cut), PICTURES, method="saliency").settings


@torch.jit.script
def scripted(value):
    return torch.relu(value)


@pytest.mark.parametrize("method", ["guided-backprop", "deeplift"])
def test_relus_that_cannot_be_reached_are_refused(method):
    with pytest.raises(InputError, match="TorchScript"):
        explain(Written(scripted), TABLE, method=method, target=1, **({} if method[0] == "g" else {"baselines": BASE}))
