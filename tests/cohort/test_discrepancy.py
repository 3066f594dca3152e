"""Heterogeneity behind totals: the index by hand, nulls with and without structure, trimming that does not flatter."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from typer.testing import CliRunner

import mien
from mien.cli.main import app
from mien.cohort.discrepancy_null import nulls_of
from mien.cohort.discrepancy_result import Discrepancy
from mien.cohort.item_patterns import discrepancy_index
from mien.cohort.trim_curve import _points, kept
from mien.cohort.trim_point import HONEST, PUBLISHED, RANDOM
from mien.core.errors import InputError
from mien.core.samples import Samples
from mien.data.measures import Measure, Measures
from mien.stats.graded_response import GradedResponse, fit_graded_response
from tests.handed_over import hand_over

pytest.importorskip("torch")

SLOPES = np.linspace(1.0, 2.5, 7)
TRUE = GradedResponse(SLOPES, np.array([[0.3, 1.2, 2.1]]) * SLOPES[:, None])


def test_the_index_of_four_people_by_hand() -> None:
    answers = np.array([[2, 0, 0], [0, 2, 0], [0, 1, 1], [3, 3, 3]])
    index, peers = discrepancy_index(answers)
    np.testing.assert_allclose(index, [4.0, 3.0, 3.0, np.nan])
    assert peers.tolist() == [2, 2, 2, 0]
    found, _ = discrepancy_index(answers, distance="euclidean")
    np.testing.assert_allclose(found[:2], [(np.sqrt(8) + np.sqrt(6)) / 2, (np.sqrt(8) + np.sqrt(2)) / 2])


@pytest.mark.parametrize("distance", ["city-block", "euclidean"])
@pytest.mark.parametrize("neighbours", [0, 2])
def test_the_index_is_that_of_all_pairs(distance: str, neighbours: int) -> None:
    answers = TRUE.draw(150, np.random.default_rng(0))
    gap = answers[:, None] - answers[None]
    pairs = np.abs(gap).sum(-1) if distance == "city-block" else np.sqrt((gap**2).sum(-1))
    totals = answers.sum(1)
    near = (np.abs(totals[:, None] - totals[None]) <= neighbours) & ~np.eye(150, dtype=bool)
    want = [pairs[i, near[i]].mean() if near[i].any() else np.nan for i in range(150)]
    np.testing.assert_allclose(discrepancy_index(answers, distance=distance, neighbours=neighbours)[0], want)


def test_people_without_a_peer_stay_when_others_are_left_out() -> None:
    index = np.array([1.0, 5.0, np.nan, 3.0, 4.0, 5.0])
    subjects = np.array(["a", "b", "c", "d", "e", "b"])
    assert kept(index, subjects, 0.25).tolist() == [True, False, True, True, True, False]
    assert kept(index, subjects, 0.0).all()


def test_the_graded_response_model_is_recovered() -> None:
    found = fit_graded_response(TRUE.draw(6000, np.random.default_rng(1)))
    np.testing.assert_allclose(found.slopes, TRUE.slopes, atol=0.2)
    np.testing.assert_allclose(found.thresholds, TRUE.thresholds, atol=0.35)


def test_no_other_optimiser_makes_the_answers_of_the_graded_response_model_likelier() -> None:
    rng = np.random.default_rng(4)
    thresholds = np.sort(rng.normal(1, 1.2, (6, 3)), axis=1)
    answers = GradedResponse(rng.uniform(0.6, 2.5, 6), thresholds).draw(150, rng)
    # Nobody gives the last answer of one item.
    answers[:, 2] = np.minimum(answers[:, 2], 2)
    fitted = fit_graded_response(answers)
    nodes = np.linspace(-4.5, 4.5, 37)
    weights = np.exp(-(nodes**2) / 2) / np.exp(-(nodes**2) / 2).sum()

    def misfit(flat: np.ndarray) -> float:
        given = flat.reshape(6, 4)
        steps = np.cumsum(np.exp(np.clip(given[:, 2:], -12, 4)), axis=1)
        model = GradedResponse(given[:, 0], np.c_[given[:, 1], given[:, 1:2] + steps])
        reached = model.at_least(nodes)
        ends = np.ones((37, 6, 1))
        likely = np.maximum(-np.diff(np.concatenate([ends, reached, 0 * ends], axis=2), axis=2), 1e-12)
        people = np.prod([likely[:, item, answers[:, item]] for item in range(6)], axis=0)
        return -float(np.log(weights @ people).sum())

    steps = np.log(np.maximum(np.diff(fitted.thresholds, axis=1), 1e-9))
    here = np.c_[fitted.slopes, fitted.thresholds[:, 0], steps].ravel()
    there = minimize(misfit, here, method="L-BFGS-B")
    assert misfit(here) - there.fun < 0.05


def test_one_factor_is_not_called_heterogeneous_and_two_kinds_of_people_are() -> None:
    rng = np.random.default_rng(2)
    null, _ = nulls_of(TRUE.draw(400, rng), n_null=19)
    assert null[1].p_more > 0.05 and null[1].p_less > 0.05
    # Items of two factors that have nothing to do with each other: one total may stand for either.
    two = np.concatenate([TRUE.draw(400, rng)[:, 3:], TRUE.draw(400, rng)[:, 3:]], axis=1)
    found, expected = nulls_of(two, n_null=19)
    assert found[1].p_more <= 0.05 and found[1].p_less > 0.5
    assert np.isfinite(expected).mean() > 0.9


def cohort(people: int, effect: float, seed: int) -> tuple[Samples, Measures]:
    rng = np.random.default_rng(seed)
    factor = rng.normal(size=people)
    reached = TRUE.at_least(factor)
    answers = (rng.random(reached.shape[:2])[..., None] < reached).sum(-1)
    names = [f"p{i:03d}" for i in range(people)]
    ratings = {f"gad_{i + 1}": answers[:, i].astype(float) for i in range(7)}
    values = rng.normal(size=(people, 4)) + effect * factor[:, None] * [1, 0, 0, 0]
    book = tuple(Measure(f"m{i} mean", f"m{i}", "mean") for i in range(4))
    samples = Samples(path=names, subject=names, ratings=ratings)
    return samples, Measures(np.array(names, dtype=object), values, book, np.full(people, "ok", dtype=object))


def gain(found: Discrepancy, mode: str, score: str = "auc", share: float = 0.3) -> tuple[float, float, float]:
    one = next(p for p in found.curve if (p.share, p.mode, p.score) == (share, mode, score))
    return one.gain, one.gain_low, one.gain_high


def test_honest_trimming_gains_nothing_where_faces_say_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("mien.cohort.discrepancy"), "SHARES", (0.0, 0.3))
    samples, measures = cohort(240, 0.0, 3)
    found = mien.discrepancy(
        samples, scale="gad-7", measures=measures, target="gad_7_total_cut", model="logistic", n_null=19
    )
    for mode in (HONEST, RANDOM):
        value, low, high = gain(found, mode)
        assert low <= 0 <= high and abs(value) < 0.15
    whole = {p.mode: p.people for p in found.curve if p.share == 0.3}
    assert whole[HONEST] == 240 and whole[PUBLISHED] < 240
    assert "not there when the model is used" in found.curve_words()


def test_workers_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    handed = hand_over(monkeypatch)
    monkeypatch.setattr(import_module("mien.cohort.discrepancy"), "SHARES", (0.0, 0.3))
    samples, measures = cohort(120, 1.0, 4)
    one, two = (
        mien.discrepancy(
            samples, scale="gad-7", measures=measures, target="gad_7_total_cut", model="logistic", n_null=19,
            n_folds=3, workers=workers,
        )
        for workers in (1, 2)
    )  # fmt: skip
    assert one.curve == two.curve and one.sets == two.sets
    assert handed.done > 19, "The nulls' sets and the trainings of the curve."


def test_of_very_many_people_some_are_drawn_for_the_trim_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module("mien.cohort.discrepancy")
    monkeypatch.setattr(module, "SHARES", (0.0,))
    monkeypatch.setattr(module, "_MOST_IN_CURVE", 80)
    samples, measures = cohort(120, 1.0, 4)
    heard: list[int] = []
    found = mien.discrepancy(
        samples, scale="gad-7", measures=measures, target="gad_7_total_cut", model="logistic", n_null=19, n_folds=3,
        progress=lambda done, total: heard.append(done),
    )  # fmt: skip
    assert heard == [0, 1, 2, 3], "What is left is reckoned from 0 on."
    assert {point.people for point in found.curve} == {80} and found.sets[0].people + found.sets[0].alone == 120
    assert any("80 people, drawn at random from 120" in note for note in found.notes)


def test_what_is_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("mien.cohort.discrepancy"), "SHARES", (0.0, 0.3))
    samples, measures = cohort(120, 1.0, 4)
    found = mien.discrepancy(
        samples, scale="gad-7", measures=measures, target="gad_7_total_cut", model="logistic", n_null=19,
        output=tmp_path / "d", n_folds=3,
    )  # fmt: skip
    again = Discrepancy.read(tmp_path / "d")
    assert again.curve == found.curve and again.sets == found.sets
    np.testing.assert_array_equal(again.index["total"], found.index["total"])
    (tmp_path / "d/people.parquet").write_bytes(b"")
    with pytest.raises(InputError, match="is not the file that discrepancy"):
        Discrepancy.read(tmp_path / "d")


def test_by_the_command_line_and_what_it_refuses(tmp_path: Path) -> None:
    answers = TRUE.draw(80, np.random.default_rng(5))
    lines = [",".join(["subject", *(f"gad_{i}" for i in range(1, 8))])]
    lines += [",".join([f"p{i}", *map(str, row)]) for i, row in enumerate(answers)]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    words = ["discrepancy", str(tmp_path / "a.csv"), "--scale", "gad-7", "--n-null", "19"]
    done = CliRunner().invoke(app, [*words, "-o", str(tmp_path / "study/discrepancy/gad")])
    assert done.exit_code == 0 and "total: index" in done.output, done.output
    for more, said in (
        (["--target", "x"], "needs both measures"), (["--by", "mood"], "has no 'mood'"),
        (["--distance", "l3"], "distance is one of"),
    ):  # fmt: skip
        done = CliRunner().invoke(app, [*words, *more])
        assert done.exit_code == 2 and said in done.output


def test_somebody_who_answers_again_is_not_compared_with_himself() -> None:
    rng = np.random.default_rng(3)
    items = rng.integers(0, 4, (60, 7)).astype(float)
    names = np.array([f"p{i}" for i in range(60)])

    def of(answers: np.ndarray, subjects: np.ndarray) -> mien.Samples:
        ratings = {f"gad_{i + 1}": column for i, column in enumerate(answers.T)}
        return mien.Samples(path=[f"{i}.mp4" for i in range(len(subjects))], subject=subjects, ratings=ratings)

    once = mien.discrepancy(of(items, names), scale="gad-7", n_null=19)
    again = mien.discrepancy(of(np.tile(items, (2, 1)), np.tile(names, 2)), scale="gad-7", n_null=19)
    assert again.sets == once.sets and any("60 rows" in note for note in again.notes)


def test_the_index_is_told_where_no_trim_curve_can_be_drawn() -> None:
    samples, measures = cohort(12, 1.0, 4)
    found = mien.discrepancy(samples, scale="gad-7", measures=measures, target="gad_7_total_cut", n_null=19, n_folds=8)
    assert not found.curve and len(found.sets) == 1 and found.settings["model"] == ""
    assert any(note.startswith("No trim curve: of 12 recordings") for note in found.notes)


def test_intervals_of_the_curve_end_at_what_a_score_can_be() -> None:
    """An area of 1 whoever is left out has no error that the jackknife could know."""
    truth, fold = np.array([0, 1] * 8), np.zeros(16, dtype=int)
    sure = np.stack([1 - truth, truth], 1).astype(float)
    nearly = sure.copy()
    nearly[3] = [1, 0]
    whole = np.ones(16, dtype=bool)
    answers = {(0.0, HONEST): (sure, whole), (0.3, HONEST): (nearly, whole)}
    points = {(p.share, p.score): p for p in _points(answers, truth, fold, np.arange(16).astype(str))}
    assert np.isnan(points[0.0, "auc"].low) and points[0.0, "auc"].gain_high == 0
    assert points[0.3, "auc"].low < points[0.3, "auc"].value < points[0.3, "auc"].high == 1
