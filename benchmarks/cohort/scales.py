"""How often questionnaires' intervals hold, one cloud is called profiles, one factor heterogeneous, and noise a gain.

``python -m benchmarks.cohort.scales [--quick] [--part reliability|chance|profiles|discrepancy|trimming]``

Answers are graded responses of one factor and smaller ones of three subscales, most people near the floor; or scores
are normal. Everything is simulated; no data are needed. Half an hour of processor time.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.common import arguments, is_quick, write
from mien.cohort.clustering import K_MEANS, MIXTURE, candidates, standardised
from mien.cohort.discrepancy_null import nulls_of
from mien.cohort.item_patterns import discrepancy_index
from mien.cohort.profiles import chosen_number
from mien.cohort.trim_curve import trim_curve
from mien.models.maker import maker_for
from mien.stats.folds import subject_folds
from mien.stats.graded_response import GradedResponse
from mien.stats.reliability import cronbach_alpha, mcdonald_omega, reliability

SLOPES = np.linspace(1.2, 2.4, 7)
ITEMS = GradedResponse(SLOPES, np.array([[0.8, 1.8, 2.8]]) * SLOPES[:, None])


def answers_of(factor: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    reached = ITEMS.at_least(factor)
    return (rng.random(reached.shape[:2])[..., None] < reached).sum(-1)


def subscales(people: int, rng: np.random.Generator, common: float = 0.7) -> tuple[np.ndarray, np.ndarray]:
    """Answers to 21 items of three subscales, and the common factor."""
    factor = rng.normal(size=people)
    parts = [np.sqrt(common) * factor + np.sqrt(1 - common) * rng.normal(size=people) for _ in range(3)]
    return np.concatenate([answers_of(part, rng) for part in parts], axis=1), factor


def consistency(repeats: int) -> list[dict[str, Any]]:
    large = ITEMS.draw(20_000 if is_quick() else 200_000, np.random.default_rng(10**6)).astype(float)
    covariance = np.cov(large, rowvar=False)
    true = {"alpha": float(cronbach_alpha(covariance)), "omega": float(mcdonald_omega(covariance))}
    rows = []
    for people in (30,) if is_quick() else (30, 100, 300):
        names, held = np.arange(people).astype(str), dict.fromkeys(true, 0)
        for repeat in range(repeats):
            answers = ITEMS.draw(people, np.random.default_rng(repeat)).astype(float)
            found = reliability("x", answers, names, tuple("abcdefg"))
            held["alpha"] += found.alpha_low <= true["alpha"] <= found.alpha_high
            held["omega"] += found.omega_low <= true["omega"] <= found.omega_high
        rows.append({"people": people, **{f"{name} held": count / repeats for name, count in held.items()}})
    return rows


def nothing_in_common(repeats: int) -> list[dict[str, Any]]:
    """Items of pure chance: how often omega is withheld, how large it gets, and which items are told as reversed."""
    rows = []
    for people in (40,) if is_quick() else (40, 100, 300):
        names, said = np.arange(people).astype(str), []
        for repeat in range(repeats):
            answers = np.random.default_rng(repeat).integers(0, 4, (people, 7)).astype(float)
            said.append(reliability("x", answers, names, tuple("abcdefg")))
        omega = np.array([one.omega for one in said])
        told = [any("probably to be reversed" in warning for warning in one.warnings) for one in said]
        rows.append({
            "people": people, "studies": repeats, "omega withheld": float(np.isnan(omega).mean()),
            "largest omega": float(np.nanmax(omega)), "called reversed": float(np.mean(told)),
            "some item negative": float(np.mean([min(one.rest) < 0 for one in said])),
        })  # fmt: skip
    return rows


def clouds(people: int, kind: str, rng: np.random.Generator) -> np.ndarray:
    if kind == "normal":
        return rng.multivariate_normal(np.zeros(3), np.full((3, 3), 0.5) + 0.5 * np.eye(3), size=people)
    if kind == "floor":
        return 2.0 * subscales(people, rng)[0].reshape(people, 3, 7).sum(-1)
    groups = rng.integers(0, 3, people)
    apart = 4.0 * np.eye(3) if kind == "three groups" else 2.0 * np.arange(3)[:, None] * np.ones(3)
    return rng.normal(size=(people, 3)) + apart[groups]


def groups(repeats: int) -> list[dict[str, Any]]:
    rows = []
    for method, times in ((K_MEANS, repeats), (MIXTURE, 1 if is_quick() else max(repeats // 4, 5))):
        for kind in ("three groups",) if is_quick() else ("normal", "floor", "three groups", "three in a row"):
            for people in (60,) if is_quick() else (200, 1000) if method == K_MEANS else (200,):
                beyond = divided = stable = 0
                for repeat in range(times):
                    values = standardised(clouds(people, kind, np.random.default_rng(repeat)))[0]
                    tried, _ = candidates(values, 4, method, n_null=9 if is_quick() else 39, n_boot=10, seed=repeat)
                    beyond += min(one.p for one in tried) <= 0.05
                    divided += chosen_number(tried, method) > 1
                    stable += max(min(one.jaccard) for one in tried) >= 0.75
                rows.append({"method": method, "people": people, "cohort": kind, "repeats": times,
                             "beyond one cloud": beyond / times, "profiles": divided / times,
                             "stable alone": stable / times})  # fmt: skip
                print(rows[-1], flush=True)
    return rows


def heterogeneity(repeats: int) -> list[dict[str, Any]]:
    rows = []
    for people in (60,) if is_quick() else (100, 300):
        for kind in ("two factors",) if is_quick() else ("one factor", "two factors"):
            more = less = 0
            for repeat in range(repeats):
                rng = np.random.default_rng(repeat)
                answers = ITEMS.draw(people, rng)
                if kind == "two factors":
                    answers = np.concatenate([answers[:, 3:], ITEMS.draw(people, rng)[:, 3:]], axis=1)
                null = nulls_of(answers, n_null=9 if is_quick() else 39, seed=repeat)[0][1]
                more, less = more + (null.p_more <= 0.05), less + (null.p_less <= 0.05)
            rows.append({"people": people, "answers": kind, "more": more / repeats, "less": less / repeats})
            print(rows[-1], flush=True)
    return rows


def trimming(repeats: int) -> list[dict[str, Any]]:
    """Gains of leaving 30 % out, faces that say nothing and faces that follow the common factor; 300 people."""
    rows, people = [], 100 if is_quick() else 300
    for effect in (1.0,) if is_quick() else (0.0, 1.0):
        points: dict[tuple[str, str], list[Any]] = {}
        for repeat in range(repeats):
            rng = np.random.default_rng(repeat)
            answers, factor = subscales(people, rng)
            values = rng.normal(size=(people, 10))
            values[:, 0] += effect * factor
            y = np.where(answers.sum(1) > np.median(answers.sum(1)), "above", "below")
            subjects = np.array([f"p{i}" for i in range(people)])
            make = maker_for("expression", {"name": "columns"}, tuple(map(str, range(10))), "", seed=0, settings={})
            folds = subject_folds(subjects, y, n_folds=3, seed=repeat)

            def index_of(some: np.ndarray, answers: np.ndarray = answers) -> np.ndarray:
                return discrepancy_index(answers[some])[0]

            for one in trim_curve(make, values, y, subjects, index_of, folds, (0.0, 0.3), seed=repeat):
                if one.share:
                    points.setdefault((one.mode, one.score), []).append(one)
        for (mode, score), own in points.items():
            rows.append({"effect": effect, "mode": mode, "score": score, "repeats": repeats,
                         "mean gain": float(np.mean([one.gain for one in own])),
                         "interval above 0": float(np.mean([one.gain_low > 0 for one in own])),
                         "interval below 0": float(np.mean([one.gain_high < 0 for one in own]))})  # fmt: skip
            print(rows[-1], flush=True)
    return rows


PARTS = {"reliability": (consistency, 4, 400), "chance": (nothing_in_common, 10, 300), "profiles": (groups, 1, 200),
         "discrepancy": (heterogeneity, 1, 200), "trimming": (trimming, 1, 40)}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, action="append")
    asked = arguments(parser)
    result = {}
    for name in asked.part or PARTS:
        run, quick, whole = PARTS[name]
        result[name] = run(quick if asked.quick else whole)
        for row in result[name]:
            print(name, row)
    write("cohort_scales", result)


if __name__ == "__main__":
    main()
