"""Units that respond more to faces: planted ones are seen, chance is not, and nothing is tested on what chose it."""

import dataclasses

import numpy as np
import pytest

import mien
from mien.core.errors import InputError
from mien.responses.activations import Activations
from mien.responses.body_card import BodyCard
from mien.responses.units.design import UnitDesign, design_of
from mien.responses.units.selectivity import adjusted, layer_test
from mien.responses.units.words import words_of

BODY = BodyCard("toy", "made up", "", "none", 32)
QUICK = {"n_permutations": 2000, "n_shuffles": 2}


def answers(planted: float = 1.5, *, faces: int = 40, others: int = 80, seed: int = 0, times: int = 1) -> Activations:
    """Units 0 to 9 respond more to faces, 10 to 19 to the four other categories; 30 units more respond to nothing."""
    rng = np.random.default_rng(seed)
    kind = np.array(["face"] * faces + [f"thing {i % 4}" for i in range(others)])
    own = rng.normal(size=(len(kind), 50))
    own[:faces, :10] += planted
    for place in range(4):
        own[np.ix_(kind == f"thing {place}", 10 + np.arange(place, 10, 4))] += planted
    source = np.repeat([f"{k} {i}" for i, k in enumerate(kind)], times)
    values = np.repeat(own, times, axis=0) + (times > 1) * rng.normal(size=(len(source), 50))
    path = [f"{name} {i}.jpg" for i, name in enumerate(source)]
    samples = mien.Samples(path=path, subject=source, labels={"category": np.repeat(kind, times)}, things=True)
    layers = {"conv": values.astype(np.float32), "relu": np.maximum(values, 0).astype(np.float32)}
    return Activations(samples, BODY, layers, np.repeat("ok", len(source)))


def test_planted_units_are_seen_and_stored(tmp_path) -> None:
    found = mien.units(answers(), tmp_path / "units", faces="face", beside=answers(0.0), **QUICK)
    conv = found.layers[0]
    q = found.columns["q"][:50]
    assert (q[:10] <= 0.05).all() and (q[10:] <= 0.05).sum() <= 2
    assert conv.low < conv.share < conv.high and conv.share == conv.selective / 50
    assert conv.beside <= 0.04 and conv.gap_low > 0 and conv.shuffled_most <= 0.04
    # What chose the units flatters them.
    assert conv.d_chosen > conv.d_held_out > 0.5
    assert {top.unit for top in found.tops[:3]} <= set(range(10)) and found.tops[0].category[0] == "face"
    again = mien.load_units(tmp_path / "units")
    assert repr(again.layers) == repr(found.layers) and again.tops == found.tops
    assert words_of(again) == words_of(found) and again.table.equals(found.table)


def test_without_shuffles_and_a_network_beside_nothing_is_said_of_them() -> None:
    said = " ".join(words_of(mien.units(answers(), faces="face", n_permutations=999, n_shuffles=0)))
    assert "nan" not in said and "shuffled" not in said and "beside" not in said


def test_false_discoveries_are_as_rare_as_promised() -> None:
    """In five of a hundred layers of chance alone any unit counts, whatever its answers look like."""
    rng, rows = np.random.default_rng(5), np.arange(60)
    face, half = rows < 16, rows % 2
    design = UnitDesign(rows, rows, np.where(face, "face", "thing"), face, half, ())
    hits = {"normal": 0, "sparse": 0}
    for number in range(150):
        values = rng.normal(size=(60, 200)).astype(np.float32)
        for kind in hits:
            given = values if kind == "normal" else np.maximum(values - 1, 0)
            test = layer_test(given, design, n_permutations=2000, seed=number, strict=False)
            hits[kind] += bool((adjusted(test.p) <= 0.05).any())
    assert 1 <= hits["normal"] <= 15 and hits["sparse"] <= 15


def test_pictures_of_one_source_are_no_evidence_of_their_own() -> None:
    """Ten pictures of each source of pure chance: tests that took pictures for sources would see units everywhere."""
    found = mien.units(answers(0.0, faces=20, others=40, times=10), faces="face", **QUICK)
    assert sum(row.selective for row in found.layers) <= 2 and found.settings["sources"] == 60


