"""Models compared: known differences, exact tests, correction, and what cannot be compared."""

from dataclasses import replace

import numpy as np
import pytest

from mien.compare.comparison import Comparison, ModelRow, PairRow
from mien.compare.models import compare_models
from mien.core.errors import InputError
from mien.core.files import write_json
from mien.learn.predictions import ClassPredictions, RatingPredictions, read_predictions
from mien.stats.correction import holm
from mien.stats.permutation import sign_flip_test

NAN = float("nan")
ATTRIBUTES = tuple("abcdefgh")
RNG = np.random.default_rng(0)
TRUTH = RNG.normal(size=(150, 8))
PATHS = np.array([f"{i}.png" for i in range(150)], dtype=object)


def predictions(noise, *, seed=0, rows=slice(None), ratings=ATTRIBUTES):
    predicted = (TRUTH + np.random.default_rng(seed).normal(0, noise, TRUTH.shape))[rows]
    columns = [ATTRIBUTES.index(name) for name in ratings]
    folds = np.zeros(len(predicted), int)
    return RatingPredictions(PATHS[rows], PATHS[rows], folds, TRUTH[rows][:, columns], predicted[:, columns], ratings)


def correlations(p):
    return np.array([np.corrcoef(a, b)[0, 1] for a, b in zip(p.truth.T, p.predicted.T, strict=True)])


def test_differences_are_those_of_the_correlations_and_the_better_model_comes_first():
    good, poor, twin = predictions(0.5, seed=1), predictions(2.0, seed=2), predictions(0.5, seed=3)
    found = compare_models({"poor": poor, "good": good, "twin": twin}, n_permutations=2000)
    assert {row.model for row in found.models[:2]} == {"good", "twin"} and found.models[2].model == "poor"
    np.testing.assert_allclose(found.models[2].value, correlations(poor).mean())
    by_pair = {frozenset((p.one, p.other)): p for p in found.pairs}
    clear, same = by_pair[frozenset(("good", "poor"))], by_pair[frozenset(("good", "twin"))]
    assert clear.one == "good" and clear.better == 8 and clear.low > 0
    np.testing.assert_allclose(clear.difference, (correlations(good) - correlations(poor)).mean())
    assert clear.p_people_corrected < 0.01 and same.p_people > 0.05 and same.low < 0 < same.high
    np.testing.assert_allclose([p.p_people_corrected for p in found.pairs], holm([p.p_people for p in found.pairs]))
    one = next(a for a in found.per_attribute if {a.one, a.other} == {"good", "poor"} and a.attribute == "c")
    np.testing.assert_allclose(one.difference, (correlations(good) - correlations(poor))[2])
    assert one.low < one.difference < one.high and one.p <= one.p_corrected


def test_models_that_differ_by_nothing_are_found_different_as_often_as_chance_says():
    p = [
        compare_models(
            {"a": predictions(1.0, seed=2 * i + 10), "b": predictions(1.0, seed=2 * i + 11)},
            n_permutations=200,
        ).pairs[0].p_people
        for i in range(60)
    ]  # fmt: skip
    assert (np.array(p) < 0.05).mean() < 0.15 and np.mean(p) > 0.35


@pytest.mark.parametrize(("first", "second", "least", "most"), [(0.88, 0.70, 0.7, 1.0), (0.8, 0.8, 0.0, 0.12)])
def test_the_test_over_people_finds_what_is_there_and_little_else(first, second, least, most):
    # 60 faces, one rating. Williams' test finds .88 against .70 in more than 8 of 10 such samples.
    rng, found = np.random.default_rng(7), []
    paths = PATHS[:60]
    for _ in range(60):
        truth = rng.normal(size=(60, 1))
        models = {
            name: RatingPredictions(
                paths, paths, np.zeros(60, int), truth, r * truth + np.sqrt(1 - r**2) * rng.normal(size=(60, 1)), ("a",)
            )
            for name, r in (("one", first), ("other", second))
        }
        found.append(compare_models(models, n_permutations=199).pairs[0].p_people < 0.05)
    assert least <= np.mean(found) <= most


