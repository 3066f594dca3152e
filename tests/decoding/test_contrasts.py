"""Differences between decoded sources: like with like, level kept, what was planted found."""

import numpy as np
import pytest

from mien.decoding.contrasts import contrasts_of


def compared(scores, observed, run, viewer, tested=None, shared=()):
    every = np.arange(len(observed))
    asked = {"classes": 2, "overlapping": False, "shared": shared}
    return contrasts_of(scores, observed, run, viewer, tested or dict.fromkeys(scores, every), **asked)[0]


def test_units_are_paired_by_name_whatever_order_and_number_each_source_has():
    # Right in runs 0 to 3, and in run 4 the first alone was tested; the other's rows come the other way around.
    run = np.repeat([str(r) for r in range(5)], 4).astype(object)
    observed = np.tile([0, 1], 10)
    right = (2.0 * observed - 1)[:, None]
    wrong_once = right * np.where(run == "1", -1, 1)[:, None]
    tested = {"one": np.arange(20), "other": np.arange(16)[::-1]}
    found = compared({"one": right, "other": wrong_once}, observed, run, np.full(20, "v", object), tested, ("other",))
    # 1, 1, 1, 1 less 1, 0, 1, 1.
    assert found.difference == pytest.approx(0.25)
    assert found.means == "1.00 − 0.75 (means over 4 runs)"


def test_a_difference_says_of_which_numbers_it_is_where_runs_show_classes_unevenly():
    # Nine of ten rows of run 0 are class 0; the score of all rows together is not the mean over runs.
    run = np.repeat([str(r) for r in range(4)], 10).astype(object)
    observed = np.concatenate([[1] + [0] * 9, *[[1] * 9 + [0]] * 3])
    said = np.concatenate([[-1.0] * 10, *[[-1.0] + [1.0] * 9] * 3])
    found = compared({"one": said[:, None], "other": np.ones((40, 1))}, observed, run, np.full(40, "v", object))
    assert found.one_mean - found.other_mean == pytest.approx(found.difference)
    assert found.means == f"{found.one_mean:.2f} − 0.50 (means over 4 runs)"


def test_viewers_count_the_same_whatever_scale_their_decoders_have():
    # Of each viewer alone the order is right; taken together the second one's scores lie above the first one's.
    run = np.tile(np.repeat(list("abcd"), 6), 2).astype(object)
    viewer = np.repeat(["v", "w"], 24).astype(object)
    observed = np.tile(np.arange(6.0), 8)
    scores = {"one": (observed + 100 * (viewer == "w"))[:, None], "other": np.tile([1.0, 2, 3, 3, 2, 1], 8)[:, None]}
    found = contrasts_of(
        scores, observed, run, viewer, dict.fromkeys(scores, np.arange(48)), classes=0, overlapping=False,
        shared=["other"],
    )[0]  # fmt: skip
    assert found.score == "pearson" and found.difference == pytest.approx(1.0)


def kept(effect: float, studies: int, runs: int = 6) -> float:
    """Share of studies with p <= .05: scores of runs that were trained on each other, two by two."""
    rng, hits = np.random.default_rng(0), 0
    run, observed = np.repeat([str(r) for r in range(runs)], 40).astype(object), np.tile([0, 1], 20 * runs)
    for _ in range(studies):
        scores = {}
        for name, more in (("one", effect), ("other", 0.0)):
            pairs = rng.normal(size=(runs, runs))
            common = np.triu(pairs, 1) + np.triu(pairs, 1).T
            way = 0.15 * common.sum(axis=1) + more
            said = np.repeat(way, 40) * (2 * observed - 1) + rng.normal(size=len(observed))
            scores[name] = said[:, None]
        hits += compared(scores, observed, run, np.full(len(run), "v", object)).p <= 0.05
    return hits / studies


def test_runs_that_trained_each_other_make_no_difference_out_of_noise():
    # Of 200 studies 18 or more in 1 of 100, were the level .05.
    assert kept(0.0, 200) <= 0.085
    assert kept(2.0, 20) >= 0.9
