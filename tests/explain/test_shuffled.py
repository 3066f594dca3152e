"""A place is named where evidence is more than models of shuffled labels have there, not where they have it, too."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("sklearn")

import mien
from mien.atlas.evidence_words import in_words
from mien.atlas.regions import main_parts
from mien.atlas.summary import summarise
from mien.core.errors import InputError
from mien.core.evidence import SHUFFLED
from mien.explain.shuffled import beside_shuffled


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Sixty people; the rating goes with m1 alone."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4))
    score = x[:, 1] + 0.5 * rng.normal(size=60)
    rows = [f"c{i},p{i:02d},{score[i]},{rng.normal()},{','.join(map(str, x[i]))}" for i in range(60)]
    path = tmp_path_factory.mktemp("shuffled") / "people.csv"
    path.write_text("\n".join(["path,subject,score,luck,m0,m1,m2,m3", *rows]) + "\n")
    return path


def explained(table, target, folder, **asked):
    mien.train(table, target=target, model="logistic", features="m*", evaluate=False, output=folder)
    return mien.explain_all(folder, table, **asked)[target]


def test_what_was_learnt_is_told_from_what_shuffled_labels_give(table, tmp_path):
    found = explained(table, "score", tmp_path / "score", n_shuffles=19, output=tmp_path / "evidence")
    rows = {row.name: row for row in main_parts(summarise(found))}
    assert rows["m1"].exceeds and rows["m1"].p_shuffled == 0.05 and rows["m1"].shuffled < rows["m1"].share
    assert not any(rows[name].exceeds for name in ("m0", "m2", "m3"))
    assert "m1" in in_words(summarise(found)) and "labels shuffled" in in_words(summarise(found))
    (stored,) = (tmp_path / "evidence").rglob("evidence.json")
    assert mien.load_evidence(stored.parent).settings[SHUFFLED]["n"] == 19
    # The evidence itself is the same as without.
    np.testing.assert_array_equal(found.values, mien.explain(tmp_path / "score", table, target="score").values)


def test_where_nothing_can_be_learnt_no_place_is_named(table, tmp_path):
    found = explained(table, "luck", tmp_path / "luck", n_shuffles=19)
    assert not any(row.exceeds for row in main_parts(summarise(found)))
    assert "where models of shuffled labels have theirs, too" in in_words(summarise(found))


def test_p_holds_for_all_places_at_once():
    """Twelve places without an effect: one of them looks large in 5 % of studies, not in half of them."""
    rng, hits = np.random.default_rng(1), []
    rows = rng.normal(size=(20, 12))
    found = mien.explain(lambda x: x.sum(axis=1), rows, names=tuple(f"m{i}" for i in range(12)))
    for _ in range(100):
        shares = rng.dirichlet(np.full(12, 5.0), 40)
        own = replace(found, values=np.broadcast_to(shares[0], found.values.shape).astype(np.float32))
        null = [dict(zip(found.names, row, strict=True)) for row in shares[1:]]
        parts = beside_shuffled(own, null, 0).settings[SHUFFLED]["parts"]
        hits.append(min(part["p_corrected"] for part in parts.values()) <= 0.05)
        assert all(part["p"] <= part["p_corrected"] + 1e-9 or part["p"] > 0.05 for part in parts.values())
    assert 0 < np.mean(hits) <= 0.12


@pytest.mark.parametrize(
    ("given", "said"),
    [({"n_shuffles": 5}, "19 at least"), ({"n_shuffles": 19, "through": "landmarker"}, "not for 'through'")],
)
def test_what_cannot_be_shuffled_is_a_sentence(table, tmp_path, given, said):
    mien.train(table, target="score", model="logistic", features="m*", evaluate=False, output=tmp_path / "m")
    with pytest.raises(InputError, match=said):
        mien.explain_all(tmp_path / "m", table, **given)
    with pytest.raises(InputError, match="needs one that 'mien train' made"):
        mien.explain_all(lambda x: x, np.zeros((9, 2)), n_shuffles=19)
