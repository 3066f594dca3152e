"""Promise: a probe is applied to other pictures unchanged, never by a fit that saw their source; pairs are tested over
sources, and where nothing was done there is no effect."""

from dataclasses import replace

import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.core.files import finite
from mien.responses.activations import Activations
from mien.responses.body_card import BodyCard
from mien.responses.probes.linear import Design
from mien.responses.probes.pairs import paired_effects
from mien.responses.probes.result import Probe
from mien.responses.probes.rows import PairedEffect
from mien.responses.probes.scores import auc_difference
from mien.responses.probes.sets import AnsweredSet
from tests.responses.probes.test_probe import BODY, made_up

ARRANGED = "made-up pareidolia - scrambled parts"
LABELS = ("category", "alteration", "made_from", "pair", "orientation")


def a_set(rows: list[tuple[str, str, dict[str, str]]], values: np.ndarray, name: str = "others") -> Activations:
    """Pictures as (path, source, labels) with the answers of the last layer; the first layer is noise."""
    labels = {key: [part.get(key, "") for *_, part in rows] for key in LABELS if any(key in part for *_, part in rows)}
    samples = mien.Samples(
        path=[path for path, *_ in rows], subject=[source for _, source, _ in rows], labels=labels, name=name
    )
    noise = np.random.default_rng(9).normal(size=values.shape).astype(np.float32)
    return Activations(samples, BODY, {"layer0": noise, "layer1": values.astype(np.float32)}, np.full(len(rows), "ok"))


def altered(change: float, sources: int = 30, seed: int = 1) -> Activations:
    """Faces of other sources and what was made from them, whose planted feature is ``change`` higher."""
    rng = np.random.default_rng(seed)
    plain = rng.normal(size=(sources, 20))
    plain[:, 0] += 3
    turned = plain + 0.3 * rng.normal(size=plain.shape)
    turned[:, 0] += change
    rows = [(f"f{i}.jpg", f"f{i}", {"category": "face", "alteration": "none"}) for i in range(sources)]
    rows += [(f"f{i}-inverted.jpg", f"f{i}", {"category": "face", "alteration": "inverted", "made_from": f"f{i}.jpg"})
             for i in range(sources)]  # fmt: skip
    return a_set(rows, np.concatenate([plain, turned]))


def pareidolia(arranged: float, sources: int = 40, seed: int = 2) -> Activations:
    """Pairs of pictures of the same parts, upright and inverted; arrangement counts upright only."""
    rng, rows, values = np.random.default_rng(seed), [], []
    for pair in range(sources):
        object_ = rng.normal(size=20)
        for orientation in ("upright", "inverted"):
            for category in ("made-up pareidolia", "scrambled parts"):
                value = object_ + 0.3 * rng.normal(size=20)
                value[0] += 1.5 + arranged * (orientation == "upright") * (category == "made-up pareidolia")
                path = f"{pair}-{orientation}-{category}.png"
                labels = {"category": category, "pair": f"pair {pair}", "orientation": orientation}
                rows.append((path, f"o{pair}", labels))
                values.append(value)
    return a_set(rows, np.array(values), "pareidolia")


def effect(found: Probe, what: str, **kind: str) -> PairedEffect:
    (row,) = [
        row for row in found.effects if row.layer == "layer1" and row.what == what and kind.items() <= row.kind.items()
    ]
    return row


def test_shares_called_face_of_other_sets_and_the_effect_of_an_alteration() -> None:
    found = mien.probe(made_up(200), faces="face", apply=[altered(-3.0)], curve=False)
    rows = {row.kind.get("alteration", ""): row for row in found.called if (row.set, row.layer) == ("others", "layer1")}
    assert rows["none"].share.value > 0.8 and rows["inverted"].share.value < 0.3
    assert rows["none"].sources == 30 and rows["none"].share.low < rows["none"].share.value
    row = effect(found, "inverted - original", category="face")
    assert row.pairs == row.sources == 30 and -4 < row.answer.value < -2
    assert (
        row.answer.p <= 0.001 and row.share.p <= 0.001 and row.share.high < 0 and row.answer_p_corrected >= row.answer.p
    )
    # The mean difference of the answers is that of the single answers.
    answers = found.answers
    own = answers.set == "others"
    plain, turned = answers.values[own][:30, 1], answers.values[own][30:, 1]
    assert row.answer.value == pytest.approx((turned - plain).mean())
    assert row.share.value == pytest.approx(((turned > 0) * 1.0 - (plain > 0)).mean())


