"""Scores against scikit-learn, and against cases whose answer is known."""

import time

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stats.class_statistics import balanced_accuracy, macro_auc, macro_f1, weighted_auc
from mien.stats.scores import classification_scores, confusion, per_class_scores


def random_predictions(seed: int, n: int = 200, k: int = 4, decimals: int = 1):
    """Rounded probabilities, so that ties occur; rows still sum to one."""
    rng = np.random.default_rng(seed)
    classes = [f"c{i}" for i in range(k)]
    codes = rng.choice(k, size=n, p=rng.dirichlet(np.full(k, 3.0)))
    p = rng.multinomial(10**decimals, rng.dirichlet(np.full(k, 1.0))[None].repeat(n, 0)) / 10**decimals
    p = 0.7 * p + 0.3 * np.eye(k)[codes] * (rng.random((n, 1)) < 0.5)
    p /= p.sum(1, keepdims=True)
    return np.array(classes)[codes], p, classes, np.array([f"P{i % 25}" for i in range(n)])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("k", [2, 3, 8])
@pytest.mark.parametrize("seed", range(5))
def test_values_agree_with_scikit_learn(seed, k):
    metrics = pytest.importorskip("sklearn.metrics")
    y, p, classes, subjects = random_predictions(seed, k=k)
    predicted = np.array(classes)[p.argmax(1)]
    scores = classification_scores(y, p, classes, subjects, n_permutations=0)
    one_vs_rest = [metrics.roc_auc_score(y == c, p[:, i]) for i, c in enumerate(classes)]
    expected = {
        "accuracy": metrics.accuracy_score(y, predicted),
        "balanced_accuracy": metrics.balanced_accuracy_score(y, predicted),
        "macro_f1": metrics.f1_score(y, predicted, average="macro"),
        "auc": np.mean(one_vs_rest),
    }
    assert {name: score.value for name, score in scores.items()} == pytest.approx(expected, abs=1e-12)
    each = per_class_scores(y, p, classes, subjects)
    assert [each[c]["auc"].value for c in classes] == pytest.approx(one_vs_rest, abs=1e-12)
    assert (confusion(y, predicted, classes) == metrics.confusion_matrix(y, predicted, labels=classes)).all()


@pytest.mark.filterwarnings("ignore")
def test_a_bootstrap_draw_scores_like_the_samples_it_repeats():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    # Few samples, so that some draws lack a class altogether.
    truth, predicted, scores = rng.integers(0, 3, 12), rng.integers(0, 3, 12), rng.integers(0, 4, 12) / 4
    weights = rng.multinomial(12, np.full(12, 1 / 12), size=80)
    f1 = macro_f1(weights, truth, predicted, 3)
    balanced = balanced_accuracy(weights, truth, predicted, 3)
    auc = weighted_auc(weights, truth == 0, scores)
    for i, w in enumerate(weights):
        rows = np.repeat(np.arange(12), w)
        assert f1[i] == pytest.approx(metrics.f1_score(truth[rows], predicted[rows], average="macro"))
        assert balanced[i] == pytest.approx(metrics.balanced_accuracy_score(truth[rows], predicted[rows]))
        positive = truth[rows] == 0
        if 0 < positive.sum() < len(rows):
            assert auc[i] == pytest.approx(metrics.roc_auc_score(positive, scores[rows]))
        else:
            assert np.isnan(auc[i])


def test_auc_by_hand_counts_ties_half():
    # Pairs (positive, negative): 3>1, 3>2, 2>1, 2=2 -> 3.5 of 4.
    positive, scores = np.array([True, True, False, False]), np.array([3.0, 2.0, 1.0, 2.0])
    assert weighted_auc(np.ones((1, 4)), positive, scores)[0] == 3.5 / 4
    # Counting the tied negative twice adds one won and one tied pair: 3>2, 2=2 -> 5 of 6.
    assert weighted_auc(np.array([[1, 1, 1, 2]]), positive, scores)[0] == pytest.approx(5 / 6)


