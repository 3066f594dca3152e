"""Networks fine-tuned end to end: planted patterns, heads, early stopping, people apart, seeds, storing, bad input."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn import functional

from mien.core.errors import InputError
from mien.core.features import PICTURE, Features
from mien.explain.explain import explain
from mien.models.catalogue import MODELS, spec
from mien.models.fitting.alterations import Alteration
from mien.models.fitting.loop import Plan, fit_network, validation_fold
from mien.models.maker import maker, parsed
from mien.models.network import base as network_base
from mien.models.network.estimator import NetworkClassifier, NetworkRegressor
from mien.models.store import load_model, save_model
from mien.nets.first_weights import started

torch.set_num_threads(1)
STILL: dict[str, Any] = {"shift": 0.0, "turn_deg": 0.0, "zoom": 0.0, "light": 0.0}


def planted(count: int = 60, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Noise of 16 px; the first rating is the brightness above, the second, in other units, that below; people."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.4, 0.6, (count, 3, 16, 16)).astype(np.float32)
    above, below = rng.uniform(-0.3, 0.3, (2, count)).astype(np.float32)
    x[:, :, :6] += above[:, None, None, None]
    x[:, :, 10:] += below[:, None, None, None]
    return x, np.stack([5 + 2 * above, 100 - 50 * below], 1), np.array([f"s{i // 2}" for i in range(count)])


@pytest.fixture(scope="module")
def two_heads() -> tuple[NetworkRegressor, np.ndarray, np.ndarray]:
    x, y, who = planted(120)
    return NetworkRegressor(epochs=25, mirror=False, learning_rate=1e-3, **STILL).fit(x, y, groups=who), x, y


def test_each_head_learns_its_own_target_in_its_own_unit(two_heads: Any) -> None:
    fitted, _, _ = two_heads
    x, y, _ = planted(60, seed=1)
    told = fitted.predict(x)
    assert told.shape == (60, 2)
    r = np.corrcoef(told.T, y.T)[:2, 2:]
    assert r[0, 0] > 0.9 and r[1, 1] > 0.9 and np.abs(r[0, 1]) < 0.4 and np.abs(r[1, 0]) < 0.4
    assert np.abs(told - y).mean(0)[0] < 0.5 * y[:, 0].std() and np.abs(told - y).mean(0)[1] < 0.5 * y[:, 1].std()


def test_a_stored_network_answers_the_same_and_is_explained(two_heads: Any, tmp_path: Path) -> None:
    fitted, x, _ = two_heads
    model = fitted.model(name="small-cnn", classes=("above", "below"), target="above, below")
    save_model(model, tmp_path / "m")
    again = load_model(tmp_path / "m")
    assert np.array_equal(again.predict(x), model.predict(x)) and again.predicts == "ratings"
    np.testing.assert_allclose(again.predict(x), fitted.predict(x), rtol=1e-4)
    np.testing.assert_allclose(again.predict(x[:1]), again.predict(x)[:1], rtol=1e-4)
    assert again.name == "small-cnn (random start)" and again.settings["weights"] == "random"
    assert fitted.notes() == ["small-cnn started from random weights: nothing was learnt from other pictures before."]
    for target, part in (("above", slice(0, 6)), ("below", slice(10, 16))):
        found = np.abs(explain(again, x[:8], method="occlusion", target=target, window=4, stride=4).values)
        assert (
            found[..., part, :].mean() > 3 * found[..., slice(10, 16) if target == "above" else slice(0, 6), :].mean()
        )
    for method in ("integrated-gradients", "grad-cam", "guided-grad-cam"):
        evidence = explain(again, x[:2], method=method, target="below")
        assert np.isfinite(evidence.values).all() and np.abs(evidence.values).max() > 0
    # From the reference to the sample: the sum is the difference of the two answers.
    evidence = explain(again, x[:3], method="integrated-gradients", target="below", baselines="zero", n_steps=128)
    difference = again.predict(x[:3])[:, 1] - again.predict(np.zeros_like(x[:3]))[:, 1]
    np.testing.assert_allclose(evidence.values.sum((1, 2, 3)), difference, rtol=0.05)


def test_the_seed_decides_everything() -> None:
    x, y, who = planted(20)
    settings: dict[str, Any] = {"epochs": 2, "batch_size": 6, "hide": 0.5}
    one, two, other = (NetworkRegressor(seed=s, **settings).fit(x, y, groups=who).model().arrays for s in (3, 3, 4))
    assert all(np.array_equal(one[key], two[key]) for key in one)
    assert not np.array_equal(one["net.classifier.weight"], other["net.classifier.weight"])


def plan(**changes: Any) -> Plan:
    """A plan for two epochs without alterations."""
    base = {"epochs": 2, "patience": 8, "batch_size": 6, "learning_rate": 1e-3, "body_rate": 1.0, "warm_up": 0,
            "weight_decay": 0.0, "alteration": Alteration(), "mirror": False, "seed": 0, "device": "cpu"}  # fmt: skip
    return Plan(**{**base, **changes})  # type: ignore[arg-type]


def test_early_stopping_gives_the_weights_of_the_best_epoch_back() -> None:
    x, y, _ = planted(20)
    network, _ = started("small-cnn", 2, size=16)
    script = iter([3.0, 1.0, 2.0, float("nan"), 1.0, 0.0])
    seen: list[dict[str, torch.Tensor]] = []
    history = fit_network(
        network, x, torch.from_numpy(y).float(), (np.arange(15), np.arange(15, 20)), functional.mse_loss,
        lambda told, goal: next(script), plan(epochs=20, patience=3),
        lambda done, total: seen.append({k: v.clone() for k, v in network.state_dict().items()}),
    )  # fmt: skip
    assert history.best == 2 and history.watched == (3.0, 1.0, 2.0, float("inf"), 1.0) and len(history.training) == 5
    assert all(torch.equal(v, seen[1][k]) for k, v in network.state_dict().items())
    assert not torch.equal(network.net.classifier.weight, seen[4]["net.classifier.weight"])
    assert not network.training and not any(p.requires_grad for p in network.parameters())


@pytest.mark.filterwarnings("ignore:Detected call of")
def test_people_who_are_watched_are_never_trained_on(monkeypatch: pytest.MonkeyPatch) -> None:
    x, _, who = planted(40)
    y = np.where(np.arange(40) % 4 < 2, "a", "b")
    trained: list[np.ndarray] = []

    def noted(network: Any, crops: np.ndarray, *rest: Any) -> float:
        trained.append(crops)
        return 0.0

    monkeypatch.setattr("mien.models.fitting.loop._step", noted)
    fitted = NetworkClassifier(epochs=3, validation=0.25).fit(x, y, groups=who)
    used = np.concatenate(trained)
    rows = {int(np.flatnonzero((x == crop).all((1, 2, 3)))[0]) for crop in used}
    people = {who[i] for i in rows}
    assert people.isdisjoint(who[fitted.validation_]) and len(rows) + len(fitted.validation_) == 40
    assert 8 <= len(fitted.validation_) <= 12 and set(y[fitted.validation_]) == {"a", "b"}
    assert len(used) == 3 * len(rows)


def test_parts_for_watching() -> None:
    who = np.repeat(["a", "b", "c", "d"], 2)
    rows, watched = validation_fold(who, None, 0.0, 0)
    assert len(rows) == 8 and len(watched) == 0
    rows, watched = validation_fold(who, None, 0.25, 0)
    assert len(set(who[watched])) == 1 and set(who[watched]).isdisjoint(who[rows])
    with pytest.raises(InputError, match="Give validation=0"):
        validation_fold(np.array(["a", "a"]), None, 0.2, 0)


def test_standardised_by_the_training_part_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y, who = planted(40)
    fitted = NetworkRegressor(epochs=1).fit(x, y, groups=who)
    rest = np.setdiff1d(np.arange(40), fitted.validation_)
    np.testing.assert_allclose(fitted.network_.centre.numpy(), y[rest].mean(0), rtol=1e-5)
    np.testing.assert_allclose(fitted.network_.scale.numpy(), y[rest].std(0), rtol=1e-5)


def losses_of(estimator: Any, monkeypatch: pytest.MonkeyPatch, *data: Any) -> Any:
    """Loss, watch and training rows that an estimator trains with."""
    caught: list[Any] = []

    def fake(network: Any, crops: Any, goals: Any, fold: Any, loss: Any, watch: Any, *rest: Any) -> Any:
        caught.extend([network, goals, fold[0], loss, watch])

    monkeypatch.setattr(network_base, "fit_network", fake)
    estimator.fit(*data)
    return caught


def test_rare_classes_weigh_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cross-entropy with weights n / (classes * count), written out."""
    x, _, _ = planted(20)
    y = np.array(["often"] * 15 + ["rarely"] * 5)
    told = torch.tensor([[0.3, -0.2], [1.0, 0.5], [-1.0, 2.0]])
    codes = torch.tensor([0, 0, 1])
    log = np.log(np.exp(told.numpy())[np.arange(3), codes.numpy()] / np.exp(told.numpy()).sum(1))
    for balanced, weight in ((True, np.array([20 / 30, 20 / 30, 2.0])), (False, np.ones(3))):
        estimator = NetworkClassifier(balanced=balanced, validation=0.0)
        _, _, rows, loss, _ = losses_of(estimator, monkeypatch, x, y)
        assert len(rows) == 20
        assert float(loss(told, codes)) == pytest.approx(-(weight * log).sum() / weight.sum(), rel=1e-5)