def test_the_strict_form_asks_for_more_than_every_other_category() -> None:
    given = answers(3.0, others=120)
    values = given.layer("conv").copy()
    # Faces and one kind of thing alike: more than the others together, not more than each.
    values[given.samples.labels["category"] == "thing 0", :5] += 3.0
    found = mien.units(dataclasses.replace(given, values={"conv": values}), faces="face", **QUICK)
    q, each = found.columns["q"], found.columns["q_each"]
    assert (q[:10] <= 0.05).all() and (each[5:10] <= 0.05).all() and (each[:5] > 0.05).all()
    assert set(found.columns["hardest"][:5]) == {"thing 0"}


def test_halves_never_share_a_source_and_hold_every_category() -> None:
    given = answers(times=3)
    design = design_of(given, "category", ["face"])
    assert len(design) == 120 and len(design.row) == 360
    for name in np.unique(design.category):
        assert abs(np.bincount(design.half[design.category == name], minlength=2) @ [1, -1]) <= 1
    both = dataclasses.replace(given.samples, subject=np.array([f"s{i % 60}" for i in range(360)]))
    mixed = design_of(dataclasses.replace(given, samples=both), "category", ["face"])
    source = np.array([f"s{i % 60}" for i in range(360)])[mixed.picture]
    half = {(s, h) for s, h in zip(source, mixed.half[mixed.row], strict=True)}
    assert len(half) == 60 and any("several categories" in note for note in mixed.notes)


def test_dead_units_missing_answers_and_small_categories_are_said() -> None:
    given = answers()
    values = given.layer("conv").copy()
    values[:, 20] = 4.0
    values[3] = np.nan
    status = np.where(np.arange(len(given)) == 3, "unreadable", "ok")
    label = given.samples.labels["category"].copy()
    label[-1], label[-2] = "lonely", ""
    samples = dataclasses.replace(given.samples, labels={"category": label})
    found = mien.units(Activations(samples, BODY, {"conv": values}, status), faces="face", **QUICK)
    assert found.layers[0].constant == 1 and found.columns["status"][20] == "constant"
    assert np.isnan(found.columns["p_first"][20]) and found.columns["q"][20] == 1
    said = " ".join(found.notes)
    assert "gave no answer: 1 picture." in said and "have no category: 1 picture." in said
    assert "'lonely' has fewer than 4 sources in a half" in said and found.layers[0].selective >= 9


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"faces": "fase"}, r"has no category 'fase'. Did you mean 'face'\?"),
        ({"faces": ()}, "Name the categories of 'category' that count as faces"),
        ({"faces": "face", "against": "face"}, "'face' stands among the faces and among what"),
        ({"faces": "face", "target": "kategorie"}, "kategorie"),
        ({"faces": "face", "layers": "conv9"}, "There is no layer 'conv9'.*There are: conv, relu"),
        ({"faces": "face", "fdr": 0.0}, "fdr is a number above 0"),
        ({"faces": "face", "doses": [0.7]}, "a dose is a number above 0 to 0.5"),
        ({"faces": "face", "against": "thing 0", "lesions": "all"}, "needs two categories beside the faces"),
        ({"faces": "face", "lesions": "relu", "layers": "conv"}, "Units of 'relu' are silenced by their selectivity"),
    ],
)
def test_wrong_use_is_a_sentence(asked: dict, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        mien.units(answers(), **{**QUICK, **asked})


def test_copies_of_a_picture_are_never_in_both_halves() -> None:
    given = answers()
    twice = dataclasses.replace(
        given, values={name: values.copy() for name, values in given.values.items()}
    )  # fmt: skip
    for values in twice.values.values():
        values[1] = values[0]
    design = design_of(twice, "category", "face")
    assert len(design) == 119 and "count as one with it: 1." in design.notes[0]


def test_few_sources_and_other_pictures_are_refused() -> None:
    with pytest.raises(InputError, match="need at least 8 sources, but there are 6"):
        mien.units(answers(faces=6), faces="face", **QUICK)
    with pytest.raises(InputError, match="of other pictures"):
        mien.units(answers(), faces="face", beside=answers(others=84), **QUICK)
    every = answers()
    only = every[np.flatnonzero(every.samples.labels["category"] == "face")]
    with pytest.raises(InputError, match="All pictures are of 'face'"):
        mien.units(only, faces="face", **QUICK)