def test_perfect_predictions_have_the_bound_of_so_many_people_and_useless_ones_reach_chance():
    y = np.array(["a", "b"] * 30)
    subjects = [f"P{i // 2}" for i in range(60)]
    perfect = classification_scores(y, np.eye(2)[(y == "b").astype(int)], ["a", "b"], subjects)
    # Thirty people are right throughout: as good as 1, but not known to be 1.
    assert all((s.value, s.high) == (1, 1) and s.low == pytest.approx(0.025 ** (1 / 30)) for s in perfect.values())
    assert all(s.p == 0.001 for s in perfect.values())
    constant = classification_scores(y, np.tile([0.6, 0.4], (60, 1)), ["a", "b"], subjects)
    assert constant["accuracy"].value == constant["accuracy"].chance == 0.5
    auc = constant["auc"]
    assert (auc.value, auc.chance, auc.p) == (0.5, 0.5, 1.0)
    # That the predictions are constant for people who were not seen is not known.
    assert 0.3 < auc.low < 0.5 < auc.high < 0.7


def test_chance_is_the_best_guess_that_does_not_look():
    share = np.array([0.6, 0.3, 0.1])
    y = np.repeat(["a", "b", "c"], (share * 1000).astype(int))
    subjects = [f"P{i % 20}" for i in range(1000)]
    p = np.tile(share, (1000, 1))
    chance = {k: s.chance for k, s in classification_scores(y, p, ["a", "b", "c"], subjects, n_permutations=0).items()}
    assert chance == pytest.approx({"accuracy": 0.6, "balanced_accuracy": 1 / 3, "macro_f1": 1 / 3, "auc": 0.5})
    # Guesses of all kinds, none of which looks: none is better, and guessing with the classes' shares attains
    # the macro F1.
    rng = np.random.default_rng(0)
    guesses = [share, *np.eye(3), np.full(3, 1 / 3), *rng.dirichlet(np.ones(3), 15)]
    ones, truth, f1 = np.ones((1, 1000)), np.repeat([0, 1, 2], (share * 1000).astype(int)), []
    for guess in guesses:
        draws = []
        for _ in range(8):
            answer = rng.choice(3, size=1000, p=guess)
            balanced, mean_f1 = balanced_accuracy(ones, truth, answer, 3)[0], macro_f1(ones, truth, answer, 3)[0]
            auc = macro_auc(ones, truth, np.eye(3)[answer], np.zeros(1000, dtype=int))[0]
            draws.append([(truth == answer).mean(), balanced, mean_f1, auc])
        means = np.mean(draws, axis=0)
        f1.append(means[2])
        assert (means <= np.array([*chance.values()]) + 0.02).all()
    assert f1[0] == pytest.approx(1 / 3, abs=0.01)


def test_the_interval_resamples_subjects_not_samples():
    # Each subject is all right or all wrong: the interval must be that of 20 people, not of 2,000 samples.
    subjects = np.repeat([f"P{i}" for i in range(20)], 100)
    right = np.repeat(np.arange(20) < 14, 100)
    y = np.where(np.arange(2000) % 2, "a", "b")
    said_a = (y == "a") == right
    scores = classification_scores(y, np.stack([said_a, ~said_a], 1), ["a", "b"], subjects, n_permutations=0)
    width = scores["accuracy"].high - scores["accuracy"].low
    assert scores["accuracy"].value == pytest.approx(0.7)
    # Normal approximation of the binomial: 2 * 1.96 * sqrt(.7 * .3 / 20) = 0.402; of Clopper and Pearson 0.425.
    assert width == pytest.approx(0.425, abs=0.04)
    as_if_independent = classification_scores(
        y, np.stack([said_a, ~said_a], 1), ["a", "b"], [f"S{i}" for i in range(2000)], n_permutations=0
    )["accuracy"]
    assert as_if_independent.high - as_if_independent.low == pytest.approx(0.0402, abs=0.004)


def test_the_same_seed_gives_the_same_test_and_any_seed_the_same_interval():
    y, p, classes, subjects = random_predictions(1)
    p = np.roll(p, 1, axis=0)
    first, again, other = (classification_scores(y, p, classes, subjects, seed=s) for s in (4, 4, 5))
    assert first == again
    assert first["auc"].low == other["auc"].low and first["auc"].p != other["auc"].p