def test_what_is_watched_is_the_mean_correlation_or_the_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    x, y, _ = planted(20)
    told = torch.from_numpy(np.stack([-y[:, 0] + y[:, 1] / 9, y[:, 1] * 3], 1)).float()
    goals = torch.from_numpy(y).float()
    _, _, _, loss, watch = losses_of(NetworkRegressor(validation=0.0), monkeypatch, x, y)
    r = [np.corrcoef(told[:, j], y[:, j])[0, 1] for j in range(2)]
    assert watch(told, goals) == pytest.approx(-np.mean(r), abs=1e-4)
    error = float((((told - goals) / goals.std(0, correction=0)) ** 2).mean())
    assert float(loss(told, goals)) == pytest.approx(error, rel=1e-4)
    _, _, _, _, watch = losses_of(NetworkRegressor(validation=0.0, watch="loss"), monkeypatch, x, y)
    assert watch(told, goals) == pytest.approx(error, rel=1e-4)


@pytest.mark.parametrize("change", [{"body_rate": 0.0}, {"warm_up": 2}])
def test_a_body_at_rest_stays_as_it_is(change: dict[str, Any]) -> None:
    """Weights and statistics of normalisation; the last layer learns."""
    network, _ = started("efficientnet-lite0", 2, size=32, weights="random")
    before = {k: v.clone() for k, v in network.state_dict().items()}
    x, y = np.random.default_rng(0).uniform(0, 1, (8, 3, 32, 32)).astype(np.float32), torch.tensor([0, 1] * 4)
    fold = (np.arange(8), np.arange(0))
    fit_network(network, x, y, fold, functional.cross_entropy, lambda told, goal: 0.0, plan(batch_size=4, **change))
    changed = {k for k, v in network.state_dict().items() if not torch.equal(v, before[k])}
    assert changed == {"net.classifier.1.weight", "net.classifier.1.bias"}