def test_arrangement_counts_upright_and_its_interaction_with_orientation_is_tested() -> None:
    found = mien.probe(made_up(200), faces="face", apply=[pareidolia(2.0)], curve=False)
    upright = effect(found, ARRANGED, orientation="upright")
    inverted = effect(found, ARRANGED, orientation="inverted")
    both = effect(found, f"({ARRANGED}), upright - inverted")
    assert upright.answer.p <= 0.001 and upright.answer.low > 1 and inverted.answer.p > 0.05
    assert both.answer.value == pytest.approx(upright.answer.value - inverted.answer.value)
    assert both.share.value == pytest.approx(upright.share.value - inverted.share.value)
    assert both.answer.p <= 0.001 and both.share.low <= both.share.value <= both.share.high
    turned = effect(found, "inverted - upright", category="made-up pareidolia")
    assert turned.answer.value < -1 and turned.pairs == 40


def test_pairs_that_differ_in_nothing_have_no_effect_as_often_as_stated() -> None:
    """Twelve objects, most of whose pictures are no face: shares of pairs seldom differ."""
    small, inside, runs = np.zeros(2), np.zeros(2), 200
    for seed in range(runs):
        given = pareidolia(0.0, 12, seed)
        values = given.layer("layer1")[:, :1].astype(float) - 2.5
        answered = AnsweredSet("made up", given.samples, given.samples.subject, np.zeros(48, int), values)
        found = paired_effects(answered, [], "category", ["layer"], n_permutations=499, seed=0)
        (row,) = [row for row in found if row.what == ARRANGED and row.kind["orientation"] == "upright"]
        for number, part in enumerate((row.answer, row.share)):
            small[number] += part.p <= 0.05
            inside[number] += part.low <= 0 <= part.high
    assert (small / runs <= 0.08).all() and (inside / runs >= 0.92).all()


def test_a_source_of_the_training_is_answered_by_the_fold_that_did_not_see_it() -> None:
    """By its name, by what a picture was made from, and as a copy of the file under another name."""
    given = made_up(40)
    values = given.layer("layer1")
    rows = [
        ("other.jpg", "s3", {}),
        ("turned.jpg", "x", {"made_from": "7.jpg"}),
        ("copy.jpg", "y", {}),
        ("n.jpg", "z", {}),
    ]
    applied = a_set(rows, np.stack([values[0] + 0.1, values[1] + 0.1, values[11], values[2] + 0.1]))
    found = mien.probe(given, faces="face", apply=[applied], curve=False)
    fold = dict(zip(found.answers.path, found.answers.fold, strict=True))
    assert (fold["other.jpg"], fold["turned.jpg"], fold["copy.jpg"]) == (fold["3.jpg"], fold["7.jpg"], fold["11.jpg"])
    assert fold["n.jpg"] == 0
    answer = dict(zip(found.answers.path, found.answers.values[:, 1], strict=True))
    assert answer["copy.jpg"] == pytest.approx(answer["11.jpg"])
    assert answer["n.jpg"] == pytest.approx(found.direction("layer1").answers(values[[2]] + 0.1)[0], abs=1e-5)


def test_pictures_of_other_categories_of_the_same_set_are_answered_too() -> None:
    found = mien.probe(made_up(100), faces="face", against="cup", curve=False)
    share = {row.kind["category"]: row.share.value for row in found.called if row.layer == "layer1"}
    assert share["house"] < 0.3 and set(share) == {"face", "cup", "house"}
    assert set(found.answers.face[found.answers.category == "house"]) == {""}


