"""Promise: a probe recovers what was planted, is at chance where nothing is, and never sees a tested source."""

from dataclasses import replace

import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.core.files import finite
from mien.responses.activations import Activations
from mien.responses.body_card import BodyCard
from mien.responses.probes.linear import PENALTIES, fit_direction

BODY = BodyCard("toy", "random, seed 0", "", "none", 32)


def made_up(
    sources: int = 60, each: int = 1, effects: tuple[float, ...] = (0.0, 3.0), features: int = 20, seed: int = 0
) -> Activations:
    """Half of the sources are faces; faces are ``effect`` higher in the first feature of each layer, and two pictures
    of a source are alike to half of their variance."""
    rng = np.random.default_rng(seed)
    source = np.repeat(np.arange(sources), each)
    kind = np.where(source % 2 == 0, "face", np.where(source % 4 == 1, "cup", "house"))
    paths = [f"{number}.jpg" for number in range(len(source))]
    samples = mien.Samples(path=paths, subject=[f"s{s}" for s in source], labels={"category": kind})
    values = {}
    for number, effect in enumerate(effects):
        common = rng.normal(size=(sources, features))[source] * (each > 1)
        found = common + rng.normal(size=(len(source), features))
        found[kind == "face", 0] += effect
        values[f"layer{number}"] = found.astype(np.float32)
    return Activations(samples, BODY, values, np.full(len(source), "ok"))


def with_layer(given: Activations, name: str, values: np.ndarray) -> Activations:
    return replace(given, values={**{key: given.values[key] for key in given.layers}, name: values})


def test_a_planted_direction_is_recovered_from_the_layer_on_that_holds_it() -> None:
    found = mien.probe(made_up(200), faces="face")
    assert found.against == ("cup", "house") and found.best == "layer1"
    assert found.score("layer1").auc.value > 0.95 and found.score("layer0").auc.value < 0.65
    weights = found.direction("layer1").weights
    assert weights[0] / np.linalg.norm(weights) > 0.95
    # Standard deviations within a kind: 3 of them lie between faces and the rest.
    answers = found.answers.values[:, 1]
    face = found.answers.face == "face"
    assert answers[face].mean() - answers[~face].mean() == pytest.approx(2.7, abs=0.5)
    assert set(found.settings["chosen"]) == {"layer1"}
    assert found.score("chosen").auc == found.score("layer1").auc


def test_weights_act_on_the_raw_answers_of_a_layer() -> None:
    given = made_up(100, effects=(2.0,))
    values = given.layer("layer0") * np.linspace(0.01, 50, 20).astype(np.float32) + 7
    shifted = with_layer(given, "layer0", values)
    found = mien.probe(shifted, faces="face")
    answers = values.astype(np.float64) @ found.direction().weights + found.direction().intercept
    assert np.mean((answers > 0) == (given.samples.labels["category"] == "face")) > 0.8
    # A linear change of units changes nothing.
    plain = mien.probe(given, faces="face")
    assert np.allclose(found.answers.values, plain.answers.values, atol=1e-3)


def test_no_fold_splits_a_source_and_every_picture_is_tested_once() -> None:
    found = mien.probe(made_up(40, each=4), faces="face").answers
    assert (found.fold > 0).all()
    assert all(len(set(found.fold[found.source == source])) == 1 for source in set(found.source))


def test_the_answer_to_a_source_does_not_hang_on_it() -> None:
    """However the pictures of a fold look, the same direction answers them: nothing of them is in training."""
    given = made_up(60, each=4)
    one = mien.probe(given, faces="face")
    tested = one.answers.fold == 1
    values = given.layer("layer1").copy()
    values[tested] += np.random.default_rng(5).normal(size=values[tested].shape) * 3
    other = mien.probe(with_layer(given, "layer1", values), faces="face", layers="layer1")
    direction = [np.linalg.lstsq(np.c_[v[tested], np.ones(tested.sum())], f.answers.values[tested, -1], rcond=None)[0]
                 for v, f in ((given.layer("layer1"), one), (values, other))]  # fmt: skip
    assert tested.sum() > 40 and np.allclose(*direction, atol=1e-4)


def test_the_order_of_the_pictures_changes_nothing() -> None:
    given = made_up(40, each=2)
    order = np.random.default_rng(3).permutation(80)
    one, other = (mien.probe(part, faces="face") for part in (given, given[order]))
    assert other.score("layer1").auc.value == pytest.approx(one.score("layer1").auc.value, abs=1e-12)
    assert np.allclose(one.answers.values[order], other.answers.values, atol=1e-6)
    assert one.answers.fold[order].tolist() == other.answers.fold.tolist()


