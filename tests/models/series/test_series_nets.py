"""Networks on long series: what is missing plays no part, whatever stands there."""

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import torch

from mien.atlas.summary import summarise
from mien.core.features import SERIES, Features
from mien.explain.explain import explain
from mien.models.series.estimator import SeriesClassifier, SeriesRegressor
from mien.models.store import load_model, save_model
from mien.nets.series import NETWORKS, SeriesNet
from mien.report.draw.over_time import amounts

EACH = pytest.mark.parametrize("network", list(NETWORKS))
NAMES = ("smile", "brow", "present")


def planted(people: int = 40, steps: int = 20) -> tuple[np.ndarray, np.ndarray]:
    """Series of different lengths with gaps; in half of them the first channel is higher."""
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, (people, steps, 3)).astype(np.float32)
    high = np.arange(people) % 2
    values[..., 0] += 1.5 * high[:, None]
    values[..., -1] = (rng.random((people, steps)) > 0.2) & (np.arange(steps) < rng.integers(8, steps, people)[:, None])
    values[:, 0, -1] = 1
    values[..., :-1] *= values[..., -1:]
    return values, np.where(high, "high", "low")


@EACH
def test_what_stands_in_missing_steps_changes_nothing(network: str) -> None:
    torch.manual_seed(0)
    settings = {"network": network, "units": 8, "layers": 2, "dropout": 0.3}
    net = SeriesNet(2, 20, 2, settings).eval()
    values = torch.from_numpy(planted()[0])
    other = torch.where(values[..., -1:] == 0, torch.full_like(values, 7.0), values)
    other[..., -1] = values[..., -1]
    net.standardise(values)
    assert torch.allclose(net(values), net(other), atol=1e-5)


@EACH
def test_a_step_more_that_is_there_does_change_the_answer(network: str) -> None:
    torch.manual_seed(0)
    net = SeriesNet(2, 20, 2, {"network": network, "units": 8, "layers": 2, "dropout": 0.0}).eval()
    values = torch.from_numpy(planted()[0])
    fuller = values.clone()
    fuller[:, 10] = 1.0
    assert not torch.allclose(net(values), net(fuller), atol=1e-4)


def test_mean_and_spread_of_channels_are_those_of_steps_that_are_there() -> None:
    values = planted()[0]
    net = SeriesNet(2, 20, 2, {"network": "cnn", "units": 4, "layers": 1, "dropout": 0.0})
    net.standardise(torch.from_numpy(values))
    there = values[values[..., -1] > 0][:, :-1]
    assert np.allclose(net.low, there.mean(0), atol=1e-5) and np.allclose(net.spread, there.std(0), atol=1e-5)


def test_people_set_aside_are_none_of_those_trained_on() -> None:
    values, y = planted()
    people = np.repeat(np.arange(20), 2).astype(str)
    y = np.where(np.arange(40) // 2 % 2, "high", "low")
    fitted = SeriesClassifier(epochs=2, units=4, layers=1).fit(values, y, people)
    aside = set(people[fitted.validation_])
    trained = np.setdiff1d(np.arange(40), fitted.validation_)
    assert aside and not aside & set(people[trained])


@EACH
def test_a_stored_network_says_when_and_in_which_channel(network: str, tmp_path) -> None:
    """Evidence lies on the planted channel, has a value for each step, and adds up to the difference of the output."""
    values, y = planted()
    goal = (y == "high").astype(float)
    fitted = SeriesRegressor(
        network=network, epochs=40, batch_size=8, units=8, layers=1, feature_names=NAMES, validation=0.0
    )
    fitted.fit(values, goal, np.arange(40).astype(str))
    recipe = {"name": "series"}
    save_model(fitted.model(name="n", target="t", recipe=recipe, feature_names=NAMES, classes=("t",)), tmp_path / "n")
    model = load_model(tmp_path / "n")
    assert np.corrcoef(model.predict(values)[:, 0], goal)[0, 1] > 0.8
    features = Features(values, SERIES, NAMES, recipe, np.full(40, "ok"))
    found = explain(model, features, n_steps=32)
    assert found.values.shape == values.shape and found.names == NAMES
    amount = np.abs(found.values).sum((0, 1))
    assert amount[0] > 2 * amount[1]
    assert np.median(np.abs(found.gap)) < 0.1


def test_evidence_over_time_lies_in_the_window_of_the_effect() -> None:
    """One channel goes with the outcome in four of twelve steps; a network that knows when says so, of other people."""
    rng = np.random.default_rng(0)
    goal, values = rng.normal(size=200), rng.normal(size=(200, 12, 3)).astype(np.float32)
    values[:, 4:8, 0] += goal[:, None]
    values[..., -1] = 1
    fitted = SeriesRegressor(
        network="transformer", epochs=30, units=8, layers=1, feature_names=NAMES, validation=0.0, learning_rate=0.01
    )
    fitted.fit(values[:150], goal[:150], np.arange(150).astype(str))
    model = fitted.model(name="n", target="t", recipe={"name": "series"}, feature_names=NAMES, classes=("t",))
    assert np.corrcoef(model.predict(values[150:])[:, 0], goal[150:])[0, 1] > 0.7
    features = Features(values[150:], SERIES, NAMES, {"name": "series"}, np.full(50, "ok"))
    evidence = explain(model, features, n_steps=16, subjects=[f"P{i}" for i in range(50)])
    mean, half = amounts(summarise(evidence))
    inside, outside = slice(4, 8), [0, 1, 2, 3, 8, 9, 10, 11]
    assert mean[inside].min() > mean[outside].max()
    assert (mean - half)[inside].mean() > (mean + half)[outside].mean()
    channel = np.abs(evidence.values).sum((0, 1))
    assert channel[0] > 2 * channel[1]
