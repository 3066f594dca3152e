"""Every row of the registry: it loads, is listed, gives what it promises, and leaves nothing behind."""

import gc
import json

import numpy as np
import pytest
import torch
from torch import nn

from mien.core.errors import InputError
from mien.core.features import NAMED, PICTURE, SEQUENCE
from mien.explain.explain import explain
from mien.explain.methods import ALIASES, BASELINES, GRADIENTS, LAYERS, METHODS, baselines_for, method_of_name
from tests.explain.nets import Gap, Gru, Resnet, Vit, made, mlp

torch.set_num_threads(1)
RNG = np.random.default_rng(12)
INPUTS = {
    "cnn": (made(Resnet), RNG.normal(size=(3, 3, 16, 16)), PICTURE),
    "vit": (made(Vit), RNG.normal(size=(3, 3, 16, 16)), PICTURE),
    "mlp": (made(mlp), RNG.normal(size=(4, 6)), NAMED),
    "gru": (made(Gru), RNG.normal(size=(3, 5, 5, 2)), SEQUENCE),
}
INPUTS = {name: (net, values.astype(np.float32), space) for name, (net, values, space) in INPUTS.items()}
# Few passes: what is checked here does not need more.
FEW = {
    "gradient-shap": {"n_samples": 12}, "smoothgrad": {"n_samples": 6}, "vargrad": {"n_samples": 6},
    "smoothed-sign": {"n_samples": 40, "alpha": 0.2, "of_settings": "n_samples=2"},
    "integrated-gradients": {"n_steps": 8}, "rise": {"n_samples": 40}, "lime": {"n_samples": 60, "n_segments": 9},
    "kernel-shap": {"n_samples": 120, "n_segments": 9}, "permutation-shap": {"n_samples": 120, "n_segments": 9},
    "leave-one-region-out": {"segments": "grid"},
}  # fmt: skip

# Those that need no special kind of model.
OF_ANY_NETWORK = [n for n, row in METHODS.items() if set(row.needs) <= {GRADIENTS, LAYERS, BASELINES}]


def loaded(name):
    """The method, whose code loads."""
    row = METHODS[name]
    assert callable(row.run)
    return row


def asked(name, kind, rows=slice(None), **settings):
    network, values, space = INPUTS[kind]
    reference = {"reference": values} if BASELINES in METHODS[name].needs or space == NAMED else {}
    # Half precision, which some methods choose by themselves, rounds differently in other batches.
    exact = {"precision": "float32"} if "precision" in METHODS[name].defaults() else {}
    few = {key: value for key, value in FEW.get(name, {}).items() if key != "n_segments" or INPUTS[kind][2] == PICTURE}
    given = {**few, **exact, **reference, **settings}
    return explain(network, values[rows], method=name, target=1, space=space, **given)


def cases():
    """Methods of any network, with all networks whose input they explain."""
    for name in OF_ANY_NETWORK:
        for kind, (_, _, space) in INPUTS.items():
            # Regions are those of faces, which these features and points have none of; DeepLIFT refuses gates.
            region, gates = name == "leave-one-region-out" and space != PICTURE, (name, kind) == ("deeplift", "gru")
            if space in METHODS[name].spaces and not region and not gates:
                yield pytest.param(name, kind, id=f"{name}-{kind}")


@pytest.mark.parametrize("name", METHODS)
def test_every_row_loads_and_says_what_it_is(name):
    row = loaded(name)
    assert row.run.__doc__ and row.meaning and row.source and row.spaces
    assert all(isinstance(value, (int, float, str, bool, type(None))) for value in row.defaults().values())
    assert method_of_name(name) is row and row.settings({}) == row.defaults()
    with pytest.raises(InputError, match="has no setting 'nonsense'"):
        row.settings({"nonsense": 1})


def test_other_names_lead_to_rows_and_unknown_ones_to_the_list():
    assert all(method_of_name(alias) is METHODS[name] for alias, name in ALIASES.items())
    with pytest.raises(InputError, match="There is no method 'magic'; mien has: saliency"):
        method_of_name("magic")


def test_the_command_line_lists_them_all():
    import typer
    from typer.testing import CliRunner

    from mien.cli.methods import methods

    app = typer.Typer()
    app.command("methods")(methods)
    result = CliRunner().invoke(app, ["--json"])
    assert [row["name"] for row in json.loads(result.stdout)] == list(METHODS)
    table = CliRunner().invoke(app, [], env={"COLUMNS": "200"}).stdout
    assert all(name in table for name in METHODS)
    one = CliRunner().invoke(app, ["grad-cam++"], env={"COLUMNS": "200"}).stdout
    assert "Chattopadhay" in one and "layer=" in one


