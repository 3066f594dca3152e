"""Permutation tests against SciPy, and their false-alarm rate."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.stats.chance import chance_p, permuted_codes
from mien.stats.permutation import exchanged_rows, permute_labels, sign_flip_test
from mien.stats.subjects import subject_means


def test_sign_flips_by_hand():
    # Of the 8 sign patterns of (1, 2, 3) only +++ and --- reach a mean of 2.
    result = sign_flip_test([1.0, 2.0, 3.0])
    assert (result.statistic, result.p, result.n_permutations, result.exact) == (2.0, 0.25, 8, True)


def test_sign_flips_agree_with_scipy():
    from scipy import stats

    values = np.random.default_rng(0).normal(0.4, size=12)
    reference = stats.permutation_test(
        (values,), np.mean, permutation_type="samples", n_resamples=np.inf, vectorized=False
    )
    assert sign_flip_test(values).p == pytest.approx(reference.pvalue)
    drawn = sign_flip_test(values, n_permutations=4000)
    assert not drawn.exact and drawn.p == pytest.approx(reference.pvalue, abs=0.03)


def test_sign_flips_alarm_falsely_as_often_as_they_may():
    rng = np.random.default_rng(1)
    p = [sign_flip_test(rng.normal(size=9)).p for _ in range(400)]
    assert 0.02 <= np.mean(np.array(p) <= 0.05) <= 0.08


def test_p_is_never_zero():
    assert sign_flip_test(np.full(40, 1.0), n_permutations=99).p == 1 / 100


@pytest.mark.parametrize("differences", [[1.0], [[1.0, 2.0]], [1.0, np.nan]])
def test_impossible_differences_are_refused(differences):
    with pytest.raises(InputError, match="Sign-flip test"):
        sign_flip_test(differences)


def test_people_change_places_with_all_their_labels_and_these_are_shuffled():
    subjects = np.array(["a", "b", "a", "b", "a", "b"])
    y = np.array(["x", "x", "x", "y", "y", "y"])
    seen = set()
    for seed in range(200):
        new = permute_labels(y, subjects, np.random.default_rng(seed))
        mixtures = sorted("".join(sorted(new[subjects == s])) for s in "ab")
        assert mixtures == ["xxy", "xyy"]
        seen.add(tuple(new))
    assert len(seen) == 18  # 2 ways to place the mixtures, 3 orders of each


def p_of(score, y, subjects, n_permutations, seed=0):
    """Whether a score could have come about with labels that have nothing to do with the predictions."""
    classes, codes = np.unique(y, return_inverse=True)
    blocks = permuted_codes(codes, subjects, n_permutations, seed)
    null = np.array([score(classes[row]) for block in blocks for row in block])
    return chance_p(score(classes[codes]), null, cross_validated=False)


def test_one_stray_label_does_not_turn_the_design_over():
    subjects, y = np.repeat(np.arange(40), 4), np.repeat(["ill", "well"] * 20, 4).astype(object)
    y[0] = "well"
    same = [(permute_labels(y, subjects, np.random.default_rng(seed)) == y).mean() for seed in range(100)]
    assert np.mean(same) == pytest.approx(0.5, abs=0.02)
    assert p_of(lambda labels: np.mean(labels == y), y, subjects, 499) == 1 / 500


def test_people_with_other_numbers_of_samples_keep_one_class_or_a_mixture():
    subjects = np.repeat(np.arange(6), [1, 9, 2, 7, 4, 4])
    one = np.repeat(["ill", "well"] * 3, [1, 9, 2, 7, 4, 4])
    rng = np.random.default_rng(0)
    for _ in range(30):
        new = permute_labels(one, subjects, rng)
        assert [len(set(new[subjects == s])) for s in range(6)] == [1] * 6
    # Nobody's samples are used more often than those of others, up to one.
    rows = exchanged_rows(subjects, rng)
    for s in range(6):
        counts = np.bincount(rows[subjects == s], minlength=len(rows))
        counts = counts[subjects == subjects[rows[subjects == s][0]]]
        assert np.ptp(counts) <= 1


def _small(p):
    return np.mean(np.array(p) <= 0.05)


@pytest.mark.parametrize("design", ["one class", "all classes", "stray", "unequal"])
def test_people_who_differ_do_not_pass_for_classes_and_classes_are_seen(design):
    sizes = np.random.default_rng(1).integers(1, 9, 16) if design == "unequal" else np.full(16, 4)
    person = np.repeat(np.arange(16), sizes)
    label = person % 2 if design != "all classes" else np.arange(64) % 2
    if design == "stray":
        label[0] = 1
    null, found = [], []
    for number in range(80):
        rng = np.random.default_rng(number)
        guess = (rng.random(len(person)) < rng.beta(0.5, 0.5, 16)[person]).astype(int)
        right = np.where(rng.random(len(person)) < 0.75, label, 1 - label)
        for p, predicted in ((null, guess), (found, right)):
            score = lambda y, told=predicted: np.mean(y == told)  # noqa: E731
            p.append(p_of(score, label, person, 39, number))
    assert _small(null) <= 0.11 and 0.4 <= np.mean(null) <= 0.7
    assert _small(found) >= 0.9


def test_labels_change_hands_between_subjects_where_each_has_one():
    subjects, y = np.repeat(["a", "b", "c"], 4), np.repeat(["ill", "well", "well"], 4)
    for seed in range(20):
        new = permute_labels(y, subjects, np.random.default_rng(seed))
        assert sorted(new[::4]) == ["ill", "well", "well"]
        assert all(len(set(new[subjects == s])) == 1 for s in "abc")


def test_the_subject_effect_does_not_pass_for_a_class_effect():
    # Six people, each of one class; predictions copy the person. With samples as the unit p would be tiny.
    subjects = np.repeat([f"P{i}" for i in range(6)], 50)
    y = np.repeat(["a", "a", "a", "b", "b", "b"], 50)
    assert p_of(lambda labels: np.mean(labels == y), y, subjects, 999) == pytest.approx(
        1 / 20, abs=0.025
    )  # 6 choose 3 = 20 ways


def test_a_real_effect_is_found_and_noise_alarms_as_seldom_as_it_may():
    rng = np.random.default_rng(0)
    subjects, y = np.repeat([f"P{i}" for i in range(10)], 8), np.tile(["a", "b"], 40)

    def p_of_guess(guess, n_permutations):
        return p_of(lambda labels: np.mean(labels == guess), y, subjects, n_permutations)

    good = np.where(rng.random(80) < 0.85, y, np.where(y == "a", "b", "a"))
    assert p_of_guess(good, 999) == pytest.approx(1 / 1000)
    noise = np.array([p_of_guess(rng.choice(["a", "b"], 80), 99) for _ in range(150)])
    assert np.mean(noise <= 0.05) <= 0.1
    assert 0.3 <= np.median(noise) <= 0.8


def test_subject_means_give_each_person_one_value():
    assert subject_means([1, 3, 10], ["b", "b", "a"]).tolist() == [10, 2]
    with pytest.raises(InputError, match="one per sample"):
        subject_means([1, 2], ["a"])


def test_an_undefined_score_of_a_permutation_speaks_against_nothing() -> None:
    null = np.array([np.nan, 0.1, 0.2, 0.9])
    assert chance_p(0.5, null, cross_validated=False) == 3 / 5
    assert np.isnan(chance_p(np.nan, null, cross_validated=False))
