"""What a model adds to covariates: a planted effect is seen, one of age and site alone is not taken for the face's."""

import json
import re

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import mien
from mien.core.errors import InputError
from mien.learn.beside import BesideCovariates, ScoreDifference, corrected
from mien.learn.covariates import covariates_of
from mien.learn.evaluation import Evaluation
from mien.stats.scores import Score


def people(effect: float = 0.0, seed: int = 0, n: int = 240, measures: int = 12, shift: float = 1.0) -> mien.Samples:
    """One recording each; age and site move outcome and measures, ``effect`` is the face's own."""
    rng = np.random.default_rng(seed)
    site, age = rng.integers(0, 4, n), rng.uniform(12, 18, n)
    own = rng.normal(size=n)
    risk = (age - 15) / 2 + rng.normal(size=4)[site] + effect * own
    x = rng.normal(size=(n, measures)) + shift * rng.normal(size=(4, measures))[site]
    x[:, :6] += 0.5 * (age - 15)[:, None]
    x[:, :4] += own[:, None]
    x[rng.random(x.shape) < 0.03] = np.nan
    return mien.Samples(
        path=[f"v{i}.mp4" for i in range(n)],
        subject=[f"P{i:04d}" for i in range(n)],
        labels={"site": np.array(list("ABCD"))[site], "low": np.where(risk + rng.logistic(size=n) > 0, "yes", "no")},
        ratings={
            "score": risk + rng.normal(size=n),
            "age": np.where(rng.random(n) < 0.05, np.nan, age),
            "quality: frames": rng.integers(100, 900, n).astype(float),
            **{f"m{i}": x[:, i] for i in range(measures)},
        },
    )


def trained(samples: mien.Samples, target: str, **asked: object) -> Evaluation:
    found = mien.train(samples, target=target, model="logistic", features="m*", n_folds=4, **asked).evaluation
    assert found is not None
    return found


@pytest.mark.parametrize("target", ["low", "score"])
def test_a_planted_effect_of_the_face_is_seen_beside_age_and_site(target: str) -> None:
    found = trained(people(effect=1.5), target, beside="age,site,quality")
    beside = found.beside
    assert found.beats_chance and beside is not None and beside.columns == ("age", "site", "quality")
    main = "auc" if target == "low" else "pearson"
    assert beside.p < 0.001 and beside.gain[main].low > 0
    assert beside.both[main].value == pytest.approx(beside.alone[main].value + beside.gain[main].value)
    assert "what the model says goes with the outcome beyond them" in beside.words(True)
    assert "not shown" not in beside.words(True)


def test_an_effect_of_age_and_site_alone_is_not_the_faces() -> None:
    evaluations = [trained(people(seed=seed, n=100), "score", beside="age,site") for seed in range(12)]
    p = np.array([found.beside.p for found in evaluations if found.beside])
    # The face predicts the outcome, as it shows age and site; beyond these it says nothing.
    assert np.mean([found.scores["pearson"].p <= 0.05 for found in evaluations]) > 0.8
    assert (p <= 0.05).sum() <= 3
    assert sum(found.beside.gain["pearson"].low > 0 for found in evaluations if found.beside) <= 2


def test_scores_beside_and_of_sites_are_read_as_they_were_written() -> None:
    for target in ("low", "score"):
        found = trained(people(), target, beside=("age",), scheme="leave-one-site-out")
        plain = json.loads(json.dumps(found.to_json()))
        assert json.loads(json.dumps(Evaluation.of_json(plain).to_json())) == plain


def test_covariates_bend_and_mark_what_is_missing() -> None:
    samples = people(n=60)
    found = covariates_of(samples, ["age", "site"])
    assert found.names[:2] == ("age", "age above its quantile 25 %") and found.names[-1] == "site = D"
    assert (np.isnan(found.values[:, 0]) == np.isnan(samples.ratings["age"])).all()
    assert (found.values[:, 4:].sum(1) == 1).all()


def against(p: float, gain: float) -> BesideCovariates:
    alone, both = Score(0.17, -0.02, 0.34, 0.0), Score(0.17 + gain, -0.1, 0.4, 0.0)
    difference = {"pearson": ScoreDifference(gain, gain - 0.2, gain + 0.2, 55)}
    return BesideCovariates(("age", "sex"), {"pearson": alone}, {"pearson": both}, difference, difference, p)


@pytest.mark.parametrize(
    "better, p, gain, held, words",
    [
        (
            True,
            0.004,
            0.09,
            0.032,
            "p = 0.004, with Holm's correction for 8 such tests 0.032: what the model says goes",
        ),
        (False, 0.004, 0.09, 0.032, "not shown that .* as the model by itself is not shown to do better than chance"),
        (True, 0.004, -0.09, 0.032, "not shown that .* as it adds nothing to the score of the covariates"),
        (True, 0.037, 0.09, 0.296, "not shown that .* as the test does not hold after correction"),
        (False, 0.037, -0.09, 0.296, "by itself .*, it adds nothing .* and the test does not hold"),
    ],
)
def test_more_than_covariates_is_claimed_only_of_a_model_that_holds_in_every_way(
    better: bool, p: float, gain: float, held: float, words: str
) -> None:
    assert re.search(words, against(p, gain).words(better, held, 8))


def test_tests_beside_covariates_are_corrected_for_models_and_outcomes() -> None:
    p, tests = corrected({"a": against(0.01, 0.1), "b": against(0.03, 0.1), "c": against(float("nan"), 0.1)})
    assert tests == 2 and p["a"] == pytest.approx(0.02) and p["b"] == pytest.approx(0.03)


@pytest.mark.parametrize(
    "beside, words",
    [("low", "is what is to be predicted"), ("agge", "Did you mean 'age'"), ("quality", "recording quality")],
)
def test_covariates_that_cannot_be_are_refused_in_a_sentence(beside: str, words: str) -> None:
    samples = people(n=60)
    samples.ratings.pop("quality: frames")
    with pytest.raises(InputError, match=words):
        trained(samples, "low", beside=beside)