def test_other_folds_and_other_samples_are_noticed():
    a, b = predictions(0.5), predictions(0.9, seed=5)
    folds = np.arange(150) % 5
    given = [RatingPredictions(p.path, p.subject, folds, p.truth, p.predicted, p.ratings) for p in (a, b)]
    renamed = RatingPredictions(b.path, b.subject, 4 - folds, b.truth, b.predicted, b.ratings)
    few = {"n_permutations": 99}
    assert compare_models({"a": given[0], "b": given[1]}, **few).same_training
    assert compare_models({"a": given[0], "b": renamed}, **few).same_training
    assert not compare_models({"a": given[0], "b": b}, **few).same_training
    assert not compare_models({"a": a, "b": predictions(0.9, rows=slice(0, 140))}, **few).same_training


@pytest.mark.parametrize(("name", "value"), [("n_permutations", 0), ("n_permutations", 98), ("seed", -1)])
def test_tests_that_could_not_say_anything_are_refused(name, value):
    with pytest.raises(InputError, match=f"{name.removeprefix('n_')} is a whole number from"):
        compare_models({"a": predictions(0.5), "b": predictions(0.9, seed=5)}, **{name: value})


def test_ten_people_tell_equal_models_apart_as_seldom_as_they_should():
    rng, told = np.random.default_rng(5), []
    who = np.arange(10).astype(str).astype(object)
    for _ in range(400):
        truth = rng.normal(size=(10, 1))
        models = {
            name: RatingPredictions(who, who, np.zeros(10, int), truth, truth + 3 * rng.normal(size=(10, 1)), ("a",))
            for name in ("one", "other")
        }
        told.append(compare_models(models, n_permutations=199).pairs[0].p_people <= 0.05)
    # Three standard errors; influences at the data told them apart in .12.
    assert np.mean(told) <= 0.05 + 3 * 0.011


def part(p, rows):
    return RatingPredictions(p.path[rows], p.subject[rows], p.fold[rows], p.truth[rows], p.predicted[rows], p.ratings)


def test_a_person_with_several_pictures_counts_once():
    a, b = predictions(0.8, seed=1), predictions(0.9, seed=2)
    people = np.repeat(np.arange(15).astype(str).astype(object), 10)
    a, b = (RatingPredictions(p.path, people, p.fold, p.truth, p.predicted, p.ratings) for p in (a, b))
    found = compare_models({"a": a, "b": b}, n_permutations=50_000)
    everybody = (correlations(a) - correlations(b)).mean()
    without = np.array(
        [(correlations(part(a, people != p)) - correlations(part(b, people != p))).mean() for p in np.unique(people)]
    )
    # The jackknife's influences; their sum is the difference.
    totals = everybody / 15 + 14 / 15 * (without.mean() - without)
    assert found.n_people == 15 and 0.001 < found.pairs[0].p_people < 0.2
    np.testing.assert_allclose(found.pairs[0].p_people, sign_flip_test(totals, n_permutations=50_000).p)


def test_people_whom_copies_joined_for_one_model_are_one_for_all():
    one, other = predictions(0.5, seed=1), predictions(0.7, seed=2)
    joined = replace(other, subject=np.array([f"{i % 75}.png" for i in range(150)], dtype=object))
    both = compare_models({"one": replace(one, subject=joined.subject), "other": joined})
    for found in (compare_models({"one": one, "other": joined}), compare_models({"other": joined, "one": one})):
        assert found.n_people == 75 and [p.low for p in found.pairs] == [p.low for p in both.pairs]


def test_only_shared_samples_and_ratings_are_compared_and_the_files_are_read_back(tmp_path):
    a, b = predictions(0.5, rows=slice(0, 120)), predictions(1.0, seed=5, ratings=("a", "c"), rows=slice(20, 150))
    for name, part in (("a", a), ("b", b)):
        part.write(tmp_path / name / "predictions.parquet")
    read = {name: read_predictions(tmp_path / name) for name in ("a", "b")}
    found = compare_models(read, n_permutations=100)
    assert found.attributes == ("a", "c") and (found.n_samples, found.left_out) == (100, 50)
    found.write(tmp_path / "comparison.json")
    assert Comparison.read(tmp_path / "comparison.json") == found


