"""Every method says the same on a GPU as on the processor; where there is none, on a second device that is made up."""

import numpy as np
import pytest
import torch
from torch import nn

from mien.core.devices import usual_device
from mien.core.features import PICTURE, SEQUENCE
from mien.explain.explain import explain
from mien.explain.methods import ATTENTION, METHODS, RULES, TREES
from mien.nets.attention import Efdnn
from tests.explain.made_up_card import PLACE, Card
from tests.explain.nets import Vgg

# Largest difference as a share of the largest value: sums in another order, through a dozen layers of float32.
TOLERANCE = 1e-3
FEW = {"n_samples": 40, "n_steps": 8, "n_orders": 4}
BY_RANK = {"smoothed-sign"}  # three levels: one may tip


def asked(name: str, shape: tuple[int, ...]) -> dict[str, object]:
    row = METHODS[name]
    own = {key: value for key, value in FEW.items() if key in row.defaults()}
    if "segments" in row.defaults():
        square = np.arange(shape[1])[:, None] // 8 * 2 + np.arange(shape[2]) // 8
        own["segments"] = square if shape[0] == 3 else np.arange(shape[1]) // 2
    if row.needs_baselines(own):
        own["baselines"] = "zero"
    return own


@pytest.fixture
def second(monkeypatch):
    """A GPU, or a card that is made up: name for ``device``."""
    if usual_device() != "cpu":
        yield usual_device()
        return
    monkeypatch.setattr("mien.explain.networks.device_of", lambda name: torch.device("cpu") if name == "cpu" else PLACE)
    monkeypatch.setattr("mien.explain.networks.check_weights", lambda module: None)
    monkeypatch.setattr("mien.explain.question.room_on", lambda device: None if device.type == "cpu" else 2**20)
    with Card():
        yield "card"


def both(net: nn.Module, x: np.ndarray, name: str, second: str) -> tuple[np.ndarray, np.ndarray]:
    settings = {"method": name, "target": 1, "seed": 0, **asked(name, x.shape[1:])}
    settings["space"] = PICTURE if x.shape[1] == 3 else SEQUENCE
    here, there = (explain(net, x, device=device, **settings) for device in ("cpu", second))
    assert here.settings["device"] == "cpu" != there.settings["device"]
    assert (here.status == there.status).all()
    return here.values, there.values


def check(name: str, one: np.ndarray, other: np.ndarray) -> None:
    if name in BY_RANK:
        assert (one == other).mean() > 0.99
        return
    most = np.nanmax(np.abs(one))
    np.testing.assert_allclose(other, one, rtol=0, atol=TOLERANCE * most)


NO_NETWORK = {name for name, row in METHODS.items() if {TREES, RULES} & set(row.needs)}


@pytest.mark.parametrize("name", [name for name in METHODS if name not in NO_NETWORK])
def test_pictures(name, second):
    torch.manual_seed(3)
    net = Efdnn(3) if ATTENTION in METHODS[name].needs else Vgg()
    x = np.random.default_rng(0).random((1, 3, 16, 16), dtype=np.float32)
    check(name, *both(net.eval(), x, name, second))


@pytest.mark.parametrize("name", [n for n, row in METHODS.items() if SEQUENCE in row.spaces and n not in NO_NETWORK])
def test_clips(name, second):
    torch.manual_seed(4)
    net = nn.Sequential(nn.Flatten(), nn.Linear(5 * 6 * 2, 16), nn.ReLU(), nn.Linear(16, 3)).eval()
    x = np.random.default_rng(1).normal(size=(2, 5, 6, 2)).astype(np.float32)
    check(name, *both(net, x, name, second))
