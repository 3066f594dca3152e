"""What every kind of model promises, asked of every row of the registry: as scikit-learn checks its estimators."""

import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")
pytest.importorskip("lightgbm")

import torch
from sklearn.base import clone

from mien.core.errors import InputError
from mien.core.faces import BLENDSHAPES
from mien.core.features import NAMED, PICTURE, SEQUENCE, SERIES, Features
from mien.learn.cost import fitted_with_cost
from mien.learn.crossval import cross_predict
from mien.models.adapts import HEAD, REFIT
from mien.models.base import Model
from mien.models.catalogue import MODELS, NETWORKS, class_of, stored_kinds, trainable
from mien.models.estimator import Classifier, Regressor
from mien.models.fitting.few_steps import answers, with_trained_head
from mien.models.maker import maker, notes_of, prepared
from mien.models.store import load_model, save_model

PEOPLE, EACH = 10, 4
CLASSES = ("rest", "smile")
# One pass over the data is enough for promises that do not depend on how much was learnt.
QUICK: dict[str, dict[str, Any]] = {
    "efdnn": {"epochs": 1, "steps": 3, "width": 0.5},
    "efdnn-lite": {"epochs": 1, "steps": 3},
    "trees": {"n_trees": 30, "min_leaf": 3},
    **{f"landmark-{name}": {"epochs": 1, "components": 8} for name in ("net", "mlp", "gru", "lstm")},
    **{
        f"series-{name}": {
            "epochs": 20,
            "units": 8,
            "layers": 1,
            "batch_size": 8,
            "learning_rate": 0.02,
            "patience": 20,
        }
        for name in ("cnn", "gru", "transformer")
    },
    **{name: {"epochs": 1, "batch_size": 8} for name in NETWORKS},
}
# Rows of one estimator that differ in the network's name only: the small ones stand for all.
SAME_BUT_BIGGER = tuple(name for name in NETWORKS if name not in ("small-cnn", "mlp", "songnet"))
# On data as few as here, learnt in so few passes, they are not asked to find what was planted.
TOO_QUICK = (*NETWORKS, "efdnn", "efdnn-lite", "landmark-net", "landmark-mlp", "landmark-gru", "landmark-lstm")
# So do wide crops from others, and the perceptron from the small network.
FITTED = tuple(name for name in trainable() if name not in (*SAME_BUT_BIGGER, "picture-wide", "mlp"))
# Of the crops' sides in pixels; a promise does not depend on it.
SIDE = 48


def rows_with_outcomes(names: tuple[str, ...]) -> list[Any]:
    """Each row once for classes and, where it predicts them, once for ratings."""
    return [
        pytest.param(name, ratings, id=f"{name}-{'ratings' if ratings else 'classes'}")
        for name in names
        for ratings in (False, True)
        if (MODELS[name].regressor if ratings else MODELS[name].home)
    ]


EVERY = pytest.mark.parametrize(("name", "ratings"), rows_with_outcomes(FITTED))