def test_what_cannot_be_compared_is_told_in_a_sentence(tmp_path):
    a = predictions(0.5)
    with pytest.raises(InputError, match="at least two"):
        compare_models({"a": a})
    other = RatingPredictions(a.path, a.subject, a.fold, a.truth + 1, a.predicted, a.ratings)
    with pytest.raises(InputError, match="true ratings of 'b' are not those"):
        compare_models({"a": a, "b": other})
    with pytest.raises(InputError, match="share no rating"):
        compare_models({"a": predictions(1, ratings=("a",)), "b": predictions(1, ratings=("b",))})
    with pytest.raises(InputError, match="0 samples in common"):
        compare_models({"a": predictions(1, rows=slice(0, 9)), "b": predictions(1, rows=slice(20, 40))})
    with pytest.raises(InputError, match="does not exist"):
        read_predictions(tmp_path)
    (tmp_path / "predictions.parquet").write_bytes(b"no")
    with pytest.raises(InputError, match="not a readable"):
        read_predictions(tmp_path)
    (tmp_path / "c.json").write_text("{}")
    with pytest.raises(InputError, match="compare-models"):
        Comparison.read(tmp_path / "c.json")


def test_a_comparison_whose_numbers_were_changed_is_refused(tmp_path):
    pair = PairRow("a", "b", 0.1, NAN, NAN, 0.2, 0.2, 1)
    rows = [ModelRow("a", 0.6, NAN, NAN), ModelRow("b", 0.5, NAN, NAN)]
    found = Comparison(("kind",), rows, [pair], [], 12, 6, 0).to_json()
    found["pairs"][0]["difference"] = "high"
    write_json(tmp_path / "comparison.json", found)
    with pytest.raises(InputError, match="was not written by 'mien compare-models'"):
        Comparison.read(tmp_path / "comparison.json")


def test_the_same_predictions_in_another_rounding_are_the_same_model():
    one = predictions(1.0)
    noise = 1e-11 * np.random.default_rng(1).normal(size=one.predicted.shape)
    found = compare_models({"one": one, "again": replace(one, predicted=one.predicted + noise)})
    pair = found.pairs[0]
    assert pair.p_people == 1 and abs(pair.difference) < 1e-9
    assert all(row.p == 1 for row in found.per_attribute)


def test_a_constant_prediction_correlates_with_nothing_and_takes_its_place_in_the_order():
    constant = replace(predictions(1.0), predicted=np.full(TRUTH.shape, 4.3))
    models = {"weak": predictions(3.0, seed=1), "constant": constant, "strong": predictions(0.4, seed=2)}
    found = compare_models(models, n_permutations=999)
    assert [row.model for row in found.models] == ["strong", "weak", "constant"]
    assert found.models[2].value == 0
    pair = next(p for p in found.pairs if {p.one, p.other} == {"strong", "constant"})
    assert pair.one == "strong" and pair.difference > 0.8 and pair.low > 0.7 and pair.p_people == 0.001


@pytest.mark.parametrize("offset", [0.0, 1e3, 1e7])
def test_numbers_far_from_zero_lose_no_digits(offset):
    one, other = predictions(0.5, seed=1), predictions(1.0, seed=2)
    far = [replace(p, truth=p.truth + offset, predicted=p.predicted + offset) for p in (one, other)]
    near, away = (compare_models({"a": a, "b": b}, n_permutations=99).pairs[0] for a, b in ((one, other), far))
    assert (away.difference, away.low, away.high) == pytest.approx((near.difference, near.low, near.high), abs=1e-7)


def test_files_of_earlier_versions_are_read_without_their_test_over_attributes(tmp_path):

    found = compare_models({"a": predictions(0.5), "b": predictions(1.0, seed=5)}, n_permutations=99)
    old = found.to_json()
    old["pairs"] = [{**row, "p_attributes": 0.01, "p_attributes_corrected": 0.02} for row in old["pairs"]]
    write_json(tmp_path / "comparison.json", old)
    assert Comparison.read(tmp_path / "comparison.json").pairs == found.pairs