@pytest.mark.parametrize(("name", "kind"), list(cases()))
def test_shape_kind_seed_and_batch(name, kind):
    row, (_, values, space) = loaded(name), INPUTS[kind]
    if name.startswith("guided") and kind in ("vit", "gru"):
        with pytest.raises(InputError, match="at ReLUs, but the network has none"):
            asked(name, kind)
        return
    found = asked(name, kind)
    wanted = (len(values), 1, *values.shape[2:]) if row.per_pixel and space == PICTURE else values.shape
    assert found.values.shape == wanted and found.values.dtype == np.float32
    # Attention is products of branches, for which DeepLIFT has no rule, and it says so.
    more = {"incomplete"} if (name, kind) == ("deeplift", "vit") else set()
    assert np.isfinite(found.values).all() and set(found.status) <= {"ok", "constant", *more}
    assert row.sampled == (found.standard_error is not None) and row.complete == np.isfinite(found.gap).all()
    if found.standard_error is not None:
        assert found.standard_error.shape == wanted and (found.standard_error >= 0).all()
    np.testing.assert_array_equal(asked(name, kind).values, found.values)
    scale = np.abs(found.values).max() or 1.0
    for batch_size in (1, 7):
        again = asked(name, kind, batch_size=batch_size)
        np.testing.assert_allclose(again.values, found.values, atol=1e-5 * scale)
    # The first sample's result does not depend on who stands beside it.
    alone = asked(name, kind, slice(0, 1), **({} if BASELINES in row.needs else {"reference": values}))
    np.testing.assert_allclose(alone.values, found.values[:1], atol=1e-5 * scale)
    other = asked(name, kind, seed=1)
    # Shapley values of few units are exact, and few levels may agree.
    if name in ("gradient-shap", "smoothgrad", "vargrad", "rise", "lime"):
        assert not np.array_equal(other.values, found.values)
    elif not row.sampled:
        np.testing.assert_array_equal(other.values, found.values)


@pytest.mark.parametrize("name", OF_ANY_NETWORK)
def test_no_more_rows_go_through_the_network_than_were_allowed(name):
    loaded(name)
    network, largest = made(Gap), []
    network.register_forward_pre_hook(lambda module, inputs: largest.append(len(inputs[0])))
    pictures = RNG.normal(size=(5, 3, 8, 8)).astype(np.float32)
    explain(network, pictures, method=name, target=1, batch_size=3, **FEW.get(name, {}))
    assert max(largest) <= 3


class Odd(nn.Module):
    """A usual network whose answer is made useless."""

    def __init__(self, network, kind):
        super().__init__()
        self.network, self.kind = network, kind

    def forward(self, x):
        scores = self.network(x)
        return {
            "constant": lambda: scores * 0 + 3,
            "apart": lambda: torch.full((len(x), 3), 3.0),  # not even connected with its input
            "zero": lambda: scores * 0,
            "nan": lambda: scores * float("nan"),
            "saturated": lambda: torch.sigmoid(1000 + scores),
        }[self.kind]()


@pytest.mark.parametrize("kind", ["constant", "apart", "zero", "nan", "saturated"])
@pytest.mark.parametrize("name", OF_ANY_NETWORK)
def test_useless_models_get_a_status_never_a_picture(name, kind):
    loaded(name)
    pictures = RNG.normal(size=(2, 3, 16, 16)).astype(np.float32)
    found = explain(Odd(made(Gap), kind), pictures, method=name, target=1, **FEW.get(name, {}))
    if name == "eigen-cam":  # looks at no output, as published
        return
    if kind == "nan":
        assert set(found.status) == {"non-finite"} and np.isnan(found.values).all()
    elif name == "lime":  # its regression rounds
        assert np.abs(found.values).max() < 1e-20
    else:
        assert set(found.status) == {"constant"} and (found.values == found.values[:, :1, :1, :1]).all()


# One of each kind of hook; the others share theirs.
MANY = ("saliency", "guided-backprop", "deeplift", "grad-cam", "ablation-cam")


@pytest.mark.parametrize("name", [n for n in OF_ANY_NETWORK if GRADIENTS in METHODS[n].needs])
def test_nothing_is_left_after_many_calls(name):
    loaded(name)
    network, values = made(Gap, channels=4), RNG.normal(size=(1, 3, 8, 8)).astype(np.float32)
    network.train()
    modes = [part.training for part in network.modules()]
    few = {**FEW.get(name, {}), **({"n_samples": 2} if "n_samples" in METHODS[name].defaults() else {})}
    arguments = {"method": name, "target": 1, "baselines": baselines_for(name, "zero"), **few}
    explain(network, values, **arguments)
    before = tensors()
    for _ in range(60 if name in MANY else 20):
        explain(network, values, **arguments)
    for part in network.modules():
        hooks = (part._forward_hooks, part._forward_pre_hooks, part._backward_hooks, part._backward_pre_hooks)
        assert not any(hooks)
    assert [part.training for part in network.modules()] == modes
    assert all(parameter.grad is None for parameter in network.parameters())
    assert tensors() <= before


def tensors():
    gc.collect()
    return sum(issubclass(type(one), torch.Tensor) for one in gc.get_objects())


class Breaking(Gap):
    """Breaks in the second pass with gradients."""

    passes = 0

    def forward(self, x):
        type(self).passes += x.requires_grad
        if self.passes > 1:
            raise RuntimeError("broken")
        return super().forward(x)


@pytest.mark.parametrize("name", ["grad-cam", "ablation-cam", "score-cam", "guided-grad-cam"])
def test_no_hook_is_left_where_the_network_breaks(name):
    network = made(Breaking)
    type(network).passes = 0
    if name in ("ablation-cam", "score-cam"):
        network.register_forward_pre_hook(stop_at_several)
    with pytest.raises(InputError, match="broken") as told:
        explain(network, RNG.normal(size=(1, 3, 16, 16)).astype(np.float32), method=name, target=1)
    assert isinstance(told.value.__cause__, RuntimeError)
    network._forward_pre_hooks.clear()
    assert not any(part._forward_hooks or part._backward_hooks for part in network.modules())


def stop_at_several(module, inputs):
    """The passes with one changed picture per channel."""
    if len(inputs[0]) > 1:
        raise RuntimeError("broken")