@pytest.mark.parametrize(("optimiser", "first"), [("adam", 1.0), ("rmsprop", 10**0.5)])
def test_the_first_step_is_that_of_the_published_optimiser(optimiser: str, first: float) -> None:
    """Of Adam the rate itself, of RMSprop with a memory of 0.9 the rate / sqrt(0.1), whatever the gradient is."""
    network, _ = started("songnet", 2, size=17)
    before = network.net.classifier.weight.detach().clone()  # type: ignore[union-attr]
    x, y = np.random.default_rng(0).uniform(0, 1, (4, 3, 17, 17)).astype(np.float32), torch.tensor([0, 1] * 2)
    asked = plan(epochs=1, batch_size=4, learning_rate=1e-3, weight_decay=0.0, body_rate=1.0, warm_up=0,
                 optimiser=optimiser, schedule="constant")  # fmt: skip
    fit_network(network, x, y, (np.arange(4), np.arange(0)), functional.cross_entropy, lambda told, goal: 0.0, asked)
    change = (network.net.classifier.weight - before).abs()  # type: ignore[union-attr]
    assert float(change.max()) == pytest.approx(first * 1e-3, rel=0.02)


def test_a_constant_rate_stays_and_a_cosine_falls() -> None:
    x, y, who = planted(12)
    whole = NetworkRegressor(epochs=3, validation=0.0, seed=1).fit(x, y, groups=who)
    level = NetworkRegressor(epochs=3, validation=0.0, seed=1, schedule="constant").fit(x, y, groups=who)
    assert whole.history_.training[0] == level.history_.training[0] and whole.history_ != level.history_
    with pytest.raises(InputError, match="optimiser is one of adamw, adam, rmsprop, sgd, but got 'lion'"):
        NetworkRegressor(optimiser="lion").fit(x, y)
    with pytest.raises(InputError, match="schedule is one of cosine, constant, but got 'steps'"):
        NetworkRegressor(schedule="steps").fit(x, y)