def test_the_frame_of_cross_validation_is_kept_in_the_file(tmp_path):
    p = predictions(0.5)
    framed = replace(p, fold=np.arange(150) % 5, level=np.full(TRUTH.shape, 0.1), spread=np.full(TRUTH.shape, 0.9))
    framed.write(tmp_path / "predictions.parquet")
    read = read_predictions(tmp_path)
    np.testing.assert_array_equal(read.level, framed.level)
    np.testing.assert_allclose(read.pooled, framed.pooled)


def guesses(share, *, seed, people=20, per=6, classes=("a", "b", "c")):
    """Answers of a model that is right with this probability, else names any other class."""
    rng, n, k = np.random.default_rng(seed), people * per, len(classes)
    truth = np.arange(n) % k
    said = np.where(rng.random(n) < share, truth, (truth + rng.integers(1, k, n)) % k)
    probabilities = np.where(np.arange(k) == said[:, None], 0.8, 0.1)
    names, who = np.array(classes, dtype=object), np.repeat(np.arange(people), per).astype(str).astype(object)
    return ClassPredictions(
        np.arange(n).astype(str).astype(object), who, who.astype(int) % 4, names[truth], probabilities, classes
    )


def test_models_of_classes_are_compared_by_their_recalls(tmp_path):
    good, poor = guesses(0.9, seed=1), guesses(0.5, seed=2)
    found = compare_models({"poor": poor, "good": good}, n_permutations=999)
    recall = {name: [(p.predicted == p.label)[p.label == c].mean() for c in "abc"] for name, p in
              (("good", good), ("poor", poor))}  # fmt: skip
    assert (found.predicts, found.score, found.attributes) == ("classes", "balanced_accuracy", ("a", "b", "c"))
    assert [row.model for row in found.models] == ["good", "poor"]
    assert [row.value for row in found.models] == pytest.approx([np.mean(recall["good"]), np.mean(recall["poor"])])
    pair = found.pairs[0]
    assert pair.difference == pytest.approx(np.mean(recall["good"]) - np.mean(recall["poor"]))
    assert pair.p_people < 0.01 and 0 < pair.low < pair.difference < pair.high and pair.better == 3
    each = {row.attribute: row.difference for row in found.per_attribute}
    assert [each[c] for c in "abc"] == pytest.approx(np.subtract(recall["good"], recall["poor"]))
    found.write(tmp_path / "comparison.json")
    assert Comparison.read(tmp_path / "comparison.json") == found
    good.write(tmp_path / "predictions.parquet")
    np.testing.assert_array_equal(read_predictions(tmp_path).probabilities, good.probabilities)


def test_equal_models_of_classes_are_seldom_told_apart():
    p = []
    for i in range(200):
        models = {str(j): guesses(0.6, seed=2 * i + j, people=12, per=3) for j in range(2)}
        p.append(compare_models(models, n_permutations=199).pairs[0].p_people)
    assert np.mean(np.array(p) <= 0.05) <= 0.05 + 3 * 0.0154


def test_a_class_that_one_person_alone_shows_does_not_tell_models_apart():
    one = guesses(0.6, seed=1)
    labels = np.where(one.subject == "3", "d", one.label).astype(object)
    classes = ("a", "b", "c", "d")
    always = np.pad(one.probabilities, ((0, 0), (0, 1)))
    right = np.where((labels == "d")[:, None], np.eye(4)[3], always)
    models = {name: replace(one, label=labels, probabilities=p, classes=classes)
              for name, p in (("right", right), ("wrong", always))}  # fmt: skip
    pair = compare_models(models, n_permutations=999).pairs[0]
    assert pair.difference == pytest.approx(0.25) and pair.p_people == 1 and np.isnan(pair.low)


def test_models_of_classes_and_of_ratings_are_not_compared():
    with pytest.raises(InputError, match="'c' predicts classes and 'r' ratings"):
        compare_models({"c": guesses(0.5, seed=1), "r": predictions(1.0)})
    one = guesses(0.5, seed=1)
    other = replace(one, label=one.label[::-1])
    with pytest.raises(InputError, match="true classes of 'b' are not those of 'a'"):
        compare_models({"a": one, "b": other})