def test_the_chance_scores_are_those_of_permuted_labels():
    from mien.stats.chance import permuted_codes
    from mien.stats.scores import _null

    rng = np.random.default_rng(0)
    truth, scores, fold = rng.integers(0, 3, 40), rng.integers(0, 5, (40, 3)) / 5, np.arange(40) % 4
    subjects = [f"P{i}" for i in range(40)]
    null = _null(truth, scores, fold, subjects, 7, 0)
    drawn = next(permuted_codes(truth, subjects, 7, 0))
    for i, labels in enumerate(drawn):
        found = classification_scores(labels, scores, range(3), subjects, fold=fold, n_permutations=0)
        assert {name: values[i] for name, values in null.items()} == pytest.approx(
            {name: score.value for name, score in found.items()}
        )


def test_auc_compares_the_answers_of_one_model_only():
    rng = np.random.default_rng(0)
    positive, scores, fold = rng.random(60) < 0.5, rng.integers(0, 6, 60), np.arange(60) % 5
    won = pairs = 0.0
    for i in np.flatnonzero(positive):
        for j in np.flatnonzero(~positive & (fold == fold[i])):
            won, pairs = won + (scores[i] > scores[j]) + 0.5 * (scores[i] == scores[j]), pairs + 1
    assert weighted_auc(np.ones((1, 60)), positive, scores, fold)[0] == pytest.approx(won / pairs)
    shifted = scores + 100 * fold
    assert weighted_auc(np.ones((1, 60)), positive, shifted, fold)[0] == pytest.approx(won / pairs)
    assert np.isnan(weighted_auc(np.ones((1, 60)), positive, scores, np.arange(60))[0])


def test_six_people_who_are_all_right_do_not_make_a_certainty():
    y, subjects = ["a", "b"] * 6, np.repeat([f"P{i}" for i in range(6)], 2)
    perfect = np.eye(2)[[0, 1] * 6]
    for score in classification_scores(y, perfect, ["a", "b"], subjects).values():
        assert (score.low, score.high) == (pytest.approx(0.025 ** (1 / 6)), 1.0)
    one_wrong = np.vstack([perfect[1:2], perfect[1:]])
    withheld = classification_scores(y, one_wrong, ["a", "b"], subjects)["accuracy"]
    assert np.isnan(withheld.low) and withheld.between == "interval withheld: 6 people"


def test_one_subject_has_a_score_but_no_interval():
    score = classification_scores(["a", "b"], np.eye(2), ["a", "b"], ["P", "P"])["accuracy"]
    assert score.value == 1 and np.isnan([score.low, score.high]).all()


def test_a_class_that_never_occurs_is_left_out_of_the_means():
    y, subjects = ["a", "b", "a", "b"], ["P", "Q", "R", "S"]
    scores = classification_scores(y, np.eye(3)[[0, 1, 0, 1]], ["a", "b", "c"], subjects, n_permutations=0)
    assert [s.value for s in scores.values()] == [1, 1, 1, 1]
    assert scores["balanced_accuracy"].chance == 0.5
    each = per_class_scores(y, np.eye(3)[[0, 1, 0, 1]], ["a", "b", "c"], subjects)
    assert np.isnan(each["c"]["auc"].value) and "recall" not in each["c"]


def test_a_thousand_draws_of_440_samples_take_well_under_a_second():
    y, p, classes, subjects = random_predictions(0, n=440, k=8)
    took = []
    for _ in range(3):
        start = time.process_time()
        classification_scores(y, p, classes, subjects, n_permutations=1000)
        took.append(time.process_time() - start)
    assert min(took) < 1.0


@pytest.mark.parametrize(
    ("y", "p", "classes", "subjects", "words"),
    [
        (["a", "z"], np.eye(2), ["a", "b"], ["P", "Q"], "'z' is not among the model's classes: a, b"),
        (["a", "b"], np.eye(3), ["a", "b"], ["P", "Q"], "shape (2, 2)"),
        (["a", "b"], [[1, 0], [np.nan, 1]], ["a", "b"], ["P", "Q"], "sample 2 are not finite"),
        (["a", "b"], np.eye(2), ["a", "b"], ["P"], "2 samples, but 1 subjects"),
        ([], np.zeros((0, 2)), ["a", "b"], [], "no samples"),
    ],
)
def test_what_cannot_be_scored_is_refused(y, p, classes, subjects, words):
    with pytest.raises(InputError) as refusal:
        classification_scores(y, p, classes, subjects)
    assert words in str(refusal.value)
