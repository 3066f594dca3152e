"""Ranks: equal methods share one, reliably different ones do not, and few people rank nothing."""

from dataclasses import replace

import numpy as np
import pytest

from mien.core.target import Target
from mien.faithfulness.result import Faithfulness


def comparison(values: np.ndarray, **settings) -> Faithfulness:
    """A comparison by 'deletion' (lower is better): one column per method, one row per person."""
    names = ["random", *[f"m{i}" for i in range(values.shape[1] - 1)]]
    columns = dict(zip(names, values.T, strict=True))
    who = np.array([f"p{i}" for i in range(len(values))], dtype=object)
    kept = {"deletion": columns}
    inverse = {"deletion": {name: -column for name, column in columns.items() if name != "random"}}
    return Faithfulness(Target("a"), kept, inverse, {}, np.zeros(0), who, who, settings={"seed": 0, **settings})


@pytest.mark.parametrize("methods", [6, 12])
def test_equal_methods_get_different_ranks_in_at_most_5_percent_of_studies(methods):
    rng, told, studies = np.random.default_rng(methods), 0, 200
    for _ in range(studies):
        values = rng.normal(size=(8, 1)) + rng.normal(size=(8, methods))
        told += len(set(comparison(values).rank("deletion").values())) > 1
    assert told / studies < 0.05 + 3 * np.sqrt(0.05 * 0.95 / studies)


def test_different_ranks_are_only_given_where_every_pair_across_is_told_apart():
    """The best differs from the worst alone: one group, though the pair is named; equal ones below are never split."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(10, 1)) + np.array([2.0, 0.0, 1.0]) + 1.1 * rng.normal(size=(10, 3))
    found = comparison(values)
    assert found.differs("deletion", "m0", "random") and not found.differs("deletion", "m0", "m1")
    assert set(found.rank("deletion").values()) == {1}
    assert found.better_than("deletion") == {"m0": ["random"], "m1": [], "random": []}
    assert found.to_json()["better_than"]["deletion"]["m0"] == ["random"]


def test_clear_differences_are_ranked():
    values = np.random.default_rng(1).normal(size=(10, 3)) * 0.1 + np.array([3.0, 1.0, 2.0])
    assert comparison(values).rank("deletion") == {"m0": 1, "m1": 2, "random": 3}
    assert "family-wise error 5 %" in comparison(values).rank_words


def test_five_people_rank_nothing_and_a_sentence_says_so():
    found = comparison(np.tile([3.0, 1.0, 2.0], (5, 1)) + np.arange(5)[:, None] * 0.001)
    assert set(found.rank("deletion").values()) == {1}
    assert "with 5 people no two methods can be told apart" in found.rank_words
    assert "need at least 6" in found.to_json()["rank_words"]


def test_differences_of_rounding_are_none():
    assert set(comparison(np.tile([1.0, 1.0001, 1.0002], (30, 1))).rank("deletion").values()) == {1}


def test_rows_of_arrays_are_no_people():
    """Two pictures of each of ten people are not twenty people: without ``subjects`` nothing is said over people."""
    from mien.faithfulness.faithfulness import evaluate_evidence
    from tests.explain.nets import made, mlp

    network, rows = made(mlp, inside=4, outputs=1), np.random.default_rng(0).normal(size=(20, 4)).astype(np.float32)
    asked = {"metrics": ["insertion"], "baselines": "zero"}
    unknown = evaluate_evidence(network, rows, ["integrated-gradients"], **asked)
    (row,) = unknown.rows
    assert row.subjects is None and np.isnan([row.low, row.high, row.difference_low]).all() and row.samples == 20
    assert set(unknown.rank("insertion").values()) == {1} and "not known" in unknown.rank_words
    assert unknown.to_json()["subject"] is None and "people unknown" in repr(unknown)
    assert any("subjects=" in note for note in unknown.notes)
    known = evaluate_evidence(
        network, rows, ["integrated-gradients"], subjects=[f"p{i // 2}" for i in range(20)], **asked
    )
    assert (
        known.rows[0].subjects == 10
        and np.isfinite(known.rows[0].low)
        and known.rows[0].value == pytest.approx(row.value)
    )


def test_a_written_comparison_is_read_back_with_its_ranks_and_rows(tmp_path):
    values = np.random.default_rng(0).normal(size=(30, 3)) + np.arange(3.0)
    for changed in ({}, {"people_known": False}):
        result = replace(comparison(values), curves={"deletion": {"m0": np.array([1.0, np.nan])}},
                         shares=np.array([0.0, 1.0]), notes=("few",), seconds={"m0": 1.5}, **changed)  # fmt: skip
        result.write(tmp_path / "faithfulness.json")
        again = Faithfulness.read(tmp_path / "faithfulness.json")
        assert again.to_json() == result.to_json()
        assert again.differs("deletion", "m0", "m1") == result.differs("deletion", "m0", "m1")
        assert list(again.ranks.columns) == list(result.ranks.columns)
        assert (again.people_known, again.rank_words) == (result.people_known, result.rank_words)


@pytest.mark.parametrize("name", ["a>b", "mood: good", "<b>yes"])
def test_any_name_of_a_class_is_read_back(tmp_path, name):
    result = replace(comparison(np.eye(3)[[0, 1, 2, 0]]), target=Target(name))
    result.write(tmp_path / "faithfulness.json")
    assert str(Faithfulness.read(tmp_path / "faithfulness.json").target) == name


def test_intervals_do_not_pass_what_a_metric_can_be_and_equal_hits_are_no_certainty():
    from mien.faithfulness.result import summary_row

    who = np.array([f"P{i}" for i in range(12)])
    hits, near = np.r_[np.ones(11), 0.0], np.r_[np.ones(11), 0.5]
    for metric, own in (("pointing", hits), ("region-auc", near), ("sensitivity-n", near)):
        row = summary_row("m", metric, {"m": own, "random": np.full(12, 0.2)}, 1 - own, who)
        assert row.low < row.value < row.high <= 1 and row.difference_high <= 2
    alike = summary_row("m", "pointing", {"m": np.ones(12), "random": np.full(12, 0.2)}, np.zeros(12), who)
    assert (alike.low, alike.high) == (pytest.approx(0.025 ** (1 / 12)), 1.0)
