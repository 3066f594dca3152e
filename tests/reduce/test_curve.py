"""From folds to numbers, on hand-made folds."""

import numpy as np
import pytest

from mien.core.errors import InputError
from mien.reduce.choice import check_rule, choose_count, held_out, standard_error
from mien.reduce.clips import Clips
from mien.reduce.curve import chance_jaccard, compared, curve, jaccard, stability
from mien.reduce.fold import FoldResult, Rung
from mien.reduce.sets import LandmarkUnits
from mien.reduce.ways import ALL, RANDOM, RECURSIVE

SUBJECTS, PER = 8, 4


def clips() -> Clips:
    y = np.array(["a", "b"] * (SUBJECTS * PER // 2), dtype=object)
    people = np.repeat([f"s{i}" for i in range(SUBJECTS)], PER).astype(object)
    return Clips(np.zeros((len(y), 2, 6, 2), np.float32), y, people, people, "", ("x", "y"), {"name": "given"})


def rung(method: str, points: list[int], right: np.ndarray, test: np.ndarray, draw: int = 0) -> Rung:
    truth = (np.arange(SUBJECTS * PER) % 2)[test]
    return Rung(method, draw, np.array(points), np.where(right, truth, 1 - truth), 0.5, 1e-4, 10, 20)


def folds(wrong_random: int = 2) -> list[FoldResult]:
    """Two folds; the selected pair is always right, random pairs miss clips of every person, all miss one a person."""
    found = []
    for number, test in enumerate(np.split(np.arange(SUBJECTS * PER), 2)):
        place = np.arange(len(test)) % PER
        rungs = [
            rung(ALL, list(range(6)), place > 0, test),
            rung(RECURSIVE, [1, 2], place >= 0, test),
            rung(RANDOM, [0, 3], place >= wrong_random, test, 0),
            rung(RANDOM, [4, 5], place >= wrong_random, test, 1),
        ]
        ranking = np.array([1, 2, 3, 4, 5, 0] if number else [2, 1, 0, 3, 4, 5])
        found.append(FoldResult(test, {RECURSIVE: ranking}, rungs))
    return found


def test_accuracy_interval_and_costs() -> None:
    table = curve(clips(), folds()).set_index(["method", "count"])
    assert table.loc[(ALL, 6), "accuracy"] == 0.75
    # Eight people who are all right: the exact bound, not a certainty; between the ends eight are too few.
    assert table.loc[(RECURSIVE, 2), ["accuracy", "low", "high"]].tolist() == pytest.approx([1, 0.025 ** (1 / 8), 1])
    assert table.loc[(ALL, 6), ["low", "high"]].isna().all()
    drawn = table.loc[(RANDOM, 2)]
    assert (drawn["accuracy"], drawn["draws"]) == (0.5, 2)
    assert table.loc[(ALL, 6), ["parameters", "trained", "frozen"]].tolist() == [30, 10, 20]
    assert table.loc[(ALL, 6), "fit_seconds"] == pytest.approx(0.5)


def test_the_sign_flip_test_is_exact_and_two_sided() -> None:
    table = compared(clips(), folds()).set_index(["method", "against", "count"])
    row = table.loc[(RECURSIVE, RANDOM, 2)]
    # All eight people differ in the same direction: 2 of 256 sign patterns are as extreme.
    assert row["difference"] == 0.5
    assert row["p"] == pytest.approx(2 / 256)
    assert (bool(row["exact"]), row["beaten"], row["subjects"]) == (True, 1.0, SUBJECTS)
    assert table.loc[(RECURSIVE, ALL, 2), "difference"] == 0.25


def test_no_difference_gives_p_1() -> None:
    row = compared(clips(), folds(wrong_random=0)).set_index("against").loc[RANDOM]
    assert (row["difference"], row["p"], row["beaten"]) == (0, 1, 0)


def test_stability_and_its_chance_level() -> None:
    units = LandmarkUnits.of(6, "", False)
    table = stability(folds(), (3, 2), units).set_index("count")
    # Of three: {1, 2, 3} and {0, 1, 2} share two of four; of two both folds keep 1 and 2.
    assert table["jaccard"].to_dict() == {3: 0.5, 2: 1.0}
    assert table["always"].to_dict() == {3: 2, 2: 2}
    rng = np.random.default_rng(0)
    drawn = [jaccard(set(rng.choice(20, 7, replace=False)), set(rng.choice(20, 7, replace=False))) for _ in range(6000)]
    assert chance_jaccard(7, 20, LandmarkUnits.of(20, "", False)) == pytest.approx(np.mean(drawn), abs=0.005)
    assert chance_jaccard(6, 6, units) == 1.0


def test_a_fold_comes_back_from_its_plain_values() -> None:
    fold = folds()[1]
    again = FoldResult.from_json(fold.to_json())
    assert again.to_json() == fold.to_json()
    assert again.rungs[1].count == 2


def test_rules_choose_what_they_say() -> None:
    people = np.repeat(list("abcdefgh"), 25)
    rng = np.random.default_rng(0)
    share = {68: 0.96, 34: 0.96, 17: 0.95, 8: 0.90, 4: 0.5}
    told = {n: np.arange(200) % 100 < 100 * p for n, p in share.items()}
    shuffled = rng.permutation(200)
    told = {n: row[shuffled].astype(float) for n, row in told.items()}
    assert choose_count(told, people, "best") == 34
    assert choose_count(told, people, "tolerance", 0.01) == 17
    assert choose_count(told, people, "tolerance", 0.06) == 8
    slack = standard_error(told[34], people)
    expected = min(n for n, p in share.items() if p >= 0.96 - slack)
    assert choose_count(told, people, "one-se") == expected


def test_the_held_out_choice_does_not_look_at_its_own_fold() -> None:
    people = np.repeat(list("abcd"), 10)
    tests_ = list(np.split(np.arange(40), 4))
    # Each count is right in one fold only: who looks finds it, who does not is always wrong.
    told = {n: np.isin(np.arange(40) // 10, [n - 1]).astype(float) for n in (1, 2, 3, 4)}
    assert held_out(told, people, tests_, "best", 0.0).mean() == 0
    assert max(row.mean() for row in told.values()) == 0.25


@pytest.mark.parametrize("rule", ["one-se", "best"])
def test_without_an_effect_the_quoted_accuracy_is_chance_and_the_curves_is_not(rule: str) -> None:
    """Ten people, eight counts whose answers are coin throws that share half of their luck."""
    rng, people = np.random.default_rng(0), np.repeat(np.arange(10), 6).astype(str)
    tests_ = list(np.split(np.arange(60), 5))
    quoted, best = [], []
    for _ in range(300):
        luck = rng.random(60) < 0.5
        told = {n: np.where(rng.random(60) < 0.5, luck, rng.random(60) < 0.5).astype(float) for n in range(2, 10)}
        best.append(told[choose_count(told, people, rule)].mean())
        quoted.append(held_out(told, people, tests_, rule, 0.0).mean())
    assert abs(np.mean(quoted) - 0.5) < 0.015
    assert np.mean(best) > (0.55 if rule == "best" else 0.51)


def test_unknown_rules_are_refused() -> None:
    with pytest.raises(InputError, match="one-se, best, tolerance"):
        check_rule("elbow", 0.01)
    with pytest.raises(InputError, match="tolerance"):
        check_rule("tolerance", 2)
