"""Learning curves: more people predict better, and small sets that choose the best of several models flatter."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import mien
from mien.cohort.learning_curve_result import CurveRun, LearningCurve
from mien.cohort.learning_curve_sizes import sizes_of
from mien.core.errors import InputError
from tests.handed_over import hand_over


def cohort(people: int = 900, effect: float = 0.7, measures: int = 30, seed: int = 0) -> mien.Samples:
    rng = np.random.default_rng(seed)
    own = rng.normal(size=people)
    x = rng.normal(size=(people, measures))
    x[:, :6] += effect * own[:, None]
    ids = [f"P{i:04d}" for i in range(people)]
    label = np.where(own + rng.normal(size=people) > 0, "yes", "no")
    ratings = {"score": own + rng.normal(size=people), **{f"m{i}": x[:, i] for i in range(measures)}}
    return mien.Samples(path=ids, subject=ids, labels={"low": label}, ratings=ratings)


def curve(samples: mien.Samples, target: str = "score", **asked: object) -> LearningCurve:
    settings = {"model": "logistic", "features": "m*", "sizes": [40, 80, 160, 320, 600], "repeats": 8, **asked}
    return mien.learning_curve(samples, target=target, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize("target, chance", [("score", 0.0), ("low", 0.5)])
def test_scores_on_people_held_out_rise_with_people(target: str, chance: float) -> None:
    found = curve(cohort(), target)
    scores = [size.held_out.value for size in found.sizes]
    assert found.chance == chance and [size.people for size in found.sizes] == [40, 80, 160, 320, 600]
    assert scores[0] > chance and scores[-1] > scores[0] + 0.03 and (np.diff(scores) > -0.04).all()
    assert all(size.held_out.low < size.held_out.value < size.held_out.high for size in found.sizes)
    assert found.sizes[0].repeats == 8 and found.sizes[-1].repeats == 3


def test_the_best_of_several_candidates_looks_better_in_small_sets_than_it_is() -> None:
    # Nothing is there to be found, so all that cross-validation says beyond chance is flattery.
    also = [f"m{i}" for i in range(6)]
    found = curve(cohort(effect=0.0), sizes=[40, 200, 600], also=also, features="m0,m1,m2,m3,m4,m5", repeats=12)
    small, large = found.sizes[0].chosen, found.sizes[-1].chosen
    assert small is not None and large is not None and small.candidates == 7
    assert small.optimism.low > 0.05 and small.optimism.value > 2 * abs(large.optimism.value)
    assert abs(found.sizes[0].held_out.value) < 0.05 and found.law.refused
    # One candidate alone is not flattered on average.
    assert found.sizes[0].optimism.low < 0 < found.sizes[0].optimism.high


def test_workers_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    handed = hand_over(monkeypatch)
    asked = {"sizes": [40, 80], "repeats": 3, "n_folds": 2, "also": ["m1*"]}
    told: list[tuple[int, int]] = []
    spread = curve(cohort(120), "low", workers=2, progress=lambda *what: told.append(what), **asked)
    assert spread.to_json() == curve(cohort(120), "low", **asked).to_json()
    assert told[-1] == (6, 6) and told == sorted(told) and handed.done == 6


def test_sets_are_nested_and_nobody_held_out_is_in_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from mien.models.named import NamedRegressor

    seen: list[frozenset[str]] = []
    fit = NamedRegressor.fit

    def watched(self: NamedRegressor, values: object, y: np.ndarray, groups: np.ndarray, **more: object) -> object:
        seen.append(frozenset(groups.astype(str)))
        return fit(self, values, y, groups=groups)

    monkeypatch.setattr(NamedRegressor, "fit", watched)
    found = curve(cohort(200), sizes=[40, 80, 140], repeats=2, n_folds=2)
    wholes = {len(people): [s for s in seen if len(s) == len(people)] for people in seen}
    assert len(frozenset.union(*seen)) == 140 == found.settings["people"] and found.settings["held_out_people"] == 60
    assert all(any(small <= large for large in wholes[80]) for small in wholes[40][:1])


def test_the_result_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = curve(cohort(200), also=["m1*"], sizes=[40, 60, 100, 140], repeats=4, output=tmp_path)
    assert LearningCurve.read(tmp_path).to_json() == found.to_json()
    assert "held out" in found.words()


@pytest.mark.parametrize(
    "asked, words",
    [
        ({"sizes": [5]}, "20 people at least"),
        ({"held_out": 0.9}, "a number from 0.05 to 0.5"),
        ({"also": ["nothing*"]}, "No column of numbers"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(asked: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        curve(cohort(100), **asked)


def test_no_interval_reaches_beyond_what_a_score_can_be() -> None:
    """Five sets of fifty people gave a correlation '0.26 (-0.72 to 1.24)'."""
    runs = [CurveRun(50, k, "trees", outside, inside) for k, (outside, inside) in enumerate(
        [(0.3, 0.9), (-0.4, -0.5), (0.5, 0.95), (-0.6, 0.8), (0.9, -0.6)])]  # fmt: skip
    for lowest in (-1.0, 0.0):
        (size,), _ = sizes_of([(50, 5)], runs, ["trees"], [0.4], 82, 0, lowest)
        for one in (size.held_out, size.within):
            assert lowest <= one.low <= one.high <= 1
        assert lowest - 1 <= size.optimism.low <= size.optimism.high <= 1 - lowest


def test_a_curve_of_what_is_the_site_says_so() -> None:
    samples = cohort(60, measures=6)
    sited = mien.Samples(
        samples.path, samples.subject, {**samples.labels, "site": samples.labels["low"]}, samples.ratings
    )
    found = curve(sited, "low", sizes=[30], repeats=1)
    assert (
        "cannot tell low from site" in found.words() and LearningCurve.of_json(found.to_json()).caution == found.caution
    )
