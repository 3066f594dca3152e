"""Half precision: chosen only where measured to keep the outputs and to be faster, and without a trace afterwards."""

import numpy as np
import pytest
import torch

from mien.core.errors import InputError
from mien.core.features import PICTURE
from mien.explain.explain import explain
from mien.explain.perturb import precision as room
from mien.explain.perturb.precision import runner
from mien.explain.problem import Problem

torch.set_num_threads(1)
PICTURES = np.random.default_rng(0).random((1, 3, 16, 16)).astype(np.float32)


def net(scale: float = 1.0) -> torch.nn.Module:
    torch.manual_seed(0)
    layers = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 3),
        torch.nn.ReLU(),
        torch.nn.Conv2d(8, 8, 3),
        torch.nn.Flatten(),
        torch.nn.Linear(1152, 2),
    )
    with torch.no_grad():
        layers[2].weight.mul_(scale)
    return layers.eval()


def problem_of(model: torch.nn.Module) -> Problem:
    return Problem(
        PICTURES, PICTURES[:0], lambda v: model(v)[:, 0], model, torch.device("cpu"), 8, PICTURE, reference=PICTURES
    )


def probe(rows: int) -> torch.Tensor:
    kept = np.random.default_rng(1).random((rows, 1, 16, 16)) < 0.5
    return torch.from_numpy(PICTURES * kept)


def fingerprint(model):
    return [(p.data_ptr(), p.dtype, p.stride(), p.detach().clone()) for p in model.parameters()]


@pytest.mark.parametrize("kind", ["bfloat16", "float16"])
@pytest.mark.parametrize("frozen", [True, False])
def test_the_module_is_as_it_was_also_after_an_error(kind, frozen):
    model = net().requires_grad_(not frozen)
    before = fingerprint(model)
    with pytest.raises(RuntimeError, match="stop"), runner(problem_of(model), kind, 100) as run:
        found = run.outputs(8, lambda a, b: probe(8)[a:b])
        assert model[0].weight.dtype is getattr(torch, kind)
        raise RuntimeError("stop")
    for (place, dtype, stride, values), p in zip(before, model.parameters(), strict=True):
        assert (place, dtype, stride) == (p.data_ptr(), p.dtype, p.stride())
        assert torch.equal(values, p)
    with torch.no_grad():
        whole = model(probe(8))[:, 0].numpy()
    assert np.corrcoef(found, whole)[0, 1] > 0.995
    assert not np.array_equal(found, whole)  # it really was another precision


def test_little_work_is_not_compared():
    with runner(problem_of(net()), "auto", 100, probe) as run:
        assert run.facts == {"precision": "float32"}


def clock(monkeypatch, seconds):
    """Time passes as given, between the two looks at the clock of each run."""
    ticks = iter(np.repeat(np.cumsum([0.0, *seconds]), 2)[1:-1])
    monkeypatch.setattr(room, "perf_counter", lambda: next(ticks))


@pytest.mark.parametrize(
    ("seconds", "wanted"),
    # As it is; then float32 folded with channels last, bfloat16, float16.
    [((1.0, 0.95, 0.3, 0.5), "bfloat16"), ((1.0, 0.95, 0.5, 0.3), "float16"), ((1.0, 0.95, 0.9, 0.85), "float32"),
     ((1.0, 1.05, 0.9, 0.7), "float16"), ((1.0, 0.5, 0.6, 0.7), "float32"), ((1.0, 1.1, 0.9, 0.9), "float32")],
)  # fmt: skip
def test_the_fastest_that_keeps_the_outputs_is_chosen(monkeypatch, seconds, wanted):
    monkeypatch.setattr(room, "LEAST_CORRELATION", 0.99)
    clock(monkeypatch, seconds)
    with runner(problem_of(net()), "auto", 100_000, probe) as run:
        assert run.facts["precision"] == wanted
        assert run.facts["float16_time"] == pytest.approx(seconds[3])
        assert run.facts.get("folded", False) == (seconds[1:] != (1.1, 0.9, 0.9))
        assert run.facts["float16_correlation"] > 0.9999


def test_a_precision_that_loses_the_outputs_is_not_taken(monkeypatch):
    clock(monkeypatch, (1.0, 0.1, 0.1, 0.1))
    with runner(problem_of(net(scale=1e7)), "auto", 100_000, probe) as run:  # float16 ends at 65,504
        assert run.facts["precision"] != "float16"
        assert run.facts["float16_correlation"] == 0


def test_functions_and_landmarks_are_not_touched():
    with pytest.raises(InputError, match="for pictures and torch modules"):
        explain(lambda v: v[:, 0, 0, 0], PICTURES, method="occlusion", precision="bfloat16")
    with pytest.raises(InputError, match="precision is 'auto', 'float32'"):
        explain(net(), PICTURES, target=0, method="occlusion", precision="double")
    found = explain(lambda v: v[:, 0, 0, 0], PICTURES, method="occlusion")
    assert found.settings["precision"] == "float32"


@pytest.mark.parametrize("method", ["occlusion", "rise", "lime", "kernel-shap", "permutation-shap"])
def test_every_method_takes_it(method):
    few = {} if method == "occlusion" else {"n_samples": 400}
    half, full = (
        explain(net(), PICTURES, target=0, method=method, precision=kind, **few) for kind in ("float16", "float32")
    )
    assert np.corrcoef(half.values.ravel(), full.values.ravel())[0, 1] > 0.99
    assert half.settings["precision"] == "float16"


@pytest.mark.parametrize("fill", ["zero", "mean"])
def test_masks_stay_exact_beside_a_network_in_half_precision(fill):
    model = net(3.0)
    found = [
        explain(model, PICTURES, target=0, method="rise", fill=fill, n_samples=200, precision=kind)
        for kind in ("float32", "bfloat16")
    ]
    assert np.corrcoef(found[0].values.ravel(), found[1].values.ravel())[0, 1] > 0.999
