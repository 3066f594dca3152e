"""Networks as they come (compiled, scripted, exported, parallel) and torch's modes around the call."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from mien.core.errors import InputError
from mien.explain.explain import explain
from mien.explain.methods import LAYERS, METHODS

torch.set_num_threads(1)
PICTURES = np.random.default_rng(0).normal(size=(3, 3, 12, 12)).astype(np.float32)
INSIDE = [name for name, row in METHODS.items() if LAYERS in row.needs]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.relu = nn.Conv2d(3, 6, 3, padding=1), nn.ReLU()
        self.last = nn.Linear(6 * 144, 3)

    def forward(self, x):
        return self.last(self.relu(self.first(x)).flatten(1))


def wrapped(kind):
    net = Net().eval()
    example = torch.from_numpy(PICTURES)
    if kind == "compiled in place":
        net.compile(backend="eager")
        return net
    if kind == "compiled part":
        net.first = torch.compile(net.first, backend="eager")
        return net
    if kind == "exported":
        return torch.export.export(net, (example,), dynamic_shapes=({0: torch.export.Dim.AUTO},))
    return {
        "compiled": lambda: torch.compile(net, backend="eager"), "parallel": lambda: nn.DataParallel(net),
        "both": lambda: torch.compile(nn.DataParallel(net), backend="eager"),
        "traced by fx": lambda: torch.fx.symbolic_trace(net),
        "scripted": lambda: torch.jit.script(net), "traced": lambda: torch.jit.trace(net, example),
        "part scripted": lambda: nn.Sequential(torch.jit.script(net)),
    }[kind]()  # fmt: skip


def asked(model, method, **settings):
    more = {"baselines": "zero"} if method in ("deeplift", "integrated-gradients") else {}
    return explain(model, PICTURES, method=method, target=1, **{**more, **settings}).values


@pytest.mark.parametrize("kind", ["compiled", "compiled in place", "compiled part", "parallel", "both", "traced by fx"])
@pytest.mark.parametrize(
    "method", ["saliency", "guided-backprop", "deeplift", "grad-cam", "integrated-gradients", "rise"]
)
def test_what_can_be_opened_gives_the_values_of_the_network_itself(kind, method):
    few = {"n_samples": 50} if method == "rise" else {}
    np.testing.assert_allclose(asked(wrapped(kind), method, **few), asked(Net().eval(), method, **few), atol=1e-6)


@pytest.mark.parametrize("method", ["guided-backprop", "deeplift", "integrated-gradients"])
def test_exported_networks_too(method):
    np.testing.assert_allclose(asked(wrapped("exported"), method), asked(Net().eval(), method), atol=1e-6)


def test_networks_exported_for_one_row_are_asked_about_one_row():
    alone = torch.export.export(Net().eval(), (torch.from_numpy(PICTURES[:1]),))
    with pytest.raises(InputError, match=r"dynamic first axis .* batch_size=1"):
        asked(alone, "saliency")
    np.testing.assert_allclose(asked(alone, "saliency", batch_size=1), asked(Net(), "saliency"), atol=1e-6)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", ["scripted", "traced", "part scripted"])
def test_torchscript_is_refused_by_methods_that_look_inside_and_right_for_the_others(kind):
    model = wrapped(kind)
    for method in INSIDE:
        with pytest.raises(InputError, match="TorchScript"):
            asked(model, method)
    for method in ("smoothgrad", "vargrad", "smoothed-sign"):
        with pytest.raises(InputError, match="TorchScript"):
            asked(model, method, of="guided-backprop", n_samples=2)
    np.testing.assert_allclose(asked(model, "saliency"), asked(Net().eval(), "saliency"), atol=1e-6)
    assert np.isfinite(asked(model, "integrated-gradients", max_memory="1MB")).all()


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
def test_networks_that_torch_cannot_follow_are_refused_by_gradients_and_right_without():
    # Quantised by the range of a batch, some weights answer a row differently beside others: refused before that.
    torch.manual_seed(0)
    linear = nn.Sequential(nn.Flatten(), nn.Linear(432, 5), nn.ReLU(), nn.Linear(5, 3)).eval()
    quantised = torch.ao.quantization.quantize_dynamic(linear, {nn.Linear})

    class Leaves(Net):
        def forward(self, x):
            return super().forward(x).detach()

    for model in (quantised, Leaves()):
        for method in ("saliency", "integrated-gradients"):
            with pytest.raises(InputError, match="no gradients through the network"):
                asked(model, method)
        assert np.abs(asked(model, "occlusion")).max() > 0


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, lambda: torch.autocast("cpu")])
@pytest.mark.parametrize("method", ["saliency", "grad-cam", "deeplift", "rise", "smoothgrad"])
def test_the_callers_modes_change_nothing_and_stay_as_they_are(mode, method):
    few = {"n_samples": 20} if "n_samples" in METHODS[method].defaults() else {}
    net = Net()
    expected = asked(net, method, **few)
    with mode():
        before = torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.is_autocast_enabled("cpu")
        found = asked(net, method, **few)
        assert before == (torch.is_grad_enabled(), torch.is_inference_mode_enabled(), torch.is_autocast_enabled("cpu"))
    np.testing.assert_array_equal(found, expected)


def test_frozen_weights_and_tensors_of_any_kind_are_taken():
    net = Net().requires_grad_(False)
    expected = asked(Net(), "saliency")
    np.testing.assert_array_equal(asked(net, "saliency"), expected)
    tensor = torch.from_numpy(PICTURES)
    with torch.inference_mode():
        inside = tensor * 1
    for given in (tensor.double(), inside, tensor.clone().requires_grad_(), tensor.bfloat16(), tensor.half()):
        found = explain(net, given, method="saliency", target=1).values
        np.testing.assert_allclose(found, expected, atol=0.05)
    assert not any(p.requires_grad for p in net.parameters())


def test_what_has_no_numbers_or_no_gradients_is_told():
    for model, samples, words in (
        (copy.deepcopy(Net()).to("meta"), PICTURES, "'first.weight' is on 'meta'"),
        (Net(), torch.zeros(2, 3, 12, 12, device="meta"), "tensor on 'meta'"),
        (Net(), torch.zeros(2, 3, 12, 12, dtype=torch.complex64), "complex"),
        (Net().half(), PICTURES, r"model.float\(\)"),
        (Net().double(), PICTURES, r"model.float\(\)"),
    ):
        with pytest.raises(InputError, match=words):
            explain(model, samples, method="saliency", target=1)
    with torch.inference_mode():
        made = Net()
    with pytest.raises(InputError, match=r"made inside torch.inference_mode"):
        asked(made, "saliency")
    np.testing.assert_allclose(asked(copy.deepcopy(made), "saliency"), asked(Net(), "saliency"))