def test_sets_that_do_not_fit_are_sentences() -> None:
    given, other = made_up(), altered(0.0)
    stranger = replace(other, body=BodyCard("vgg11", "random, seed 0", "", "none", 32))
    with pytest.raises(InputError, match=r"answers of toy .* but 'others' holds those of vgg11 .* the same network"):
        mien.probe(given, faces="face", apply=[stranger])
    one = replace(other, values={"layer1": other.layer("layer1")})
    with pytest.raises(InputError, match="'others' has no layer 'layer0', which the probe reads; it has layer1"):
        mien.probe(given, faces="face", apply=[one])
    assert mien.probe(given, faces="face", layers="layer1", apply=[one], curve=False).called
    with pytest.raises(InputError, match="30 of 60 training pictures are not in the activations"):
        mien.probe(given, faces="face", beside=[given[:30]])
    assert mien.probe(given, faces="face", beside=[given], curve=False).differences[0].auc.value == 0


def test_a_body_beside_is_compared_on_the_same_pictures_in_any_order() -> None:
    given = made_up(120)
    random = replace(made_up(120, effects=(0.0, 0.0), seed=7), body=BodyCard("toy", "random, seed 7", "", "none", 32))
    found = mien.probe(given, faces="face", beside=[random[::-1]], curve=False)
    rows = {row.layer: row for row in found.differences}
    name = "toy (random, seed 7)"
    assert set(rows) == {"layer0", "layer1", "chosen"} and rows["layer1"].other_layer == "layer1"
    assert (
        found.score("layer1", name).auc.value < 0.7 and rows["layer1"].auc.low > 0.2 and rows["layer1"].auc.p <= 0.001
    )
    assert rows["layer0"].auc.p > 0.05 and found.beside[0].weights == "random, seed 7"


@pytest.mark.parametrize("apart", [0.0, 3.0])
def test_two_bodies_that_are_alike_differ_as_seldom_as_stated(apart: float) -> None:
    """At chance and where nearly all pictures are told apart; two pictures of each of thirty sources."""
    small, inside, runs, source = 0, 0, 200, np.repeat(np.arange(30), 2)
    face = source % 2 == 0
    for seed in range(runs):
        rng = np.random.default_rng(seed)
        common = rng.normal(size=30)[source] + apart * face
        one, other = (common + rng.normal(size=60) for _ in range(2))
        folds = [(np.flatnonzero(source % 6 != k), np.flatnonzero(source % 6 == k)) for k in range(0, 6, 2)]
        folds = [(train, np.r_[test, np.flatnonzero(source % 6 == (test[0] // 2 % 6) + 1)]) for train, test in folds]
        design = Design(np.arange(60), face, source.astype(str).astype(object), np.zeros(60, int), folds, ())
        found = auc_difference(one, other, design)
        small += found.p <= 0.05
        inside += found.low <= 0 <= found.high
    assert small / runs <= 0.08 and inside / runs >= 0.92


def test_the_learning_curve_rises_to_what_all_sources_give() -> None:
    found = mien.probe(made_up(160), faces="face")
    assert [row.faces for row in found.curve] == [2, 5, 10, 20, 50] and {row.layer for row in found.curve} == {"layer1"}
    values = [row.auc.value for row in found.curve]
    assert values[0] < values[2] < values[-1] <= found.score("layer1").auc.value + 0.02
    assert all(row.auc.low < row.auc.value < row.auc.high for row in found.curve) and found.curve[-1].pictures == 100


def test_stored_sets_and_effects_are_read_again(tmp_path) -> None:
    found = mien.probe(made_up(), faces="face", apply=[altered(-1.0, 12)], beside=[made_up()], output=tmp_path)
    again = mien.load_probe(tmp_path)
    assert finite(again.to_json()) == finite(found.to_json())
    assert again.answers.values.shape == (84, 2) and len(again.effects) == 2


def test_what_does_not_stand_beside_is_said() -> None:
    trained = replace(made_up(), body=BodyCard("toy", "ImageNet", "", "incidental", 32))
    said = " ".join(mien.probe(trained, faces="face", curve=False).notes)
    assert "No body with random weights stands beside" in said and "No low-level statistics stand beside" in said
    assert "random weights" not in " ".join(mien.probe(trained, faces="face", beside=[made_up()], curve=False).notes)
