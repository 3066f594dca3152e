"""Promise: frames of one recording are not taken for observations of their own where skill is tested."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from mien.stats.chance import chance_p, permuted_codes
from mien.stats.people_p import may_be_recordings, people_p
from mien.stats.regression_scores import regression_scores
from mien.stats.scores import classification_scores


def mean_of(values: np.ndarray):
    return lambda weights: weights @ values / weights.sum(1)


def test_it_is_nearly_a_t_test_over_people() -> None:
    values = np.random.default_rng(0).normal(0.3, 1, 40)
    people = [f"p{i}" for i in range(40)]
    expected = ttest_1samp(values, 0, alternative="greater").pvalue
    assert people_p(mean_of(values), people, 0.0) == pytest.approx(expected, abs=0.01)
    assert people_p(mean_of(-values), people, 0.0, higher=False) == people_p(mean_of(values), people, 0.0)


def test_people_who_are_all_the_same_count_as_in_a_sign_test() -> None:
    assert people_p(mean_of(np.ones(12)), np.repeat(list("abcdef"), 2), 0.5) == 0.5**6
    assert people_p(mean_of(np.zeros(12)), np.repeat(list("abcdef"), 2), 0.5) == 1.0
    assert np.isnan(people_p(mean_of(np.ones(3)), ["a"] * 3, 0.5))


@pytest.mark.parametrize(
    ("labels", "may"),
    [("0101", False), ("0011", False), ("000111", True), ("0 1 0 1 0 1".split(), True)],
)
def test_where_samples_of_a_person_and_class_are_several_they_may_be_of_one_recording(labels, may: bool) -> None:
    people = ["a"] * len(labels) if may else ["a", "a", "b", "b"]
    assert may_be_recordings(list(labels), people) is may


def noise(rng: np.random.Generator, people: int = 10, frames: int = 5) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, answers that are one per recording and have nothing to do with it, and people."""
    truth, answer = np.tile([0, 1], people), rng.normal(size=2 * people)
    who = np.repeat(np.arange(people), 2)
    return tuple(np.repeat(values, frames) for values in (truth, answer, who))  # type: ignore[return-value]


def test_noise_in_recordings_is_no_skill() -> None:
    rng, found, before = np.random.default_rng(3), [], []
    for _ in range(150):
        truth, answer, who = noise(rng)
        right = (truth == (answer > 0)).astype(float)
        null = np.concatenate([(drawn == (answer > 0)).mean(1) for drawn in permuted_codes(truth, who, 99, 0)])
        before.append(chance_p(right.mean(), null, cross_validated=False) <= 0.05)
        found.append(before[-1] and people_p(mean_of(right), who, null.mean()) <= 0.05)
    assert np.mean(found) <= 0.09
    assert np.mean(before) > 0.12


def test_scores_have_the_larger_of_both_p() -> None:
    # Drawn so that exchanging frames one by one takes noise for skill.
    truth, answer, who = noise(np.random.default_rng(3), people=6)
    answer[truth == 1] += 1
    p = 1 / (1 + np.exp(-answer))
    score = classification_scores(truth, np.stack([1 - p, p], 1), (0, 1), who, n_permutations=199)["accuracy"]
    right = (truth == (answer > 0)).astype(float)
    null = np.concatenate([(drawn == (answer > 0)).mean(1) for drawn in permuted_codes(truth, who, 199, 0)])
    by_people = people_p(mean_of(right), who, null.mean())
    assert score.p == pytest.approx(by_people) and by_people > chance_p(right.mean(), null, cross_validated=False)


def test_noise_in_recordings_is_no_skill_of_ratings() -> None:
    rng, found = np.random.default_rng(4), []
    for _ in range(60):
        _, answer, who = noise(rng)
        truth = np.repeat(rng.normal(size=20), 5)
        scores = regression_scores(truth, answer, who, n_permutations=99)
        found.append([score.p <= 0.05 for score in scores.values()])
    assert np.mean(found, axis=0).max() <= 0.1


def test_skill_that_everybody_shows_is_seen() -> None:
    truth, answer, who = noise(np.random.default_rng(5), people=15)
    p = 1 / (1 + np.exp(-(answer + 4 * truth - 2)))
    scores = classification_scores(truth, np.stack([1 - p, p], 1), (0, 1), who)
    assert scores["accuracy"].p <= 0.002 and scores["auc"].p <= 0.002
