"""Evidence in words: what is spread as sizes would have it is no finding, what exceeds that in people is one."""

import numpy as np

from mien.atlas.evidence_words import exceeding, in_words
from mien.atlas.regions import features, lower_end, regions
from mien.atlas.summary import summarise
from mien.core.evidence import Evidence
from mien.core.target import Target
from mien.core.topology import topology


def evidence(values: np.ndarray, people: int) -> Evidence:
    """Two samples of each person, on 68 points in two frames or of named features."""
    rows, sequence = len(values), values.ndim == 4
    return Evidence(
        values=values.astype(np.float32), space="landmarks x time" if sequence else "named features",
        names=("x", "y") if sequence else tuple(f"f{i}" for i in range(values.shape[1])), target=Target("smiling"),
        method="integrated-gradients", settings={}, sample=[str(i) for i in range(rows)],
        subject=[f"p{i % people}" for i in range(rows)], label=[""] * rows, output=np.zeros(rows),
        gap=np.full(rows, np.nan), status=["ok"] * rows, topology="ibug-68" if sequence else "",
    )  # fmt: skip


def noise(seed: int, people: int = 20, mouth: float = 1.0) -> Evidence:
    """Each person has an amount, and places of their own; on the mouth evidence is so many times as large."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(2 * people, 2, 68, 2)) * np.tile(rng.lognormal(0, 1, people), 2)[:, None, None, None]
    values *= np.tile(rng.lognormal(0, 0.7, (people, 68)), (2, 1))[:, None, :, None]
    values[:, :, topology("ibug-68").regions["mouth"]] *= mouth
    return evidence(values, people)


def test_noise_is_no_headline_and_the_mouth_is_one_where_it_holds_more() -> None:
    null = in_words(summarise(noise(0)))
    assert null.startswith(
        "Evidence for 'smiling' is spread as the area of the regions would have it, as far as 20 people"
    )
    assert "Most evidence" not in null and "stands out" not in null
    planted = in_words(summarise(noise(0, mouth=3.0)))
    assert planted.startswith("Most evidence for 'smiling' comes from mouth (") and "nose" not in planted


def test_how_often_noise_makes_a_headline() -> None:
    """Over all regions at once, by regions of faces and by features without a place."""
    made = [bool(exceeding(regions(summarise(noise(seed, people=8))))) for seed in range(100)]
    assert np.mean(made) <= 0.05
    rng = np.random.default_rng(1)
    named = [summarise(evidence(rng.normal(size=(16, 12)) * rng.lognormal(0, 1, (16, 1)), 16)) for _ in range(100)]
    assert np.mean([bool(exceeding(features(one))) for one in named]) <= 0.06
    assert "spread as the number of the features would have it" in in_words(named[0])


def test_a_place_with_more_than_its_share_that_is_not_the_largest_does_not_hold_most() -> None:
    values = np.random.default_rng(2).normal(1.0, 0.02, (12, 4)) * [1.8, 1.8, 1.1, 1.7]
    values[:, 0], values[:, 1] = np.tile([0.2, 3.4], 6), np.tile([3.4, 0.2], 6)
    words = in_words(summarise(evidence(np.concatenate([values] * 2), 12)))
    assert words.startswith("More evidence for 'smiling' than an even spread gives comes from f3 (26 %; even")


def test_the_lower_end_is_students_for_all_places_at_once() -> None:
    from scipy.stats import t

    values = np.array([1.0, 2.0, 4.0, np.nan])
    half = t.ppf(1 - 0.025 / 5, 2) * values[:3].std(ddof=1) / np.sqrt(3)
    np.testing.assert_allclose(lower_end(values, 5), values[:3].mean() - half)
    assert np.isnan(lower_end(values[:2], 5))
