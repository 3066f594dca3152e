"""Maps: known shapes are found, new points are placed, attributes are tested, bad input is told in a sentence."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import procrustes

from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.manifold.embed import METHODS, embed
from mien.manifold.embedding import load_embedding
from mien.manifold.sources import source_of

RNG = np.random.default_rng(3)
# A gently bent sheet in twelve dimensions: its two coordinates are the truth.
SHEET = RNG.uniform(-1, 1, (150, 2)) * [1.3, 1.0]
_TURN = np.linalg.qr(RNG.normal(size=(12, 12)))[0]
BENT = np.column_stack([SHEET, 0.2 * SHEET[:, 0] ** 2, np.zeros((150, 9))]) @ _TURN
QUICK = [name for name in METHODS if name not in ("umap", "pacmap")]


# Behind test_compiled.py, in whose process UMAP is compiled.
def test_umap_draws_and_places():
    found = embed(BENT[:100], method="umap", n_seeds=2, n_dims=3, n_held_out=20)
    assert found.coordinates.shape == (100, 3)
    value = found.quality.set_index("name").value
    assert value["stability"] > 0.3
    assert value["trustworthiness of placed rows"] > 0.8 and value["placement error"] < 0.9
    np.testing.assert_array_equal(found.transform(BENT[40:60]), found.coordinates[40:60])
    # Where a new row is placed does not hang on the rows that are placed with it.
    together = found.transform(BENT[98:105])
    np.testing.assert_array_equal(together[:2], found.coordinates[98:])
    np.testing.assert_array_equal(together[4:5], found.transform(BENT[102:103]))


@pytest.mark.parametrize("method", QUICK)
def test_a_sheet_is_laid_flat(method):
    found = embed(BENT, method=method, scale=False, n_seeds=1, n_held_out=0)
    measures = found.quality.set_index("name")
    assert measures.value["trustworthiness"] > 0.95
    assert measures.value["trustworthiness"] > measures.chance["trustworthiness"] + 0.3
    if method in ("pca", "mds", "isomap"):
        assert procrustes(SHEET, found.coordinates)[2] < 0.02


@pytest.mark.parametrize("method", QUICK)
def test_a_new_point_is_placed_among_its_neighbours(method):
    found = embed(BENT[20:], method=method, n_seeds=1, n_held_out=0)
    extent = np.ptp(found.coordinates, axis=0).max()
    nearest = np.argsort(((BENT[:20, None] - BENT[None, 20:]) ** 2).sum(axis=2), axis=1)[:, :5]
    distance = np.linalg.norm(found.transform(BENT[:20]) - found.coordinates[nearest].mean(axis=1), axis=1)
    assert np.median(distance) < 0.12 * extent


@pytest.mark.parametrize("method", ["pca", "tsne", "mds"])
def test_the_seed_decides_the_map(method):
    one, two = (embed(BENT, method=method, seed=4, n_seeds=1, n_held_out=0).coordinates for _ in range(2))
    np.testing.assert_array_equal(one, two)


@pytest.fixture
def one_numba_thread():
    """Several would wait for each other at each of a thousand steps, beside other tests."""
    numba = pytest.importorskip("numba")
    before = numba.get_num_threads()
    numba.set_num_threads(1)
    yield
    numba.set_num_threads(before)


def test_pacmap_draws_and_places(caplog, one_numba_thread):
    pytest.importorskip("pacmap", reason="an extra of its own")
    found = embed(BENT, method="pacmap", n_seeds=1, n_held_out=30)
    quality = found.quality.set_index("name")
    assert quality.value["trustworthiness"] > 0.9 > 0.6 > quality.chance["trustworthiness"]
    assert quality.value["trustworthiness of placed rows"] > 0.85
    np.testing.assert_array_equal(found.transform(BENT[:7]), found.coordinates[:7])
    assert not caplog.records


def test_components_are_those_of_the_correlation_matrix():
    found = embed(BENT, method="pca")
    _, s, axes = np.linalg.svd((BENT - BENT.mean(0)) / BENT.std(0), full_matrices=False)
    np.testing.assert_allclose(found.facts["variance_explained"], (s**2 / (s**2).sum())[:2])
    np.testing.assert_allclose(np.abs(found.facts["loadings"]), np.abs(axes[:2]), atol=1e-8)


def test_what_varies_along_the_map_is_told_from_what_does_not():
    noise = RNG.normal(size=150)
    found = embed(BENT, method="pca", attributes={"length": SHEET[:, 0], "noise": noise}).attribute_tests
    found = found.set_index("attribute")
    assert found.explained["length"] > 0.9 and found.p_corrected["length"] < 0.01
    assert found.explained["noise"] < 0.1 and found.p["noise"] > 0.05


def test_the_test_of_noise_holds_its_level():
    columns = {str(i): RNG.normal(size=150) for i in range(200)}
    p = embed(BENT, method="pca", attributes=columns, n_permutations=99).attribute_tests.p
    assert 0.01 < (p <= 0.05).mean() < 0.11


def test_a_column_is_taken_out_of_the_map_that_tests_it():
    table = pd.DataFrame(RNG.normal(size=(80, 3)), columns=["a", "b", "c"])
    table["a"] *= 5  # would dominate an unscaled map and then vary along it
    found = embed(table, method="pca", scale=False, attributes=["a"])
    row = found.tests[0]
    assert row.left_out == ("a",) and row.p > 0.05
    given = embed(table, method="pca", scale=False, attributes={"a": table["a"]}).tests[0]
    assert given.left_out == () and given.p < 0.05


def test_a_pair_is_tested_as_a_difference():
    table = pd.DataFrame(np.column_stack([SHEET, SHEET[:, 0] + 0.1, -SHEET[:, 0]]), columns=["w", "x", "kind", "mean"])
    found = embed(table, method="pca", attributes=[("kind", "mean")])
    assert found.tests[0].attribute == "kind - mean" and found.tests[0].left_out == ("kind", "mean")
    np.testing.assert_allclose(found.attributes["kind - mean"], 2 * SHEET[:, 0] + 0.1)


def test_rows_of_one_person_count_once():
    # Twenty people, five nearly equal rows each; a number per person that has nothing to do with the rows.
    people = np.repeat(np.arange(20), 5)
    rows = RNG.normal(size=(20, 4))[people] + 0.01 * RNG.normal(size=(100, 4))
    number = RNG.normal(size=20)[people]
    assert embed(rows, method="pca", attributes={"n": number}).tests[0].p < 0.01  # the trap
    careful = embed(rows, method="pca", attributes={"n": number}, subjects=people).tests[0]
    assert careful.n == 20 and careful.p > 0.05


def test_rows_with_missing_values_are_left_out_and_counted():
    rows = BENT.copy()
    rows[3, 2] = np.nan
    found = embed(rows, method="pca", attributes={"length": SHEET[:, 0]})
    assert np.isnan(found.coordinates[3]).all() and found.facts["rows_left_out"] == 1
    np.testing.assert_allclose(
        np.delete(found.coordinates, 3, axis=0), embed(np.delete(BENT, 3, axis=0), method="pca").coordinates
    )


def test_ratings_of_samples_are_mapped():
    ratings = {name: RNG.normal(size=30) for name in ("happy", "kind", "old")}
    samples = Samples(path=[f"{i}.png" for i in range(30)], subject=[str(i) for i in range(30)], ratings=ratings)
    found = embed(samples, method="pca", attributes=["happy"])
    assert found.facts["columns"] == ["happy", "kind", "old"] and found.ids[4] == "4.png"


def test_labels_of_samples_are_tested_class_by_class():
    """Of ratings of which one tells 'smile' from the rest, that class varies along the map and chance labels do not."""
    smile = np.arange(60) % 3 == 0
    ratings = {"happy": 4 * smile + RNG.normal(size=60), "kind": RNG.normal(size=60)}
    expression = np.where(smile, "smile", np.where(RNG.random(60) < 0.5, "fear", "calm")).astype(object)
    expression[1] = ""
    sex = np.where(RNG.random(60) < 0.5, "m", "f").astype(object)
    samples = Samples(
        path=[f"{i}.png" for i in range(60)], subject=[str(i) for i in range(60)], ratings=ratings,
        labels={"expression": expression, "sex": sex, "name": np.arange(60).astype(str).astype(object)},
    )  # fmt: skip
    found = embed(samples, method="pca", attributes=["expression", "sex"], n_permutations=199)
    tests = {test.attribute: test for test in found.tests}
    assert list(tests) == ["expression = calm", "expression = fear", "expression = smile", "sex = m"]
    assert tests["expression = smile"].p < 0.05 < tests["sex = m"].p and tests["expression = fear"].n == 59
    np.testing.assert_array_equal(found.attributes["sex = m"], sex == "m")
    with pytest.raises(InputError, match=r"no column 'expresion' to test. Did you mean 'expression'\?"):
        embed(samples, method="pca", attributes=["expresion"])
    with pytest.raises(InputError, match="'name' has 60 classes"):
        embed(samples, method="pca", attributes="name")


def test_a_stored_map_is_the_same(tmp_path):
    found = embed(BENT, method="pca", attributes={"length": SHEET[:, 0]}, output=tmp_path / "map")
    again = load_embedding(tmp_path / "map")
    np.testing.assert_array_equal(again.coordinates, found.coordinates)
    pd.testing.assert_frame_equal(again.quality, found.quality)
    assert again.tests == found.tests
    table = (tmp_path / "map" / "embedding.parquet").read_bytes()
    for damaged in (table[:60] + bytes([table[60] ^ 1]) + table[61:], b"x"):
        (tmp_path / "map" / "embedding.parquet").write_bytes(damaged)
        with pytest.raises(InputError, match=r"is not the file that embedding\.json names"):
            load_embedding(tmp_path / "map")
    with pytest.raises(InputError, match=r"is not the file that embedding\.json names"):
        load_embedding(tmp_path / "map")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"method": "magic"}, "There is no map 'magic'"),
        ({"method": "pca", "perplexity": 3}, "has no setting 'perplexity'"),
        ({"method": "pca", "n_dims": 13}, "A map of 13 dimensions needs as many columns"),
        ({"method": "pca", "attributes": ["happy"]}, "no column 'happy'"),
        ({"method": "pca", "attributes": {"happy": [1, 2]}}, "2 values for 150 rows"),
        ({"method": "tsne", "seed": -1}, "seed is a whole number from 0"),
        ({"method": "tsne", "seed": 1.5}, "seed is a whole number from 0"),
        ({"method": "pca", "n_permutations": 0}, "permutations is a whole number from 99"),
    ],
)
def test_wrong_use_is_told_in_a_sentence(settings, sentence):
    with pytest.raises(InputError, match=sentence):
        embed(BENT, **settings)


def test_rows_that_are_all_the_same_have_no_map():
    with pytest.raises(InputError, match="All rows are the same"):
        embed(np.ones((20, 3)), method="umap")


def test_too_few_rows_or_no_numbers_are_told_in_a_sentence():
    with pytest.raises(InputError, match="at least 5 rows"):
        embed(BENT[:4], method="pca")
    with pytest.raises(InputError, match="no column of numbers"):
        embed(pd.DataFrame({"name": ["a"] * 9}), method="pca")


def test_rows_of_unknown_people_do_not_make_people_of_all_rows():
    # 20 people with 10 rows each and an attribute that is a person's own; some rows are of nobody known.
    rejected = []
    for study in range(20):
        rng = np.random.default_rng(study)
        person = np.repeat(np.arange(20), 10)
        x = rng.normal(size=(20, 3))[person] + 0.2 * rng.normal(size=(200, 3))
        own = rng.normal(size=20)[person]
        names = np.array([f"P{p:02d}" for p in person], dtype=object)
        names[::7][:20] = ["", "unknown", None, "NA"] * 5
        found = embed(x, method="pca", attributes={"own": own}, subjects=names, n_held_out=0, n_permutations=99)
        assert found.tests[0].n == 20 and (found.subjects == "").sum() == 20
        rejected.append(found.tests[0].p <= 0.05)
    assert np.mean(rejected) <= 0.2
    assert "unknown in 20 of 200 rows" in found.facts["notes"][0]


def test_spellings_of_one_person_are_averaged_before_a_test():
    x = np.random.default_rng(0).normal(size=(40, 3))
    names = [form % (k // 2) for k, form in enumerate(["%03d", "%d"] * 20)]
    found = embed(x, method="pca", attributes={"a": x[:, 0]}, subjects=names, n_held_out=0, n_permutations=99)
    assert found.tests[0].n == 20 and "'000' and '0'" in found.facts["notes"][0]


def test_drawings_of_an_earlier_map_do_not_stay_beside_a_new_one(tmp_path):
    values = np.random.default_rng(0).normal(size=(12, 3))
    (tmp_path / "old.svg").write_text("<svg/>")
    embed(values, method="pca", n_held_out=0, output=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["embedding.json", "embedding.parquet"]


def test_people_who_share_a_copy_of_a_face_are_one_in_a_map(make_pictures):
    given, faces = make_pictures(8)
    faces = replace(faces[np.array([*range(15), 0])], source=given.path)
    found = source_of(given, of="features", faces=faces)
    assert set(found.subjects[[0, 1, 14, 15]]) == {"s00"} and len(set(found.subjects)) == 7
    assert "7 instead of 8" in found.notes[0]
    made = embed(found, n_seeds=1, n_held_out=0, n_permutations=99)
    assert found.notes[0] in made.facts["notes"] and len(set(made.subjects)) == 7
