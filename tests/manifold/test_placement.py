"""Rows placed on a map: known ones are where they are, and how well new ones are placed is measured by hand here."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.manifold import trustworthiness

from mien.core.errors import InputError
from mien.core.files import write_json
from mien.core.samples import Samples
from mien.manifold import maps
from mien.manifold.embed import METHODS, embed
from mien.manifold.embedding import load_embedding
from mien.manifold.placement import held_out_parts, placement_quality

RNG = np.random.default_rng(5)
X = RNG.normal(size=(120, 6)) * [4, 3, 1, 1, 1, 1]
NAMES = list("abcdef")
QUICK = [name for name in METHODS if name not in ("umap", "pacmap")]
ALONE = np.full(len(X), "", dtype=object)


def measured(draw, x=X, coordinates=None, n_held_out=200, **settings):
    parts = held_out_parts(np.full(len(x), "", dtype=object), 2, n_held_out, 0)
    found = placement_quality(x, x[:, :2] if coordinates is None else coordinates, draw, parts, scale=False, **settings)
    return {q.name: q for q in found}


@pytest.mark.parametrize("method", QUICK)
def test_a_row_of_the_map_is_put_exactly_where_it_is(method):
    rows = X.astype(np.float32)
    found = embed(rows, method=method, n_seeds=1, n_held_out=0)
    np.testing.assert_array_equal(found.transform(rows), found.coordinates)
    mixed = np.concatenate([rows[[50]], rows[[3]] + 0.1, rows[[7]]])
    np.testing.assert_array_equal(found.transform(mixed)[[0, 2]], found.coordinates[[50, 7]])
    assert not np.array_equal(found.transform(mixed)[1], found.coordinates[3])


@pytest.mark.parametrize("method", ["pca", "spectral", "diffusion-map", "isomap"])
def test_a_row_hardly_moved_hardly_moves(method):
    found = embed(X, method=method, n_held_out=0)
    near = found.transform(X + 1e-9)
    assert not np.array_equal(near, found.coordinates)
    np.testing.assert_allclose(near, found.coordinates, atol=1e-4 * np.ptp(found.coordinates))


def test_a_map_that_places_by_its_own_rule_has_no_error_however_it_is_turned():
    turns = iter(np.linalg.qr(RNG.normal(size=(5, 2, 2)))[0])

    def draw(rows):
        turn = 3 * next(turns)
        return maps.FittedMap(rows[:, :2] @ turn + 1, lambda new: new[:, :2] @ turn + 1)

    found = measured(draw)
    assert found["placement error"].value < 1e-12
    # Rows that are shuffled are as far apart as two rows drawn at random: the root of two.
    np.testing.assert_allclose(found["placement error"].chance, np.sqrt(2), atol=0.1)
    own = trustworthiness(X, X[:, :2], n_neighbors=15)
    np.testing.assert_allclose(found["trustworthiness of placed rows"].value, own, atol=0.02)


def test_a_known_miss_is_told_in_units_of_the_spread():
    def draw(rows):
        return maps.FittedMap(rows[:, :2], lambda new: new[:, :2] + [3.0, 4.0])

    spread = np.sqrt(((X[:, :2] - X[:, :2].mean(0)) ** 2).sum(1).mean())
    np.testing.assert_allclose(measured(draw)["placement error"].value, 5 / spread)


def test_places_drawn_by_chance_are_at_chance():
    def draw(rows):
        return maps.FittedMap(rows[:, :2], lambda new: RNG.permutation(new)[:, :2])

    found = measured(draw, x=RNG.normal(size=(600, 4)))
    for measure in found.values():
        assert abs(measure.value - measure.chance) < 0.07


def test_trustworthiness_of_placed_rows_by_hand():
    rows, k = X[:40], 4
    places = RNG.normal(size=(40, 2))

    def draw(part):
        number = [int(np.flatnonzero((rows - rows[rest].mean(0) == r).all(1))[0]) for r in part]

        def place(new):
            return np.stack([places[np.abs(rows - rows[rest].mean(0) - r).sum(1).argmin()] for r in new])

        return maps.FittedMap(places[number], place)

    rest, held = held_out_parts(ALONE[:40], 2, 8, 0)[0]
    found = placement_quality(rows, places, draw, [(rest, held)], scale=False, n_neighbors=k)[0].value
    taken = 0
    for i in held:
        by_data = sorted(rest, key=lambda j: np.linalg.norm(rows[i] - rows[j]))
        by_map = sorted(rest, key=lambda j: np.linalg.norm(places[i] - places[j]))
        taken += sum(max(0, by_data.index(j) + 1 - k) for j in by_map[:k])
    n = len(rest) + 1
    np.testing.assert_allclose(found, 1 - 2 / (len(held) * k * (2 * n - 3 * k - 1)) * taken)


@pytest.mark.parametrize(("rows", "parts", "held"), [(30, 5, 6), (500, 2, 100), (1004, 1, 201), (10_000, 1, 200)])
def test_few_rows_are_held_out_in_turn_and_many_once(rows, parts, held):
    found = held_out_parts(np.full(rows, "", dtype=object), 2, 200, 0)
    assert len(found) == parts and abs(len(found[0][1]) - held) <= 1
    for rest, out in found:
        assert sorted([*rest, *out]) == list(range(rows))


def test_nobody_is_on_the_map_and_placed_on_it():
    people = np.repeat([f"p{i}" for i in range(12)], 4).astype(object)
    for rest, held in held_out_parts(people, 2, 200, 0):
        assert not set(people[rest]) & set(people[held])
    # Of three people, each is held out once.
    seen = []
    embed(X, method="pca", subjects=np.arange(120) % 3, progress=lambda done, total: seen.append(total))
    assert seen == [4] * 4


def test_the_error_is_reported_with_the_map_counted_and_can_be_left_out(tmp_path):
    seen = []
    found = embed(X, method="pca", progress=lambda done, total: seen.append((done, total)), output=tmp_path / "map")
    assert seen == [(i + 1, 6) for i in range(6)]
    quality = found.quality.set_index("name")
    assert quality.value["placement error"] < 0.2 < 1 < quality.chance["placement error"]
    assert not quality.higher_is_better["placement error"]
    assert "placement error" not in set(embed(X, method="pca", n_held_out=0).quality.name)
    assert "placement error" not in set(embed(X[:5], method="pca").quality.name)  # too few rows to leave one out
    # A map that was stored before this was measured.
    facts = json.loads((tmp_path / "map" / "embedding.json").read_text())
    facts["quality"] = [m for m in facts["quality"] if "place" not in m["name"]]
    write_json(tmp_path / "map" / "embedding.json", facts)
    old = load_embedding(tmp_path / "map")
    assert len(old.quality) == 5
    with pytest.raises(InputError, match="read from disk cannot place"):
        old.transform(X)


def test_columns_of_tables_and_ratings_are_taken_by_name():
    table = pd.DataFrame(X, columns=NAMES).assign(note="text")
    found = embed(table, method="pca")
    np.testing.assert_array_equal(found.transform(table[["note", *NAMES[::-1]]]), found.coordinates)
    ratings = dict(zip(NAMES, X.T, strict=True))
    samples = Samples(path=[f"{i}.png" for i in range(120)], subject=[str(i) for i in range(120)], ratings=ratings)
    np.testing.assert_array_equal(found.transform(samples), found.coordinates)
    with pytest.raises(InputError, match="no column 'b', which the map was made of"):
        found.transform(table.drop(columns="b"))
    with pytest.raises(InputError, match="numbers in every column"):
        found.transform(table.assign(b="text"))


def test_no_rows_have_no_places_and_wrong_rows_are_told_in_a_sentence():
    found = embed(X, method="pca", n_dims=3)
    assert found.transform(X[:0]).shape == (0, 3) and found.transform([]).shape == (0, 3)
    for rows, sentence in (
        ([["a"] * 6], "must be numbers, 6 per row"),
        (X[0], r"shape \(rows, 6\).*give a single row as one of a list"),
        (3.0, r"shape \(rows, 6\)"),
        (X[:, :3], "6 columns, as the map's own rows, but got 3"),
        (np.where(np.arange(120)[:, None] == 4, np.nan, X), "row 4 .* not finite"),
    ):
        with pytest.raises(InputError, match=sentence):
            found.transform(rows)


def test_known_people_are_never_split_where_others_are_unknown():
    subjects = np.array([f"P{i // 4}" for i in range(60)] + [""] * 5, dtype=object)
    parts = held_out_parts(subjects, 2, 65, 0)
    assert sorted(np.concatenate([held for _, held in parts])) == list(range(65))
    for rest, held in parts:
        assert not set(subjects[rest]) & set(subjects[held]) - {""}
