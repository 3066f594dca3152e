"""The explainable fast network on ratings, and started from a network that learnt on other faces."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from mien.core.errors import InputError
from mien.core.faces import Faces
from mien.core.samples import Samples
from mien.explain.explain import explain
from mien.learn.evaluate import evaluate
from mien.learn.starts import refuse_known_start
from mien.learn.table import Table
from mien.learn.train import train
from mien.models.attention.estimator import EfdnnClassifier, EfdnnRegressor
from mien.models.attention.start import start_of, take_body
from mien.models.expression import ExpressionClassifier
from mien.models.maker import maker, parsed
from mien.models.store import load_model, save_model
from mien.nets.attention import Efdnn, folded, in_units

torch.set_num_threads(1)
RNG = np.random.default_rng(5)


def rated(count=60, size=48):
    """Grey noise; one rating is the brightness of a spot, the other that of another spot, in units of their own."""
    x = RNG.uniform(0.3, 0.7, (count, 3, size, size)).astype(np.float32)
    amount = RNG.uniform(0, 1, (count, 2)).astype(np.float32)
    x[:, :, 28:44, 4:20] = amount[:, :1, None, None]
    x[:, :, 4:20, 28:44] = amount[:, 1:, None, None]
    return x, np.array([200.0, -30.0]) + amount * np.array([100.0, 10.0])


@pytest.fixture(scope="module")
def regressor():
    x, y = rated()
    return EfdnnRegressor(epochs=1, steps=200, batch_size=12, mirror=False, hide=0.0, dropout=0.0, light=0.0).fit(x, y)


@pytest.fixture(scope="module")
def started_from(regressor, tmp_path_factory):
    """The folder of a stored regression model."""
    folder = tmp_path_factory.mktemp("models") / "rated"
    info = {"samples": {"name": "spots"}, "n_samples": 60, "seen": ["aa"], "subjects": ["s1"]}
    save_model(regressor.model(target="first, second", classes=("first", "second"), info=info), folder)
    return folder


def test_ratings_are_learnt_in_their_own_unit(regressor):
    x, y = rated(40)
    told = regressor.predict(x)
    for column, unit in ((0, 100), (1, 10)):
        assert np.corrcoef(told[:, column], y[:, column])[0, 1] > 0.9
        assert np.abs(told[:, column] - y[:, column]).mean() < 0.2 * unit


def test_units_belong_to_the_network():
    torch.manual_seed(0)
    net, x = folded(Efdnn(2)), torch.rand(3, 3, 48, 48)
    centre, scale = torch.tensor([5.0, -2.0]), torch.tensor([10.0, 0.1])
    before = net(x).detach()
    torch.testing.assert_close(in_units(net, centre, scale)(x), before * scale + centre, rtol=1e-4, atol=1e-5)


def test_a_rating_is_attention_times_value_and_constant(regressor, started_from):
    model = load_model(started_from)
    x, _ = rated(4)
    np.testing.assert_allclose(model.predict(x), regressor.predict(x), rtol=1e-6)
    attention, value = model.module().maps(torch.from_numpy(x))
    sums = (attention * value).sum((2, 3)).detach().numpy() + model.arrays["constant"]
    np.testing.assert_allclose(sums, model.scores(x), rtol=1e-4)
    # What is said for a rating follows the spot that makes it and not the other one.
    spots = {"first": (slice(28, 44), slice(4, 20)), "second": (slice(4, 20), slice(28, 44))}
    for rating, unit in (("first", 100), ("second", 10)):
        moved = {}
        for spot, (rows, columns) in spots.items():
            low, high = x.copy(), x.copy()
            low[:, :, rows, columns], high[:, :, rows, columns] = 0, 1
            maps = [explain(model, part, method="attention", target=rating).values[:, 0] for part in (low, high)]
            # Each cell is painted undivided on its pixels.
            moved[spot] = float((maps[1] - maps[0]).mean() * attention.shape[2] * attention.shape[3])
        others = [moved[spot] for spot in spots if spot != rating]
        assert 0.7 * unit < moved[rating] < 1.3 * unit and abs(others[0]) < 0.35 * unit, moved


def test_a_body_comes_back_as_it_was_stored(regressor, started_from):
    x, _ = rated(30)
    crops = torch.from_numpy(x)
    stored = load_model(started_from)
    torch.manual_seed(3)
    net = Efdnn(2)
    kept = net.look.weight.detach().clone()
    take_body(net, stored, crops)
    torch.testing.assert_close(net.eval().seen(crops), stored.module().seen(crops), rtol=1e-3, atol=1e-4)
    torch.testing.assert_close(net.look.weight, kept)
    # In training the batch's own statistics stand in; of all crops at once they are the same.
    torch.testing.assert_close(net.train().seen(crops), stored.module().seen(crops), rtol=1e-3, atol=1e-4)
    # And folding it again gives the stored arrays back.
    again = folded(net).state_dict()
    for name, value in stored.arrays.items():
        if name.startswith(("stem", "body")):
            np.testing.assert_allclose(again[name].numpy(), value, rtol=1e-3, atol=1e-4, err_msg=name)


def test_a_start_that_knows_the_spot_needs_fewer_steps(started_from):
    x, y = rated(80)
    bright = np.where(y[:, 0] > np.median(y[:, 0]), "bright", "dark")
    settings = {"epochs": 1, "steps": 12, "learning_rate": 0.002, "mirror": False, "hide": 0.0, "light": 0.0}
    train_on, test = np.arange(40), np.arange(40, 80)
    right = [
        (EfdnnClassifier(**settings, start=start).fit(x[train_on], bright[train_on]).predict(x[test])
         == bright[test]).mean()
        for start in ("", str(started_from))
    ]  # fmt: skip
    assert right[1] > 0.85
    assert right[1] > right[0] + 0.1


def test_a_started_model_says_from_what(started_from):
    x, y = rated(12)
    labels = np.where(y[:, 0] > 250, "bright", "dark")
    estimator = EfdnnClassifier(epochs=1, steps=2, start=str(started_from))
    (note,) = estimator.notes()
    stored = load_model(started_from)
    assert "'first, second' on 60 samples of spots" in note
    assert stored.weights_sha256[:12] in note
    model = estimator.fit(x, labels).model(info={"seen": ["bb"], "subjects": ["s2"], "n_samples": 12})
    assert model.info["seen"] == ["aa", "bb"]
    assert model.info["subjects"] == ["s1", "s2"]
    assert model.info["start"]["weights_sha256"] == model.settings["start_sha256"] == stored.weights_sha256
    assert model.settings["start"] == "rated"
    assert EfdnnClassifier().notes() == []


def test_the_start_of_a_start_is_told(started_from, tmp_path):
    x, y = rated(12)
    labels = np.where(y[:, 0] > 250, "bright", "dark")
    second = EfdnnClassifier(epochs=1, steps=2, start=str(started_from)).fit(x, labels)
    save_model(second.model(target="spot"), tmp_path / "second")
    (note,) = EfdnnClassifier(start=str(tmp_path / "second")).notes()
    assert note.endswith("That one started from 'rated'.")


def test_starts_that_do_not_fit_are_refused(started_from, tmp_path):
    with pytest.raises(InputError, match="give width=1"):
        start_of(str(started_from), width=2.0)
    with pytest.raises(InputError, match="size=48"):
        EfdnnClassifier(start=str(started_from)).prepare(np.zeros((4, 3, 64, 64), np.float32))
    with pytest.raises(InputError, match="holds no model"):
        EfdnnClassifier(start=str(tmp_path)).notes()
    other = ExpressionClassifier(feature_names=("jawOpen",)).fit(RNG.uniform(0.1, 1, (8, 1)), ["a", "b"] * 4)
    save_model(other.model(), tmp_path / "other")
    with pytest.raises(InputError, match="mien train --model efdnn"):
        start_of(str(tmp_path / "other"), width=1.0)
    with pytest.raises(InputError, match="same for everybody"):
        EfdnnRegressor().fit(np.zeros((4, 3, 48, 48)), np.ones(4))
    with pytest.raises(InputError, match="must be finite"):
        EfdnnRegressor().fit(np.zeros((4, 3, 48, 48)), np.ones(3))


@pytest.fixture
def people(tmp_path):
    """Twelve pictures on disk with ready eyes, and a name for the data."""
    from PIL import Image

    rng = np.random.default_rng(2)
    paths = []
    for number in range(12):
        picture = rng.integers(80, 170, (64, 64, 3)).astype(np.uint8)
        picture[40:56, 24:40] = 230 if number % 2 else 30
        Image.fromarray(picture).save(tmp_path / f"{number}.png")
        paths.append(f"{number}.png")
    points = np.full((12, 68, 3), 32.0)
    points[:, [36, 39, 42, 45], :2] = [(20, 24), (26, 24), (38, 24), (44, 24)]
    faces = Faces.build(
        12, topology="ibug-68", source=np.array(paths, dtype=object), landmarks_px=points, track=np.zeros(12)
    )  # fmt: skip
    samples = Samples(
        path=np.array(paths, dtype=object), subject=np.repeat([f"s{i}" for i in range(6)], 2), root=tmp_path,
        labels={"spot": np.tile(["dark", "bright"], 6)}, ratings={"light": rng.uniform(0, 1, 12)}, name="spots",
    )  # fmt: skip
    return samples, faces


def test_scores_on_people_that_the_start_knows_are_refused(people, tmp_path):
    samples, faces = people
    small = {"recipe": {"name": "crop", "size": 32}, "model": "efdnn"}
    folder = tmp_path / "before"
    train(
        samples[:6],
        target="light",
        faces=faces,
        output=folder,
        evaluate=False,
        settings={"epochs": 1, "steps": 2},
        **small,
    )
    settings = {"epochs": 1, "steps": 2, "start": str(folder)}
    asked = {"target": "spot", "faces": faces, "settings": settings, "n_folds": 3, **small}
    with pytest.raises(InputError, match="6 of these samples themselves"):
        train(samples, **asked)
    # The same people in other pictures of the same data; in other data the names mean nobody.
    half = replace(samples[6:], subject=np.repeat(["s0", "s4", "s5"], 2))
    with pytest.raises(InputError, match="1 of these subjects, such as 's0'"):
        train(half, **asked)
    trained = train(replace(half, name="others"), **asked)
    assert any("started from the body of 'before'" in note for note in trained.evaluation.notes)
    # Without scores there is nothing that could be flattered; the model knows all of them afterwards.
    model = train(samples[6:], evaluate=False, **asked).model
    with pytest.raises(InputError, match="trained on"):
        evaluate(model, samples[:6], target="spot", faces=faces, other_people=True)
    with pytest.raises(InputError, match="6 of these samples themselves"):
        train(samples, **{**asked, "target": "light"})


def test_models_without_a_start_are_left_alone():
    empty = Table(None, None, None, None, {}, [], None, None, [])
    for estimator in (ExpressionClassifier, EfdnnClassifier):
        refuse_known_start(estimator, None, empty)


def test_start_is_a_setting_on_the_command_line(regressor):
    recipe, settings = parsed("efdnn", ["start=out/omi-efdnn", "size=64"])
    assert settings == {"start": "out/omi-efdnn"}
    assert recipe == {"size": 64}
    from mien.core.features import Features

    features = Features(
        np.zeros((1, 3, 64, 64)), "pixels", ("red", "green", "blue"), {}, np.array(["ok"], dtype=object)
    )
    with pytest.raises(InputError, match="'start' is a word"):
        maker("efdnn", features, seed=0, settings={"start": 3})
    assert isinstance(maker("efdnn", features, seed=0, settings={}, ratings=True)(), EfdnnRegressor)