def test_a_score_within_one_style_does_not_profit_from_the_style() -> None:
    """All photos are faces but a few, all drawings objects but a few; the layer sees nothing but the style."""
    rng, given = np.random.default_rng(2), made_up(200, effects=(0.0,))
    face = given.samples.labels["category"] == "face"
    photo = np.where(rng.random(200) < 0.1, ~face, face)
    values = given.layer("layer0").copy()
    values[:, 0] = 3.0 * photo + rng.normal(size=200)
    labels = {**given.samples.labels, "style": np.where(photo, "photo", "drawing")}
    styled = replace(with_layer(given, "layer0", values), samples=replace(given.samples, labels=labels))
    assert mien.probe(styled, faces="face").score("layer0").auc.value > 0.8
    within = mien.probe(styled, faces="face", within="style")
    assert abs(within.score("layer0").auc.value - 0.5) < 0.15 and within.score("layer0").auc.p > 0.05


def test_random_labels_stay_at_chance_with_few_sources_of_several_pictures() -> None:
    small, inside, areas = 0, 0, []
    for seed in range(30):
        found = mien.probe(made_up(14, each=4, effects=(0.0,), features=6, seed=seed), faces="face", n_permutations=99)
        auc = found.score("layer0").auc
        small += auc.p <= 0.05
        inside += auc.low <= 0.5 <= auc.high
        areas.append(auc.value)
    assert abs(np.mean(areas) - 0.5) < 0.08
    assert small <= 4 and inside >= 27


def test_what_cannot_be_probed_is_a_sentence() -> None:
    given = made_up()
    with pytest.raises(InputError, match=r"no category 'fase'. Did you mean 'face'\? There are: cup, face, house"):
        mien.probe(given, faces="fase")
    with pytest.raises(InputError, match=r"no layer 'layer9'.* There are: layer0, layer1"):
        mien.probe(given, faces="face", layers="layer9")
    with pytest.raises(InputError, match="All pictures are of"):
        mien.probe(given[given.samples.labels["category"] == "face"], faces="face")
    with pytest.raises(InputError, match="stands among the faces and among"):
        mien.probe(given, faces="face", against="face,cup")
    one = replace(given.samples, subject=np.where(given.samples.labels["category"] == "face", "one", "x"))
    with pytest.raises(InputError, match=r"'face' \(faces\) come from 1 source: .* two at least"):
        mien.probe(replace(given, samples=one), faces="face")
    with pytest.raises(InputError, match="there is no column 'style'"):
        mien.probe(given, faces="face", within="style")
    with pytest.raises(InputError, match="No value of 'category' has both"):
        mien.probe(given, faces="face", within="category")


def test_three_sources_and_a_category_with_one_go_on_with_fewer_folds() -> None:
    found = mien.probe(made_up(5, each=6), faces="face")
    assert found.settings["n_folds"] == 2 and "2 sources of one side only" in " ".join(found.notes)
    assert np.isnan(found.score("layer1").auc.low) and found.score("layer1").auc.withheld == "5 people"


def test_pictures_without_an_answer_and_layers_that_say_nothing_have_a_status() -> None:
    given = made_up()
    status = given.status.copy().astype(object)
    status[[3, 4]] = "unreadable"
    values = {name: given.layer(name).copy() for name in given.layers}
    for layer in values.values():
        layer[[3, 4]] = np.nan
    values["dead"] = np.ones((60, 5), np.float32)
    values["overflown"] = values["layer1"].copy()
    values["overflown"][7, 0] = np.inf
    values["last"] = values["layer1"].copy()
    found = mien.probe(Activations(given.samples, BODY, values, status), faces="face")
    assert np.isnan(found.answers.values).all(1).sum() == 2 and "2 pictures could not be answered" in found.notes[0]
    assert "do not vary" in found.score("dead").status and np.isnan(found.score("dead").auc.value)
    assert found.score("overflown").status == "1 pictures have no finite answer"
    assert found.score("layer1").auc.value > 0.8


def test_copies_under_two_names_are_one_source() -> None:
    given = made_up(40)
    values = {name: given.layer(name).copy() for name in given.layers}
    for layer in values.values():
        layer[2], layer[5] = layer[0], layer[1]
    found = mien.probe(replace(given, values=values), faces="face")
    assert len(set(found.answers.source)) == 38 and "2 sources hold a copy" in " ".join(found.notes)


def test_stored_equals_loaded_and_damage_is_a_sentence(tmp_path) -> None:
    found = mien.probe(made_up(), faces="face", output=tmp_path / "probe")
    again = mien.load_probe(tmp_path / "probe")
    assert finite(again.to_json()) == finite(found.to_json())
    assert np.array_equal(again.direction("layer1").weights, found.direction("layer1").weights)
    assert np.array_equal(again.answers.values, found.answers.values)
    assert again.answers.path.tolist() == found.answers.path.tolist()
    (tmp_path / "probe/weights.safetensors").write_bytes(b"")
    with pytest.raises(InputError, match=r"is not the file that probe\.json names"):
        mien.load_probe(tmp_path / "probe")
    with pytest.raises(InputError, match="holds no probe"):
        mien.load_probe(tmp_path)


def test_penalties_reach_from_hardly_any_to_the_covariances_alone() -> None:
    rng = np.random.default_rng(0)
    face, values = np.arange(60) % 2 == 0, rng.normal(size=(60, 200))
    fit = fit_direction(values, face, np.zeros(60, int), np.arange(60) % 5)
    assert fit.penalty in PENALTIES and fit.error > 0.9
