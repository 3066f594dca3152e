"""``mien.rsa``: the planted layer is found, judgements are matched to pictures, what does not fit is a sentence."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("rsatoolbox")
pytest.importorskip("safetensors")

import mien
from mien.core.dissimilarities import Dissimilarities
from mien.core.errors import InputError
from mien.responses.activations import Activations
from mien.responses.body_card import BodyCard

CATEGORIES = ("face", "cup", "cat", "house", "shoe")


def toy(name: str = "toy", seed: int = 0, each: int = 6, gain: float = 3.0) -> Activations:
    """A network whose layer 'top' answers to categories and whose layer 'conv' answers at random."""
    rng = np.random.default_rng(seed)
    category = np.repeat(np.array(CATEGORIES, dtype=object), each)
    names = [f"set/{c}-{i}.png" for i, c in enumerate(category)]
    noise = rng.normal(size=(len(names), 40)).astype(np.float32)
    tuned = noise + gain * (category[:, None] == np.resize(np.array(CATEGORIES, dtype=object), 40))
    samples = mien.Samples(
        path=names,
        subject=names,
        labels={"category": category, "alive": np.isin(category, ["face", "cat"]).astype(str)},
    )
    layers = {"conv": noise, "top": tuned.astype(np.float32)}
    return Activations(samples, BodyCard(name, f"seed {seed}", "", "none", 32), layers, np.array(["ok"] * len(names)))


def test_the_planted_layer_is_found_for_the_category_model_and_judgements(tmp_path: Path) -> None:
    net = toy()
    top = toy(seed=9).layer("top").astype(float)
    judged = np.linalg.norm(top[:, None] - top, axis=2)
    names = [Path(p).stem for p in net.samples.path]
    lines = [",".join(["", *names])] + [",".join([n, *map(str, row)]) for n, row in zip(names, judged, strict=True)]
    (tmp_path / "judged.csv").write_text("\n".join(lines[:1] + lines[:0:-1]))
    out = tmp_path / "rsa" / "toy"
    found = mien.rsa(net, matrix=tmp_path / "judged.csv", models="category", n_permutations=999, output=out)
    assert [(r.reference, r.layer, r.p_corrected <= 0.05) for r in found.rows] == [
        ("judged", "conv", False), ("judged", "top", True), ("category", "conv", False), ("category", "top", True)
    ]  # fmt: skip
    row = found.of("category")[1]
    assert row.low < row.score < row.high and found.table.shape[0] == 4
    again = mien.load_rsa(out)
    assert repr(again.rows) == repr(found.rows) and repr(again.references) == repr(found.references)
    np.testing.assert_allclose(again.matrices["toy: top"], found.matrices["toy: top"])
    np.testing.assert_allclose(again.alignment.values, found.alignment.values)
    assert "2 of 2" not in found.words(found.references[0]) and "1 of 2 layers" in found.words(found.references[0])


def test_categories_have_their_own_models_and_their_permutations_are_enumerated() -> None:
    found = mien.rsa(toy(), models=["alive", "animate=face + CAT"], by="category", n_permutations=500)
    assert found.conditions == CATEGORIES and [r.exact for r in found.references] == [True, True]
    assert found.references[0].n_permutations == 120
    assert [r.score for r in found.of("alive")] == [r.score for r in found.of("animate")]


def test_crossvalidated_distances_of_categories() -> None:
    found = mien.rsa(toy(), models=["alive"], by="category", measure="crossnobis", n_permutations=119)
    assert found.matrices["toy: conv"].mean() < 0.2 * found.matrices["toy: top"].mean()
    with pytest.raises(InputError, match=r"at least four sources of each category.*'face' has 3"):
        mien.rsa(toy(each=3), models=["alive"], by="category", measure="crossnobis")


def test_what_is_held_constant_takes_its_part_away() -> None:
    found = mien.rsa(toy(), models=["category", "alive"], given="category", n_permutations=99)
    plain, held = found.of("alive")[1], found.of("category")[1]
    assert abs(plain.partial) < abs(plain.score) and np.isnan(held.partial) and found.settings["given"] == "category"


def test_networks_are_aligned_over_the_pictures_that_all_of_them_answered() -> None:
    one, other = toy("a"), toy("b", seed=1)
    status = other.status.copy()
    status[0] = "unreadable"
    found = mien.rsa([one, replace(other, status=status)[::-1]], models=["category"], n_permutations=99)
    assert found.alignment.names == ("a: conv", "a: top", "b: conv", "b: top") and len(found.conditions) == 29
    values = found.alignment.values
    assert values[1, 3] > 0.5 > abs(values[0, 2]) and "1 pictures were not answered" in found.notes[0]
    same = mien.rsa([one, toy("c")], n_permutations=99).alignment
    assert same.values[1, 3] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"layers": ["tpo"]}, r"There is no layer 'tpo'. Did you mean 'top'\? There are: conv, top"),
        ({"models": ["colour"]}, r"there is no 'colour'.*There are: category, alive"),
        ({"models": ["animate=face+dog"]}, r"names the category 'dog', but there is none"),
        ({"measure": "pearson"}, r"measured by correlation"),
        ({"coefficient": "tau-b"}, r"compared by spearman, tau-a"),
        ({"by": "source"}, r"by picture or category, not by 'source'"),
        ({"models": ["category"], "by": "category"}, r"says the same of every pair"),
        ({"models": ["alive", "alive"]}, r"Two matrices or models are called 'alive'"),
        ({"matrix": "nowhere.csv"}, r"nowhere.csv"),
        ({"matrix": "london"}, r"has no dissimilarities"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_a_sentence(asked: dict, words: str) -> None:
    with pytest.raises(InputError, match=words):
        mien.rsa(toy(), **{"n_permutations": 99, **asked})


def test_rows_of_a_matrix_that_match_no_picture_are_named() -> None:
    values = np.ones((1, 4, 4)) - np.eye(4)
    with pytest.raises(InputError, match=r"1 of 4 rows match no picture, or several: 'dog'"):
        mien.rsa(toy(), matrix=Dissimilarities(("face-0", "face-1", "cup-6", "dog"), values))
    with pytest.raises(InputError, match=r"are categories, not pictures; compare by category"):
        mien.rsa(toy(), matrix=Dissimilarities(CATEGORIES[:4], values))
    # Names of categories that happen to be names of pictures, too.
    mixed = Dissimilarities(("face-0", *CATEGORIES[:3]), values, known_set=True)
    with pytest.raises(InputError, match=r"are categories, not pictures"):
        mien.rsa(toy(), matrix=mixed)
    with pytest.raises(InputError, match=r"match no category: 'spoon'. The categories are 'face', 'cup'"):
        mien.rsa(toy(), matrix=Dissimilarities(("face", "cup", "cat", "spoon"), values), by="category")


def test_a_matrix_of_some_pictures_is_compared_over_these() -> None:
    names = tuple(f"{c}-{i}.png" for i, c in enumerate(np.repeat(CATEGORIES, 6)) if i % 2)
    rng = np.random.default_rng(0)
    values = np.abs(rng.normal(size=(1, 15, 15)))
    values += values.swapaxes(1, 2)
    found = mien.rsa(toy(), matrix=Dissimilarities(names, values), n_permutations=99)
    assert found.references[0].conditions == 15 and any("says nothing of 15 of 30" in note for note in found.notes)
    few = mien.rsa(toy(), matrix=Dissimilarities(names[:8], values[:, :8, :8]), given="category", n_permutations=99)
    assert any("no interval over 8 sources" in note for note in few.notes)
    row = few.rows[0]
    assert np.isnan([row.low, row.partial_p]).all() and any("no test of what is left" in note for note in few.notes)


def test_a_layer_without_dissimilarities_is_left_out_with_a_note() -> None:
    net = toy()
    dead = np.zeros_like(net.layer("conv"))
    found = mien.rsa(replace(net, values={"dead": dead, "top": net.layer("top")}), models="category", n_permutations=99)
    assert {row.layer for row in found.rows} == {"top"} and any(
        "layer dead: Row 1 has one value" in n for n in found.notes
    )


def test_a_damaged_result_is_a_sentence(tmp_path: Path) -> None:
    mien.rsa(toy(), models="category", n_permutations=99, output=tmp_path / "r")
    (tmp_path / "r" / "matrices.safetensors").write_bytes(b"x")
    with pytest.raises(InputError, match=r"is not the file that rsa\.json names"):
        mien.load_rsa(tmp_path / "r")
