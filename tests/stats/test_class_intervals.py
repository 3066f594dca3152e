"""Intervals of classes: monotone near the ends, covering with few people in a class, withheld with the true reason."""

import numpy as np
import pytest
from scipy import stats

from mien.stats.scores import classification_scores, per_class_scores


def scored(truth, right, who):
    """Scores of two classes, of right and wrong answers."""
    second = np.where(np.where(right, truth, 1 - truth) == 1, 0.8, 0.2)
    return classification_scores(truth, np.stack([1 - second, second], 1), (0, 1), who, n_permutations=0)


@pytest.mark.parametrize("design", ["one class each", "both classes", "some show both"])
@pytest.mark.parametrize(("count", "each"), [(12, 1), (10, 2)])
def test_fewer_errors_never_give_a_lower_bound(design, count, each):
    truth = np.arange(2 * count * each) % 2
    who = np.arange(len(truth)) // (2 * each)
    if design == "one class each":
        who = 2 * who + truth
    elif design == "some show both":
        who = np.where(who < count // 2, who, 2 * count + 2 * who + truth)
    rng = np.random.default_rng(0)
    right, before = np.zeros(len(truth), dtype=bool), None
    for sample in rng.permutation(len(truth)):
        right[sample] = True
        found = scored(truth, right, who)
        for name, score in found.items():
            if before is not None and name != "macro_f1":
                assert score.low >= before[name].low - 1e-9 and score.high >= before[name].high - 1e-9, name
        before = found


@pytest.mark.parametrize("count", [12, 20, 50, 102])
@pytest.mark.parametrize("errors", [1, 2, 4])
def test_the_lower_bound_is_never_far_below_that_of_clopper_and_pearson(count, errors):
    truth = np.arange(count) % 2
    found = scored(truth, np.arange(count) >= errors, np.arange(count))
    exact = stats.binomtest(count - errors, count).proportion_ci(method="exact").low
    assert found["accuracy"].low == pytest.approx(exact, abs=0.004)
    assert found["balanced_accuracy"].low >= exact - 0.1 and found["macro_f1"].low >= exact - 0.1


@pytest.mark.parametrize(("count", "patients"), [(30, 3), (50, 4)])
def test_few_people_in_a_class_are_covered(count, patients):
    rng, runs = np.random.default_rng(0), 100
    truth, who = (np.arange(count) < patients).astype(int), np.arange(count)
    held = dict.fromkeys(("accuracy", "balanced_accuracy", "auc"), 0)
    share = patients / count
    true = {"accuracy": share * 0.7 + (1 - share) * 0.8, "balanced_accuracy": 0.75, "auc": 0.75}
    for _ in range(runs):
        found = scored(truth, rng.random(count) < np.where(truth == 1, 0.7, 0.8), who)
        for name in held:
            held[name] += found[name].low <= true[name] <= found[name].high
    assert min(held.values()) / runs >= 0.93, held


def test_a_withheld_interval_names_the_true_reason():
    truth = np.arange(12) % 2
    p = np.eye(2)[truth]
    p[0] = [0.2, 0.8]
    named = np.array(["a", "b"])[truth]
    apart = classification_scores(named, p, ("a", "b"), np.arange(12), fold=np.arange(12), n_permutations=0)
    assert apart["auc"].between == "interval withheld: no two classes within a fold"
    lone = np.array(["a"] * 15 + ["b"])
    guesses = np.random.default_rng(0).random((16, 2))
    found = classification_scores(lone, guesses, ("a", "b"), np.arange(16), n_permutations=0)
    assert {found[name].withheld for name in ("balanced_accuracy", "macro_f1", "auc")} == {"only 1 person shows 'b'"}
    assert np.isfinite(found["accuracy"].low)
    each = per_class_scores(lone, guesses, ("a", "b"), np.arange(16))
    assert each["b"]["recall"].withheld == each["b"]["auc"].withheld == "only 1 person shows 'b'"
    assert np.isfinite(each["a"]["recall"].low)
    same = classification_scores(["a"] * 12, np.tile([0.9, 0.1], (12, 1)), ("a", "b"), np.arange(12), n_permutations=0)
    assert same["auc"].withheld == "all samples show 'a'"


def test_of_two_classes_either_has_the_area_of_both():
    rng = np.random.default_rng(0)
    truth = (np.arange(40) < 8).astype(int)
    second = 1 / (1 + np.exp(-rng.normal(size=40) - truth))
    given = (truth, np.stack([1 - second, second], 1), (0, 1), np.arange(40))
    whole, each = classification_scores(*given, n_permutations=0)["auc"], per_class_scores(*given)
    for name in ("0", "1"):
        assert each[name]["auc"].low == pytest.approx(whole.low, abs=0.01)