def test_models_stored_with_the_makers_dense_layers_are_read() -> None:
    """They say nothing of a dense top, which was no setting then."""
    if find_spec("timm") is None:
        pytest.skip("timm is not installed")
    x = np.random.default_rng(0).uniform(0, 1, (4, 3, 32, 32)).astype(np.float32)
    asked: dict[str, Any] = {"network": "mobilenetv3-small", "weights": "random", "epochs": 1, "validation": 0.0}
    for top in (True, False):
        model = NetworkClassifier(**asked, dense_top=top).fit(x, np.array(["a", "b"] * 2)).model(recipe={})
        assert ("net.conv_head.weight" in model.arrays) is top and model.settings.pop("dense_top") is top
        if top:
            assert model.predict(x).shape == (4, 2)
            assert {key: value.shape for key, value in model.arrays.items()} == model.shapes()


def test_networks_are_known_as_papers_write_them() -> None:
    papers = ("AlexNet", "VGG16", "ResNet101V2", "InceptionV3", "MobileNetV3Large", "EfficientNetV2B0")
    assert [spec(name).name for name in papers] == [
        "alexnet", "vgg16", "resnet101v2", "inceptionv3", "mobilenetv3-large", "efficientnetv2-b0",
    ]  # fmt: skip
    assert spec("weinet").recipe["size"] == 64 and "protocol" in spec("weinet").defaults()
    assert "protocol" not in spec("resnet18").defaults()


def test_names_of_networks_are_models_to_train() -> None:
    assert {"vgg16", "resnet18", "mobilenetv3-large", "efficientnet-lite0", "small-cnn", "mlp"} <= set(MODELS)
    recipe, settings = parsed("small-cnn", ["size=16", "loss=concordance", "epochs=1", "validation=0"])
    assert recipe == {"size": 16} and settings == {"loss": "concordance", "epochs": 1, "validation": 0}
    x, y, who = planted(12)
    features = Features(x, PICTURE, ("r", "g", "b"), {"name": "crop", "size": 16}, np.full(12, "ok", dtype=object))
    make = maker("small-cnn", features, seed=7, settings=settings, ratings=True)
    fitted = make().fit(x, y, groups=who)
    assert fitted.seed == 7 and fitted.network == "small-cnn" and len(fitted.history_.training) == 1
    with pytest.raises(InputError, match="The model 'small-cnn' has no setting 'loss'"):
        maker("small-cnn", features, seed=0, settings={"loss": "mse"})
    with pytest.raises(InputError, match="There is no model 'vgg17' to train"):
        spec("vgg17")


def test_every_network_of_timm_is_a_model_too() -> None:
    if find_spec("timm") is None:
        pytest.skip("timm is not installed")
    assert spec("convnext_tiny").fixed == {"network": "convnext_tiny"}


def test_wrong_use_is_told_in_a_sentence() -> None:
    x, y, who = planted(8)
    with pytest.raises(InputError, match="two classes at least"):
        NetworkClassifier().fit(x, ["a"] * 8)
    with pytest.raises(InputError, match="Ratings must be finite"):
        NetworkRegressor().fit(x, np.where(np.arange(8) == 3, np.nan, 1.0))
    with pytest.raises(InputError, match="same for everybody"):
        NetworkRegressor().fit(x, np.ones(8))
    with pytest.raises(InputError, match=r"needs crops \(samples, 3, size, size\)"):
        NetworkRegressor().fit(x[:, :1], y)
    with pytest.raises(InputError, match="not finite"):
        NetworkClassifier().fit(x * np.nan, who)
    with pytest.raises(InputError, match="loss is one of"):
        NetworkRegressor(loss="mae").fit(x, y)
    with pytest.raises(InputError, match="watch is one of correlation, loss"):
        NetworkRegressor(watch="r2").fit(x, y)
    with pytest.raises(InputError, match="device is 'auto'"):
        NetworkRegressor(device="abacus").fit(x, y)
    if not torch.cuda.is_available():
        with pytest.raises(InputError, match="device='cuda' cannot be used here"):
            NetworkRegressor(device="cuda").fit(x, y)
    with pytest.raises(InputError, match="make learning_rate smaller"):
        NetworkRegressor(learning_rate=1e30, epochs=3).fit(x, y * 1e3)