class Made:
    """Made-up features of one row: half of the samples carry a sign of their class."""

    def __init__(self, name: str, ratings: bool) -> None:
        rng = np.random.default_rng(0)
        self.groups = np.repeat([f"p{person}" for person in range(PEOPLE)], EACH)
        sign = np.tile([0, 1], len(self.groups) // 2)
        recipe = (MODELS[name].rating_recipe if ratings else {}) or MODELS[name].recipe
        count, space, topology = len(sign), NAMED, ""
        if recipe["name"] == "displacement":
            space, topology, names = SEQUENCE, "ibug-68", ("x", "y")
            values = rng.normal(0, 0.05, (count, 10, 68, 2))
            values[sign == 1, :, 48:60] += np.linspace(0, 1, 10)[:, None, None]
        elif recipe["name"] == "crop":
            space, names, size = PICTURE, ("red", "green", "blue"), SIDE
            recipe = {**recipe, "size": size}
            values = rng.uniform(0.3, 0.7, (count, 3, size, size))
            values[sign == 1, :, size // 2 :] += 0.25
        elif recipe["name"] == "series":
            space, names = SERIES, ("smile", "brow", "blink", "yaw", "present")
            values = rng.uniform(0.1, 0.3, (count, 12, 5))
            values[sign == 1, :, 0] += 0.2
            values[..., -1] = rng.random((count, 12)) > 0.2
            values[..., :-1] *= values[..., -1:]
        elif recipe["name"] == "texture":
            names = tuple(f"tint {place}" for place in range(48))
            values = rng.uniform(0, 1, (count, 48))
            values[sign == 1, :12] += 0.8
        else:
            names = tuple(BLENDSHAPES)
            values = rng.uniform(0.02, 0.1, (count, len(names)))
            for side in ("mouthSmileLeft", "mouthSmileRight", "cheekSquintLeft", "cheekSquintRight"):
                values[sign == 1, BLENDSHAPES.index(side)] += 0.5
        self.features = Features(
            values=np.float32(values), space=space, names=names, recipe=dict(recipe),
            status=np.full(count, "ok"), topology=topology,
        )  # fmt: skip
        self.y: Any = np.array(CLASSES, dtype=object)[sign]
        if ratings:
            self.y = np.stack([sign + rng.normal(0, 0.1, count), -sign + rng.normal(0, 0.1, count)], 1)
        self.make = maker(name, self.features, seed=0, settings=QUICK.get(name, {}), ratings=ratings)
        self.values = prepared(self.make, self.features)

    def fitted(self, **changes: Any) -> Any:
        """An estimator that was fitted on everything, with other arguments of ``fit`` if given."""
        given = {"values": self.values, "y": self.y, "groups": self.groups, **changes}
        return self.make().fit(given["values"], given["y"], given["groups"])

    def model(self, estimator: Any) -> Model:
        """What is stored of an estimator."""
        classes = {"classes": ("warm", "cold")} if self.y.ndim == 2 else {}
        features = self.features
        facts = {"name": "made-up", "target": "made-up", "recipe": features.recipe, "feature_names": features.names}
        built: Model = estimator.model(**facts, **classes)
        return built


@pytest.fixture(scope="module")
def made() -> Callable[[str, bool], Made]:
    """The features of a row, fitted once for all that is asked of it."""
    kept: dict[tuple[str, bool], Made] = {}

    def give(name: str, ratings: bool) -> Made:
        if (name, ratings) not in kept:
            kept[name, ratings] = Made(name, ratings)
        return kept[name, ratings]

    return give


@pytest.fixture(scope="module")
def one(made) -> Callable[[str, bool], tuple[Made, Any, Model]]:
    kept: dict[tuple[str, bool], tuple[Made, Any, Model]] = {}

    def give(name: str, ratings: bool) -> tuple[Made, Any, Model]:
        if (name, ratings) not in kept:
            made_up = made(name, ratings)
            estimator = made_up.fitted()
            kept[name, ratings] = made_up, estimator, made_up.model(estimator)
        return kept[name, ratings]

    return give


@EVERY
def test_it_predicts_one_row_per_sample(one, name: str, ratings: bool, weights) -> None:
    made_up, _, model = one(name, ratings)
    answers = model.predict(made_up.features.values)
    assert answers.shape == (len(made_up.groups), 2) and np.isfinite(answers).all()
    assert model.predicts == ("ratings" if ratings else "classes")
    if not ratings:
        assert model.classes == CLASSES and np.allclose(answers.sum(1), 1) and (answers >= 0).all()


@EVERY
def test_what_is_stored_answers_as_what_was_fitted(one, tmp_path, name: str, ratings: bool, weights) -> None:
    made_up, _, model = one(name, ratings)
    save_model(model, tmp_path / "m")
    read = load_model(tmp_path / "m")
    assert type(read) is type(model) and model.kind in MODELS[name].stored and read.classes == model.classes
    assert np.array_equal(read.predict(made_up.features.values), model.predict(made_up.features.values))


@EVERY
def test_a_clone_with_the_same_seed_learns_the_same(one, name: str, ratings: bool, weights) -> None:
    made_up, estimator, model = one(name, ratings)
    again = clone(estimator)
    assert again.get_params() == estimator.get_params()
    again.fit(made_up.values, made_up.y, made_up.groups)
    assert np.array_equal(made_up.model(again).predict(made_up.features.values), model.predict(made_up.features.values))


@pytest.mark.parametrize("name", [name for name in FITTED if MODELS[name].home])
def test_it_is_adapted_to_a_person_by_its_last_layer_or_fitted_anew(one, name: str, weights) -> None:
    made_up, estimator, model = one(name, False)
    if estimator.adapts == REFIT:
        again = estimator.again().fit(made_up.values, made_up.y, made_up.groups)
        found, wanted = again.predict(made_up.values), estimator.predict(made_up.values)
        assert np.mean(found == wanted) > 0.9
        return
    assert estimator.adapts == HEAD
    module = model.module()
    codes = np.zeros(6, dtype=np.int64)
    adapted = with_trained_head(module, made_up.features.values[:6], codes, 10)
    head = {id(part) for part in adapted.head_parameters()}
    before, moved = dict(module.named_parameters()), set()
    for key, value in adapted.named_parameters():
        if not torch.equal(value, before[key]):
            moved.add(id(value))
    assert moved and moved <= head
    values = torch.from_numpy(np.ascontiguousarray(made_up.features.values[:6]))
    losses = [torch.nn.functional.cross_entropy(net(values), torch.from_numpy(codes)) for net in (module, adapted)]
    assert losses[1] < losses[0]
    assert len(answers(adapted, made_up.features.values)) == len(made_up.groups)


@EVERY
def test_other_layouts_of_the_same_numbers_give_the_same_answers(one, name: str, ratings: bool, weights) -> None:
    made_up, _, model = one(name, ratings)
    values = made_up.features.values
    answers = model.predict(values)
    strided = np.repeat(values, 2, axis=0)[::2]
    assert not strided.flags.c_contiguous
    assert np.array_equal(model.predict(strided), answers)
    assert np.array_equal(model.predict(values.astype(np.float64)), answers)


@EVERY
def test_a_sample_is_answered_alike_alone_and_among_others(one, name: str, ratings: bool, weights) -> None:
    """Batches, order and copies of rows change nothing but the last digits."""
    made_up, _, model = one(name, ratings)
    values = made_up.features.values
    answers = model.predict(values)
    order = np.random.default_rng(1).permutation(len(values))
    assert np.allclose(model.predict(values[order]), answers[order], atol=1e-5)
    assert np.allclose(model.predict(values[:1]), answers[:1], atol=1e-5)
    assert np.allclose(model.predict(np.repeat(values[:2], 3, axis=0)), np.repeat(answers[:2], 3, axis=0), atol=1e-5)


@EVERY
def test_values_that_are_not_known_are_refused_in_words(one, name: str, ratings: bool, weights) -> None:
    made_up, _, model = one(name, ratings)
    values = made_up.features.values.copy()
    values[0].flat[0] = np.nan
    if model.takes_gaps:
        assert np.isfinite(model.predict(values)).all()
    else:
        with pytest.raises(InputError, match="not finite"):
            model.predict(values)
    with pytest.raises(InputError, match="takes values of shape"):
        model.predict(made_up.features.values[..., :-1])


@EVERY
def test_one_class_or_a_constant_rating_is_refused_in_words(made, name: str, ratings: bool, weights) -> None:
    made_up = made(name, ratings)
    with pytest.raises(InputError, match=r"the same|All samples have"):
        made_up.fitted(y=np.ones_like(made_up.y) if ratings else np.repeat("smile", len(made_up.y)))


@EVERY
def test_ratings_and_values_that_are_not_finite_are_refused_before_training(made, name: str, ratings: bool, weights):
    made_up = made(name, ratings)
    if ratings:
        holes = made_up.y.copy()
        holes[0] = np.nan
        with pytest.raises(InputError, match="Ratings must be finite"):
            made_up.fitted(y=holes)
    if made_up.make().takes_gaps:
        assert MODELS[name].takes_gaps
        return
    values = made_up.features.values.copy()
    values[0].flat[0] = np.nan
    with pytest.raises(InputError, match="not finite"):
        made_up.fitted(values=values)


@EVERY
def test_one_person_is_learnt_from_or_refused_in_words(made, name: str, ratings: bool, weights) -> None:
    """Nobody is left for inner folds: what needs them says so, what does not goes on."""
    made_up = made(name, ratings)
    try:
        alone = made_up.fitted(groups=np.repeat("p0", len(made_up.groups)))
    except InputError as refusal:
        assert "p0" in str(refusal) or "people" in str(refusal)
    else:
        assert np.isfinite(made_up.model(alone).predict(made_up.features.values)).all()


@EVERY
def test_it_says_what_it_costs_and_what_stands_beside_its_scores(made, name: str, ratings: bool, weights) -> None:
    made_up = made(name, ratings)
    before = threading.active_count(), torch.get_num_threads()
    _, cost = fitted_with_cost(made_up.make, made_up.values, made_up.y, made_up.groups, None)
    assert isinstance(made_up.make(), Regressor if ratings else Classifier)
    assert cost["fit_seconds"] > 0 and cost["microseconds_per_sample"] > 0
    assert all(isinstance(note, str) for note in notes_of(made_up.make))
    assert (threading.active_count(), torch.get_num_threads()) == before, "no thread is left behind"


def out_of_fold(made_up: Made, y: np.ndarray) -> np.ndarray:
    """Answers about people that were not trained on, (samples, outputs)."""
    first = np.isin(made_up.groups, [f"p{who}" for who in range(PEOPLE // 2)])
    tested = [first, ~first]
    folds = [(np.flatnonzero(~test), np.flatnonzero(test)) for test in tested]
    if y.ndim == 1:
        return cross_predict(made_up.make, made_up.values, y, made_up.groups, folds, CLASSES)[0]
    answers = np.full(y.shape, np.nan)
    for train, test in folds:
        answers[test] = made_up.make().fit(made_up.values[train], y[train], made_up.groups[train]).predict(
            made_up.values[test]
        )  # fmt: skip
    return answers


@pytest.mark.parametrize(("name", "ratings"), rows_with_outcomes(tuple(n for n in FITTED if n not in TOO_QUICK)))
def test_what_was_planted_is_predicted_and_noise_is_not(made, name: str, ratings: bool, weights) -> None:
    made_up = made(name, ratings)
    noise = np.random.default_rng(3).permutation(len(made_up.y))
    if ratings:
        planted, chance = (out_of_fold(made_up, y) for y in (made_up.y, made_up.y[noise]))
        assert np.corrcoef(planted[:, 0], made_up.y[:, 0])[0, 1] > 0.8
        assert abs(np.corrcoef(chance[:, 0], made_up.y[noise, 0])[0, 1]) < 0.6
    else:
        planted, chance = (out_of_fold(made_up, y) for y in (made_up.y, made_up.y[noise]))
        assert np.mean(np.array(CLASSES)[planted.argmax(1)] == made_up.y) > 0.9
        assert 0.15 < np.mean(np.array(CLASSES)[chance.argmax(1)] == made_up.y[noise]) < 0.8


@pytest.mark.parametrize(("name", "ratings"), rows_with_outcomes(SAME_BUT_BIGGER))
def test_a_row_of_a_big_network_differs_from_the_small_ones_in_its_name_alone(name: str, ratings: bool) -> None:
    small, row = MODELS["small-cnn"], MODELS[name]
    assert (row.home, row.regressor, row.stored) == (small.home, small.regressor, small.stored)
    assert row.fixed == {"network": name} and row.recipe | {"size": 224} == small.recipe | {"size": 224}


def test_every_row_stores_a_kind_that_is_read_and_every_kind_read_is_stored(one, weights) -> None:
    """Rows name the kinds that they are stored as: none is missing, and none that nothing is stored as."""
    stored = {one(name, ratings)[2].kind for name, ratings in (p.values for p in rows_with_outcomes(FITTED))}
    support_vectors, stacking = "kernel-score", "joined-score"
    built_in = {name for name, row in MODELS.items() if not row.trained}
    assert stored | {support_vectors, stacking} | built_in == set(stored_kinds())
    assert all(class_of(kind).kind == kind for kind in stored_kinds())


def test_rows_are_known_without_what_learning_needs() -> None:
    """Listing the rows, and the kinds that can be read, imports neither torch nor scikit-learn."""
    code = (
        "import sys; from mien.models import catalogue, maker, store; catalogue.trainable(), catalogue.stored_kinds();"
        "print({'torch', 'sklearn'} & set(sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "set()\n"
